//! Samples of what a worker counts, as it goes along.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::book::Book;
use crate::changed::Changed;
use crate::counters::Cells;
use crate::statistic::Array;
use crate::{Stat4, Stat6, Statistic};

/// That of a worker of a DHCPv4 server.
pub type Sampler4 = Sampler<Stat4>;
/// That of a worker of a DHCPv6 server.
pub type Sampler6 = Sampler<Stat6>;

/// Takes samples of what one worker has counted, and of all that was counted for subnets and pools.
///
/// What others count for the server is not looked at, so that their cache lines stay theirs.
#[derive(Debug)]
pub struct Sampler<S: Statistic> {
    cells: Arc<Cells<S>>,
    /// The worker's counters when a sample was taken last.
    seen: S::OfServer<i64>,
    changed: Arc<Changed>,
    book: Arc<Mutex<Book<S>>>,
}

impl<S: Statistic> Sampler<S> {
    pub(crate) fn new(cells: Arc<Cells<S>>, changed: Arc<Changed>, book: Arc<Mutex<Book<S>>>) -> Self {
        let seen = S::OfServer::from_fn(|place| cells.count(place));
        Self { cells, seen, changed, book }
    }

    /// Samples what has changed since the last time. To be called when something may have been counted, at best at `now`.
    /// It waits for nobody: while somebody reads the statistics, it is left for the next time.
    pub fn sample(&mut self, now: Duration) {
        let seen = self.seen.as_mut();
        let is_news = (0..S::GLOBALS).any(|place| self.cells.count(place) != seen[place]);
        if !is_news && self.changed.is_empty() {
            return;
        }
        let Some(mut book) = self.book.try_lock() else { return };
        for (place, seen) in seen.iter_mut().enumerate() {
            let count = self.cells.count(place);
            if count != *seen {
                *seen = count;
                book.observe_global(place, now);
            }
        }
        book.observe_changed(now);
    }
}
