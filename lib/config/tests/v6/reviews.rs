//! What reviews find, as for DHCPv4: each has a configuration in which it finds something, and one like it in which it does not.

use std::collections::BTreeSet;

use kotare_config::review::review;
use kotare_config::v6::{Config6, FILE};
use kotare_config::{Configuration, Input, read};
use serde_json::{Value as Json, json};

/// Those that look at the server rather than at its clients. They are tried with a server of DHCPv4.
const OF_THE_PROCESS: [&str; 9] = [
    "agent_credentials_over_https",
    "ha_dedicated_ports",
    "ha_mt_presence",
    "host_cmds_presence",
    "lease_cmds_presence",
    "leases_forgotten",
    "no_interfaces",
    "stat_cmds_presence",
    "subnet_cmds_and_cb_mutual_exclusion",
];

/// The places where a review finds something, with what it says.
fn found(name: &str, dhcp6: &Json) -> Vec<(String, String)> {
    let arguments = json!({ "Dhcp6": dhcp6 });
    let read = read::<Config6>(Input::Command("config-test", &arguments), &FILE);
    let candidate = read.unwrap_or_else(|refused| panic!("{dhcp6}: {refused}"));
    let findings = review(&candidate.config, &candidate.written);
    let of_it = findings.iter().filter(|finding| finding.name == name);
    of_it.map(|finding| (finding.told.path.clone(), finding.told.message.clone())).collect()
}

/// A subnet 2001:db8::/64 with this.
fn subnet(more: Json) -> Json {
    subnets(&[("2001:db8::/64", more)])
}

/// Subnets, numbered from 1.
fn subnets(all: &[(&str, Json)]) -> Json {
    let subnet = |(id, (prefix, more)): (u32, &(&str, Json))| {
        let mut subnet = json!({"id": id, "subnet": prefix});
        subnet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        subnet
    };
    json!({"subnet6": (1..).zip(all).map(subnet).collect::<Vec<_>>()})
}

fn with(mut config: Json, keyword: &str, value: Json) -> Json {
    config[keyword] = value;
    config
}

fn pool(text: &str) -> Json {
    json!([{"pool": text}])
}

fn pd_pool(prefix: &str, len: u8, delegated: u8) -> Json {
    json!([{"prefix": prefix, "prefix-len": len, "delegated-len": delegated}])
}

fn host(address: &str) -> Json {
    json!([{"duid": "01:02:03", "ip-addresses": [address]}])
}

fn home(prefixes: &[&str]) -> Json {
    json!([{"duid": "01:02:03", "prefixes": prefixes}])
}

/// The review, where it finds something, in this configuration, and one in which it finds nothing.
fn cases() -> Vec<(&'static str, &'static str, Json, Json)> {
    [of_networks(), of_reservations(), of_classes()].concat()
}

