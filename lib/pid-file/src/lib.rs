//! Who runs: a file with a process id, as Kea's programs and scripts know it, and the lock beside it that makes looking
//! and writing one step.
//!
//! A daemon and the cleanup of lease files both have one. This crate decides nothing about who may run: it says who
//! does, and it names no file.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The right to read and write a pid file. Hold it for moments only: afterwards it is the pid in the file that says
/// who runs.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    lock_path: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

/// Whether to wait for the right to a pid file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until whoever has it gives it up.
    Yes,
    /// Not at all.
    No,
}

/// What could not be done with a pid file.
#[derive(Debug)]
pub struct PidFileError {
    /// What was attempted, with the file: "write the pid file /run/kea/kea-dhcp4.kea-dhcp4.pid".
    pub attempted: String,
    /// What the system said.
    pub source: io::Error,
}

impl PidFile {
    /// The right to the pid file `path`; `None` if another has it just now.
    ///
    /// # Errors
    /// When the lock, `path` with `.lock` behind it, cannot be made or taken. Without its folder there is nothing to
    /// read or write either: [`ErrorKind::NotFound`].
    pub fn lock(path: &Path, wait: Wait) -> Result<Option<Self>, PidFileError> {
        let mut lock_path = path.as_os_str().to_owned();
        lock_path.push(".lock");
        let lock_path = PathBuf::from(lock_path);
        let failed = |source| PidFileError::new("lock the pid file by", &lock_path, source);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        loop {
            let lock = options.open(&lock_path).map_err(failed)?;
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
            if fs::metadata(&lock_path).is_ok_and(|now| now.ino() == ours) {
                return Ok(Some(Self { path: path.into(), lock_path, _lock: lock }));
            }
        }
    }

    /// The process in the file, if it lives and is `program`. A process that is gone, a number that belongs to another
    /// program since, and a file without a number are nobody: left behind by one that was cut off.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn holder(&self, program: &str) -> Result<Option<u32>, PidFileError> {
        match fs::read(&self.path) {
            Ok(text) => Ok(number(&text).filter(|&pid| runs(pid, program))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PidFileError::new("read the pid file", &self.path, error)),
        }
    }

    /// Writes `pid`; 0 if it is not known yet.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, pid: u32) -> Result<(), PidFileError> {
        let write = || {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(0o644).open(&self.path)?;
            io::Write::write_all(&mut file, format!("{pid}\n").as_bytes())
        };
        write().map_err(|source| PidFileError::new("write the pid file", &self.path, source))
    }

    /// Removes the pid file; the lock stays. None is fine, too.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self) -> Result<(), PidFileError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(PidFileError::new("remove the pid file", &self.path, error))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // Removed while still locked, so that nobody's lock is removed but ours.
        drop(fs::remove_file(&self.lock_path));
    }
}

/// Removes the pid file `path` if it holds this process's own id, which needs no lock: nobody else takes it as long as
/// this process lives.
pub fn remove_own(path: &Path) {
    if fs::read(path).is_ok_and(|text| number(&text) == Some(std::process::id())) {
        // A file that cannot be removed is stale from now on, and recognised as such.
        drop(fs::remove_file(path));
    }
}

/// The process id that a pid file begins with; `None` when it does not (nobody runs who wrote it whole).
fn number(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.split_ascii_whitespace().next()?.parse().ok().filter(|&pid| pid > 0)
}

/// Whether process `pid` lives and is `program`. A process about which nothing can be learnt counts as it.
fn runs(pid: u32, program: &str) -> bool {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    if !folder.exists() {
        return exists_without_proc(pid);
    }
    let Ok(command_line) = fs::read(folder.join("cmdline")) else { return true };
    let first = command_line.split(|&byte| byte == 0).next().unwrap_or_default();
    let name = first.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    name.is_empty() && !is_zombie(&folder) || name == program.as_bytes()
}

/// Where `/proc` is not mounted or hides other users' processes, only a signal can tell.
fn exists_without_proc(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    matches!(rustix::process::test_kill_process(pid), Ok(()) | Err(rustix::io::Errno::PERM))
}

fn is_zombie(folder: &Path) -> bool {
    let Ok(stat) = fs::read_to_string(folder.join("stat")) else { return false };
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
}

impl PidFileError {
    fn new(attempted: &str, path: &Path, source: io::Error) -> Self {
        Self { attempted: format!("{attempted} {}", path.display()), source }
    }
}

impl fmt::Display for PidFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.attempted, self.source)
    }
}

impl std::error::Error for PidFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The lock is one process's at a time, and gone afterwards.
    #[test]
    fn it_is_locked_for_moments() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases.pid");
        let held = PidFile::lock(&path, Wait::No).unwrap().unwrap();
        assert!(PidFile::lock(&path, Wait::No).unwrap().is_none());
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || PidFile::lock(&path, Wait::Yes).unwrap().unwrap().holder("kea-lfc").unwrap()
        });
        held.write(1).unwrap();
        drop(held);
        // Process 1 is no cleanup.
        assert_eq!(waiting.join().unwrap(), None);
        let held = PidFile::lock(&path, Wait::No).unwrap().unwrap();
        held.remove().unwrap();
        held.remove().unwrap();
        drop(held);
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
    }

    /// A living process of the program is its holder; one that is gone, another program and rubbish are not.
    #[test]
    fn a_stale_file_has_no_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pid");
        let held = PidFile::lock(&path, Wait::No).unwrap().unwrap();
        assert_eq!(held.holder("sleep").unwrap(), None);
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = child.id();
        fs::write(&path, format!(" {pid} and more\n")).unwrap();
        // It is said to be started a moment before the system shows its command line; until then it may be anybody.
        while held.holder("kea-lfc").unwrap().is_some() {
            std::thread::yield_now();
        }
        assert_eq!((held.holder("sleep").unwrap(), held.holder("kea-lfc").unwrap()), (Some(pid), None));
        child.kill().unwrap();
        // It is a zombie until it is waited for.
        while held.holder("sleep").unwrap().is_some() {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        for stale in ["4194304999\n", "999999999\n", "0\n", "", "rubbish\n", "-7\n"] {
            fs::write(&path, stale).unwrap();
            assert_eq!(held.holder("sleep").unwrap(), None, "{stale:?}");
        }
    }

    /// Only the file of this process is its own.
    #[test]
    fn only_ones_own_file_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pid");
        fs::write(&path, "1\n").unwrap();
        remove_own(&path);
        assert!(path.exists());
        PidFile::lock(&path, Wait::No).unwrap().unwrap().write(std::process::id()).unwrap();
        remove_own(&path);
        assert!(!path.exists());
    }

    /// A folder that is not there is named in the error.
    #[test]
    fn a_missing_folder_is_named() {
        let error = PidFile::lock(Path::new("/nonexistent/kea/a.pid"), Wait::No).unwrap_err();
        assert_eq!(error.source.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("/nonexistent/kea/a.pid.lock"), "{error}");
    }
}
