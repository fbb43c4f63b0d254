//! Lines are appended to a journal while requests come and go.
//!
//! The medium may take its time, a disk above all. Whoever has a journal to share keeps it locked only while lines are taken
//! out of it and when it is known what became of them, not while they are written.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Journal, JournalFile, Medium};

/// So many lines of what is past there are never: a longer file might not be read any more.
pub(super) const TOO_LONG: usize = 2_000_000;

/// Lines that are to be appended.
#[derive(Debug)]
pub struct Append<M = JournalFile> {
    bytes: Vec<u8>,
    medium: Arc<Mutex<M>>,
}

impl<M: Medium> Append<M> {
    /// Appends them.
    ///
    /// # Errors
    /// When they are not all there, as surely as the medium promises.
    pub fn write(&self) -> io::Result<()> {
        self.medium.lock().append(&self.bytes)
    }
}

impl<M: Medium> Journal<M> {
    /// What was not written yet, if there is something; to be followed by [`Self::appended`] before this is called again.
    ///
    /// # Errors
    /// When nothing can be appended before all is written anew: by [`Self::write`], or aside ([`Self::copy`]).
    pub fn take_unwritten(&mut self) -> io::Result<Option<Append<M>>> {
        if self.is_torn {
            return Err(io::Error::other("all of it has to be written anew before"));
        }
        // It grows so long only where no copy of it can be made.
        if self.is_long(TOO_LONG) {
            self.rewrite()?;
        }
        if self.unwritten.is_empty() {
            return Ok(None);
        }
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.extend(&self.unwritten);
        }
        let bytes = std::mem::replace(&mut self.unwritten, std::mem::take(&mut self.spare));
        Ok(Some(Append { bytes, medium: self.medium.clone() }))
    }

    /// Notes what became of lines that were taken out.
    ///
    /// # Errors
    /// Those of writing them. All is to be written anew then.
    pub fn appended(&mut self, append: Append<M>, written: io::Result<()>) -> io::Result<()> {
        self.spare = append.bytes;
        self.spare.clear();
        self.is_torn |= written.is_err();
        written
    }

    /// Writes what was not written yet, for who sees to it himself that the medium does not grow. After an error the next time
    /// writes all of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.rewrite()?;
        }
        let Some(append) = self.take_unwritten()? else { return Ok(()) };
        let written = append.write();
        self.appended(append, written)
    }
}
