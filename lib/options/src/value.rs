//! One value of one type, from text to bytes.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::Why;
use crate::{DataType, domain_name, hex};

/// Appends `text` as a value of `data_type`. Blanks around it have been removed by the caller.
///
/// # Errors
/// What was expected instead, to follow "… is not ".
pub(crate) fn write(
    data_type: DataType,
    tuple_length_bytes: usize,
    text: &str,
    out: &mut Vec<u8>,
) -> Result<(), Why> {
    match data_type {
        DataType::Empty | DataType::Record | DataType::Internal => {
            return Err("possible here: the option has no value of its own".into());
        }
        DataType::Binary => {
            out.extend(hex::run(text).ok_or("pairs of hexadecimal digits")?);
        }
        DataType::Boolean => out.push(boolean(text).ok_or("'true', 'false', '1' or '0'")?.into()),
        DataType::Int8 => out.extend(integer::<i8>(text, i8::MIN.into(), i8::MAX.into())?.to_be_bytes()),
        DataType::Int16 => out.extend(integer::<i16>(text, i16::MIN.into(), i16::MAX.into())?.to_be_bytes()),
        DataType::Int32 => out.extend(integer::<i32>(text, i32::MIN.into(), i32::MAX.into())?.to_be_bytes()),
        DataType::Uint8 => out.extend(integer::<u8>(text, 0, u8::MAX.into())?.to_be_bytes()),
        DataType::Uint16 => out.extend(integer::<u16>(text, 0, u16::MAX.into())?.to_be_bytes()),
        DataType::Uint32 => out.extend(integer::<u32>(text, 0, u32::MAX.into())?.to_be_bytes()),
        DataType::Ipv4Address => {
            let address: Ipv4Addr = text.parse().map_err(|_| "an IPv4 address")?;
            out.extend(address.octets());
        }
        DataType::Ipv6Address => {
            let address: Ipv6Addr = text.parse().map_err(|_| "an IPv6 address")?;
            out.extend(address.octets());
        }
        DataType::Ipv6Prefix => prefix(text, out).ok_or("an IPv6 prefix such as 2001:db8::/32")?,
        DataType::Psid => psid(text, out)?,
        DataType::String => out.extend(text.as_bytes()),
        DataType::Tuple => tuple(text, tuple_length_bytes, out)?,
        DataType::Fqdn => {
            out.extend(domain_name::to_wire(text).map_err(|why| format!("a domain name: it has {why}"))?);
        }
    }
    Ok(())
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Some(false);
    }
    match text.parse::<i32>() {
        Ok(1) => Some(true),
        Ok(0) => Some(false),
        _ => None,
    }
}

/// A decimal number, or what is none but a hexadecimal one, with or without `0x`: `10` is ten, `1a` and
/// `0x1a` are twenty-six.
fn integer<T: TryFrom<i64>>(text: &str, least: i64, most: i64) -> Result<T, Why> {
    let hexadecimal = || {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits);
        let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        i64::from_str_radix(digits, 16).ok().map(|value| sign * value)
    };
    text.parse::<i64>()
        .ok()
        .or_else(hexadecimal)
        .and_then(|value| T::try_from(value).ok())
        .ok_or_else(|| format!("an integer between {least} and {most}").into())
}

fn prefix(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let text = text.replace([' ', '\t'], "");
    let (address, length) = text.split_once('/')?;
    let address: Ipv6Addr = address.parse().ok()?;
    let length: u8 = integer(length, 0, 128).ok().filter(|length| *length <= 128)?;
    // Bits beyond the length are not part of the prefix.
    let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
    out.push(length);
    let octets = (address.to_bits() & mask).to_be_bytes();
    out.extend(&octets[..usize::from(length).div_ceil(8)]);
    Some(())
}

