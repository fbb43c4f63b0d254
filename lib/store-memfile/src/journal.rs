//! The lease file while the server runs: rows are buffered in order and written together.
//!
//! Positions count bytes of rows since the journal was opened. `appended` is where the next row goes,
//! `kept` how far rows are as durable as configured; what lies between waits in memory, whatever happens to the
//! file. Rows count as kept only if the file they were written to still is the lease file, and as long as it should
//! be: one that was deleted, replaced or changed is first written anew from memory.

use std::io::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use kotare_model::Durability;
use kotare_store::{Ahead, StoreError};
use parking_lot::Mutex;
use smallvec::SmallVec;

use crate::LfcFiles;
use crate::anew::{Leases, write_anew};
use crate::disk::Disk;
use crate::dump::keep_beside;
use crate::files::{Reserve, exists, is_full, open_locked, remove, sync_folder, with_suffix};
use crate::kept::Kept;
use crate::lfc::Claim;
use crate::messages::KOTARE_LEASE_FILE_WRITTEN_ANEW;
use crate::store::Rotation;
use crate::view::View;
use crate::writer::{Lost, Writer};

/// Buffers are given back to the system when one flush needed more than this.
const IDLE_CAPACITY: usize = 1 << 20;

/// A lease file on a full disk that is shorter than this is not what fills it.
const SMALL: u64 = 64 << 10;

/// Who must not be held up waits so long for somebody who writes rows: that is a system call, mostly.
const MOMENT: Duration = Duration::from_millis(1);

/// A lease file is cleaned up when it is this many times as long as the result of the last cleanup.
const GROWTH: u64 = 4;

/// A lease file open for writing.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    limits: Limits,
    disk: Arc<dyn Disk>,
    /// Whether rows count as kept only once they are on the disk.
    synced: AtomicBool,
    buffer: Mutex<Buffer>,
    kept: AtomicU64,
    /// How long the file is, as far as it is kept.
    length: AtomicU64,
    /// Whether there was no room when it was written to last.
    full: AtomicBool,
    /// Beside the writer, so that whoever asks how it goes need not wait for it.
    failures: Mutex<Failures>,
    /// Taken before `buffer` when both are, and before the locks of leases.
    writer: Mutex<Writer>,
    /// Who writes before rows are written.
    ahead: Mutex<SmallVec<[Weak<dyn Ahead>; 1]>>,
}

/// How much a journal may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of rows that wait.
    pub(crate) buffer: u64,
    /// Bytes of the file before a cleanup is due by growth.
    pub(crate) file: u64,
}

/// Rows nobody has tried to write yet.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    appended: u64,
    rows: u64,
}

/// Writes that failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failures {
    pub(crate) count: u64,
    /// Why the last write failed; `None` when it did not.
    pub(crate) last: Option<String>,
}

/// How a journal is doing.
pub(crate) struct JournalStatus {
    pub(crate) rows: u64,
    pub(crate) pending_bytes: u64,
    pub(crate) file_bytes: u64,
    pub(crate) failures: Failures,
}

impl Journal {
    /// Writes rows to the lease file `path`, which `writer` has open.
    pub(crate) fn new(
        path: PathBuf,
        writer: Writer,
        durability: Durability,
        limits: Limits,
        disk: Arc<dyn Disk>,
    ) -> Self {
        Self {
            path,
            limits,
            disk,
            synced: AtomicBool::new(durability == Durability::System),
            buffer: Mutex::default(),
            kept: AtomicU64::new(0),
            length: AtomicU64::new(writer.offset),
            full: AtomicBool::new(false),
            failures: Mutex::default(),
            writer: Mutex::new(writer),
            ahead: Mutex::default(),
        }
    }

    /// The lease file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// When rows count as kept, from the next flush on.
    pub(crate) fn set_durability(&self, durability: Durability) {
        self.synced.store(durability == Durability::System, Ordering::Relaxed);
    }

    fn waits_for_disk(&self) -> bool {
        self.synced.load(Ordering::Relaxed)
    }

    /// Before any row is written that is added from now on, `ahead` writes, for as long as it lives.
    pub(crate) fn precede(&self, ahead: &Arc<dyn Ahead>) {
        let mut all = self.ahead.lock();
        if !all.iter().any(|one| one.as_ptr().addr() == Arc::as_ptr(ahead).addr()) {
            all.retain(|one| one.strong_count() > 0);
            all.push(Arc::downgrade(ahead));
        }
    }

    /// Has written what is to be written before rows that were added until now.
    fn write_ahead(&self) {
        self.all_ahead().for_each(|ahead| ahead.write());
    }

    /// Who writes before rows that were added until now. Who is added meanwhile has nothing to do with those.
    fn all_ahead(&self) -> impl Iterator<Item = Arc<dyn Ahead>> {
        let all = self.ahead.lock().clone();
        all.into_iter().filter_map(|ahead| ahead.upgrade())
    }

