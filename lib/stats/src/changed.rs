//! Which subnets and pools were counted for since samples were taken last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

use kotare_model::SubnetId;
use parking_lot::Mutex;

use crate::PoolKind;
use crate::statistic::Array;

/// Whose counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) subnet: SubnetId,
    /// `None`: the subnet's own.
    pub(crate) pool: Option<PoolKey>,
}

/// The pools of a subnet that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PoolKey {
    pub(crate) kind: PoolKind,
    /// `pool-id`.
    pub(crate) id: u32,
}

/// The places that were counted for, each once; so that nobody looks through all subnets for what is news.
#[derive(Debug, Default)]
pub(crate) struct Changed(Mutex<Vec<Place>>);

/// Counters that tell when they are counted with. All additions but the first after a sample cost one load more.
#[derive(Debug)]
pub(crate) struct Watched<C> {
    cells: C,
    place: Place,
    /// Whether the place is among the changed ones.
    marked: AtomicBool,
    changed: Arc<Changed>,
}

impl Changed {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }

    /// Exchanges the list for an empty one.
    pub(crate) fn take(&self, empty: &mut Vec<Place>) {
        std::mem::swap(&mut *self.0.lock(), empty);
    }
}

impl<C: Array<AtomicI64>> Watched<C> {
    pub(crate) fn new(place: Place, changed: &Arc<Changed>) -> Self {
        Self {
            cells: C::from_fn(|_| AtomicI64::new(0)),
            place,
            marked: AtomicBool::new(false),
            changed: changed.clone(),
        }
    }

    pub(crate) fn cells(&self) -> &[AtomicI64] {
        self.cells.as_ref()
    }

    /// In one order for all threads: whoever finds the mark has added before it was taken off, so that what was added is
    /// seen by who took it off.
    #[inline]
    pub(crate) fn add(&self, cell: usize, delta: i64) {
        self.cells.as_ref()[cell].fetch_add(delta, SeqCst);
        if !self.marked.load(SeqCst) && !self.marked.swap(true, SeqCst) {
            self.changed.0.lock().push(self.place);
        }
    }

    /// From now on additions are told again. To be called before the counters are read.
    pub(crate) fn unmark(&self) {
        self.marked.store(false, SeqCst);
    }
}
