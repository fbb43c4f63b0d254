//! Leases of DHCPv6 come and go: no two of them overlap, what is free is what nobody has, and all of it is counted.

use std::collections::BTreeMap;
use std::net::{Ipv6Addr, SocketAddrV6};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::v6::{Config6, FILE, Prefix6, SubnetAt};
use kotare_config::{Input, read};
use kotare_model::{Arrival6, Chance, Duid, Lease6, LeaseState, LeaseType, Lifetime, SubnetId, Timestamp};
use kotare_stats::{PoolLayout, Stat6, Statistics6, SubnetLayout, SubnetStats};
use kotare_store::{Change, LeaseStore, Put};
use kotare_testkit::{MemoryStore6, run};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::alloc::{Map, Place6};
use crate::expire::{self, Reclaimed};
use crate::hooks::{Cause, LeaseChange, LeaseEvent6, Observer6};
use crate::v6::{Client, Query6, QueryKind};
use crate::{Leases6, Plan6};

const START: Timestamp = Timestamp(1_000_000);

/// Two subnets whose pools of prefixes are the same bits, cut in pieces of different lengths; a small pool of addresses and
/// one that is a /64; a reserved address, a reserved prefix shorter than a pool's pieces and one that is longer.
pub(super) fn config(order: &str) -> Config6 {
    let whole = json!({"Dhcp6": {
        "valid-lifetime": 4000,
        "subnet6": [
            {
                "id": 1, "subnet": "2001:db8:1::/64",
                "allocator": if order == "flq" { "random" } else { order }, "pd-allocator": order,
                "pools": [{"pool": "2001:db8:1::10 - 2001:db8:1::2f"}],
                "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 56, "delegated-len": 60}],
                "reservations": [
                    {"duid": "01:02", "ip-addresses": ["2001:db8:1::12"], "prefixes": ["2001:db8:8000:f0::/61"]}
                ],
            },
            {
                "id": 2, "subnet": "2001:db8:2::/64",
                "allocator": if order == "flq" { "random" } else { order }, "pd-allocator": order,
                "pools": [{"pool": "2001:db8:2::/64"}],
                "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 56, "delegated-len": 62}],
                "reservations": [{"duid": "01:03", "prefixes": ["2001:db8:8000:20::/59"]}],
            },
        ],
    }});
    read(Input::Command("test", &whole), &FILE).unwrap_or_else(|refused| panic!("{refused}")).config
}

/// Leases of that configuration, and what they are counted by.
pub(super) struct Scene {
    pub(super) leases: Leases6<MemoryStore6>,
    pub(super) config: Config6,
    pub(super) plan: Plan6,
    pub(super) stats: Vec<SubnetStats<Stat6>>,
    pub(super) now: Timestamp,
}

impl Scene {
    pub(super) fn new(order: &str) -> Self {
        let config = config(order);
        let statistics = Statistics6::new(TimeZone::UTC, Duration::ZERO);
        let pools = || vec![PoolLayout::of_addresses(0, 1u8), PoolLayout::of_prefixes(0, 1u8)];
        let layout = [1, 2].map(|id| SubnetLayout { id: SubnetId(id), pools: pools() });
        let prepared = statistics.prepare(&layout);
        let stats: Vec<_> = [1, 2].map(|id| prepared.subnet(SubnetId(id)).unwrap().clone()).into();
        let leases = Leases6::new(MemoryStore6::new(), statistics.worker());
        let plan = run(leases.plan(&config, &stats)).unwrap();
        Self { leases, config, plan, stats, now: START }
    }

    pub(super) fn put(
        &self,
        place: Place6,
        from: Option<&Lease6>,
        to: Option<&Lease6>,
        cause: Cause<'_, Query6>,
    ) -> bool {
        let change = Change { address: place.address(), from, to };
        run(self.leases.put(change, cause, self.now)).unwrap() == Put::Done
    }

    /// What the allocator of a subnet proposes.
    pub(super) fn propose(&self, subnet: usize, delegated: bool, seed: u64) -> Option<Place6> {
        let allocators = self.plan.allocator(SubnetAt::new(subnet));
        if delegated { &allocators.prefixes } else { &allocators.addresses }.propose(seed, |_| true)
    }