    /// Adds the row of `lease`, or fails and adds nothing.
    pub(crate) fn append<L: Kept>(&self, lease: &View<'_, L>) -> Result<(), StoreError> {
        let mut buffer = self.buffer.lock();
        let before = buffer.bytes.len();
        L::render(lease, &mut buffer.bytes);
        let length = (buffer.bytes.len() - before) as u64;
        let waiting = buffer.appended - self.kept.load(Ordering::Acquire);
        if waiting + length > self.limits.buffer {
            buffer.bytes.truncate(before);
            return Err(StoreError::unavailable(
                format!("add a row for {} to {}", lease.address, self.path.display()),
                format!(
                    "{waiting} bytes of rows already wait for the file and at most {} may; see why it cannot \
                     be written",
                    self.limits.buffer
                ),
            ));
        }
        buffer.appended += length;
        buffer.rows += 1;
        Ok(())
    }

    /// Returns once every row added before the call is kept. One caller writes for all who wait.
    pub(crate) fn flush<L: Kept>(&self, leases: &Leases<L>) -> Result<(), StoreError> {
        let target = self.buffer.lock().appended;
        if self.kept.load(Ordering::Acquire) >= target {
            return Ok(());
        }
        let mut writer = self.writer.lock();
        while self.kept.load(Ordering::Acquire) < target {
            self.write(&mut writer, leases)?;
        }
        Ok(())
    }

