//! `libdhcp_host_cmds.so`: what its commands answer, and what they change.

use serde_json::{Value, json};

use crate::link::{Link, LinkOf};
use crate::protocol::{Protocol, Reply};
use crate::protocol4::V4;
use crate::retold::{self, told_address};
use crate::server::ServerOf;
use crate::store::DatabaseOf;

/// A server with the library, a subnet that the link is in, and subnets in which something is reserved.
fn server<P: Protocol>(link: &LinkOf<P>) -> ServerOf<P> {
    let mut written = retold::configuration::<P>(&["host_cmds"]);
    let more = json!({
        "reservations": [{"duid": "01:02", "hostname": "Roaming"}],
        "shared-networks": [{"name": "floor1", "subnet4": [
            {"id": 7, "subnet": "10.7.0.0/16", "reservations": [
                {"circuit-id": "'port'", "ip-address": "10.7.0.9",
                 "option-data": [{"name": "routers", "data": "10.7.0.1"}]}]}]}],
        "subnet4": [{
            "id": 5, "subnet": "10.0.0.0/8",
            "reservations": [{"hw-address": "2:0:0:0:0:9", "ip-address": "10.0.0.9", "hostname": "nine.example"}],
        }],
    });
    let mut more = P::retell(more);
    let map = written[P::MAP].as_object_mut().expect("a map");
    let mut subnets = more[P::SUBNETS].take();
    map[P::SUBNETS].as_array_mut().expect("a list").append(subnets.as_array_mut().expect("a list"));
    for keyword in ["reservations", "shared-networks"] {
        map.insert(keyword.into(), more[keyword].take());
    }
    ServerOf::with_database(link, written, &DatabaseOf::<P>::new())
}

/// A reservation as the commands show it.
fn shown<P: Protocol>(subnet: u32, more: Value) -> Value {
    let mut shown = json!({"client-classes": [], "hostname": "", "option-data": [], "subnet-id": subnet});
    let map = shown.as_object_mut().expect("a map");
    map.extend(P::host().as_object().expect("a map").clone());
    map.extend(more.as_object().expect("a map").clone());
    shown
}

fn nine<P: Protocol>() -> Value {
    shown::<P>(
        5,
        json!({"hw-address": "02:00:00:00:00:09", "ip-address": "10.0.0.9", "hostname": "nine.example"}),
    )
}

/// One reservation is found by address or by identifier, in its subnet or globally; what is missing is told.
fn one_is_shown<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    for by in [
        json!({"subnet-id": 5, "ip-address": "10.0.0.9"}),
        json!({"subnet-id": 5, "identifier-type": "hw-address", "identifier": "020000000009"}),
        json!({"subnet-id": 5, "ip-address": "10.0.0.9", "operation-target": "memory"}),
        json!({"subnet-id": 5, "ip-address": "10.0.0.9", "operation-target": "all"}),
    ] {
        let answer = server.retold("reservation-get", Some(by));
        assert_eq!(answer, json!({"result": 0, "text": "Host found.", "arguments": nine::<P>()}));
    }
    let global = server
        .told("reservation-get", json!({"subnet-id": 0, "identifier-type": "duid", "identifier": "1:2"}));
    assert_eq!(global, shown::<P>(0, json!({"duid": "01:02", "hostname": "Roaming"})));
    for (by, result, text) in [
        (json!({"subnet-id": 5, "ip-address": "10.0.0.8"}), 3, "Host not found."),
        (json!({"subnet-id": 9, "ip-address": "10.0.0.9"}), 3, "Host not found."),
        (
            json!({"subnet-id": 5, "ip-address": "10.0.0.9", "operation-target": "database"}),
            3,
            "Host not found.",
        ),
        (json!({}), 1, "missing parameter 'subnet-id'"),
        (json!([]), 1, "Parameters missing or are not a map."),
        (
            json!({"subnet-id": -1}),
            1,
            "The 'subnet-id' value (-1) is not within expected range: (0 - 4294967294)",
        ),
        (json!({"subnet-id": 5, "ip-address": 1}), 1, "'ip-address' is not a string."),
        (
            json!({"subnet-id": 5, "ip-address": "10"}),
            1,
            "Failed to convert string to address '10': Invalid argument",
        ),
        (
            json!({"subnet-id": 5}),
            1,
            "No 'ip-address' provided and 'identifier-type' is either missing or not a string.",
        ),
        (
            json!({"subnet-id": 5, "identifier-type": "x", "identifier": "01"}),
            1,
            "Value of 'identifier-type' was not recognized.",
        ),
        (
            json!({"subnet-id": 5, "identifier-type": "duid", "identifier": "zz"}),
            1,
            "Unable to parse 'identifier' value.",
        ),
        (
            json!({"ip-address": "10.0.0.9"}),
            1,
            "missing parameter 'subnet-id', use 'reservation-get-by-address' with 'ip-address' set to \"10.0.0.9\" to \
             get the list of reservations with this address",
        ),
        (
            json!({"subnet-id": 5, "ip-address": "10.0.0.9", "operation-target": "x"}),
            1,
            "The 'operation-target' value (x) is not within expected set: (memory, database, all, default)",
        ),
    ] {
        assert_eq!(server.said("reservation-get", by), (result, text.to_owned()));
    }
}

