//! The server that updates the DNS: keys, domains, and the DNS servers of each.

use super::agent::daemon;
use super::server::{address, exclusive, sockets, udp_only};
use crate::Level;
use crate::ddns::same_name;
use crate::json::{Diagnostics, Value};

/// Checks the global map of a server that updates the DNS.
pub(super) fn check(global: Level<'_>, diagnostics: &mut Diagnostics) {
    if let Some(value) = global.own("ip-address") {
        address(value, "ip-address", diagnostics);
    }
    udp_only(global, diagnostics);
    sockets(global.items("control-sockets"), diagnostics);
    for server in global.items("dhcp-servers") {
        daemon(server, None, diagnostics);
    }
    let keys = global.items("tsig-keys");
    unique(keys, "a key", diagnostics);
    for key in keys {
        self::key(key, diagnostics);
    }
    for direction in ["forward-ddns", "reverse-ddns"] {
        let domains = global.own(direction).map_or(&[][..], |map| map.list("ddns-domains"));
        unique(domains, "a domain", diagnostics);
        for domain in domains {
            self::domain(domain, keys, diagnostics);
        }
    }
}

/// Names are not empty, and none stands twice in a list.
fn unique(list: &[Value], what: &str, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(&str, &Value)> = Vec::new();
    for name in list.iter().filter_map(|entry| entry.get("name")) {
        let Some(text) = name.as_str() else { continue };
        if text.is_empty() {
            diagnostics.error(name.source(), format!("{what} has no name, \"name\" is empty"));
        } else if let Some((_, first)) = seen.iter().find(|(other, _)| same_name(other, text)) {
            diagnostics
                .error(name.source(), format!("there is {what} '{text}' already, at {}", first.source()));
        }
        seen.push((text, name));
    }
}

fn key(key: &Value, diagnostics: &mut Diagnostics) {
    exclusive(key, "secret", "secret-file", diagnostics);
    let secrets = ["secret", "secret-file"];
    if secrets.iter().all(|keyword| key.get(keyword).is_none()) {
        diagnostics.error_with_hint(key.source(), "the key has no secret", "add \"secret-file\"");
    }
    for (keyword, value) in secrets.iter().filter_map(|it| Some((it, key.get(it)?))) {
        if value.as_str() == Some("") {
            diagnostics.error(value.source(), format!("\"{keyword}\" is empty"));
        }
    }
    let algorithm = key.get("algorithm").and_then(Value::as_str).unwrap_or_default();
    // At least 80 bits, and half of the digest (RFC 8945, section 5.2.2.1).
    let fewest = match algorithm {
        "HMAC-SHA224" => 112,
        "HMAC-SHA256" => 128,
        "HMAC-SHA384" => 192,
        "HMAC-SHA512" => 256,
        _ => 80,
    };
    if let Some(bits) = key.get("digest-bits")
        && bits.as_int().is_some_and(|bits| bits > 0 && bits < fewest)
    {
        let message = format!("\"digest-bits\" is too small for {algorithm}, at least {fewest} or 0 for all");
        diagnostics.error(bits.source(), message);
    }
}

fn domain(domain: &Value, keys: &[Value], diagnostics: &mut Diagnostics) {
    let Some(servers) = domain.get("dns-servers") else { return };
    // The key of a domain whose servers all have their own is nobody's.
    let inherits =
        |server: &Value| server.get("key-name").and_then(Value::as_str).unwrap_or_default().is_empty();
    if servers.items().iter().any(inherits) {
        key_name(domain, keys, diagnostics);
    }
    if servers.items().is_empty() {
        diagnostics.error(servers.source(), "a domain without DNS servers cannot be updated");
    }
    for server in servers.items() {
        key_name(server, keys, diagnostics);
        let written = |keyword| server.get(keyword).filter(|value| value.as_str() != Some(""));
        if let Some(hostname) = written("hostname") {
            let hint = "write \"ip-address\"";
            diagnostics.error_with_hint(hostname.source(), "\"hostname\" is not supported", hint);
        }
        match written("ip-address") {
            Some(value) => {
                address(value, "ip-address", diagnostics);
            }
            None => diagnostics.error(server.source(), "a DNS server must have an \"ip-address\""),
        }
    }
}

/// A key that is named is there.
fn key_name(map: &Value, keys: &[Value], diagnostics: &mut Diagnostics) {
    let Some(value) = map.get("key-name") else { return };
    let Some(name) = value.as_str().filter(|name| !name.is_empty()) else { return };
    let mut names = keys.iter().filter_map(|key| key.get("name")?.as_str());
    if !names.any(|known| same_name(known, name)) {
        diagnostics.error_with_hint(
            value.source(),
            format!("there is no key '{name}'"),
            "add it to \"tsig-keys\"",
        );
    }
}
