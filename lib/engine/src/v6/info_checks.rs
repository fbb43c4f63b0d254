//! Whether what relay agents said of a client is kept as it should be (`extended-info-checks`).

use std::net::{IpAddr, Ipv6Addr};

use kotare_config::process::ExtendedInfoChecks;
use kotare_model::Hex;
use kotare_wire::v6::OptionCode;
use serde_json::{Map, Value};

use super::extended_info::INFO;
use crate::sanity::context::{self, Checked, Judged, Problem, hex_bytes};

/// Where Kea before 2.3.2 kept it.
const FORMER: &str = "relays";

/// What of a relay agent is kept by name beside its options.
const IDENTIFIERS: [(&str, OptionCode); 2] =
    [("remote-id", OptionCode::REMOTE_ID), ("relay-id", OptionCode::RELAY_ID)];

/// What may stand in the map of a relay agent.
const KNOWN: [&str; 7] = ["hop", "link", "peer", "options", "remote-id", "relay-id", "comment"];

/// Judges a user context.
pub(super) fn checked(text: &str, level: ExtendedInfoChecks) -> Checked {
    context::checked(text, level, INFO, |isc| judge(isc, level))
}

/// Where something is wrong, and what; otherwise whether it was brought into today's form.
fn judge(isc: &mut Map<String, Value>, level: ExtendedInfoChecks) -> Result<Judged, Problem> {
    let former = isc.remove(FORMER);
    let (judged, place) = match former {
        // What is in today's form is the later one.
        Some(_) if isc.contains_key(INFO) => (Judged::Tidied, INFO),
        Some(former) => {
            isc.insert(INFO.into(), former);
            isc.sort_keys();
            (Judged::Upgraded, FORMER)
        }
        None => (Judged::Sound, INFO),
    };
    let Some(relays) = isc.get_mut(INFO) else { return Ok(judged) };
    let wrong = |what: &str| (place.to_owned(), format!("{place} is {what}"));
    let relays = relays.as_array_mut().ok_or_else(|| wrong("not a list"))?;
    if relays.is_empty() {
        return Err(wrong("empty"));
    }
    for (nth, relay) in relays.iter_mut().enumerate() {
        let at = |(part, problem): (&str, String)| (format!("{part} [relay#{nth}]"), problem);
        let relay =
            relay.as_object_mut().ok_or_else(|| at(("relay", format!("relay#{nth} is not a map"))))?;
        let options = options(relay).map_err(at)?;
        if judged == Judged::Upgraded {
            identify(relay, &options);
        }
        judge_relay(relay, level, place).map_err(at)?;
    }
    Ok(judged)
}

/// The bytes of the options that are kept of a relay agent.
fn options(relay: &Map<String, Value>) -> Result<Vec<u8>, (&'static str, String)> {
    let Some(options) = relay.get("options") else { return Ok(Vec::new()) };
    let text = options.as_str().ok_or_else(|| ("options", "options is not a string".to_owned()))?;
    hex_bytes(text).map_err(|problem| ("options", problem))
}

/// Keeps by name what options identify the relay agent, and the client as it knows it (RFC 5460 §5.4.1, RFC 4649).
fn identify(relay: &mut Map<String, Value>, options: &[u8]) {
    let mut rest = options;
    while let Some((&[code, code_low, len, len_low], after)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_be_bytes([len, len_low]));
        let Some((value, after)) = after.split_at_checked(len) else { break };
        let code = OptionCode(u16::from_be_bytes([code, code_low]));
        let name = IDENTIFIERS.iter().find(|(_, known)| *known == code);
        if let Some((name, _)) = name.filter(|_| !value.is_empty()) {
            relay.insert((*name).into(), format!("{:X}", Hex(value)).into());
        }
        rest = after;
    }
    // As Kea lays it out.
    relay.sort_keys();
}

/// What is wrong with the values that are kept of a relay agent, and in which part, or that there are others.
fn judge_relay(
    relay: &Map<String, Value>,
    level: ExtendedInfoChecks,
    place: &'static str,
) -> Result<(), (&'static str, String)> {
    if level < ExtendedInfoChecks::Strict {
        return Ok(());
    }
    address(relay, "link")?;
    for (name, _) in IDENTIFIERS {
        let Some(value) = relay.get(name) else { continue };
        let hex = value.as_str().ok_or_else(|| (name, format!("{name} is not a string")))?;
        if hex_bytes(hex).map_err(|problem| (name, problem))?.is_empty() {
            return Err((name, format!("{name} is empty")));
        }
    }
    if level < ExtendedInfoChecks::Pedantic {
        return Ok(());
    }
    address(relay, "peer")?;
    let hop = relay.get("hop").ok_or_else(|| ("hop", "no hop".to_owned()))?;
    if !(hop.is_i64() || hop.is_u64()) {
        return Err(("hop", "hop is not an integer".into()));
    }
    match relay.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        Some(key) => Err((place, format!("spurious '{key}' entry"))),
        None => Ok(()),
    }
}

