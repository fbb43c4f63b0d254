//! Asking a packet.

use std::{
    borrow::Cow,
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use kotare_model::Hex;

use crate::{
    Packet4, Test, Value,
    ast::{Condition, Field, Integer, Laziness, Text},
    options,
};

/// A value that a function cannot convert, met while evaluating. Kea then leaves the class unassigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationError {
    /// The function, as written in expressions.
    pub function: &'static str,
    /// How many bytes it was given.
    pub given: usize,
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was given {} bytes, which it cannot convert", self.function, self.given)
    }
}

impl std::error::Error for EvaluationError {}

/// Most bytes a string may grow to; no option or field comes near it.
const MAX_TEXT: usize = 1 << 20;

impl Test {
    /// Whether the packet satisfies the test. Options a packet does not have are empty strings.
    ///
    /// # Errors
    /// When a conversion function meets bytes of a length it cannot convert, or a string grows out of all
    /// proportion (1 MiB).
    pub fn matches(&self, packet: &impl Packet4) -> Result<bool, EvaluationError> {
        holds(&self.0, packet)
    }
}

impl Value {
    /// The value for this packet; empty when what it speaks of is absent.
    ///
    /// # Errors
    /// As [`Test::matches`].
    pub fn evaluate<'a>(&'a self, packet: &'a impl Packet4) -> Result<Cow<'a, [u8]>, EvaluationError> {
        bytes(&self.0, packet)
    }
}

fn holds(condition: &Condition, packet: &impl Packet4) -> Result<bool, EvaluationError> {
    Ok(match condition {
        Condition::Not(condition) => !holds(condition, packet)?,
        Condition::All(conditions, laziness) => !any(conditions, false, *laziness, packet)?,
        Condition::Any(conditions, laziness) => any(conditions, true, *laziness, packet)?,
        Condition::Equal(sides) => bytes(&sides.0, packet)? == bytes(&sides.1, packet)?,
        Condition::Match(parts) => parts.0.is_match(&bytes(&parts.1, packet)?),
        Condition::Member(class) => packet.is_member(*class),
        Condition::OptionExists(path) => path.exists(packet),
        Condition::VendorExists(enterprise) => options::vendor_exists(packet, *enterprise),
        Condition::VendorClassExists(enterprise) => options::vendor_class_exists(packet, *enterprise),
    })
}

/// Whether any of the conditions is `wanted`.
fn any(
    conditions: &[Condition],
    wanted: bool,
    laziness: Laziness,
    packet: &impl Packet4,
) -> Result<bool, EvaluationError> {
    let mut found = false;
    for condition in conditions {
        found |= holds(condition, packet)? == wanted;
        if found && laziness == Laziness::Lazy {
            break;
        }
    }
    Ok(found)
}

fn bytes<'a>(text: &'a Text, packet: &'a impl Packet4) -> Result<Cow<'a, [u8]>, EvaluationError> {
    Ok(match text {
        Text::Literal(literal) => Cow::Borrowed(literal),
        Text::Option(path, form) => path.value(packet, *form),
        Text::Packet(field) => field_bytes(*field, packet),
        Text::VendorEnterprise => optional(options::vendor_enterprise(packet)),
        Text::VendorClassEnterprise => optional(options::vendor_class_enterprise(packet)),
        Text::VendorClassData(enterprise, index) => {
            options::vendor_class_data(packet, *enterprise, *index).unwrap_or_default()
        }
        Text::Concat(parts) => {
            let mut whole = Vec::new();
            for part in parts {
                whole.extend_from_slice(&bytes(part, packet)?);
                bounded("concat", whole.len())?;
            }
            Cow::Owned(whole)
        }
        Text::Substring(text, start, length) => substring(bytes(text, packet)?, *start, *length),
        Text::Split(text, delimiters, field) => {
            let (text, delimiters) = (bytes(text, packet)?, bytes(delimiters, packet)?);
            split(text, &delimiters, *field)
        }
        Text::IfElse(parts, laziness) => {
            let (condition, then, otherwise) = &**parts;
            let (chosen, other) =
                if holds(condition, packet)? { (then, otherwise) } else { (otherwise, then) };
            if *laziness == Laziness::Strict {
                bytes(other, packet)?;
            }
            bytes(chosen, packet)?
        }
        Text::HexString(parts) => {
            let (data, separator) = (bytes(&parts.0, packet)?, bytes(&parts.1, packet)?);
            bounded("hexstring", data.len().saturating_mul(2 + separator.len()))?;
            Cow::Owned(hex_string(&data, &separator))
        }
        Text::LowerCase(text) => Cow::Owned(bytes(text, packet)?.to_ascii_lowercase()),
        Text::UpperCase(text) => Cow::Owned(bytes(text, packet)?.to_ascii_uppercase()),
        Text::FormatAddress(text) => address_to_text(bytes(text, packet)?)?,
        Text::FormatInteger(integer, text) => integer_to_text(*integer, bytes(text, packet)?)?,
    })
}

