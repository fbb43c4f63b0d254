//! A journal in a file, which one process has at a time.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::Medium;

/// The longest file that is read, in bytes; the longest journal of a million requests is shorter.
const LONGEST: u64 = 1 << 30;

/// What the journal is called while it is written anew.
const NEW: &str = ".new";

/// A file.
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    file: File,
    survives_power_cuts: bool,
}

impl JournalFile {
    /// Opens or makes a file, which nobody but its owner reads. With `survives_power_cuts` each flush waits for the disk;
    /// without, what was flushed survives the end of the process alone.
    ///
    /// # Errors
    /// When it cannot be opened, or another process has it.
    pub fn open(path: &Path, survives_power_cuts: bool) -> Result<Self> {
        let file = open(path, OpenOptions::new().read(true).append(true))?;
        Ok(Self { path: path.to_owned(), file, survives_power_cuts })
    }
}

/// Opens or makes a file and locks it.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File> {
    let file = options.create(true).mode(0o640).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Error::new(ErrorKind::WouldBlock, "another process has the file"))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl Medium for JournalFile {
    fn read(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&self.file).take(LONGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LONGEST {
            return Err(Error::new(ErrorKind::FileTooLarge, "the file is too long"));
        }
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes)?;
        if self.survives_power_cuts { self.file.sync_data() } else { Ok(()) }
    }

    fn waits_for_disk(&self) -> bool {
        self.survives_power_cuts
    }

    /// Another file takes the place of this one when all of it is on the disk.
    fn replace(&mut self, bytes: &[u8]) -> Result<()> {
        let mut name = OsString::from(&self.path);
        name.push(NEW);
        let new = PathBuf::from(name);
        let mut file = open(&new, OpenOptions::new().append(true))?;
        file.set_len(0)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        fs::rename(&new, &self.path)?;
        self.file = file;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}
