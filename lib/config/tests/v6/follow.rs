//! Subnets that follow a prefix which is learned (`prefix-from`).

use kotare_config::v6::{Config6, FILE, Follower, Prefix6, PrefixSign, PrefixSource, Subnet6};
use kotare_config::{Candidate, Input, read};
use kotare_model::SubnetId;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::said;

fn prefix(text: &str) -> Prefix6 {
    text.parse().expect("a prefix")
}

fn candidate(dhcp6: Value) -> Candidate<Config6> {
    let arguments = json!({ "Dhcp6": dhcp6 });
    read(Input::Command("c", &arguments), &FILE).unwrap_or_else(|refused| panic!("{refused}"))
}

/// A LAN whose subnet follows a route on `lo`, and one whose addresses are its own.
fn router() -> Candidate<Config6> {
    candidate(json!({"subnet6": [
        {
            "id": 1,
            "interface": "lan0",
            "prefix-from": {"interface": "lo"},
            "subnet": "0:0:0:1::/64",
            "pools": [{"pool": "::1000 - ::1fff"}, {"pool": "0:0:0:1:8000::/66"}],
            "pd-pools": [{"prefix": "0:0:0:80::", "prefix-len": 57, "delegated-len": 60,
                "excluded-prefix": "0:0:0:8f::", "excluded-prefix-len": 64}],
            "reservations": [{"duid": "01:02:03:04", "ip-addresses": ["::10"], "prefixes": ["0:0:0:70::/60"]}],
        },
        {"id": 2, "interface": "lan0", "subnet": "fd00:1::/64"},
    ]}))
}

fn with(candidate: &Candidate<Config6>, learned: Option<&str>) -> Config6 {
    Config6::with_learned(&candidate.written, |_| learned.map(prefix)).expect("a subnet follows")
}

fn subnet(config: &Config6, id: u32) -> &Subnet6 {
    config.subnet(SubnetId(id)).expect("it is served")
}

/// All that is written of such a subnet lies behind its prefix, wherever that is; what is written stays as it was, and
/// other subnets are not touched.
#[test]
fn what_is_written_lies_behind_the_prefix() {
    let router = router();
    let written = router.written.to_json();
    for (learned, [subnet6, first, last, second, pool, excluded, host, reserved]) in [
        (
            "2001:db8:1200::/56",
            [
                "2001:db8:1200:1::/64",
                "2001:db8:1200:1::1000",
                "2001:db8:1200:1::1fff",
                "2001:db8:1200:1:8000::",
                "2001:db8:1200:80::/57",
                "2001:db8:1200:8f::/64",
                "2001:db8:1200:1::10",
                "2001:db8:1200:70::/60",
            ],
        ),
        (
            "2003:1:2::/48",
            [
                "2003:1:2:1::/64",
                "2003:1:2:1::1000",
                "2003:1:2:1::1fff",
                "2003:1:2:1:8000::",
                "2003:1:2:80::/57",
                "2003:1:2:8f::/64",
                "2003:1:2:1::10",
                "2003:1:2:70::/60",
            ],
        ),
    ] {
        let config = with(&router, Some(learned));
        let served = subnet(&config, 1);
        assert_eq!(served.prefix, prefix(subnet6));
        let ends =
            [served.pools[0].first, served.pools[0].last, served.pools[1].first].map(|it| it.to_string());
        assert_eq!(ends, [first, last, second]);
        assert_eq!(served.pd_pools[0].prefix, prefix(pool));
        assert_eq!(served.pd_pools[0].excluded, Some(prefix(excluded)));
        let hosts =
            |text: &str| config.hosts.of_address(SubnetId(1), text.parse().expect("an address")).len();
        assert_eq!((hosts(host), hosts(reserved.split('/').next().expect("an address"))), (1, 1));
        assert_eq!(subnet(&config, 2).prefix, prefix("fd00:1::/64"));
        let source =
            PrefixSource { interface: "lo".into(), by: PrefixSign::Route, within: prefix("2000::/3") };
        let follower = Follower { subnet: SubnetId(1), source, prefix: Some(prefix(learned)), problem: None };
        assert_eq!(config.followers, [follower]);
    }
    assert_eq!(router.written.to_json(), written);
}

/// Without a prefix the subnet is not there, nor what is reserved in it; nobody is given what is written as if it were whole.
#[test]
fn without_a_prefix_the_subnet_is_not_served() {
    let router = router();
    for config in [&router.config, &with(&router, None)] {
        assert_eq!(config.subnets.iter().map(|subnet| subnet.id.0).collect::<Vec<_>>(), [2]);
        assert!(config.hosts.of_address(SubnetId(1), "0:0:0:1::10".parse().expect("an address")).is_empty());
        let problem = config.followers[0].problem.as_deref();
        assert_eq!(problem, Some("no prefix is known on 'lo'"));
    }
    assert!(Config6::with_learned(&candidate(json!({})).written, |_| None).is_none(), "nothing follows");
}