fn optional<'a>(number: Option<[u8; 4]>) -> Cow<'a, [u8]> {
    number.map_or(Cow::Borrowed(&[]), |number| Cow::Owned(number.to_vec()))
}

fn bounded(function: &'static str, length: usize) -> Result<(), EvaluationError> {
    if length > MAX_TEXT { Err(EvaluationError { function, given: length }) } else { Ok(()) }
}

/// A field as expressions see it: addresses as their bytes, numbers in four bytes.
fn field_bytes(field: Field, packet: &impl Packet4) -> Cow<'_, [u8]> {
    let address = |address: Ipv4Addr| Cow::Owned(address.octets().to_vec());
    let number = |number: u32| Cow::Owned(number.to_be_bytes().to_vec());
    match field {
        Field::Interface => Cow::Borrowed(packet.interface().as_bytes()),
        Field::Source => address(packet.source()),
        Field::Destination => address(packet.destination()),
        Field::Length => number(packet.length()),
        Field::HardwareAddress => Cow::Borrowed(packet.hardware_address()),
        Field::HardwareLength => number(packet.hardware_length().into()),
        Field::HardwareType => number(packet.hardware_type().into()),
        Field::Ciaddr => address(packet.ciaddr()),
        Field::Yiaddr => address(packet.yiaddr()),
        Field::Siaddr => address(packet.siaddr()),
        Field::Giaddr => address(packet.giaddr()),
        Field::MessageType => number(packet.message_type().into()),
        Field::TransactionId => number(packet.transaction_id()),
    }
}

/// A negative start counts from the end; a negative length takes what comes before the start.
fn substring(text: Cow<'_, [u8]>, start: i64, length: Option<i64>) -> Cow<'_, [u8]> {
    let size = text.len() as i64;
    if start < -size || start >= size {
        return Cow::Borrowed(&[]);
    }
    let start = if start < 0 { size + start } else { start };
    let (from, to) = match length {
        None => (start, size),
        Some(length) if length < 0 => (start.saturating_add(length).max(0), start),
        Some(length) => (start, start.saturating_add(length).min(size)),
    };
    slice(text, from as usize, to as usize)
}

fn slice(text: Cow<'_, [u8]>, from: usize, to: usize) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[from..to]),
        Cow::Owned(mut text) => {
            text.truncate(to);
            text.drain(..from);
            Cow::Owned(text)
        }
    }
}

/// Any of the delimiters ends a field, and two in a row have an empty one between them.
fn split<'a>(text: Cow<'a, [u8]>, delimiters: &[u8], field: i64) -> Cow<'a, [u8]> {
    if delimiters.is_empty() {
        return text;
    }
    let Some(before) = usize::try_from(field).ok().and_then(|field| field.checked_sub(1)) else {
        return Cow::Borrowed(&[]);
    };
    let mut from = 0;
    let mut fields = text.split(|byte| delimiters.contains(byte));
    for skipped in fields.by_ref().take(before) {
        from += skipped.len() + 1;
    }
    // The fields borrow the text, their bounds do not.
    let to = fields.next().map(|field| from + field.len());
    to.map_or(Cow::Borrowed(&[]), |to| slice(text, from, to))
}

fn hex_string(data: &[u8], separator: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len() * (2 + separator.len()));
    for (at, &byte) in data.iter().enumerate() {
        if at > 0 {
            text.extend_from_slice(separator);
        }
        text.extend(Hex::digits(byte));
    }
    text
}

fn address_to_text(data: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, EvaluationError> {
    if data.is_empty() {
        return Ok(data);
    }
    let text = if let Ok(octets) = <[u8; 4]>::try_from(&*data) {
        Ipv4Addr::from(octets).to_string()
    } else if let Ok(octets) = <[u8; 16]>::try_from(&*data) {
        Ipv6Addr::from(octets).to_string()
    } else {
        return Err(EvaluationError { function: "addrtotext", given: data.len() });
    };
    Ok(Cow::Owned(text.into_bytes()))
}

fn integer_to_text(integer: Integer, data: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, EvaluationError> {
    let text = match (integer, &*data) {
        (_, []) => return Ok(data),
        (Integer::Int8, &[a]) => i8::from_be_bytes([a]).to_string(),
        (Integer::Int16, &[a, b]) => i16::from_be_bytes([a, b]).to_string(),
        (Integer::Int32, &[a, b, c, d]) => i32::from_be_bytes([a, b, c, d]).to_string(),
        (Integer::Uint8, &[a]) => a.to_string(),
        (Integer::Uint16, &[a, b]) => u16::from_be_bytes([a, b]).to_string(),
        (Integer::Uint32, &[a, b, c, d]) => u32::from_be_bytes([a, b, c, d]).to_string(),
        _ => return Err(EvaluationError { function: integer.function(), given: data.len() }),
    };
    Ok(Cow::Owned(text.into_bytes()))
}
