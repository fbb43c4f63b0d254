//! Which addresses a client may have leases of: an index from a hashed identifier.
//!
//! The index keeps hashes, not identifiers, so it may name an address too many; whoever asks looks at the lease.
//! It has its own locks, taken below an address shard's and never the other way round.

use std::hash::{BuildHasher, Hasher};
use std::net::Ipv4Addr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use smallvec::SmallVec;

/// Addresses that may belong to a client: almost always none or one.
pub(crate) type Candidates = SmallVec<[Ipv4Addr; 4]>;

/// How many shards there are.
const SHARDS: usize = 16;

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
    /// An empty index whose hashes depend on `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed: FixedState::with_seed(seed), shards: Default::default() }
    }

    /// Makes room for `entries` more.
    pub(crate) fn reserve(&mut self, entries: usize) {
        for shard in &mut self.shards {
            let postings = shard.get_mut().unwrap_or_else(PoisonError::into_inner);
            // Hashing is even, but not that even.
            postings.first.reserve(entries / SHARDS + entries / (SHARDS * 64), |&(hash, _)| spread(hash));
        }
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
        if identifier.is_empty() {
            return None;
        }
        let mut hasher = self.seed.build_hasher();
        hasher.write(identifier);
        let hash = hasher.finish();
        let shard = &self.shards[(hash >> (u64::BITS - SHARDS.ilog2())) as usize];
        Some((hash as u32, shard.lock().unwrap_or_else(PoisonError::into_inner)))
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
        let index = ClientIndex::new(1);
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
