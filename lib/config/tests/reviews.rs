//! What reviews find: each has a configuration in which it finds something, and one like it in which it does not.

use std::collections::BTreeSet;

use kotare_config::review::{Findings, Grade, review};
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Configuration, Input, read};
use serde_json::{Value as Json, json};

fn reviewed(dhcp4: &Json) -> Findings {
    let arguments = json!({ "Dhcp4": dhcp4 });
    let read = read::<Config4>(Input::Command("config-test", &arguments), &FILE);
    let candidate = read.unwrap_or_else(|refused| panic!("{dhcp4}: {refused}"));
    review(&candidate.config, &candidate.written)
}

/// The places where a review finds something, with what it says.
fn found(name: &str, dhcp4: &Json) -> Vec<(String, String)> {
    let findings = reviewed(dhcp4);
    let of_it = findings.iter().filter(|finding| finding.name == name);
    of_it.map(|finding| (finding.told.path.clone(), finding.told.message.clone())).collect()
}

/// A subnet 192.0.2.0/24 with this.
fn subnet(more: Json) -> Json {
    let mut subnet = json!({"id": 1, "subnet": "192.0.2.0/24"});
    subnet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"subnet4": [subnet]})
}

fn with(mut config: Json, keyword: &str, value: Json) -> Json {
    config[keyword] = value;
    config
}

fn library(name: &str) -> Json {
    json!({"hooks-libraries": [{"library": format!("/usr/lib/kea/hooks/libdhcp_{name}.so")}]})
}

fn ha(threading: Json) -> Json {
    json!({"hooks-libraries": [{"library": "libdhcp_ha.so", "parameters": {"high-availability": [{"multi-threading": threading}]}}]})
}

fn http(address: &str) -> Json {
    let clients = json!([{"user": "a", "password": "b"}]);
    json!({"control-sockets": [{"socket-type": "http", "socket-address": address, "socket-port": 8000,
        "authentication": {"type": "basic", "clients": clients}}]})
}

