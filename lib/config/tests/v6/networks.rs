//! Subnets, shared networks and pools: what they inherit, and how a client's subnet is found.

use std::net::Ipv6Addr;

use kotare_config::v6::{Allocator, Config6, LifetimeRange, Subnet6, SubnetAt};
use kotare_expr::ClassSet;
use kotare_model::{Lifetime, SubnetId};
use serde_json::json;

use crate::{config, judged};

fn address(text: &str) -> Ipv6Addr {
    text.parse().expect("an address")
}

fn subnet(config: &Config6, id: u32) -> &Subnet6 {
    config.subnet(SubnetId(id)).expect("a subnet")
}

fn range(min: u32, default: u32, max: u32) -> LifetimeRange {
    LifetimeRange { min: Lifetime(min), default: Lifetime(default), max: Lifetime(max) }
}

/// Kea's defaults.
#[test]
fn without_a_word_defaults_hold() {
    let config = config(json!({"subnet6": [{"id": 1, "subnet": "2001:db8::/64"}]}));
    let params = &subnet(&config, 1).params;
    assert_eq!((params.valid_lifetime, params.preferred_lifetime), (range(7200, 7200, 7200), None));
    assert!(!params.rapid_commit && !params.store_extended_info);
    let tee_times = params.tee_times;
    assert_eq!((tee_times.renew, tee_times.rebind, tee_times.calculate), (None, None, true));
    assert_eq!((tee_times.t1_percent, tee_times.t2_percent), (0.5, 0.8));
    assert_eq!((params.allocator, params.pd_allocator), (Allocator::Iterative, Allocator::Iterative));
    assert_eq!((params.cache_threshold, params.cache_max_age), (Some(0.25), None));
    assert!(params.reservations.in_subnet && !params.reservations.global && !params.reservations.out_of_pool);
    assert_eq!(params, &config.params);
}

/// Subnet before shared network before the server, each parameter for itself.
#[test]
fn the_innermost_value_holds() {
    let config = config(json!({
        "valid-lifetime": 4000, "preferred-lifetime": 3000, "max-preferred-lifetime": 3500, "renew-timer": 1000,
        "allocator": "random", "pd-allocator": "flq", "store-extended-info": true, "ddns-qualifying-suffix": "a.org",
        "shared-networks": [{
            "name": "net", "rapid-commit": true, "interface-id": "vlan", "preferred-lifetime": 2000,
            "min-valid-lifetime": 100, "relay": {"ip-addresses": ["2001:db8:f::1"]}, "ddns-generated-prefix": "n",
            "subnet6": [
                {"id": 7, "subnet": "2001:db8:7::/64"},
                {"id": 3, "subnet": "2001:db8:3::/64", "rapid-commit": true, "interface-id": "own", "renew-timer": 5,
                 "preferred-lifetime": 10, "min-preferred-lifetime": 4, "max-preferred-lifetime": 20, "cache-threshold": 0.0,
                 "pools": [{"pool": "2001:db8:3::/112", "ddns-generated-prefix": "p"}, {"pool": "2001:db8:3::1:0/112"}]},
            ],
        }],
        "subnet6": [{"id": 5, "subnet": "2001:db8:5::/64", "interface": "eth0", "allocator": "iterative"}],
    }));
    let (inner, plain, alone) = (subnet(&config, 3), subnet(&config, 7), subnet(&config, 5));
    assert_eq!(plain.params.valid_lifetime, range(100, 4000, 4000));
    let preferred = |subnet: &Subnet6| subnet.params.preferred_lifetime;
    assert_eq!(preferred(plain), Some(range(2000, 2000, 3500)));
    assert_eq!((preferred(inner), preferred(alone)), (Some(range(4, 10, 20)), Some(range(3000, 3000, 3500))));
    let renew = |subnet: &Subnet6| subnet.params.tee_times.renew;
    assert_eq!((renew(inner), renew(plain)), (Some(Lifetime(5)), Some(Lifetime(1000))));
    let rapid = [inner, plain, alone].map(|subnet| subnet.params.rapid_commit);
    assert_eq!(rapid, [true, true, false]);
    let ids = [inner, plain, alone].map(|subnet| subnet.interface_id.as_deref());
    assert_eq!(ids, [Some(&b"own"[..]), Some(b"vlan"), None]);
    assert_eq!((plain.relays.as_slice(), alone.relays.len()), (&[address("2001:db8:f::1")][..], 0));
    assert_eq!((plain.interface.as_deref(), alone.interface.as_deref()), (None, Some("eth0")));
    assert_eq!((plain.params.allocator, alone.params.allocator), (Allocator::Random, Allocator::Iterative));
    assert_eq!(alone.params.pd_allocator, Allocator::FreeLeaseQueue);
    assert_eq!((inner.params.cache_threshold, plain.params.cache_threshold), (None, Some(0.25)));
    let prefix = |at: &str| inner.names_at(address(at)).generated_prefix.to_string();
    assert_eq!([prefix("2001:db8:3::7"), prefix("2001:db8:3::1:7"), prefix("::1")], ["p", "n", "n"]);
    assert_eq!(&*inner.names_at(address("2001:db8:3::7")).qualifying_suffix, "a.org");
    // Subnets are by id, members of networks too.
    assert_eq!(config.subnets.iter().map(|subnet| subnet.id.0).collect::<Vec<_>>(), [3, 5, 7]);
    let at = config.subnet_at(SubnetId(7)).expect("a subnet");
    assert_eq!(config.link(at).iter().map(|id| id.0).collect::<Vec<_>>(), [3, 7]);
    assert_eq!(config.link(config.subnet_at(SubnetId(5)).expect("a subnet")), [SubnetId(5)]);
    assert_eq!((config.networks.len(), &*config.networks[0].name), (1, "net"));
}

