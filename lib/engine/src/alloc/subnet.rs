//! The order in which a subnet's places are proposed.

use std::sync::Arc;

use kotare_config::v4::{Allocator, Subnet4};
use parking_lot::Mutex;

use super::queue::Look;
use super::{Count, Map, PoolKey, PoolMap};

/// Proposes free places of one subnet: addresses, or prefixes. Positions count through its pools in the order written.
#[derive(Debug)]
pub struct SubnetAllocator<M: Map = PoolMap> {
    order: Allocator,
    pools: Vec<Arc<M>>,
    /// The position of each pool's first place.
    starts: Vec<M::Count>,
    total: M::Count,
    /// The position after the last one proposed. Shared with the allocators of configurations before and after: while
    /// one is prepared the other goes on, and what it offers meanwhile must not be offered again.
    cursor: Arc<<M::Count as Count>::Cursor>,
    /// Whether places of the pools can be reserved.
    reserves: bool,
    /// Where the queues are only looked at: how far, for each pool.
    looks: Option<Mutex<Vec<Look>>>,
}

/// A place that was proposed ahead.
#[derive(Debug)]
pub(crate) struct Proposal<M: Map = PoolMap> {
    pub(crate) place: M::Place,
    /// From where to where the cursor moved.
    moved: Option<(M::Count, M::Count)>,
}

impl SubnetAllocator {
    /// The keys of a subnet's pools.
    pub(crate) fn keys(subnet: &Subnet4, exclude_first_last_24: bool) -> impl Iterator<Item = PoolKey> {
        let without_ends = exclude_first_last_24 && subnet.prefix.prefix_len() <= 24;
        let queued = subnet.params.allocator.is_queued();
        subnet.pools.iter().map(move |pool| PoolKey {
            first: pool.first.into(),
            last: pool.last.into(),
            without_ends,
            queued,
        })
    }
}

impl<M: Map> SubnetAllocator<M> {
    /// An allocator over these pools; if `before` has the same pools, the two take turns at their places.
    pub(crate) fn new(order: Allocator, pools: Vec<Arc<M>>, before: Option<&Self>) -> Self {
        let mut total = M::Count::default();
        let mut starts = Vec::with_capacity(pools.len());
        for pool in &pools {
            starts.push(total);
            total = total.plus(pool.size());
        }
        let keys = |pools: &[Arc<M>]| pools.iter().map(|pool| pool.key()).collect::<Vec<_>>();
        let same = before.filter(|before| before.order == order && keys(&before.pools) == keys(&pools));
        let cursor = same.map_or_else(Arc::default, |before| before.cursor.clone());
        Self { order, pools, starts, total, cursor, reserves: false, looks: None }
    }

    /// The same, for a subnet where places of the pools can be reserved or not.
    pub(crate) fn reserving(self, reserves: bool) -> Self {
        Self { reserves, ..self }
    }

    /// An allocator that proposes what this one would, and leaves its maps, its queues and its place as they are.
    pub(crate) fn rehearsal(&self) -> Self {
        let Self { order, pools, starts, total, cursor, reserves, looks: _ } = self;
        let cursor = Arc::new(M::Count::load(cursor).cursor());
        let looks = Mutex::new(pools.iter().map(|_| Look::default()).collect());
        let (pools, starts) = (pools.clone(), starts.clone());
        Self { order: *order, pools, starts, total: *total, cursor, reserves: *reserves, looks: Some(looks) }
    }

    pub(crate) fn pools(&self) -> &[Arc<M>] {
        &self.pools
    }

    /// How many places the subnet has.
    pub(crate) fn total(&self) -> M::Count {
        self.total
    }

    /// How many places those of its pools have that `fits` lets be used.
    pub(crate) fn total_of(&self, fits: impl Fn(usize) -> bool) -> M::Count {
        let fitting = self.pools.iter().enumerate().filter(|(at, _)| fits(*at));
        fitting.fold(M::Count::default(), |sum, (_, pool)| sum.plus(pool.size()))
    }

