//! Plans come and go: what the leases keep right is always what the plans there are need.

use std::net::Ipv4Addr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use jiff::tz::TimeZone;
use kotare_config::v4::Config4;
use kotare_model::{HwAddr, LeaseState, Lifetime, Timestamp};
use kotare_stats::{PoolLayout, Stat4, Statistics4, SubnetLayout};
use kotare_store::{Change, Put};
use kotare_testkit::{Config, MemoryStore, Subnet, address, run};

use super::*;
use crate::alloc::PoolMap;
use crate::hooks::Cause;

pub(in crate::leases) const NOW: Timestamp = Timestamp(1_000_000);

/// A door to a store that makes everybody wait once.
fn leases() -> Leases<MemoryStore> {
    let store = MemoryStore::new();
    store.slow(true);
    Leases::new(store, Statistics4::new(TimeZone::UTC, std::time::Duration::ZERO).worker())
}

/// Subnet 1 with a pool from 192.0.2.10 up to this address.
fn config(last: &str) -> Config4 {
    Config::new().subnet(Subnet::new(1, "192.0.2.0/24").pool("192.0.2.10", last)).build()
}

/// A lease of an address of subnet 1.
pub(in crate::leases) fn lease(at: &str) -> Lease4 {
    Lease4 {
        address: address(at),
        hwaddr: HwAddr::new(1, &[2, 0, 0, 0, 0, 1]).unwrap(),
        client_id: None,
        valid_lifetime: Lifetime(4000),
        cltt: NOW,
        subnet_id: SubnetId(1),
        pool_id: 0,
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: "".into(),
        state: LeaseState::Assigned,
        user_context: None,
    }
}

fn give<S: LeaseStore<Lease4>>(leases: &Leases<S>, at: &str) {
    let change = Change { address: address(at), from: None, to: Some(&lease(at)) };
    assert!(matches!(run(leases.put(change, Cause::Command, NOW)), Ok(Put::Done)));
}

/// The last address of each map that is kept right.
fn kept<S: LeaseStore<Lease4>>(leases: &Leases<S>) -> Vec<String> {
    let last = |map: &Arc<PoolMap>| Ipv4Addr::from(map.key().last).to_string();
    leases.plans.registry().maps().iter().map(last).collect()
}

/// The next address that is proposed to a client of subnet 1.
fn proposed(plan: &Plan) -> Option<Ipv4Addr> {
    plan.allocator(SubnetAt::new(0)).propose(0, |_| true)
}

/// A configuration's plan leaves with the last that uses it, whichever that is, and takes only its own with it.
#[test]
fn a_plan_leaves_when_it_is_dropped() {
    let leases = leases();
    let first = run(leases.plan(&config("192.0.2.20"), &[])).unwrap();
    assert_eq!(kept(&leases), ["192.0.2.20"]);

    // A configuration that was prepared and will not be served: nothing remembers it.
    drop(run(leases.plan(&config("192.0.2.30"), &[])).unwrap());
    assert_eq!(kept(&leases), ["192.0.2.20"]);

    // One that is served from now on, while an exchange of the first one still waits.
    let waiting = first.clone();
    let second = run(leases.plan(&config("192.0.2.30"), &[])).unwrap();
    drop(first);
    assert_eq!(kept(&leases), ["192.0.2.20", "192.0.2.30"]);
    give(&leases, "192.0.2.10");
    assert_eq!(proposed(&waiting), Some(address("192.0.2.11")));
    assert_eq!(proposed(&second), Some(address("192.0.2.11")));

    drop(waiting);
    assert_eq!(kept(&leases), ["192.0.2.30"]);
    drop(second);
    assert!(kept(&leases).is_empty());
}

/// Preparing can be given up at every point where it waits for the store, and leaves nothing behind.
#[test]
fn a_plan_in_the_making_leaves_when_it_is_dropped() {
    let leases = leases();
    give(&leases, "192.0.2.10");
    let served = run(leases.plan(&config("192.0.2.20"), &[])).unwrap();
    // Polled so many times, then dropped; whether it was ready.
    let poll = |times: usize| {
        let next = config("192.0.2.30");
        let mut plan = pin!(leases.plan(&next, &[]));
        let mut context = Context::from_waker(Waker::noop());
        let ready = (0..times).find_map(|_| match plan.as_mut().poll(&mut context) {
            Poll::Ready(plan) => Some(plan.unwrap()),
            Poll::Pending => None,
        });
        // While it is being made, changes reach it.
        assert_eq!(kept(&leases), ["192.0.2.20", "192.0.2.30"]);
        ready.is_some_and(|plan| {
            assert_eq!(proposed(&plan), Some(address("192.0.2.11")));
            true
        })
    };
    let mut times = 1;
    while !poll(times) {
        assert_eq!(kept(&leases), ["192.0.2.20"], "given up after {times} polls");
        times += 1;
    }
    assert!(times > 1, "the store never made it wait");
    assert_eq!(kept(&leases), ["192.0.2.20"]);
    assert_eq!(proposed(&served), Some(address("192.0.2.11")));
}

