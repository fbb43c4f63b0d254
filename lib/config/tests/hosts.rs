//! Reservations as the server finds them.

use std::net::Ipv4Addr;

use kotare_config::json::{Diagnostics, from_json};
use kotare_config::v4::{Config4, FILE, HostId, HostIdType, Hosts4};
use kotare_model::SubnetId;
use serde_json::json;

fn config(dhcp4: serde_json::Value) -> Config4 {
    let mut diagnostics = Diagnostics::new();
    let root = from_json("test", &json!({ "Dhcp4": dhcp4 }), &mut diagnostics).expect("values");
    let (_, config) = kotare_config::judge::<Config4>(root, &FILE, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{diagnostics}");
    config.expect("a configuration")
}

fn hw(bytes: &[u8]) -> HostId<'_> {
    HostId { kind: HostIdType::HwAddress, bytes }
}

fn addresses(hosts: &Hosts4, id: HostId<'_>, link: &[u32]) -> Vec<Option<Ipv4Addr>> {
    let link: Vec<_> = link.iter().copied().map(SubnetId).collect();
    let mut found = Vec::new();
    hosts.on_link(id, &link, |host| found.push(host.address));
    found
}

/// A client is found by each kind of identifier, in whatever form it is written, and by no other kind.
#[test]
fn clients_are_found_by_what_names_them() {
    let config = config(json!({
        "subnet4": [{"id": 1, "subnet": "10.0.0.0/24", "reservations": [
            {"hw-address": "1:2:3:4:5:6", "ip-address": "10.0.0.1"},
            {"duid": "0A 0b", "ip-address": "10.0.0.2"},
            {"circuit-id": "'port 7'", "ip-address": "10.0.0.3"},
            {"client-id": "010203040506", "ip-address": "10.0.0.4"},
            {"flex-id": "0x736f6d65", "ip-address": "10.0.0.5"},
        ]}],
    }));
    let ids: [(HostIdType, &[u8]); 5] = [
        (HostIdType::HwAddress, &[1, 2, 3, 4, 5, 6]),
        (HostIdType::Duid, &[10, 11]),
        (HostIdType::CircuitId, b"port 7"),
        (HostIdType::ClientId, &[1, 2, 3, 4, 5, 6]),
        (HostIdType::FlexId, b"some"),
    ];
    for (end, (kind, bytes)) in (1..).zip(ids) {
        let found = addresses(&config.hosts, HostId { kind, bytes }, &[1]);
        assert_eq!(found, [Some([10, 0, 0, end].into())], "{kind:?}");
        for other in HostIdType::ALL.into_iter().filter(|other| *other != kind) {
            let found = addresses(&config.hosts, HostId { kind: other, bytes }, &[1]);
            assert!(found.is_empty() || bytes == [1, 2, 3, 4, 5, 6], "{kind:?} {other:?}");
        }
    }
    assert_eq!(hw(&[8, 0, 0xa1]).to_string(), "hwaddr=0800A1");
    assert_eq!(HostId { kind: HostIdType::FlexId, bytes: b"a" }.to_string(), "flex-id=61");
}

/// Reservations of other subnets are not those of a link, whichever of the two is the longer list; global ones belong
/// to no subnet.
#[test]
fn only_those_of_the_link_are_found() {
    let subnet = |id: u32| {
        json!({"id": id, "subnet": format!("10.{id}.0.0/24"), "reservations": [
            {"hw-address": "01", "ip-address": format!("10.{id}.0.1")}]})
    };
    let config = config(json!({
        "subnet4": (1..=20).rev().map(subnet).collect::<Vec<_>>(),
        "reservations": [{"hw-address": "01", "hostname": "everywhere"}],
    }));
    let ends = |link: &[u32]| -> Vec<_> {
        let found = addresses(&config.hosts, hw(&[1]), link);
        found.into_iter().flatten().map(|address| address.octets()[1]).collect()
    };
    assert_eq!(ends(&[3, 7, 99]), [3, 7]);
    let all: Vec<u32> = (1..100).collect();
    assert_eq!(ends(&all).len(), 20);
    assert!(ends(&[]).is_empty());
    let global = config.hosts.get(hw(&[1]), SubnetId::GLOBAL).expect("a reservation");
    assert_eq!(global.hostname(), Some("everywhere"));
    assert_eq!(config.hosts.len(), 21);
}

