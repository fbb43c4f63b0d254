//! The pid file: one running daemon of a kind for each configuration file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::{fmt, process};

use nix::fcntl::{Flock, FlockArg};

/// The pid file of this process, `<directory>/<configuration's name>.<program>.pid`; removed when dropped.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
}

/// Why there is no pid file.
#[derive(Debug)]
pub enum PidFileError {
    /// The program runs already with this configuration file.
    AlreadyRunning {
        /// Process id of the one that runs.
        pid: u32,
        /// The pid file that says so.
        path: PathBuf,
    },
    /// Another process is just now taking the same pid file.
    Locked {
        /// The lock file, `<pid file>.lock`.
        path: PathBuf,
    },
    /// The configuration file's path has no file name to name the pid file after.
    NoName {
        /// The configuration file.
        config: PathBuf,
    },
    /// The file cannot be written.
    Io {
        /// What was attempted.
        action: &'static str,
        /// The file concerned.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PidFile {
    /// Takes the pid file, unless a process that is still alive and is the same program holds it. A file left
    /// by a process that is gone, or whose number now belongs to another program, is replaced.
    pub fn create(directory: &Path, config: &Path, program: &str) -> Result<Self, PidFileError> {
        let path = Self::path_for(directory, config, program)?;
        let lock_path = with_suffix(&path, ".lock");
        let _lock = Lock::take(lock_path)?;
        if let Some(pid) = holder(&path).filter(|&pid| pid != process::id() && runs_program(pid, program)) {
            return Err(PidFileError::AlreadyRunning { pid, path });
        }
        let io_error = |source| PidFileError::Io { action: "write the pid file", path: path.clone(), source };
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o644).open(&path).map_err(io_error)?;
        writeln!(file, "{}", process::id()).map_err(io_error)?;
        Ok(Self { path })
    }

    /// Where the file of `program` with this configuration file is.
    pub fn path_for(directory: &Path, config: &Path, program: &str) -> Result<PathBuf, PidFileError> {
        let stem = config.file_stem().ok_or_else(|| PidFileError::NoName { config: config.to_owned() })?;
        let mut name = stem.to_owned();
        name.push(format!(".{program}.pid"));
        Ok(directory.join(name))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if holder(&self.path) == Some(process::id()) {
            // A file that cannot be removed is stale from now on, and recognised as such.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The lock that guards check and write, as Kea's daemons and scripts take it. Removed when released.
struct Lock {
    path: PathBuf,
    _flock: Flock<File>,
}

impl Lock {
    fn take(path: PathBuf) -> Result<Self, PidFileError> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(|source| PidFileError::Io {
            action: "create the lock of the pid file",
            path: path.clone(),
            source,
        })?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(flock) => Ok(Self { path, _flock: flock }),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Err(PidFileError::Locked { path }),
            Err((_, errno)) => {
                Err(PidFileError::Io { action: "lock the pid file", path, source: errno.into() })
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The process id in the file; `None` when there is no file or no number in it (nobody runs who wrote it whole).
fn holder(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.split_ascii_whitespace().next()?.parse().ok().filter(|&pid| pid > 0)
}

/// Whether process `pid` lives and is `program`. A process about which nothing can be learnt counts as it.
fn runs_program(pid: u32, program: &str) -> bool {
    let directory = PathBuf::from(format!("/proc/{pid}"));
    if !directory.exists() {
        return exists_without_proc(pid);
    }
    let Ok(command_line) = fs::read(directory.join("cmdline")) else { return true };
    let first = command_line.split(|&byte| byte == 0).next().unwrap_or_default();
    let name = first.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    name.is_empty() && !is_zombie(&directory) || name == program.as_bytes()
}

/// Where `/proc` is not mounted or hides other users' processes, only a signal can tell.
fn exists_without_proc(pid: u32) -> bool {
    let Ok(pid) = i32::try_from(pid) else { return false };
    match nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None) {
        Ok(()) | Err(nix::errno::Errno::EPERM) => true,
        Err(_) => false,
    }
}

fn is_zombie(directory: &Path) -> bool {
    let Ok(stat) = fs::read_to_string(directory.join("stat")) else { return false };
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut longer = path.as_os_str().to_owned();
    longer.push(suffix);
    longer.into()
}

impl PidFileError {
    /// Whether the reason is that the program runs already, or is just starting.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::AlreadyRunning { .. } | Self::Locked { .. })
    }
}

impl fmt::Display for PidFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyRunning { pid, path } => {
                write!(f, "PID: {pid} exists, PID file: {}", path.display())
            }
            Self::Locked { path } => write!(f, "can't lock, PID lock file: {}", path.display()),
            Self::NoName { config } => write!(f, "config file:{} is missing file name", config.display()),
            Self::Io { action, path, source } => write!(f, "cannot {action} '{}': {source}", path.display()),
        }
    }
}

