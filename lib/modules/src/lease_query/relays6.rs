//! What relay agents said when a client of DHCPv6 got its lease (`store-extended-info`), as it is told to who asks: the
//! messages of the relay agents, without the client's (RFC 5007 §4.1.2.4).

use std::net::Ipv6Addr;

use kotare_engine::hex_bytes;
use kotare_model::Lease6;
use kotare_wire::NoRoom;
use kotare_wire::v6::{MAX_RELAYS, MessageType, OptionCode, Writer};
use serde_json::Value;

use super::messages::DHCP6_LEASE_QUERY_ERROR_GETTING_RELAY_INFO;

/// What one relay agent said.
struct Relay {
    hop_count: u8,
    link: Ipv6Addr,
    peer: Ipv6Addr,
    options: Vec<u8>,
}

/// Writes what relay agents said of the client of a lease, if they said something.
pub(super) fn write(lease: &Lease6, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
    let relays = match relays(lease.user_context.as_deref()) {
        Ok(relays) => relays,
        Err(reason) => {
            DHCP6_LEASE_QUERY_ERROR_GETTING_RELAY_INFO(lease.address, reason);
            return Ok(());
        }
    };
    let Some(nearest) = relays.first() else { return Ok(()) };
    let data = writer.open(OptionCode::LQ_RELAY_DATA)?;
    writer.bytes(&nearest.peer.octets())?;
    let mut open = Vec::new();
    for (at, relay) in relays.iter().enumerate() {
        if at > 0 {
            open.push(writer.open(OptionCode::RELAY_MSG)?);
        }
        writer.relay_header(MessageType::RELAY_FORW, relay.hop_count, relay.link, relay.peer)?;
        writer.bytes(&relay.options)?;
    }
    open.into_iter().rev().for_each(|open| writer.close(open));
    writer.close(data);
    Ok(())
}

/// The relay agents that a user context tells of, the one nearest to the server first. Also read in the layout of Kea before
/// 2.3.2.
fn relays(context: Option<&str>) -> Result<Vec<Relay>, String> {
    let Some(text) = context.filter(|text| text.contains("\"relay")) else { return Ok(Vec::new()) };
    let all: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Some(info) = all.get("ISC").and_then(|isc| isc.get("relay-info").or_else(|| isc.get("relays")))
    else {
        return Ok(Vec::new());
    };
    let list = info.as_array().filter(|list| !list.is_empty() && list.len() <= MAX_RELAYS);
    list.ok_or("relay-info is no list of relay agents")?.iter().map(relay).collect()
}

fn relay(said: &Value) -> Result<Relay, String> {
    let wrong = |key: &str| format!("'{key}' of a relay agent is missing or makes no sense");
    let address = |key: &str| {
        let address = said.get(key).and_then(Value::as_str).and_then(|text| text.parse().ok());
        address.ok_or_else(|| wrong(key))
    };
    let hop_count = said.get("hop").and_then(Value::as_u64).and_then(|hop| u8::try_from(hop).ok());
    let options = match said.get("options") {
        None => Vec::new(),
        Some(options) => hex_bytes(options.as_str().ok_or_else(|| wrong("options"))?)?,
    };
    Ok(Relay {
        hop_count: hop_count.ok_or_else(|| wrong("hop"))?,
        link: address("link")?,
        peer: address("peer")?,
        options,
    })
}

#[cfg(test)]
mod tests {
    use kotare_store::conformance::lease6;
    use kotare_wire::v6::Options;

    use super::*;

    fn written(context: &str) -> Vec<u8> {
        let lease = Lease6 { user_context: Some(context.into()), ..lease6(1) };
        let mut buffer = [0; 500];
        let mut writer = Writer::new(&mut buffer);
        write(&lease, &mut writer).unwrap();
        writer.as_bytes().to_vec()
    }

    /// The relay agents' messages within each other, each with its options, and no client's.
    #[test]
    fn relay_agents_are_told_of_as_their_messages() {
        let context = r#"{ "ISC": { "relay-info": [
            { "hop": 1, "link": "2001:db8::1", "peer": "fe80::1", "options": "0x001200026531" },
            { "hop": 0, "link": "::", "peer": "fe80::2" } ] } }"#;
        for context in [context.to_owned(), context.replace("relay-info", "relays")] {
            let bytes = written(&context);
            let data = Options::new(&bytes).find_code(OptionCode::LQ_RELAY_DATA).unwrap();
            let (peer, message) = data.split_at(16);
            assert_eq!(peer, "fe80::1".parse::<Ipv6Addr>().unwrap().octets());
            assert_eq!((message[0], message[1]), (12, 1));
            let options = Options::new(&message[34..]);
            assert_eq!(options.clone().find_code(OptionCode::INTERFACE_ID), Some(&b"e1"[..]));
            let within = options.find_code(OptionCode::RELAY_MSG).unwrap();
            assert_eq!((within.len(), within[0], within[1]), (34, 12, 0));
        }
    }

    /// What is damaged is left out.
    #[test]
    fn what_makes_no_sense_is_not_told() {
        for context in [
            "",
            "\"relay",
            r#"{ "ISC": { "relay-info": [] } }"#,
            r#"{ "ISC": { "relay-info": [1] } }"#,
            r#"{ "ISC": { "relay-info": [{ "hop": 256, "link": "::", "peer": "::" }] } }"#,
            r#"{ "ISC": { "relay-info": [{ "hop": 1, "link": "::", "peer": "1.2.3.4" }] } }"#,
            r#"{ "ISC": { "relay-info": [{ "hop": 1, "link": "::", "peer": "::", "options": "0xzz" }] } }"#,
        ] {
            assert!(written(context).is_empty(), "{context}");
        }
    }
}
