//! Messages that are not what they say.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::OptionCode;
use serde_json::json;

use super::configuration;
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

fn shape(side: &mut Side) {
    side.ask("no END", Query::discover(1).end(&[]));
    side.ask("padding after END", Query::discover(2).end(&[255, 0, 0, 0, 0]));
    side.ask("options after END", Query::discover(3).end(&[255, 61, 3, 1, 2, 3, 255]));
    side.ask("padding before END", Query::discover(4).raw(&[0, 0, 0, 0]));
    side.ask("an option cut short", Query::discover(5).raw(&[61, 10, 1, 2]).end(&[]));
    side.ask("an option without length", Query::discover(6).raw(&[61]).end(&[]));
    side.ask("cut in the middle", Query::discover(7).raw(&[12, 200, 65]));
    side.ask("a wrong cookie", Query::discover(8).cookie(&[0x63, 0x82, 0x53, 0x64]));
    side.ask("no cookie", Query::discover(9).cookie(&[]));
    side.ask("half a cookie", Query::bootp(mac(10)).cookie(&[0x63, 0x82]).end(&[]));
    side.ask("no options", Query::bootp(mac(11)).end(&[]));
    side.ask("fixed fields only", Query::bootp(mac(12)).cookie(&[]).end(&[]));
    for hlen in [17u8, 64, 255] {
        side.ask(&format!("hlen {hlen}"), Query::discover(13).header(2, &[hlen]));
    }
    side.ask("a type that comes late", Query::bootp(mac(14)).raw(&[0; 100]).raw(&[53, 1, 1]));
    side.ask(
        "a hundred options",
        (0..100).fold(Query::discover(15), |query, n| query.option(OptionCode(200), &[n])),
    );
    side.ask("1000 bytes of padding", Query::discover(16).end(&[0; 1000]));
}

fn values(side: &mut Side) {
    for length in [0usize, 1, 3, 5, 8] {
        let bytes = vec![192; length];
        let discover = |client: u16| Query::discover(client + length as u16);
        side.ask(
            &format!("requested address of {length}"),
            discover(20).option(OptionCode::REQUESTED_ADDRESS, &bytes),
        );
        side.ask(
            &format!("server identifier of {length}"),
            Query::request(30 + length as u16).option(OptionCode::SERVER_IDENTIFIER, &bytes),
        );
        side.ask(
            &format!("maximum size of {length}"),
            discover(40).option(OptionCode::MAX_MESSAGE_SIZE, &bytes),
        );
        side.ask(&format!("subnet mask of {length}"), discover(50).option(OptionCode::SUBNET_MASK, &bytes));
        side.ask(&format!("routers of {length}"), discover(60).option(OptionCode::ROUTERS, &bytes));
        side.ask(
            &format!("domain search of {length}"),
            discover(70).option(OptionCode::DOMAIN_SEARCH, &bytes),
        );
        side.ask(
            &format!("classless routes of {length}"),
            discover(80).option(OptionCode::CLASSLESS_STATIC_ROUTE, &bytes),
        );
        side.ask(&format!("vendor class of {length}"), discover(90).option(OptionCode::VIVCO, &bytes));
        side.ask(&format!("vendor options of {length}"), discover(100).option(OptionCode::VIVSO, &bytes));
        side.ask(
            &format!("architecture of {length}"),
            discover(110).option(OptionCode::CLIENT_ARCHITECTURE, &bytes),
        );
        side.ask(&format!("user class of {length}"), discover(120).option(OptionCode::USER_CLASS, &bytes));
        side.ask(&format!("message of {length}"), discover(130).option(OptionCode::MESSAGE, &bytes));
        side.ask(&format!("status of {length}"), discover(140).option(OptionCode::STATUS_CODE, &bytes));
    }
    side.ask("two server identifiers", Query::request(150).server_id(SERVER).server_id(SERVER));
    side.ask("two requested addresses", Query::discover(151).requested(SERVER).requested(SERVER));
}
