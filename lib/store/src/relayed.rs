//! What names relay agents, and clients behind them, to who asks for leases by it (RFC 5460, RFC 6926).
//!
//! Leases have it in their user contexts (`store-extended-info`): of DHCPv4 what one relay agent said, of DHCPv6 what each of
//! them said.

use serde_json::{Map, Value};

/// A name that a relay agent gave itself or a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relayed<'a> {
    /// The relay agent's own: of DHCPv4 a sub-option 12 of option 82, of DHCPv6 the DUID in option 53.
    RelayId(&'a [u8]),
    /// The remote end of its circuit: sub-option 2 of option 82, or option 37.
    RemoteId(&'a [u8]),
}

/// The names that one relay agent gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayIds {
    /// [`Relayed::RelayId`]
    pub relay: Option<Vec<u8>>,
    /// [`Relayed::RemoteId`]
    pub remote: Option<Vec<u8>>,
}

impl RelayIds {
    /// All there are.
    pub fn iter(&self) -> impl Iterator<Item = Relayed<'_>> {
        let relay = self.relay.as_deref().map(Relayed::RelayId);
        relay.into_iter().chain(self.remote.as_deref().map(Relayed::RemoteId))
    }
}

/// The names in a user context, of each relay agent that gave some. What makes no sense is not there.
pub fn relay_ids(context: Option<&str>) -> Vec<RelayIds> {
    // Hardly any lease has them: it is not read as JSON for nothing.
    let Some(text) = context.filter(|text| text.contains("\"relay-")) else { return Vec::new() };
    let Ok(Value::Object(all)) = serde_json::from_str(text) else { return Vec::new() };
    let info = |key| all.get("ISC")?.as_object()?.get(key);
    let single = info("relay-agent-info").and_then(Value::as_object);
    let several = info("relay-info").and_then(Value::as_array).into_iter().flatten();
    let agents = single.into_iter().chain(several.filter_map(Value::as_object));
    agents.map(ids).filter(|ids| *ids != RelayIds::default()).collect()
}

fn ids(agent: &Map<String, Value>) -> RelayIds {
    let name = |key| agent.get(key)?.as_str().and_then(bytes).filter(|bytes| !bytes.is_empty());
    RelayIds { relay: name("relay-id"), remote: name("remote-id") }
}

/// The bytes that hexadecimal digits are, two of them each.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(high)? << 4 | digit(low)?).ok();
    pairs.iter().map(byte).collect::<Option<_>>().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both layouts, as the server keeps them.
    #[test]
    fn names_are_read_from_the_context() {
        let ids = |relay: &[u8], remote: &[u8]| {
            let some = |bytes: &[u8]| Some(bytes.to_vec()).filter(|bytes| !bytes.is_empty());
            RelayIds { relay: some(relay), remote: some(remote) }
        };
        let v4 = r#"{ "ISC": { "relay-agent-info": { "relay-id": "07", "remote-id": "0FaB", "sub-options": "0x0102" } }, "a": 1 }"#;
        assert_eq!(relay_ids(Some(v4)), [ids(&[7], &[0x0f, 0xab])]);
        let v6 = r#"{ "ISC": { "relay-info": [ { "hop": 1, "relay-id": "0003AB" }, { "hop": 0 }, { "remote-id": "01" } ] } }"#;
        assert_eq!(relay_ids(Some(v6)), [ids(&[0, 3, 0xab], &[]), ids(&[], &[1])]);
    }

    /// What makes no sense is nothing.
    #[test]
    fn what_makes_no_sense_is_not_there() {
        let odd = [
            r#""0x0102""#,
            r#"{ "relay-id": "0", "remote-id": 7 }"#,
            r#"{ "relay-id": "+1" }"#,
            "[]",
            r#"{ "relay-id": "" }"#,
        ];
        for odd in odd {
            let context = format!(r#"{{ "ISC": {{ "relay-agent-info": {odd} }} }}"#);
            assert_eq!(relay_ids(Some(&context)), [], "{odd}");
        }
        for odd in ["", "\"relay-agent-info", r#"["relay-info"]"#, r#"{ "ISC": { "relay-info": [1] } }"#] {
            assert_eq!(relay_ids(Some(odd)), [], "{odd}");
        }
        assert_eq!(relay_ids(None), []);
    }
}
