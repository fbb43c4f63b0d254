//! `subnet4-select-test` and `subnet4o6-select-test`: which subnet a client would be on.

use serde_json::{Value, json};

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

fn server(link: &Link) -> Server {
    let mut written = config(1, 1);
    let dhcp4 = &mut written["Dhcp4"];
    dhcp4["client-classes"] = json!([{"name": "phones"}, {"name": "cameras"}]);
    dhcp4["subnet4"] = json!([
        {"id": 1, "subnet": "192.0.0.0/16", "4o6-subnet": "2001:db8:1::/48", "client-classes": ["phones"]},
        {"id": 2, "subnet": "10.2.0.0/16", "4o6-interface-id": "vlan7", "relay": {"ip-addresses": ["10.9.9.9"]}},
        {"id": 3, "subnet": "10.3.0.0/16", "4o6-interface": "eth7"},
    ]);
    dhcp4["shared-networks"] = json!([{"name": "floor", "client-classes": ["phones", "cameras"], "subnet4": [
        {"id": 7, "subnet": "10.7.0.0/16", "client-classes": ["cameras"], "4o6-subnet": "2001:db8:7::/48"},
        {"id": 8, "subnet": "10.8.0.0/16"},
    ]}]);
    Server::with_database(link, written, &Database::new())
}

/// What a command says of each place.
fn told(server: &Server, command: &str, places: Vec<(Value, i64, &str)>) {
    for (place, result, text) in places {
        let answer = server.answer(command, Some(place.clone()));
        assert_eq!(
            (answer["result"].as_i64(), answer["text"].as_str()),
            (Some(result), Some(text)),
            "{place}"
        );
    }
}

/// A subnet is selected as for a message from that place, among those that are for its classes.
#[test]
fn classes_and_places_select() {
    let link = Link::default();
    let server = server(&link);
    let one = "selected subnet '192.0.0.0/16' id 1";
    let two = "selected subnet '10.2.0.0/16' id 2";
    let seven = "selected shared network 'floor' starting with subnet '10.7.0.0/16' id 7";
    let eight = "selected shared network 'floor' starting with subnet '10.8.0.0/16' id 8";
    told(
        &server,
        "subnet4-select-test",
        vec![
            (json!({"interface": "eth0"}), 3, "no subnet selected"),
            (json!({"interface": "eth0", "classes": ["phones"]}), 0, one),
            (json!({"interface": "eth0", "classes": ["", "nobody's"]}), 3, "no subnet selected"),
            (json!({"relay": "10.9.9.9"}), 0, two),
            (json!({"relay": "10.2.0.1", "link": "10.7.0.1", "classes": ["cameras"]}), 0, seven),
            (
                json!({"relay": "10.2.0.1", "link": "10.7.0.1", "classes": ["phones"]}),
                3,
                "no subnet selected",
            ),
            (json!({"subnet": "10.8.1.1", "classes": ["phones"]}), 0, eight),
            (json!({"subnet": "10.8.1.1"}), 3, "no subnet selected"),
            (json!({"remote": "10.2.7.7"}), 0, two),
            (json!({}), 3, "no subnet selected"),
            (json!({"classes": "x"}), 1, "'classes' entry must be a list"),
        ],
    );
}

/// A client of DHCPv4 over DHCPv6 is told by its address, by what its relay calls the link, or by the interface.
#[test]
fn clients_over_dhcpv6_have_subnets() {
    let link = Link::default();
    let server = server(&link);
    let one = "selected subnet '192.0.0.0/16' id 1";
    let two = "selected subnet '10.2.0.0/16' id 2";
    let three = "selected subnet '10.3.0.0/16' id 3";
    let seven = "selected shared network 'floor' starting with subnet '10.7.0.0/16' id 7";
    told(
        &server,
        "subnet4o6-select-test",
        vec![
            (json!({"remote": "2001:db8:1::5"}), 3, "no subnet selected"),
            (json!({"remote": "2001:db8:1::5", "classes": ["phones"]}), 0, one),
            (json!({"remote": "2001:db8:7::5", "classes": ["cameras"]}), 0, seven),
            (json!({"remote": "2001:db8:8::5", "classes": ["cameras"]}), 3, "no subnet selected"),
            (json!({"interface-id": "'vlan7'"}), 0, two),
            (json!({"interface-id": "76:6c:61:6e:37"}), 0, two),
            (json!({"interface": "eth7"}), 0, three),
            (json!({"interface": "eth0"}), 3, "no subnet selected"),
            (
                json!({"address": "10.2.0.1", "relay": "10.2.0.1", "subnet": "10.2.0.1", "link": "2001:db8:1::1", "local": "::1"}),
                3,
                "no subnet selected",
            ),
            (json!({"interface-id": "''"}), 1, "'interface-id' must be not empty"),
            (json!({"interface-id": "x"}), 1, "value of 'interface-id' was not recognized"),
            (json!({"interface-id": 1}), 1, "'interface-id' entry must be a string"),
            (json!({"remote": "10.0.0.1"}), 1, "bad 'remote' entry: not IPv6"),
            (json!({"address": "::1"}), 1, "bad 'address' entry: not IPv4"),
            (
                json!({"remote": "x"}),
                1,
                "bad 'remote' entry: Failed to convert string to address 'x': Invalid argument",
            ),
            (json!({"classes": [1]}), 1, "'classes' entry must be a list of strings"),
            (json!({"x": 1}), 1, "unknown entry 'x'"),
            (json!([]), 1, "arguments must be a map"),
        ],
    );
    assert_eq!(server.answer("subnet4o6-select-test", None)["text"], "empty arguments");
}

/// Where the message was broadcast, the interface's own address counts.
#[test]
fn a_subnet_is_selected_by_the_interface() {
    let link = Link::default();
    let server = Server::with_database(&link, config(1, 1), &Database::new());
    let subnet = "selected subnet '192.0.0.0/16' id 1";
    told(
        &server,
        "subnet4-select-test",
        vec![
            (json!({"interface": "eth0"}), 0, subnet),
            (json!({"interface": "eth0", "local": "255.255.255.255"}), 0, subnet),
            (json!({"interface": "eth0", "local": "255.255.255.255", "address": "10.0.0.1"}), 0, subnet),
            (json!({"interface": "foo", "address": "192.0.2.7"}), 0, subnet),
            (json!({"address": "10.0.0.1"}), 3, "no subnet selected"),
        ],
    );
}

/// What is wrong with a place is told in Kea's words.
#[test]
fn wrong_places_are_refused() {
    let link = Link::default();
    let server = Server::with_database(&link, config(1, 1), &Database::new());
    told(
        &server,
        "subnet4-select-test",
        vec![
            (json!([]), 1, "arguments must be a map"),
            (json!({"address": 5}), 1, "'address' entry must be a string"),
            (
                json!({"address": "x"}),
                1,
                "bad 'address' entry: Failed to convert string to address 'x': Invalid argument",
            ),
            (json!({"relay": "::1"}), 1, "bad 'relay' entry: not IPv4"),
            (json!({"classes": [5]}), 1, "'classes' entry must be a list of strings"),
            (json!({"x": 5}), 1, "unknown entry 'x'"),
            (
                json!({"interface": "foo", "address": "192.0.2.7", "local": "255.255.255.255"}),
                1,
                "Error during command processing: interface foo doesn't exist and therefore it is impossible to find a \
                 suitable subnet for its IPv4 address",
            ),
        ],
    );
    assert_eq!(server.answer("subnet4-select-test", None)["text"], "empty arguments");
    assert_eq!(server.answer("subnet4o6-select-test", Some(json!({})))["text"], "no subnet selected");
}
