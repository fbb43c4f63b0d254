//! A file of a journal is written anew beside it, while it goes on.
//!
//! Writing all that is not done waits for the disk. Who changes leases does not wait for that: what is appended meanwhile goes to
//! the former file and, in the end, behind what is new.

use std::io;
use std::mem::take;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Journal, JournalFile, MOST_PAST, line};
use crate::request::ChangeRequest;

/// What a copy is called until it takes the place of the file. One that is written anew at once is called otherwise: it need not wait.
const COPY: &str = ".copy";

/// What another file of a journal is to have.
#[derive(Debug)]
pub struct Copy {
    medium: Arc<Mutex<JournalFile>>,
    kept: Vec<(u64, u64, Arc<ChangeRequest>)>,
}

/// A file that may take the place of that of a journal, and how many lines it has.
#[derive(Debug)]
pub struct Copied {
    medium: Arc<Mutex<JournalFile>>,
    file: JournalFile,
    lines: usize,
}

/// A file that has taken the place of that of a journal.
#[derive(Debug)]
pub struct Placed {
    lines: usize,
    /// Whether it is found there as surely as what is appended to it.
    is_sure: bool,
}

impl Copy {
    /// Writes it; waits for the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(self) -> io::Result<Copied> {
        let Self { medium, kept } = self;
        let mut whole = line::HEAD.to_vec();
        for (number, since, request) in &kept {
            line::came(*number, *since, |out| request.write_json(out), &mut whole);
        }
        let beside = medium.lock().beside(COPY);
        Ok(Copied { file: beside.write(&whole)?, lines: kept.len(), medium })
    }
}

impl Copied {
    /// Puts [what was appended meanwhile](Journal::meanwhile) behind it and it in the place of the file; waits for the disk. Nobody
    /// appends to the journal from when that is asked for until it has [adopted](Journal::adopt) this.
    ///
    /// # Errors
    /// When it cannot be put there, or another file has taken its place.
    pub fn take_place(self, meanwhile: Option<&[u8]>) -> io::Result<Placed> {
        let Self { medium, file, lines } = self;
        let Some(behind) = meanwhile else {
            file.remove();
            return Err(io::Error::other("another file has taken its place"));
        };
        let is_sure = medium.lock().make_way(file, behind)?;
        Ok(Placed { lines: lines + lines_of(behind), is_sure })
    }
}

impl Journal<JournalFile> {
    /// What is to be written beside, if most of the file is past or nobody knows what is at its end; to be followed by
    /// [`Self::adopt`].
    pub fn copy(&mut self) -> Option<Copy> {
        if self.meanwhile.is_some() || !self.is_torn && !self.is_long(self.failed_at) {
            return None;
        }
        if self.is_torn {
            // It is in what is written now, if it is not past.
            self.unwritten.clear();
        }
        self.meanwhile = Some(Vec::new());
        let kept = self.kept.iter().map(|(number, (since, request))| (number, *since, request.clone()));
        Some(Copy { medium: self.medium.clone(), kept: kept.collect() })
    }

    /// What was appended since it was copied; none if it is not wanted any more.
    pub fn meanwhile(&mut self) -> Option<Vec<u8>> {
        self.meanwhile.as_mut().map(take)
    }

    /// Goes on in the file that was written, if it was.
    ///
    /// # Errors
    /// When it was not written or cannot take the place of the former one, in which the journal goes on.
    pub fn adopt(&mut self, placed: io::Result<Placed>) -> io::Result<()> {
        let Some(meanwhile) = self.meanwhile.take() else { return Ok(()) };
        // Where there is no room for it now, there is none in a moment.
        self.failed_at = if placed.is_err() { self.lines } else { 0 };
        let Placed { lines, is_sure } = placed?;
        // Where it is not sure to be found, all is written anew.
        self.is_torn = !is_sure || !meanwhile.is_empty();
        self.lines = lines + lines_of(&self.unwritten);
        Ok(())
    }
}

fn lines_of(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

impl<M> Journal<M> {
    /// Whether most of it is past, and `beside` more lines than that.
    pub(super) fn is_long(&self, beside: usize) -> bool {
        self.lines > beside.max(2 * self.kept.len()) + MOST_PAST
    }
}