/// Who reads page by page meets each reservation that stays exactly once, whatever comes, goes and changes meanwhile, and
/// new ones at the end.
fn pages_go_on_where_they_ended<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    let named = |number: &u32| format!("00:{number:02x}");
    // In two lists, so that one comes before what is read already.
    let host = |number: u32| json!({"subnet-id": number % 2, "duid": named(&number), "hostname": "x"});
    let change = |command: &str, reservation: Value| {
        let arguments = match command {
            "reservation-del" => json!({"subnet-id": reservation["subnet-id"], "identifier-type": "duid",
                "identifier": reservation["duid"], "operation-target": "all"}),
            _ => json!({"reservation": reservation, "operation-target": "all"}),
        };
        server.told(command, arguments);
    };
    for number in 0..6 {
        change("reservation-add", host(number));
    }
    let mut from = json!({"from": 0});
    let mut page = |limit: u32| -> Vec<String> {
        let mut arguments = from.clone();
        arguments["limit"] = limit.into();
        let answer = server.retold("reservation-get-page", Some(arguments))["arguments"].take();
        from = answer["next"].clone();
        let hosts = answer["hosts"].as_array().expect("a list").iter();
        // Those that the server has anyway are other clients'.
        let duids = hosts.filter_map(|host| host["duid"].as_str()).filter(|duid| duid.starts_with("00:"));
        duids.map(str::to_owned).collect()
    };
    let mut seen = page(4);
    let (read, unread): (Vec<_>, Vec<_>) = (0..6).partition(|number| seen.contains(&named(number)));
    assert!(!read.is_empty() && unread.len() > 1, "{seen:?}");
    change("reservation-del", host(read[0]));
    change("reservation-del", host(unread[0]));
    change("reservation-add", host(100));
    change("reservation-update", host(unread[1]));
    // Five are left.
    for _ in 0..3 {
        seen.extend(page(2));
    }
    let mut wanted: Vec<_> = read.iter().chain(&unread[1..]).chain(&[100]).map(named).collect();
    assert_eq!(seen.last(), wanted.last());
    seen.sort();
    wanted.sort();
    assert_eq!(seen, wanted);
}

