//! A UNIX socket's file and the lock beside it.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{fmt, io};

use interprocess::local_socket::tokio::Listener;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName};
use interprocess::os::unix::local_socket::ListenerOptionsExt;

/// The longest path that fits into `sockaddr_un` on Linux.
const MAX_PATH: usize = 107;

/// A bound socket's file. Dropping it removes the file and its lock.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Ours as long as the file is, and removed after it.
    _lock: Lock,
}

/// A locked file. Dropping it removes the file.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    _file: File,
}

/// A control socket that cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketError {
    path: PathBuf,
    reason: String,
}

impl SocketError {
    pub(super) fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot open control socket '{}': {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for SocketError {}

/// The one spelling of a socket's path: that of its directory, resolved, and its name.
pub(super) fn locate(path: &Path) -> Result<PathBuf, SocketError> {
    let Some(name) = path.file_name() else {
        return Err(SocketError::new(path, "the path does not end in a file name"));
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let directory = directory.canonicalize().map_err(|error| {
        SocketError::new(path, format!("its directory '{}' cannot be used: {error}", directory.display()))
    })?;
    Ok(directory.join(name))
}

impl SocketFile {
    /// Takes the lock, removes a socket that a dead server left, and listens.
    pub(super) fn bind(path: &Path, mode: u32) -> Result<(Self, Listener), SocketError> {
        let length = path.as_os_str().as_bytes().len();
        if length > MAX_PATH {
            let reason =
                format!("the path has {length} bytes, {MAX_PATH} at most are possible; choose a shorter one");
            return Err(SocketError::new(path, reason));
        }
        let lock = Lock::take(path).map_err(|reason| SocketError::new(path, reason))?;
        let listener = listen(path, mode)?;
        let file = Self { path: path.to_owned(), _lock: lock };
        file.permit(mode);
        Ok((file, listener))
    }

    /// Gives the file exactly these permissions; at bind the process's umask may have taken some away.
    pub(super) fn permit(&self, mode: u32) {
        // A failure leaves it narrower than asked, never wider.
        let _ = fs::set_permissions(&self.path, Permissions::from_mode(mode));
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Gone already is as good; something else that took its place stays.
        let _ = remove_socket(&self.path);
    }
}

/// Removes a socket that a dead server left, and listens.
fn listen(path: &Path, mode: u32) -> Result<Listener, SocketError> {
    let failed = |what: &str, error: io::Error| SocketError::new(path, format!("{what}: {error}"));
    if !remove_socket(path).map_err(|error| failed("what is there already cannot be removed", error))? {
        let reason = "what is there already is no socket and is left alone; choose another socket-name";
        return Err(SocketError::new(path, reason));
    }
    let name = path.as_os_str().to_fs_name::<GenericFilePath>().map_err(|error| failed("bad path", error))?;
    ListenerOptions::new()
        .name(name)
        .mode(mode as _)
        .reclaim_name(false)
        .create_tokio()
        .map_err(|error| failed("it cannot be bound", error))
}

/// Removes the socket at `path`; true if there is nothing afterwards, false if something else is there.
fn remove_socket(path: &Path) -> io::Result<bool> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    if !found.file_type().is_socket() {
        return Ok(false);
    }
    fs::remove_file(path).map(|()| true)
}

impl Lock {
    /// Opens and locks the file beside the socket at `socket`, without waiting.
    fn take(socket: &Path) -> Result<Self, String> {
        let mut path = socket.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&path)
                .map_err(|error| format!("its lock file '{}' cannot be opened: {error}", path.display()))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let shown = path.display();
                    return Err(format!("another process serves it (it holds the lock on '{shown}')"));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(format!("its lock file '{}' cannot be locked: {error}", path.display()));
                }
            }
            // Who held it before may have removed it after we opened it; then the lock means nothing to anybody else.
            let ours = file.metadata().ok().map(|data| (data.dev(), data.ino()));
            let there = fs::metadata(&path).ok().map(|data| (data.dev(), data.ino()));
            if ours.is_some() && ours == there {
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
