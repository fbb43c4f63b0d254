//! The index against a look at all leases.

use std::collections::BTreeMap;

use kotare_model::SubnetId;
use kotare_model::{Lease4, LeaseState, Lifetime, Timestamp};
use kotare_store::FEW;
use proptest::prelude::*;

use super::*;
use crate::kept4::ClientIdKind;
use crate::store::lookup4::find_on;

const HWADDRS: [&[u8]; 3] = [b"a", b"b", b""];

/// A lease of a client that shows no identifier, its usual one, or one of its own.
fn lease(address: u32, hwaddr: usize, kind: ClientIdKind, subnet: u32) -> View<'static> {
    let client_id: &[u8] = match (kind, hwaddr) {
        (ClientIdKind::None, _) => b"",
        (ClientIdKind::Usual, 0) => b"\x01a",
        (ClientIdKind::Usual, 1) => b"\x01b",
        _ => b"\xffown",
    };
    View {
        address: address.into(),
        hwaddr: HWADDRS[hwaddr],
        client_id,
        valid_lifetime: Lifetime(100),
        cltt: Timestamp(7),
        subnet_id: SubnetId(subnet),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: b"",
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
        own: (),
    }
}

/// What [`lease`] makes one of.
type Parts = (u32, usize, ClientIdKind, u32);

fn any_lease() -> impl Strategy<Value = Parts> {
    (0..40u32, 0..3usize, prop::sample::select(&ClientIdKind::ALL), 0..4u32)
}

/// What an index must say of these leases: all of an identifier, and on every link all or few of each subnet and kind.
fn is_true(index: &ClientIndex<Lease4>, leases: &BTreeMap<std::net::Ipv4Addr, View<'_>>) {
    for hwaddr in HWADDRS {
        let all: Vec<_> = leases.values().filter(|it| !hwaddr.is_empty() && it.hwaddr == hwaddr).collect();
        let mut found = index.find(hwaddr).into_vec();
        found.sort();
        assert_eq!(found, all.iter().map(|lease| lease.address.to_bits()).collect::<Vec<_>>());
        for link in [&[][..], &[1], &[0, 2], &[0, 1, 2, 3]] {
            let link: Vec<_> = link.iter().map(|&id| SubnetId(id)).collect();
            for kinds in [&ClientIdKind::ALL[..], &[ClientIdKind::Usual]] {
                let found = find_on(index, hwaddr, &link, kinds);
                assert!(found.len() <= 1 + link.len().max(kinds.len() * link.len() * FEW), "{found:?}");
                for (&subnet, &kind) in
                    link.iter().flat_map(|subnet| kinds.iter().map(move |kind| (subnet, kind)))
                {
                    let here = |it: &&&View<'_>| it.subnet_id == subnet && it.client_id_kind() == kind;
                    let found_here =
                        all.iter().filter(here).filter(|it| found.contains(&it.address.to_bits()));
                    assert!(
                        found_here.count() >= all.iter().filter(here).count().min(FEW),
                        "{hwaddr:?} {subnet}"
                    );
                }
            }
        }
    }
}

fn is_empty(index: &ClientIndex<Lease4>) -> bool {
    index.shards.iter().all(|shard| {
        let postings = shard.lock();
        postings.first.is_empty() && postings.more.is_empty()
    })
}

proptest! {
    /// However leases come, change and go, the index says what a look at all of them would, and so does one that is
    /// made of them all at once.
    #[test]
    fn an_index_equals_a_scan(
        steps in prop::collection::vec((any_lease(), any::<bool>()), 1..200),
    ) {
        let key: Key<Lease4> = |lease| lease.hwaddr;
        let index = ClientIndex::new(1, key, std::iter::empty(), |_| None);
        let mut leases = BTreeMap::new();
        for ((address, hwaddr, kind, subnet), goes) in steps {
            let lease = lease(address, hwaddr, kind, subnet);
            let old = leases.remove(&lease.address);
            let new = (!goes).then_some(lease);
            let at = |lease: &View<'_>| lease.address.to_bits();
            old.iter().for_each(|old| index.remove(old, at(old)));
            new.iter().for_each(|new| index.insert(new, at(new)));
            leases.extend(new.map(|lease| (lease.address, lease)));
        }
        is_true(&index, &leases);
        is_true(&ClientIndex::new(2, key, leases.values().map(|it| (it.address.to_bits(), *it)), |at| leases.get(&at.into()).copied()), &leases);
        for lease in leases.values() {
            index.remove(lease, lease.address.to_bits());
        }
        prop_assert!(is_empty(&index));
    }
}

/// Two identifiers whose hashes begin alike share a first place, and neither hides the other or outlives itself.
#[test]
fn hashes_that_begin_alike_are_told_apart() {
    let index = ClientIndex::<Lease4>::new(1, |lease| lease.hwaddr, std::iter::empty(), |_| None);
    let (one, other) = (5 << REST, 5 << REST | 1);
    let posting = |hash, handle| Posting { hash, order: (SubnetId(1), ClientIdKind::None), handle };
    index.note(posting(one, 1));
    index.note(posting(other, 2));
    index.note(posting(other, 3));
    let find = |hash| {
        let (mut found, postings) = (Candidates::new(), index.shards[shard(hash)].lock());
        postings.find_first(hash, &mut found);
        found.extend(postings.of::<Lease4>(hash).map(|posting| posting.handle));
        found.into_vec()
    };
    assert_eq!((find(one), find(other)), (vec![1], vec![1, 2, 3]));
    index.forget(&posting(one, 1));
    assert_eq!(find(other), [2, 3]);
    index.forget(&posting(other, 3));
    index.forget(&posting(other, 2));
    assert!(find(other).is_empty());
    assert!(is_empty(&index));
}