/// Lists: of a subnet, of an address, of a client, of a name, and of all page by page.
fn several_are_shown<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    let port = shown::<P>(
        7,
        json!({"circuit-id": "706F7274", "ip-address": "10.7.0.9", "option-data": [
        {"always-send": false, "code": 3, "csv-format": true, "data": "10.7.0.1", "name": "routers", "never-send": false,
         "space": "dhcp4"}]}),
    );
    let one =
        |host: &Value| json!({"result": 0, "text": "1 IPv4 host(s) found.", "arguments": {"hosts": [host]}});
    let none = json!({"result": 3, "text": "0 IPv4 host(s) found.", "arguments": {"hosts": []}});
    let ask = |command: &str, arguments: Value| server.retold(command, Some(arguments));
    assert_eq!(ask("reservation-get-all", json!({"subnet-id": 7})), one(&port));
    assert_eq!(ask("reservation-get-all", json!({"subnet-id": 1})), none);
    assert_eq!(ask("reservation-get-all", json!({"subnet-id": 5, "operation-target": "database"})), none);
    assert_eq!(ask("reservation-get-by-address", json!({"ip-address": "10.0.0.9"})), one(&nine::<P>()));
    assert_eq!(ask("reservation-get-by-address", json!({"ip-address": "10.0.0.9", "subnet-id": 7})), none);
    let by_id = json!({"identifier-type": "circuit-id", "identifier": "'port'"});
    assert_eq!(ask("reservation-get-by-id", by_id), one(&port));
    assert_eq!(ask("reservation-get-by-hostname", json!({"hostname": "NINE.Example"})), one(&nine::<P>()));
    assert_eq!(ask("reservation-get-by-hostname", json!({"hostname": "nine.example", "subnet-id": 7})), none);
    let mut seen = Vec::new();
    let (mut next, mut pages) = (json!({"from": 0}), 0);
    while !next.is_null() {
        let mut arguments = next.clone();
        arguments["limit"] = 2.into();
        let answer = server.retold("reservation-get-page", Some(arguments));
        seen.extend(answer["arguments"]["hosts"].as_array().expect("a list").clone());
        assert_eq!(answer["arguments"]["count"], answer["arguments"]["hosts"].as_array().unwrap().len());
        next = answer["arguments"]["next"].clone();
        pages += 1;
    }
    let subnets: Vec<_> = seen.iter().map(|host| host["subnet-id"].as_u64().unwrap()).collect();
    assert_eq!((subnets, pages), (vec![0, 5, 7], 3), "the last page is empty");
    let of_subnet = server.told("reservation-get-page", json!({"limit": 9, "subnet-id": 5}));
    assert_eq!(of_subnet["hosts"], json!([nine::<P>()]));
    for (command, arguments, text) in [
        ("reservation-get-all", json!({}), "missing parameter 'subnet-id'"),
        ("reservation-get-all", json!({"subnet-id": 99}), "IPv4 subnet with ID of '99' is not configured"),
        ("reservation-get-page", json!({}), "missing parameter 'limit'"),
        ("reservation-get-page", json!({"limit": 0}), "page size of retrieved hosts must not be 0"),
        ("reservation-get-by-hostname", json!({}), "missing parameter 'hostname'"),
        ("reservation-get-by-hostname", json!({"hostname": ""}), "Empty hostname"),
        (
            "reservation-get-by-id",
            json!({"identifier-type": "duid", "identifier": "01", "subnet-id": 1}),
            "'subnet-id' is forbidden in reservation-get-by-id",
        ),
        ("reservation-get-by-id", json!({}), "'identifier-type' is either missing or not a string."),
        (
            "reservation-get-by-address",
            json!({"ip-address": "x"}),
            "Failed to convert 'x' to address: Failed to convert string to address 'x': Invalid argument",
        ),
    ] {
        assert_eq!(server.said(command, arguments), (1, text.to_owned()));
    }
}

/// A reservation that is added is served at once, is part of the configuration, and ends when it is removed.
fn reservations_come_and_go<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    let mut client = P::client(1);
    let id: Vec<_> = P::sender(&P::look(&client)).iter().map(|byte| format!("{byte:02x}")).collect();
    let reserve = |ip: &str| {
        json!({"operation-target": "memory", "reservation":
            {"subnet-id": 1, P::IDENTIFIER: id.join(":"), "ip-address": ip, "user-context": {"floor": 2}}})
    };
    let mut given = || told_address::<P>(server.lease(&link, &mut client).given().expect("an address"));
    assert_eq!(server.said("reservation-add", reserve("192.0.77.7")), (0, "Host added.".into()));
    assert_eq!(given(), "192.0.77.7");
    let config = server.told("config-get", json!({}));
    let subnet =
        config["Dhcp4"]["subnet4"].as_array().unwrap().iter().find(|subnet| subnet["id"] == 1).unwrap();
    assert_eq!(subnet["reservations"][0]["user-context"], json!({"floor": 2}));
    assert_eq!(server.said("reservation-update", reserve("192.0.77.8")), (0, "Host updated.".into()));
    assert_eq!(given(), "192.0.77.8");
    let gone = json!({"subnet-id": 1, "ip-address": "192.0.77.8", "operation-target": "all"});
    assert_eq!(server.said("reservation-del", gone.clone()), (0, "Host deleted.".into()));
    assert_eq!(server.said("reservation-del", gone), (3, "Host not deleted (not found).".into()));
    assert_ne!(given(), "192.0.77.8");
    let global =
        json!({"operation-target": "memory", "reservation": {"flex-id": "'x'", "hostname": "global"}});
    assert_eq!(
        server.said("reservation-add", global),
        (0, "Host added. subnet-id not specified, assumed global (subnet-id 0).".into())
    );
    let found = server.told("reservation-get-all", json!({"subnet-id": 0}));
    assert_eq!(found["hosts"].as_array().map(Vec::len), Some(2));
}

