//! One row of a lease file: what the columns of both families have in common, text to parts and back.
//!
//! The columns are Kea's (Administrator Reference Manual, "memfile"). The last row of an address counts; a row with
//! `valid_lifetime` 0 removes it.

use std::fmt;

use kotare_model::{Hex, LeaseState, Lifetime, Timestamp, write_number};

use crate::kept::Kept;
use crate::schema::Format;
use crate::view::{Unfit, View};

/// Appends when a lease ends.
///
/// Also for an infinite lifetime, so that the client last transaction time can be told from it. Unsigned and going round,
/// as Kea's: what was read as before 1970 is written as it was read.
pub(crate) fn end(lease: &View<'_, impl Kept>, out: &mut Vec<u8>) {
    let end = lease.cltt.0.wrapping_add(i64::from(lease.valid_lifetime.0));
    write_number(end.cast_unsigned(), out);
}

pub(crate) fn hex_with_colons(bytes: &[u8], out: &mut Vec<u8>) {
    for (i, &byte) in bytes.iter().enumerate() {
        if i > 0 {
            out.push(b':');
        }
        out.extend_from_slice(&Hex::digits(byte));
    }
}

/// Kea's escapes: control characters, everything beyond ASCII, the comma and the ampersand become `&#xhh`.
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        if matches!(byte, 0..0x20 | 0x7f.. | b',' | b'&') {
            out.extend_from_slice(b"&#x");
            out.extend_from_slice(&Hex::digits(byte));
        } else {
            out.push(byte);
        }
    }
}

/// Undoes [`escape`]. What only looks like an escape is kept as it is, but one without room for two digits stands for a
/// zero, as in Kea.
pub(crate) fn unescape<'a>(text: &'a [u8], room: &'a mut Vec<u8>) -> &'a [u8] {
    if !text.contains(&b'&') {
        return text;
    }
    room.clear();
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        match rest {
            [b'&', b'#', b'x', high, low, tail @ ..]
                if let (Some(high), Some(low)) = (nibble(*high), nibble(*low)) =>
            {
                room.push(high << 4 | low);
                rest = tail;
            }
            [b'&', b'#', b'x', tail @ ..] if tail.len() < 2 => {
                room.push(0);
                rest = tail;
            }
            _ => {
                room.push(first);
                rest = tail;
            }
        }
    }
    room
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// Room for the parts of a row that cannot be borrowed from its text.
#[derive(Default)]
pub struct Scratch {
    pub(crate) hwaddr: Vec<u8>,
    pub(crate) client_id: Vec<u8>,
    pub(crate) hostname: Vec<u8>,
    pub(crate) lower: Vec<u8>,
    pub(crate) user_context: Vec<u8>,
    pub(crate) json: Vec<u8>,
}

/// The most columns that a row has.
const MOST: usize = 18;

/// The texts of a row by column.
pub(crate) struct Fields<'a> {
    texts: [&'a [u8]; MOST],
    names: &'static [&'static str],
}

impl<'a> Fields<'a> {
    /// The fields of a row in a file whose header has the first `columns` of the format.
    ///
    /// As in Kea, missing newer columns get their defaults, further columns are ignored.
    pub(crate) fn of(line: &'a [u8], format: &Format, columns: usize) -> Result<Self, RowError<'a>> {
        let mut texts: [&[u8]; MOST] = [b""; MOST];
        for &(column, text) in format.defaults {
            texts[column] = text;
        }
        let mut found = 0;
        let mut start = 0;
        for end in memchr::memchr_iter(b',', line).chain([line.len()]) {
            if found < format.columns.len() {
                texts[found] = &line[start..end];
            }
            found += 1;
            start = end + 1;
        }
        if found < columns {
            return Err(RowError::Columns { found, wanted: columns });
        }
        Ok(Self { texts, names: format.columns })
    }

    /// The text of a column.
    pub(crate) fn text(&self, column: usize) -> &'a [u8] {
        self.texts[column]
    }

