//! The store against the simplest thing that could be right: a sorted map.

mod common;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use common::{all, flush, open, put};
use kotare_model::{ClientId, HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};
use kotare_store::conformance::{Executor, PollOnce};
use kotare_store::{By4, FEW, LeaseStore, PageFilter, Put, Tally};
use kotare_store_memfile::{LfcFiles, Rotation, cleanup};
use proptest::prelude::*;

/// No name, one that fits a lease's record, and two that do not.
const NAMES: [&str; 4] = [
    "",
    "a",
    "a-name-that-is-longer-than-a-record",
    "a-name-that-is-much-longer.and-has-more-labels-than-one.example.org.",
];

#[derive(Clone, Debug)]
enum Step {
    Put(Box<Lease4>),
    Remove(u32),
    Expire(Option<u32>, i64, usize),
    RemoveReclaimed(i64, usize),
    Reopen,
    CleanUp,
}

fn any_lease() -> impl Strategy<Value = Lease4> {
    (0..200u32, 0..6u8, prop::option::of(0..6u8), 0..50u32, 0..4i64, (0..3u32, 0..2u32), 0..4u8, 0..4u32)
        .prop_map(|(address, mac, client_id, lifetime, cltt, ids, name, state)| Lease4 {
            address: Ipv4Addr::from_bits(0x0a00_0000 + address * 3),
            hwaddr: HwAddr::new(1, &[2, mac]).unwrap(),
            client_id: client_id.map(|id| ClientId::new(&[1, 2, id]).unwrap()),
            // Now and then an infinite one; never 0, which means removal.
            valid_lifetime: if lifetime == 0 { Lifetime::INFINITE } else { Lifetime(lifetime) },
            cltt: Timestamp(cltt * 10),
            subnet_id: SubnetId(ids.0),
            fqdn_fwd: false,
            fqdn_rev: true,
            hostname: NAMES[usize::from(name)].into(),
            state: LeaseState::from_number(state).unwrap(),
            user_context: None,
            pool_id: ids.1,
        })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => any_lease().prop_map(|lease| Step::Put(Box::new(lease))),
        4 => (0..200u32).prop_map(Step::Remove),
        3 => (prop::option::of(0..4u32), 0..90i64, 0..20usize).prop_map(|(id, now, limit)| Step::Expire(id, now, limit)),
        1 => (0..90i64, 0..20usize).prop_map(|(now, limit)| Step::RemoveReclaimed(now, limit)),
        1 => Just(Step::Reopen),
        1 => Just(Step::CleanUp),
    ]
}

fn reclaimed(lease: &Lease4) -> bool {
    lease.state == LeaseState::ExpiredReclaimed
}

