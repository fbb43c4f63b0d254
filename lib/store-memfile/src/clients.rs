//! Which leases a client may have: an index from a hashed identifier.
//!
//! The index keeps hashes, not identifiers, so it may name a lease too many; whoever asks looks at the lease.
//! It has its own locks, taken below an address shard's and never the other way round.
//!
//! Nearly every identifier has one lease: its handle is all that is noted of it. What an identifier has besides is in
//! the order of its family: by subnet and by kind of client identifier, or by association and subnet. So however many leases a client collects, the ones that a message
//! of it can be about are as near as those of any other, and each comes and goes in logarithmic time.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};
use std::ops::RangeInclusive;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use parking_lot::Mutex;
use smallvec::SmallVec;

use crate::kept::{Kept, Key};
use crate::view::View;

/// Leases that may be a client's, by their [handles](Kept) outside: almost always none or one.
pub(crate) type Candidates = SmallVec<[u32; 4]>;

/// How many shards there are: so many that the table of one, for a million leases, fits a processor's cache.
const SHARDS: usize = 64;

/// How many bits of a hash, from the lowest on, `first` does not look at.
const REST: u32 = 27;

/// Leases by the hash of one kind of identifier.
#[derive(Debug)]
pub(crate) struct ClientIndex<L: Kept> {
    seed: FixedState,
    key: Key<L>,
    shards: [Mutex<Postings<L::Order>>; SHARDS],
}

/// The leases of one shard.
#[derive(Debug)]
struct Postings<O> {
    /// One lease of each identifier; of two whose hashes begin alike, one of both.
    first: HashTable<First>,
    /// The others.
    more: BTreeSet<Posting<O>>,
}

/// A lease of an identifier.
#[derive(Clone, Copy, Debug)]
struct First {
    /// The beginning of the hash, and in the highest bit whether `more` has leases of hashes that begin so.
    start: u32,
    handle: u32,
}

/// A further lease of an identifier. Compared field by field, so that those of one hash stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Posting<O> {
    hash: u64,
    order: O,
    handle: u32,
}

impl<L: Kept> ClientIndex<L> {
    /// The index by `key` of the leases that have these handles in a table, with hashes that depend on `seed`.
    pub(crate) fn new<'a>(
        seed: u64,
        key: Key<L>,
        leases: impl Iterator<Item = (u32, View<'a, L>)>,
        at: impl Fn(u32) -> Option<View<'a, L>>,
    ) -> Self {
        let seed = FixedState::with_seed(seed);
        // One shard after the other, as each fits the cache and all together do not.
        let mut sorted: [Vec<First>; SHARDS] = std::array::from_fn(|_| Vec::new());
        for (handle, lease) in leases {
            if let Some(hash) = hash(&seed, key(&lease)) {
                sorted[shard(hash)].push(First { start: start(hash), handle });
            }
        }
        let shards = sorted.map(|entries| {
            let mut first = HashTable::with_capacity(entries.len());
            let mut others = Vec::new();
            for entry in entries {
                match first.find_mut(spread(entry.start), |it: &First| it.start() == entry.start) {
                    Some(first) => {
                        first.start |= First::MORE;
                        others.push(entry.handle);
                    }
                    None => drop(first.insert_unique(spread(entry.start), entry, |it| spread(it.start()))),
                }
            }
            let more = others.into_iter().filter_map(|handle| {
                let lease = at(handle)?;
                Some(Posting { hash: hash(&seed, key(&lease))?, order: L::order(&lease), handle })
            });
            Mutex::new(Postings { first, more: more.collect() })
        });
        Self { seed, key, shards }
    }

    /// Notes a lease.
    pub(crate) fn insert(&self, new: &View<'_, L>, handle: u32) {
        if let Some(hash) = hash(&self.seed, (self.key)(new)) {
            self.note(Posting { hash, order: L::order(new), handle });
        }
    }

    /// Forgets a lease.
    pub(crate) fn remove(&self, old: &View<'_, L>, handle: u32) {
        if let Some(hash) = hash(&self.seed, (self.key)(old)) {
            self.forget(&Posting { hash, order: L::order(old), handle });
        }
    }

    /// The leases that the client with this identifier may have.
    pub(crate) fn find(&self, identifier: &[u8]) -> Candidates {
        let mut found = Candidates::new();
        let Some(hash) = hash(&self.seed, identifier) else { return found };
        let postings = self.shards[shard(hash)].lock();
        if postings.find_first(hash, &mut found) {
            found.extend(postings.of::<L>(hash).map(|posting| posting.handle));
        }
        found
    }

