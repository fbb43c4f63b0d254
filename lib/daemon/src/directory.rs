//! Making a directory that a daemon writes to.
//!
//! `/run` is empty after every start of the machine, and of an installation only the programs may have been copied.
//! A daemon that may make what is missing does so, rather than telling its operator to.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::{error, fmt};

use crate::privilege;

/// Others have no business with leases, logs and control sockets.
const MODE: u32 = 0o750;

/// A directory that is missing and cannot be made. Says which command makes it.
#[derive(Debug)]
pub struct DirectoryError {
    directory: PathBuf,
    variable: &'static str,
    source: io::Error,
}

/// Makes `directory`, though not what it is in, unless it is there; `variable` is the one that names another.
///
/// # Errors
/// If it is missing and cannot be made. Whether one that is there can be used, is told to whoever uses it.
pub(crate) fn make_if_missing(directory: &Path, variable: &'static str) -> Result<(), DirectoryError> {
    match fs::metadata(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        _ => return Ok(()),
    }
    match DirBuilder::new().mode(MODE).create(directory) {
        // Another daemon of the installation may have been faster.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(DirectoryError { directory: directory.to_owned(), variable, source: error })
        }
        _ => Ok(()),
    }
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { directory, variable, source } = self;
        let directory = directory.display();
        write!(
            f,
            "the directory '{directory}' is missing and cannot be made: {source}; make it (install -d -m {MODE:04o}"
        )?;
        if let Some((user, group)) = privilege::ordinary_user() {
            write!(f, " -o {user} -g {group}")?;
        }
        write!(f, " {directory}) or set {variable} to another")
    }
}

impl error::Error for DirectoryError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A missing directory is made, closed to others; one that is there stays as it is.
    #[test]
    fn a_missing_directory_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("kea");
        let mode = || fs::metadata(&directory).unwrap().permissions().mode() & 0o777;
        make_if_missing(&directory, "KEA_DHCP_DATA_DIR").unwrap();
        assert_eq!(mode() & !MODE, 0, "{:o}", mode());
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o711)).unwrap();
        make_if_missing(&directory, "KEA_DHCP_DATA_DIR").unwrap();
        assert_eq!(mode(), 0o711);
    }

    /// Where the parent is missing, too, and where nobody may make anything, the command that helps is told.
    #[test]
    fn what_cannot_be_made_is_told_with_the_command() {
        let folder = tempfile::tempdir().unwrap();
        for directory in [folder.path().join("run/kea"), "/proc/kea".into()] {
            let error = make_if_missing(&directory, "KEA_PIDFILE_DIR").unwrap_err().to_string();
            let directory = directory.display().to_string();
            let start = format!("the directory '{directory}' is missing and cannot be made: ");
            assert!(error.starts_with(&start), "{error}");
            assert!(error.contains("; make it (install -d -m 0750 "), "{error}");
            assert!(error.ends_with(&format!(" {directory}) or set KEA_PIDFILE_DIR to another")), "{error}");
        }
    }
}