/// The review, where it finds something, in this configuration, and one in which it finds nothing.
fn cases() -> Vec<(&'static str, &'static str, Json, Json)> {
    let pool = |text: &str| json!([{"pool": text}]);
    let host = |address: &str| json!([{"hw-address": "01:02:03:04:05:06", "ip-address": address}]);
    let routers = |data: &str| json!([{"name": "routers", "data": data}]);
    let guarded = |class: &str| subnet(json!({"client-classes": [class]}));
    let class = |class: Json| json!([class]);
    vec![
        ("lease_cmds_presence", "Dhcp4", json!({}), library("lease_cmds")),
        ("stat_cmds_presence", "Dhcp4/hooks-libraries", library("lease_cmds"), library("stat_cmds")),
        (
            "host_cmds_presence",
            "Dhcp4",
            json!({"hosts-databases": [{"type": "mysql", "name": "kea"}]}),
            with(library("host_cmds"), "hosts-databases", json!([{"type": "mysql", "name": "kea"}])),
        ),
        (
            "subnet_cmds_and_cb_mutual_exclusion",
            "Dhcp4/hooks-libraries[0]/library",
            with(library("subnet_cmds"), "config-control", json!({"config-databases": [{"type": "mysql"}]})),
            library("subnet_cmds"),
        ),
        (
            "ha_mt_presence",
            "Dhcp4/hooks-libraries[0]/parameters/high-availability[0]/multi-threading/enable-multi-threading",
            ha(json!({"enable-multi-threading": false})),
            ha(json!({"enable-multi-threading": true})),
        ),
        (
            "ha_dedicated_ports",
            "Dhcp4/hooks-libraries[0]/parameters/high-availability[0]/multi-threading/http-dedicated-listener",
            ha(json!({"http-dedicated-listener": false})),
            ha(json!({"enable-multi-threading": false, "http-dedicated-listener": false})),
        ),
        ("agent_credentials_over_https", "Dhcp4/control-sockets[0]", http("192.0.2.1"), http("127.0.0.1")),
        (
            "no_interfaces",
            "Dhcp4/interfaces-config",
            json!({"interfaces-config": {"interfaces": []}}),
            json!({"interfaces-config": {"interfaces": ["*"]}}),
        ),
        (
            "leases_forgotten",
            "Dhcp4/lease-database/persist",
            json!({"lease-database": {"type": "memfile", "persist": false}}),
            json!({"lease-database": {"type": "memfile", "persist": true}}),
        ),
        (
            "dispensable_shared_network",
            "Dhcp4/shared-networks[0]/name",
            json!({"shared-networks": [{"name": "n", "subnet4": [{"id": 1, "subnet": "192.0.2.0/24"}]}]}),
            json!({"shared-networks": [{"name": "n", "subnet4": [
                {"id": 1, "subnet": "192.0.2.0/24"}, {"id": 2, "subnet": "198.51.100.0/24"}]}]}),
        ),
        (
            "dispensable_subnet",
            "Dhcp4/subnet4[0]/subnet",
            subnet(json!({})),
            subnet(json!({"reservations": host("192.0.2.7")})),
        ),
        (
            "overlapping_subnet",
            "Dhcp4/subnet4[0]/subnet",
            json!({"subnet4": [{"id": 1, "subnet": "192.0.2.0/25"}, {"id": 2, "subnet": "192.0.0.0/16"}]}),
            json!({"subnet4": [{"id": 1, "subnet": "192.0.2.0/25"}, {"id": 2, "subnet": "192.0.2.128/25"}]}),
        ),
        (
            "link_named_twice",
            "Dhcp4/subnet4[1]/relay/ip-addresses[0]",
            json!({"subnet4": [
                {"id": 1, "subnet": "192.0.2.0/24", "relay": {"ip-addresses": ["203.0.113.1"]}},
                {"id": 2, "subnet": "198.51.100.0/24", "relay": {"ip-addresses": ["203.0.113.1"]}}]}),
            json!({"subnet4": [
                {"id": 1, "subnet": "192.0.2.0/24", "interface": "eth0", "client-classes": ["a"]},
                {"id": 2, "subnet": "198.51.100.0/24", "interface": "eth0"}]}),
        ),
        (
            "edge_address_in_pool",
            "Dhcp4/subnet4[0]/pools[0]/pool",
            subnet(json!({"pools": pool("192.0.2.200-192.0.2.255")})),
            subnet(json!({"pools": pool("192.0.2.1-192.0.2.254")})),
        ),
        (
            "timers_beyond_lifetime",
            "Dhcp4/subnet4[0]/valid-lifetime",
            with(subnet(json!({"valid-lifetime": 900})), "renew-timer", json!(900)),
            with(subnet(json!({"valid-lifetime": 901})), "renew-timer", json!(900)),
        ),
        (
            "router_in_pool",
            "Dhcp4/subnet4[0]/pools[0]/pool",
            subnet(json!({"pools": pool("192.0.2.1-192.0.2.9"), "option-data": routers("192.0.2.9")})),
            subnet(json!({"pools": pool("192.0.2.1-192.0.2.8"), "option-data": routers("192.0.2.9")})),
        ),
        (
            "router_outside_subnet",
            "Dhcp4/option-data[0]/data",
            with(subnet(json!({})), "option-data", routers("198.51.100.1")),
            with(
                subnet(json!({"option-data": routers("192.0.2.1")})),
                "option-data",
                routers("198.51.100.1"),
            ),
        ),
        (
            "out_of_pool_reservation",
            "Dhcp4/subnet4[0]/subnet",
            subnet(json!({"pools": pool("192.0.2.9-192.0.2.20"), "reservations": host("192.0.2.7")})),
            subnet(json!({"pools": pool("192.0.2.1-192.0.2.20"), "reservations": host("192.0.2.7")})),
        ),
        (
            "address_pools_exhausted_by_reservations",
            "Dhcp4/subnet4[0]/pools[0]/pool",
            subnet(json!({"pools": pool("192.0.2.7/32"), "reservations": host("192.0.2.7")})),
            subnet(json!({"pools": pool("192.0.2.6/31"), "reservations": host("192.0.2.7")})),
        ),
        (
            "reservation_without_effect",
            "Dhcp4/reservations",
            with(subnet(json!({})), "reservations", host("192.0.2.7")),
            with(subnet(json!({"reservations-global": true})), "reservations", host("192.0.2.7")),
        ),
        (
            "address_reserved_twice",
            "Dhcp4/subnet4[0]/reservations[0]/ip-address",
            with(
                subnet(json!({"reservations": host("192.0.2.7")})),
                "reservations",
                json!([{"client-id": "01", "ip-address": "192.0.2.7"}]),
            ),
            with(subnet(json!({"reservations": host("192.0.2.7")})), "reservations", host("192.0.2.7")),
        ),
        (
            "class_never_set",
            "Dhcp4/subnet4[0]/client-classes[0]",
            guarded("a"),
            with(guarded("a"), "client-classes", class(json!({"name": "a", "test": "option[60].exists"}))),
        ),
        (
            "guard_never_matches",
            "Dhcp4/subnet4[0]/client-classes[0]",
            with(
                guarded("a"),
                "client-classes",
                class(json!({"name": "a", "only-in-additional-list": true})),
            ),
            with(guarded("a"), "client-classes", class(json!({"name": "a", "test": "option[60].exists"}))),
        ),
        (
            "class_never_evaluated",
            "Dhcp4/client-classes[0]/name",
            json!({"client-classes": [{"name": "a", "only-in-additional-list": true}]}),
            with(
                subnet(json!({"evaluate-additional-classes": ["a"]})),
                "client-classes",
                class(json!({"name": "a", "only-in-additional-list": true})),
            ),
        ),
        (
            "option_never_sent",
            "Dhcp4/option-data[0]",
            json!({"option-def": [{"name": "x", "code": 1, "space": "mine", "type": "uint8"}],
                "option-data": [{"name": "x", "space": "mine", "data": "1"}]}),
            json!({"option-def": [{"name": "x", "code": 1, "space": "mine", "type": "uint8"},
                    {"name": "mine", "code": 230, "type": "empty", "encapsulate": "mine"}],
                "option-data": [{"name": "x", "space": "mine", "data": "1"}]}),
        ),
    ]
}

