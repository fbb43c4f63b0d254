//! Texts of the normal form: byte strings, pools, and the hash of the whole.

use kotare_model::Hex;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::json::format::{self, Shape};
use crate::prefix::{Address, parse_pool, range_text};

/// `hash` of `config-get` and `config-hash-get`: SHA-256 over [`Shape::Hashed`], in capital hexadecimal digits.
pub fn config_hash(config: &Json) -> String {
    text_hash(&format::text(config, Shape::Hashed))
}

/// The same of that text.
pub(crate) fn text_hash(text: &str) -> String {
    format!("{:X}", Hex(&Sha256::digest(text)))
}

/// The bytes of an identifier or of binary data: `'text'` in single quotes, or hexadecimal digits, plain, with `0x`
/// before them, or in pairs with colons or spaces between them. `None` for anything else.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    if text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'') {
        return Some(text.as_bytes()[1..text.len() - 1].to_vec());
    }
    for separator in *b": " {
        if text.as_bytes().contains(&separator) {
            return read_bytes(text.as_bytes().split(|byte| *byte == separator), text.len() / 3 + 1);
        }
    }
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text).as_bytes();
    // A lone digit is the low half of the first byte.
    let (first, rest) = digits.split_at(digits.len() % 2);
    let first = (!first.is_empty()).then_some(first);
    read_bytes(first.into_iter().chain(rest.chunks_exact(2)), digits.len() / 2 + 1)
}

/// Bytes of one or two hexadecimal digits each, about `count` of them.
fn read_bytes<'a>(all: impl Iterator<Item = &'a [u8]>, count: usize) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let mut bytes = Vec::with_capacity(count);
    for digits in all {
        bytes.push(match *digits {
            [low] => digit(low)?,
            [high, low] => digit(high)? << 4 | digit(low)?,
            _ => return None,
        });
    }
    Some(bytes)
}

/// A pool as a prefix if it is one, else as `first-last`.
pub(super) fn pool_text<A: Address>(text: &str) -> Option<String> {
    let (first, last) = parse_pool::<A>(text).ok()?;
    Some(range_text(first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The hash is the one that Kea 3.3 has for the same text.
    #[test]
    fn the_hash_is_keas() {
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
}