    pub(super) fn lease(&self, place: Place6, subnet: usize, state: LeaseState) -> Lease6 {
        Lease6 {
            address: place.address(),
            prefix_len: place.prefix().unwrap().prefix_len(),
            lease_type: if place.is_prefix() { LeaseType::Pd } else { LeaseType::Na },
            iaid: 1,
            duid: Duid::new(&[0, 4, 9, 9]).unwrap(),
            preferred_lifetime: Lifetime(2000),
            valid_lifetime: Lifetime(4000),
            cltt: self.now,
            subnet_id: SubnetId(subnet as u32 + 1),
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: "".into(),
            hwaddr: None,
            state,
            user_context: None,
            pool_id: 0,
        }
    }

    fn all(&self) -> Vec<Lease6> {
        self.leases.store().all()
    }

    /// That the maps are those that a new configuration would get, that leases are counted, and that none overlap.
    pub(super) fn check(&self) -> Result<(), TestCaseError> {
        let taken: Vec<_> = self.all().into_iter().filter(is_taken).collect();
        let fresh = Leases6::new(
            self.leases.store().clone(),
            Statistics6::new(TimeZone::UTC, Duration::ZERO).worker(),
        );
        let plan = run(fresh.plan(&self.config, &[])).unwrap();
        for at in [0, 1].map(SubnetAt::new) {
            for (map, other) in self.plan.allocator(at).maps().zip(plan.allocator(at).maps()) {
                prop_assert_eq!(map.key(), other.key());
                prop_assert!((0..70).all(|offset| map.next_free(offset) == other.next_free(offset)));
                prop_assert_eq!(
                    map.occupied(Place6::Address(Ipv6Addr::UNSPECIFIED)),
                    other.occupied(Place6::Address(Ipv6Addr::UNSPECIFIED))
                );
            }
        }
        let prefixes: Vec<_> =
            taken.iter().filter_map(|it| it.place().prefix().filter(|_| it.place().is_prefix())).collect();
        for (at, one) in prefixes.iter().enumerate() {
            prop_assert!(prefixes[at + 1..].iter().all(|other| !one.covers(*other) && !other.covers(*one)));
        }
        for (at, stats) in self.stats.iter().enumerate() {
            let count = |is: &dyn Fn(&Lease6) -> bool| {
                taken.iter().filter(|it| it.subnet_id == stats.id() && is(it)).count() as i64
            };
            let registered = |it: &Lease6| it.state == LeaseState::Registered;
            let counted = [
                (Stat6::AssignedPds, count(&|it| it.lease_type == LeaseType::Pd)),
                (Stat6::AssignedNas, count(&|it| it.lease_type == LeaseType::Na && !registered(it))),
                (Stat6::RegisteredNas, count(&registered)),
                (Stat6::DeclinedAddresses, count(&|it| it.state == LeaseState::Declined)),
            ];
            for (stat, count) in counted {
                prop_assert_eq!(stats.value(stat), count, "{:?} of subnet {}", stat, at + 1);
            }
        }
        Ok(())
    }
}

fn is_taken(lease: &Lease6) -> bool {
    matches!(lease.state, LeaseState::Assigned | LeaseState::Declined | LeaseState::Registered)
}

/// A message of a client.
pub(super) fn query(kind: QueryKind) -> Query6 {
    let local = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
    let source = SocketAddrV6::new(local, 546, 0, 1);
    Query6 {
        kind,
        client: Client { duid: Duid::new(&[0, 4, 9, 9]).ok(), hwaddr: None },
        transaction: 1,
        arrival: Arrival6 { ifindex: 1, local, destination: local, source },
        interface: "eth0".into(),
        relays: 0,
        client_address: local,
        link: None,
        rapid_commit: false,
        classes: std::iter::empty().collect(),
        sent_duid: None,
        sent_iaids: Default::default(),
        trace: Default::default(),
    }
}

