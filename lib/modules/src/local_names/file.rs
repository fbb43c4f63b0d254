//! Files with names, written whole and read when somebody has changed them.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// Everybody may read it: names are there to be found.
const MODE: u32 = 0o644;

/// Puts `text` where a file is, or is to be: whoever reads it reads the whole of the former or of this one. A file that
/// says this already is left alone; whether it was not.
pub(super) fn write(path: &Path, text: &str) -> io::Result<bool> {
    if fs::metadata(path).is_ok_and(|file| file.len() == text.len() as u64)
        && fs::read(path).is_ok_and(|former| former == text.as_bytes())
    {
        return Ok(false);
    }
    // Who reads whole directories passes over names with a dot in front.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = path.with_file_name(format!(".{name}.new"));
    let mut file = File::create(&aside)?;
    file.set_permissions(Permissions::from_mode(MODE))?;
    file.write_all(text.as_bytes())?;
    drop(file);
    fs::rename(&aside, path)?;
    Ok(true)
}

/// A file that somebody else writes.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) path: PathBuf,
    /// What it was when it was read.
    seen: Option<(SystemTime, u64)>,
    /// Why it could not be read.
    pub(super) failure: Option<String>,
}

impl Other {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, seen: None, failure: None }
    }

    /// What it says, if that may have changed; nothing if it cannot be read.
    pub(super) fn changed(&mut self) -> Option<Result<String, String>> {
        let read = fs::metadata(&self.path).and_then(|file| Ok((file.modified()?, file.len())));
        let text = match read {
            Ok(now) if self.seen == Some(now) => return None,
            Ok(now) => {
                self.seen = Some(now);
                read_text(&self.path)
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(reason) = &text {
            self.seen = None;
            // It is told once.
            if self.failure.replace(reason.clone()).as_ref() == Some(reason) {
                return None;
            }
        } else {
            self.failure = None;
        }
        Some(text)
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file is exchanged, never changed; and what cannot be read is said once.
    #[test]
    fn files_are_exchanged() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hosts");
        let mut other = Other::new(path.clone());
        assert!(other.changed().is_some_and(|read| read.is_err()));
        assert_eq!(other.changed(), None);
        assert!(write(&path, "one\n").expect("it is written"));
        let held = File::open(&path).expect("a reader");
        assert_eq!(other.changed(), Some(Ok("one\n".to_owned())));
        assert!(!write(&path, "one\n").expect("it says that"));
        assert_eq!(other.changed(), None);
        assert!(write(&path, "other\n").expect("it is written"));
        assert_eq!(other.changed(), Some(Ok("other\n".to_owned())));
        assert_eq!(io::read_to_string(held).expect("a text"), "one\n");
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, MODE);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        assert!(write(&folder.path().join("none/hosts"), "").is_err());
    }
}
