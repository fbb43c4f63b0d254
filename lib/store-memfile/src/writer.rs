//! The file that a journal writes to, and whether it still is the lease file.

use std::fmt;
use std::fs::{File, Metadata, metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::disk::Disk;

/// A file open for appending, what waits for it, and how it went.
#[derive(Debug)]
pub(crate) struct Writer {
    file: File,
    /// Which file it is, whatever it is called.
    id: (u64, u64),
    /// How long the file is, as far as it is kept.
    pub(crate) offset: u64,
    /// What has to stand there before the next row: a header, or the newline of the last row.
    lead: &'static [u8],
    /// What a new file begins with.
    header: &'static [u8],
    /// Rows that follow, and are not kept yet.
    pub(crate) unkept: Vec<u8>,
    /// How many bytes of both have been written.
    written: usize,
    /// Whether the file alone says everything, so that what earlier cleanups left beside it is out of date.
    pub(crate) whole: bool,
    /// What happened to the lease file, until it is written anew; till then there is nothing to write to.
    pub(crate) astray: Option<Lost>,
    /// What a file with all leases is known to need, if there was no room for it.
    pub(crate) room: u64,
}

/// What happened to a lease file that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    Deleted,
    Replaced,
    Changed,
    /// Nothing: somebody wants it to be written anew.
    Unwanted,
}

impl Writer {
    /// Goes on after the `offset` bytes of a locked file, where `lead` is missing.
    pub(crate) fn new(
        file: File,
        offset: u64,
        lead: &'static [u8],
        header: &'static [u8],
    ) -> std::io::Result<Self> {
        Ok(Self {
            id: id(&file.metadata()?),
            file,
            offset,
            lead,
            header,
            unkept: Vec::new(),
            written: 0,
            whole: false,
            astray: None,
            room: 0,
        })
    }

    /// Begins a new file with what waits.
    pub(crate) fn change_file(&mut self, file: File) -> std::io::Result<()> {
        self.id = id(&file.metadata()?);
        self.unlock();
        self.file = file;
        self.offset = 0;
        self.lead = self.header;
        self.written = 0;
        self.whole = false;
        Ok(())
    }

    /// The file has `length` bytes now, with a row of every lease, and is the lease file.
    pub(crate) fn begin_whole(&mut self, length: u64) {
        self.offset = length;
        self.lead = b"";
        self.whole = true;
        self.astray = None;
        self.room = 0;
    }

    /// How long the file is.
    pub(crate) fn length(&self) -> u64 {
        self.offset + self.written as u64
    }

    /// Writes what waits. Where that stops half-way, the next attempt goes on there, so no row is torn or doubled by it.
    pub(crate) fn write(&mut self, disk: &dyn Disk, sync: bool) -> std::io::Result<()> {
        while let Some(rest) = self.rest() {
            match disk.append(&self.file, rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if sync && let Err(error) = disk.sync(&self.file) {
            // The system may have dropped the pages and call them clean from now on, so that another sync would
            // succeed and prove nothing: they have to be written again.
            self.cut();
            return Err(error);
        }
        Ok(())
    }

    /// What was written is kept.
    pub(crate) fn keep(&mut self) {
        self.offset = self.length();
        self.lead = b"";
        self.written = 0;
        self.unkept.clear();
    }

    /// Takes back what was written and is not kept.
    pub(crate) fn cut(&mut self) {
        // A file that others made shorter would become longer by it, and what happened would not be noticed.
        if self.file.metadata().is_ok_and(|file| file.len() == self.length()) {
            // If that fails, the file is longer than it should be, which is noticed, too.
            drop(self.file.set_len(self.offset));
            self.written = 0;
        }
    }

    /// What happened to the lease file, if others do not find there what was written here. What cannot be found out is
    /// left to those who write and read.
    pub(crate) fn lost(&self, path: &Path) -> Option<Lost> {
        match metadata(path) {
            Ok(there) if id(&there) != self.id => Some(Lost::Replaced),
            Ok(there) if there.len() != self.length() => Some(Lost::Changed),
            Err(error) if error.kind() == ErrorKind::NotFound => Some(Lost::Deleted),
            _ => None,
        }
    }

    /// Closing the file would leave it locked for as long as a program that is just being started has a copy of its
    /// descriptor, and whoever opens it next would be refused.
    fn unlock(&self) {
        let _ = self.file.unlock();
    }

    fn rest(&self) -> Option<&[u8]> {
        let rest = match self.written.checked_sub(self.lead.len()) {
            Some(written) => &self.unkept[written..],
            None => &self.lead[self.written..],
        };
        (!rest.is_empty()).then_some(rest)
    }
}

fn id(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.unlock();
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deleted => "deleted or moved away",
            Self::Replaced => "replaced",
            Self::Changed => "changed",
            Self::Unwanted => "wanted anew",
        })
    }
}
