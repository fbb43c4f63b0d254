//! Texts of the normal form: byte strings, pools, and the text whose hash is `config-hash-get`.

use std::fmt::Write;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::v4::parse_pool;

/// `hash` of `config-get` and `config-hash-get`: SHA-256 over [`kea_text`], in capital hexadecimal digits.
pub fn config_hash(config: &Json) -> String {
    Sha256::digest(kea_text(config)).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// `json` as Kea writes it on one line: a space inside brackets and after commas and colons, characters beyond ASCII
/// as escapes of their bytes, real numbers with six digits.
pub fn kea_text(json: &Json) -> String {
    let mut text = String::new();
    write_json(json, &mut text);
    text
}

fn write_json(json: &Json, text: &mut String) {
    match json {
        Json::String(string) => write_string(string, text),
        Json::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(real) => text.push_str(&six_digits(real)),
            None => {
                let _ = write!(text, "{number}");
            }
        },
        Json::Array(items) => {
            text.push_str("[ ");
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write_json(item, text);
            }
            text.push_str(" ]");
        }
        Json::Object(object) => {
            text.push_str("{ ");
            for (index, (key, value)) in object.iter().enumerate() {
                let _ = write!(text, "{}\"{key}\": ", if index > 0 { ", " } else { "" });
                write_json(value, text);
            }
            text.push_str(" }");
        }
        Json::Null | Json::Bool(_) => {
            let _ = write!(text, "{json}");
        }
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for byte in string.bytes() {
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            0x08 => text.push_str("\\b"),
            0x0c => text.push_str("\\f"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            0x20..=0x7e => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "\\u{byte:04x}");
            }
        }
    }
    text.push('"');
}

/// A real number as C++ streams write it by default, and never without a point or an exponent.
fn six_digits(real: f64) -> String {
    let scientific = format!("{real:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if (-4..6).contains(&exponent) {
        let fixed = trim(&format!("{real:.*}", (5 - exponent) as usize));
        return if fixed.contains('.') { fixed } else { format!("{fixed}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
}

/// The bytes of an identifier or of binary data: `'text'` in single quotes, or hexadecimal digits, plain, with `0x`
/// before them, or in pairs with colons or spaces between them. `None` for anything else.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    if text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'') {
        return Some(text.as_bytes()[1..text.len() - 1].to_vec());
    }
    let pair = |digits: &str| match digits.len() {
        1 | 2 if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => u8::from_str_radix(digits, 16).ok(),
        _ => None,
    };
    for separator in [':', ' '] {
        if text.contains(separator) {
            return text.split(separator).map(pair).collect();
        }
    }
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    if !digits.is_ascii() {
        return None;
    }
    // A lone digit is the low half of the first byte.
    let (first, rest) = digits.split_at(digits.len() % 2);
    let pairs = rest.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
    (!first.is_empty()).then_some(first).into_iter().chain(pairs).map(pair).collect()
}

/// `00:0c:01`.
pub(super) fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// A pool as a prefix if it is one, else as `first-last`.
pub(super) fn pool_text(text: &str) -> Option<String> {
    let (first, last) = parse_pool(text).ok()?;
    let (low, high) = (u32::from(first), u32::from(last));
    let size = u64::from(high) - u64::from(low) + 1;
    if size.is_power_of_two() && u64::from(low) % size == 0 {
        return Some(format!("{first}/{}", 32 - size.trailing_zeros()));
    }
    Some(format!("{first}-{last}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The text has Kea's spaces, escapes and digits, so that equal configurations have equal hashes.
    #[test]
    fn the_text_is_keas() {
        let json = json!({"a": [1, true, null, "é\"\u{7f}"], "b": {}, "c": [], "d": 0.5, "e": 0.875, "f": 2.0,
            "g": 1.0 / 3.0, "h": 1e-7, "i": 12345678.0});
        assert_eq!(
            kea_text(&json),
            "{ \"a\": [ 1, true, null, \"\\u00c3\\u00a9\\\"\\u007f\" ], \"b\": {  }, \"c\": [  ], \"d\": 0.5, \
             \"e\": 0.875, \"f\": 2.0, \"g\": 0.333333, \"h\": 1e-07, \"i\": 1.23457e+07 }"
        );
        assert_eq!(
            config_hash(&json!({})),
            "98C745F2F8511D66BBE9B340111CDCF6D2813962A4349795C8B6E56DDEE5F15C"
        );
    }

    /// Identifiers are read in every form that Kea reads.
    #[test]
    fn bytes_have_many_forms() {
        for text in ["01:02:0a", "1:2:a", "01 02 0a", "01020A", "0x01020a", "1020a"] {
            assert_eq!(bytes(text), Some(vec![1, 2, 10]), "{text}");
        }
        assert_eq!(bytes("'ab'"), Some(b"ab".to_vec()));
        for text in ["0g", "01:", "001:02", "'", "é", "01:02 03"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    /// Pools are shown as prefixes where they are such.
    #[test]
    fn pools_are_normal() {
        assert_eq!(pool_text("10.0.0.0 - 10.0.0.255").as_deref(), Some("10.0.0.0/24"));
        assert_eq!(pool_text("10.0.0.1-10.0.0.254").as_deref(), Some("10.0.0.1-10.0.0.254"));
        assert_eq!(pool_text("10.0.0.7-10.0.0.7").as_deref(), Some("10.0.0.7/32"));
    }
}
