//! What is configured: for all servers in `parameters`, and for one of them in its entry of `servers`, which inherits what it
//! does not say.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use kotare_config::Level;
use kotare_config::json::{Diagnostics, Source, Value};
use kotare_config::schema::tables::CONTEXT;
use kotare_config::schema::{Param, Table, Type, param};
use kotare_ddns::Name;
use kotare_ddns::gss_tsig::Timing;

/// `parameters`.
pub(super) static PARAMETERS: Table =
    Table { name: "parameters", groups: &[GLOBAL, SHARED, CONTEXT], ..Table::EMPTY };

/// An entry of `servers`.
static SERVER: Table =
    Table { name: "servers", groups: &[OWN, SHARED, CONTEXT], identity: &["id"], ..Table::EMPTY };

const GLOBAL: &[Param] = &[
    param("client-keytab", Type::Text),
    param("credentials-cache", Type::Text),
    param("ignore-bad-direction", Type::Bool).or_bool(false),
    param("servers", Type::Maps(&SERVER)),
];

const SHARED: &[Param] = &[
    param("server-principal", Type::Text),
    param("client-principal", Type::Text),
    param("gss-replay-flag", Type::Bool).or_bool(true),
    param("gss-sequence-flag", Type::Bool).or_bool(false),
    param("tkey-lifetime", U32).or_int(3600),
    param("rekey-interval", U32).or_int(2700),
    param("retry-interval", U32).or_int(120),
    param("tkey-protocol", Type::OneOf(&["TCP", "UDP"])).or_text("TCP"),
    param("fallback", Type::Bool).or_bool(false),
    param("exchange-timeout", U32).or_int(3000),
];

const OWN: &[Param] = &[
    param("id", Type::Text).required(),
    param("domain-names", Type::Texts),
    param("ip-address", Type::Text).required(),
    param("port", Type::Int(0, u16::MAX as i64)).or_int(53),
];

const U32: Type = Type::Int(0, u32::MAX as i64);

/// The shortest pause after a failure: Kea takes 0 for `retry-interval`, too, and tries without end then.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);

/// How keys are agreed on with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) id: Box<str>,
    /// The domains whose DNS server it is; all without any.
    pub(super) domains: Vec<Name>,
    pub(super) at: SocketAddr,
    pub(super) server_principal: Box<str>,
    /// What names of keys end with.
    pub(super) suffix: Name,
    pub(super) client_principal: Option<Box<str>>,
    pub(super) client_keytab: Option<Box<str>>,
    pub(super) credentials_cache: Option<Box<str>>,
    pub(super) replay: bool,
    pub(super) sequence: bool,
    pub(super) timing: Timing,
    pub(super) is_tcp: bool,
    pub(super) fallback: bool,
    /// `exchange-timeout`.
    pub(super) patience: Duration,
    pub(super) ignores_direction: bool,
}

/// The servers, each with where it is written. What is wrong goes to `diagnostics`.
pub(super) fn read(parameters: Level<'_>, diagnostics: &mut Diagnostics) -> Vec<(Settings, Source)> {
    intervals(parameters, diagnostics);
    let mut servers: Vec<(Settings, Source)> = Vec::new();
    for map in parameters.items(SERVER.name) {
        let Some(settings) = server(parameters, map, diagnostics) else { continue };
        if let Some((_, first)) = servers.iter().find(|(other, _)| other.id == settings.id) {
            let message = format!("the id '{}' is already used in the entry at {first}", settings.id);
            diagnostics.error(map.source(), message);
        }
        servers.push((settings, map.source().clone()));
    }
    servers
}

