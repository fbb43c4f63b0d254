//! Attributes and their values: in bytes, in words, and as they are kept with a reservation.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_model::Hex;
use serde_json::{Map, Value as Json, json as made};

use crate::dictionary::number;
use crate::{Definition, Dictionary, Kind, known};

/// So many bytes a value has at most.
const LONGEST: usize = 253;
/// So many of what a vendor defines.
const LONGEST_OF_VENDOR: usize = LONGEST - 4;

/// An attribute of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its number.
    pub code: u8,
    /// Its value.
    pub value: Value,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Any bytes: a string, or what nobody has defined.
    Bytes(Box<[u8]>),
    /// A number.
    Integer(u32),
    /// An IPv4 address.
    Ipv4(Ipv4Addr),
    /// An IPv6 address.
    Ipv6(Ipv6Addr),
    /// A prefix of IPv6.
    Prefix(Ipv6Addr, u8),
    /// The number of a vendor, and what that defines.
    Vendor(u32, Box<[u8]>),
}

/// Why something is no value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeError(pub String);

impl fmt::Display for AttributeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AttributeError {}

fn wrong<T>(why: impl Into<String>) -> Result<T, AttributeError> {
    Err(AttributeError(why.into()))
}

impl Attribute {
    /// One with a text that is not too long.
    pub fn text(code: u8, text: &str) -> Self {
        let bytes = text.as_bytes();
        Self { code, value: Value::Bytes(bytes[..bytes.len().min(LONGEST)].into()) }
    }

    /// One with a number.
    pub fn integer(code: u8, number: u32) -> Self {
        Self { code, value: Value::Integer(number) }
    }

    /// Reads a value as somebody wrote it.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of_text(
        definition: &Definition,
        text: &str,
        dictionary: &Dictionary,
    ) -> Result<Self, AttributeError> {
        if text.is_empty() {
            return wrong("empty attribute value");
        }
        let value = match definition.kind {
            Kind::String => Value::Bytes(bounded(text.as_bytes(), LONGEST)?),
            Kind::Integer => {
                let named = || dictionary.value(definition.code, definition.vendor, text);
                let is_name = !text.starts_with(|c: char| c.is_ascii_digit());
                let value = Some(text).filter(|_| is_name).and_then(|_| named()).or_else(|| number(text));
                Value::Integer(value.ok_or_else(|| AttributeError(format!("no number of 32 bits: {text}")))?)
            }
            Kind::Ipv4 => Value::Ipv4(parsed(text, "IPv4 address")?),
            Kind::Ipv6 => Value::Ipv6(parsed(text, "IPv6 address")?),
            Kind::Ipv6Prefix => {
                let Some((address, length)) = text.split_once('/') else {
                    return wrong(format!("unable to parse prefix {text}"));
                };
                let length = length.parse().ok().filter(|length| *length <= 128);
                let length =
                    length.ok_or_else(|| AttributeError(format!("no length of a prefix: {text}")))?;
                Value::Prefix(parsed(address, "IPv6 address")?, length)
            }
            Kind::Vendor => return wrong("can't decode vsa from text"),
        };
        Self { code: definition.code, value }.within(definition)
    }

    /// Reads the bytes of a value.
    ///
    /// # Errors
    /// Why they are none.
    pub fn of_bytes(definition: &Definition, bytes: &[u8]) -> Result<Self, AttributeError> {
        Self { code: definition.code, value: value(definition.kind, bytes)? }.within(definition)
    }

    /// Reads an attribute of a packet; what it should be and why it is none, if so. One that nobody has defined is any bytes.
    pub(crate) fn of_packet(
        code: u8,
        bytes: &[u8],
        dictionary: &Dictionary,
    ) -> Result<Self, (Kind, AttributeError)> {
        let kind = dictionary.of_code(code, 0).map_or(Kind::String, |definition| definition.kind);
        value(kind, bytes).map(|value| Self { code, value }).map_err(|error| (kind, error))
    }

    /// The same, put into what its vendor defines, if it has one.
    fn within(self, definition: &Definition) -> Result<Self, AttributeError> {
        if definition.vendor == 0 {
            return Ok(self);
        }
        let mut inner = Vec::new();
        self.write(&mut inner);
        let inner = bounded(&inner, LONGEST_OF_VENDOR)?;
        Ok(Self { code: known::VENDOR_SPECIFIC, value: Value::Vendor(definition.vendor, inner) })
    }

    /// Appends it as packets have it: number, length, value.
    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        let at = into.len();
        into.extend([self.code, 0]);
        match &self.value {
            Value::Bytes(bytes) => into.extend(bytes),
            Value::Integer(number) => into.extend(number.to_be_bytes()),
            Value::Ipv4(address) => into.extend(address.octets()),
            Value::Ipv6(address) => into.extend(address.octets()),
            Value::Prefix(address, length) => {
                into.extend([0, *length]);
                into.extend(address.octets());
            }
            Value::Vendor(vendor, bytes) => {
                into.extend(vendor.to_be_bytes());
                into.extend(bytes);
            }
        }
        // No value is longer than that.
        into.truncate(at + 2 + LONGEST);
        into[at + 1] = u8::try_from(into.len() - at).unwrap_or(u8::MAX);
    }

    /// The bytes of a string.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// In words: the name and the value.
    pub fn shown<'a>(&'a self, dictionary: &'a Dictionary) -> Shown<'a> {
        Shown { attributes: std::slice::from_ref(self), dictionary }
    }
}