    /// The same if neither the disk nor somebody who writes has to be waited for; whether it was done.
    pub(crate) fn flush_at_once(&self) -> Result<bool, StoreError> {
        let target = self.buffer.lock().appended;
        if self.kept.load(Ordering::Acquire) >= target {
            return Ok(true);
        }
        if self.waits_for_disk() {
            return Ok(false);
        }
        let Some(mut writer) = self.writer.try_lock_for(MOMENT) else { return Ok(false) };
        while self.kept.load(Ordering::Acquire) < target {
            if !self.write_at_once(&mut writer)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sees to it that the file is the lease file and has its header, whether rows wait or not. If that cannot be done,
    /// every flush tries it again.
    pub(crate) fn settle<L: Kept>(&self, leases: &Leases<L>) {
        drop(self.write(&mut self.writer.lock(), leases));
    }

    /// Writes the lease file anew from memory. The former one is kept beside it. What cannot be done now is tried again
    /// by every flush.
    pub(crate) fn write_all_anew<L: Kept>(&self, leases: &Leases<L>) -> Result<(), StoreError> {
        let mut writer = self.writer.lock();
        keep_beside(&self.path)?;
        writer.astray = Some(Lost::Unwanted);
        self.write(&mut writer, leases)
    }

    /// Makes the lease file the cleanup's input and opens a new one. Without room for the rows that wait they go on
    /// waiting, for the new one.
    pub(crate) fn rotate<L: Kept>(&self, leases: &Leases<L>) -> Result<Rotation, StoreError> {
        let files = LfcFiles::of(&self.path);
        let mut writer = self.writer.lock();
        let target = self.buffer.lock().appended;
        loop {
            // The old file must be whole before it is given away.
            match self.write(&mut writer, leases) {
                Err(_) if writer.astray.is_none() && self.full.load(Ordering::Relaxed) => {
                    writer.cut();
                    break;
                }
                Err(error) => return Err(error),
                Ok(()) if self.kept.load(Ordering::Acquire) >= target => break,
                Ok(()) => {}
            }
        }
        if writer.whole && !self.supersede(&mut writer, &files)?
            || exists(&files.finish)?
            || exists(&files.copy)?
        {
            return Ok(Rotation::Unfinished);
        }
        // Everything that can fail for want of rights comes before the first rename.
        let new_path = with_suffix(&self.path, ".new");
        remove(&new_path)?;
        let new = open_locked(&new_path)?;
        self.rename(&self.path, &files.copy).inspect_err(|_| {
            // It is empty; whatever hinders this hinders nobody.
            drop(std::fs::remove_file(&new_path));
        })?;
        self.rename(&new_path, &self.path).inspect_err(|_| {
            // Back to where we were: the open file is still the lease file.
            drop(std::fs::rename(&files.copy, &self.path));
        })?;
        writer.change_file(new).map_err(|error| self.failed("go on with", error))?;
        if self.synced.load(Ordering::Relaxed) {
            sync_folder(&self.path)?;
        }
        // Its header; without room, the next flush writes it.
        drop(self.write(&mut writer, leases));
        Ok(Rotation::Rotated)
    }

    /// Whether a cleanup would do good: the file grew to many times what it has to be, or filled the disk. Rows that wait
    /// for room are not what could be cleaned up.
    pub(crate) fn cleanup_due(&self) -> bool {
        let files = LfcFiles::of(&self.path);
        let length = self.length.load(Ordering::Relaxed);
        if self.full.load(Ordering::Relaxed) {
            return length > SMALL || files.copy.exists() || files.finish.exists();
        }
        length > self.limits.file
            && length > GROWTH * std::fs::metadata(&files.previous).map_or(0, |previous| previous.len())
    }

    /// How the journal is doing.
    pub(crate) fn status(&self) -> JournalStatus {
        let buffer = self.buffer.lock();
        JournalStatus {
            rows: buffer.rows,
            pending_bytes: buffer.appended - self.kept.load(Ordering::Acquire),
            file_bytes: self.length.load(Ordering::Relaxed),
            failures: self.failures.lock().clone(),
        }
    }

    /// Writes and keeps what failed last time, or else everything that waits.
    fn write<L: Kept>(&self, writer: &mut Writer, leases: &Leases<L>) -> Result<(), StoreError> {
        self.take(writer);
        self.write_ahead();
        let written = self.write_where_it_belongs(writer, leases);
        self.note(writer, written)
    }

    /// The same if the file need not be written anew and nobody who writes before has to wait; whether it was done.
    fn write_at_once(&self, writer: &mut Writer) -> Result<bool, StoreError> {
        if writer.astray.is_some() {
            return Ok(false);
        }
        self.take(writer);
        if !self.all_ahead().all(|ahead| ahead.write_at_once()) {
            return Ok(false);
        }
        match self.write_on(writer) {
            Ok(false) => Ok(false),
            written => self.note(writer, written.map(drop)).map(|()| true),
        }
    }

    /// What waits is what is to be written next, unless something else has to be first.
    fn take(&self, writer: &mut Writer) {
        if writer.unkept.is_empty() {
            std::mem::swap(&mut self.buffer.lock().bytes, &mut writer.unkept);
        }
    }

    /// Takes down what came of writing.
    fn note(&self, writer: &mut Writer, written: Result<(), StoreError>) -> Result<(), StoreError> {
        if let Err(error) = written {
            self.length.store(writer.offset, Ordering::Relaxed);
            let full = error.source.downcast_ref().is_some_and(is_full);
            self.full.store(full, Ordering::Relaxed);
            let mut failures = self.failures.lock();
            failures.count += 1;
            failures.last = Some(error.to_string());
            return Err(error);
        }
        self.full.store(false, Ordering::Relaxed);
        self.failures.lock().last = None;
        let kept = writer.unkept.len() as u64;
        writer.keep();
        self.length.store(writer.offset, Ordering::Relaxed);
        writer.unkept.shrink_to(IDLE_CAPACITY);
        self.kept.fetch_add(kept, Ordering::Release);
        Ok(())
    }

    /// Writes what waits to the lease file, which is written anew first if it is not there as it was left.
    fn write_where_it_belongs<L: Kept>(
        &self,
        writer: &mut Writer,
        leases: &Leases<L>,
    ) -> Result<(), StoreError> {
        if writer.astray.is_none() && self.write_on(writer)? {
            return Ok(());
        }
        // Every row that waits now is of a change that is in memory.
        writer.unkept.append(&mut self.buffer.lock().bytes);
        let lost = writer.astray;
        let count = write_anew(writer, &self.path, leases, &*self.disk, &|| self.write_ahead())?;
        if let Some(lost) = lost.filter(|lost| *lost != Lost::Unwanted) {
            KOTARE_LEASE_FILE_WRITTEN_ANEW(self.path.display(), lost, count);
        }
        // If that cannot be done now, it is before the next cleanup.
        drop(self.supersede(writer, &LfcFiles::of(&self.path)));
        Reserve::of(&self.path).keep(count);
        Ok(())
    }

    /// Writes what waits to the file that is open, and whether that still is the lease file.
    fn write_on(&self, writer: &mut Writer) -> Result<bool, StoreError> {
        let written = writer.write(&*self.disk, self.waits_for_disk());
        writer.astray = writer.lost(&self.path);
        if writer.astray.is_some() {
            return Ok(false);
        }
        let failed = |error| self.failed(&format!("write {} bytes of rows to", writer.unkept.len()), error);
        written.map(|()| true).map_err(failed)
    }

    /// Removes what earlier cleanups left beside a file that says everything alone, unless one is at work.
    fn supersede(&self, writer: &mut Writer, files: &LfcFiles) -> Result<bool, StoreError> {
        let Claim::Ours(_claim) = files.claim()? else { return Ok(false) };
        remove(&files.previous)?;
        remove(&files.copy)?;
        remove(&files.finish)?;
        sync_folder(&self.path)?;
        writer.whole = false;
        Ok(true)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), StoreError> {
        self.disk.rename(from, to).map_err(|error| {
            StoreError::unavailable(format!("move {} to {}", from.display(), to.display()), error)
        })
    }

    fn failed(&self, what: &str, error: Error) -> StoreError {
        StoreError::unavailable(format!("{what} {}", self.path.display()), error)
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
