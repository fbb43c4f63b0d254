//! What every packet costs: no allocation, in any of the common exchanges.

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use std::sync::Arc;

use kotare_engine::hooks::v6::Hooks6;
use kotare_store_memfile::{Memfile6, Options};

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
        ask(Kind::RELEASE, 1).na(1, &["2001:db8:1::10"]).pd(2, &["2001:db8:f000::/56"]),
        ask(Kind::DECLINE, 2).na(1, &["2001:db8:1::11"]),
        usual(ask(Kind::INFORMATION_REQUEST, 1)),
    ] {
        assert_eq!(world.allocations(&message), 0, "{:x?}", message.bytes());
    }
}

/// With leases in the lease file, too, whatever a client does with them: it gets an address and a prefix, keeps them, lets
/// others hear of it, gives them back and finds them in use: but for the growth of the store, which is once for many leases.
#[test]
fn leases_in_a_file_are_hardly_allocated() {
    use MessageType as Kind;
    let folder = tempfile::tempdir().unwrap();
    let store = Memfile6::open(Options::new(Some(folder.path().join("leases.csv")), 1)).unwrap();
    let text = config(json!({ "pools": [{ "pool": "2001:db8:1::/64" }] }));
    let mut world = World::with_store(Arc::new(store), text, Hooks6::default());
    let named = |message: Ask| message.option(OptionCode::CLIENT_FQDN, b"\x01\x04host\x07example\x03com\0");
    let both = |kind, client| named(ask(kind, client).na(1, &[]).pd(2, &[]));
    for client in 0..=200 {
        assert!(world.ask(&both(Kind::REQUEST, client)).starts_with("REPLY"));
    }
    // More than there will be: what is released is kept for its client, or given to others.
    let mut releases = Vec::new();
    for client in 0..=250 {
        let told = world.ask(&ask(Kind::REQUEST, client).na(8, &[]).pd(9, &[]));
        let mut places = told.split(['[', ' ']).filter(|word| word.starts_with("2001:"));
        let (address, prefix) = (places.next().unwrap(), places.next().unwrap());
        releases.push(ask(Kind::RELEASE, client).na(8, &[address]).pd(9, &[prefix]));
    }
    releases.iter().for_each(|release| assert!(world.ask(release).contains(" Success: Summary")));
    // What they have by now: what was given first is first.
    let own = |kind, client: u8, named: bool| {
        let (address, prefix) =
            (format!("2001:db8:1::{client:x}"), format!("2001:db8:f000:{client:x}00::/56"));
        match named {
            true => ask(kind, client).na(1, &[&address]).pd(2, &[&prefix]),
            false => ask(kind, client).na(1, &[]).pd(2, &[]),
        }
    };
    world.pass(100);
    let mut grown = 0;
    for client in 0..50 {
        let messages = [
            own(Kind::RENEW, client, false),
            own(Kind::REBIND, client, false),
            own(Kind::SOLICIT, client, false),
            own(Kind::RELEASE, client, true),
            own(Kind::SOLICIT, client, false),
            own(Kind::REQUEST, client, false),
            ask(Kind::DECLINE, client).na(1, &[&format!("2001:db8:1::{client:x}")]),
        ];
        for (nth, message) in messages.iter().enumerate() {
            let counted = world.allocations(message);
            assert!(counted <= 1, "client {client}, message {nth}: {counted} for {:x?}", message.bytes());
            grown += counted;
        }
    }
    assert!(grown <= 2, "{grown} allocations for 350 messages");
    // The store has addresses in runs of 64, and tables that double.
    let mut grown = 0;
    for client in 201..=250 {
        assert_eq!(world.allocations(&both(Kind::SOLICIT, client)), 0, "client {client}");
        grown += world.allocations(&both(Kind::REQUEST, client));
        assert_eq!(world.allocations(&both(Kind::RENEW, client)), 0, "client {client}");
    }
    assert!(grown < 30, "{grown} allocations for 100 leases");
}