/// All that is reserved besides an address: names and fields, options of standard and own definitions, classes that
/// nobody else names.
#[test]
fn more_than_addresses_is_reserved() {
    let config = config(json!({
        "option-def": [{"name": "mine", "code": 222, "type": "uint16"}],
        "subnet4": [{"id": 1, "subnet": "10.0.0.0/24", "reservations": [{
            "hw-address": "01", "hostname": "Alice", "next-server": "10.0.0.9", "server-hostname": "boot",
            "boot-file-name": "/a", "client-classes": ["one", " two "], "user-context": {"floor": 1},
            "option-data": [{"name": "mine", "data": "258"}, {"name": "routers", "data": "10.0.0.1"}],
        }]}],
    }));
    let host = config.hosts.get(hw(&[1]), SubnetId(1)).expect("a reservation");
    assert_eq!(host.address, None);
    let details = host.details().expect("details");
    assert_eq!(&*details.hostname, "Alice");
    assert_eq!(details.next_server, Some([10, 0, 0, 9].into()));
    assert_eq!((&*details.server_hostname, &*details.boot_file_name), ("boot", "/a"));
    let names = details.classes.iter().filter_map(|class| config.classes.get(*class));
    assert_eq!(names.map(|class| &*class.name).collect::<Vec<_>>(), ["one", "two"]);
    let options = details.options.as_ref().expect("options");
    assert_eq!(options.all(222).iter().map(|option| &*option.data).collect::<Vec<_>>(), [[1, 2]]);
    assert_eq!(options.all(3).len(), 1);
}

/// Identifiers are tried in the order written; `auto` is all of them, and without a word they are four.
#[test]
fn identifiers_have_an_order() {
    use HostIdType::{CircuitId, ClientId, Duid, FlexId, HwAddress};
    let order = |list: serde_json::Value| config(json!({"host-reservation-identifiers": list})).host_ids;
    assert_eq!(order(json!(["flex-id", "hw-address"])), [FlexId, HwAddress]);
    assert_eq!(order(json!(["auto"])), [HwAddress, Duid, CircuitId, ClientId, FlexId]);
    assert_eq!(config(json!({})).host_ids, [HwAddress, Duid, CircuitId, ClientId]);
}

/// Which reservations count is said globally, by a shared network or by a subnet, in the words of today or of before.
#[test]
fn modes_are_inherited() {
    let config = config(json!({
        "reservation-mode": "global",
        "shared-networks": [{"name": "a", "reservation-mode": "out-of-pool", "subnet4": [
            {"id": 1, "subnet": "10.1.0.0/16"},
            {"id": 2, "subnet": "10.2.0.0/16", "reservations-out-of-pool": false}]}],
        "subnet4": [{"id": 3, "subnet": "10.3.0.0/16"}, {"id": 4, "subnet": "10.4.0.0/16", "reservation-mode": "off"}],
    }));
    let modes = |id| {
        let modes = config.subnet(SubnetId(id)).expect("a subnet").params.reservations;
        [modes.global, modes.in_subnet, modes.out_of_pool]
    };
    assert_eq!([modes(1), modes(2)], [[false, true, true], [false, true, false]]);
    assert_eq!([modes(3), modes(4)], [[true, false, false], [false; 3]]);
}

/// Several clients may have one address if the configuration says so; it is nobody else's.
#[test]
fn an_address_can_be_reserved_for_many() {
    let reservations: Vec<_> = (0..10_000u16)
        .map(|n| json!({"hw-address": format!("{:04x}", n), "ip-address": "10.0.0.7"}))
        .collect();
    let config = config(json!({
        "ip-reservations-unique": false,
        "subnet4": [
            {"id": 1, "subnet": "10.0.0.0/24", "reservations": reservations},
            {"id": 2, "subnet": "10.0.0.0/16"}],
    }));
    let is_for_others = |subnet, end, mine: &[u8]| {
        config.hosts.is_for_others(SubnetId(subnet), [10, 0, 0, end].into(), |id| id == hw(mine))
    };
    assert!(!is_for_others(1, 7, &[0x27, 0x0f]) && !is_for_others(1, 7, &[0, 0]));
    assert!(is_for_others(1, 7, &[0x27, 0x10]));
    assert!(!is_for_others(1, 8, &[0, 0]) && !is_for_others(2, 7, &[0x27, 0x10]));
}
