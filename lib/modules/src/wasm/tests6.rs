//! What becomes of messages of DHCPv6 by what modules answer.

use std::fs;

use kotare_testkit::Guest;
use kotare_testkit::v6::{Associated, Client};
use kotare_wasm::WIT;
use kotare_wire::v6::{Association, IaAddress, Index, Message, MessageType, OptionCode};
use serde_json::{Map, json};
use tempfile::tempdir;

use super::tests::{list, words};
use crate::test_server6::TestServer6;

/// The reply to a REQUEST for an address through a module: the address, its lifetimes, and options 200 and 23; with how often the
/// module failed.
type Told = (Option<(String, u32, u32)>, [Option<Vec<u8>>; 2], u64);

fn ask(guest: Guest<'_>) -> Option<Told> {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("libdhcp_guest.wasm");
    fs::write(&path, guest.component(WIT)).expect("a file");
    let server = TestServer6::configured(&json!({
        "option-data": [{"name": "dns-servers", "data": "2001:db8::53", "always-send": true}],
        "preferred-lifetime": 1800, "valid-lifetime": 3600,
        "subnet6": [
            {"id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0", "pools": [{"pool": "2001:db8:1::10/128"}]},
            {"id": 7, "subnet": "2001:db8:7::/64", "pools": [{"pool": "2001:db8:7::10/128"}]},
        ],
        "client-classes": [{"name": "gold", "option-data": [{"name": "dns-servers", "data": "2001:db8::1"}]}],
        "hooks-libraries": [{"library": path}],
    }));
    let server = server.unwrap_or_else(|errors| panic!("{errors:?}"));
    let request = Client::new(1).message(MessageType::REQUEST, Some(&[0, 3, 0, 1, 2, 3]));
    let reply = server.send(&request.ia(1, Associated::Addresses(&[])).bytes())?;
    let mut index = Index::new();
    let reply = Message::parse(&reply, &mut index).expect("a message");
    let ia = reply.option(OptionCode::IA_NA).and_then(Association::read).expect("an association");
    let address = ia.options.find_code(OptionCode::IAADDR).and_then(IaAddress::read);
    let address = address.map(|it| (it.address.to_string(), it.valid, it.preferred));
    let options =
        [OptionCode(200), OptionCode::NAME_SERVERS].map(|code| reply.option(code).map(<[u8]>::to_vec));
    let mut status = Map::new();
    server.beside.report(&mut status);
    let failures = status["third-party-modules"][0]["failures"].as_u64().expect("a number");
    assert_eq!(i128::from(failures), server.statistic("wasm[libdhcp_guest.wasm].failures"));
    Some((address, options, failures))
}

fn address(address: &str, valid: u32, preferred: u32) -> Option<(String, u32, u32)> {
    Some((address.into(), valid, preferred))
}

fn server(last: u8) -> Option<Vec<u8>> {
    let mut octets = "2001:db8::".parse::<std::net::Ipv6Addr>().expect("an address").octets();
    octets[15] = last;
    Some(octets.into())
}

/// Instructions that answer a case with a number.
fn case(case: u8, number: u32) -> String {
    format!(
        "(i32.store8 (i32.const 1024) (i32.const {case})) (i32.store (i32.const 1028) (i32.const {number})) i32.const 1024"
    )
}

/// Messages are put into classes or dropped, clients on another subnet, and leases hold for another time or are not given.
#[test]
fn answers_are_followed() {
    let usual = (address("2001:db8:1::10", 3600, 1800), [None, server(0x53)], 0);
    assert_eq!(ask(Guest::default()), Some(usual.clone()));
    let data = words(&[2056, 4]) + "gold";
    let gold = ask(Guest { data: &data, received: &list(1, 1028), ..Guest::default() });
    assert_eq!(gold.map(|told| told.1), Some([None, server(1)]));
    assert_eq!(ask(Guest { received: &case(1, 0), ..Guest::default() }), None);
    let elsewhere = ask(Guest { subnet: &case(1, 7), ..Guest::default() });
    assert_eq!(elsewhere.and_then(|told| told.0), address("2001:db8:7::10", 3600, 1800));
    let held = ask(Guest { lease: &case(1, 1000), ..Guest::default() });
    assert_eq!(held.and_then(|told| told.0), address("2001:db8:1::10", 1000, 1000));
    let refused = ask(Guest { lease: &case(2, 0), ..Guest::default() });
    assert_eq!(refused.map(|told| (told.0, told.2)), Some((None, 0)));
    for wrong in [
        Guest { subnet: &case(1, 9), ..Guest::default() },
        Guest { lease: &case(1, 0), ..Guest::default() },
        Guest { received: "unreachable", ..Guest::default() },
        Guest { reply: "(loop (br 0)) i32.const 1024", ..Guest::default() },
    ] {
        assert_eq!(ask(wrong), Some((usual.0.clone(), usual.1.clone(), 1)), "{wrong:?}");
    }
}

/// Options of a reply are set and left out, but for those that it is made of.
#[test]
fn replies_are_edited() {
    let edited = |edits: &[[u32; 4]]| {
        let data = words(&edits.concat());
        let told = ask(Guest { data: &data, reply: &list(edits.len() as u32, 1024), ..Guest::default() });
        told.map(|(_, [option, servers], failures)| (option.map(|it| it.len()), servers.is_some(), failures))
    };
    let (set, remove) = (|code, len| [0, code, 1024, len], |code| [1, code, 0, 0]);
    assert_eq!(edited(&[set(200, 5), remove(23)]), Some((Some(5), false, 0)));
    assert_eq!(edited(&[set(200, 60_000), remove(23)]), Some((None, false, 0)));
    for wrong in [set(1, 5), set(2, 5), remove(3), set(25, 5), set(0, 1)] {
        assert_eq!(edited(&[set(200, 5), wrong]), Some((None, true, 1)), "{wrong:?}");
    }
}
