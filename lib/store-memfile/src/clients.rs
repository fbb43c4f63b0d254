//! Which addresses a client may have leases of: an index from a hashed identifier.
//!
//! The index keeps hashes, not identifiers, so it may name an address too many; whoever asks looks at the lease.
//! It has its own locks, taken below an address shard's and never the other way round.
//!
//! Nearly every identifier has one lease: its address is all that is noted of it. What an identifier has besides is in
//! order, by subnet and by kind of client identifier. So however many leases a client collects, the ones that a message
//! of it can be about are as near as those of any other, and each comes and goes in logarithmic time.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};
use std::net::Ipv4Addr;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use kotare_model::SubnetId;
use kotare_store::FEW;
use parking_lot::Mutex;
use smallvec::SmallVec;

use crate::view::{ClientIdKind, View};

/// Addresses that may belong to a client: almost always none or one.
pub(crate) type Candidates = SmallVec<[Ipv4Addr; 4]>;

/// The identifier of a lease that an index is about.
pub(crate) type Key = for<'a> fn(&View<'a>) -> &'a [u8];

/// How many shards there are: so many that the table of one, for a million leases, fits a processor's cache.
const SHARDS: usize = 64;

/// How many bits of a hash, from the lowest on, `first` does not look at.
const REST: u32 = 27;

/// Addresses by the hash of one kind of identifier.
#[derive(Debug)]
pub(crate) struct ClientIndex {
    seed: FixedState,
    key: Key,
    shards: [Mutex<Postings>; SHARDS],
}

/// The leases of one shard.
#[derive(Debug, Default)]
struct Postings {
    /// One lease of each identifier; of two whose hashes begin alike, one of both.
    first: HashTable<First>,
    /// The others.
    more: BTreeSet<Posting>,
}

/// A lease of an identifier.
#[derive(Clone, Copy, Debug)]
struct First {
    /// The beginning of the hash, and in the highest bit whether `more` has leases of hashes that begin so.
    start: u32,
    address: Ipv4Addr,
}

/// A further lease of an identifier. Compared field by field, so that those of one hash and subnet stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Posting {
    hash: u64,
    subnet: SubnetId,
    kind: ClientIdKind,
    address: Ipv4Addr,
}