fn parsed<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, AttributeError> {
    text.parse().map_err(|_| AttributeError(format!("no {what}: {text}")))
}

fn bounded(bytes: &[u8], most: usize) -> Result<Box<[u8]>, AttributeError> {
    match bytes.len() {
        0 => wrong("empty attribute value"),
        length if length > most => wrong(format!("value is too large {length} > {most}")),
        _ => Ok(bytes.into()),
    }
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], AttributeError> {
    bytes.try_into().map_err(|_| AttributeError(format!("bad value length {} != {N}", bytes.len())))
}

fn value(kind: Kind, bytes: &[u8]) -> Result<Value, AttributeError> {
    Ok(match kind {
        Kind::String => Value::Bytes(bounded(bytes, LONGEST)?),
        Kind::Integer => Value::Integer(u32::from_be_bytes(exactly(bytes)?)),
        Kind::Ipv4 => Value::Ipv4(exactly::<4>(bytes)?.into()),
        Kind::Ipv6 => Value::Ipv6(exactly::<16>(bytes)?.into()),
        Kind::Ipv6Prefix => match bytes {
            [_, length, prefix @ ..] if *length <= 128 && prefix.len() <= 16 => {
                let mut address = [0; 16];
                address[..prefix.len()].copy_from_slice(prefix);
                Value::Prefix(address.into(), *length)
            }
            [_, length, prefix @ ..] if prefix.len() <= 16 => {
                return wrong(format!("bad prefix length {length} > 128"));
            }
            [_, _, ..] => return wrong(format!("bad value length {} > 18", bytes.len())),
            _ => return wrong(format!("bad value length {} < 2", bytes.len())),
        },
        Kind::Vendor => match bytes.split_first_chunk::<4>() {
            Some((vendor, inner @ [_, ..])) => {
                Value::Vendor(u32::from_be_bytes(*vendor), bounded(inner, LONGEST_OF_VENDOR)?)
            }
            _ => return wrong(format!("value is too small {} < 5", bytes.len())),
        },
    })
}

