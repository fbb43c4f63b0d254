//! Publication of an immutable snapshot: readers never wait, writers swap a pointer.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

/// A value that is replaced as a whole while many threads read it.
///
/// A reader takes a [`Snapshot`] once for a batch of work and sees one generation throughout. A replaced
/// generation drops itself when its last reader lets go.
#[derive(Debug)]
pub struct Published<T>(ArcSwap<T>);

/// One generation, held; it derefs to the value. Cheap to take; hold it for one batch, not for ever (a held one
/// keeps its generation alive).
#[derive(Debug)]
pub struct Snapshot<T>(Guard<Arc<T>>);

impl<T> Published<T> {
    /// Publishes the first generation.
    pub fn new(first: Arc<T>) -> Self {
        Self(ArcSwap::new(first))
    }

    /// The generation that is current now.
    pub fn load(&self) -> Snapshot<T> {
        Snapshot(self.0.load())
    }

    /// The generation that is current now, to keep.
    pub fn load_full(&self) -> Arc<T> {
        self.0.load_full()
    }

    /// Makes `next` current; returns the one that was. Cannot fail, never waits for readers' work to end.
    pub fn publish(&self, next: Arc<T>) -> Arc<T> {
        self.0.swap(next)
    }
}

impl<T> std::ops::Deref for Snapshot<T> {
    type Target = Arc<T>;
    fn deref(&self) -> &Arc<T> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader keeps the generation it took; the next read sees the new one; the old one is dropped after.
    #[test]
    fn a_snapshot_outlives_its_replacement() {
        let published = Published::new(Arc::new(1));
        let held = published.load();
        let old = published.publish(Arc::new(2));
        assert_eq!((**held, **published.load()), (1, 2));
        drop(held);
        assert_eq!(Arc::strong_count(&old), 1);
    }
}
