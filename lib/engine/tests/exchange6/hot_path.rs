//! What every packet costs: no allocation, in any of the common exchanges.

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::told::{Ask, ask};
use crate::world::{World, config, duid};

/// SOLICIT, REQUEST, RENEW and the others, straight and relayed, named, with options of vendors and a reservation: nothing
/// is allocated.
#[test]
fn the_common_exchanges_allocate_nothing() {
    use MessageType as Kind;
    let host = json!([{ "duid": duid(4), "ip-addresses": ["2001:db8:1::aa"], "hostname": "reserved" }]);
    let options = json!([
        { "name": "dns-servers", "data": "2001:db8::53" },
        { "name": "vendor-opts", "data": "4491" },
        { "name": "config-file", "space": "vendor-4491", "data": "x.cfg", "always-send": true },
    ]);
    let mut world = World::new(config(json!({
        "reservations": host, "option-data": options, "calculate-tee-times": true,
    })));
    let usual = |message: Ask| {
        message.oro(&[23, 24, 17, 67]).option(OptionCode::CLIENT_FQDN, b"\x01\x04host\x07example\x03com\0")
    };
    for client in 1..=6 {
        world.ask(&usual(ask(Kind::REQUEST, client).na(1, &[]).pd(2, &[])));
    }
    world.pass(100);
    let both = |kind, client| usual(ask(kind, client).na(1, &[]).pd(2, &[]));
    let relayed = |message: Ask| message.via("2001:db8:1::1", &[(OptionCode::INTERFACE_ID, b"port 1")]);
    for message in [
        both(Kind::SOLICIT, 1),
        both(Kind::SOLICIT, 9),
        relayed(both(Kind::SOLICIT, 9)),
        both(Kind::SOLICIT, 4),
        both(Kind::REQUEST, 1),
        both(Kind::RENEW, 1),
        relayed(both(Kind::RENEW, 2)),
        both(Kind::REBIND, 4),
        ask(Kind::CONFIRM, 1).na(1, &["2001:db8:1::10"]),
        usual(ask(Kind::INFORMATION_REQUEST, 1)),
    ] {
        assert_eq!(world.allocations(&message), 0, "{:x?}", message.bytes());
    }
}
