//! What the table promises, beyond what the conformance suite asks of a store.

use std::net::Ipv4Addr;

use kotare_model::{Lease4, Lifetime};

use super::*;
use crate::kept4::BLOCK;

fn lease(host: u32, end: i64, state: LeaseState) -> View<'static> {
    View {
        address: Ipv4Addr::from_bits(host),
        hwaddr: &[1],
        client_id: &[],
        valid_lifetime: Lifetime(100),
        cltt: Timestamp(end - 100),
        subnet_id: SubnetId(1),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: &[],
        state,
        user_context: None,
        pool_id: 0,
        own: (),
    }
}

/// A client that renews, releases and comes back for ever takes no more room than one that does not.
#[test]
fn the_queue_does_not_grow_with_changes() {
    let mut shard = Shard::default();
    for round in 0..100_000 {
        shard.set(&lease(1, 100_000 - round, LeaseState::Assigned));
        shard.set(&lease(1, 100_000 - round, LeaseState::ExpiredReclaimed));
        if round % 7 == 0 {
            shard.remove(Ipv4Addr::from_bits(1));
        }
    }
    assert!(shard.unreclaimed.len() + shard.reclaimed.len() < 200);
    assert!(shard.slots.len() == 1);
    shard.set(&lease(1, 5, LeaseState::Assigned));
    assert_eq!(
        shard.due(Class::Unreclaimed, None, Timestamp(5), 9),
        [(Timestamp(5), Ipv4Addr::from_bits(1))]
    );
}

/// The second entry of a lease that came back with its former end is not a second lease.
#[test]
fn a_lease_is_due_once() {
    let mut shard = Shard::default();
    shard.set(&lease(1, 500, LeaseState::Assigned));
    shard.set(&lease(1, 400, LeaseState::Assigned));
    shard.remove(Ipv4Addr::from_bits(1));
    shard.set(&lease(1, 500, LeaseState::Assigned));
    for _ in 0..3 {
        assert_eq!(shard.due(Class::Unreclaimed, None, Timestamp(500), 9).len(), 1);
    }
    assert_eq!(shard.due(Class::Unreclaimed, None, Timestamp(499), 9), []);
}

/// A subnet's expired leases are found beside any number of another's, also when leases change subnets.
#[test]
fn subnets_have_queues_of_their_own() {
    let mut shard = Shard::default();
    let of =
        |subnet, host, end| View { subnet_id: SubnetId(subnet), ..lease(host, end, LeaseState::Assigned) };
    for host in 0..5000 {
        shard.set(&of(1, host, i64::from(host)));
    }
    shard.set(&of(2, 6000, 6000));
    let due = |shard: &mut Shard<Lease4>, subnet, limit| {
        let due = shard.due(Class::Unreclaimed, subnet, Timestamp(6000), limit);
        due.into_iter().map(|(_, address)| address.to_bits()).collect::<Vec<_>>()
    };
    assert_eq!(due(&mut shard, Some(SubnetId(2)), 9), [6000]);
    assert!(due(&mut shard, Some(SubnetId(3)), 9).is_empty());
    // There and back again, with the same end.
    shard.set(&of(2, 7, 7));
    assert_eq!(due(&mut shard, Some(SubnetId(2)), 9), [7, 6000]);
    assert_eq!(due(&mut shard, Some(SubnetId(1)), 9), [0, 1, 2, 3, 4, 5, 6, 8, 9]);
    shard.set(&of(1, 7, 7));
    assert_eq!(due(&mut shard, Some(SubnetId(2)), 9), [6000]);
    assert_eq!(due(&mut shard, Some(SubnetId(1)), 9), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(due(&mut shard, None, usize::MAX).len(), 5001);
    shard.remove(Ipv4Addr::from_bits(6000));
    assert!(due(&mut shard, Some(SubnetId(2)), 9).is_empty());
}

/// Leases that end after 2106 are asked for early, and are not due before their time.
#[test]
fn far_ends_are_exact() {
    let mut shard = Shard::default();
    let end = i64::from(u32::MAX) + 1000;
    shard.set(&lease(1, end, LeaseState::Assigned));
    shard.set(&lease(2, end - 5, LeaseState::Assigned));
    assert_eq!(shard.due(Class::Unreclaimed, None, Timestamp(end - 6), 9), []);
    assert_eq!(
        shard.due(Class::Unreclaimed, None, Timestamp(end - 1), 9),
        [(Timestamp(end - 5), Ipv4Addr::from_bits(2))]
    );
    assert_eq!(shard.due(Class::Unreclaimed, None, Timestamp(end), 9).len(), 2);
}

/// Counting and queueing all at once is the same as doing it with every change.
#[test]
fn settling_is_the_same_as_having_kept_count() {
    let leases: Vec<View<'_>> = (0..1000)
        .map(|host| {
            let state = if host % 3 == 0 { LeaseState::ExpiredReclaimed } else { LeaseState::Assigned };
            View {
                pool_id: host % 5,
                subnet_id: SubnetId(host % 4),
                ..lease(host * 7, i64::from(host % 13), state)
            }
        })
        .collect();
    let (mut kept, mut settled) = (Shard::default(), Shard::default());
    for lease in &leases {
        kept.set(lease);
        settled.set_unsettled(lease);
    }
    settled.settle();
    let state = |shard: &mut Shard<Lease4>| {
        let mut tallies: Vec<Tally> = shard.tallies().collect();
        tallies.sort_by_key(|tally| tally.pool_id);
        let mut due = shard.due(Class::Unreclaimed, None, Timestamp(6), usize::MAX);
        due.extend(shard.due(Class::Reclaimed, None, Timestamp(6), usize::MAX));
        due.sort();
        (tallies, due)
    };
    assert_eq!(state(&mut kept), state(&mut settled));
}

/// Shards share the work for pools of any size and place.
#[test]
fn neighbouring_blocks_are_spread_over_shards() {
    let mut used = [0; SHARDS];
    for block in 0..1024 {
        used[Lease4::shard_of(Ipv4Addr::from_bits(0x0a00_0000 + block * BLOCK))] += 1;
    }
    assert!(used.iter().all(|&count| (32..=96).contains(&count)), "{used:?}");
}
