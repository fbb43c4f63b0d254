//! What names a relay agent, and a client behind it, in columns of their own: of `lease4`, and of tables beside `lease6`, as a
//! message of DHCPv6 may come through many. The user context of the lease says it (`store-extended-info`); in columns it
//! is found by index.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::value::Value;

/// The map of Kea in which it stands.
const INFO: &str = "relay-agent-info";
/// The list of DHCPv6.
const INFO6: &str = "relay-info";
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

/// What [`TABLES`] have of a lease: `relay-id`s, and `remote-id`s.
pub(super) type Relays = [BTreeSet<Vec<u8>>; 2];

/// The tables beside `lease6`, each with its column.
pub(super) const TABLES: [(&str, &str); 2] =
    [("lease6_relay_id", "relay_id"), ("lease6_remote_id", "remote_id")];
/// How many bytes these take.
const MOST6: [usize; 2] = [130, 255];

/// The `relay-id`s and `remote-id`s of all agents in a user context of DHCPv6.
pub(super) fn all(context: Option<&str>) -> Relays {
    let mut relays = Relays::default();
    let agents = context.filter(|text| text.contains(INFO6)).and_then(|text| {
        let all: Map<String, Json> = serde_json::from_str(text).ok()?;
        all.get("ISC")?.get(INFO6)?.as_array().cloned()
    });
    for agent in agents.into_iter().flatten() {
        for ((ids, keyword), most) in relays.iter_mut().zip(["relay-id", "remote-id"]).zip(MOST6) {
            let id = agent.get(keyword).and_then(Json::as_str).and_then(bytes);
            ids.extend(id.filter(|id| (1..=most).contains(&id.len())));
        }
    }
    relays
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

    /// What each of the agents says, once; what makes no sense is not there.
    #[test]
    fn all_agents_are_read() {
        let context = r#"{ "ISC": { "relay-info": [
            { "hop": 1, "relay-id": "0003AB", "remote-id": "01" }, { "hop": 0, "relay-id": "0003ab", "remote-id": "02" },
            { "relay-id": 7, "remote-id": "0" }, "odd", null ] } }"#;
        let [relay_ids, remote_ids] = all(Some(context));
        assert_eq!(relay_ids, BTreeSet::from([vec![0, 3, 0xab]]));
        assert_eq!(remote_ids, BTreeSet::from([vec![1], vec![2]]));
        for odd in [None, Some("relay-info"), Some(r#"{ "ISC": { "relay-info": { } } }"#)] {
            assert_eq!(all(odd), Relays::default());
        }
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
