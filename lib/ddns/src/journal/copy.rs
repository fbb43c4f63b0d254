//! A file of a journal is written anew beside it, while it goes on.
//!
//! Writing all that is not done waits for the disk. Who changes leases does not wait for that: what is appended meanwhile goes to
//! the former file and, in the end, behind what is new.

use std::io;
use std::sync::Arc;

use super::file::Beside;
use super::{Journal, JournalFile, MOST_PAST, line};
use crate::request::ChangeRequest;

/// What a copy is called until it takes the place of the file. One that is written anew at once is called otherwise: it need not wait.
const COPY: &str = ".copy";

/// What another file of a journal is to have.
#[derive(Debug)]
pub struct Copy {
    beside: Beside,
    kept: Vec<(u64, u64, Arc<ChangeRequest>)>,
}

/// A file that may take the place of that of a journal, and how many lines it has.
#[derive(Debug)]
pub struct Copied(JournalFile, usize);

/// What is appended while there is a copy made.
#[derive(Debug, Default)]
pub(super) struct Meanwhile {
    pub(super) bytes: Vec<u8>,
}

impl Copy {
    /// Writes it; waits for the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(self) -> io::Result<Copied> {
        let mut whole = line::HEAD.to_vec();
        for (number, since, request) in &self.kept {
            line::came(*number, *since, |out| request.write_json(out), &mut whole);
        }
        Ok(Copied(self.beside.write(&whole)?, self.kept.len()))
    }
}

impl Journal<JournalFile> {
    /// What is to be written beside, if most of the file is past; to be followed by [`Self::adopt`].
    pub fn copy(&mut self) -> Option<Copy> {
        if self.is_torn || self.meanwhile.is_some() || !self.is_long(self.failed_at) {
            return None;
        }
        self.meanwhile = Some(Meanwhile::default());
        let kept = self.kept.iter().map(|(number, (since, request))| (*number, *since, request.clone()));
        Some(Copy { beside: self.medium.lock().beside(COPY), kept: kept.collect() })
    }

    /// Goes on in the file that was written, if it was. What was appended meanwhile stands behind it then.
    ///
    /// # Errors
    /// When it was not written or cannot take the place of the former one, in which the journal goes on.
    pub fn adopt(&mut self, written: io::Result<Copied>) -> io::Result<()> {
        let Some(Meanwhile { bytes }) = self.meanwhile.take() else { return Ok(()) };
        let adopted = written.and_then(|Copied(file, lines)| {
            // Where it is not sure to be found, all is written anew.
            self.is_torn |= !self.medium.lock().make_way(file, &bytes)?;
            Ok(lines + bytes.iter().filter(|byte| **byte == b'\n').count())
        });
        // Where there is no room for it now, there is none in a moment.
        self.failed_at = if adopted.is_err() { self.lines } else { 0 };
        adopted.map(|lines| self.lines = lines + self.unwritten_lines())
    }

    fn unwritten_lines(&self) -> usize {
        self.unwritten.iter().filter(|byte| **byte == b'\n').count()
    }
}

impl<M> Journal<M> {
    /// Whether most of it is past, and `beside` more lines than that.
    pub(super) fn is_long(&self, beside: usize) -> bool {
        self.lines > beside.max(2 * self.kept.len()) + MOST_PAST
    }
}
