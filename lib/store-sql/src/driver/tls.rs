//! The files that TLS needs. They are read for each connection, so that one that was replaced is the next one's.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::access::Tls;
use crate::error::SqlError;

/// As long as a file may be; bundles of authorities have a few hundred kilobytes.
const LONGEST: u64 = 4 << 20;
/// As many files as are read of a directory of authorities.
const FILES: usize = 4096;

/// The contents of these files, in PEM.
#[derive(Debug, Default)]
pub(super) struct Pems {
    /// Those who are believed.
    pub(super) authorities: Option<Vec<u8>>,
    /// Our certificate and its key.
    pub(super) identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Pems {
    /// Reads what is named.
    ///
    /// # Errors
    /// Refused, with the parameter and the file, if one cannot be read or has nothing of the kind.
    pub(super) fn read(tls: &Tls) -> Result<Self, SqlError> {
        let authorities = tls.trust_anchor.as_deref().map(authorities).transpose()?;
        let identity = tls.identity.as_ref().map(|(certificate, key)| {
            let certificate = with("cert-file", certificate, "CERTIFICATE-----")?;
            Ok((certificate, with("key-file", key, "PRIVATE KEY-----")?))
        });
        Ok(Self { authorities, identity: identity.transpose()? })
    }
}

/// The authorities in a file, or in the files of a directory; what else is there means nothing.
fn authorities(path: &Path) -> Result<Vec<u8>, SqlError> {
    const WANTED: &str = "CERTIFICATE-----";
    if !path.is_dir() {
        return with("trust-anchor", path, WANTED);
    }
    let entries = fs::read_dir(path).map_err(|error| wrong("trust-anchor", path, &error.to_string()))?;
    let mut all = Vec::new();
    for file in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|it| it.is_file()).take(FILES) {
        if let Ok(text) = with("trust-anchor", &file, WANTED) {
            all.extend(text);
            all.push(b'\n');
        }
    }
    match all.is_empty() {
        true => Err(wrong("trust-anchor", path, "there is no certificate in PEM in its files")),
        false => Ok(all),
    }
}

/// The text of a file with something of the kind that is wanted.
fn with(parameter: &str, path: &Path, wanted: &str) -> Result<Vec<u8>, SqlError> {
    let text = contents(path).map_err(|reason| wrong(parameter, path, &reason))?;
    match text.windows(wanted.len()).any(|part| part == wanted.as_bytes()) {
        true => Ok(text),
        false => {
            let kind = wanted.trim_end_matches('-').to_lowercase();
            Err(wrong(parameter, path, &format!("there is no {kind} in PEM in it")))
        }
    }
}

/// A device or a pipe could have no end.
fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(LONGEST + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    match text.len() as u64 > LONGEST {
        true => Err(format!("it is longer than {LONGEST} bytes")),
        false => Ok(text),
    }
}

fn wrong(parameter: &str, path: &Path, reason: &str) -> SqlError {
    SqlError::refused(format!("{parameter} '{}': {reason}", path.display()))
}