    /// A column does not say what is `wanted`.
    pub(crate) fn bad(&self, column: usize, wanted: &'static str) -> RowError<'a> {
        RowError::Value { column: self.names[column], text: self.texts[column], wanted }
    }

    /// A number up to `max`, which is 1 or all bits of an unsigned number. As in Kea it may have a sign, and what is less
    /// than zero is counted down from there.
    pub(crate) fn number(&self, column: usize, max: u64) -> Result<u64, RowError<'a>> {
        let bad = || self.bad(column, if max == 1 { "0 or 1" } else { "a number in range" });
        let (negative, digits) = match self.text(column) {
            [b'-', digits @ ..] if max > 1 => (true, digits),
            [b'+', digits @ ..] => (false, digits),
            digits => (false, digits),
        };
        let mut value: u64 = 0;
        for &byte in digits {
            if !byte.is_ascii_digit() {
                return Err(bad());
            }
            value = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(u64::from(byte - b'0')))
                .ok_or_else(bad)?;
        }
        match digits.is_empty() || value > max {
            true => Err(bad()),
            false if negative => Ok(value.wrapping_neg() & max),
            false => Ok(value),
        }
    }

    /// A number of 32 bits.
    pub(crate) fn number32(&self, column: usize) -> Result<u32, RowError<'a>> {
        self.number(column, u32::MAX.into()).map(|number| number as u32)
    }

    /// 0 or 1.
    pub(crate) fn flag(&self, column: usize) -> Result<bool, RowError<'a>> {
        self.number(column, 1).map(|number| number == 1)
    }

    /// How long a lease is valid and since when, of the columns of its lifetime and its end.
    pub(crate) fn time(&self, lifetime: usize, end: usize) -> Result<(Lifetime, Timestamp), RowError<'a>> {
        let lifetime = self.number32(lifetime)?;
        let end = self.number(end, u64::MAX)?.cast_signed();
        Ok((Lifetime(lifetime), Timestamp(end.wrapping_sub(i64::from(lifetime)))))
    }

    /// The state of a lease.
    pub(crate) fn state(&self, column: usize) -> Result<LeaseState, RowError<'a>> {
        let state = LeaseState::from_number(self.number32(column)?);
        state.ok_or_else(|| self.bad(column, "a lease state from 0 to 4"))
    }

    /// Up to `max` bytes: `01:0a:ff` (`1:a:ff` too), and as Kea also pairs with spaces or with nothing between them.
    pub(crate) fn hex<'r>(
        &self,
        column: usize,
        max: usize,
        wanted: &'static str,
        out: &'r mut Vec<u8>,
    ) -> Result<&'r [u8], RowError<'a>> {
        out.clear();
        match hex(self.text(column), out) {
            Some(()) if out.len() <= max => Ok(out),
            _ => Err(self.bad(column, wanted)),
        }
    }

    /// A user context, if there is one.
    pub(crate) fn context<'r>(
        &self,
        column: usize,
        text: &'r mut Vec<u8>,
        json: &'r mut Vec<u8>,
    ) -> Result<Option<&'r [u8]>, RowError<'a>>
    where
        'a: 'r,
    {
        context(unescape(self.text(column), text), json).map_err(|()| self.bad(column, "a JSON map"))
    }
}

/// The bytes of a text of hexadecimal digits.
fn hex(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if text.is_empty() {
        return Some(());
    }
    let separator = if text.contains(&b':') {
        Some(b':')
    } else if text.contains(&b' ') {
        Some(b' ')
    } else {
        None
    };
    match separator {
        Some(separator) => text.split(|&byte| byte == separator).try_for_each(|part| {
            out.push(match part {
                [low] => nibble(*low)?,
                [high, low] => nibble(*high)? << 4 | nibble(*low)?,
                _ => return None,
            });
            Some(())
        }),
        None => text.rchunks(2).rev().try_for_each(|part| {
            out.push(part.iter().try_fold(0, |byte, digit| Some(byte << 4 | nibble(*digit)?))?);
            Some(())
        }),
    }
}

/// Lower case, as Kea keeps names, which may be any bytes.
pub(crate) fn name<'a>(text: &'a [u8], lower: &'a mut Vec<u8>) -> &'a [u8] {
    if !text.iter().any(u8::is_ascii_uppercase) {
        return text;
    }
    lower.clear();
    lower.extend_from_slice(text);
    lower.make_ascii_lowercase();
    lower
}

/// A user context must be a JSON map. Where it is no UTF-8, every byte beyond ASCII is escaped, as Kea does always.
fn context<'a>(text: &'a [u8], json: &'a mut Vec<u8>) -> Result<Option<&'a [u8]>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let text = match std::str::from_utf8(text) {
        Ok(_) => text,
        Err(_) => {
            json.clear();
            for &byte in text {
                match byte {
                    0x80.. => {
                        json.extend_from_slice(b"\\u00");
                        json.extend_from_slice(&Hex::digits(byte));
                    }
                    _ => json.push(byte),
                }
            }
            json
        }
    };
    let is_map = text.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
        Ok(_) if is_map => Ok(Some(text)),
        _ => Err(()),
    }
}

/// Why a row is not a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowError<'a> {
    /// Fewer columns than the file's header promises.
    Columns {
        /// How many there are.
        found: usize,
        /// How many there should be.
        wanted: usize,
    },
    /// A column's text does not say what it should.
    Value {
        /// The column.
        column: &'static str,
        /// Its text.
        text: &'a [u8],
        /// What it should be.
        wanted: &'static str,
    },
    /// A lease nobody can hold.
    Unfit(Unfit),
    /// Longer than any lease.
    TooLong {
        /// How many bytes there may be.
        limit: usize,
    },
}

impl fmt::Display for RowError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Columns { found, wanted } => {
                write!(f, "{found} columns where the header of the file has {wanted}")
            }
            Self::Value { column, text, wanted } => {
                let shown = &text[..text.len().min(64)];
                write!(f, "{column} '{}' is not {wanted}", shown.escape_ascii())
            }
            Self::Unfit(unfit) => unfit.fmt(f),
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes"),
        }
    }
}
