//! Which addresses a client may have leases of: an index from a hashed identifier.
//!
//! The index keeps hashes, not identifiers, so it may name an address too many; whoever asks looks at the lease.
//! It has its own locks, taken below an address shard's and never the other way round.

use std::hash::{BuildHasher, Hasher};
use std::net::Ipv4Addr;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;

/// Addresses that may belong to a client: almost always none or one.
pub(crate) type Candidates = SmallVec<[Ipv4Addr; 4]>;

/// How many shards there are: so many that the table of one, for a million leases, fits a processor's cache.
const SHARDS: usize = 64;

/// Addresses by the hash of one kind of identifier.
#[derive(Debug)]
pub(crate) struct ClientIndex {
    seed: FixedState,
    shards: [Mutex<Postings>; SHARDS],
}

/// The addresses of one shard. A hash has at most one entry in `first`, so that one identifier with very many
/// leases does not slow down the others.
#[derive(Debug, Default)]
struct Postings {
    first: HashTable<(u32, Ipv4Addr)>,
    /// The further addresses of a hash, sorted.
    more: HashMap<u32, Vec<Ipv4Addr>, FixedState>,
}

impl ClientIndex {
    /// The index of these identifiers, with hashes that depend on `seed`.
    pub(crate) fn new<'a>(seed: u64, leases: impl Iterator<Item = (&'a [u8], Ipv4Addr)>) -> Self {
        let seed = FixedState::with_seed(seed);
        // One shard after the other, as each fits the cache and all together do not.
        let mut sorted: [Vec<(u32, Ipv4Addr)>; SHARDS] = std::array::from_fn(|_| Vec::new());
        for (identifier, address) in leases {
            if let Some((shard, hash)) = place(&seed, identifier) {
                sorted[shard].push((hash, address));
            }
        }
        let shards = sorted.map(|entries| {
            let mut postings = Postings::default();
            postings.first.reserve(entries.len(), |&(hash, _)| spread(hash));
            for (hash, address) in entries {
                postings.insert(hash, address);
            }
            Mutex::new(postings)
        });
        Self { seed, shards }
    }

    /// Notes that the client with this identifier has a lease of `address`. No identifier, no note.
    pub(crate) fn insert(&self, identifier: &[u8], address: Ipv4Addr) {
        if let Some((hash, mut postings)) = self.postings(identifier) {
            postings.insert(hash, address);
        }
    }

    /// Forgets what [`ClientIndex::insert`] noted.
    pub(crate) fn remove(&self, identifier: &[u8], address: Ipv4Addr) {
        if let Some((hash, mut postings)) = self.postings(identifier) {
            postings.remove(hash, address);
        }
    }

    /// The addresses the client with this identifier may have leases of.
    pub(crate) fn find(&self, identifier: &[u8]) -> Candidates {
        let mut found = Candidates::new();
        if let Some((hash, postings)) = self.postings(identifier)
            && let Some(&(_, first)) = postings.first.find(spread(hash), |entry| entry.0 == hash)
        {
            found.push(first);
            if !postings.more.is_empty()
                && let Some(more) = postings.more.get(&hash)
            {
                found.extend_from_slice(more);
            }
        }
        found
    }

    fn postings(&self, identifier: &[u8]) -> Option<(u32, MutexGuard<'_, Postings>)> {
        let (shard, hash) = place(&self.seed, identifier)?;
        Some((hash, self.shards[shard].lock()))
    }
}

impl Postings {
    fn insert(&mut self, hash: u32, address: Ipv4Addr) {
        match self.first.find(spread(hash), |entry| entry.0 == hash) {
            None => {
                self.first.insert_unique(spread(hash), (hash, address), |&(hash, _)| spread(hash));
            }
            Some(&(_, first)) if first == address => {}
            Some(_) => {
                let more = self.more.entry(hash).or_default();
                if let Err(at) = more.binary_search(&address) {
                    more.insert(at, address);
                }
            }
        }
    }

    fn remove(&mut self, hash: u32, address: Ipv4Addr) {
        let Ok(mut first) = self.first.find_entry(spread(hash), |entry| entry.0 == hash) else { return };
        let is_first = first.get().1 == address;
        let next = match self.more.get_mut(&hash) {
            Some(more) if is_first => more.pop(),
            Some(more) => {
                if let Ok(at) = more.binary_search(&address) {
                    more.remove(at);
                }
                None
            }
            None => None,
        };
        if is_first {
            match next {
                Some(next) => first.get_mut().1 = next,
                None => drop(first.remove()),
            }
        }
        if self.more.get(&hash).is_some_and(Vec::is_empty) {
            self.more.remove(&hash);
        }
    }
}

/// The shard of an identifier, and its hash there. An empty one is none.
fn place(seed: &FixedState, identifier: &[u8]) -> Option<(usize, u32)> {
    if identifier.is_empty() {
        return None;
    }
    let mut hasher = seed.build_hasher();
    hasher.write(identifier);
    let hash = hasher.finish();
    Some(((hash >> (u64::BITS - SHARDS.ilog2())) as usize, hash as u32))
}

/// The 64 bits that a table wants, from the 32 that an entry keeps.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One identifier may have many leases, and forgetting any of them leaves the others.
    #[test]
    fn every_lease_of_a_client_is_found_until_it_is_forgotten() {
        let index = ClientIndex::new(1, std::iter::empty());
        let addresses: Vec<Ipv4Addr> = (0..100).map(Ipv4Addr::from_bits).collect();
        for &address in &addresses {
            index.insert(b"client", address);
            index.insert(b"client", address);
        }
        for i in [0, 99, 50, 1] {
            index.remove(b"client", addresses[i]);
        }
        let mut found = index.find(b"client").into_vec();
        found.sort();
        assert_eq!(found.len(), 96);
        assert!(!found.contains(&addresses[50]) && found.contains(&addresses[51]));
        for address in found {
            index.remove(b"client", address);
        }
        assert!(index.find(b"client").is_empty());
        index.insert(b"", addresses[0]);
        assert!(index.find(b"").is_empty());
    }
}
