//! The store of leases of DHCPv6 against the simplest thing that could be right: a sorted map.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;

use common::{all, flush, open_of, put};
use kotare_model::{
    Duid, HwAddr, HwAddr6, HwAddrSource, Lease6, LeaseState, LeaseType, Lifetime, SubnetId, Timestamp,
};
use kotare_store::conformance::{Executor, PollOnce};
use kotare_store::{By6, Ia, LeaseStore, Put};
use kotare_store_memfile::{LfcFiles, Memfile, Rotation, cleanup};
use proptest::prelude::*;

const NAMES: [&str; 3] = ["", "a", "a-name-that-is-much-longer.and-has-more-labels-than-one.example.org."];

#[derive(Clone, Debug)]
enum Step {
    Put(Box<Lease6>),
    Remove(u8),
    Expire(Option<u32>, i64, usize),
    RemoveReclaimed(i64, usize),
    Reopen,
    CleanUp,
}

/// One of a hundred addresses, or one of a hundred prefixes.
fn place(number: u8) -> (LeaseType, Ipv6Addr, u8) {
    let at = u128::from(number / 2);
    match number % 2 {
        0 => (LeaseType::Na, Ipv6Addr::from((0x2001_0db8_0001_u128 << 80) + at), 128),
        _ => (LeaseType::Pd, Ipv6Addr::from((0x2001_0db8_8000_u128 << 80) + (at << 72)), 56),
    }
}

fn any_lease() -> impl Strategy<Value = Lease6> {
    let times = (0..50u32, 0..4i64);
    (0..200u8, (0..6u8, 0..3u32), prop::option::of(0..6u8), times, (0..3u32, 0..2u32), 0..3usize, 0..5u32)
        .prop_map(|(number, (duid, iaid), mac, (lifetime, cltt), (subnet, pool), name, state)| {
            let (lease_type, address, prefix_len) = place(number);
            let hwaddr =
                |mac| HwAddr6 { address: HwAddr::new(1, &[2, mac]).unwrap(), source: HwAddrSource::Duid };
            Lease6 {
                address,
                prefix_len,
                lease_type,
                iaid,
                duid: Duid::new(&[0, 3, 0, 1, duid]).unwrap(),
                preferred_lifetime: Lifetime(lifetime / 2),
                // Now and then an infinite one; never 0, which means removal.
                valid_lifetime: if lifetime == 0 { Lifetime::INFINITE } else { Lifetime(lifetime) },
                cltt: Timestamp(cltt * 10),
                subnet_id: SubnetId(subnet),
                fqdn_fwd: false,
                fqdn_rev: true,
                hostname: NAMES[name].into(),
                hwaddr: mac.map(hwaddr),
                state: LeaseState::from_number(state).unwrap(),
                user_context: None,
                pool_id: pool,
            }
        })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => any_lease().prop_map(|lease| Step::Put(Box::new(lease))),
        4 => (0..200u8).prop_map(Step::Remove),
        3 => (prop::option::of(0..4u32), 0..90i64, 0..20usize).prop_map(|(id, now, limit)| Step::Expire(id, now, limit)),
        1 => (0..90i64, 0..20usize).prop_map(|(now, limit)| Step::RemoveReclaimed(now, limit)),
        1 => Just(Step::Reopen),
        1 => Just(Step::CleanUp),
    ]
}

/// When the leases that are wanted end, the first first, with their addresses.
fn ends(
    model: &BTreeMap<Ipv6Addr, Lease6>,
    wanted: impl Fn(&Lease6) -> bool,
) -> BTreeSet<(Timestamp, Ipv6Addr)> {
    model.values().filter(|lease| wanted(lease)).map(|lease| (lease.expires(), lease.address)).collect()
}

/// Whether `found` are the first `limit` of `all`. Which of those that end at the same time does not matter.
fn are_first(
    found: &BTreeSet<(Timestamp, Ipv6Addr)>,
    limit: usize,
    all: &BTreeSet<(Timestamp, Ipv6Addr)>,
) -> bool {
    found.is_subset(all) && found.iter().map(|it| it.0).eq(all.iter().map(|it| it.0).take(limit))
}

