//! Messages that are not what they say.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::OptionCode;
use serde_json::json;

use super::{configuration, host};
use crate::packets::{Query, SERVER, mac};
use crate::stage::{Side, compare};

/// Lengths that lie, cookies that are wrong, options that are cut.
#[test]
fn malformed_messages() {
    sandboxed("scripts::malformed::malformed_messages", |world| {
        let scripts = &[("shape", shape as fn(&mut Side)), ("values", values)];
        compare(world, &configuration(json!({})), scripts);
    });
}

/// One client has a lease, so that whatever it says next it has the same address, on both sides.
fn shape(side: &mut Side) {
    side.lease_at(1, host(150), |query| query);
    side.ask("no END", Query::discover(1).end(&[]));
    side.ask("padding after END", Query::discover(1).end(&[255, 0, 0, 0, 0]));
    side.ask("options after END", Query::discover(1).end(&[255, 61, 3, 1, 2, 3, 255]));
    side.ask("padding before END", Query::discover(1).raw(&[0, 0, 0, 0]));
    side.ask("an option cut short", Query::discover(1).raw(&[61, 10, 1, 2]).end(&[]));
    side.ask("an option without length", Query::discover(1).raw(&[61]).end(&[]));
    side.ask("cut in the middle", Query::discover(1).raw(&[12, 200, 65]));
    side.ask("a wrong cookie", Query::discover(1).cookie(&[0x63, 0x82, 0x53, 0x64]));
    side.ask("no cookie", Query::discover(1).cookie(&[]));
    side.ask("half a cookie", Query::bootp(mac(1)).cookie(&[0x63, 0x82]).end(&[]));
    side.ask("no options", Query::bootp(mac(1)).end(&[]));
    side.ask("fixed fields only", Query::bootp(mac(1)).cookie(&[]).end(&[]));
    for hlen in [17u8, 64, 255] {
        side.ask(&format!("hlen {hlen}"), Query::discover(1).header(2, &[hlen]));
    }
    side.ask("a type that comes late", Query::bootp(mac(1)).raw(&[0; 100]).raw(&[53, 1, 1]));
    side.ask(
        "a hundred options",
        (0..100).fold(Query::discover(1), |query, n| query.option(OptionCode(200), &[n])),
    );
    side.ask("1000 bytes of padding", Query::discover(1).end(&[0; 1000]));
}

fn values(side: &mut Side) {
    side.lease_at(2, host(160), |query| query);
    for length in [0usize, 1, 3, 5, 8] {
        let bytes = vec![192; length];
        let discover = Query::discover(2);
        side.ask(
            &format!("requested address of {length}"),
            discover.clone().option(OptionCode::REQUESTED_ADDRESS, &bytes),
        );
        side.ask(
            &format!("server identifier of {length}"),
            Query::request(2).option(OptionCode::SERVER_IDENTIFIER, &bytes),
        );
        side.ask(
            &format!("maximum size of {length}"),
            discover.clone().option(OptionCode::MAX_MESSAGE_SIZE, &bytes),
        );
        side.ask(
            &format!("subnet mask of {length}"),
            discover.clone().option(OptionCode::SUBNET_MASK, &bytes),
        );
        side.ask(&format!("routers of {length}"), discover.clone().option(OptionCode::ROUTERS, &bytes));
        side.ask(
            &format!("domain search of {length}"),
            discover.clone().option(OptionCode::DOMAIN_SEARCH, &bytes),
        );
        side.ask(
            &format!("classless routes of {length}"),
            discover.clone().option(OptionCode::CLASSLESS_STATIC_ROUTE, &bytes),
        );
        side.ask(&format!("vendor class of {length}"), discover.clone().option(OptionCode::VIVCO, &bytes));
        side.ask(&format!("vendor options of {length}"), discover.clone().option(OptionCode::VIVSO, &bytes));
        side.ask(
            &format!("architecture of {length}"),
            discover.clone().option(OptionCode::CLIENT_ARCHITECTURE, &bytes),
        );
        side.ask(&format!("user class of {length}"), discover.clone().option(OptionCode::USER_CLASS, &bytes));
        side.ask(&format!("message of {length}"), discover.clone().option(OptionCode::MESSAGE, &bytes));
        side.ask(&format!("status of {length}"), discover.clone().option(OptionCode::STATUS_CODE, &bytes));
    }
    side.ask("two server identifiers", Query::request(2).server_id(SERVER).server_id(SERVER));
    side.ask("two requested addresses", Query::discover(2).requested(SERVER).requested(SERVER));
}
