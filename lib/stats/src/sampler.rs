//! Samples of what a worker counts, as it goes along.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::Mutex;

use crate::Stat4;
use crate::book::Book;
use crate::changed::Changed;
use crate::counters::Cells;

/// Takes samples of what one worker has counted, and of all that was counted for subnets and pools.
///
/// What others count for the server is not looked at, so that their cache lines stay theirs.
#[derive(Debug)]
pub struct Sampler4 {
    cells: Arc<Cells<{ Stat4::GLOBALS }>>,
    /// The worker's counters when a sample was taken last.
    seen: [i64; Stat4::GLOBALS],
    changed: Arc<Changed>,
    book: Arc<Mutex<Book>>,
}

impl Sampler4 {
    pub(crate) fn new(
        cells: Arc<Cells<{ Stat4::GLOBALS }>>,
        changed: Arc<Changed>,
        book: Arc<Mutex<Book>>,
    ) -> Self {
        let seen = std::array::from_fn(|place| cells.0[place].load(Ordering::Relaxed));
        Self { cells, seen, changed, book }
    }

    /// Samples what has changed since the last time. To be called when something may have been counted, at best at `now`.
    /// It waits for nobody: while somebody reads the statistics, it is left for the next time.
    pub fn sample(&mut self, now: Duration) {
        let count = |place: usize| self.cells.0[place].load(Ordering::Relaxed);
        let is_news = (0..Stat4::GLOBALS).any(|place| count(place) != self.seen[place]);
        if !is_news && self.changed.is_empty() {
            return;
        }
        let Some(mut book) = self.book.try_lock() else { return };
        for place in 0..Stat4::GLOBALS {
            let count = count(place);
            if count != self.seen[place] {
                self.seen[place] = count;
                book.observe_global(place, now);
            }
        }
        book.observe_changed(now);
    }
}
