//! How a request is read.
//!
//! What our servers and Kea's since 2.5 write is read in one go, and everything else keyword by keyword, which says what is wrong
//! and what is missing.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Change, ChangeRequest, ConflictResolution, RequestError, wrong};

/// What is usual.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Usual<'a> {
    change_type: u8,
    forward_change: bool,
    reverse_change: bool,
    #[serde(borrow)]
    fqdn: Cow<'a, str>,
    #[serde(borrow)]
    ip_address: Cow<'a, str>,
    #[serde(borrow)]
    dhcid: Cow<'a, str>,
    lease_length: u32,
    #[serde(borrow)]
    conflict_resolution_mode: Cow<'a, str>,
}

/// The request of this JSON, whatever it asks for.
pub(super) fn request(json: &[u8]) -> Result<ChangeRequest, RequestError> {
    usual(json).map_or_else(|| any(json), Ok)
}

fn usual(json: &[u8]) -> Option<ChangeRequest> {
    // A sequence of the same values would be taken for it, too.
    let map = Some(json).filter(|json| json.trim_ascii_start().starts_with(b"{"))?;
    let written: Usual<'_> = serde_json::from_slice(map).ok()?;
    Some(ChangeRequest {
        change: match written.change_type {
            0 => Change::Add,
            1 => Change::Remove,
            _ => return None,
        },
        forward: written.forward_change,
        reverse: written.reverse_change,
        fqdn: written.fqdn.parse().ok()?,
        address: written.ip_address.parse().ok()?,
        dhcid: written.dhcid.parse().ok()?,
        lease_length: written.lease_length,
        conflict_resolution: way(&written.conflict_resolution_mode)?,
    })
}

fn any(json: &[u8]) -> Result<ChangeRequest, RequestError> {
    let written: Map<String, Value> = serde_json::from_slice(json)
        .map_err(|error| wrong(format_args!("Malformed NameChangeRequest JSON: {error}")))?;
    Ok(ChangeRequest {
        change: change(&written)?,
        forward: boolean(&written, "forward-change")?,
        reverse: boolean(&written, "reverse-change")?,
        fqdn: parsed(&written, "fqdn")?,
        address: parsed(&written, "ip-address")?,
        dhcid: parsed(&written, "dhcid")?,
        lease_length: lease_length(&written)?,
        conflict_resolution: conflict_resolution(&written)?,
    })
}

fn way(text: &str) -> Option<ConflictResolution> {
    ConflictResolution::ALL.into_iter().find(|(_, name)| *name == text).map(|(way, _)| way)
}

fn value<'a>(written: &'a Map<String, Value>, keyword: &str) -> Result<&'a Value, RequestError> {
    written.get(keyword).ok_or_else(|| wrong(format_args!("NameChangeRequest value missing for: {keyword}")))
}

fn mistyped(keyword: &str, expected: &str, value: &Value) -> RequestError {
    wrong(format_args!("Wrong data type for {keyword}: {value} is no {expected}"))
}

fn text<'a>(written: &'a Map<String, Value>, keyword: &str) -> Result<&'a str, RequestError> {
    let value = value(written, keyword)?;
    value.as_str().ok_or_else(|| mistyped(keyword, "string", value))
}

fn boolean(written: &Map<String, Value>, keyword: &str) -> Result<bool, RequestError> {
    let value = value(written, keyword)?;
    value.as_bool().ok_or_else(|| mistyped(keyword, "boolean", value))
}

fn integer(written: &Map<String, Value>, keyword: &str) -> Result<i64, RequestError> {
    let value = value(written, keyword)?;
    value.as_i64().ok_or_else(|| mistyped(keyword, "integer", value))
}

fn parsed<T: FromStr<Err: fmt::Display>>(
    written: &Map<String, Value>,
    keyword: &str,
) -> Result<T, RequestError> {
    let text = text(written, keyword)?;
    text.parse().map_err(|error| wrong(format_args!("Invalid {keyword} value: {text}, reason: {error}")))
}

fn change(written: &Map<String, Value>) -> Result<Change, RequestError> {
    match integer(written, "change-type")? {
        0 => Ok(Change::Add),
        1 => Ok(Change::Remove),
        other => Err(wrong(format_args!("Invalid data value for change_type: {other}"))),
    }
}

fn lease_length(written: &Map<String, Value>) -> Result<u32, RequestError> {
    let value = integer(written, "lease-length")?;
    u32::try_from(value)
        .map_err(|_| wrong(format_args!("lease_length value {value} is not an unsigned 32-bit integer")))
}

/// The way itself; or what servers before Kea 2.5 said of it, where it is missing.
fn conflict_resolution(written: &Map<String, Value>) -> Result<ConflictResolution, RequestError> {
    if written.contains_key("conflict-resolution-mode") {
        let text = text(written, "conflict-resolution-mode")?;
        return way(text).ok_or_else(|| wrong(format_args!("Invalid ConflictResolutionMode: {text}")));
    }
    let check =
        !written.contains_key("use-conflict-resolution") || boolean(written, "use-conflict-resolution")?;
    Ok(if check { ConflictResolution::CheckWithDhcid } else { ConflictResolution::NoCheckWithDhcid })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = r#"{"change-type":0,"forward-change":true,"reverse-change":false,"fqdn":"a.example.","ip-address":"10.0.0.1","dhcid":"00aB","lease-length":1,"conflict-resolution-mode":"check-with-dhcid"}"#;

    /// What is read in one go is read as it is keyword by keyword, and nothing else is.
    #[test]
    fn both_ways_lead_to_the_same() {
        for (from, to, is_usual) in [
            ("{", " {\"use-conflict-resolution\":false,\"a\":[{}],", true),
            ("a.example.", "\\u0061.example", true),
            ("a.example.", "b.", true),
            ("10.0.0.1", "2001:db8::1", true),
            ("lease-length\":1", "lease-length\":4294967295", true),
            ("lease-length\":1", "lease-length\":1,\"lease-length\":2", false),
            ("lease-length\":1", "lease-length\":1.0", false),
            ("lease-length\":1", "lease-length\":4294967296", false),
            ("change-type\":0", "change-type\":256", false),
            (",\"conflict-resolution-mode\":\"check-with-dhcid\"", "", false),
            ("\"check-with-dhcid\"", "null", false),
            ("check-with-dhcid", "check", false),
            ("true", "null", false),
            ("00aB", "00a", false),
            ("}", "}}", false),
        ] {
            assert!(WRITTEN.contains(from));
            let json = WRITTEN.replacen(from, to, 1);
            let read = usual(json.as_bytes());
            assert_eq!(read.is_some(), is_usual, "{json}");
            if let Some(read) = read {
                assert_eq!(any(json.as_bytes()), Ok(read), "{json}");
            }
        }
        let values = br#"[0,true,false,"a.","10.0.0.1","00",1,"check-with-dhcid"]"#;
        assert_eq!((usual(values), any(values).is_ok()), (None, false));
    }
}