/// Each review finds what it is for, and that alone.
#[test]
fn each_review_finds_what_it_is_for() {
    let mut tried = BTreeSet::new();
    for (name, place, bad, good) in cases() {
        let told = found(name, &bad);
        assert!(told.iter().any(|(path, _)| path == place), "{name} at {place}: {told:?}");
        assert_eq!(found(name, &good), [], "{name}");
        tried.insert(name);
    }
    let all: BTreeSet<_> = Config4::reviews().iter().map(|review| review.name).collect();
    assert_eq!(tried, all);
}

/// The other things that a review may find.
#[test]
fn some_reviews_find_several_things() {
    let host = json!([{"flex-id": "'x'", "ip-address": "192.0.2.7"}]);
    let effect = |config| found("reservation_without_effect", &config);
    let told = effect(subnet(json!({"reservations": host})));
    assert_eq!(told[0].0, "Dhcp4/subnet4[0]/reservations[0]/flex-id");
    let hosts = json!([{"client-id": "01", "ip-address": "192.0.2.7"}]);
    let told = effect(subnet(json!({"reservations": hosts, "reservations-in-subnet": false})));
    assert_eq!(told[0].0, "Dhcp4/subnet4[0]/reservations");
    let pools = json!([{"pool": "192.0.2.7-192.0.2.9"}]);
    let config = json!({"reservations": hosts, "pools": pools, "reservations-out-of-pool": true});
    assert_eq!(effect(subnet(config))[0].0, "Dhcp4/subnet4[0]/reservations[0]/ip-address");

    let never = |option: Json| found("option_never_sent", &json!({"option-data": [option]})).len();
    assert_eq!(never(json!({"code": 3, "data": "192.0.2.1", "never-send": true, "always-send": true})), 1);
    assert_eq!(never(json!({"code": 3, "data": "192.0.2.1", "never-send": true})), 0);

    let classes = |classes: Json| found("class_never_set", &json!({"client-classes": classes})).len();
    assert_eq!(classes(json!([{"name": "a"}])), 1);
    assert_eq!(classes(json!([{"name": "KNOWN"}, {"name": "SKIP_DDNS"}])), 0);
    let reserving = |class: &str| {
        let hosts = json!([{"client-id": "01", "client-classes": [class]}]);
        with(
            subnet(json!({"reservations": hosts, "client-classes": ["a"]})),
            "client-classes",
            json!([{"name": "a"}]),
        )
    };
    assert_eq!(found("class_never_set", &reserving("a")), []);
    assert_eq!(found("class_never_set", &reserving("b")).len(), 1);
    let spawned = json!([{"name": "t", "template-test": "substring(option[60].hex, 0, 1)"}]);
    let spawned =
        |name: &str| with(subnet(json!({"client-classes": [name]})), "client-classes", spawned.clone());
    assert_eq!(found("class_never_set", &spawned("SPAWN_t_x")), []);
    assert_eq!(found("class_never_set", &spawned("SPAWN_u_x")).len(), 1);
}

