//! Files that lines are appended to, also when a disk was full meanwhile.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// A file that lines are appended to. A line that was cut off, by a full disk or the end of the machine, spoils no other: what
/// comes next begins on a line of its own.
#[derive(Debug)]
pub(crate) struct Appended<W> {
    file: W,
    /// It ends within a line.
    is_torn: bool,
}

/// Not all could be appended.
#[derive(Debug)]
pub(crate) struct Cut {
    /// So many bytes of it are there.
    pub(crate) written: usize,
    /// Why not more.
    pub(crate) reason: io::Error,
}

impl Appended<File> {
    /// Opens a file, or makes one.
    ///
    /// # Errors
    /// When that cannot be.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        // What cannot be looked at can be written to nevertheless.
        let is_torn = file.metadata()?.is_file() && ends_within_a_line(path).unwrap_or(false);
        Ok(Self { file, is_torn })
    }
}

fn ends_within_a_line(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

impl<W: Write> Appended<W> {
    /// Appends whole lines.
    ///
    /// # Errors
    /// When not all of them are there.
    pub(crate) fn append(&mut self, lines: &[u8]) -> Result<(), Cut> {
        if lines.is_empty() {
            return Ok(());
        }
        if self.is_torn {
            self.file.write_all(b"\n").map_err(|reason| Cut { written: 0, reason })?;
            self.is_torn = false;
        }
        let mut written = 0;
        while written < lines.len() {
            let reason = match self.file.write(&lines[written..]) {
                Ok(0) => ErrorKind::WriteZero.into(),
                Ok(more) => {
                    written += more;
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => error,
            };
            self.is_torn = written > 0 && lines[written - 1] != b'\n';
            return Err(Cut { written, reason });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A disk with room for so many bytes.
    struct Disk {
        room: usize,
        kept: Vec<u8>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.room);
            if taken == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.room -= taken;
            self.kept.extend(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What was cut off stands on a line of its own as soon as there is room, and it is said how much is there.
    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let mut file = Appended { file: Disk { room: 6, kept: Vec::new() }, is_torn: false };
        assert_eq!(file.append(b"one\ntwo\n").map_err(|cut| cut.written).unwrap_err(), 6);
        let cut = file.append(b"three\n").unwrap_err();
        assert_eq!((cut.written, cut.reason.kind()), (0, ErrorKind::StorageFull));
        // Room for the end of the line alone, and then for a whole one.
        file.file.room = 1;
        assert_eq!(file.append(b"four\n").map_err(|cut| cut.written).unwrap_err(), 0);
        file.file.room = 5;
        file.append(b"five\n").unwrap();
        assert_eq!(file.append(b"six\n").map_err(|cut| cut.written).unwrap_err(), 0);
        file.file.room = 100;
        file.append(b"").unwrap();
        file.append(b"seven\n").unwrap();
        assert_eq!(String::from_utf8_lossy(&file.file.kept), "one\ntw\nfive\nseven\n");
    }

    /// The same where a machine ended within a line.
    #[test]
    fn what_ended_within_a_line_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        for (there, then) in [("", "new\n"), ("old\n", "old\nnew\n"), ("ol", "ol\nnew\n")] {
            fs::write(&path, there).unwrap();
            Appended::open(&path).unwrap().append(b"new\n").unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), then);
        }
    }
}
