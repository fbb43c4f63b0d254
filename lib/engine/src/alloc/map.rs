//! What a pool's map can do, whatever it is a map of.

use std::fmt::Debug;
use std::hash::Hash;

use super::Count;
use super::queue::Look;

/// Which places of a pool are taken: leased or in probation, as far as is known. A place is what one lease takes: an
/// address or a prefix. Those of the pool itself have offsets, from 0.
pub trait Map: Debug + Send + Sync + Sized {
    /// What makes two configurations' pools the same, so that one's map serves the other.
    type Key: Copy + Ord + Hash + Debug + Send + Sync;
    /// What a lease takes.
    type Place: Copy + PartialEq + Debug + Send + Sync;
    /// An end of a place or of a pool, in an order in which both are without gaps.
    type Bound: Copy + Ord + Default + Debug + Send + Sync;
    /// What offsets are counted with.
    type Count: Count;

    /// A map in which nothing is taken, to be filled from the store.
    fn new(key: Self::Key) -> Self;

    /// What it is the map of.
    fn key(&self) -> Self::Key;

    /// The lowest and the highest of a pool.
    fn ends(&self) -> (Self::Bound, Self::Bound);

    /// The lowest and the highest of a place.
    fn ends_of(place: Self::Place) -> (Self::Bound, Self::Bound);

    /// How many places the pool has.
    fn size(&self) -> Self::Count;

    /// Whether something of a place is in the pool.
    fn touches(&self, place: Self::Place) -> bool {
        let ((first, last), (low, high)) = (self.ends(), Self::ends_of(place));
        first <= high && low <= last
    }

    /// Notes that a place which touches the pool is taken. Do it before the lease is put into the store, so that a removal
    /// that follows is noted later. Says whether it can be: whether nothing of it belongs to a lease of another place.
    fn take(&self, place: Self::Place) -> bool;

    /// Notes that a place is free. Do it after the lease was removed from the store.
    fn free(&self, place: Self::Place);

    /// Keeps a place from being proposed, whether or not it is taken, until it was let as often.
    fn bar(&self, place: Self::Place);

    /// Undoes a [`Map::bar`].
    fn unbar(&self, place: Self::Place);

    /// How many places of a pool with a queue are taken, or are when this one is, if it is one of them.
    fn occupied(&self, place: Self::Place) -> Self::Count;

    /// The filling is over. Returns the places freed meanwhile: for each, the store must be asked once more.
    fn filled(&self) -> Vec<Self::Place>;

    /// Whether the map is being filled.
    fn is_filling(&self) -> bool;

    /// The lowest free offset at or after this one.
    fn next_free(&self, offset: Self::Count) -> Option<Self::Count>;

    /// The offset that has been free longest, for pools with a queue; of those that were so from the start, one by chance.
    /// It goes to the end of the queue.
    fn longest_free(&self, seed: u64) -> Option<Self::Count>;

    /// What [`Map::longest_free`] would return, for who has looked so far: nothing changes but the look.
    fn would_be_longest_free(&self, seed: u64, look: &mut Look) -> Option<Self::Count>;

    /// The place at this offset.
    fn place(&self, offset: Self::Count) -> Self::Place;
}
