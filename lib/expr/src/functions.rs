//! The functions of the language that look at one string.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_model::Hex;

use crate::{
    Packet,
    ast::Integer,
    evaluate::{Evaluation, EvaluationError},
    messages::*,
    overheard::Hear,
    scratch::Bytes,
    shown::{InHex, Length, Plain, Quoted},
};

impl<'a, P: Packet, H: Hear> Evaluation<'a, '_, P, H> {
    /// A negative start counts from the end; a negative length takes what comes before the start.
    pub(crate) fn substring(&mut self, text: Bytes<'a>, start: i64, length: Option<i64>) -> Bytes<'a> {
        EVAL_DEBUG_STRING(self.label(), Quoted(start));
        EVAL_DEBUG_STRING(self.label(), Quoted(Length(length)));
        let found = substring(text, start, length);
        let log = match found {
            _ if text.len() == 0 => EVAL_DEBUG_SUBSTRING_EMPTY,
            None => EVAL_DEBUG_SUBSTRING_RANGE,
            Some(_) => EVAL_DEBUG_SUBSTRING,
        };
        let result = found.unwrap_or(Bytes::EMPTY);
        let (shown, result_shown) = (InHex(self.scratch.view(text)), InHex(self.scratch.view(result)));
        log(self.label(), Length(length), start, shown, result_shown);
        result
    }

    /// Any of the delimiters ends a field, and two in a row have an empty one between them.
    pub(crate) fn split(&mut self, text: Bytes<'a>, delimiters: Bytes<'a>, field: i64) -> Bytes<'a> {
        EVAL_DEBUG_STRING(self.label(), Quoted(field));
        let (whole, ends) = (self.scratch.view(text), self.scratch.view(delimiters));
        let (log, result): (fn(_, _, _, _, _), _) = if whole.is_empty() {
            (EVAL_DEBUG_SPLIT_EMPTY, Bytes::EMPTY)
        } else if ends.is_empty() {
            (EVAL_DEBUG_SPLIT_DELIM_EMPTY, text)
        } else if let Some((from, to)) = nth_field(whole, ends, field) {
            (EVAL_DEBUG_SPLIT, text.slice(from, to))
        } else {
            (EVAL_DEBUG_SPLIT_FIELD_OUT_OF_RANGE, Bytes::EMPTY)
        };
        log(self.label(), field, Plain(ends), Plain(whole), InHex(self.scratch.view(result)));
        result
    }

    pub(crate) fn hex_string(&mut self, data: Bytes<'a>, separator: Bytes<'a>) -> Bytes<'a> {
        let from = self.scratch.len();
        for at in 0..data.len() {
            if at > 0 {
                self.scratch.copy(separator);
            }
            let digits = Hex::digits(self.scratch.view(data)[at]);
            self.scratch.push(&digits);
        }
        let result = self.scratch.since(from);
        let view = |bytes| self.scratch.view(bytes);
        EVAL_DEBUG_TOHEXSTRING(self.label(), InHex(view(data)), Plain(view(separator)), Plain(view(result)));
        result
    }

    pub(crate) fn lower_case(&mut self, text: Bytes<'a>) -> Bytes<'a> {
        let result = self.changed(text, <[u8]>::make_ascii_lowercase);
        let (text, shown) = (self.scratch.view(text), self.scratch.view(result));
        EVAL_DEBUG_LCASE(self.label(), Quoted(Plain(text)), Quoted(Plain(shown)));
        result
    }

    pub(crate) fn upper_case(&mut self, text: Bytes<'a>) -> Bytes<'a> {
        let result = self.changed(text, <[u8]>::make_ascii_uppercase);
        let (text, shown) = (self.scratch.view(text), self.scratch.view(result));
        EVAL_DEBUG_UCASE(self.label(), Quoted(Plain(text)), Quoted(Plain(shown)));
        result
    }

    fn changed(&mut self, text: Bytes<'a>, change: fn(&mut [u8])) -> Bytes<'a> {
        let from = self.scratch.len();
        self.scratch.copy(text);
        change(self.scratch.tail(from));
        self.scratch.since(from)
    }

    pub(crate) fn address_to_text(&mut self, address: Bytes<'a>) -> Result<Bytes<'a>, EvaluationError> {
        let from = self.scratch.len();
        let bytes = self.scratch.view(address);
        if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
            let _ = write!(self.scratch, "{}", Ipv4Addr::from(octets));
        } else if let Ok(octets) = <[u8; 16]>::try_from(bytes) {
            let address = Ipv6Addr::from(octets);
            // As the C library writes it: an IPv4 address inside is written as one, also without ::ffff.
            let _ = match (address.to_ipv4(), octets) {
                (Some(v4), [.., 0, 0, _, _, _, _]) if address.segments()[6] != 0 => {
                    write!(self.scratch, "::{v4}")
                }
                _ => write!(self.scratch, "{address}"),
            };
        } else if bytes.is_empty() {
            return Ok(address);
        } else {
            return Err(EvaluationError { function: "addrtotext", given: bytes.len() });
        }
        let result = self.scratch.since(from);
        EVAL_DEBUG_IPADDRESSTOTEXT(self.label(), Plain(self.scratch.view(result)));
        Ok(result)
    }

    pub(crate) fn integer_to_text(
        &mut self,
        integer: Integer,
        number: Bytes<'a>,
    ) -> Result<Bytes<'a>, EvaluationError> {
        let from = self.scratch.len();
        let (log, value): (fn(_, _), i64) = match (integer, self.scratch.view(number)) {
            (_, []) => return Ok(number),
            (Integer::Int8, &[a]) => (EVAL_DEBUG_INT8TOTEXT, i8::from_be_bytes([a]).into()),
            (Integer::Int16, &[a, b]) => (EVAL_DEBUG_INT16TOTEXT, i16::from_be_bytes([a, b]).into()),
            (Integer::Int32, &[a, b, c, d]) => {
                (EVAL_DEBUG_INT32TOTEXT, i32::from_be_bytes([a, b, c, d]).into())
            }
            (Integer::Uint8, &[a]) => (EVAL_DEBUG_UINT8TOTEXT, a.into()),
            (Integer::Uint16, &[a, b]) => (EVAL_DEBUG_UINT16TOTEXT, u16::from_be_bytes([a, b]).into()),
            (Integer::Uint32, &[a, b, c, d]) => {
                (EVAL_DEBUG_UINT32TOTEXT, u32::from_be_bytes([a, b, c, d]).into())
            }
            (_, data) => return Err(EvaluationError { function: integer.function(), given: data.len() }),
        };
        let _ = write!(self.scratch, "{value}");
        log(self.label(), value);
        Ok(self.scratch.since(from))
    }
}

/// `None` when the start is outside the string.
fn substring(text: Bytes<'_>, start: i64, length: Option<i64>) -> Option<Bytes<'_>> {
    let size = text.len() as i64;
    if start < -size || start >= size {
        return None;
    }
    let start = if start < 0 { size + start } else { start };
    let (from, to) = match length {
        None => (start, size),
        Some(length) if length < 0 => (start.saturating_add(length).max(0), start),
        Some(length) => (start, start.saturating_add(length).min(size)),
    };
    Some(text.slice(from as usize, to as usize))
}

/// Where a field begins and ends; fields count from one.
fn nth_field(text: &[u8], delimiters: &[u8], field: i64) -> Option<(usize, usize)> {
    let before = usize::try_from(field).ok()?.checked_sub(1)?;
    let mut from = 0;
    let mut fields = text.split(|byte| delimiters.contains(byte));
    for skipped in fields.by_ref().take(before) {
        from += skipped.len() + 1;
    }
    Some((from, from + fields.next()?.len()))
}
