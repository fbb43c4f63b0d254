//! A log file that is rotated when it has grown: `kea.log`, then `kea.log.1`, `kea.log.2` …
//!
//! Several processes may log to one file: every line is one write at the end of the file, rotation happens
//! under the lock `<file>.lock`, and who finds the file rotated already follows to the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

/// A smaller `maxsize`, except 0, counts as this much: log4cplus does not rotate smaller files.
pub(super) const LEAST_MAXSIZE: u64 = 204_800;

/// What a file without `flush` holds back at most, in bytes.
const BUFFER: usize = 1 << 15;

/// An open log file.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    rotation: Option<Rotation>,
    file: File,
    /// Bytes in the file, the buffer and what other processes wrote not counted.
    size: u64,
    buffer: Vec<u8>,
}

/// When and how far to rotate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation {
    /// Bytes after which the file is rotated.
    pub(super) maxsize: u64,
    /// Rotated files kept.
    pub(super) maxver: u32,
    /// Whether other processes are kept out by `<file>.lock`.
    pub(super) lock: bool,
}

impl LogFile {
    /// Opens a file to append to, made if need be.
    pub(super) fn open(path: &Path, rotation: Option<Rotation>) -> io::Result<Self> {
        let file = append_to(path)?;
        let size = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), rotation, file, size, buffer: Vec::new() })
    }

    /// Writes a line: at once if `flush`, else when enough has come together.
    pub(super) fn write(&mut self, line: &str, flush: bool) -> io::Result<()> {
        if flush && self.buffer.is_empty() {
            self.file.write_all(line.as_bytes())?;
            self.size += line.len() as u64;
        } else {
            self.buffer.extend_from_slice(line.as_bytes());
            if flush || self.buffer.len() >= BUFFER {
                self.flush()?;
            }
        }
        match self.rotation {
            Some(rotation) if self.size + self.buffer.len() as u64 > rotation.maxsize => {
                self.rotate(rotation)
            }
            _ => Ok(()),
        }
    }

    /// Writes what is held back.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.file.write_all(&self.buffer)?;
            self.size += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    fn rotate(&mut self, rotation: Rotation) -> io::Result<()> {
        self.flush()?;
        let _lock = rotation.lock.then(|| lock(&with_suffix(&self.path, "lock"))).transpose()?;
        let still_ours = fs::metadata(&self.path).is_ok_and(|there| {
            self.file.metadata().is_ok_and(|ours| (there.dev(), there.ino()) == (ours.dev(), ours.ino()))
        });
        if still_ours {
            for version in (1..rotation.maxver).rev() {
                let from = with_suffix(&self.path, version);
                rename_if_there(&from, &with_suffix(&self.path, version + 1))?;
            }
            rename_if_there(&self.path, &with_suffix(&self.path, 1))?;
        }
        self.file = append_to(&self.path)?;
        self.size = self.file.metadata()?.len();
        Ok(())
    }
}

impl Drop for LogFile {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn lock(path: &Path) -> io::Result<Flock<File>> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o660).open(path)?;
    Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| errno.into())
}

fn with_suffix(path: &Path, suffix: impl std::fmt::Display) -> PathBuf {
    let mut longer = path.as_os_str().to_owned();
    longer.push(format!(".{suffix}"));
    longer.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROTATION: Rotation = Rotation { maxsize: 10, maxver: 2, lock: true };

    fn contents(path: &Path) -> Vec<Option<String>> {
        ["", ".1", ".2", ".3"]
            .map(|suffix| fs::read_to_string(format!("{}{suffix}", path.display())).ok())
            .to_vec()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    /// A file that grew beyond the limit becomes `.1`, `.1` becomes `.2`, and no more than `maxver` are kept.
    #[test]
    fn a_grown_file_is_rotated() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kea.log");
        let mut file = LogFile::open(&path, Some(ROTATION)).unwrap();
        for line in ["aaaaa\n", "bbbbb\n", "ccccccccccccc\n", "d\n"] {
            file.write(line, true).unwrap();
        }
        let (old, new) = (some("aaaaa\nbbbbb\n"), some("ccccccccccccc\n"));
        assert_eq!(contents(&path), [some("d\n"), new, old, None]);
        file.write("eeeeeeeeeeee\n", true).unwrap();
        assert_eq!(contents(&path), [some(""), some("d\neeeeeeeeeeee\n"), some("ccccccccccccc\n"), None]);
    }

    /// Two writers of one file lose no line: who finds it rotated follows, and does not rotate again.
    #[test]
    fn two_writers_share_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kea.log");
        let mut one = LogFile::open(&path, Some(ROTATION)).unwrap();
        let mut two = LogFile::open(&path, Some(ROTATION)).unwrap();
        two.write("two 1\n", true).unwrap();
        one.write("one 1 is long\n", true).unwrap();
        two.write("two 2 is long\n", true).unwrap();
        two.write("two 3\n", true).unwrap();
        let rotated = some("two 1\none 1 is long\ntwo 2 is long\n");
        assert_eq!(contents(&path), [some("two 3\n"), rotated, None, None]);
    }

    /// Without `flush` lines are held back until they are many, asked for, or the file is closed.
    #[test]
    fn lines_without_flush_are_held_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kea.log");
        let mut file = LogFile::open(&path, None).unwrap();
        file.write("a\n", false).unwrap();
        assert_eq!(contents(&path)[0], some(""));
        file.write("b\n", true).unwrap();
        assert_eq!(contents(&path)[0], some("a\nb\n"));
        file.write("c\n", false).unwrap();
        drop(file);
        assert_eq!(contents(&path)[0], some("a\nb\nc\n"));
    }

    /// An existing file is continued, and its size counts.
    #[test]
    fn an_existing_file_is_continued() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kea.log");
        fs::write(&path, "123456789\n").unwrap();
        let rotation = Rotation { lock: false, ..ROTATION };
        LogFile::open(&path, Some(rotation)).unwrap().write("x\n", true).unwrap();
        assert_eq!(contents(&path), [some(""), some("123456789\nx\n"), None, None]);
        assert!(!with_suffix(&path, "lock").exists());
    }
}