fn expiry() -> kotare_config::process::ExpiredLeases {
    let mut settings = config("iterative").process.expired_leases;
    settings.hold = Duration::from_secs(3600);
    settings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Leases are given as proposed, declined, given back, renewed, reclaimed and removed: after each step no two overlap,
    /// what the maps say is what the store has, and so are the statistics. What is proposed can always be given.
    #[test]
    fn maps_and_statistics_are_the_stores(
        order in prop::sample::select(vec!["iterative", "random", "flq"]),
        steps in prop::collection::vec((0..8_u8, any::<u64>()), 1..80),
    ) {
        let (mut scene, request) = (Scene::new(order), query(QueryKind::Request));
        for (step, seed) in steps {
            let (subnet, delegated) = ((seed % 2) as usize, seed / 2 % 3 > 0);
            let leases = scene.all();
            let some = (!leases.is_empty()).then(|| leases[(seed / 7) as usize % leases.len()].clone());
            match (step, some) {
                (0..=3, _) => {
                    let Some(place) = scene.propose(subnet, delegated, seed) else { continue };
                    prop_assert!(place != Place6::Address("2001:db8:1::12".parse().unwrap()));
                    let from = leases.iter().find(|lease| lease.address == place.address());
                    prop_assert!(!from.is_some_and(is_taken), "{} is taken", place);
                    let lease = scene.lease(place, subnet, LeaseState::Assigned);
                    prop_assert!(scene.put(place, from, Some(&lease), Cause::Query(&request)), "{}", place);
                }
                (4, Some(lease)) if lease.state == LeaseState::Assigned => {
                    let state = match (seed % 3, lease.lease_type) {
                        (0, LeaseType::Na) => LeaseState::Declined,
                        (1, LeaseType::Na) => LeaseState::Registered,
                        _ => LeaseState::Released,
                    };
                    let to = Lease6 { state, ..lease.clone() };
                    prop_assert!(scene.put(lease.place(), Some(&lease), Some(&to), Cause::Query(&request)));
                }
                (5, Some(lease)) => {
                    prop_assert!(scene.put(lease.place(), Some(&lease), None, Cause::Command));
                }
                (6, Some(lease)) if lease.state == LeaseState::Assigned => {
                    let to = Lease6 { cltt: scene.now, ..lease.clone() };
                    prop_assert!(scene.put(lease.place(), Some(&lease), Some(&to), Cause::Query(&request)));
                }
                (7, _) => {
                    scene.now = Timestamp(scene.now.0 + 1500);
                    let settings = expiry();
                    run(expire::reclaim(&scene.leases, &settings, &[], scene.now, || Duration::ZERO)).unwrap();
                }
                _ => {}
            }
            scene.check()?;
        }
    }

    /// Whatever was given before: as long as a piece of the bits is left it is proposed, in either subnet, then none is.
    #[test]
    fn the_last_free_prefix_is_found(
        order in prop::sample::select(vec!["iterative", "random", "flq"]),
        seeds in prop::collection::vec(any::<u64>(), 80),
    ) {
        let (scene, request) = (Scene::new(order), query(QueryKind::Request));
        let mut left = BTreeMap::new();
        for piece in 0..64_u128 {
            let bits = u128::from("2001:db8:8000::".parse::<Ipv6Addr>().unwrap()) | piece << 66;
            left.insert(bits, Prefix6::new(bits.into(), 62).unwrap());
        }
        // Reserved for others in the second subnet, whose pieces these are.
        let reserved: Prefix6 = "2001:db8:8000:20::/59".parse().unwrap();
        left.retain(|_, piece| !reserved.covers(*piece));
        for seed in seeds {
            let subnet = (seed % 2) as usize;
            let place = scene.propose(subnet, true, seed);
            let Some(place) = place else {
                if subnet == 1 {
                    prop_assert!(left.is_empty(), "{:?} are left", left);
                }
                continue;
            };
            let given = place.prefix().unwrap();
            let lease = scene.lease(place, subnet, LeaseState::Assigned);
            prop_assert!(scene.put(place, None, Some(&lease), Cause::Query(&request)));
            left.retain(|_, piece| !given.covers(*piece));
        }
        scene.check()?;
    }
}

/// Who asks for a prefix that overlaps another's is refused, whichever is longer; an operator is not. Once it is free the
/// prefix can be had.
#[test]
fn overlapping_prefixes_are_refused() {
    let (scene, request) = (Scene::new("iterative"), query(QueryKind::Request));
    let place = |text: &str| Place6::Prefix(text.parse().unwrap());
    let (long, short) = (place("2001:db8:8000:44::/62"), place("2001:db8:8000:40::/60"));
    for (first, second) in [(long, short), (short, long)] {
        let (one, other) =
            (scene.lease(first, 1, LeaseState::Assigned), scene.lease(second, 0, LeaseState::Assigned));
        assert!(scene.put(first, None, Some(&one), Cause::Query(&request)));
        assert!(!scene.put(second, None, Some(&other), Cause::Query(&request)));
        assert_eq!(scene.all(), std::slice::from_ref(&one));
        scene.check().unwrap();
        assert!(scene.put(first, Some(&one), None, Cause::Query(&request)));
        assert!(scene.put(second, None, Some(&other), Cause::Query(&request)));
        assert!(scene.put(first, None, Some(&one), Cause::Command));
        assert!(scene.put(first, Some(&one), None, Cause::Command));
        assert!(scene.put(second, Some(&other), None, Cause::Command));
        scene.check().unwrap();
    }
}