impl ClientIndex {
    /// The index by `key` of the leases that are at these addresses in a table, with hashes that depend on `seed`.
    pub(crate) fn new<'a>(
        seed: u64,
        key: Key,
        leases: impl Iterator<Item = View<'a>>,
        at: impl Fn(Ipv4Addr) -> Option<View<'a>>,
    ) -> Self {
        let seed = FixedState::with_seed(seed);
        // One shard after the other, as each fits the cache and all together do not.
        let mut sorted: [Vec<First>; SHARDS] = std::array::from_fn(|_| Vec::new());
        for lease in leases {
            if let Some(hash) = hash(&seed, key(&lease)) {
                sorted[shard(hash)].push(First { start: start(hash), address: lease.address });
            }
        }
        let shards = sorted.map(|entries| {
            let mut first = HashTable::with_capacity(entries.len());
            let mut others = Vec::new();
            for entry in entries {
                match first.find_mut(spread(entry.start), |it: &First| it.start() == entry.start) {
                    Some(first) => {
                        first.start |= First::MORE;
                        others.push(entry.address);
                    }
                    None => drop(first.insert_unique(spread(entry.start), entry, |it| spread(it.start()))),
                }
            }
            let more = others.into_iter().filter_map(|address| {
                let lease = at(address)?;
                Some(Posting::of(hash(&seed, key(&lease))?, &lease))
            });
            Mutex::new(Postings { first, more: more.collect() })
        });
        Self { seed, key, shards }
    }

    /// Notes that the lease of an address, which was `old`, is `new`.
    pub(crate) fn change(&self, old: Option<&View<'_>>, new: Option<&View<'_>>) {
        let noted = |lease: &View<'_>| (lease.subnet_id, lease.client_id_kind());
        let [from, to] = [old, new].map(|lease| lease.map_or(&[][..], self.key));
        if from == to && old.map(noted) == new.map(noted) {
            return;
        }
        if let (Some(old), Some(hash)) = (old, hash(&self.seed, from)) {
            self.remove(&Posting::of(hash, old));
        }
        if let (Some(new), Some(hash)) = (new, hash(&self.seed, to)) {
            self.insert(Posting::of(hash, new));
        }
    }

    /// The addresses the client with this identifier may have leases of.
    pub(crate) fn find(&self, identifier: &[u8]) -> Candidates {
        let mut found = Candidates::new();
        let Some(hash) = hash(&self.seed, identifier) else { return found };
        let postings = self.shards[shard(hash)].lock();
        if postings.find_first(hash, &mut found) {
            found.extend(postings.of(hash).map(|posting| posting.address));
        }
        found
    }

    /// Those of them in these subnets (ascending) with client identifiers of these kinds: of each subnet and kind all, or
    /// [`FEW`] at least, and perhaps some others.
    pub(crate) fn find_on(&self, identifier: &[u8], link: &[SubnetId], kinds: &[ClientIdKind]) -> Candidates {
        let mut found = Candidates::new();
        let Some(hash) = hash(&self.seed, identifier) else { return found };
        let postings = self.shards[shard(hash)].lock();
        if !postings.find_first(hash, &mut found) {
            return found;
        }
        if link.len() > 1 && postings.of(hash).nth(link.len()).is_none() {
            // Few leases: looking at each is less than looking into each subnet.
            let wanted = |it: &&Posting| link.binary_search(&it.subnet).is_ok() && kinds.contains(&it.kind);
            found.extend(postings.of(hash).filter(wanted).map(|posting| posting.address));
            return found;
        }
        for &subnet in link {
            found.extend(kinds.iter().flat_map(|&kind| postings.some(hash, subnet, kind)));
        }
        found
    }

    fn insert(&self, new: Posting) {
        let mut postings = self.shards[shard(new.hash)].lock();
        let Postings { first, more } = &mut *postings;
        let start = start(new.hash);
        match first.find_mut(spread(start), |it| it.start() == start) {
            None => {
                let new = First { start, address: new.address };
                first.insert_unique(spread(start), new, |it| spread(it.start()));
            }
            Some(first) => {
                first.start |= First::MORE;
                more.insert(new);
            }
        }
    }

    fn remove(&self, old: &Posting) {
        let mut postings = self.shards[shard(old.hash)].lock();
        let Postings { first, more } = &mut *postings;
        let start = start(old.hash);
        let Ok(mut entry) = first.find_entry(spread(start), |it| it.start() == start) else { return };
        // Of hashes that begin alike, in no useful order: any takes the place of the first.
        let begin_alike = least(old.hash >> REST << REST)..=greatest(old.hash | ((1 << REST) - 1));
        if entry.get().address == old.address {
            let Some(&next) = more.range(begin_alike.clone()).next() else {
                entry.remove();
                return;
            };
            more.remove(&next);
            entry.get_mut().address = next.address;
        } else {
            more.remove(old);
        }
        if more.range(begin_alike).next().is_none() {
            entry.get_mut().start &= !First::MORE;
        }
    }
}

impl Postings {
    /// Adds the first address of a hash; whether there are others.
    fn find_first(&self, hash: u64, found: &mut Candidates) -> bool {
        let start = start(hash);
        let first = self.first.find(spread(start), |it| it.start() == start);
        found.extend(first.map(|first| first.address));
        first.is_some_and(|first| first.start & First::MORE != 0)
    }

    /// The others of a hash.
    fn of(&self, hash: u64) -> impl Iterator<Item = &Posting> {
        self.more.range(least(hash)..=greatest(hash))
    }

    /// Some of them in a subnet and of a kind.
    fn some(&self, hash: u64, subnet: SubnetId, kind: ClientIdKind) -> impl Iterator<Item = Ipv4Addr> {
        let range = Posting { subnet, kind, ..least(hash) }..=Posting { subnet, kind, ..greatest(hash) };
        self.more.range(range).map(|posting| posting.address).take(FEW)
    }
}

impl First {
    const MORE: u32 = 1 << 31;

    fn start(&self) -> u32 {
        self.start & !Self::MORE
    }
}

impl Posting {
    fn of(hash: u64, lease: &View<'_>) -> Self {
        Self { hash, subnet: lease.subnet_id, kind: lease.client_id_kind(), address: lease.address }
    }
}

/// What is before all others of a hash.
fn least(hash: u64) -> Posting {
    Posting { hash, subnet: SubnetId(0), kind: ClientIdKind::None, address: Ipv4Addr::UNSPECIFIED }
}

/// What is behind all others of a hash.
fn greatest(hash: u64) -> Posting {
    let kind = ClientIdKind::Unusual;
    Posting { hash, subnet: SubnetId(u32::MAX), kind, address: Ipv4Addr::BROADCAST }
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
