//! Pools of prefixes to delegate.
//!
//! They may lie anywhere: what is delegated is routed to the client, and need not be on its link.

use std::net::Ipv6Addr;

use super::pools::Range;
use crate::Prefix6;
use crate::json::{Diagnostics, Value};

/// Checks the `pd-pools` of `subnet`; which addresses they take.
pub(super) fn check<'a>(subnet: &'a Value, diagnostics: &mut Diagnostics) -> Vec<Range<'a, Ipv6Addr>> {
    let mut ranges = Vec::new();
    for pool in subnet.list("pd-pools").iter().filter(|pool| pool.is_map()) {
        super::classes::names(pool, diagnostics);
        let delegated = length(pool, "delegated-len");
        let prefix = prefix(pool, diagnostics);
        if let (Some(length), Some(delegated)) = (length(pool, "prefix-len"), delegated)
            && delegated < length
            && let Some(value) = pool.get("delegated-len")
        {
            let message =
                format!("\"delegated-len\" ({delegated}) must not be below \"prefix-len\" ({length})");
            diagnostics.error(value.source(), message);
        }
        excluded(pool, prefix, delegated, diagnostics);
        if let (Some(prefix), Some(value)) = (prefix, pool.get("prefix")) {
            ranges.push((prefix.network(), prefix.last(), value));
        }
    }
    ranges
}

/// `prefix` and `prefix-len`: the first address of what they cover.
fn prefix(pool: &Value, diagnostics: &mut Diagnostics) -> Option<Prefix6> {
    let address = address(pool, "prefix", diagnostics)?;
    let value = pool.get("prefix")?;
    let prefix = Prefix6::new(address, length(pool, "prefix-len")?)?;
    if prefix.network() != address {
        let message = format!("{address} is not the first address of its prefix, which is {prefix}");
        diagnostics.error(value.source(), message);
        return None;
    }
    Some(prefix)
}

/// What clients must not use of each prefix that they get (RFC 6603 §4.2): a longer one, within the first of the pool.
fn excluded(pool: &Value, prefix: Option<Prefix6>, delegated: Option<u8>, diagnostics: &mut Diagnostics) {
    let address = address(pool, "excluded-prefix", diagnostics);
    let length = pool.get("excluded-prefix-len").and_then(|value| u8::try_from(value.as_int()?).ok());
    let address = match (pool.get("excluded-prefix"), address) {
        (Some(_), None) => return,
        (None, _) => Ipv6Addr::UNSPECIFIED,
        (Some(_), Some(address)) => address,
    };
    let length = length.unwrap_or_default();
    let Some(value) = pool.get("excluded-prefix").or_else(|| pool.get("excluded-prefix-len")) else { return };
    if address.is_unspecified() && length == 0 {
        return;
    }
    if address.is_unspecified() || length == 0 {
        let message = format!("{address}/{length} is no prefix that could be excluded");
        let hint = "\"excluded-prefix\" and \"excluded-prefix-len\" go together";
        diagnostics.error_with_hint(value.source(), message, hint);
        return;
    }
    if let Some(delegated) = delegated.filter(|delegated| length <= *delegated) {
        let message =
            format!("\"excluded-prefix-len\" ({length}) must be above \"delegated-len\" ({delegated})");
        diagnostics.error(pool.get("excluded-prefix-len").unwrap_or(value).source(), message);
    }
    let first = prefix.zip(delegated).and_then(|(prefix, length)| Prefix6::new(prefix.network(), length));
    if let Some(first) = first.filter(|first| !first.contains(address)) {
        let message = format!(
            "the excluded prefix {address}/{length} is not a part of {first}, the first prefix of its pool"
        );
        let hint = "its bits beyond \"delegated-len\" count for the other prefixes, too";
        diagnostics.error_with_hint(value.source(), message, hint);
    }
}

/// The IPv6 address under `keyword`.
fn address(pool: &Value, keyword: &str, diagnostics: &mut Diagnostics) -> Option<Ipv6Addr> {
    let value = pool.get(keyword)?;
    let text = value.as_str()?;
    let address = text.trim().parse().ok();
    if address.is_none() {
        diagnostics.error(value.source(), format!("\"{keyword}\" is '{text}', not an IPv6 address"));
    }
    address
}

/// A prefix length that is one.
fn length(pool: &Value, keyword: &str) -> Option<u8> {
    let length = u8::try_from(pool.get(keyword)?.as_int()?).ok()?;
    (1..=128).contains(&length).then_some(length)
}
