//! The pid file: one running daemon of a kind for each configuration file.

use std::path::{Path, PathBuf};
use std::{fmt, process};

use kotare_pid_file::{self as pid_file, Wait};

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
    /// The file cannot be read or written.
    Unusable {
        /// The pid file.
        path: PathBuf,
        /// What could not be done, and why.
        error: pid_file::PidFileError,
    },
}

impl PidFile {
    /// Takes the pid file, unless a process that is still alive and is the same program holds it. A file left
    /// by a process that is gone, or whose number now belongs to another program, is replaced.
    pub fn create(directory: &Path, config: &Path, program: &str) -> Result<Self, PidFileError> {
        let path = Self::path_for(directory, config, program)?;
        match Self::take(&path, program) {
            Ok(None) => Ok(Self { path }),
            Ok(Some(holder)) => Err(holder),
            Err(error) => Err(PidFileError::Unusable { path, error }),
        }
    }

    /// Writes the file, or says who is in the way.
    fn take(path: &Path, program: &str) -> Result<Option<PidFileError>, pid_file::PidFileError> {
        let Some(file) = pid_file::PidFile::lock(path, Wait::No)? else {
            return Ok(Some(PidFileError::Locked { path: with_suffix(path, ".lock") }));
        };
        if let Some(pid) = file.holder(program)?.filter(|&pid| pid != process::id()) {
            return Ok(Some(PidFileError::AlreadyRunning { pid, path: path.to_owned() }));
        }
        file.write(process::id())?;
        Ok(None)
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
        pid_file::remove_own(&self.path);
    }
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

/// In Kea's words, and where a file cannot be used the reason behind them.
impl fmt::Display for PidFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyRunning { pid, path } => {
                write!(f, "Daemon::createPIDFile: PID: {pid} exists, PID file: {}", path.display())
            }
            Self::Locked { path } => {
                write!(f, "Daemon::createPIDFile: can't lock, PID lock file: {}", path.display())
            }
            Self::NoName { config } => {
                write!(f, "Daemon::makePIDFileName config file:{} is missing file name", config.display())
            }
            Self::Unusable { path, error } => {
                write!(f, "Unable to open PID file '{}' for write: {error}", path.display())
            }
        }
    }
}

impl std::error::Error for PidFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unusable { error, .. } => std::error::Error::source(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
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
        let text = format!("Daemon::createPIDFile: PID: {} exists, PID file: {}", child.id(), path.display());
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
        let path = directory.path().join("kea-dhcp4.kea-dhcp4.pid");
        let lock = pid_file::PidFile::lock(&path, Wait::No).unwrap().unwrap();
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
        let start = "Unable to open PID file '/nonexistent/kea/kea-dhcp4.kea-dhcp4.pid' for write: ";
        assert!(error.starts_with(start), "{error}");
    }
}