impl std::error::Error for PidFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn create(directory: &Path, program: &str) -> Result<PidFile, PidFileError> {
        PidFile::create(directory, Path::new("/etc/kea/kea-dhcp4.conf"), program)
    }

    /// Another program that runs. It is said to be started a moment before the system shows its command line.
    fn sleep() -> process::Child {
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        while fs::read(format!("/proc/{}/cmdline", child.id())).unwrap().is_empty() {
            std::thread::yield_now();
        }
        child
    }

    /// The name is made of the configuration's stem and the program, the content is the process id and a newline.
    #[test]
    fn the_file_is_named_after_configuration_and_program() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kea-dhcp4.kea-dhcp4.pid");
        let file = create(directory.path(), "kea-dhcp4").unwrap();
        assert_eq!(file.path(), path);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", process::id()));
        drop(file);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "pid file and lock are removed");
    }

    /// A living process of the same program is respected; its file stays.
    #[test]
    fn a_running_program_is_recognised() {
        let directory = tempfile::tempdir().unwrap();
        let path =
            PidFile::path_for(directory.path(), Path::new("/etc/kea/kea-dhcp4.conf"), "sleep").unwrap();
        let mut child = sleep();
        fs::write(&path, format!("{}\n", child.id())).unwrap();
        let error = create(directory.path(), "sleep").unwrap_err();
        let text = format!("PID: {} exists, PID file: {}", child.id(), path.display());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(error.is_running());
        assert_eq!(error.to_string(), text);
        assert!(path.exists());
    }

    /// A process that is gone, a number reused by another program, and rubbish do not stand in the way.
    #[test]
    fn a_stale_file_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let mut child = sleep();
        let reused = child.id().to_string();
        let path = directory.path().join("kea-dhcp4.kea-dhcp4.pid");
        for stale in ["4194304999\n", "999999999\n", &reused, "", "rubbish\n", &process::id().to_string()] {
            fs::write(&path, stale).unwrap();
            create(directory.path(), "kea-dhcp4").unwrap_or_else(|error| panic!("{stale:?}: {error}"));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// While another process checks and writes, this one does not.
    #[test]
    fn a_held_lock_is_respected() {
        let directory = tempfile::tempdir().unwrap();
        let lock = Lock::take(directory.path().join("kea-dhcp4.kea-dhcp4.pid.lock")).unwrap();
        assert!(matches!(create(directory.path(), "kea-dhcp4"), Err(PidFileError::Locked { .. })));
        drop(lock);
        create(directory.path(), "kea-dhcp4").unwrap();
    }

    /// A directory that is not there is named in the error.
    #[test]
    fn a_missing_directory_is_named() {
        let error = create(Path::new("/nonexistent/kea"), "kea-dhcp4").unwrap_err();
        assert!(!error.is_running());
        let error = error.to_string();
        assert!(error.contains("/nonexistent/kea/kea-dhcp4.kea-dhcp4.pid.lock"), "{error}");
    }
}