fn reclaimed(lease: &Lease6) -> bool {
    lease.state == LeaseState::ExpiredReclaimed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// After any changes, expiries, removals, restarts and cleanups, every question has the map's answer.
    #[test]
    fn a_store_is_a_sorted_map_that_survives_restarts(steps in prop::collection::vec(any_step(), 1..300)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases");
        let mut store: Memfile<Lease6> = open_of(&path);
        let mut model: BTreeMap<Ipv6Addr, Lease6> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put(lease) => {
                    let old = model.insert(lease.address, Lease6::clone(&lease));
                    prop_assert_eq!(put(&store, old.as_ref(), Some(*lease)), Put::Done);
                }
                Step::Remove(number) => {
                    if let Some(old) = model.remove(&place(number).1) {
                        prop_assert_eq!(put(&store, Some(&old), None), Put::Done);
                    }
                }
                Step::Expire(subnet, now, limit) => {
                    let (subnet, now) = (subnet.map(SubnetId), Timestamp(now));
                    let found = PollOnce.run(store.expired(subnet, now, limit)).unwrap();
                    let found: Vec<_> = found.iter().map(|lease| (lease.expires(), lease.address)).collect();
                    prop_assert!(found.is_sorted_by_key(|it| it.0));
                    let in_subnet = |lease: &Lease6| subnet.is_none_or(|subnet| lease.subnet_id == subnet);
                    let due = ends(&model, |lease| in_subnet(lease) && !reclaimed(lease) && lease.expired(now));
                    prop_assert_eq!(found.len(), due.len().min(limit));
                    prop_assert!(are_first(&found.iter().copied().collect(), limit, &due), "{:?} of {:?}", found, due);
                }
                Step::RemoveReclaimed(before, limit) => {
                    let before = Timestamp(before);
                    let removed = PollOnce.run(store.remove_reclaimed(before, limit)).unwrap();
                    let due = ends(&model, |lease| reclaimed(lease) && lease.expired(before));
                    let left: BTreeSet<_> = all(&store).iter().map(|lease| lease.address).collect();
                    let gone: BTreeSet<_> = due.iter().copied().filter(|it| !left.contains(&it.1)).collect();
                    prop_assert_eq!(removed, gone.len());
                    prop_assert!(are_first(&gone, limit, &due), "{:?} of {:?}", gone, due);
                    for (_, address) in gone {
                        model.remove(&address);
                    }
                }
                Step::Reopen => {
                    flush(&store);
                    drop(store);
                    store = open_of(&path);
                }
                Step::CleanUp => {
                    prop_assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
                    let files = LfcFiles::of(&path);
                    let (_, finish) = cleanup::<Lease6>(&files).unwrap();
                    finish.rotate().unwrap();
                }
            }
        }
        let leases: Vec<Lease6> = model.values().cloned().collect();
        prop_assert_eq!(&all(&store), &leases);
        let find = |by: By6<'_>| {
            let mut found = PollOnce.run(store.get(by)).unwrap().into_vec();
            found.sort_by_key(|lease| lease.address);
            found
        };
        let of = |wanted: &dyn Fn(&Lease6) -> bool| leases.iter().filter(|lease| wanted(lease)).cloned().collect::<Vec<_>>();
        for number in 0..6 {
            let duid = [0, 3, 0, 1, number];
            let is_mine = |lease: &Lease6| lease.duid.as_bytes() == duid;
            prop_assert_eq!(find(By6::Duid(&duid)), of(&is_mine));
            for (lease_type, iaid) in [LeaseType::Na, LeaseType::Pd].into_iter().flat_map(|it| (0..3).map(move |iaid| (it, iaid))) {
                let ia = Ia { lease_type, duid: &duid, iaid };
                let is_its = |lease: &Lease6| is_mine(lease) && lease.lease_type == lease_type && lease.iaid == iaid;
                prop_assert_eq!(find(By6::Ia(ia)), of(&is_its));
                for link in [&[SubnetId(1)][..], &[SubnetId(0), SubnetId(2)]] {
                    prop_assert_eq!(
                        find(By6::IaOn(ia, link)),
                        of(&|lease: &Lease6| is_its(lease) && link.contains(&lease.subnet_id))
                    );
                }
            }
            let hwaddr = HwAddr::new(1, &[2, number]).unwrap();
            prop_assert_eq!(
                find(By6::HwAddr(&hwaddr)),
                of(&|lease: &Lease6| lease.hwaddr.is_some_and(|it| it.address == hwaddr))
            );
        }
        for name in &NAMES[1..] {
            prop_assert_eq!(find(By6::Hostname(name)), of(&|lease: &Lease6| lease.hostname == **name));
        }
        for lease in &leases {
            prop_assert_eq!(find(By6::Address(lease.address)), std::slice::from_ref(lease));
        }
    }
}
