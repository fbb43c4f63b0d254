//! What is expected of [`LeaseStore::expired`] and [`LeaseStore::remove_reclaimed`].

use kotare_model::{LeaseState, Lifetime, SubnetId, Timestamp};

use super::{Executor, Parts, Specimen, add, done, hosts, page, put};
use crate::LeaseStore;

/// Runs the tests, each on an empty store.
pub(super) fn run<L: Specimen, S: LeaseStore<L>>(fresh: &impl Fn() -> S, executor: &impl Executor) {
    expired_lists_the_longest_expired_first(&fresh(), executor);
    expired_leases_of_a_subnet_are_found(&fresh(), executor);
    expired_follows_changes(&fresh(), executor);
    remove_reclaimed_removes_only_what_was_reclaimed_long_ago(&fresh(), executor);
}

/// The longest expired first, no more than asked, the second of expiry included, infinite leases never.
fn expired_lists_the_longest_expired_first<L: Specimen>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
) {
    let ends = |host: u8, end: i64| L::of(host).with(|it| *it.cltt = Timestamp(end - 3600));
    add(store, executor, &ends(1, 5002));
    add(store, executor, &ends(2, 5001));
    add(store, executor, &ends(3, 5003));
    add(store, executor, &ends(4, 5000).with(|it| *it.state = LeaseState::Declined));
    add(store, executor, &ends(5, 100).with(|it| *it.state = LeaseState::ExpiredReclaimed));
    add(store, executor, &ends(6, 4998).with(|it| *it.state = LeaseState::Released));
    add(store, executor, &ends(7, 100).with(|it| *it.valid_lifetime = Lifetime::INFINITE));
    assert_eq!(expired(store, executor, 4997, 10), [0_u8; 0]);
    assert_eq!(expired(store, executor, 5002, 10), [6, 4, 2, 1]);
    assert_eq!(expired(store, executor, 5002, 2), [6, 4]);
    assert_eq!(expired(store, executor, i64::MAX - 1, 10), [6, 4, 2, 1, 3]);
    assert_eq!(expired(store, executor, 5002, usize::MAX), [6, 4, 2, 1]);
    assert_eq!(expired(store, executor, 5002, 0), [0_u8; 0]);
}

/// The leases of one subnet alone, however long those of others have been waiting, and after they changed subnets.
fn expired_leases_of_a_subnet_are_found<L: Specimen>(store: &impl LeaseStore<L>, executor: &impl Executor) {
    let of = |subnet, host: u8, end: i64| {
        L::of(host).with(|it| {
            *it.subnet_id = SubnetId(subnet);
            *it.cltt = Timestamp(end - 3600);
        })
    };
    for host in 1..=100 {
        add(store, executor, &of(1, host, 4000));
    }
    add(store, executor, &of(2, 201, 5001));
    add(store, executor, &of(2, 202, 5000));
    let in_subnet = |subnet, now, limit| {
        let expired = store.expired(Some(SubnetId(subnet)), Timestamp(now), limit);
        hosts(executor.run(expired).expect("expired works"))
    };
    assert_eq!(in_subnet(2, 4999, 10), [0_u8; 0]);
    assert_eq!(in_subnet(2, 5001, 10), [202, 201]);
    assert_eq!(in_subnet(2, 5001, 1), [202]);
    assert_eq!(in_subnet(3, 5001, 10), [0_u8; 0]);
    assert_eq!(in_subnet(1, 5001, usize::MAX).len(), 100);
    done(put(store, executor, Some(&of(1, 7, 4000)), Some(of(2, 7, 4000))));
    done(put(store, executor, Some(&of(2, 202, 5000)), Some(of(1, 202, 5000))));
    assert_eq!(in_subnet(2, 5001, 10), [7, 201]);
    done(put(store, executor, Some(&of(2, 201, 5001)), None));
    assert_eq!(in_subnet(2, 5001, 10), [7]);
    assert_eq!(expired(store, executor, 5001, usize::MAX).len(), 101);
}

/// A renewed lease expires later, a shortened one earlier, a reclaimed one not at all, a reused one again.
fn expired_follows_changes<L: Specimen>(store: &impl LeaseStore<L>, executor: &impl Executor) {
    let mut leases: Vec<L> = (1..=4).map(L::of).collect();
    for lease in &leases {
        add(store, executor, lease);
    }
    let mut change = |host: usize, edit: &dyn Fn(Parts<'_>)| {
        let old = leases[host - 1].clone();
        edit(leases[host - 1].parts());
        done(put(store, executor, Some(&old), Some(leases[host - 1].clone())));
    };
    change(1, &|lease| *lease.cltt = Timestamp(2000));
    change(2, &|lease| *lease.valid_lifetime = Lifetime(60));
    change(3, &|lease| *lease.state = LeaseState::ExpiredReclaimed);
    assert_eq!(expired(store, executor, 1060, 10), [2]);
    assert_eq!(expired(store, executor, 4600, 10), [2, 4]);
    assert_eq!(expired(store, executor, 5600, 10), [2, 4, 1]);
    change(3, &|lease| *lease.state = LeaseState::Assigned);
    change(2, &|lease| *lease.valid_lifetime = Lifetime::INFINITE);
    change(4, &|lease| *lease.cltt = Timestamp(9000));
    assert_eq!(expired(store, executor, 5600, 10), [3, 1]);
    change(2, &|lease| *lease.valid_lifetime = Lifetime(60));
    assert_eq!(expired(store, executor, 5600, 10), [2, 3, 1]);
    assert_eq!(expired(store, executor, 20_000, 10), [2, 3, 1, 4]);
}

/// Reclaimed leases go, when they expired early enough; others stay.
fn remove_reclaimed_removes_only_what_was_reclaimed_long_ago<L: Specimen>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
) {
    let ends = |host: u8, end: i64, state: LeaseState| {
        L::of(host).with(|it| {
            *it.cltt = Timestamp(end - 3600);
            *it.state = state;
        })
    };
    add(store, executor, &ends(1, 5000, LeaseState::ExpiredReclaimed));
    add(store, executor, &ends(2, 5001, LeaseState::ExpiredReclaimed));
    add(store, executor, &ends(3, 5002, LeaseState::ExpiredReclaimed));
    add(store, executor, &ends(4, 5000, LeaseState::Assigned));
    add(store, executor, &ends(5, 5000, LeaseState::Declined));
    add(store, executor, &ends(6, 5000, LeaseState::Released));
    let remove = |before, limit| {
        executor.run(store.remove_reclaimed(Timestamp(before), limit)).expect("removal works")
    };
    assert_eq!(remove(4999, 10), 0);
    assert_eq!(remove(5001, 1), 1);
    assert_eq!(remove(5001, 10), 1);
    assert_eq!(remove(5001, 10), 0);
    assert_eq!(page(store, executor, None, 10, None), [3, 4, 5, 6]);
    assert_eq!(remove(i64::MAX - 1, usize::MAX), 1);
    assert_eq!(page(store, executor, None, 10, None), [4, 5, 6]);
}

/// The last octets of the leases expired.
pub(super) fn expired<L: Specimen>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
    now: i64,
    limit: usize,
) -> Vec<u8> {
    hosts(executor.run(store.expired(None, Timestamp(now), limit)).expect("expired works"))
}
