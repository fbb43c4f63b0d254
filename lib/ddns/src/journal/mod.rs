//! Requests kept until they are carried out: a journal that is only appended to, and written anew when most of it is past.
//!
//! Whoever takes a request on appends it ([`Journal::append`]) and calls [`Journal::flush`] before anybody is told; when the
//! request is carried out or given up it is [`Journal::acknowledged`]. What was flushed and not acknowledged is what
//! [`Journal::open`] finds, in order, however the process ended. What an acknowledgement was not flushed for comes once
//! more, before all that came after it; carrying it out again leads to the same.
//!
//! Servers of DHCP keep with it what they have not sent yet, `kea-dhcp-ddns` what DNS servers have not accepted yet.

mod append;
mod copy;
mod file;
mod line;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::Arc;

pub use append::Append;
use append::TOO_LONG;
pub use copy::{Copied, Copy as JournalCopy, Placed};
pub use file::JournalFile;
use line::Line;
use parking_lot::Mutex;

use crate::numbered::Numbered;
use crate::queue::Full;
use crate::request::ChangeRequest;

/// How many lines of what is past a journal may have beside those of what is not: some 20 MB, read in a moment. Writing it anew
/// waits for the disk.
const MOST_PAST: usize = 131_072;

/// For how many seconds a request is tried while no DNS server can be reached: a day.
const TRIED_FOR: u64 = 86_400;

/// Where a journal is: a file, or what a test has in its place.
pub trait Medium {
    /// All that is there; nothing if there is nothing yet.
    ///
    /// # Errors
    /// When it cannot be read, or is too long to be a journal.
    fn read(&mut self) -> io::Result<Vec<u8>>;

    /// Puts `bytes` behind what is there. After an error any part of them may be there.
    ///
    /// # Errors
    /// When they are not all there, as surely as the medium promises.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Puts `bytes` in the place of all that is there.
    ///
    /// # Errors
    /// When it is not done; all is there as it was then.
    fn replace(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Whether a disk is waited for when something is put behind what is there.
    fn waits_for_disk(&self) -> bool {
        false
    }
}

/// A request that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number in the journal. Later ones have greater numbers.
    pub number: u64,
    /// When it came, in seconds since 1970.
    pub since: u64,
    /// The request.
    pub request: Arc<ChangeRequest>,
}

impl Kept {
    /// Whether it has been tried for so long, until `now`, that it is not tried again.
    #[must_use]
    pub fn is_too_old(&self, now: u64) -> bool {
        now.saturating_sub(self.since) >= TRIED_FOR
    }
}

/// What was found in a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// What is not done, in order.
    pub kept: Vec<Kept>,
    /// How many lines could not be understood, the unfinished one at the end not among them. Their requests are lost.
    pub unreadable: usize,
}

/// A journal of at most so many requests.
#[derive(Debug)]
pub struct Journal<M = JournalFile> {
    medium: Arc<Mutex<M>>,
    /// What is not done, with the time that it came.
    kept: Numbered<(u64, Arc<ChangeRequest>)>,
    capacity: usize,
    next: u64,
    /// What is to be appended.
    unwritten: Vec<u8>,
    /// Room for the same again.
    spare: Vec<u8>,
    /// Whether a disk is waited for when lines are appended.
    waits: bool,
    /// How many lines the medium has, with those that are to be appended.
    lines: usize,
    /// Whether nobody knows what is at the end of the medium.
    is_torn: bool,
    /// What is appended while a copy is made, if one is, and how many lines there were when none could be.
    meanwhile: Option<Vec<u8>>,
    failed_at: usize,
}

impl<M: Medium> Journal<M> {
    /// Reads what is there and begins anew with it. There is room for `capacity` requests that are not done.
    ///
    /// # Errors
    /// When it cannot be read or written, or is something else. That there is no room is none: the journal [is
    /// torn](Self::is_torn) then.
    pub fn open(mut medium: M, capacity: usize) -> io::Result<(Self, Replay)> {
        let mut found: BTreeMap<u64, Kept> = BTreeMap::new();
        let (mut unreadable, mut next) = (0, 1);
        for line in line::all(&medium.read()?)? {
            match line {
                Some(Line::Came(kept)) => {
                    next = next.max(kept.number.saturating_add(1));
                    found.insert(kept.number, kept);
                }
                Some(Line::Done(number)) => {
                    next = next.max(number.saturating_add(1));
                    found.remove(&number);
                }
                None => unreadable += 1,
            }
        }
        let kept = found.values().map(|kept| (kept.number, (kept.since, kept.request.clone()))).collect();
        let waits = medium.waits_for_disk();
        let (medium, unwritten, spare, lines) = (Arc::new(Mutex::new(medium)), Vec::new(), Vec::new(), 0);
        let (is_torn, meanwhile, failed_at) = (false, None, 0);
        let mut journal = Self {
            medium,
            kept,
            capacity,
            next,
            unwritten,
            spare,
            waits,
            lines,
            is_torn,
            meanwhile,
            failed_at,
        };
        // A full disk keeps nobody from starting: what is there is read, and all is written anew when there is room.
        journal.rewrite().or_else(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Ok(()),
            _ => Err(error),
        })?;
        Ok((journal, Replay { kept: found.into_values().collect(), unreadable }))
    }

    /// Takes a request on, which came at this time, in seconds since 1970; its number. It is kept once it is flushed.
    ///
    /// # Errors
    /// When there is no room.
    pub fn append(&mut self, request: &Arc<ChangeRequest>, since: u64) -> Result<u64, Full> {
        self.append_as(request, since, |out| request.write_json(out))
    }

    /// The same of one that is written by `write`.
    pub(crate) fn append_as(
        &mut self,
        request: &Arc<ChangeRequest>,
        since: u64,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<u64, Full> {
        if self.is_full() {
            return Err(Full);
        }
        let number = self.next;
        self.next += 1;
        line::came(number, since, write, &mut self.unwritten);
        self.lines += 1;
        self.kept.push(number, (since, request.clone()));
        Ok(number)
    }

    /// The request of this number is done, one way or the other.
    pub fn acknowledged(&mut self, number: u64) {
        if self.kept.remove(number).is_some() {
            line::done(number, &mut self.unwritten);
            self.lines += 1;
        }
    }

    /// Writes what was not written yet, and all anew when most of it is past. After an error the next time writes all of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.is_long(0) { self.rewrite() } else { self.write() }
    }

    /// Whether nobody knows what is at the end of it since something could not be written: nothing is kept before all is written
    /// anew.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Whether who writes what [is not written](Self::take_unwritten) would wait for a disk.
    #[must_use]
    pub fn waits_for_disk(&self) -> bool {
        !self.is_torn && (self.is_long(TOO_LONG) || !self.unwritten.is_empty() && self.waits)
    }

    /// Writes what is not done, and nothing else.
    fn rewrite(&mut self) -> io::Result<()> {
        self.unwritten.clear();
        self.is_torn = true;
        // A copy that is being made has nothing of this.
        self.meanwhile = None;
        let mut whole = line::HEAD.to_vec();
        for (number, (since, request)) in self.kept.iter() {
            line::came(number, *since, |out| request.write_json(out), &mut whole);
        }
        self.medium.lock().replace(&whole)?;
        self.is_torn = false;
        self.lines = self.kept.len();
        Ok(())
    }

    /// How many requests are not done.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether all is done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether there is no room for another request.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.kept.len() >= self.capacity
    }
}