/// As in Kea, a prefix may be that of several subnets if it is written with host bits in one of them. Of two the one with the
/// lowest id is found, if it is for the client.
#[test]
fn subnets_may_have_one_prefix() {
    let (config, diagnostics) = judged(json!({
        "subnet6": [{"id": 2, "subnet": "2001:db8:1::/64"}, {"id": 1, "subnet": "2001:db8:1::1/64"}],
    }));
    assert_eq!(diagnostics.warning_count(), 1, "{diagnostics}");
    let config = config.expect("a configuration");
    let find = |fits: &dyn Fn(SubnetAt) -> bool| {
        config.lookup.containing(address("2001:db8:1::9"), fits).map(|at| config[at].id.0)
    };
    assert_eq!(
        [find(&|_| true), find(&|at| config[at].id.0 != 1), find(&|_| false)],
        [Some(1), Some(2), None]
    );
}

/// A queue that servers share is another order than each server's own. Whether leases are where it can be is judged elsewhere.
#[test]
fn shared_queues_are_queues() {
    let (config, _) = judged(json!({
        "lease-database": {"type": "mysql"}, "allocator": "shared-flq",
        "subnet6": [{"id": 1, "subnet": "2001:db8::/64", "pd-allocator": "flq"}],
    }));
    let params = config.expect("a configuration").subnet(SubnetId(1)).expect("a subnet").params.clone();
    assert_eq!(params.allocator, Allocator::SharedFreeLeaseQueue);
    assert!(
        params.allocator != params.pd_allocator
            && params.allocator.is_queued()
            && params.pd_allocator.is_queued()
    );
    assert!(!Allocator::Random.is_queued() && !Allocator::Iterative.is_queued());
}