/// The address that stands under a name, which must be there.
fn address(relay: &Map<String, Value>, name: &'static str) -> Result<Ipv6Addr, (&'static str, String)> {
    let wrong = |problem: String| (name, problem);
    let value = relay.get(name).ok_or_else(|| wrong(format!("no {name}")))?;
    let text = value.as_str().ok_or_else(|| wrong(format!("{name} is not a string")))?;
    match text.parse() {
        Ok(IpAddr::V6(address)) => Ok(address),
        Ok(IpAddr::V4(_)) => Err(wrong(format!("{name} is not an IPv6 address"))),
        Err(_) => Err(wrong(format!("Failed to convert string to address '{text}': Invalid argument"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ExtendedInfoChecks::{Fix, None as Not, Pedantic, Strict};

    const ALL: [ExtendedInfoChecks; 4] = [Not, Fix, Strict, Pedantic];

    fn unsound(problem: &str, rest: Option<&str>) -> Checked {
        Checked::Unsound { problem: Some(problem.into()), rest: rest.map(Into::into) }
    }

    /// What the server writes is sound at every level.
    #[test]
    fn what_is_ours_is_sound() {
        let ours = r#"{ "a": 1, "ISC": { "relay-info": [ { "hop": 1, "link": "2001:db8::1",
            "options": "0x00120002653100350003000 3AB", "peer": "fe80::1", "relay-id": "0003AB" },
            { "hop": 0, "link": "fe80::1", "peer": "2001:db8::1" } ] } }"#
            .replace("000 3AB", "0003AB");
        for level in ALL {
            assert_eq!(checked(&ours, level), Checked::Sound, "{level:?}");
            assert_eq!(checked(r#"{ "ISC": { "b": 1 } }"#, level), Checked::Sound);
        }
    }

    /// What Kea before 2.3.2 wrote gets another name, and identifiers out of the options beside them.
    #[test]
    fn former_forms_are_upgraded() {
        let former = r#"{ "ISC": { "relays": [ { "hop": 0, "link": "2001:db8::1",
            "options": "0x00250006000000640102003500020003", "peer": "fe80::1" } ] } }"#;
        let upgraded = concat!(
            r#"{ "ISC": { "relay-info": [ { "hop": 0, "link": "2001:db8::1", "#,
            r#""options": "0x00250006000000640102003500020003", "peer": "fe80::1", "relay-id": "0003", "#,
            r#""remote-id": "000000640102" } ] } }"#
        );
        assert_eq!(checked(former, Not), Checked::Sound);
        for level in &ALL[1..] {
            assert_eq!(checked(former, *level), Checked::Upgraded(upgraded.into()), "{level:?}");
            assert_eq!(checked(upgraded, *level), Checked::Sound, "{level:?}");
        }
        let both = r#"{ "ISC": { "relays": 7, "relay-info": [ { "link": "::" } ] } }"#;
        let tidied = r#"{ "ISC": { "relay-info": [ { "link": "::" } ] } }"#;
        assert_eq!(checked(both, Fix), Checked::Tidied(tidied.into()));
    }

    /// What is of no form goes, and what is beside it stays.
    #[test]
    fn what_is_of_no_form_goes() {
        for (info, problem) in [
            (r#""relay-info": { }"#, "in relay-info a problem was found: relay-info is not a list"),
            (r#""relay-info": [ ]"#, "in relay-info a problem was found: relay-info is empty"),
            (r#""relays": 7"#, "in relays a problem was found: relays is not a list"),
            (r#""relays": [ ]"#, "in relays a problem was found: relays is empty"),
            (r#""relay-info": [ { }, 7 ]"#, "in relay [relay#1] a problem was found: relay#1 is not a map"),
            (
                r#""relay-info": [ { "options": 7 } ]"#,
                "in options [relay#0] a problem was found: options is not a string",
            ),
            (
                r#""relays": [ { "options": "0xzz" } ]"#,
                "in options [relay#0] a problem was found: '0xzz' is not a valid string of hexadecimal digits",
            ),
        ] {
            let context = format!(r#"{{ "ISC": {{ {info} }} }}"#);
            assert_eq!(checked(&context, Not), Checked::Sound);
            assert_eq!(checked(&context, Fix), unsound(problem, None), "{info}");
            let context = format!(r#"{{ "ISC": {{ {info}, "b": 1 }}, "c": 2 }}"#);
            let rest = r#"{ "ISC": { "b": 1 }, "c": 2 }"#;
            assert_eq!(checked(&context, Fix), unsound(problem, Some(rest)), "{info}");
        }
    }

    /// The higher levels look at values, and at what else there is.
    #[test]
    fn strict_and_pedantic_look_closer() {
        for (relay, level, place, problem) in [
            ("", Strict, "link", "no link"),
            (r#""link": 7"#, Strict, "link", "link is not a string"),
            (r#""link": "192.0.2.1""#, Strict, "link", "link is not an IPv6 address"),
            (r#""link": "x""#, Strict, "link", "Failed to convert string to address 'x': Invalid argument"),
            (r#""link": "::", "remote-id": [ ]"#, Strict, "remote-id", "remote-id is not a string"),
            (r#""link": "::", "relay-id": """#, Strict, "relay-id", "relay-id is empty"),
            (r#""link": "::""#, Pedantic, "peer", "no peer"),
            (r#""link": "::", "peer": "::""#, Pedantic, "hop", "no hop"),
            (r#""link": "::", "peer": "::", "hop": 1.5"#, Pedantic, "hop", "hop is not an integer"),
            (
                r#""link": "::", "peer": "::", "hop": 1, "comment": "", "x": 1"#,
                Pedantic,
                "relay-info",
                "spurious 'x' entry",
            ),
        ] {
            let context = format!(r#"{{ "ISC": {{ "relay-info": [ {{ {relay} }} ] }} }}"#);
            let lower = if level == Strict { Fix } else { Strict };
            assert_eq!(checked(&context, lower), Checked::Sound, "{relay}");
            let problem = format!("in {place} [relay#0] a problem was found: {problem}");
            assert_eq!(checked(&context, level), unsound(&problem, None), "{relay}");
        }
    }
}
