//! Making a lease file fit to be appended to.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use kotare_store::StoreError;

use crate::journal::{with_suffix, write_header};
use crate::lines::{LONGEST, Lines};
use crate::load::read_header;
use crate::messages::KOTARE_LEASE_FILE_TORN;
use crate::row::{self, Scratch};

/// A lease file that ends with a whole row.
pub(crate) struct Appendable {
    /// How long it is.
    pub(crate) length: u64,
    /// Where an incomplete last row was set aside.
    pub(crate) torn: Option<PathBuf>,
}

/// Gives an empty `file` its header and a last row its newline; what is no whole row is set aside in a file named
/// `….torn`. A file that is no lease file is left alone.
pub(crate) fn make_appendable(file: &File, path: &Path) -> Result<Appendable, StoreError> {
    let failed = |what: &str, error: std::io::Error| {
        StoreError::unavailable(format!("{what} {}", path.display()), error)
    };
    let schema = match Lines::open(path)? {
        Some(mut lines) => read_header(&mut lines, path)?,
        None => None,
    };
    let Some(schema) = schema else {
        file.set_len(0).map_err(|error| failed("empty", error))?;
        write_header(file, path)?;
        return Ok(Appendable { length: row::HEADER.len() as u64, torn: None });
    };
    let length = file.metadata().map_err(|error| failed("look at", error))?.len();
    let (start, last) = last_line(file, length).map_err(|error| failed("read the last row of", error))?;
    if last.is_empty() {
        return Ok(Appendable { length, torn: None });
    }
    let whole = start == 0
        || (last.len() <= LONGEST && row::parse(&last, schema.columns(), &mut Scratch::default()).is_ok());
    if whole {
        file.write_all_at(b"\n", length).map_err(|error| failed("end the last row of", error))?;
        return Ok(Appendable { length: length + 1, torn: None });
    }
    let torn = with_suffix(path, ".torn");
    let keep = || {
        let mut kept = File::options().append(true).create(true).open(&torn)?;
        kept.write_all(&last)?;
        kept.write_all(b"\n")?;
        kept.sync_all()
    };
    keep().map_err(|error| {
        StoreError::unavailable(format!("set an incomplete row aside in {}", torn.display()), error)
    })?;
    file.set_len(start).map_err(|error| failed("cut the incomplete row off", error))?;
    KOTARE_LEASE_FILE_TORN(path.display(), last.len(), torn.display());
    Ok(Appendable { length: start, torn: Some(torn) })
}

/// Where the last line begins, and the line; empty if the file ends with a newline.
fn last_line(file: &File, length: u64) -> std::io::Result<(u64, Vec<u8>)> {
    const PIECE: u64 = 64 << 10;
    let mut line = Vec::new();
    let mut start = length;
    while start > 0 {
        let size = start.min(PIECE);
        let mut piece = vec![0; size as usize];
        file.read_exact_at(&mut piece, start - size)?;
        if let Some(newline) = memchr::memrchr(b'\n', &piece) {
            line.splice(..0, piece.drain(newline + 1..));
            return Ok((start - size + newline as u64 + 1, line));
        }
        line.splice(..0, piece);
        start -= size;
    }
    Ok((0, line))
}