fn psid(text: &str, out: &mut Vec<u8>) -> Result<(), Why> {
    let text = text.replace([' ', '\t'], "");
    let (value, length) = text.split_once('/').ok_or("a PSID such as 3/4: value, then length in bits")?;
    let value: u16 = integer(value, 0, u16::MAX.into()).map_err(|range| format!("a PSID of {range}"))?;
    let length: u8 = integer(length, 0, 16).map_err(|range| format!("a PSID with a length of {range}"))?;
    if length > 16 {
        return Err("a PSID with a length between 0 and 16".into());
    }
    let free = 16 - u32::from(length);
    if length > 0 && u32::from(value) > 0xffff >> free {
        return Err(format!("a PSID that fits {length} bits").into());
    }
    out.push(length);
    // The value is aligned left (RFC 7618 §5); of length 0 there is nothing to align.
    out.extend(value.checked_shl(free).unwrap_or(0).to_be_bytes());
    Ok(())
}

fn tuple(text: &str, length_bytes: usize, out: &mut Vec<u8>) -> Result<(), Why> {
    match (length_bytes, u8::try_from(text.len()), u16::try_from(text.len())) {
        (1, Ok(length), _) => out.push(length),
        (2, _, Ok(length)) => out.extend(length.to_be_bytes()),
        _ => {
            return Err(format!(
                "short enough: it has {} bytes, more than its length field can say",
                text.len()
            )
            .into());
        }
    }
    out.extend(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(data_type: DataType, text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        write(data_type, 1, text, &mut out).ok().map(|()| out)
    }

    /// Each type with the notations it accepts, and the bytes they stand for.
    #[test]
    fn notations_of_every_type() {
        let cases: &[(DataType, &str, &[u8])] = &[
            (DataType::Binary, "0a 0B", &[10, 11]),
            (DataType::Binary, "", &[]),
            (DataType::Boolean, "TRUE", &[1]),
            (DataType::Boolean, "0", &[0]),
            (DataType::Int8, "-128", &[0x80]),
            (DataType::Int16, "-2", &[0xff, 0xfe]),
            (DataType::Int32, "0x10", &[0, 0, 0, 16]),
            (DataType::Uint8, "ff", &[255]),
            (DataType::Uint16, "10", &[0, 10]),
            (DataType::Uint32, "4294967295", &[255; 4]),
            (DataType::Ipv4Address, "192.0.2.1", &[192, 0, 2, 1]),
            (DataType::Ipv6Address, "::1", &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            (DataType::Ipv6Prefix, "2001:dff:: / 23", &[23, 0x20, 0x01, 0x0c]),
            (DataType::Ipv6Prefix, "::/0", &[0]),
            (DataType::Psid, "3/4", &[4, 0x30, 0]),
            (DataType::Psid, "9/0", &[0, 0, 0]),
            (DataType::Psid, "65535/16", &[16, 255, 255]),
            (DataType::String, "a b", b"a b"),
            (DataType::Tuple, "foo", b"\x03foo"),
            (DataType::Fqdn, "a.b", b"\x01a\x01b\0"),
        ];
        for (data_type, text, expected) in cases {
            assert_eq!(bytes(*data_type, text).as_deref(), Some(*expected), "{data_type} '{text}'");
        }
    }

    /// Each type with text that is no value of it.
    #[test]
    fn other_text_is_refused() {
        let cases: &[(DataType, &[&str])] = &[
            (DataType::Empty, &["", "1"]),
            (DataType::Binary, &["0", "0x01", "0a:0b", "xy"]),
            (DataType::Boolean, &["", "2", "yes", "-1"]),
            (DataType::Int8, &["-129", "128", ""]),
            (DataType::Uint8, &["-1", "256", "1.5", "0x", "--1", "0x-1", "9999999999999999999"]),
            (DataType::Uint16, &["65536"]),
            (DataType::Uint32, &["4294967296"]),
            (DataType::Ipv4Address, &["", "192.0.2", "192.0.2.256", "::1", "192.0.2.01"]),
            (DataType::Ipv6Address, &["192.0.2.1", ":::"]),
            (DataType::Ipv6Prefix, &["2001::", "2001::/129", "192.0.2.0/24", "2001::/"]),
            (DataType::Psid, &["3", "3/17", "16/4", "65536/16", "/4"]),
            (DataType::Fqdn, &["", "a..b"]),
        ];
        for (data_type, texts) in cases {
            for text in *texts {
                assert_eq!(bytes(*data_type, text), None, "{data_type} '{text}'");
            }
        }
        assert_eq!(bytes(DataType::Tuple, &"x".repeat(256)), None);
    }
}