/// What cannot be changed is refused in Kea's words, and nothing changes.
fn what_is_wrong_is_refused<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    let hash = server.told("config-hash-get", json!({}));
    let add = |reservation: Value| json!({"operation-target": "memory", "reservation": reservation});
    for (command, arguments, text) in [
        ("reservation-add", json!({}), "reservation must be specified"),
        (
            "reservation-add",
            json!({"reservation": {"subnet-id": 5, "hw-address": "01"}}),
            "Host database not available, cannot add host.",
        ),
        (
            "reservation-update",
            json!({"reservation": {"subnet-id": 5, "hw-address": "01"}}),
            "host database not available, cannot update host",
        ),
        (
            "reservation-del",
            json!({"subnet-id": 5, "ip-address": "10.0.0.9"}),
            "Unable to delete a host because there is no hosts-databases configured.",
        ),
        (
            "reservation-add",
            add(json!({"subnet-id": "5", "hw-address": "01"})),
            "'subnet-id' parameter is not integer.",
        ),
        (
            "reservation-add",
            add(json!({"subnet-id": 99, "hw-address": "01"})),
            "IPv4 subnet with ID of '99' is not configured",
        ),
        (
            "reservation-add",
            add(json!({"subnet-id": 5, "hw-address": "01", "ip-address": "192.0.2.1"})),
            "specified reservation '192.0.2.1' is not matching the IPv4 subnet prefix '10.0.0.0/8'",
        ),
        (
            "reservation-add",
            add(json!({"subnet-id": 5, "hw-address": "020000000009"})),
            "failed to add new host using the HW address '02:00:00:00:00:09' to the IPv4 subnet id '5' as this host has \
             already been added",
        ),
        (
            "reservation-add",
            add(json!({"subnet-id": 7, "circuit-id": "706f7274"})),
            "failed to add duplicate IPv4 host using identifier: circuit-id=706F7274",
        ),
        ("reservation-update", add(json!({"subnet-id": 5, "duid": "09"})), "Host not updated (not found)."),
        (
            "reservation-update",
            json!({"operation-target": "memory"}),
            "invalid command: expected 'reservation' as the sole parameter inside the 'arguments' map, didn't get it \
             instead",
        ),
        (
            "reservation-update",
            add(json!(1)),
            "invalid command: expected 'reservation' to be a map, got integer instead",
        ),
    ] {
        assert_eq!(server.said(command, arguments), (1, text.to_owned()), "{command}");
    }
    // What only the checks of a configuration see is told with its place.
    let (result, text) =
        server.said("reservation-add", add(json!({"subnet-id": 5, "hw-address": "01", "hostnam": "a"})));
    assert!(result == 1 && text.contains("unknown keyword \"hostnam\""), "{text}");
    let (result, text) = server.said("reservation-add", add(json!({"subnet-id": 5, "hostname": "a"})));
    assert!(result == 1 && text.contains("names no client"), "{text}");
    assert_eq!(server.told("config-hash-get", json!({})), hash);
}

/// Whose an address is already, and which subnet it may have been meant for, is told of several addresses otherwise.
#[test]
fn wrong_addresses_are_refused_in_words_of_dhcpv4() {
    let link = Link::default();
    let server = server::<V4>(&link);
    let hash = server.ask("config-hash-get", json!({}));
    let add = |reservation: Value| json!({"operation-target": "memory", "reservation": reservation});
    for (command, arguments, text) in [
        (
            "reservation-add",
            add(json!({"hw-address": "01", "ip-address": "10.7.0.1"})),
            "Mandatory 'subnet-id' parameter missing. The address '10.7.0.1' belongs to subnet '10.0.0.0/8' id 5 and \
             others.",
        ),
        (
            "reservation-add",
            add(json!({"hw-address": "01", "ip-address": "203.0.113.1"})),
            "Mandatory 'subnet-id' parameter missing. The address '203.0.113.1' belongs to no configured subnet.",
        ),
        (
            "reservation-add",
            add(json!({"subnet-id": 5, "duid": "0102", "ip-address": "10.0.0.9"})),
            "failed to add new host using the HW address '(null) and DUID '01:02' to the IPv4 subnet id '5' for the \
             address 10.0.0.9: There's already a reservation for this address",
        ),
    ] {
        assert_eq!(server.said(command, arguments), (1, text.to_owned()), "{command}");
    }
    assert_eq!(server.ask("config-hash-get", json!({})), hash);
}

both! {
    one_is_shown,
    pages_go_on_where_they_ended,
    several_are_shown,
    reservations_come_and_go,
    what_is_wrong_is_refused,
}