/// Attributes in words, as logs have them. Passwords are not shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The attributes.
    pub attributes: &'a [Attribute],
    /// What they are called.
    pub dictionary: &'a Dictionary,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, attribute) in self.attributes.iter().enumerate() {
            let Attribute { code, value } = attribute;
            write!(f, "{}{}=", if at > 0 { ", " } else { "" }, self.dictionary.name(*code))?;
            match value {
                _ if *code == known::USER_PASSWORD => f.write_str("*****"),
                Value::Bytes(bytes) => match printable(bytes) {
                    Some(text) => write!(f, "'{text}'"),
                    None => write!(f, "0x{:X}", Hex(bytes)),
                },
                Value::Integer(number) => match self.dictionary.value_name(*code, 0, *number) {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{number}"),
                },
                Value::Ipv4(address) => write!(f, "{address}"),
                Value::Ipv6(address) => write!(f, "{address}"),
                Value::Prefix(address, length) => write!(f, "{address}/{length}"),
                Value::Vendor(vendor, bytes) => write!(f, "[{vendor}]0x{:X}", Hex(bytes)),
            }?;
        }
        Ok(())
    }
}

/// The text that bytes are, if all of it can be seen.
fn printable(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte)).then_some(text)
}

/// Attributes as they are kept in the user context of a reservation.
pub fn json(attributes: &[Attribute], dictionary: &Dictionary) -> Json {
    let kept = attributes.iter().map(|attribute| {
        let mut map = Map::new();
        if let Some(definition) = dictionary.of_code(attribute.code, 0) {
            map.insert("name".into(), made!(definition.name));
        }
        map.insert("type".into(), made!(attribute.code));
        let (keyword, value) = match &attribute.value {
            Value::Bytes(bytes) => match printable(bytes) {
                Some(text) => ("data", text.to_owned()),
                None => ("raw", format!("{:X}", Hex(bytes))),
            },
            Value::Integer(number) => ("data", number.to_string()),
            Value::Ipv4(address) => ("data", address.to_string()),
            Value::Ipv6(address) => ("data", address.to_string()),
            Value::Prefix(address, length) => ("data", format!("{address}/{length}")),
            Value::Vendor(vendor, bytes) => {
                map.insert("vendor".into(), made!(vendor.to_string()));
                ("vsa-raw", format!("{:X}", Hex(bytes)))
            }
        };
        map.insert(keyword.into(), made!(value));
        Json::Object(map)
    });
    kept.collect()
}

/// Attributes that were kept so. What makes no sense is left out.
pub fn of_json(kept: &Json, dictionary: &Dictionary) -> Vec<Attribute> {
    let all = kept.as_array().into_iter().flatten();
    all.filter_map(|entry| one_of_json(entry, dictionary)).collect()
}

fn one_of_json(entry: &Json, dictionary: &Dictionary) -> Option<Attribute> {
    let code = u8::try_from(entry.get("type")?.as_u64()?).ok()?;
    let text = |keyword: &str| entry.get(keyword).and_then(Json::as_str);
    if let Some(inner) = text("vsa-raw") {
        let inner = bounded(&digits(inner)?, LONGEST_OF_VENDOR).ok()?;
        return Some(Attribute { code, value: Value::Vendor(number(text("vendor")?)?, inner) });
    }
    let definition = dictionary.of_code(code, 0)?;
    match text("raw") {
        Some(raw) => Attribute::of_bytes(definition, &digits(raw)?).ok(),
        None => Attribute::of_text(definition, text("data")?, dictionary).ok(),
    }
}

