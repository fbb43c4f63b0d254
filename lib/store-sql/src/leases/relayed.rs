//! What names a relay agent, and a client behind it, in columns of their own. The user context of the lease says it
//! (`store-extended-info`); in columns it is found by index.

use serde_json::{Map, Value as Json};

use crate::value::Value;

/// The map of Kea in which it stands.
const INFO: &str = "relay-agent-info";
/// How many bytes a column takes.
const MOST: usize = 255;

/// `relay-id` and `remote-id` of a user context, null where it does not say so.
pub(super) fn ids(context: Option<&str>) -> [Value; 2] {
    // Hardly any lease has it: it is not read as JSON for nothing.
    let info = context.filter(|text| text.contains(INFO)).and_then(|text| {
        let all: Map<String, Json> = serde_json::from_str(text).ok()?;
        all.get("ISC")?.get(INFO)?.as_object().cloned()
    });
    ["relay-id", "remote-id"].map(|keyword| {
        let text = info.as_ref().and_then(|info| info.get(keyword)?.as_str());
        let bytes = text.and_then(bytes).filter(|bytes| (1..=MOST).contains(&bytes.len()));
        Value::bytes(bytes.as_deref())
    })
}

/// The bytes that hexadecimal digits are, two of them each.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        pair.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(pair, 16).ok())?
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(context: &str) -> [Option<Vec<u8>>; 2] {
        ids(Some(context)).map(|value| match value {
            Value::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        })
    }

    /// As the server keeps it; what makes no sense is not there.
    #[test]
    fn ids_are_read_from_the_context() {
        let context = |info: &str| format!(r#"{{ "ISC": {{ "relay-agent-info": {info} }}, "a": 1 }}"#);
        let both = context(r#"{ "relay-id": "07", "remote-id": "0FaB", "sub-options": "0x0102" }"#);
        assert_eq!(told(&both), [Some(vec![7]), Some(vec![0x0f, 0xab])]);
        assert_eq!(told(&context(r#"{ "remote-id": "01" }"#)), [None, Some(vec![1])]);
        let long = format!(r#"{{ "relay-id": "{}" }}"#, "00".repeat(256));
        for odd in
            [r#""0x0102""#, r#"{ "relay-id": "0", "remote-id": 7 }"#, r#"{ "relay-id": "+1" }"#, "[]", &long]
        {
            assert_eq!(told(&context(odd)), [None, None], "{odd}");
        }
        for odd in ["", "relay-agent-info", "[\"relay-agent-info\"]"] {
            assert_eq!(told(odd), [None, None]);
        }
    }
}
