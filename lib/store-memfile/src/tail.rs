//! Making a lease file fit to be appended to.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use kotare_store::StoreError;

use crate::files::{open_regular, with_suffix};
use crate::kept::Kept;
use crate::lines::{LONGEST, Lines};
use crate::load::read_header;
use crate::messages::KOTARE_LEASE_FILE_TORN;
use crate::row::Scratch;

/// How much is read at once.
const PIECE: u64 = 64 << 10;

/// The most that is shown in the log of a row that cannot be set aside.
const SHOWN: usize = 256;

/// A lease file that ends with a whole row, or nearly.
pub(crate) struct Appendable {
    /// How long it is.
    pub(crate) length: u64,
    /// What has to be written before the next row: it needs room, which there may be only later.
    pub(crate) lead: &'static [u8],
    /// Where an incomplete last row was set aside.
    pub(crate) torn: Option<PathBuf>,
}

/// Finds out what `file` lacks before rows can follow: an empty one its header, a last row its newline. What is no whole
/// row is set aside in a file named `….torn` and cut off. A file that is no lease file is left alone.
pub(crate) fn make_appendable<L: Kept>(file: &File, path: &Path) -> Result<Appendable, StoreError> {
    let failed = |what: &str, error: std::io::Error| {
        StoreError::unavailable(format!("{what} {}", path.display()), error)
    };
    let schema = match Lines::open(path)? {
        Some(mut lines) => read_header(&mut lines, path, &L::FORMAT)?,
        None => None,
    };
    let Some(schema) = schema else {
        file.set_len(0).map_err(|error| failed("empty", error))?;
        return Ok(Appendable { length: 0, lead: L::FORMAT.header, torn: None });
    };
    let length = file.metadata().map_err(|error| failed("look at", error))?.len();
    let last = last_line(file, length).map_err(|error| failed("read the last row of", error))?;
    if last.start == length {
        return Ok(Appendable { length, lead: b"", torn: None });
    }
    let row = last.text.strip_suffix(b"\r").unwrap_or(&last.text);
    let whole = last.is_whole(length)
        && (last.start == 0 || L::parse(row, schema.columns(&L::FORMAT), &mut Scratch::default()).is_ok());
    if whole {
        return Ok(Appendable { length, lead: b"\n", torn: None });
    }
    let aside = with_suffix(path, ".torn");
    let kept = set_aside(&last.text, &aside);
    file.set_len(last.start).map_err(|error| failed("cut the incomplete row off", error))?;
    let bytes = length - last.start;
    let torn = match kept {
        Ok(()) => {
            KOTARE_LEASE_FILE_TORN(path.display(), bytes, aside.display());
            Some(aside)
        }
        Err(error) => {
            let shown = last.text[..last.text.len().min(SHOWN)].escape_ascii();
            let place = format_args!("this line only, \"{shown}\" ({}: {error})", aside.display());
            KOTARE_LEASE_FILE_TORN(path.display(), bytes, place);
            None
        }
    };
    Ok(Appendable { length: last.start, lead: b"", torn })
}

fn set_aside(text: &[u8], aside: &Path) -> std::io::Result<()> {
    let mut kept = open_regular(File::options().append(true).create(true), aside)?;
    kept.write_all(text)?;
    kept.write_all(b"\n")?;
    kept.sync_all()
}

/// What follows the last newline of a file.
struct Last {
    start: u64,
    /// As much as a row can have, without the zeros at its end that a power cut leaves.
    text: Vec<u8>,
}

impl Last {
    /// Whether `text` is all of it.
    fn is_whole(&self, length: u64) -> bool {
        self.start + self.text.len() as u64 == length
    }
}

fn last_line(file: &File, length: u64) -> std::io::Result<Last> {
    let mut piece = vec![0; PIECE as usize];
    let mut start = length;
    let mut end = None;
    while start > 0 {
        let size = start.min(PIECE);
        let piece = &mut piece[..size as usize];
        start -= size;
        file.read_exact_at(piece, start)?;
        if end.is_none() {
            end = piece.iter().rposition(|&byte| byte != 0).map(|at| start + at as u64 + 1);
        }
        if let Some(newline) = memchr::memrchr(b'\n', piece) {
            start += newline as u64 + 1;
            break;
        }
    }
    let mut text = vec![0; (end.unwrap_or(start).saturating_sub(start)).min(LONGEST as u64) as usize];
    file.read_exact_at(&mut text, start)?;
    Ok(Last { start, text })
}