    /// Whether it goes through the places in order, so that one is looked for where the last one was found.
    pub(crate) fn goes_round(&self) -> bool {
        self.order == Allocator::Iterative && !self.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.total == M::Count::default()
    }

    /// Keeps a reserved place from being proposed, if it is in a pool and reservations of such count.
    pub(crate) fn bar(&self, place: M::Place) {
        self.pools
            .iter()
            .filter(|pool| self.reserves && pool.touches(place))
            .for_each(|pool| pool.bar(place));
    }

    /// Undoes a [`SubnetAllocator::bar`].
    pub(crate) fn unbar(&self, place: M::Place) {
        self.pools
            .iter()
            .filter(|pool| self.reserves && pool.touches(place))
            .for_each(|pool| pool.unbar(place));
    }

    /// A free place of a pool that `fits`, by its place among the subnet's; `None` when all are taken. Two workers that
    /// ask at the same time are told different ones
    /// (with `random`: most of the time). `seed` is any number, a different one each time.
    pub(crate) fn propose(&self, seed: u64, fits: impl Fn(usize) -> bool) -> Option<M::Place> {
        match self.order {
            _ if self.is_empty() => None,
            Allocator::Iterative => self.next(fits).map(|(place, ..)| place),
            Allocator::Random => {
                self.free_from(M::Count::chosen(seed, self.total), fits).map(|(_, place)| place)
            }
            Allocator::FreeLeaseQueue | Allocator::SharedFreeLeaseQueue => {
                // The queues take turns by chance, so that no pool is emptied before the others are touched.
                let start = (seed % self.pools.len() as u64) as usize;
                let mut turn = (start..self.pools.len()).chain(0..start).filter(|at| fits(*at));
                turn.find_map(|at| Some(self.pools[at].place(self.longest_free(at, seed)?)))
            }
        }
    }

    /// A place as by [`propose`](Self::propose), for somebody who may have no use for it and [withdraws](Self::withdraw) it
    /// then. None of a queue, where it would have lost its turn.
    pub(crate) fn propose_ahead(&self, seed: u64, fits: impl Fn(usize) -> bool) -> Option<Proposal<M>> {
        match self.order {
            _ if self.order.is_queued() || self.is_empty() => None,
            Allocator::Iterative => {
                let (place, from, to) = self.next(fits)?;
                Some(Proposal { place, moved: Some((from, to)) })
            }
            _ => Some(Proposal { place: self.propose(seed, fits)?, moved: None }),
        }
    }

    /// Nobody has a use for a place that was proposed ahead: it comes next again, if nothing was proposed after it.
    pub(crate) fn withdraw(&self, proposal: &Proposal<M>) {
        if let Some((from, to)) = proposal.moved {
            // Otherwise it comes when all others were proposed.
            let _ = M::Count::shift(&self.cursor, to, from);
        }
    }

    fn longest_free(&self, at: usize, seed: u64) -> Option<M::Count> {
        match &self.looks {
            None => self.pools[at].longest_free(seed),
            Some(looks) => self.pools[at].would_be_longest_free(seed, &mut looks.lock()[at]),
        }
    }

    /// The part of the places that are taken when this one is, of the pools that are `open` (by position) to the
    /// client that gets it. Only queues know; of the others it is 0, as of a place that is in no such pool.
    pub(crate) fn occupancy(&self, place: M::Place, open: impl Fn(usize) -> bool) -> f64 {
        if !self.order.is_queued() {
            return 0.0;
        }
        let (mut occupied, mut total, mut is_there) = (M::Count::default(), M::Count::default(), false);
        for (_, pool) in self.pools.iter().enumerate().filter(|(at, _)| open(*at)) {
            occupied = occupied.plus(pool.occupied(place));
            total = total.plus(pool.size());
            is_there |= pool.touches(place);
        }
        if is_there { occupied.as_f64() / total.as_f64() } else { 0.0 }
    }

