//! Relay agents: what they say, what is given back to them, and where their clients are.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use super::at;
use crate::v6::configuration::{configuration, subnet};
use crate::v6::link::SERVER_ID;
use crate::v6::query::{Options, Query, mac};
use crate::v6::stage::{Script, Side, compare};

#[test]
fn relays() {
    sandboxed("v6::scripts::relays::relays", |world| {
        let changes = json!({
            "relay-supplied-options": ["65", "1234", "23"],
            "store-extended-info": true,
            "option-data": [{"name": "domain-search", "data": "example.org"}],
            "subnet6": [
                subnet(1, json!({"interface": "eth0"})),
                subnet(2, json!({"relay": {"ip-addresses": ["2001:db8:2::1", "2001:db8:ffff::2"]}})),
                subnet(3, json!({"interface-id": "port3"})),
            ],
        });
        compare(world, &configuration(changes), SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[("relays", relayed), ("supplied by relays", supplied)];

fn relayed(side: &mut Side) {
    let request = |client| Query::new(MessageType::REQUEST, client).server(SERVER_ID).addresses(1, &[]);
    let none = Options::default;
    side.ask("by its address", &request(1).relayed(at("2001:db8:2::1"), none()));
    side.ask("by its other address", &request(2).relayed(at("2001:db8:ffff::2"), none()));
    side.ask("by a link", &request(3).relayed(at("2001:db8:3::9"), none()));
    let port = || none().option(OptionCode::INTERFACE_ID, b"port3");
    side.ask("by a port", &request(4).relayed(at("2001:db8:77::1"), port()));
    side.ask(
        "by the port of the outer",
        &request(5).relayed(at("2001:db8:2::1"), none()).relayed(at("2001:db8:77::1"), port()),
    );
    side.ask("by the outer", &request(6).relayed(at("::"), none()).relayed(at("2001:db8:2::1"), none()));
    side.ask(
        "by the inner",
        &request(7).relayed(at("2001:db8:2::1"), none()).relayed(at("2001:db8:3::1"), none()),
    );
    let all = || {
        port()
            .option(OptionCode::REMOTE_ID, b"\0\0\0\x09remote")
            .option(OptionCode::SUBSCRIBER_ID, b"subscriber")
            .option(OptionCode::RELAY_ID, b"\0\x03\0\x01\x02\0\0\0\0\x09")
            .option(OptionCode::CLIENT_LINKLAYER_ADDR, &[&[0, 1][..], &mac(8)].concat())
            .option(OptionCode(4242), b"unknown")
    };
    side.ask("with all they say", &request(8).relayed(at("2001:db8:2::1"), all()));
    side.ask(
        "with all they say, nested",
        &request(9).relayed(at("2001:db8:2::1"), all()).relayed(at("2001:db8:3::1"), all()),
    );
    let ero =
        none().option(OptionCode::ERO, &[0, 37, 0, 38]).option(OptionCode::REMOTE_ID, b"\0\0\0\x09remote");
    side.ask("with a wish to hear it again", &request(10).relayed(at("2001:db8:2::1"), ero));
    let source_port = none().option(OptionCode::RELAY_SOURCE_PORT, &[0, 0]);
    side.ask("with a port of its own", &request(11).relayed(at("2001:db8:2::1"), source_port));
    let twice = none().option(OptionCode::INTERFACE_ID, b"port3").option(OptionCode::INTERFACE_ID, b"port4");
    side.ask("with two ports", &request(12).relayed(at("2001:db8:2::1"), twice));
    side.ask(
        "with an empty port",
        &request(13).relayed(at("2001:db8:2::1"), none().option(OptionCode::INTERFACE_ID, b"")),
    );
    for depth in [8, 31, 32, 33] {
        let query = (0..depth).fold(request(14), |query, _| query.relayed(at("2001:db8:2::1"), none()));
        side.ask(&format!("{depth} relays"), &query);
    }
    let cut = none().raw(&[0, 18, 0, 9, 1]);
    side.ask("cut", &request(15).relayed(at("2001:db8:2::1"), cut));
    let early = none().option(OptionCode::RELAY_MSG, b"");
    side.ask("with an empty message before", &request(16).relayed(at("2001:db8:2::1"), early));
    for (code, len) in [(37, 3), (37, 4), (38, 0), (79, 1), (79, 2), (79, 40), (53, 0), (135, 1)] {
        let odd = none().option(OptionCode(code), &vec![1; len]);
        side.ask(
            &format!("with option {code} of {len} bytes"),
            &request(17).relayed(at("2001:db8:2::1"), odd),
        );
    }
}

fn supplied(side: &mut Side) {
    let ask = |side: &mut Side, what: &str, relays: &[Options], wishes: &[u16]| {
        let query = Query::new(MessageType::REQUEST, 20).server(SERVER_ID).addresses(1, &[]).wishes(wishes);
        let query =
            relays.iter().fold(query, |query, options| query.relayed(at("2001:db8:1::9"), options.clone()));
        side.ask(what, &query);
    };
    let rsoo = |options: &[u8]| Options::default().option(OptionCode::RSOO, options);
    ask(side, "an option", &[rsoo(b"\0\x41\0\x03\x01a\0")], &[24]);
    ask(side, "a custom one", &[rsoo(b"\x04\xd2\0\x03abc")], &[24]);
    ask(side, "one that the server has", &[rsoo(&[&[0, 23, 0, 16][..], &[1; 16]].concat())], &[23]);
    ask(
        side,
        "one that the server has and the client does not want",
        &[rsoo(&[&[0, 23, 0, 16][..], &[1; 16]].concat())],
        &[24],
    );
    let both = [rsoo(b"\0\x41\0\x03\x01a\0"), rsoo(b"\x04\xd2\0\x03abc\0\x41\0\x03\x01b\0")];
    ask(side, "by two relay agents", &both, &[24]);
    ask(
        side,
        "in two options",
        &[rsoo(b"\0\x41\0\x03\x01a\0").option(OptionCode::RSOO, b"\x04\xd2\0\x03abc")],
        &[24],
    );
    ask(side, "the same twice", &[rsoo(b"\x04\xd2\0\x01a\x04\xd2\0\x01b")], &[24]);
    ask(side, "one that is not for clients", &[rsoo(b"\0\x1f\0\x10aaaaaaaaaaaaaaaa\x04\xd2\0\x01a")], &[31]);
    ask(side, "what the server makes", &[rsoo(b"\0\x01\0\x03abc\0\x0d\0\x02\0\x01\0\x07\0\x01\x09")], &[7]);
    ask(side, "nothing", &[rsoo(b"")], &[24]);
    ask(side, "cut", &[rsoo(b"\x04\xd2\0\x03abc\0\x41\0\x09\x01a\0")], &[24]);
    let own = Query::new(MessageType::REQUEST, 20).server(SERVER_ID).addresses(1, &[]);
    side.ask("by the client itself", &own.option(OptionCode::RSOO, b"\x04\xd2\0\x03abc"));
}
