//! What relay agents said of a client, kept with its lease (`store-extended-info`).
//!
//! It is Kea's list in the lease's user context: `{ "ISC": { "relay-info": [ { "hop": 0, "link": "…", "options": "0x…",
//! "peer": "…", "relay-id": "…", "remote-id": "…" }, … ] } }`, the agent nearest to the server first.

use kotare_model::Hex;
use kotare_wire::v6::{Message, OptionCode, Relay};
use serde_json::{Map, Value};
use smallvec::SmallVec;

use crate::isc_context;

pub(super) const INFO: &str = "relay-info";

/// The user context with what relay agents say of this message in place of what is there, or `None` if that is the same,
/// or if it passed none.
pub(super) fn updated(context: Option<&str>, message: Message<'_>) -> Option<Box<str>> {
    message.relay(0)?;
    let relays = message.relays().map(|relay| Value::Object(told(relay)));
    isc_context::updated(context, INFO, relays.collect())
}

/// What one says. Its options stand by code, without the message that it passed on.
fn told(relay: Relay<'_>) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("hop".into(), relay.hop_count().into());
    map.insert("link".into(), relay.link_address().to_string().into());
    let mut options: SmallVec<[_; 8]> =
        relay.options().filter(|(code, _)| *code != OptionCode::RELAY_MSG).collect();
    options.sort_by_key(|(code, _)| *code);
    let mut bytes = Vec::new();
    for (code, value) in &options {
        bytes.extend_from_slice(&code.0.to_be_bytes());
        // It was read from a length of that size.
        bytes.extend_from_slice(&(value.len() as u16).to_be_bytes());
        bytes.extend_from_slice(value);
    }
    if !bytes.is_empty() {
        map.insert("options".into(), format!("0x{:X}", Hex(&bytes)).into());
    }
    map.insert("peer".into(), relay.peer_address().to_string().into());
    for (name, code) in [("relay-id", OptionCode::RELAY_ID), ("remote-id", OptionCode::REMOTE_ID)] {
        if let Some(value) = relay.option(code).filter(|value| !value.is_empty()) {
            map.insert(name.into(), format!("{:X}", Hex(value)).into());
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use kotare_wire::v6::{Index, MessageType, Writer};

    use super::*;

    /// Kea's shape; nothing to write when it is there already, or when no relay says anything.
    #[test]
    fn relay_information_has_keas_shape() {
        let mut buffer = [0; 200];
        let mut writer = Writer::new(&mut buffer);
        let (link, peer): (Ipv6Addr, Ipv6Addr) = ("2001:db8::1".parse().unwrap(), "fe80::1".parse().unwrap());
        writer.relay_header(MessageType::RELAY_FORW, 1, link, peer).unwrap();
        writer.option(OptionCode::RELAY_ID, &[0, 3, 0xab]).unwrap();
        writer.option(OptionCode::INTERFACE_ID, b"e1").unwrap();
        let outer = writer.open(OptionCode::RELAY_MSG).unwrap();
        writer.relay_header(MessageType::RELAY_FORW, 0, peer, link).unwrap();
        let inner = writer.open(OptionCode::RELAY_MSG).unwrap();
        writer.header(MessageType::SOLICIT, 7).unwrap();
        writer.close(inner);
        writer.close(outer);
        let len = writer.len();
        let mut index = Index::new();
        let message = Message::parse(&buffer[..len], &mut index).unwrap();
        let context = updated(Some(r#"{"a":1}"#), message).unwrap();
        assert_eq!(
            &*context,
            concat!(
                r#"{ "a": 1, "ISC": { "relay-info": [ { "hop": 1, "link": "2001:db8::1", "#,
                r#""options": "0x0012000265310035000300"#,
                r#"03AB", "peer": "fe80::1", "relay-id": "0003AB" }, "#,
                r#"{ "hop": 0, "link": "fe80::1", "peer": "2001:db8::1" } ] } }"#
            )
        );
        assert_eq!(updated(Some(&context), message), None);
        let direct = &message.inner().to_vec();
        let direct = Message::parse(direct, &mut index).unwrap();
        assert_eq!(updated(None, direct), None);
    }
}