    /// Those of them that are `wanted`, which stand in these parts of the order: of each part up to `most`, and perhaps
    /// some others. With no more leases than `few` each is looked at, which is less than looking for each part.
    pub(crate) fn find_among(
        &self,
        identifier: &[u8],
        wanted: impl Fn(&L::Order) -> bool,
        parts: impl Iterator<Item = RangeInclusive<L::Order>>,
        few: usize,
        most: usize,
    ) -> Candidates {
        let mut found = Candidates::new();
        let Some(hash) = hash(&self.seed, identifier) else { return found };
        let postings = self.shards[shard(hash)].lock();
        if !postings.find_first(hash, &mut found) {
            return found;
        }
        if few > 1 && postings.of::<L>(hash).nth(few).is_none() {
            let leases = postings.of::<L>(hash).filter(|it| wanted(&it.order));
            found.extend(leases.map(|posting| posting.handle));
            return found;
        }
        for part in parts {
            found.extend(postings.part(hash, part).take(most));
        }
        found
    }

    fn note(&self, new: Posting<L::Order>) {
        let mut postings = self.shards[shard(new.hash)].lock();
        let Postings { first, more } = &mut *postings;
        let start = start(new.hash);
        match first.find_mut(spread(start), |it| it.start() == start) {
            None => {
                let new = First { start, handle: new.handle };
                first.insert_unique(spread(start), new, |it| spread(it.start()));
            }
            Some(first) => {
                first.start |= First::MORE;
                more.insert(new);
            }
        }
    }

    fn forget(&self, old: &Posting<L::Order>) {
        let mut postings = self.shards[shard(old.hash)].lock();
        let Postings { first, more } = &mut *postings;
        let start = start(old.hash);
        let Ok(mut entry) = first.find_entry(spread(start), |it| it.start() == start) else { return };
        // Of hashes that begin alike, in no useful order: any takes the place of the first.
        let (least, greatest) = L::ORDERS;
        let begin_alike = whole(old.hash >> REST << REST, old.hash | ((1 << REST) - 1), least..=greatest);
        if entry.get().handle == old.handle {
            let Some(&next) = more.range(begin_alike.clone()).next() else {
                entry.remove();
                return;
            };
            more.remove(&next);
            entry.get_mut().handle = next.handle;
        } else {
            more.remove(old);
        }
        if more.range(begin_alike).next().is_none() {
            entry.get_mut().start &= !First::MORE;
        }
    }
}

impl<O: Copy + Ord> Postings<O> {
    /// Adds the first lease of a hash; whether there are others.
    fn find_first(&self, hash: u64, found: &mut Candidates) -> bool {
        let start = start(hash);
        let first = self.first.find(spread(start), |it| it.start() == start);
        found.extend(first.map(|first| first.handle));
        first.is_some_and(|first| first.start & First::MORE != 0)
    }

    /// The others of a hash.
    fn of<L: Kept<Order = O>>(&self, hash: u64) -> impl Iterator<Item = &Posting<O>> {
        self.more.range(whole(hash, hash, L::ORDERS.0..=L::ORDERS.1))
    }

    /// Those of them in a part of the order.
    fn part(&self, hash: u64, part: RangeInclusive<O>) -> impl Iterator<Item = u32> {
        self.more.range(whole(hash, hash, part)).map(|posting| posting.handle)
    }
}

/// All between two hashes, from the beginning to the end of a part of the order.
fn whole<O: Copy>(from: u64, to: u64, part: RangeInclusive<O>) -> RangeInclusive<Posting<O>> {
    Posting { hash: from, order: *part.start(), handle: 0 }..=Posting {
        hash: to,
        order: *part.end(),
        handle: u32::MAX,
    }
}

impl First {
    const MORE: u32 = 1 << 31;

    fn start(&self) -> u32 {
        self.start & !Self::MORE
    }
}

/// The hash of an identifier. An empty one is none.
fn hash(seed: &FixedState, identifier: &[u8]) -> Option<u64> {
    if identifier.is_empty() {
        return None;
    }
    let mut hasher = seed.build_hasher();
    hasher.write(identifier);
    Some(hasher.finish())
}

/// The shard of a hash: its first bits.
fn shard(hash: u64) -> usize {
    (hash >> (u64::BITS - SHARDS.ilog2())) as usize
}

/// The bits behind those, but for the [`REST`].
fn start(hash: u64) -> u32 {
    (hash >> REST) as u32 & !First::MORE
}

/// The 64 bits that a table wants, from those that an entry keeps.
fn spread(start: u32) -> u64 {
    u64::from(start).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
#[path = "clients_tests.rs"]
mod tests;
