//! Requests kept in a file while they wait, if the configuration has it so; numbered in any case.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::process::RequestQueue;
use kotare_ddns::{ChangeRequest, Journal, JournalFile, Kept};
use kotare_model::Durability;
use tokio::task::block_in_place;

use crate::messages::*;
use crate::updates::TRANSACTIONS;

/// Between two times that a file is written anew which could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// What keeps requests.
#[derive(Debug)]
pub(crate) struct Keeping {
    journal: Option<Journal>,
    /// Whether each flush waits for the disk.
    is_slow: bool,
    capacity: usize,
    /// The number of the next request that no journal numbers.
    next: u64,
    /// When the file is tried again, if it could not be written.
    again: Option<Duration>,
}

impl Keeping {
    /// Opens the file, if there is to be one; what it kept, in order.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(crate) fn open(queue: &RequestQueue, file: Option<&Path>) -> Result<(Self, Vec<Kept>), String> {
        let is_slow = queue.durability == Durability::System;
        let keeping = |journal| Self { journal, is_slow, capacity: queue.capacity, next: 1, again: None };
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

    /// Writes what was taken on; whether it is kept as surely as it is to be. A file that cannot be written is told of once, and left
    /// alone for a while.
    pub(crate) fn keep(&mut self, now: Duration) -> bool {
        let Some(journal) = &mut self.journal else { return true };
        if self.again.is_some_and(|at| now < at) {
            return false;
        }
        // Other tasks of this thread do not wait for the disk.
        let written = if self.is_slow { block_in_place(|| journal.flush()) } else { journal.flush() };
        let again = written.as_ref().err().map(|_| now + PAUSE);
        match (written, std::mem::replace(&mut self.again, again)) {
            (Ok(()), _) => true,
            (Err(error), None) => {
                KOTARE_DDNS_QUEUE_FILE_NOT_WRITTEN(error);
                false
            }
            (Err(_), Some(_)) => false,
        }
    }

    /// When the file is tried again, if it could not be written.
    pub(crate) fn again(&self) -> Option<Duration> {
        self.again
    }

    /// Writes what is done. That the disk has it is waited for only when there is nothing else to do: what is done may be
    /// done once more. A file that could not be written is tried again.
    pub(crate) fn forget(&mut self, is_idle: bool, now: Duration) {
        if is_idle || !self.is_slow || self.again.is_some() {
            self.keep(now);
        }
    }

    /// Writes what is done for the last time, whether or not the file could be written a moment ago.
    pub(crate) fn finish(&mut self, now: Duration) {
        self.again = None;
        self.keep(now);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io};

    use super::*;

    /// A file that cannot be written is not written anew with each request, but when a second has passed.
    #[test]
    fn a_file_that_cannot_be_written_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let (queue, path) = (
            RequestQueue {
                persist: true,
                name: None,
                durability: Durability::Process,
                capacity: 10,
                source: None,
            },
            folder.path().join("queue"),
        );
        let (mut keeping, _) = Keeping::open(&queue, Some(&path)).expect("a file");
        let journal = keeping.journal.as_mut().expect("there is a file");
        let request = ChangeRequest::from_json(
            br#"{"change-type": 0, "forward-change": true, "reverse-change": false, "fqdn": "a.example.com.",
                "ip-address": "192.0.2.1", "dhcid": "010203", "lease-length": 100}"#,
        );
        journal.append(&request.expect("a request").into(), 0).expect("there is room");
        let lines = journal.take_unwritten().expect("it can be written").expect("a line");
        journal.appended(lines, Err(io::ErrorKind::StorageFull.into())).expect_err("it was not");
        // Where it would be written anew is something else.
        let hindrance = folder.path().join("queue.new");
        fs::create_dir(&hindrance).expect("a folder");
        let at = Duration::from_millis;
        assert!(!keeping.keep(at(0)));
        assert_eq!(keeping.again(), Some(at(1000)));
        fs::remove_dir(&hindrance).expect("it is empty");
        assert!(!keeping.keep(at(999)), "it was tried");
        assert!(keeping.keep(at(1000)));
        assert_eq!(keeping.again(), None);
        let written = fs::read_to_string(&path).expect("a file");
        assert!(written.contains("a.example.com."), "{written}");
    }
}
