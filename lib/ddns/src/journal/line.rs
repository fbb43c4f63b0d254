//! What a journal is made of: a head, and a line for each thing that happened.
//!
//! `+17 1732863600 {…}` is that the request 17 came at this time, in seconds since 1970, as the JSON of a name change
//! request; `-17` that it is done. A line without an end was never written, and nobody was told of it.

use std::io;

use kotare_model::write_number;

use super::Kept;
use crate::request::ChangeRequest;

/// What a journal begins with: what it is, and the version of its form.
pub(super) const HEAD: &[u8] = b"kotare name change requests 1\n";

/// The greatest number that is believed, so that none after it overflows.
const GREATEST: u64 = u64::MAX >> 1;

/// Something that happened.
pub(super) enum Line {
    /// A request came.
    Came(Kept),
    /// The request of this number is done.
    Done(u64),
}

/// The lines of a journal; `None` for each that cannot be understood.
///
/// # Errors
/// When it is no journal.
pub(super) fn all(text: &[u8]) -> io::Result<impl Iterator<Item = Option<Line>>> {
    // What is shorter than a head was never written.
    let rest = match text.strip_prefix(HEAD) {
        Some(rest) => rest,
        None if HEAD.starts_with(text) => &[],
        None => {
            let reason = "the file is no journal of name change requests of this version";
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
    };
    let whole = rest.split_inclusive(|byte| *byte == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
    Ok(whole.map(read))
}

fn read(line: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(line).ok()?;
    let number = |text: &str| text.parse().ok().filter(|number| *number <= GREATEST);
    if let Some(done) = text.strip_prefix('-') {
        return Some(Line::Done(number(done)?));
    }
    let mut parts = text.strip_prefix('+')?.splitn(3, ' ');
    let (number, since) = (number(parts.next()?)?, parts.next()?.parse().ok()?);
    let request = ChangeRequest::from_json(parts.next()?.as_bytes()).ok()?;
    Some(Line::Came(Kept { number, since, request: request.into() }))
}

/// Writes the line of a request that came, with its number and since when it is there, behind what is there; `request` writes its
/// JSON.
pub(super) fn came(number: u64, since: u64, request: impl FnOnce(&mut Vec<u8>), out: &mut Vec<u8>) {
    out.push(b'+');
    write_number(number, out);
    out.push(b' ');
    write_number(since, out);
    out.push(b' ');
    request(out);
    out.push(b'\n');
}

/// The same of a request that is done.
pub(super) fn done(number: u64, out: &mut Vec<u8>) {
    out.push(b'-');
    write_number(number, out);
    out.push(b'\n');
}
