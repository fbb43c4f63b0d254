//! What of an entry is no value of its keyword. The words are Kea's; where Kea says behind them in which column of the command the
//! value stands, the keyword stands here.

use std::net::{IpAddr, Ipv6Addr};

use kotare_config::v4::identifier_bytes;
use kotare_config::v6::{HostIdType, Prefix6};
use serde_json::{Map, Value as Json};

use super::entry::IDENTIFIERS;
use crate::arguments::ip_address;

/// A name of a server has no more bytes in a message of DHCPv4.
const LONGEST_NAME: usize = 63;
/// That of a file.
const LONGEST_FILE_NAME: usize = 127;

/// Kea's words for a value of the wrong type.
const NO_TEXT: &str = "stringValue() called on non-string Element";
const NO_NUMBER: &str = "intValue() called on non-integer Element";
const NO_TRUTH: &str = "boolValue() called on non-Bool Element";
const NO_LIST: &str = "listValue() called on non-list Element";
const NO_MAP: &str = "mapValue() called on non-map Element";

/// Words about the value of a keyword.
fn about(keyword: &str, words: impl std::fmt::Display) -> String {
    format!("{words} in ({keyword})")
}

/// A text.
pub(super) fn text<'a>(keyword: &str, value: &'a Json) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| about(keyword, NO_TEXT))
}

/// A whole number.
pub(super) fn number(keyword: &str, value: &Json) -> Result<i64, String> {
    value.as_i64().ok_or_else(|| about(keyword, NO_NUMBER))
}

/// An address.
pub(super) fn address(keyword: &str, value: &Json) -> Result<IpAddr, String> {
    ip_address(text(keyword, value)?).map_err(|words| about(keyword, words))
}

fn list<'a>(keyword: &str, value: &'a Json) -> Result<&'a [Json], String> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| about(keyword, NO_LIST))
}

/// Finds what is wrong with the values of an entry, whatever family they are for.
pub(super) fn entry(map: &Map<String, Json>) -> Result<(), String> {
    map.iter().try_for_each(|(keyword, value)| judge(keyword, value))
}

fn judge(keyword: &str, value: &Json) -> Result<(), String> {
    let of = |words: String| about(keyword, words);
    match keyword {
        _ if IDENTIFIERS.contains(&keyword) => identifier(keyword, text(keyword, value)?).map_err(of),
        "hostname" => text(keyword, value).map(drop),
        "server-hostname" => no_longer("server hostname", text(keyword, value)?, LONGEST_NAME).map_err(of),
        "boot-file-name" => no_longer("boot file", text(keyword, value)?, LONGEST_FILE_NAME).map_err(of),
        "ip-address" => reserved_address(address(keyword, value)?).map_err(of),
        "next-server" => next_server(address(keyword, value)?).map_err(of),
        "ip-addresses" => list(keyword, value)?.iter().try_for_each(|it| own_address(keyword, it)),
        "prefixes" => list(keyword, value)?.iter().try_for_each(|it| prefix(keyword, it)),
        "client-classes4" | "client-classes6" | "excluded-prefixes" => {
            list(keyword, value)?.iter().try_for_each(|it| text(keyword, it).map(drop))
        }
        "option-data4" | "option-data6" => {
            let all = list(keyword, value)?;
            if all.iter().all(Json::is_object) { Ok(()) } else { Err(about(keyword, NO_MAP)) }
        }
        "subnet-id4" | "subnet-id6" | "host-id" => number(keyword, value).map(drop),
        "negative" => value.as_bool().map(drop).ok_or_else(|| about(keyword, NO_TRUTH)),
        "user-context" => value.as_object().map(drop).ok_or_else(|| about(keyword, NO_MAP)),
        _ => Ok(()),
    }
}

/// What names a client.
fn identifier(keyword: &str, text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("empty host identifier used".to_owned());
    }
    let bytes = identifier_bytes(text).filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or_else(|| format!("invalid host identifier value '{text}'"))?;
    let longest = HostIdType::of(keyword).map_or(0, HostIdType::longest);
    match bytes.len() > longest {
        true => Err(format!("too long client identifier type {keyword} length {}", bytes.len())),
        false => Ok(()),
    }
}

fn no_longer(what: &str, text: &str, longest: usize) -> Result<(), String> {
    match text.len() > longest {
        true => Err(format!("{what} length must not exceed {longest}")),
        false => Ok(()),
    }
}

/// An address of DHCPv4 that is reserved.
fn reserved_address(address: IpAddr) -> Result<(), String> {
    match address {
        IpAddr::V6(_) => Err(format!("address '{address}' is not a valid IPv4 address")),
        IpAddr::V4(own) if own.is_unspecified() || own.is_broadcast() => {
            Err(format!("must not make reservation for the '{address}' address"))
        }
        IpAddr::V4(_) => Ok(()),
    }
}

/// The server that a client boots from; 0.0.0.0 is none.
fn next_server(address: IpAddr) -> Result<(), String> {
    match address {
        IpAddr::V6(_) => Err(format!("next server address '{address}' is not a valid IPv4 address")),
        IpAddr::V4(own) if own.is_broadcast() => Err(format!("invalid next server address '{address}'")),
        IpAddr::V4(_) => Ok(()),
    }
}

/// An address of DHCPv6 that is reserved.
fn own_address(keyword: &str, value: &Json) -> Result<(), String> {
    v6(address(keyword, value)?).map(drop).map_err(|words| about(keyword, words))
}

fn v6(address: IpAddr) -> Result<Ipv6Addr, String> {
    match address {
        IpAddr::V6(own) if !own.is_multicast() => Ok(own),
        _ => Err(format!("invalid prefix '{address}' for new IPv6 reservation")),
    }
}

/// A prefix that is reserved.
fn prefix(keyword: &str, value: &Json) -> Result<(), String> {
    let of = |words: String| about(keyword, words);
    let (written, length) =
        text(keyword, value)?.split_once('/').ok_or_else(|| about(keyword, "bad prefix (no /)"))?;
    if length.is_empty() {
        return Err(about(keyword, "bad prefix (end /)"));
    }
    let length: u32 = length.parse().map_err(|_| about(keyword, "bad prefix length"))?;
    let address = v6(ip_address(written).map_err(of)?).map_err(of)?;
    let own = u8::try_from(length).ok().and_then(|length| Prefix6::new(address, length));
    let own = own.ok_or_else(|| of(format!("invalid prefix length '{length}' for new IPv6 reservation")))?;
    match own.network() == address {
        true => Ok(()),
        false => Err(of(format!("Prefix address: {address} exceeds prefix/prefix-len pair: {own}"))),
    }
}
