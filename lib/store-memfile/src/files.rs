//! The files of a store: how they are opened, moved and looked for.

use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use kotare_store::StoreError;
use rustix::fs::{FallocateFlags, OFlags, fallocate};

/// Opens (or makes) a lease file to append to, and locks it for this process.
pub(crate) fn open_locked(path: &Path) -> Result<File, StoreError> {
    open_locked_unless(path, "another server is using it; each needs a lease file of its own")
}

/// The same, with what to say if a server is using the file.
pub(crate) fn open_locked_unless(path: &Path, used: &'static str) -> Result<File, StoreError> {
    let attempted = || format!("open {} for writing", path.display());
    let failed = |error: Error| StoreError::unavailable(attempted(), error);
    let mut options = File::options();
    let file = open_regular(options.read(true).append(true).create(true), path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::unavailable(attempted(), used)),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Opens a file, but nothing that would have to be waited for or never ends: a pipe, a device.
pub(crate) fn open_regular(options: &mut std::fs::OpenOptions, path: &Path) -> std::io::Result<File> {
    let file = options.custom_flags(OFlags::NONBLOCK.bits() as i32).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(Error::new(ErrorKind::InvalidInput, "it is no regular file; name another one, or move it away"))
}

/// Moves a file.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(from, to).map_err(|error| {
        StoreError::unavailable(format!("move {} to {}", from.display(), to.display()), error)
    })
}

/// Removes a file, if there is one.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::unavailable(format!("remove {}", path.display()), error))
        }
        _ => Ok(()),
    }
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

/// Sets room for `size` bytes aside for what will be written into `file`, whose length stays as it is. Where the file
/// system cannot do that, nothing is set aside.
pub(crate) fn make_room(file: &File, size: u64) -> std::io::Result<()> {
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, size) {
        Ok(()) => Ok(()),
        Err(error) => {
            let error = Error::from(error);
            if is_full(&error) { Err(error) } else { Ok(()) }
        }
    }
}

/// Whether there was no room: a disk, a quota or the largest size of a file that was exhausted.
pub fn is_full(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

/// Room that is kept for the day the disk is full: without it nothing could be made smaller on that day.
///
/// It is a file of no bytes that owns blocks of the disk. Whoever needs them gives it another name and writes into it.
pub(crate) struct Reserve(PathBuf);

impl Reserve {
    /// The least and the most that is kept.
    const SIZES: (u64, u64) = (256 << 10, 64 << 20);
    /// What the row of a lease takes: addresses, an ordinary name.
    const ROW: u64 = 120;

    /// The reserve of a lease file.
    pub(crate) fn of(lease_file: &Path) -> Self {
        Self(with_suffix(lease_file, ".reserve"))
    }

    /// Sees to it that there is room for `leases`, if there is any; it is tried again after every cleanup.
    pub(crate) fn keep(&self, leases: u64) {
        let (least, most) = Self::SIZES;
        let size = (leases * Self::ROW).clamp(least, most);
        let mut options = File::options();
        let kept = open_regular(options.write(true).create(true).truncate(false), &self.0)
            .and_then(|file| make_room(&file, size));
        if kept.is_err() {
            // What there is of it would only be missing elsewhere.
            drop(std::fs::remove_file(&self.0));
        }
    }

    /// Makes it the file `to`, if it is there and `to` is not.
    pub(crate) fn become_file(&self, to: &Path) {
        if !to.exists() {
            drop(std::fs::rename(&self.0, to));
        }
    }
}