/// A prefix that is too long for what is written, or that leads to where other subnets are, is not followed; all else is
/// served.
#[test]
fn a_prefix_that_does_not_fit_is_not_followed() {
    let router = router();
    for (learned, problem) in [
        ("2001:db8:0:1200::/64", "'0:0:0:1::/64' does not fit behind the prefix 2001:db8:0:1200::/64"),
        ("2001:db8:0:1200::/57", "'0:0:0:80::' does not fit behind the prefix 2001:db8:0:1200::/57"),
        ("fd00:1:0:fff0::/58", "'0:0:0:80::' does not fit behind the prefix fd00:1:0:ffc0::/58"),
    ] {
        let config = with(&router, Some(learned));
        assert_eq!(config.subnets.len(), 1);
        let follower = &config.followers[0];
        assert_eq!((follower.prefix, follower.problem.as_deref()), (Some(prefix(learned)), Some(problem)));
    }
    let taken = candidate(json!({"subnet6": [
        {"id": 1, "prefix-from": {"interface": "lo"}, "subnet": "::/64"},
        {"id": 2, "subnet": "2001:db8:5::/64"},
    ]}));
    let config = with(&taken, Some("2001:db8:5::/64"));
    let problem = config.followers[0].problem.as_deref().expect("it is taken");
    assert!(problem.contains("the subnet 2001:db8:5::/64 is there already"), "{problem}");
    assert_eq!(config.subnets.iter().map(|subnet| subnet.id.0).collect::<Vec<_>>(), [2]);
}

/// In a shared network those that are known serve; each follows its own.
#[test]
fn subnets_of_a_shared_network_follow_too() {
    let two = candidate(json!({"shared-networks": [{"name": "lan", "subnet6": [
        {"id": 1, "prefix-from": {"interface": "wan0"}, "subnet": "0:0:0:1::/64"},
        {"id": 2, "prefix-from": {"interface": "wan1", "by": "address", "within": "fc00::/7"}, "subnet": "0:0:0:1::/64"},
    ]}]}));
    let learned = |source: &PrefixSource| (&*source.interface == "wan1").then(|| prefix("fd12:3456::/48"));
    let config = Config6::with_learned(&two.written, learned).expect("they follow");
    assert_eq!(config.networks[0].ids, [SubnetId(2)]);
    assert_eq!(subnet(&config, 2).prefix, prefix("fd12:3456:0:1::/64"));
    let waits: Vec<_> = config.followers.iter().map(|follower| follower.problem.is_some()).collect();
    assert_eq!(waits, [true, false]);
    assert_eq!(
        (config.followers[1].source.by, config.followers[1].source.within),
        (PrefixSign::Address, prefix("fc00::/7"))
    );
}

/// What would be wrong behind any prefix is told when the file is read, where it stands.
#[test]
fn what_is_wrong_is_told_before_a_prefix_is_known() {
    let one = |subnet: Value| {
        let mut whole = json!({"id": 1, "prefix-from": {"interface": "lo"}, "subnet": "0:0:0:1::/64"});
        let entries = subnet.as_object().expect("a map").clone();
        whole.as_object_mut().expect("a map").extend(entries);
        said(json!({ "subnet6": [whole] }))
    };
    for (subnet, place, message) in [
        (json!({"subnet": "2001:db8::/64"}), "/subnet", "'2001:db8::/64' is a whole address"),
        (json!({"pools": [{"pool": "::1 - 2001:db8::9"}]}), "/pools[0]/pool", "is a whole address"),
        (
            json!({"pools": [{"pool": "0:0:0:2::1 - 0:0:0:2::2"}]}),
            "/pools[0]/pool",
            "is not within its subnet",
        ),
        (json!({"pools": [{"pool": "x"}]}), "/pools[0]/pool", "'x' is"),
        (json!({"prefix-from": {}}), "/prefix-from", "interface"),
        (json!({"prefix-from": {"interface": ""}}), "/interface", "'' is not the name of an interface"),
        (json!({"prefix-from": {"interface": "lo", "by": "x"}}), "/by", "x"),
        (json!({"prefix-from": {"interface": "lo", "within": "1"}}), "/within", "'1' is not an IPv6 prefix"),
        (json!({"option-data": [{"name": "dns-servers", "data": "x"}]}), "/option-data[0]", "x"),
        (
            json!({"reservations": [{"duid": "01", "ip-addresses": ["::1"]}, {"duid": "01", "ip-addresses": ["::2"]}]}),
            "/reservations[1]",
            "has a reservation already",
        ),
    ] {
        let said = one(subnet.clone());
        assert!(said.contains("Dhcp6/subnet6[0]") && said.contains(place), "{subnet}: {said}");
        assert!(said.contains(message), "{subnet}: {said}");
    }
    let same = json!({"subnet6": [
        {"id": 1, "prefix-from": {"interface": "a"}, "subnet": "0:0:0:1::/64", "pools": [{"pool": "::1 - ::2"}]},
        {"id": 2, "prefix-from": {"interface": "b"}, "subnet": "0:0:0:1::/64", "pools": [{"pool": "::1 - ::2"}]},
    ]});
    assert_eq!(said(same), "", "they lie in different prefixes");
}

proptest! {
    /// Behind any prefix all of a served subnet lies in that prefix.
    #[test]
    fn a_served_subnet_lies_in_its_prefix(bits: u128, len in 1_u8..=128) {
        let learned = Prefix6::new(bits.into(), len).expect("a prefix");
        let config = Config6::with_learned(&router().written, |_| Some(learned)).expect("it follows");
        match config.subnet(SubnetId(1)) {
            Some(subnet) => {
                prop_assert!(learned.covers(subnet.prefix) && len <= 56);
                prop_assert!(subnet.pd_pools.iter().all(|pool| learned.covers(pool.prefix)));
                let inside = |pool: &kotare_config::v6::Pool6| {
                    subnet.prefix.contains(pool.first) && subnet.prefix.contains(pool.last)
                };
                prop_assert!(subnet.pools.iter().all(inside));
            }
            None => prop_assert!(config.followers[0].problem.is_some()),
        }
    }
}