fn of_networks() -> Vec<(&'static str, &'static str, Json, Json)> {
    let two = |one: Json, other: Json| subnets(&[("2001:db8::/64", one), ("2001:db8:1::/64", other)]);
    let network = |count: usize| {
        let all = two(json!({}), json!({}))["subnet6"].as_array().unwrap()[..count].to_vec();
        json!({"shared-networks": [{"name": "n", "interface-id": "vlan", "subnet6": all}]})
    };
    vec![
        ("dispensable_shared_network", "Dhcp6/shared-networks[0]/name", network(1), network(2)),
        (
            "dispensable_subnet",
            "Dhcp6/subnet6[0]/subnet",
            subnet(json!({})),
            subnet(json!({"pd-pools": pd_pool("3000::", 48, 56)})),
        ),
        (
            "overlapping_subnet",
            "Dhcp6/subnet6[0]/subnet",
            subnets(&[("2001:db8:0:1::/64", json!({})), ("2001:db8::/48", json!({}))]),
            two(json!({}), json!({})),
        ),
        (
            "link_named_twice",
            "Dhcp6/subnet6[1]/interface-id",
            two(json!({"interface-id": "vlan"}), json!({"interface-id": "vlan"})),
            network(2),
        ),
        (
            "router_anycast_in_pool",
            "Dhcp6/subnet6[0]/pools[0]/pool",
            subnet(json!({"pools": pool("2001:db8::/80")})),
            subnet(json!({"pools": pool("2001:db8::1-2001:db8::ffff")})),
        ),
        (
            "overlapping_pd_pool",
            "Dhcp6/subnet6[0]/pd-pools[0]/prefix",
            two(
                json!({"pd-pools": pd_pool("2001:db8:1::", 48, 56)}),
                json!({"pools": pool("2001:db8:1::1-2001:db8:1::ff")}),
            ),
            two(
                json!({"pd-pools": pd_pool("3000::", 48, 56)}),
                json!({"pd-pools": pd_pool("3000::", 48, 56), "pools": pool("2001:db8:1::1-2001:db8:1::ff")}),
            ),
        ),
        (
            "timers_beyond_preferred_lifetime",
            "Dhcp6/subnet6[0]/preferred-lifetime",
            with(subnet(json!({"preferred-lifetime": 900})), "renew-timer", json!(900)),
            with(subnet(json!({"preferred-lifetime": 901})), "renew-timer", json!(900)),
        ),
        (
            "never_preferred",
            "Dhcp6/preferred-lifetime",
            json!({"preferred-lifetime": 0}),
            json!({"preferred-lifetime": 1}),
        ),
    ]
}

fn of_reservations() -> Vec<(&'static str, &'static str, Json, Json)> {
    let reserving = |hosts: Json, pools: Json| subnet(json!({"reservations": hosts, "pd-pools": pools}));
    vec![
        (
            "out_of_pool_reservation",
            "Dhcp6/subnet6[0]/subnet",
            subnet(json!({"pools": pool("2001:db8::9-2001:db8::20"), "reservations": host("2001:db8::7")})),
            subnet(json!({"pools": pool("2001:db8::1-2001:db8::20"), "reservations": host("2001:db8::7")})),
        ),
        (
            "address_pools_exhausted_by_reservations",
            "Dhcp6/subnet6[0]/pools[0]/pool",
            subnet(json!({"pools": pool("2001:db8::7/128"), "reservations": host("2001:db8::7")})),
            subnet(json!({"pools": pool("2001:db8::6/127"), "reservations": host("2001:db8::7")})),
        ),
        (
            "pd_pools_exhausted_by_reservations",
            "Dhcp6/subnet6[0]/pd-pools[0]/prefix",
            reserving(home(&["3000::/56", "3000:0:0:100::/64"]), pd_pool("3000::", 55, 56)),
            reserving(home(&["3000:0:0:100::/64", "3000:0:0:101::/64"]), pd_pool("3000::", 55, 56)),
        ),
        (
            "reservation_without_effect",
            "Dhcp6/reservations",
            with(subnet(json!({})), "reservations", host("2001:db8::7")),
            with(subnet(json!({"reservations-global": true})), "reservations", host("2001:db8::7")),
        ),
        (
            "address_reserved_twice",
            "Dhcp6/subnet6[0]/reservations[0]/prefixes[0]",
            with(
                subnet(json!({"reservations": home(&["3000::/56"])})),
                "reservations",
                json!([{"hw-address": "01", "prefixes": ["3000::/56"]}]),
            ),
            with(
                subnet(json!({"reservations": home(&["3000::/56", "3000::/64"])})),
                "reservations",
                home(&["3000::/56"]),
            ),
        ),
    ]
}

