//! Who cleans up: Kea's pid file, and the lock next to it that makes looking and writing one step.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use kotare_store::StoreError;

use crate::journal::with_suffix;

/// The right to read and write a cleanup's pid file. Hold it for moments only: the cleanup itself is protected by
/// the pid in the file.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    lock_path: PathBuf,
    /// Locked. `None` if the folder does not exist, so that there is nothing to protect.
    lock: Option<File>,
}

/// Whether to wait for the right to a pid file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until whoever has it has written: `kea-lfc`.
    Yes,
    /// Not at all: the server.
    No,
}

impl PidFile {
    /// The right to the pid file `path`; `None` if another has it just now.
    pub fn lock(path: &Path, wait: Wait) -> Result<Option<Self>, StoreError> {
        let lock_path = with_suffix(path, ".lock");
        let failed = |error| StoreError::unavailable(format!("lock {}", lock_path.display()), error);
        loop {
            let lock = match File::options().write(true).create(true).truncate(false).open(&lock_path) {
                Ok(lock) => lock,
                Err(error) if error.kind() == ErrorKind::NotFound && wait == Wait::No => {
                    return Ok(Some(Self { path: path.into(), lock_path, lock: None }));
                }
                Err(error) => return Err(failed(error)),
            };
            match wait {
                Wait::Yes => lock.lock().map_err(failed)?,
                Wait::No => match lock.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Ok(None),
                    Err(TryLockError::Error(error)) => return Err(failed(error)),
                },
            }
            // Whoever had it before has removed it since; then others lock another file by this name.
            let ours = lock.metadata().map_err(failed)?.ino();
            if std::fs::metadata(&lock_path).is_ok_and(|now| now.ino() == ours) {
                return Ok(Some(Self { path: path.into(), lock_path, lock: Some(lock) }));
            }
        }
    }

    /// The process that cleans up, if one does. A pid that has since gone to a program of another name, or
    /// a file without a pid, is nobody: left behind by a cleanup that was cut off.
    pub fn running(&self) -> Result<Option<u32>, StoreError> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => {
                return Ok(None);
            }
            Err(error) => {
                return Err(StoreError::unavailable(format!("read {}", self.path.display()), error));
            }
        };
        let Some(pid) = text.trim().parse::<i32>().ok().and_then(rustix::process::Pid::from_raw) else {
            return Ok(None);
        };
        let gone = rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH);
        let number = pid.as_raw_nonzero().get().unsigned_abs();
        let other = std::fs::read_to_string(format!("/proc/{number}/comm"))
            .is_ok_and(|name| !name.starts_with("kea-lfc"));
        Ok((!gone && !other).then_some(number))
    }

    /// Writes `pid`; 0 if it is not known yet.
    pub fn write(&self, pid: u32) -> Result<(), StoreError> {
        std::fs::write(&self.path, format!("{pid}\n"))
            .map_err(|error| StoreError::unavailable(format!("write {}", self.path.display()), error))
    }

    /// Removes the pid file; the lock stays.
    pub fn remove(&self) -> Result<(), StoreError> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StoreError::unavailable(format!("remove {}", self.path.display()), error))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // Removed while still locked, so that nobody's lock is removed but ours.
        if self.lock.is_some() {
            drop(std::fs::remove_file(&self.lock_path));
        }
    }
}
