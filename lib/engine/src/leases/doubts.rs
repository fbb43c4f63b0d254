//! Places of which it is unknown whether they were given.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parking_lot::Mutex;

/// So many are remembered; what is more stays taken until the maps are made anew.
const MOST: usize = 65_536;

/// Places that are marked as taken although the store did not say that they are: it failed, or nobody waited for its
/// answer. There are none as long as nothing fails, which costs a look at a number.
#[derive(Debug)]
pub(super) struct Doubts<P> {
    count: AtomicUsize,
    places: Mutex<Vec<P>>,
}

impl<P> Default for Doubts<P> {
    fn default() -> Self {
        Self { count: AtomicUsize::new(0), places: Mutex::default() }
    }
}

impl<P: Copy + PartialEq> Doubts<P> {
    /// Remembers a place.
    pub(super) fn add(&self, place: P) {
        let mut places = self.places.lock();
        if places.len() < MOST && !places.contains(&place) {
            places.push(place);
        }
        self.count.store(places.len(), Relaxed);
    }

    /// One of the places, which stays until it is removed.
    pub(super) fn first(&self) -> Option<P> {
        match self.count.load(Relaxed) {
            0 => None,
            _ => self.places.lock().first().copied(),
        }
    }

    /// Forgets a place: the store told.
    pub(super) fn remove(&self, place: P) {
        let mut places = self.places.lock();
        places.retain(|one| *one != place);
        self.count.store(places.len(), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place is remembered once, and until it is forgotten.
    #[test]
    fn places_are_remembered_until_the_store_tells() {
        let doubts = Doubts::default();
        assert_eq!(doubts.first(), None);
        [1, 2, 1].into_iter().for_each(|place| doubts.add(place));
        assert_eq!(doubts.first(), Some(1));
        doubts.remove(1);
        assert_eq!(doubts.first(), Some(2));
        doubts.remove(2);
        assert_eq!(doubts.first(), None);
    }
}