/// Many at once want pieces of the same bits, of two lengths, whatever was proposed: while one has a piece, nobody has
/// another that overlaps it.
#[test]
fn a_race_gives_nothing_twice() {
    let scene = Scene::new("random");
    let first = u128::from("2001:db8:8000::".parse::<Ipv6Addr>().unwrap());
    std::thread::scope(|scope| {
        for worker in 0..4_u64 {
            let (scene, mut chance) = (&scene, Chance::new(worker));
            scope.spawn(move || {
                let request = query(QueryKind::Request);
                for _ in 0..3000 {
                    let (subnet, len) = if worker % 2 == 0 { (0, 60) } else { (1, 62) };
                    let bits = first | u128::from(chance.number() % 16) << 66;
                    let wanted = Prefix6::new(bits.into(), len).unwrap();
                    let lease = scene.lease(Place6::Prefix(wanted), subnet, LeaseState::Assigned);
                    if scene.put(lease.place(), None, Some(&lease), Cause::Query(&request)) {
                        let meets = |it: &Prefix6| it.covers(wanted) || wanted.covers(*it);
                        let there = scene.all().into_iter().filter_map(|it| it.place().prefix());
                        assert_eq!(there.filter(meets).collect::<Vec<_>>(), [wanted]);
                        assert!(scene.put(lease.place(), Some(&lease), None, Cause::Query(&request)));
                    }
                }
            });
        }
    });
    scene.check().unwrap();
    assert!(scene.all().is_empty());
}

/// What reclamation makes of a lease: it is kept for its client, but not one in probation or one that was registered.
#[test]
fn reclaimed_leases() {
    let mut scene = Scene::new("iterative");
    let states = [
        LeaseState::Assigned,
        LeaseState::Declined,
        LeaseState::Registered,
        LeaseState::Released,
        LeaseState::Assigned,
    ];
    for (number, state) in states.into_iter().enumerate() {
        let place = scene.propose(0, number == 4, 0).unwrap();
        let lease = Lease6 { fqdn_fwd: true, hostname: "h".into(), ..scene.lease(place, 0, state) };
        assert!(scene.put(place, None, Some(&lease), Cause::Command));
    }
    scene.check().unwrap();
    scene.now = Timestamp(START.0 + 4000);
    let reclaim = |scene: &Scene| {
        run(expire::reclaim(&scene.leases, &expiry(), &[], scene.now, || Duration::ZERO)).unwrap()
    };
    assert_eq!(reclaim(&scene), Reclaimed { leases: 5, incomplete: false, timed_out: false });
    let kept = scene.all();
    assert_eq!(kept.len(), 3);
    assert!(
        kept.iter()
            .all(|it| it.state == LeaseState::ExpiredReclaimed && !it.fqdn_fwd && it.hostname.is_empty())
    );
    scene.check().unwrap();
    let counted =
        [Stat6::ReclaimedLeases, Stat6::ReclaimedDeclinedAddresses].map(|it| scene.stats[0].value(it));
    assert_eq!(counted, [5, 1]);
    let pools = [kotare_stats::PoolKind::Addresses, kotare_stats::PoolKind::Prefixes];
    let of_pools = pools.map(|kind| scene.stats[0].pool_of(kind, 0).unwrap().value(Stat6::ReclaimedLeases));
    assert_eq!(of_pools, [4, 1]);
    let remove = |scene: &Scene| run(expire::remove_reclaimed(&scene.leases, &expiry(), scene.now)).unwrap();
    scene.now = Timestamp(scene.now.0 + 3599);
    assert_eq!(remove(&scene), 0);
    scene.now = Timestamp(scene.now.0 + 1);
    assert_eq!(remove(&scene), 3);
}

/// An address that a client registered is counted as that, and as assigned when it is given then.
#[test]
fn registered_and_assigned_are_counted_apart() {
    let (scene, request) = (Scene::new("iterative"), query(QueryKind::AddrRegInform));
    let place = Place6::Address("2001:db8:1::99".parse().unwrap());
    let registered = scene.lease(place, 0, LeaseState::Registered);
    let assigned = scene.lease(place, 0, LeaseState::Assigned);
    // Subnets do not count how many were ever registered.
    let ever_assigned = || scene.stats[0].value(Stat6::CumulativeAssignedNas);
    assert!(scene.put(place, None, Some(&registered), Cause::Query(&request)));
    assert_eq!(ever_assigned(), 0);
    scene.check().unwrap();
    assert!(scene.put(place, Some(&registered), Some(&assigned), Cause::Query(&request)));
    assert_eq!(ever_assigned(), 1);
    scene.check().unwrap();
}

