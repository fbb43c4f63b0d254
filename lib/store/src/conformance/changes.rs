//! What is expected of changes, pages and counts.

use std::slice::from_ref;

use kotare_model::{LeaseState, LeaseType, SubnetId, Tally, Timestamp};

use super::expiry::expired;
use super::{Executor, Specimen, add, conflict, done, found, page, put, tally};
use crate::{LeaseStore, Put};

/// Runs the tests, each on an empty store.
pub(super) fn run<L: Specimen, S: LeaseStore<L>>(fresh: &impl Fn() -> S, executor: &impl Executor) {
    a_put_that_expects_something_else_changes_nothing(&fresh(), executor);
    a_removed_lease_is_gone(&fresh(), executor);
    pages_list_everything_once_by_address(&fresh(), executor);
    tallies_follow_changes(&fresh(), executor);
    a_flush_with_nothing_to_write_succeeds(&fresh(), executor);
}

/// Compare and set: whoever expects something else learns what is there, and it stays there.
fn a_put_that_expects_something_else_changes_nothing<L: Specimen>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
) {
    let first = L::of(7);
    let second = L::of(7).with(|it| *it.cltt = Timestamp(2000));
    // Unchanged was expected, and there was nothing.
    assert_eq!(put(store, executor, Some(&first), Some(second.clone())), Put::Conflict(None));
    assert_eq!(found(store, executor, L::by_address(first.address())), []);
    done(put(store, executor, None, Some(first.clone())));
    // Absent was expected, and something was there.
    assert_eq!(put(store, executor, None, Some(second.clone())), conflict(&first));
    assert_eq!(put(store, executor, Some(&second), None), conflict(&first));
    assert_eq!(found(store, executor, L::by_address(first.address())), from_ref(&first));
    done(put(store, executor, Some(&first), Some(second.clone())));
    assert_eq!(put(store, executor, Some(&first), None), conflict(&second));
    assert_eq!(found(store, executor, L::by_address(first.address())), [second]);
}

/// Removal: by no key, in no list, and the address is free for another.
fn a_removed_lease_is_gone<L: Specimen>(store: &impl LeaseStore<L>, executor: &impl Executor) {
    let lease = L::of(7);
    add(store, executor, &lease);
    for by in lease.questions() {
        assert_eq!(found(store, executor, by), from_ref(&lease));
    }
    done(put(store, executor, Some(&lease), None));
    assert_eq!(put(store, executor, Some(&lease), None), Put::Conflict(None));
    for by in lease.questions() {
        assert_eq!(found(store, executor, by), []);
    }
    assert_eq!(expired(store, executor, 1_000_000, 10), [0_u8; 0]);
    assert_eq!(page(store, executor, None, 10, None), [0_u8; 0]);
    assert_eq!(tally(store, executor), []);
    add(store, executor, &lease.with(|it| *it.pool_id = 8));
}

/// Every lease is on exactly one page, by address, whatever the size of pages and gaps between addresses.
fn pages_list_everything_once_by_address<L: Specimen>(store: &impl LeaseStore<L>, executor: &impl Executor) {
    let hosts = [250, 3, 1, 64, 63, 65, 128, 255, 2, 100, 0];
    for host in hosts {
        add(store, executor, &L::of(host).with(|it| *it.subnet_id = SubnetId(u32::from(host % 2))));
    }
    for limit in [1, 2, 3, 10, 11, 100] {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let some = page(store, executor, after, limit, None);
            let Some(&last) = some.last() else { break };
            assert!(some.len() <= limit);
            after = Some(L::at(last));
            all.extend(some);
        }
        assert_eq!(all, [0, 1, 2, 3, 63, 64, 65, 100, 128, 250, 255]);
    }
    assert_eq!(page(store, executor, None, 0, None), [0_u8; 0]);
    assert_eq!(page(store, executor, Some(L::at(255)), 10, None), [0_u8; 0]);
    // Between two leases, and with a filter.
    assert_eq!(page(store, executor, Some(L::at(99)), 2, None), [100, 128]);
    assert_eq!(page(store, executor, None, 3, Some(SubnetId(1))), [1, 3, 63]);
    assert_eq!(page(store, executor, Some(L::at(63)), 3, Some(SubnetId(1))), [65, 255]);
    assert_eq!(page(store, executor, None, 3, Some(SubnetId(9))), [0_u8; 0]);
}

/// Counts by subnet and pool are what a count of all leases would say.
fn tallies_follow_changes<L: Specimen>(store: &impl LeaseStore<L>, executor: &impl Executor) {
    let sum = |subnet, pool_id, assigned, declined, registered| Tally {
        subnet: SubnetId(subnet),
        lease_type: LeaseType::Na,
        pool_id,
        assigned,
        declined,
        registered,
    };
    let in_pool_2 = L::of(2).with(|it| *it.pool_id = 2);
    assert_eq!(tally(store, executor), []);
    add(store, executor, &L::of(1));
    add(store, executor, &in_pool_2);
    add(store, executor, &L::of(3).with(|it| *it.state = LeaseState::Declined));
    add(store, executor, &L::of(4).with(|it| *it.subnet_id = SubnetId(5)));
    add(store, executor, &L::of(5).with(|it| *it.state = LeaseState::ExpiredReclaimed));
    assert_eq!(tally(store, executor), [sum(1, 0, 1, 1, 0), sum(1, 2, 1, 0, 0), sum(5, 0, 1, 0, 0)]);
    let moved = L::of(1).with(|it| {
        *it.subnet_id = SubnetId(5);
        *it.state = LeaseState::Declined;
    });
    let renewed = moved.clone().with(|it| *it.cltt = Timestamp(7));
    let registered = renewed.clone().with(|it| *it.state = LeaseState::Registered);
    done(put(store, executor, Some(&L::of(1)), Some(moved.clone())));
    done(put(store, executor, Some(&moved), Some(renewed.clone())));
    done(put(store, executor, Some(&in_pool_2), None));
    assert_eq!(tally(store, executor), [sum(1, 0, 0, 1, 0), sum(5, 0, 1, 1, 0)]);
    done(put(store, executor, Some(&renewed), Some(registered.clone())));
    assert_eq!(tally(store, executor), [sum(1, 0, 0, 1, 0), sum(5, 0, 1, 0, 1)]);
    done(put(store, executor, Some(&registered), None));
    assert_eq!(tally(store, executor), [sum(1, 0, 0, 1, 0), sum(5, 0, 1, 0, 0)]);
}

/// A flush is always allowed.
fn a_flush_with_nothing_to_write_succeeds<L: Specimen>(store: &impl LeaseStore<L>, executor: &impl Executor) {
    executor.run(store.flush()).expect("nothing to write");
    add(store, executor, &L::of(1));
    executor.run(store.flush()).expect("one lease to write");
    executor.run(store.flush()).expect("nothing more to write");
}
