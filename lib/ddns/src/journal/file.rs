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
        let other = self.beside(NEW).write(bytes)?;
        self.exchange(other)?;
        self.sync_folder()
    }
}

impl JournalFile {
    /// The place of another file, with this behind the name of this one.
    pub(super) fn beside(&self, ending: &str) -> Beside {
        let mut name = OsString::from(&self.path);
        name.push(ending);
        Beside { path: PathBuf::from(name), survives_power_cuts: self.survives_power_cuts }
    }

    /// Another file takes the place of this one, with `behind` at its end. Whether that is as sure as what is going to be appended;
    /// after an error it has not.
    pub(super) fn make_way(&mut self, mut other: Self, behind: &[u8]) -> Result<bool> {
        let path = other.path.clone();
        let exchanged = other.append(behind).and_then(|()| self.exchange(other));
        exchanged.inspect_err(|_| drop(fs::remove_file(path)))?;
        Ok(!self.survives_power_cuts || self.sync_folder().is_ok())
    }

    /// It is not wanted any more.
    pub(super) fn remove(self) {
        // What is left of it is written over by the next one.
        drop(fs::remove_file(&self.path));
    }

    fn exchange(&mut self, other: Self) -> Result<()> {
        fs::rename(&other.path, &self.path)?;
        self.file = other.file;
        Ok(())
    }

    fn sync_folder(&self) -> Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

/// The place of a file that is going to take that of a journal's.
#[derive(Debug)]
pub(super) struct Beside {
    path: PathBuf,
    survives_power_cuts: bool,
}

impl Beside {
    /// Writes a file there; the disk has it then.
    pub(super) fn write(self, bytes: &[u8]) -> Result<JournalFile> {
        let mut file = open(&self.path, OpenOptions::new().append(true))?;
        let written = file.set_len(0).and_then(|()| file.write_all(bytes)).and_then(|()| file.sync_data());
        // What there is of it takes room that others may need.
        written.inspect_err(|_| drop(fs::remove_file(&self.path)))?;
        let Self { path, survives_power_cuts } = self;
        Ok(JournalFile { path, file, survives_power_cuts })
    }
}
