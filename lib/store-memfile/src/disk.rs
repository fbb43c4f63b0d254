//! What a journal does to the disk, in one place, so that a test can let it fail.

use std::fs::File;
use std::io::{Result, Write};
use std::path::Path;

/// The disk under a journal.
pub(crate) trait Disk: std::fmt::Debug + Send + Sync {
    /// Appends some of `bytes` to a file; says how many.
    fn append(&self, mut file: &File, bytes: &[u8]) -> Result<usize> {
        file.write(bytes)
    }

    /// Makes what was appended survive a power cut.
    fn sync(&self, file: &File) -> Result<()> {
        file.sync_data()
    }

    /// Gives a file another name.
    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        std::fs::rename(from, to)
    }
}

/// The disk of the system.
#[derive(Debug)]
pub(crate) struct System;

impl Disk for System {}
