//! The file in which the server keeps its DUID, as Kea keeps it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use kotare_model::Duid;

/// What Kea calls it.
pub(crate) const NAME: &str = "kea-dhcp6-serverid";
/// A DUID has at most 130 bytes, each of at most three characters.
const MOST: u64 = 4096;

/// The file in which a server keeps its DUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerIdFile(PathBuf);

impl ServerIdFile {
    /// That in this directory.
    pub(crate) fn within(directory: &Path) -> Self {
        Self(directory.join(NAME))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The DUID that it has; `None` if there is no such file, or something else in it: then another one takes its place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(&self) -> io::Result<Option<Duid>> {
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.named("read", error)),
        };
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes).map_err(|error| self.named("read", error))?;
        Ok(parse(&bytes))
    }

    /// Keeps `duid` there. A reader finds this one or the former one, whole.
    ///
    /// # Errors
    /// When it cannot be written; the former one stays.
    pub(crate) fn write(&self, duid: &Duid) -> io::Result<()> {
        let draft = self.0.with_extension(format!("tmp{}", std::process::id()));
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(duid.to_string().as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &self.0)
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&draft);
            self.named("write", error)
        })
    }

    fn named(&self, what: &str, error: io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("cannot {what} the DUID file {}: {error}", self.0.display()))
    }
}

/// The DUID of a text: pairs of hexadecimal digits with colons between them, or nothing. Blanks do not count.
fn parse(text: &[u8]) -> Option<Duid> {
    let text = std::str::from_utf8(text).ok()?;
    let text: String = text.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    let bytes = kotare_config::v6::identifier_bytes(&text)?;
    Duid::new(&bytes).ok().filter(|duid| duid.as_bytes().len() >= Duid::MIN && !text.starts_with('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written is read again, as Kea writes it; another one takes its place.
    #[test]
    fn a_duid_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = ServerIdFile::within(folder.path());
        assert_eq!(file.read().unwrap(), None);
        for bytes in [&[0, 1, 0, 1, 0xab][..], &[0, 3, 0, 1, 9, 9]] {
            let duid = Duid::new(bytes).unwrap();
            file.write(&duid).unwrap();
            assert_eq!(file.read().unwrap(), Some(duid.clone()));
            assert_eq!(fs::read_to_string(file.path()).unwrap(), duid.to_string());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(ServerIdFile::within(&folder.path().join("none")).write(&Duid::empty()).is_err());
    }

    /// Line ends and blanks do not matter, and what is no DUID is none.
    #[test]
    fn what_is_no_duid_is_none() {
        let text = |text: &[u8]| parse(text).map(|duid| duid.to_string());
        for same in [&b"00:01:02"[..], b" 00:01:\n02\n", b"000102", b"0:1:2"] {
            assert_eq!(text(same).as_deref(), Some("00:01:02"));
        }
        for none in [&b""[..], b"00:01", b"00:01:0g", b"00:01:02:", b"\xff\xff\xff", b"'duid'"] {
            assert_eq!(text(none), None);
        }
        assert_eq!(text(&[b'0'; 262]), None);
    }
}
