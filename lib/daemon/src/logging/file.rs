//! A log file that is rotated when it has grown: `kea.log`, then `kea.log.1`, `kea.log.2` …
//!
//! Several processes may log to one file: every line is one write at the end of the file, rotation happens
//! under the lock `<file>.lock`. Whoever moves the file away, another process or logrotate, need not tell: what is
//! written next goes to the file of the name.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, Flock, FlockArg, OFlag, fcntl};

use super::stream::Stream;

/// A smaller `maxsize`, except 0, counts as this much: log4cplus does not rotate smaller files.
pub(super) const LEAST_MAXSIZE: u64 = 204_800;

/// An open log file.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    rotation: Option<Rotation>,
    /// A FIFO or a device keeps its name, and is never opened anew.
    is_regular: bool,
    stream: Stream,
    /// Bytes in the file, what is held back and what other processes wrote not counted.
    size: u64,
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
    /// Opens a file to append to, made if need be. Only regular files are rotated.
    pub(super) fn open(path: &Path, rotation: Option<Rotation>) -> io::Result<Self> {
        let file = append_to(path)?;
        let metadata = file.metadata()?;
        let is_regular = metadata.is_file();
        let rotation = rotation.filter(|_| is_regular);
        let (path, stream) = (path.to_owned(), Stream::new(file));
        Ok(Self { path, rotation, is_regular, stream, size: metadata.len() })
    }

    /// Takes a line, which is written now or with later ones.
    pub(super) fn write(&mut self, line: &str) -> io::Result<()> {
        self.counting(line.len(), |stream| stream.write(line))?;
        match self.rotation {
            Some(rotation) if self.size + self.stream.held() as u64 > rotation.maxsize => {
                self.rotate(rotation)
            }
            _ => Ok(()),
        }
    }

    /// Writes what is held back, to the file that has the name now. What cannot be written stays.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.is_regular && self.stream.held() > 0 && !self.is_in_place() {
            // Where no file of the name can be made, the one that was moved away still takes lines.
            let _ = self.reopen();
        }
        self.counting(0, Stream::flush)
    }

    /// Takes away what is held back.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.stream.take()
    }

    /// Counts what `write`, which is given so many bytes more, brings into the file.
    fn counting(&mut self, more: usize, write: impl FnOnce(&mut Stream) -> io::Result<()>) -> io::Result<()> {
        let held = self.stream.held() + more;
        let outcome = write(&mut self.stream);
        self.size += (held - self.stream.held()) as u64;
        outcome
    }

    fn rotate(&mut self, rotation: Rotation) -> io::Result<()> {
        self.flush()?;
        let _lock = rotation.lock.then(|| lock(&with_suffix(&self.path, "lock"))).transpose()?;
        if self.is_in_place() {
            // Another one took its place meanwhile.
            if self.size <= rotation.maxsize {
                return Ok(());
            }
            for version in (1..rotation.maxver).rev() {
                let from = with_suffix(&self.path, version);
                rename_if_there(&from, &with_suffix(&self.path, version + 1))?;
            }
            rename_if_there(&self.path, &with_suffix(&self.path, 1))?;
        }
        self.reopen()
    }

    /// Whether the open file still has the name.
    fn is_in_place(&self) -> bool {
        let ours = self.stream.file().metadata();
        fs::metadata(&self.path)
            .is_ok_and(|there| ours.is_ok_and(|ours| (there.dev(), there.ino()) == (ours.dev(), ours.ino())))
    }

    /// Turns to the file that has the name now, with what is held back.
    fn reopen(&mut self) -> io::Result<()> {
        let file = append_to(&self.path)?;
        self.size = file.metadata()?.len();
        self.stream.turn_to(file);
        Ok(())
    }
}

impl Drop for LogFile {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// To open a FIFO without a reader fails, instead of waiting for one; only writing waits.
fn append_to(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NONBLOCK.bits();
    let file = OpenOptions::new().append(true).create(true).custom_flags(flags).open(path)?;
    fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND))?;
    Ok(file)
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

    fn line_to(file: &mut LogFile, line: &str) {
        file.write(line).and_then(|()| file.flush()).unwrap();
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
            line_to(&mut file, line);
        }
        let (old, new) = (some("aaaaa\nbbbbb\n"), some("ccccccccccccc\n"));
        assert_eq!(contents(&path), [some("d\n"), new, old, None]);
        line_to(&mut file, "eeeeeeeeeeee\n");
        assert_eq!(contents(&path), [some(""), some("d\neeeeeeeeeeee\n"), some("ccccccccccccc\n"), None]);
    }

    /// Two writers of one file lose no line: who finds it rotated follows.
    #[test]
    fn two_writers_share_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kea.log");
        let mut one = LogFile::open(&path, Some(ROTATION)).unwrap();
        let mut two = LogFile::open(&path, Some(ROTATION)).unwrap();
        line_to(&mut two, "two 1\n");
        line_to(&mut one, "one 1 is long\n");
        line_to(&mut two, "two 2 is long\n");
        line_to(&mut two, "two 3\n");
        let (first, second) = (some("two 1\none 1 is long\n"), some("two 2 is long\n"));
        assert_eq!(contents(&path), [some("two 3\n"), second, first, None]);
    }

    /// A file that was moved away or removed is made anew for what is written next, nothing is lost or written twice;
    /// where none can be made, the former one goes on.
    #[test]
    fn a_file_that_was_moved_is_followed_by_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("logs");
        let (path, moved) = (folder.join("kea.log"), directory.path().join("moved"));
        fs::create_dir(&folder).unwrap();
        let mut file = LogFile::open(&path, None).unwrap();
        line_to(&mut file, "1\n");
        fs::rename(&path, with_suffix(&path, 1)).unwrap();
        line_to(&mut file, "2\n");
        assert_eq!(contents(&path), [some("2\n"), some("1\n"), None, None]);
        fs::remove_file(&path).unwrap();
        file.write("3\n").unwrap();
        line_to(&mut file, "4\n");
        assert_eq!(contents(&path)[0], some("3\n4\n"));
        fs::rename(&folder, &moved).unwrap();
        line_to(&mut file, "5\n");
        assert_eq!(contents(&moved.join("kea.log"))[0], some("3\n4\n5\n"));
    }

    /// Lines are held back until they are many, asked for, or the file is closed.
    #[test]
    fn lines_are_held_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kea.log");
        let mut file = LogFile::open(&path, None).unwrap();
        file.write("a\n").unwrap();
        assert_eq!(contents(&path)[0], some(""));
        line_to(&mut file, "b\n");
        assert_eq!(contents(&path)[0], some("a\nb\n"));
        file.write("c\n").unwrap();
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
        line_to(&mut LogFile::open(&path, Some(rotation)).unwrap(), "x\n");
        assert_eq!(contents(&path), [some(""), some("123456789\nx\n"), None, None]);
        assert!(!with_suffix(&path, "lock").exists());
    }
    /// A FIFO is not waited for, and is never moved away.
    #[test]
    fn a_fifo_is_written_while_somebody_reads() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kea.log");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let error = LogFile::open(&path, Some(ROTATION)).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(nix::errno::Errno::ENXIO as i32));
        let mut reader = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let mut file = LogFile::open(&path, Some(ROTATION)).unwrap();
        for line in ["longer than the limit\n", "as is this one\n"] {
            line_to(&mut file, line);
            let mut read = vec![0; line.len()];
            std::io::Read::read_exact(&mut reader, &mut read).unwrap();
            assert_eq!(read, line.as_bytes());
        }
        assert!(!with_suffix(&path, 1).exists());
    }
}
