//! A hash table of which another one is made that differs in one entry and shares the rest.

use std::sync::Arc;

use hashbrown::HashTable;

/// How many entries a part has at most, on average: as many are copied where one changes.
const PART: usize = 512;

/// Entries in parts, which are tables of their own: as many as a power of two, and an entry is in the one that its hash names.
/// A clone has the same parts; a part that changes is copied before if it is in use elsewhere.
#[derive(Debug)]
pub(super) struct Tables<T>(Box<[Arc<HashTable<T>>]>);

impl<T> Default for Tables<T> {
    fn default() -> Self {
        Self([Arc::new(HashTable::new())].into())
    }
}

impl<T> Clone for Tables<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone> Tables<T> {
    /// The part for entries with this hash.
    pub(super) fn at(&self, hash: u64) -> &HashTable<T> {
        &self.0[self.number(hash)]
    }

    /// The same, to be changed; there is room for one more. `rehash` is the hash of an entry.
    pub(super) fn of(&mut self, hash: u64, rehash: impl Fn(&T) -> u64) -> &mut HashTable<T> {
        if self.at(hash).len() >= 2 * PART {
            self.split(rehash);
        }
        Arc::make_mut(&mut self.0[self.number(hash)])
    }

    /// All parts.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<HashTable<T>>> {
        self.0.iter()
    }

    /// Makes twice as many parts.
    fn split(&mut self, rehash: impl Fn(&T) -> u64) {
        let count = self.0.len();
        let mut parts: Vec<HashTable<T>> = (0..2 * count).map(|_| HashTable::new()).collect();
        for part in std::mem::take(&mut self.0) {
            for entry in Arc::unwrap_or_clone(part) {
                let hash = rehash(&entry);
                parts[number(hash, 2 * count)].insert_unique(hash, entry, &rehash);
            }
        }
        self.0 = parts.into_iter().map(Arc::new).collect();
    }

    fn number(&self, hash: u64) -> usize {
        number(hash, self.0.len())
    }
}

/// Which one of `count` parts is for this hash. The tables go by its lowest and its highest bits.
fn number(hash: u64, count: usize) -> usize {
    (hash >> 32) as usize & (count - 1)
}