/// A store that cannot be read while a plan is made: the plan is not there, and the next one is right.
#[test]
fn a_plan_that_fails_leaves_nothing() {
    let leases = leases();
    let served = run(leases.plan(&config("192.0.2.20"), &[])).unwrap();
    leases.store().fail(true);
    run(leases.plan(&config("192.0.2.30"), &[])).unwrap_err();
    assert_eq!(kept(&leases), ["192.0.2.20"]);
    leases.store().fail(false);
    give(&leases, "192.0.2.10");
    let next = run(leases.plan(&config("192.0.2.30"), &[])).unwrap();
    assert_eq!(proposed(&next), Some(address("192.0.2.11")));
    assert_eq!(proposed(&served), Some(address("192.0.2.11")));
}

/// A pool that stays the same keeps its map: it is not read from the store again, also when the configuration that had
/// it first is gone in the end.
#[test]
fn pools_that_stay_keep_their_map() {
    let leases = leases();
    let first = run(leases.plan(&config("192.0.2.20"), &[])).unwrap();
    give(&leases, "192.0.2.10");
    leases.store().calls();
    let second = run(leases.plan(&config("192.0.2.20"), &[])).unwrap();
    assert_eq!(leases.store().calls().scans, 0);
    assert_eq!(kept(&leases), ["192.0.2.20"]);
    drop(first);
    give(&leases, "192.0.2.11");
    assert_eq!(proposed(&second), Some(address("192.0.2.12")));
}

/// The statistics of a subnet are those of the newest plan that has it; without that, those of the one before.
#[test]
fn statistics_are_the_newest_plans() {
    let leases = leases();
    let statistics = Statistics4::new(TimeZone::UTC, std::time::Duration::ZERO);
    let layout = [SubnetLayout { id: SubnetId(1), pools: vec![PoolLayout::of_addresses(0, 11u8)] }];
    // Handles of two processes, so that it shows which are counted in.
    let handles = || vec![statistics.prepare(&layout).subnet(SubnetId(1)).unwrap().clone()];
    let (before, after) = (handles(), handles());
    let assigned = |stats: &[SubnetStats]| stats[0].value(Stat4::AssignedAddresses);

    let first = run(leases.plan(&config("192.0.2.20"), &before)).unwrap();
    let second = run(leases.plan(&config("192.0.2.20"), &after)).unwrap();
    give(&leases, "192.0.2.10");
    assert_eq!((assigned(&before), assigned(&after)), (0, 1));
    drop(second);
    give(&leases, "192.0.2.11");
    assert_eq!((assigned(&before), assigned(&after)), (1, 1));
    drop(first);
    // Of no plan: counted for the server alone.
    give(&leases, "192.0.2.12");
    assert_eq!((assigned(&before), assigned(&after)), (1, 1));
}

/// Workers let go of a configuration while the next is prepared: the map both share never misses a change.
#[test]
fn a_plan_may_leave_while_another_is_made() {
    let leases =
        Leases::new(MemoryStore::new(), Statistics4::new(TimeZone::UTC, std::time::Duration::ZERO).worker());
    let config = config("192.0.2.250");
    let mut plan = run(leases.plan(&config, &[])).unwrap();
    for last in 10..=200 {
        std::thread::scope(|scope| {
            let former = std::mem::replace(&mut plan, run(leases.plan(&config, &[])).unwrap());
            scope.spawn(|| drop(former));
            scope.spawn(|| give(&leases, &format!("192.0.2.{last}")));
            let again = run(leases.plan(&config, &[])).unwrap();
            drop(std::mem::replace(&mut plan, again));
        });
        assert_eq!(kept(&leases), ["192.0.2.250"]);
    }
    let mut free: Vec<_> = (10..=250).map(|_| proposed(&plan).unwrap().octets()[3]).collect();
    free.sort_unstable();
    free.dedup();
    assert_eq!(free, (201..=250).collect::<Vec<_>>());
}

/// Where only reservations differ, plans share what is the same: each keeps its own from being proposed for as long as it is
/// there, in whatever order they go.
#[test]
fn reservations_are_barred_for_as_long_as_a_plan_has_them() {
    use kotare_config::v4::{Host4, HostDetails4, HostId, HostIdType, Hosts4};

    let leases = leases();
    let host = |client: u8| {
        let id = HostId { kind: HostIdType::HwAddress, bytes: &[client] };
        let address = Ipv4Addr::new(192, 0, 2, client);
        Host4::new(id, SubnetId(1), Some(address), HostDetails4::default())
    };
    let id = |client: &'static [u8]| HostId { kind: HostIdType::HwAddress, bytes: client };
    let mut config = config("192.0.2.12");
    config.hosts = Hosts4::from_iter([host(10)]);
    let first = run(leases.plan(&config, &[])).unwrap();
    let all = |plan: &Plan| {
        let mut all: Vec<_> = (0..6).map(|_| proposed(plan).map_or(0, |it| it.octets()[3])).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    assert_eq!(all(&first), [11, 12]);
    let more = config.hosts.with(host(11));
    let second = first.reserving(&more);
    assert_eq!(all(&first), [12]);
    let fewer = more.without(id(&[10]), SubnetId(1)).unwrap();
    let third = second.reserving(&fewer);
    assert_eq!(kept(&leases), ["192.0.2.12"]);
    drop(second);
    assert_eq!(all(&third), [12]);
    drop(first);
    assert_eq!((all(&third), more.len(), fewer.len()), (vec![10, 12], 2, 1));
    // Changes still reach it.
    give(&leases, "192.0.2.12");
    assert_eq!(all(&third), [10]);
    let none = third.reserving(&Hosts4::default());
    drop(third);
    assert_eq!(all(&none), [10, 11]);
    drop(none);
    assert!(kept(&leases).is_empty());
}
