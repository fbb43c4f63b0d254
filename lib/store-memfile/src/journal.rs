//! The lease file while the server runs: rows are buffered in order and written together.
//!
//! Positions count bytes of rows since the journal was opened. `appended` is where the next row goes,
//! `kept` how far rows are as durable as configured; what lies between waits in memory, whatever happens to the
//! file. Rows are written at their own offset of the file, so a write that stopped half-way, or whose sync
//! failed, is simply made again: no row is ever torn or doubled by it.

use std::fs::{File, TryLockError};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kotare_model::Durability;
use kotare_store::StoreError;
use parking_lot::Mutex;

use crate::LfcFiles;
use crate::row;
use crate::store::Rotation;
use crate::view::View;

/// Buffers are given back to the system when one flush needed more than this.
const IDLE_CAPACITY: usize = 1 << 20;

/// A lease file open for writing.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    limit: u64,
    /// Whether rows count as kept only once they are on the disk.
    synced: AtomicBool,
    buffer: Mutex<Buffer>,
    kept: AtomicU64,
    /// Taken before `buffer` when both are.
    writer: Mutex<Writer>,
}

/// Rows nobody has tried to write yet.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    appended: u64,
    rows: u64,
}

#[derive(Debug)]
struct Writer {
    file: File,
    /// How long the file is, as far as rows are kept.
    offset: u64,
    /// Rows that follow there, and are not kept yet.
    unkept: Vec<u8>,
    /// How many bytes of them have been written.
    written: usize,
    failures: u64,
    failure: Option<String>,
}

/// How a journal is doing.
pub(crate) struct JournalStatus {
    pub(crate) rows: u64,
    pub(crate) pending_bytes: u64,
    pub(crate) file_bytes: u64,
    pub(crate) failures: u64,
    pub(crate) failure: Option<String>,
}

