//! What a relay said of a client, kept with its lease (`store-extended-info`, `stash-agent-options`).
//!
//! It is Kea's map in the lease's user context:
//! `{ "ISC": { "relay-agent-info": { "relay-id": "…", "remote-id": "…", "sub-options": "0x…" } } }`, where the last is
//! all of option 82 without code and length. It is laid out as Kea does it, so that files can be compared.

use std::fmt::Write;

use kotare_model::Hex;
use kotare_wire::v4::{OptionValue, RelayAgent};
use serde_json::{Map, Value};

use crate::isc_context::{self, ISC, parse};
use crate::sanity::context::hex_bytes;

pub(super) const INFO: &str = "relay-agent-info";
pub(super) const SUB_OPTIONS: &str = "sub-options";
pub(super) const RELAY_ID: &str = "relay-id";
pub(super) const REMOTE_ID: &str = "remote-id";

/// The user context with what this relay says in place of what is there, or `None` if that is the same.
pub(super) fn updated(context: Option<&str>, agent: RelayAgent<'_>) -> Option<Box<str>> {
    let mut info = identifiers(agent);
    info.insert(SUB_OPTIONS.into(), hex("0x", OptionValue::new(agent.as_bytes())).into());
    isc_context::updated(context, INFO, Value::Object(info))
}

/// The value of option 82 in a user context, if there is one with sub-options. Also read in the layout of Kea before
/// 2.3.2, where it is the text itself.
pub fn relay_agent_of(context: &str) -> Option<Vec<u8>> {
    let all = parse(context)?;
    let info = all.get(ISC)?.get(INFO)?;
    let text = info.get(SUB_OPTIONS).unwrap_or(info).as_str()?;
    let bytes = hex_bytes(text).ok()?;
    RelayAgent::new(&bytes).sub_options().next()?;
    Some(bytes)
}

/// Who the relay is, and who the client is to it, as far as it says so.
pub(super) fn identifiers(agent: RelayAgent<'_>) -> Map<String, Value> {
    let mut info = Map::new();
    for (name, value) in [(RELAY_ID, agent.relay_id()), (REMOTE_ID, agent.remote_id())] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            info.insert(name.into(), hex("", value).into());
        }
    }
    info
}

fn hex(prefix: &str, value: OptionValue<'_>) -> String {
    value.chunks().fold(prefix.to_owned(), |mut text, chunk| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{:X}", Hex(chunk));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTION: &[u8] = &[1, 2, 0xab, 0xcd, 2, 1, 0x0f, 12, 1, 7];

    /// Kea's shape, and nothing to write when it is there already.
    #[test]
    fn relay_information_has_keas_shape() {
        let context = updated(None, RelayAgent::new(OPTION)).unwrap();
        assert_eq!(
            &*context,
            r#"{ "ISC": { "relay-agent-info": { "relay-id": "07", "remote-id": "0F", "sub-options": "0x0102ABCD02010F0C0107" } } }"#
        );
        assert_eq!(updated(Some(&context), RelayAgent::new(OPTION)), None);
        assert_eq!(relay_agent_of(&context).unwrap(), OPTION);
    }

    /// What others keep in the user context stays; what is not a map gives way.
    #[test]
    fn the_rest_of_the_user_context_stays() {
        let agent = RelayAgent::new(&[1, 1, 5]);
        assert_eq!(
            &*updated(Some(r#"{"a":1,"ISC":{"b":2}}"#), agent).unwrap(),
            r#"{ "a": 1, "ISC": { "b": 2, "relay-agent-info": { "sub-options": "0x010105" } } }"#
        );
        for odd in ["[1]", "{", r#"{"ISC":1}"#] {
            let context = updated(Some(odd), agent).unwrap();
            assert_eq!(relay_agent_of(&context).unwrap(), [1, 1, 5]);
        }
    }

    /// A stash is read in both of Kea's layouts; what is not one is none.
    #[test]
    fn a_stash_is_read_back() {
        assert_eq!(relay_agent_of(r#"{"ISC":{"relay-agent-info":"0x010105"}}"#).unwrap(), [1, 1, 5]);
        for bad in
            ["", "{}", r#"{"ISC":{"relay-agent-info":"0x01"}}"#, r#"{"ISC":{"relay-agent-info":"0xzz"}}"#]
        {
            assert_eq!(relay_agent_of(bad), None, "{bad}");
        }
    }
}
