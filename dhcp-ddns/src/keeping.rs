//! Requests kept in a file while they wait, if the configuration has it so; numbered in any case.

use std::path::Path;
use std::sync::Arc;

use kotare_config::process::RequestQueue;
use kotare_ddns::{ChangeRequest, Journal, JournalFile, Kept};
use kotare_model::Durability;

use crate::messages::*;
use crate::updates::TRANSACTIONS;

/// What keeps requests.
#[derive(Debug)]
pub(crate) struct Keeping {
    journal: Option<Journal>,
    /// Whether each flush waits for the disk.
    is_slow: bool,
    capacity: usize,
    /// The number of the next request that no journal numbers.
    next: u64,
}

impl Keeping {
    /// Opens the file, if there is to be one; what it kept, in order.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(crate) fn open(queue: &RequestQueue, file: Option<&Path>) -> Result<(Self, Vec<Kept>), String> {
        let is_slow = queue.durability == Durability::System;
        let keeping = |journal| Self { journal, is_slow, capacity: queue.capacity, next: 1 };
        let Some(path) = file else { return Ok((keeping(None), Vec::new())) };
        // Those under way have left the queue, but not the file.
        let capacity = queue.capacity.saturating_add(TRANSACTIONS);
        let opened = JournalFile::open(path, is_slow).and_then(|file| Journal::open(file, capacity));
        let (journal, replay) = opened
            .map_err(|error| format!("requests cannot be kept in the file {}: {error}", path.display()))?;
        if replay.unreadable > 0 {
            KOTARE_DDNS_QUEUE_FILE_DAMAGED(path.display(), replay.unreadable);
        }
        KOTARE_DDNS_QUEUE_FILE_READ(path.display(), replay.kept.len());
        Ok((keeping(Some(journal)), replay.kept))
    }

    /// How many requests may wait.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether requests outlive the process.
    pub(crate) fn persists(&self) -> bool {
        self.journal.is_some()
    }

    /// Takes a request on, which came now, in seconds since 1970. It is kept after [`Self::keep`].
    pub(crate) fn take_on(&mut self, request: ChangeRequest, now: u64) -> Kept {
        let request = Arc::new(request);
        // The queue is no longer than the journal; were it, the request would be carried out and not kept.
        let kept = self.journal.as_mut().map(|journal| journal.append(&request, now));
        let number = match kept {
            Some(Ok(number)) => number,
            _ => self.next,
        };
        self.next = number.saturating_add(1);
        Kept { number, since: now, request }
    }

    /// A request is done.
    pub(crate) fn done(&mut self, number: u64) {
        if let Some(journal) = &mut self.journal {
            journal.acknowledged(number);
        }
    }

    /// Writes what was taken on; whether it is kept as surely as it is to be.
    pub(crate) fn keep(&mut self) -> bool {
        let Some(journal) = &mut self.journal else { return true };
        let mut flush = || {
            let written = journal.flush();
            written.inspect_err(|error| KOTARE_DDNS_QUEUE_FILE_NOT_WRITTEN(error)).is_ok()
        };
        // Other tasks of this thread do not wait for the disk.
        if self.is_slow { tokio::task::block_in_place(flush) } else { flush() }
    }

    /// Writes what is done. That the disk has it is waited for only when there is nothing else to do: what is done may be
    /// done once more.
    pub(crate) fn forget(&mut self, is_idle: bool) {
        if is_idle || !self.is_slow {
            self.keep();
        }
    }
}
