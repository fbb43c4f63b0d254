//! Lease files that are written beside a store, and are there whole or not at all.

use std::fs::File;
use std::io::{Error, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use kotare_store::StoreError;

use crate::files::{remove, rename, sync_folder, with_suffix};
use crate::kept::Kept;
use crate::lfc::WRITE_SIZE;

/// A file that gets its name when it is complete.
#[derive(Debug)]
pub(crate) struct Draft {
    path: PathBuf,
    draft: PathBuf,
    pub(crate) file: File,
}

impl Draft {
    pub(crate) fn new(path: &Path) -> Result<Self, StoreError> {
        let draft = with_suffix(path, &format!(".tmp{}", std::process::id()));
        remove(&draft)?;
        let file = File::options().write(true).create_new(true).open(&draft);
        let file = file.map_err(|error| failed(path, error))?;
        Ok(Self { path: path.to_owned(), draft, file })
    }

    /// What to tell when it cannot be written.
    pub(crate) fn failed(&self, error: Error) -> StoreError {
        failed(&self.path, error)
    }

    /// Gives it its name.
    pub(crate) fn publish(mut self) -> Result<(), StoreError> {
        let written = self.file.flush().and_then(|()| self.file.sync_all());
        written.map_err(|error| self.failed(error))?;
        rename(&self.draft, &self.path)?;
        sync_folder(&self.path)
    }
}

/// One that did not become the file goes.
impl Drop for Draft {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.draft));
    }
}

fn failed(path: &Path, error: Error) -> StoreError {
    StoreError::unavailable(format!("write all leases to {}", path.display()), error)
}

/// A lease file that leases of anywhere are written to one after the other.
#[derive(Debug)]
pub struct Sheet<L> {
    draft: Draft,
    rows: Vec<u8>,
    count: u64,
    leases: PhantomData<fn() -> L>,
}

impl<L: Kept> Sheet<L> {
    /// A file that will be called `path`; what is called so before is until [`finish`](Self::finish).
    ///
    /// # Errors
    /// When no file can be made beside it.
    pub fn new(path: &Path) -> Result<Self, StoreError> {
        let rows = L::FORMAT.header.to_vec();
        Ok(Self { draft: Draft::new(path)?, rows, count: 0, leases: PhantomData })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, lease: &L) -> Result<(), StoreError> {
        L::render(&lease.view(), &mut self.rows);
        self.count += 1;
        if self.rows.len() >= WRITE_SIZE { self.write() } else { Ok(()) }
    }

    /// Gives the file its name; says how many leases it has.
    ///
    /// # Errors
    /// When the file cannot be written or get its name.
    pub fn finish(mut self) -> Result<u64, StoreError> {
        self.write()?;
        self.draft.publish()?;
        Ok(self.count)
    }

    fn write(&mut self) -> Result<(), StoreError> {
        self.draft.file.write_all(&self.rows).map_err(|error| self.draft.failed(error))?;
        self.rows.clear();
        Ok(())
    }
}