/// `None` if it lacks something, which is reported.
fn server(parameters: Level<'_>, map: &Value, diagnostics: &mut Diagnostics) -> Option<Settings> {
    let level = parameters.inner(&SERVER, map);
    intervals(level, diagnostics);
    let id = map.get("id")?;
    if id.as_str() == Some("") {
        diagnostics.error(id.source(), "\"id\" is empty; commands and statistics call a server by it");
    }
    let mut domains = Vec::new();
    for domain in level.items("domain-names") {
        match domain.as_str().unwrap_or_default().parse() {
            Ok(name) => domains.push(name),
            Err(reason) => diagnostics.error(domain.source(), format!("no name of a domain: {reason}")),
        }
    }
    let written = map.get("ip-address")?;
    let Ok(address) = written.as_str()?.parse::<IpAddr>() else {
        let message = format!("\"ip-address\" is '{}', not an IP address", written.as_str()?);
        diagnostics.error(written.source(), message);
        return None;
    };
    let Some(principal) = level.get("server-principal") else {
        let hint = "write it here or beside \"servers\": DNS/<server>@<REALM>";
        diagnostics.error_with_hint(map.source(), "the entry has no \"server-principal\"", hint);
        return None;
    };
    let server_principal = principal.as_str()?;
    let suffix = suffix(server_principal)
        .map_err(|reason| {
            let message = format!("no key can be named after the principal '{server_principal}': {reason}");
            diagnostics.error(principal.source(), message);
        })
        .ok()?;
    let text = |keyword| Some(level.text(keyword)).filter(|text| !text.is_empty()).map(Into::into);
    let of_all = |keyword| Some(parameters.text(keyword)).filter(|text| !text.is_empty()).map(Into::into);
    Some(Settings {
        id: id.as_str()?.into(),
        domains,
        at: SocketAddr::new(address, level.count("port")),
        server_principal: server_principal.into(),
        suffix,
        client_principal: text("client-principal"),
        client_keytab: of_all("client-keytab"),
        credentials_cache: of_all("credentials-cache"),
        replay: level.bool("gss-replay-flag"),
        sequence: level.bool("gss-sequence-flag"),
        timing: Timing {
            lifetime: level.seconds("tkey-lifetime"),
            rekey: level.seconds("rekey-interval"),
            retry: level.seconds("retry-interval").max(SHORTEST_RETRY),
        },
        is_tcp: level.text("tkey-protocol").eq_ignore_ascii_case("TCP"),
        fallback: level.bool("fallback"),
        patience: level.millis("exchange-timeout"),
        ignores_direction: parameters.bool("ignore-bad-direction"),
    })
}

/// A key is tried to be had again sooner than it becomes old, and becomes old before it ends.
fn intervals(level: Level<'_>, diagnostics: &mut Diagnostics) {
    for (shorter, longer) in [("retry-interval", "rekey-interval"), ("rekey-interval", "tkey-lifetime")] {
        let (less, more): (i64, i64) = (level.count(shorter), level.count(longer));
        let Some(source) = level.own(shorter).or(level.own(longer)).map(Value::source) else { continue };
        if less >= more {
            let message = format!("\"{shorter}\" {less} must be smaller than \"{longer}\" {more}");
            diagnostics.error(source, message);
        }
    }
}

/// `sig-` and the host of a principal: `sig-server.example.org.` of `DNS/server.example.org@EXAMPLE.ORG`.
fn suffix(principal: &str) -> Result<Name, String> {
    let host = principal.split_once('/').map_or(principal, |(_, host)| host);
    let host = host.rsplit_once('@').map_or(host, |(host, _)| host);
    if host.is_empty() {
        return Err("it has no host".to_owned());
    }
    // There must be room for a number before it.
    let longest: Result<Name, _> = format!("1234567890.sig-{host}").parse();
    longest.map_err(|error| error.to_string())?;
    format!("sig-{host}").parse().map_err(|error: kotare_ddns::NameError| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_after_the_host_of_the_principal() {
        for principal in ["DNS/foo.com@FOO.COM", "DNS/foo.com", "foo.com@FOO.COM", "foo.com"] {
            assert_eq!(
                suffix(principal).map(|name| name.to_string()).as_deref(),
                Ok("sig-foo.com."),
                "{principal}"
            );
        }
        for principal in ["", "DNS/@FOO.COM", "DNS/a..b@FOO.COM", &format!("DNS/{}@A", "a".repeat(64))] {
            assert!(suffix(principal).is_err(), "{principal}");
        }
    }
}
