//! One row of a lease file: text to lease and back.
//!
//! The columns are Kea's (Administrator Reference Manual, "memfile"): the first nine since 1.0, `state` since
//! schema 2.0, `user_context` since 2.1, `pool_id` since 3.0. The last row of an address counts; a row with
//! `valid_lifetime` 0 removes it.

use std::fmt;
use std::net::Ipv4Addr;

use kotare_model::{ClientId, Hex, HwAddr, LeaseState, Lifetime, SubnetId, Timestamp};

use crate::schema::COLUMNS;
use crate::view::{Unfit, View};

/// Appends the row of `lease`, with its newline.
pub(crate) fn render(lease: &View<'_>, out: &mut Vec<u8>) {
    let octets = lease.address.octets();
    for (i, octet) in octets.into_iter().enumerate() {
        if i > 0 {
            out.push(b'.');
        }
        decimal(u64::from(octet), out);
    }
    out.push(b',');
    hex_with_colons(lease.hwaddr, out);
    out.push(b',');
    hex_with_colons(lease.client_id, out);
    out.push(b',');
    decimal(u64::from(lease.valid_lifetime.0), out);
    out.push(b',');
    // Also for an infinite lifetime, so that the client last transaction time can be told from it.
    // Unsigned and going round, as Kea's: what was read as before 1970 is written as it was read.
    let expire = lease.cltt.0.wrapping_add(i64::from(lease.valid_lifetime.0));
    decimal(expire.cast_unsigned(), out);
    out.push(b',');
    decimal(u64::from(lease.subnet_id.0), out);
    out.extend_from_slice(if lease.fqdn_fwd { b",1" } else { b",0" });
    out.extend_from_slice(if lease.fqdn_rev { b",1," } else { b",0," });
    escape(lease.hostname, out);
    out.push(b',');
    decimal(u64::from(lease.state as u8), out);
    out.push(b',');
    escape(lease.user_context.unwrap_or_default(), out);
    out.push(b',');
    decimal(u64::from(lease.pool_id), out);
    out.push(b'\n');
}

fn decimal(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn hex_with_colons(bytes: &[u8], out: &mut Vec<u8>) {
    for (i, &byte) in bytes.iter().enumerate() {
        if i > 0 {
            out.push(b':');
        }
        out.extend_from_slice(&Hex::digits(byte));
    }
}

/// Kea's escapes: control characters, everything beyond ASCII, the comma and the ampersand become `&#xhh`.
fn escape(text: &[u8], out: &mut Vec<u8>) {
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
fn unescape<'a>(text: &'a [u8], room: &'a mut Vec<u8>) -> &'a [u8] {
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
pub(crate) struct Scratch {
    hwaddr: Vec<u8>,
    client_id: Vec<u8>,
    hostname: Vec<u8>,
    lower: Vec<u8>,
    user_context: Vec<u8>,
    json: Vec<u8>,
}

/// The lease of a row without its newline, in a file whose header has the first `columns` of [`COLUMNS`].
///
/// As in Kea, missing newer columns get their defaults, further columns are ignored.
pub(crate) fn parse<'a>(
    line: &'a [u8],
    columns: usize,
    room: &'a mut Scratch,
) -> Result<View<'a>, RowError<'a>> {
    let mut fields: [&[u8]; COLUMNS.len()] = [b"", b"", b"", b"", b"", b"", b"", b"", b"", b"0", b"", b"0"];
    let mut found = 0;
    let mut start = 0;
    for end in memchr::memchr_iter(b',', line).chain([line.len()]) {
        if found < fields.len() {
            fields[found] = &line[start..end];
        }
        found += 1;
        start = end + 1;
    }
    if found < columns {
        return Err(RowError::Columns { found, wanted: columns });
    }
    let Scratch { hwaddr, client_id, hostname, lower, user_context, json } = room;
    let valid_lifetime = number(&fields, 3, u64::from(u32::MAX))? as u32;
    let expire = number(&fields, 4, u64::MAX)?.cast_signed();
    let state = number(&fields, 9, u64::from(u32::MAX))? as u32;
    let lease = View {
        address: address(fields[0]).ok_or_else(|| bad(&fields, 0))?,
        hwaddr: hex(&fields, 1, HwAddr::MAX, hwaddr)?,
        client_id: hex(&fields, 2, ClientId::MAX, client_id)?,
        valid_lifetime: Lifetime(valid_lifetime),
        cltt: Timestamp(expire.wrapping_sub(i64::from(valid_lifetime))),
        subnet_id: SubnetId(number(&fields, 5, u64::from(u32::MAX))? as u32),
        fqdn_fwd: number(&fields, 6, 1)? == 1,
        fqdn_rev: number(&fields, 7, 1)? == 1,
        hostname: name(unescape(fields[8], hostname), lower),
        state: LeaseState::from_number(state).ok_or_else(|| bad(&fields, 9))?,
        user_context: context(unescape(fields[10], user_context), json).map_err(|()| bad(&fields, 10))?,
        pool_id: number(&fields, 11, u64::from(u32::MAX))? as u32,
    };
    lease.check().map_err(RowError::Unfit)?;
    Ok(lease)
}

/// The address a row begins with, if it does.
pub(crate) fn address_of(line: &[u8]) -> Option<Ipv4Addr> {
    // "255.255.255.255" is 15 long.
    let end = line.iter().take(16).position(|&byte| byte == b',')?;
    address(&line[..end])
}

fn address(text: &[u8]) -> Option<Ipv4Addr> {
    let mut bits: u32 = 0;
    let mut octets = 0;
    for part in text.split(|&byte| byte == b'.') {
        let octet = match part {
            [a @ b'0'..=b'9'] => u32::from(a - b'0'),
            [a @ b'1'..=b'9', b @ b'0'..=b'9'] => u32::from(a - b'0') * 10 + u32::from(b - b'0'),
            [a @ b'1'..=b'2', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
                u32::from(a - b'0') * 100 + u32::from(b - b'0') * 10 + u32::from(c - b'0')
            }
            _ => return None,
        };
        octets += 1;
        if octet > 255 || octets > 4 {
            return None;
        }
        bits = bits << 8 | octet;
    }
    (octets == 4).then(|| Ipv4Addr::from_bits(bits))
}

/// A number up to `max`, which is 1 or all bits of an unsigned number. As in Kea it may have a sign, and what is less
/// than zero is counted down from there.
fn number<'a>(fields: &[&'a [u8]; COLUMNS.len()], column: usize, max: u64) -> Result<u64, RowError<'a>> {
    let text = fields[column];
    let (negative, digits) = match text {
        [b'-', digits @ ..] if max > 1 => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut value: u64 = 0;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return Err(bad(fields, column));
        }
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(u64::from(byte - b'0')))
            .ok_or_else(|| bad(fields, column))?;
    }
    match digits.is_empty() || value > max {
        true => Err(bad(fields, column)),
        false if negative => Ok(value.wrapping_neg() & max),
        false => Ok(value),
    }
}