/// The bytes of hexadecimal digits; one digit too few is a 0 before them.
pub(crate) fn digits(text: &str) -> Option<Vec<u8>> {
    let text = if text.len() % 2 == 1 { format!("0{text}") } else { text.to_owned() };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    text.as_bytes().chunks(2).map(|pair| Some(digit(&pair[0])? << 4 | digit(&pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, text: &str) -> Result<Attribute, AttributeError> {
        let dictionary = Dictionary::standard();
        Attribute::of_text(dictionary.of_name(name, 0).expect(name), text, &dictionary)
    }

    /// Values are read as they are written, shown, kept and read again.
    #[test]
    fn values_have_a_text() {
        let dictionary = Dictionary::standard();
        for (name, text, shown) in [
            ("User-Name", "me", "User-Name='me'"),
            ("User-Password", "secret", "User-Password=*****"),
            ("Acct-Status-Type", "Start", "Acct-Status-Type=Start"),
            ("NAS-Port", "4294967295", "NAS-Port=4294967295"),
            ("NAS-Port", "-1", "NAS-Port=4294967295"),
            ("Framed-IP-Address", "192.0.2.5", "Framed-IP-Address=192.0.2.5"),
            ("Framed-IPv6-Address", "2001:db8::8", "Framed-IPv6-Address=2001:db8::8"),
            ("Delegated-IPv6-Prefix", "2001:db8::/56", "Delegated-IPv6-Prefix=2001:db8::/56"),
        ] {
            let attribute = named(name, text).expect(text);
            assert_eq!(attribute.shown(&dictionary).to_string(), shown);
            let all = [attribute];
            assert_eq!(of_json(&json(&all, &dictionary), &dictionary), all);
        }
        let unseen = [Attribute { code: 25, value: Value::Bytes([0, 255].into()) }];
        assert_eq!(json(&unseen, &dictionary), made!([{"name": "Class", "type": 25, "raw": "00FF"}]));
        assert_eq!(Shown { attributes: &unseen, dictionary: &dictionary }.to_string(), "Class=0x00FF");
        assert_eq!(of_json(&json(&unseen, &dictionary), &dictionary), unseen);
    }

    /// What is no value is told.
    #[test]
    fn errors_are_told() {
        for (name, text, error) in [
            ("User-Name", "", "empty attribute value"),
            ("User-Name", &"x".repeat(254), "value is too large 254 > 253"),
            ("Acct-Status-Type", "Begin", "no number of 32 bits: Begin"),
            ("NAS-Port", "4294967296", "no number"),
            ("Framed-IP-Address", "::1", "no IPv4 address: ::1"),
            ("Delegated-IPv6-Prefix", "::1", "unable to parse prefix ::1"),
            ("Delegated-IPv6-Prefix", "::/129", "no length of a prefix"),
            ("Vendor-Specific", "1", "can't decode vsa from text"),
        ] {
            let told = named(name, text).expect_err(text).to_string();
            assert!(told.contains(error), "{name} {text}: {told}");
        }
        let dictionary = Dictionary::standard();
        for (code, bytes, error) in [
            (5, &[1][..], "bad value length 1 != 4"),
            (8, &[1; 5], "bad value length 5 != 4"),
            (168, &[1; 4], "bad value length 4 != 16"),
            (123, &[0], "bad value length 1 < 2"),
            (123, &[0; 19], "bad value length 19 > 18"),
            (123, &[0, 129, 1], "bad prefix length 129 > 128"),
            (26, &[0; 4], "value is too small 4 < 5"),
            (1, &[], "empty attribute value"),
        ] {
            let (_, told) = Attribute::of_packet(code, bytes, &dictionary).expect_err("no value");
            assert_eq!(told.to_string(), error);
        }
    }

    /// What a vendor defines goes into an attribute of the vendor.
    #[test]
    fn attributes_of_vendors_are_wrapped() {
        let dictionary = Dictionary::standard();
        let definition = Definition { name: "Agent".into(), code: 1, kind: Kind::String, vendor: 3561 };
        let attribute = Attribute::of_text(&definition, "ab", &dictionary).expect("a value");
        assert_eq!(attribute.value, Value::Vendor(3561, [1, 4, b'a', b'b'].into()));
        let mut bytes = Vec::new();
        attribute.write(&mut bytes);
        assert_eq!(bytes, [26, 10, 0, 0, 0x0d, 0xe9, 1, 4, b'a', b'b']);
        assert_eq!(attribute.shown(&dictionary).to_string(), "Vendor-Specific=[3561]0x01046162");
        assert_eq!(of_json(&json(std::slice::from_ref(&attribute), &dictionary), &dictionary), [attribute]);
        assert!(Attribute::of_text(&definition, &"x".repeat(250), &dictionary).is_err());
    }
}