impl Journal {
    /// Writes rows to the end of `file`, which is the lease file `path`, holds `offset` bytes of whole rows and
    /// is locked.
    pub(crate) fn new(path: PathBuf, file: File, offset: u64, durability: Durability, limit: usize) -> Self {
        Self {
            path,
            limit: limit as u64,
            synced: AtomicBool::new(durability == Durability::System),
            buffer: Mutex::default(),
            kept: AtomicU64::new(0),
            writer: Mutex::new(Writer {
                file,
                offset,
                unkept: Vec::new(),
                written: 0,
                failures: 0,
                failure: None,
            }),
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

    /// Adds the row of `lease`, or fails and adds nothing.
    pub(crate) fn append(&self, lease: &View<'_>) -> Result<(), StoreError> {
        let mut buffer = self.buffer.lock();
        let before = buffer.bytes.len();
        row::render(lease, &mut buffer.bytes);
        let length = (buffer.bytes.len() - before) as u64;
        let waiting = buffer.appended - self.kept.load(Ordering::Acquire);
        if waiting + length > self.limit {
            buffer.bytes.truncate(before);
            return Err(StoreError::unavailable(
                format!("add a row for {} to {}", lease.address, self.path.display()),
                format!(
                    "{waiting} bytes of rows already wait for the file and at most {} may; see why it cannot \
                     be written",
                    self.limit
                ),
            ));
        }
        buffer.appended += length;
        buffer.rows += 1;
        Ok(())
    }

    /// Returns once every row added before the call is kept. One caller writes for all who wait.
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        let target = self.buffer.lock().appended;
        if self.kept.load(Ordering::Acquire) >= target {
            return Ok(());
        }
        let mut writer = self.writer.lock();
        while self.kept.load(Ordering::Acquire) < target {
            self.write(&mut writer)?;
        }
        Ok(())
    }

    /// Makes the lease file the cleanup's input and opens a new one.
    pub(crate) fn rotate(&self) -> Result<Rotation, StoreError> {
        let files = LfcFiles::of(&self.path);
        let mut writer = self.writer.lock();
        if exists(&files.finish)? || exists(&files.copy)? {
            return Ok(Rotation::Unfinished);
        }
        if !exists(&self.path)? {
            return Err(StoreError::unavailable(
                format!("move {} to {}", self.path.display(), files.copy.display()),
                "it is not there any more; rows still go to the file that was opened, so move that one back",
            ));
        }
        // The old file must be whole before it is given away.
        let target = self.buffer.lock().appended;
        while self.kept.load(Ordering::Acquire) < target {
            self.write(&mut writer)?;
        }
        // Everything that can fail for want of room or rights comes before the first rename.
        let new_path = with_suffix(&self.path, ".new");
        let new = create(&new_path)?;
        rename(&self.path, &files.copy).inspect_err(|_| {
            // It is empty; whatever hinders this hinders nobody.
            drop(std::fs::remove_file(&new_path));
        })?;
        rename(&new_path, &self.path).inspect_err(|_| {
            // Back to where we were: the open file is still the lease file.
            drop(std::fs::rename(&files.copy, &self.path));
        })?;
        writer.file = new;
        writer.offset = row::HEADER.len() as u64;
        if self.synced.load(Ordering::Relaxed) {
            sync_folder(&self.path)?;
        }
        Ok(Rotation::Rotated)
    }

    /// How the journal is doing.
    pub(crate) fn status(&self) -> JournalStatus {
        let writer = self.writer.lock();
        let buffer = self.buffer.lock();
        JournalStatus {
            rows: buffer.rows,
            pending_bytes: buffer.appended - self.kept.load(Ordering::Acquire),
            file_bytes: writer.offset + writer.written as u64,
            failures: writer.failures,
            failure: writer.failure.clone(),
        }
    }

    /// Writes and keeps what failed last time, or else everything that waits.
    fn write(&self, writer: &mut Writer) -> Result<(), StoreError> {
        if writer.unkept.is_empty() {
            std::mem::swap(&mut self.buffer.lock().bytes, &mut writer.unkept);
        }
        if let Err(error) = writer.keep(self.synced.load(Ordering::Relaxed)) {
            writer.failures += 1;
            let error = StoreError::unavailable(
                format!("write {} bytes of rows to {}", writer.unkept.len(), self.path.display()),
                error,
            );
            writer.failure = Some(error.to_string());
            return Err(error);
        }
        writer.failure = None;
        let kept = writer.unkept.len() as u64;
        writer.offset += kept;
        writer.written = 0;
        writer.unkept.clear();
        writer.unkept.shrink_to(IDLE_CAPACITY);
        self.kept.fetch_add(kept, Ordering::Release);
        Ok(())
    }
}

impl Writer {
    fn keep(&mut self, sync: bool) -> std::io::Result<()> {
        while self.written < self.unkept.len() {
            match self.file.write_at(&self.unkept[self.written..], self.offset + self.written as u64) {
                Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if sync && let Err(error) = self.file.sync_data() {
            // The system may have dropped the pages and call them clean from now on, so that another sync would
            // succeed and prove nothing: write them again first.
            self.written = 0;
            return Err(error);
        }
        Ok(())
    }
}

impl Drop for Writer {
    /// Closing the file would leave it locked for as long as a program that is just being started has a copy of its
    /// descriptor, and whoever opens it next would be refused.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Opens (or makes) the lease file and locks it for this process.
pub(crate) fn open_locked(path: &Path) -> Result<File, StoreError> {
    let failed = |error: std::io::Error| {
        StoreError::unavailable(format!("open {} for writing", path.display()), error)
    };
    let file =
        File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::unavailable(
            format!("open {} for writing", path.display()),
            "another server is using it; each needs a lease file of its own",
        )),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Writes the header into an empty lease file.
pub(crate) fn write_header(file: &File, path: &Path) -> Result<(), StoreError> {
    file.write_all_at(row::HEADER, 0)
        .map_err(|error| StoreError::unavailable(format!("write the header of {}", path.display()), error))
}

/// A new lease file with nothing but its header; on an error, none.
fn create(path: &Path) -> Result<File, StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::unavailable(format!("remove {}", path.display()), error));
        }
        _ => {}
    }
    let file = open_locked(path)?;
    write_header(&file, path).inspect_err(|_| drop(std::fs::remove_file(path)))?;
    Ok(file)
}

/// Moves a file.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(from, to).map_err(|error| {
        StoreError::unavailable(format!("move {} to {}", from.display(), to.display()), error)
    })
}

/// Makes renames in the folder of `path` survive a power cut.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| StoreError::unavailable(format!("sync the folder {}", folder.display()), error))
}

/// Whether there is a file `path`.
pub(crate) fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(|error| StoreError::unavailable(format!("look for {}", path.display()), error))
}

/// `path` with `suffix` after its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lease file that was closed can be opened again at once, even if a process that was being forked meanwhile has
    /// a copy of the descriptor until it runs its own program.
    #[test]
    fn a_closed_file_is_free_whoever_has_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases.csv");
        let file = open_locked(&path).unwrap();
        let copy = file.try_clone().unwrap();
        let journal = Journal::new(path.clone(), file, 0, Durability::Process, 1000);
        assert!(open_locked(&path).is_err(), "it is locked");
        drop(journal);
        open_locked(&path).unwrap();
        drop(copy);
    }
}