/// Pools of addresses and of prefixes, and what is not to be used of a prefix.
#[test]
fn pools_hold_addresses_and_prefixes() {
    let config = config(json!({
        "client-classes": [{"name": "a"}],
        "subnet6": [{"id": 1, "subnet": "2001:db8::/64",
            "pools": [{"pool": "2001:db8::10 - 2001:db8::1f", "pool-id": 7, "client-classes": ["a"]}, {"pool": "2001:db8::1:0:0:0/80"}],
            "pd-pools": [
                {"prefix": "2001:db8:8000::", "prefix-len": 48, "delegated-len": 56, "excluded-prefix": "2001:db8:8000:4::",
                 "excluded-prefix-len": 64, "pool-id": 9, "client-classes": ["a"], "evaluate-additional-classes": ["a"],
                 "option-data": [{"name": "dns-servers", "data": "2001:db8::1"}]},
                {"prefix": "3000::", "prefix-len": 8, "delegated-len": 128},
            ]}],
    }));
    let subnet = subnet(&config, 1);
    let none = ClassSet::EMPTY;
    let pool = subnet.pool_of(address("2001:db8::10")).expect("a pool");
    assert_eq!((pool.id, pool.size(), pool.range()), (7, 16, "2001:db8::10/124".into()));
    assert!(!pool.fits(&none) && subnet.pool_for(address("2001:db8::10"), &none).is_none());
    assert!(subnet.pool_of(address("2001:db8::20")).is_none());
    assert_eq!(subnet.pool_for(address("2001:db8::1:0:0:20"), &none).map(|pool| pool.size()), Some(1 << 48));
    let homes = subnet.pd_pool_of(address("2001:db8:8000:300::")).expect("a pool");
    assert_eq!((homes.id, homes.size(), homes.delegated_len, homes.additional.len()), (9, 256, 56, 1));
    assert_eq!(homes.ends(), (address("2001:db8:8000::"), address("2001:db8:8000:ff00::")));
    assert_eq!(homes.options.all(23).len(), 1);
    let delegated = homes.prefix_at(address("2001:db8:8000:3ff::1")).expect("a prefix");
    assert_eq!(delegated.to_string(), "2001:db8:8000:300::/56");
    let excluded = homes.excluded_from(delegated.network()).expect("a prefix");
    assert_eq!(excluded.to_string(), "2001:db8:8000:304::/64");
    assert!(homes.prefix_at(address("2001:db8:8001::")).is_none());
    let all = subnet.pd_pool_of(address("30ff::")).expect("a pool");
    assert_eq!((all.size(), all.excluded, all.id), (1 << 120, None, 0));
}

/// A subnet is found by an address in it, by its relays, by its interface and by what relays call its link; the lowest id
/// that fits.
#[test]
fn subnets_are_found_by_what_messages_say() {
    let config = config(json!({
        "subnet6": [
            {"id": 9, "subnet": "2001:db8::/32", "interface-id": "a", "relay": {"ip-addresses": ["2001:db8:f::1"]}},
            {"id": 4, "subnet": "2001:db8:4::/48", "interface": "eth0"},
            {"id": 6, "subnet": "2001:db8:6::/48", "interface-id": "a", "relay": {"ip-addresses": ["2001:db8:f::1", "::1"]}},
            {"id": 8, "subnet": "2001:db8:8::/48", "interface": "eth0"},
            {"id": 10, "subnet": "2001:db8:a::/48", "interface-id": "b"},
        ],
    }));
    let any = |_: SubnetAt| true;
    let id = |at: Option<SubnetAt>| at.map(|at| config[at].id.0);
    let lookup = &config.lookup;
    let containing = |text: &str| id(lookup.containing(address(text), any));
    assert_eq!([containing("2001:db8:4::9"), containing("2001:db8:5::9")], [Some(4), Some(9)]);
    assert_eq!(containing("2001:db9::"), None);
    let but_4 = |at: SubnetAt| config[at].id.0 != 4;
    assert_eq!(id(lookup.containing(address("2001:db8:4::9"), but_4)), Some(9));
    assert_eq!(id(lookup.relayed_by(address("2001:db8:f::1"), any)), Some(6));
    assert_eq!(id(lookup.relayed_by(address("2001:db8:f::2"), any)), None);
    assert_eq!(id(lookup.on_interface("eth0", any)), Some(4));
    assert_eq!(id(lookup.on_interface("eth0", but_4)), Some(8));
    assert_eq!(
        [id(lookup.of_interface_id(b"a", any)), id(lookup.of_interface_id(b"b", any))],
        [Some(6), Some(10)]
    );
    assert_eq!(id(lookup.of_interface_id(b"", any)), None);
}