/// `01:0a:ff` (`1:a:ff` too), and as Kea also pairs with spaces or with nothing between them.
fn hex<'a, 'r>(
    fields: &[&'a [u8]; COLUMNS.len()],
    column: usize,
    max: usize,
    out: &'r mut Vec<u8>,
) -> Result<&'r [u8], RowError<'a>> {
    let text = fields[column];
    out.clear();
    if text.is_empty() {
        return Ok(out);
    }
    let separator = if text.contains(&b':') {
        Some(b':')
    } else if text.contains(&b' ') {
        Some(b' ')
    } else {
        None
    };
    let parsed = match separator {
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
    };
    if parsed.is_none() || out.len() > max {
        return Err(bad(fields, column));
    }
    Ok(out)
}

/// Lower case, as Kea keeps names, which may be any bytes.
fn name<'a>(text: &'a [u8], lower: &'a mut Vec<u8>) -> &'a [u8] {
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

fn bad<'a>(fields: &[&'a [u8]; COLUMNS.len()], column: usize) -> RowError<'a> {
    RowError::Value { column, text: fields[column] }
}

/// Why a row is not a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowError<'a> {
    /// Fewer columns than the file's header promises.
    Columns { found: usize, wanted: usize },
    /// A column's text does not say what it should.
    Value { column: usize, text: &'a [u8] },
    /// A lease nobody can hold.
    Unfit(Unfit),
    /// Longer than any lease.
    TooLong { limit: usize },
}

impl fmt::Display for RowError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Columns { found, wanted } => {
                write!(f, "{found} columns where the header of the file has {wanted}")
            }
            Self::Value { column, text } => {
                let wanted = match column {
                    0 => "an IPv4 address",
                    1 => "up to 20 bytes in hexadecimal",
                    2 => "up to 255 bytes in hexadecimal",
                    6 | 7 => "0 or 1",
                    9 => "a lease state from 0 to 4",
                    10 => "a JSON map",
                    _ => "a number in range",
                };
                let shown = &text[..text.len().min(64)];
                write!(f, "{} '{}' is not {wanted}", COLUMNS[column], shown.escape_ascii())
            }
            Self::Unfit(unfit) => unfit.fmt(f),
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes"),
        }
    }
}

#[cfg(test)]
#[path = "row_tests.rs"]
mod tests;