/// A rehearsal proposes what comes next, and changes neither leases nor maps nor statistics.
#[test]
fn a_rehearsal_changes_nothing() {
    for order in ["iterative", "random", "flq"] {
        let (scene, request) = (Scene::new(order), query(QueryKind::Request));
        for turn in 0..20_u64 {
            let rehearsal = scene.plan.rehearsal();
            let told = rehearsal.allocator(SubnetAt::new(1)).prefixes.propose(turn, |_| true);
            let view = scene.leases.rehearsal();
            let lease = scene.lease(told.unwrap(), 1, LeaseState::Assigned);
            let change = Change { address: lease.address, from: None, to: Some(&lease) };
            assert_eq!(run(view.put(change, Cause::Query(&request), START)).unwrap(), Put::Done);
            assert_eq!(view.into_store().into_changes().len(), 1);
            scene.check().unwrap();
            assert_eq!(scene.propose(1, true, turn), told, "{order}, turn {turn}");
            assert!(scene.put(told.unwrap(), None, Some(&lease), Cause::Query(&request)));
        }
    }
}

/// What would be changed takes no place among so many of the expired leases: who gets fewer than it asked for knows all.
#[test]
fn a_rehearsal_finds_expired_leases_beside_changed_ones() {
    let (mut scene, request) = (Scene::new("iterative"), query(QueryKind::Request));
    let places: Vec<_> = (0..2).map(|_| scene.propose(0, false, 0).unwrap()).collect();
    let expired: Vec<_> = places.iter().map(|place| scene.lease(*place, 0, LeaseState::Assigned)).collect();
    for (place, lease) in places.iter().zip(&expired) {
        assert!(scene.put(*place, None, Some(lease), Cause::Query(&request)));
    }
    scene.now = Timestamp(START.0 + 5000);
    let view = scene.leases.rehearsal();
    let first = |limit| run(view.store().expired(Some(SubnetId(1)), scene.now, limit)).unwrap();
    let before = first(1);
    assert_eq!(before.len(), 1);
    let renewed = Lease6 { cltt: scene.now, ..before[0].clone() };
    let change = Change { address: renewed.address, from: before.first(), to: Some(&renewed) };
    assert_eq!(run(view.put(change, Cause::Query(&request), scene.now)).unwrap(), Put::Done);
    let other: Vec<_> = expired.iter().filter(|lease| lease.address != renewed.address).cloned().collect();
    assert_eq!(first(1), other);
    assert_eq!(first(64), other);
}

/// Observers hear what became of leases.
#[test]
fn observers_are_told() {
    #[derive(Default)]
    struct Heard(parking_lot::Mutex<Vec<LeaseChange>>);
    impl Observer6 for Heard {
        fn lease6(&self, event: &LeaseEvent6<'_>) {
            self.0.lock().push(event.change);
        }
    }
    let mut scene = Scene::new("iterative");
    let heard = std::sync::Arc::new(Heard::default());
    scene.plan = scene.plan.observed(&[heard.clone() as std::sync::Arc<dyn Observer6>]);
    let place = scene.propose(0, false, 0).unwrap();
    let assigned = scene.lease(place, 0, LeaseState::Assigned);
    let renewed = Lease6 { cltt: Timestamp(START.0 + 1), ..assigned.clone() };
    let registered = Lease6 { state: LeaseState::Registered, ..renewed.clone() };
    let (request, release) = (query(QueryKind::Request), query(QueryKind::Release));
    assert!(scene.put(place, None, Some(&assigned), Cause::Query(&request)));
    assert!(scene.put(place, Some(&assigned), Some(&renewed), Cause::Query(&request)));
    assert!(scene.put(place, Some(&renewed), None, Cause::Query(&release)));
    assert!(scene.put(place, None, Some(&registered), Cause::Query(&request)));
    scene.now = Timestamp(START.0 + 5000);
    run(expire::reclaim(&scene.leases, &expiry(), &[], scene.now, || Duration::ZERO)).unwrap();
    let expected = [
        LeaseChange::Assigned,
        LeaseChange::Renewed,
        LeaseChange::Released,
        LeaseChange::Registered,
        LeaseChange::Expired,
    ];
    assert_eq!(*heard.0.lock(), expected);
}
