//! The lines of a lease file, read in pieces.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use kotare_store::StoreError;

use crate::files::open_regular;

/// How much is read at once.
const PIECE: usize = 256 << 10;

/// The longest line: a lease with the largest user context anybody should keep. Longer ones are skipped.
pub(crate) const LONGEST: usize = 1 << 20;

/// The lines of a file, one after the other.
pub(crate) struct Lines {
    file: File,
    what: String,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Up to where there is known to be no newline.
    searched: usize,
    at_end: bool,
    /// How many bytes of the file were read.
    read: u64,
    /// How many lines were returned.
    count: u64,
}

/// A line without its newline.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Whole.
    Whole(&'a [u8]),
    /// The last one, which lacks its newline.
    Torn(&'a [u8]),
    /// Longer than [`LONGEST`].
    TooLong,
}

impl Lines {
    /// Reads `path` from its beginning; `None` if there is no such file.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, StoreError> {
        match open_regular(File::options().read(true), path) {
            Ok(file) => Ok(Some(Self::of(file, path))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::unavailable(format!("read {}", path.display()), error)),
        }
    }

    /// Reads a file that was opened as `path`, from where it stands: its beginning.
    pub(crate) fn of(file: File, path: &Path) -> Self {
        Self {
            file,
            what: format!("read {}", path.display()),
            buffer: vec![0; PIECE],
            start: 0,
            end: 0,
            searched: 0,
            at_end: false,
            read: 0,
            count: 0,
        }
    }

    /// The number of the line that was returned last, from 1 on.
    pub(crate) fn number(&self) -> u64 {
        self.count
    }

    /// Where in the file the next line begins.
    pub(crate) fn position(&self) -> u64 {
        self.read - (self.end - self.start) as u64
    }

    /// The next line, blank ones included; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, StoreError> {
        let mut too_long = false;
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.buffer[self.searched..self.end]) {
                let (from, to) = (self.start, self.searched + length);
                self.start = to + 1;
                self.searched = self.start;
                self.count += 1;
                return Ok(Some(if too_long { Line::TooLong } else { Line::Whole(&self.buffer[from..to]) }));
            }
            if self.at_end {
                let (from, to) = (self.start, self.end);
                self.start = to;
                self.searched = to;
                self.count += 1;
                return Ok(if too_long {
                    Some(Line::TooLong)
                } else if from < to {
                    Some(Line::Torn(&self.buffer[from..to]))
                } else {
                    None
                });
            }
            if self.end - self.start > LONGEST {
                too_long = true;
                self.start = self.end;
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), StoreError> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        self.searched = self.end;
        if self.buffer.len() < self.end + PIECE {
            self.buffer.resize(self.end + PIECE, 0);
        }
        loop {
            match self.file.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.read += count as u64;
                    self.at_end = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(StoreError::unavailable(std::mem::take(&mut self.what), error)),
            }
        }
    }
}