/// Whether `found` is the most recent of `mine` in each subnet of the link, or of more than a few one at least.
fn latest_on(link: &[SubnetId], mine: &[Lease4], found: &[Lease4]) -> bool {
    let of = |leases: &[Lease4], subnet| {
        leases.iter().filter(|lease| lease.subnet_id == subnet).cloned().collect::<Vec<_>>()
    };
    found.iter().all(|lease| link.contains(&lease.subnet_id))
        && link.iter().all(|&subnet| {
            let (found, mine) = (of(found, subnet), of(mine, subnet));
            let latest = mine.iter().max_by_key(|lease| (lease.cltt, lease.address));
            match &found[..] {
                [] => mine.is_empty(),
                [lease] => Some(lease) == latest || mine.len() > FEW && mine.contains(lease),
                _ => false,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// After any changes, expiries, removals, restarts and cleanups, every question has the map's answer.
    #[test]
    fn a_store_is_a_sorted_map_that_survives_restarts(steps in prop::collection::vec(any_step(), 1..300)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases");
        let mut store = open(&path);
        let mut model: BTreeMap<Ipv4Addr, Lease4> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put(lease) => {
                    let old = model.insert(lease.address, Lease4::clone(&lease));
                    prop_assert_eq!(put(&store, old.as_ref(), Some(*lease)), Put::Done);
                }
                Step::Remove(address) => {
                    if let Some(old) = model.remove(&Ipv4Addr::from_bits(0x0a00_0000 + address * 3)) {
                        prop_assert_eq!(put(&store, Some(&old), None), Put::Done);
                    }
                }
                Step::Expire(subnet, now, limit) => {
                    let subnet = subnet.map(SubnetId);
                    let found = PollOnce.run(store.expired(subnet, Timestamp(now), limit)).unwrap();
                    let mut ends: Vec<_> = model
                        .values()
                        .filter(|lease| subnet.is_none_or(|subnet| lease.subnet_id == subnet))
                        .filter(|lease| !reclaimed(lease) && lease.expired(Timestamp(now)))
                        .map(|lease| (lease.expires(), lease.address))
                        .collect();
                    ends.sort();
                    ends.truncate(limit);
                    let found: Vec<_> = found.iter().map(|lease| (lease.expires(), lease.address)).collect();
                    prop_assert_eq!(found, ends);
                }
                Step::RemoveReclaimed(before, limit) => {
                    let removed = PollOnce.run(store.remove_reclaimed(Timestamp(before), limit)).unwrap();
                    let mut ends: Vec<_> = model
                        .values()
                        .filter(|lease| reclaimed(lease) && lease.expired(Timestamp(before)))
                        .map(|lease| (lease.expires(), lease.address))
                        .collect();
                    ends.sort();
                    ends.truncate(limit);
                    prop_assert_eq!(removed, ends.len());
                    for (_, address) in ends {
                        model.remove(&address);
                    }
                }
                Step::Reopen => {
                    flush(&store);
                    drop(store);
                    store = open(&path);
                }
                Step::CleanUp => {
                    prop_assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
                    let files = LfcFiles::of(&path);
                    let (_, finish) = cleanup::<Lease4>(&files).unwrap();
                    finish.rotate().unwrap();
                }
            }
        }
        let leases: Vec<Lease4> = model.values().cloned().collect();
        prop_assert_eq!(&all(&store), &leases);
        let find = |by: By4<'_>| {
            let mut found = PollOnce.run(store.get(by)).unwrap().into_vec();
            found.sort_by_key(|lease| lease.address);
            found
        };
        for i in 0..6 {
            let client_id = [1, 2, i];
            let mine = |lease: &&Lease4| lease.client_id.as_ref().is_some_and(|id| id.as_bytes() == client_id);
            let mine: Vec<_> = leases.iter().filter(mine).cloned().collect();
            prop_assert_eq!(find(By4::ClientId(&client_id)), &mine[..]);
            for link in [&[SubnetId(1)][..], &[SubnetId(0), SubnetId(2)]] {
                prop_assert!(latest_on(link, &mine, &find(By4::ClientIdOn(&client_id, link))));
            }
            let hwaddr = HwAddr::new(1, &[2, i]).unwrap();
            let mine: Vec<_> = leases.iter().filter(|lease| lease.hwaddr == hwaddr).cloned().collect();
            prop_assert_eq!(find(By4::HwAddr(&hwaddr)), &mine[..]);
            let (with, without): (Vec<_>, Vec<_>) = mine.into_iter().partition(|lease| lease.client_id.is_some());
            for link in [&[SubnetId(1)][..], &[SubnetId(0), SubnetId(2)]] {
                let (found_with, found_without): (Vec<_>, Vec<_>) =
                    find(By4::HwAddrOn(&hwaddr, link)).into_iter().partition(|lease| lease.client_id.is_some());
                prop_assert!(latest_on(link, &with, &found_with) && latest_on(link, &without, &found_without));
                prop_assert!(latest_on(link, &without, &find(By4::NamelessOn(&hwaddr, link))));
            }
        }
        for name in &NAMES[1..] {
            let mine = |lease: &&Lease4| lease.hostname == **name;
            prop_assert_eq!(find(By4::Hostname(name)), leases.iter().filter(mine).cloned().collect::<Vec<_>>());
        }
        let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
        for lease in leases.iter().filter(|lease| matches!(lease.state, LeaseState::Assigned | LeaseState::Declined)) {
            let key = (lease.subnet_id, lease.pool_id);
            let tally = tallies.entry(key).or_insert(Tally { subnet: key.0, pool_id: key.1, ..Tally::default() });
            match lease.state {
                LeaseState::Assigned => tally.assigned += 1,
                _ => tally.declined += 1,
            }
        }
        prop_assert_eq!(PollOnce.run(store.tally()).unwrap(), tallies.into_values().collect::<Vec<_>>());
    }
}

/// However leases are spread over the addresses, and however many are asked for at once, pages are all of them in order.
#[test]
fn pages_are_all_leases_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("leases.csv"));
    let mut chance = 1_u32;
    let mut expected = BTreeMap::new();
    for _ in 0..3000 {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // In a few dense places and everywhere.
        let address = Ipv4Addr::from(if chance & 8 == 0 { 0x0a00_0000 | (chance >> 20) } else { chance });
        let lease = Lease4 {
            address,
            hwaddr: HwAddr::new(1, &[1]).unwrap(),
            client_id: None,
            valid_lifetime: Lifetime(60),
            cltt: Timestamp(0),
            subnet_id: SubnetId(1 + (chance >> 30)),
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: Default::default(),
            state: LeaseState::Assigned,
            user_context: None,
            pool_id: 0,
        };
        if expected.insert(address, lease.subnet_id).is_none() {
            put(&store, None, Some(lease));
        }
    }
    for subnet in [None, Some(SubnetId(2))] {
        let wanted: Vec<_> = expected
            .iter()
            .filter(|(_, id)| subnet.is_none_or(|subnet| subnet == **id))
            .map(|(address, _)| *address)
            .collect();
        for limit in [1, 63, 64, 65, 1000, usize::MAX] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page =
                    PollOnce.run(store.page(after, limit, PageFilter { subnet, relayed: None })).unwrap();
                found.extend(page.iter().map(|lease| lease.address));
                if page.len() < limit {
                    break;
                }
                after = page.last().map(|lease| lease.address);
            }
            assert_eq!(found, wanted, "{subnet:?} {limit}");
        }
    }
}