    /// The next free place, and from where to where the cursor has moved for it.
    fn next(&self, fits: impl Fn(usize) -> bool) -> Option<(M::Place, M::Count, M::Count)> {
        let mut cursor = M::Count::load(&self.cursor);
        loop {
            let (position, place) = self.free_from(cursor % self.total, &fits)?;
            match M::Count::shift(&self.cursor, cursor, position.after()) {
                Ok(()) => return Some((place, cursor, position.after())),
                Err(moved) => cursor = moved,
            }
        }
    }

    /// The first free position at or after this one in a pool that `fits`, from the start again when there is none.
    fn free_from(&self, position: M::Count, fits: impl Fn(usize) -> bool) -> Option<(M::Count, M::Place)> {
        let at = self.starts.partition_point(|&start| start <= position) - 1;
        let offset = position - self.starts[at];
        let first = M::Count::default();
        let free = |at: usize, offset: M::Count| {
            let offset = Some(&self.pools[at]).filter(|_| fits(at))?.next_free(offset)?;
            Some((self.starts[at].plus(offset), self.pools[at].place(offset)))
        };
        free(at, offset)
            .or_else(|| (at + 1..self.pools.len()).find_map(|at| free(at, first)))
            .or_else(|| (0..=at).find_map(|at| free(at, first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: fn(usize) -> bool = |_| true;

    fn pool(first: [u8; 4], last: [u8; 4], without_ends: bool, queued: bool) -> Arc<PoolMap> {
        let key = PoolKey {
            first: u32::from_be_bytes(first),
            last: u32::from_be_bytes(last),
            without_ends,
            queued,
        };
        Arc::new(PoolMap::new(key))
    }

    /// `iterative`: one after the other through the pools in the order written, then from the start; taken ones
    /// are passed over.
    #[test]
    fn iterative_goes_round_the_pools() {
        let pools = vec![
            pool([10, 0, 0, 8], [10, 0, 0, 9], false, false),
            pool([10, 0, 0, 1], [10, 0, 0, 2], false, false),
        ];
        let subnet = SubnetAllocator::new(Allocator::Iterative, pools.clone(), None);
        let ends =
            |count| (0..count).map(|_| subnet.propose(0, ANY).unwrap().octets()[3]).collect::<Vec<_>>();
        assert_eq!(ends(5), [8, 9, 1, 2, 8]);
        pools[0].take([10, 0, 0, 9].into());
        assert_eq!(ends(3), [1, 2, 8]);
        // The same pools in the next configuration: it goes on, it does not start again.
        let next = SubnetAllocator::new(Allocator::Iterative, pools.clone(), Some(&subnet));
        assert_eq!(next.propose(0, ANY).unwrap().octets()[3], 1);
        // Nor does it propose what the one before, still in use while the next is prepared, proposed meanwhile.
        assert_eq!(ends(1), [2]);
        assert_eq!(next.propose(0, ANY).unwrap().octets()[3], 8);
        for end in [1, 2] {
            pools[1].take([10, 0, 0, end].into());
        }
        assert_eq!(ends(2), [8, 8]);
        pools[0].take([10, 0, 0, 8].into());
        assert_eq!(subnet.propose(0, ANY), None);
        pools[1].free([10, 0, 0, 2].into());
        assert_eq!(ends(1), [2]);
    }

    /// What was proposed ahead and is not used comes again, unless another was proposed after it.
    #[test]
    fn what_is_proposed_ahead_can_be_withdrawn() {
        let pools = || vec![pool([10, 0, 0, 1], [10, 0, 0, 5], false, false)];
        let subnet = SubnetAllocator::new(Allocator::Iterative, pools(), None);
        let ahead = || subnet.propose_ahead(0, ANY).unwrap();
        let end = |proposal: &Proposal| proposal.place.octets()[3];
        let first = ahead();
        subnet.withdraw(&first);
        let (again, second) = (ahead(), ahead());
        assert_eq!((end(&first), end(&again), end(&second)), (1, 1, 2));
        subnet.withdraw(&again);
        assert_eq!(end(&ahead()), 3, "the second one may have been offered");
        let subnet = SubnetAllocator::new(Allocator::Random, pools(), None);
        let random = |seed| end(&subnet.propose_ahead(seed, ANY).unwrap());
        assert!((0..9).all(|seed| subnet.propose(seed, ANY).unwrap().octets()[3] == random(seed)));
        let queued = vec![pool([10, 0, 0, 1], [10, 0, 0, 5], false, true)];
        let queues = SubnetAllocator::new(Allocator::FreeLeaseQueue, queued, None);
        assert!(queues.propose_ahead(0, ANY).is_none(), "it would have lost its turn");
    }

    /// `random`: every free address can come, none that is taken.
    #[test]
    fn random_proposes_what_is_free() {
        let pools = vec![pool([10, 0, 0, 0], [10, 0, 0, 3], false, false)];
        pools[0].take([10, 0, 0, 2].into());
        let subnet = SubnetAllocator::new(Allocator::Random, pools, None);
        let mut ends: Vec<_> = (0..16).map(|seed| subnet.propose(seed, ANY).unwrap().octets()[3]).collect();
        ends.sort_unstable();
        ends.dedup();
        assert_eq!(ends, [0, 1, 3]);
    }

    /// `flq`: the address that has been free longest, so a freed one comes last; those that were never taken in no order.
    #[test]
    fn a_free_lease_queue_proposes_the_longest_free() {
        let ends = |seed: u64, freed: bool| {
            let pools = vec![pool([10, 0, 0, 0], [10, 0, 0, 99], false, true)];
            let subnet = SubnetAllocator::new(Allocator::FreeLeaseQueue, pools.clone(), None);
            let first = subnet.propose(seed, ANY).unwrap();
            if freed {
                pools[0].take(first);
                pools[0].free(first);
            }
            let ends = (1..200).map(|turn| subnet.propose(seed + turn, ANY).unwrap().octets()[3]);
            std::iter::once(first.octets()[3]).chain(ends).collect::<Vec<_>>()
        };
        for freed in [false, true] {
            let order = ends(7, freed);
            let mut sorted = order[..100].to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..100).collect::<Vec<_>>());
            // From then on in the order in which they were proposed or became free.
            assert_eq!(order[..100], order[100..]);
        }
        assert_ne!(ends(7, false)[..100], ends(8, false)[..100]);
        assert_ne!(ends(7, false)[..10], (0..10).collect::<Vec<_>>());

        let pools = vec![pool([10, 0, 0, 0], [10, 0, 0, 3], false, true)];
        let subnet = SubnetAllocator::new(Allocator::FreeLeaseQueue, pools.clone(), None);
        for end in 0..4 {
            pools[0].take([10, 0, 0, end].into());
        }
        assert_eq!(subnet.propose(0, ANY), None);
        pools[0].free([10, 0, 0, 2].into());
        assert_eq!(subnet.propose(0, ANY), Some([10, 0, 0, 2].into()));
    }

    /// How much of a subnet with queues is taken, the address in question included: of the pools that are open.
    #[test]
    fn queues_know_how_much_is_taken() {
        let pools = vec![
            pool([10, 0, 0, 1], [10, 0, 0, 8], false, true),
            pool([10, 0, 1, 1], [10, 0, 1, 2], false, true),
        ];
        let subnet = SubnetAllocator::new(Allocator::FreeLeaseQueue, pools.clone(), None);
        let occupancy = |address: [u8; 4]| subnet.occupancy(address.into(), |_| true);
        assert_eq!(occupancy([10, 0, 0, 1]), 0.1);
        for end in [1, 2, 2, 3] {
            pools[0].take([10, 0, 0, end].into());
        }
        pools[0].free([10, 0, 0, 3].into());
        pools[0].free([10, 0, 0, 3].into());
        assert_eq!((occupancy([10, 0, 0, 1]), occupancy([10, 0, 0, 8])), (0.2, 0.3));
        assert_eq!(subnet.occupancy([10, 0, 0, 1].into(), |at| at == 0), 0.25);
        assert_eq!(subnet.occupancy([10, 0, 0, 1].into(), |at| at == 1), 0.0);
        let other = SubnetAllocator::new(Allocator::Iterative, pools, None);
        assert_eq!(other.occupancy([10, 0, 0, 8].into(), |_| true), 0.0);
    }

    /// What a rehearsal proposes is what comes next, however often and for whomever it is asked; and it was not asked.
    #[test]
    fn a_rehearsal_proposes_what_comes_next() {
        for order in [
            Allocator::Iterative,
            Allocator::Random,
            Allocator::FreeLeaseQueue,
            Allocator::SharedFreeLeaseQueue,
        ] {
            let queued = order.is_queued();
            let pools = vec![
                pool([10, 0, 0, 0], [10, 0, 0, 29], false, queued),
                pool([10, 0, 1, 0], [10, 0, 1, 9], false, queued),
            ];
            let subnet = SubnetAllocator::new(order, pools.clone(), None);
            for turn in 0..60_u64 {
                let fits = |at: usize| turn % 5 > 0 || at == 1;
                if turn % 3 == 0
                    && let Some(address) = subnet.propose(turn, ANY)
                {
                    let of = |pool: &&Arc<PoolMap>| pool.touches(address);
                    let pool = pools.iter().find(of).unwrap();
                    pool.take(address);
                    if turn % 2 == 0 {
                        pool.free(address);
                    }
                }
                let rehearsal = subnet.rehearsal();
                let seeds: Vec<_> = (0..4).map(|it| turn * 1_000_003 + it * 7919).collect();
                let propose = |from: &SubnetAllocator| {
                    seeds.iter().map(|seed| from.propose(*seed, fits)).collect::<Vec<_>>()
                };
                let told = propose(&rehearsal);
                assert_eq!(told, propose(&subnet.rehearsal()), "{order:?}, turn {turn}");
                assert_eq!(told, propose(&subnet), "{order:?}, turn {turn}");
            }
        }
    }

    /// `exclude-first-last-24`: .0 and .255 are never proposed, even after they were leased on request and freed.
    #[test]
    fn ends_of_24_bit_blocks_can_be_excluded() {
        let pools = vec![pool([10, 0, 0, 254], [10, 0, 1, 1], true, false)];
        let subnet = SubnetAllocator::new(Allocator::Iterative, pools.clone(), None);
        pools[0].take([10, 0, 0, 255].into());
        pools[0].free([10, 0, 0, 255].into());
        let ends: Vec<_> = (0..3).map(|_| subnet.propose(0, ANY).unwrap().octets()[3]).collect();
        assert_eq!(ends, [254, 1, 254]);
    }

    /// Pools that are not for the client are passed over, whatever the order.
    #[test]
    fn pools_that_do_not_fit_are_passed_over() {
        for order in [
            Allocator::Iterative,
            Allocator::Random,
            Allocator::FreeLeaseQueue,
            Allocator::SharedFreeLeaseQueue,
        ] {
            let queued = order.is_queued();
            let pools = [0, 10, 20].map(|end| pool([10, 0, 0, end], [10, 0, 0, end + 1], false, queued));
            let subnet = SubnetAllocator::new(order, pools.to_vec(), None);
            let fits = |at| at == 1;
            let mut ends: Vec<_> =
                (0..8).map(|seed| subnet.propose(seed, fits).unwrap().octets()[3]).collect();
            ends.sort_unstable();
            ends.dedup();
            assert_eq!(
                (ends, subnet.total_of(fits), subnet.total_of(ANY)),
                (vec![10, 11], 2, 6),
                "{order:?}"
            );
            assert!([10, 11].into_iter().all(|end| pools[1].take([10, 0, 0, end].into())));
            assert_eq!((subnet.propose(1, fits), subnet.propose(1, |_| false)), (None, None), "{order:?}");
        }
    }
}