/// What is found in a file is told with its place there; a warning is told from a note.
#[test]
fn findings_have_a_place_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kea.conf");
    let text = "{\"Dhcp4\": {\n  \"interfaces-config\": {\"interfaces\": [\"*\"]},\n  \"subnet4\": [\n    {\"id\": 1, \"subnet\": \"192.0.2.0/24\", \"pools\": [{\"pool\": \"192.0.2.0/28\"}]}]}}\n";
    std::fs::write(&file, text).unwrap();
    let candidate = read::<Config4>(Input::File(&file), &FILE).unwrap();
    let findings = review(&candidate.config, &candidate.written);
    let lines: Vec<_> = findings.iter().map(|finding| finding.to_string()).collect();
    let line = format!(
        "{}:4:60: warning: Dhcp4/subnet4[0]/pools[0]/pool: the pool has 192.0.2.0, which names the subnet itself; \
         leave it out of the pool [edge_address_in_pool]",
        file.display()
    );
    assert!(lines.contains(&line), "{line}\nis not among\n{}", lines.join("\n"));
    assert!(lines[0].contains("kea.conf:1:11: note: Dhcp4: the hook library"), "{lines:?}");
    assert_eq!((findings.count(Grade::Warning), findings.count(Grade::Note)), (1, 2));
    assert_eq!(findings.to_string(), "1 warning, 2 notes");
}

/// An option that many are told is named once; in a shared network a router of any of its subnets will do.
#[test]
fn routers_are_those_of_the_link() {
    let subnets = |count: u8| -> Json {
        (1..=count).map(|id| json!({"id": id, "subnet": format!("10.0.{id}.0/24")})).collect()
    };
    let routers = |data: &str| json!([{"code": 3, "data": data}]);
    let told =
        found("router_outside_subnet", &json!({"subnet4": subnets(3), "option-data": routers("10.0.1.1")}));
    assert_eq!(told.len(), 1);
    let message =
        "clients of 10.0.2.0/24 and 1 other subnets are told the router 10.0.1.1, which is not on their link";
    assert_eq!(told[0].1, message);
    let network = |data: &str| json!({"shared-networks": [{"name": "n", "subnet4": subnets(3), "option-data": routers(data)}]});
    assert_eq!(found("router_outside_subnet", &network("10.0.1.1, 10.0.3.1")), []);
    assert_eq!(found("router_outside_subnet", &network("10.0.1.1, 10.0.4.1")).len(), 1);
}

/// However much there is to find, little is kept.
#[test]
fn findings_are_bounded() {
    let subnets: Vec<_> = (1..=2000u32)
        .map(|id| json!({"id": id, "subnet": format!("10.{}.{}.0/24", id >> 8, id & 255)}))
        .collect();
    let findings = reviewed(&json!({ "subnet4": subnets }));
    assert_eq!(findings.iter().filter(|finding| finding.name == "dispensable_subnet").count(), 100);
    assert!(findings.count(Grade::Note) > 2000);
}
