//! Plans come and go: what the leases keep right is always what the plans there are need.

use std::collections::BTreeSet;
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
    leases.plans.registry().maps().map(last).collect()
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

/// Where few of many subnets are exchanged, plans share what depends on the others, in whatever order they go: each change
/// reaches those that have its place, once, and is counted in the newest statistics.
#[test]
fn plans_of_exchanged_subnets_share_the_rest() {
    let leases = leases();
    let statistics = Statistics4::new(TimeZone::UTC, std::time::Duration::ZERO);
    let of = |id: u32, last: u8| {
        let pool = [format!("10.0.{id}.1"), format!("10.0.{id}.{last}")];
        Subnet::new(id, &format!("10.0.{id}.0/24")).pool(&pool[0], &pool[1])
    };
    // Subnets 1 to 200, of which some have other pools and some are not there.
    let config = |others: &[(u32, u8)]| {
        let last = |id| others.iter().find(|(other, _)| *other == id).map_or(10, |(_, last)| *last);
        let there = (1..=200).map(|id| (id, last(id))).filter(|(_, last)| *last > 0);
        there.fold(Config::new(), |config, (id, last)| config.subnet(of(id, last))).build()
    };
    let stats = |config: &Config4, of: &[u32]| -> Vec<_> {
        let there = config.subnets.iter().filter(|subnet| of.is_empty() || of.contains(&subnet.id.0));
        let layout: Vec<_> = there.map(|subnet| crate::v4::subnet_layout(subnet)).collect();
        statistics.prepare(&layout).subnets().cloned().collect()
    };
    let give = |id: u32, last: u8| {
        let at = Ipv4Addr::new(10, 0, id as u8, last);
        let to = Lease4 { address: at, subnet_id: SubnetId(id), ..lease("192.0.2.1") };
        let change = Change { address: at, from: None, to: Some(&to) };
        assert!(matches!(run(leases.put(change, Cause::Command, NOW)), Ok(Put::Done)));
    };
    // The first and the last that is free, of some without a gap.
    let free = |plan: &Plan, config: &Config4, id: u32| {
        let at = config.subnets.iter().position(|subnet| subnet.id.0 == id).expect("it is there");
        let allocator = plan.allocator(SubnetAt::new(at));
        let free: BTreeSet<_> = (0..40).filter_map(|_| allocator.propose(0, |_| true)).collect();
        let ends = (free.first().unwrap().octets()[3], free.last().unwrap().octets()[3]);
        assert_eq!(free.len(), usize::from(ends.1 - ends.0) + 1, "{free:?}");
        ends
    };
    let first_config = config(&[]);
    let first_stats = stats(&first_config, &[]);
    let first = run(leases.plan(&first_config, &first_stats)).unwrap();
    give(7, 1);
    leases.store().calls();
    // One grows, one goes, one comes back; then so many that all are put together anew.
    let (mut former, mut plans) = (first.clone(), vec![]);
    let mut others: Vec<(u32, u8)> = Vec::new();
    for round in 0u32..160 {
        let (id, last) = match round {
            0 => (7, 20),
            1 => (8, 0),
            2 => (8, 10),
            _ => (20 + round, 12),
        };
        others.retain(|(other, _)| *other != id);
        others.push((id, last));
        let next_config = config(&others);
        let exchanged = HashSet::from([SubnetId(id)]);
        let plan = run(leases.plan_exchange(&former, &next_config, &stats(&next_config, &[id]), &exchanged));
        former = plan.unwrap();
        assert_eq!(former.stats(SubnetId(8)).is_some(), round != 1);
        if round < 3 || round == 159 {
            plans.push((former.clone(), next_config));
        }
    }
    assert!(leases.store().calls().scans <= 2 * 160, "what stays is not read again");
    give(7, 2);
    give(20, 1);
    give(150, 1);
    for (at, (plan, config)) in plans.iter().enumerate() {
        assert_eq!(free(plan, config, 7), (3, 20));
        assert_eq!(free(plan, config, 20), (2, 10));
        assert_eq!(free(plan, config, 150), (2, if at == 3 { 12 } else { 10 }));
    }
    assert_eq!(free(&first, &first_config, 7), (3, 10));
    for id in [7, 20, 150] {
        let stats = former.stats(SubnetId(id)).unwrap();
        assert_eq!(stats.value(Stat4::AssignedAddresses), 1, "of {id}");
    }
    drop((first, plans, others));
    give(8, 1);
    give(7, 3);
    let last_config = config(&[(7, 20)]);
    assert_eq!(free(&former, &last_config, 7), (4, 20));
    assert_eq!(free(&former, &last_config, 8), (2, 10));
    drop(former);
    assert!(kept(&leases).is_empty());
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
