//! Reservations as the server finds them.

use std::net::Ipv6Addr;

use kotare_config::v6::{HostId, HostIdType, Hosts6};
use kotare_model::SubnetId;
use serde_json::{Value, json};

use crate::config;

fn duid(bytes: &[u8]) -> HostId<'_> {
    HostId { kind: HostIdType::Duid, bytes }
}

fn address(text: &str) -> Ipv6Addr {
    text.parse().expect("an address")
}

/// The subnets of a client's reservations on a link.
fn subnets(hosts: &Hosts6, id: HostId<'_>, link: &[u32]) -> Vec<u32> {
    let link: Vec<_> = link.iter().copied().map(SubnetId).collect();
    let mut found = Vec::new();
    hosts.on_link(id, &link, |host| found.push(host.subnet.0));
    found
}

/// A client is found by each kind of identifier, in whatever form it is written, and by no other kind.
#[test]
fn clients_are_found_by_what_names_them() {
    let config = config(json!({
        "subnet6": [{"id": 1, "subnet": "2001:db8::/64", "reservations": [
            {"hw-address": "1:2:3:4:5:6", "ip-addresses": ["2001:db8::1"]},
            {"duid": "00:03:00:01:02:00:00:00:00:01", "ip-addresses": ["2001:db8::2"]},
            {"flex-id": "'port 7'", "ip-addresses": ["2001:db8::3"]},
        ]}],
    }));
    let ids: [(HostIdType, &[u8], &str); 3] = [
        (HostIdType::HwAddress, &[1, 2, 3, 4, 5, 6], "2001:db8::1"),
        (HostIdType::Duid, &[0, 3, 0, 1, 2, 0, 0, 0, 0, 1], "2001:db8::2"),
        (HostIdType::FlexId, b"port 7", "2001:db8::3"),
    ];
    for (kind, bytes, reserved) in ids {
        let host = config.hosts.get(HostId { kind, bytes }, SubnetId(1)).expect("a reservation");
        assert_eq!(host.addresses[..], [address(reserved)], "{kind:?}");
        for other in HostIdType::V6.into_iter().filter(|other| *other != kind) {
            assert!(
                config.hosts.get(HostId { kind: other, bytes }, SubnetId(1)).is_none(),
                "{kind:?} {other:?}"
            );
        }
    }
}

/// Several addresses and prefixes, prefixes without a part; names, classes and options.
#[test]
fn everything_that_can_be_reserved_is() {
    let config = config(json!({
        "option-def": [{"name": "mine", "code": 1222, "type": "uint16"}],
        "subnet6": [{"id": 1, "subnet": "2001:db8::/64", "reservations": [{
            "duid": "01:02:03", "hostname": "Alice", "client-classes": ["one", " two "],
            "ip-addresses": ["2001:db8::201", "2001:db8::202"],
            "prefixes": ["2001:db8:5000::/56", "2001:db8:5000:100::/56"],
            "excluded-prefixes": ["2001:db8:5000:0::/64", ""],
            "option-data": [{"name": "mine", "data": "258"}, {"name": "dns-servers", "data": "2001:db8::9"}],
        }, {"duid": "01:02:04", "ip-addresses": ["2001:db8::203"]}]}],
    }));
    let host = config.hosts.get(duid(&[1, 2, 3]), SubnetId(1)).expect("a reservation");
    assert_eq!(host.addresses[..], [address("2001:db8::201"), address("2001:db8::202")]);
    let prefixes = host.prefixes().iter();
    let prefixes: Vec<_> =
        prefixes.map(|it| (it.prefix.to_string(), it.excluded.map(|it| it.to_string()))).collect();
    assert_eq!(
        prefixes,
        [
            ("2001:db8:5000::/56".into(), Some("2001:db8:5000::/64".into())),
            ("2001:db8:5000:100::/56".into(), None)
        ]
    );
    assert_eq!(host.hostname(), Some("Alice"));
    let names = host.classes().iter().filter_map(|class| config.classes.get(*class));
    assert_eq!(names.map(|class| &*class.name).collect::<Vec<_>>(), ["one", "two"]);
    let options = host.details().and_then(|details| details.options.as_ref()).expect("options");
    assert_eq!(options.all(1222).iter().map(|option| &*option.data).collect::<Vec<_>>(), [[1, 2]]);
    assert_eq!(options.all(23).len(), 1);
    let other = config.hosts.get(duid(&[1, 2, 4]), SubnetId(1)).expect("a reservation");
    assert!(other.details().is_none() && other.prefixes().is_empty() && other.hostname().is_none());
}

/// Each address and each prefix is found by itself in its subnet, and is nobody else's.
#[test]
fn what_is_reserved_is_for_nobody_else() {
    let config = config(json!({
        "subnet6": [
            {"id": 1, "subnet": "2001:db8:1::/64", "reservations": [{
                "duid": "01:02:03", "ip-addresses": ["2001:db8:1::1", "2001:db8:1::2"], "prefixes": ["2001:db8:5000::/56"]}]},
            {"id": 2, "subnet": "2001:db8:2::/64"},
        ],
    }));
    for reserved in ["2001:db8:1::1", "2001:db8:1::2", "2001:db8:5000::"].map(address) {
        let is_for_others = |subnet, mine: &[u8]| {
            config.hosts.is_for_others(SubnetId(subnet), reserved, |id| id == duid(mine))
        };
        assert!(!is_for_others(1, &[1, 2, 3]) && is_for_others(1, &[1, 2, 4]) && !is_for_others(2, &[9]));
        assert_eq!(config.hosts.of_address(SubnetId(1), reserved).len(), 1);
    }
    assert!(config.hosts.of_address(SubnetId(1), address("2001:db8:5000:1::")).is_empty());
    let mut all = Vec::new();
    config.hosts.each_address(|subnet, address| all.push((subnet.0, address)));
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|(subnet, _)| *subnet == 1));
}

/// Reservations of other subnets are not those of a link, whichever of the two is the longer list; global ones belong
/// to no subnet.
#[test]
fn only_those_of_the_link_are_found() {
    let subnet = |id: u32| {
        json!({"id": id, "subnet": format!("2001:db8:{id:x}::/64"), "reservations": [
            {"duid": "01:02:03", "ip-addresses": [format!("2001:db8:{id:x}::1")]}]})
    };
    let config = config(json!({
        "subnet6": (1..=20).rev().map(subnet).collect::<Vec<_>>(),
        "reservations": [{"duid": "01:02:03", "hostname": "everywhere"}],
    }));
    let id = duid(&[1, 2, 3]);
    assert_eq!(subnets(&config.hosts, id, &[3, 5, 21]), [3, 5]);
    assert_eq!(subnets(&config.hosts, id, &(1..=40).collect::<Vec<_>>()), (1..=20).collect::<Vec<_>>());
    assert!(subnets(&config.hosts, duid(&[1, 2]), &[3]).is_empty());
    let global = config.hosts.get(id, SubnetId::GLOBAL).expect("a reservation");
    assert_eq!((global.hostname(), config.hosts.len()), (Some("everywhere"), 21));
}

/// Identifiers are tried in the order written; `auto` is all of them, and without a word they are two.
#[test]
fn identifiers_have_an_order() {
    use HostIdType::{Duid, FlexId, HwAddress};
    let order = |list: Value| config(json!({"host-reservation-identifiers": list})).host_ids;
    assert_eq!(order(json!(["flex-id", "duid"])), [FlexId, Duid]);
    assert_eq!(order(json!(["auto"])), [HwAddress, Duid, FlexId]);
    assert_eq!(config(json!({})).host_ids, [HwAddress, Duid]);
}