fn of_classes() -> Vec<(&'static str, &'static str, Json, Json)> {
    let guarded = |class: &str| {
        let mut pools = pd_pool("3000::", 48, 56);
        pools[0]["client-classes"] = json!([class]);
        subnet(json!({ "pd-pools": pools }))
    };
    let tested = json!([{"name": "a", "test": "option[15].exists"}]);
    let late = json!([{"name": "a", "test": "option[15].exists", "only-in-additional-list": true}]);
    let guard = "Dhcp6/subnet6[0]/pd-pools[0]/client-classes[0]";
    vec![
        ("class_never_set", guard, guarded("a"), with(guarded("a"), "client-classes", tested.clone())),
        (
            "guard_never_matches",
            guard,
            with(guarded("a"), "client-classes", late.clone()),
            with(guarded("a"), "client-classes", tested),
        ),
        (
            "class_never_evaluated",
            "Dhcp6/client-classes[0]/name",
            json!({"client-classes": late.clone()}),
            with(subnet(json!({"evaluate-additional-classes": ["a"]})), "client-classes", late),
        ),
        (
            "option_never_sent",
            "Dhcp6/option-data[0]",
            json!({"option-data": [{"name": "remote-id", "data": "9,0102"}]}),
            json!({"option-data": [{"name": "dns-servers", "data": "2001:db8::1"}]}),
        ),
    ]
}

/// Each review finds what it is for, and that alone.
#[test]
fn each_review_finds_what_it_is_for() {
    let mut tried = BTreeSet::from(OF_THE_PROCESS);
    for (name, place, bad, good) in cases() {
        let told = found(name, &bad);
        assert!(told.iter().any(|(path, _)| path == place), "{name} at {place}: {told:?}");
        assert_eq!(found(name, &good), [], "{name}");
        tried.insert(name);
    }
    let all: BTreeSet<_> = Config6::reviews().iter().map(|review| review.name).collect();
    assert_eq!(tried, all);
}

/// What is not in the way of anything: an address within a delegated prefix's pool is no reserved prefix, and pools of
/// prefixes of one length may be shared.
#[test]
fn addresses_and_prefixes_are_told_apart() {
    let config = json!({"reservations": host("2001:db8::7"), "pd-pools": pd_pool("2001:db8::", 60, 64),
        "pools": pool("2001:db8:1::1/128")});
    let config = subnets(&[("2001:db8::/32", config)]);
    assert_eq!(found("out_of_pool_reservation", &config).len(), 1);
    let hosts = json!([{"duid": "01", "ip-addresses": ["2001:db8::7"]}, {"duid": "02", "prefixes": ["2001:db8::7/128"]}]);
    let config = subnet(json!({ "reservations": hosts }));
    assert_eq!(found("address_reserved_twice", &with(config, "ip-reservations-unique", json!(false))), []);
    let two = |other: u8| {
        subnets(&[
            ("2001:db8::/64", json!({"pd-pools": pd_pool("3000::", 48, 56)})),
            ("2001:db8:1::/64", json!({"pd-pools": pd_pool("3000::", 44, other)})),
        ])
    };
    assert_eq!(found("overlapping_pd_pool", &two(56)), []);
    let told = found("overlapping_pd_pool", &two(60));
    assert_eq!(told.len(), 1);
    assert!(told[0].1.starts_with("prefixes of another length of the pool at "), "{}", told[0].1);
}

/// A pool with a place for every address there is can be reviewed.
#[test]
fn the_largest_pools_are_reviewed() {
    let hosts = home(&["8000::/1"]);
    let config = subnet(json!({"pd-pools": pd_pool("8000::", 1, 128), "reservations": hosts}));
    let told = found("pd_pools_exhausted_by_reservations", &config);
    assert_eq!(told[0].1, format!("all {} prefixes of the pool are reserved", 1_u128 << 127));
}

/// Where the preferred lifetime is not written it follows from the valid one; one for ever is not passed.
#[test]
fn timers_are_compared_with_what_is_preferred() {
    let count = |config: Json| found("timers_beyond_preferred_lifetime", &config).len();
    assert_eq!(count(json!({"valid-lifetime": 1600, "rebind-timer": 1000})), 1);
    assert_eq!(count(json!({"valid-lifetime": 1602, "rebind-timer": 1000})), 0);
    assert_eq!(count(json!({"valid-lifetime": 4_294_967_295_u32, "rebind-timer": 4_294_967_295_u32})), 0);
}
