//! Interfaces, sockets, databases and the connection to the DNS update daemon.

use std::net::IpAddr;

use super::local_names;
use crate::json::{Diagnostics, Topic, Value};
use crate::process::DatabaseKind;
use crate::schema::tables::{CONFIG_CONTROL, DHCP_DDNS, LOCAL_NAMES, MONITORING, MULTI_THREADING};
use crate::schema::validate_map;
use crate::{Address, Level};

/// Whether an interface may be chosen whole and with some of its addresses, too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// Whole means all its addresses.
    WholeOrByAddress,
    /// Whole means what everybody of its link sends to.
    WholeAndByAddress,
}

/// Checks the maps that concern the server itself; which interfaces it serves with addresses of their own.
pub(super) fn check<'a, A: Address>(
    global: Level<'a>,
    chosen: Chosen,
    diagnostics: &mut Diagnostics,
) -> Vec<(&'a str, A, &'a Value)> {
    sockets(global.items("control-sockets"), diagnostics);
    threads(global, diagnostics);
    ddns(global.section(&DHCP_DDNS), diagnostics);
    local_names::check(global.section(&LOCAL_NAMES), diagnostics);
    let leases = global.own("lease-database");
    let configs = global.section(&CONFIG_CONTROL).items("config-databases");
    for database in global.items("hosts-databases") {
        named(database, diagnostics);
    }
    for database in leases.into_iter().chain(global.items("hosts-databases")).chain(configs) {
        self::database(database, diagnostics);
    }
    if let Some(leases) = leases {
        lease_database(leases, diagnostics);
    }
    if let Some(host) = global.items("hosts-databases").iter().find_map(|it| it.get("type"))
        && host.as_str() == Some("memfile")
    {
        diagnostics.error(host.source(), "hosts cannot be kept in a \"memfile\"");
    }
    let list = global.own("interfaces-config").map_or(&[][..], |map| map.list("interfaces"));
    interfaces(list, chosen, diagnostics)
}

/// What several threads make useless.
fn threads(global: Level<'_>, diagnostics: &mut Diagnostics) {
    if !global.section(&MULTI_THREADING).bool("enable-multi-threading") {
        return;
    }
    for (keyword, topic, message) in [
        ("dhcp-queue-control", Topic::QueueWithThreads, "with several threads packets wait in no queue"),
        (
            "reservations-lookup-first",
            Topic::ReservationsFirst,
            "with several threads reservations are always looked up first",
        ),
    ] {
        if let Some(value) = global.own(keyword) {
            diagnostics.warning_about(topic, value.source(), message, "");
        }
    }
}

/// `interfaces`: `*`, a name, or a name with one of its addresses; none twice.
fn interfaces<'a, A: Address>(
    list: &'a [Value],
    chosen: Chosen,
    diagnostics: &mut Diagnostics,
) -> Vec<(&'a str, A, &'a Value)> {
    let mut seen: Vec<(&str, Option<A>, &Value)> = Vec::new();
    for value in list {
        let Some(text) = value.as_str() else { continue };
        let (name, address) = match text.split_once('/') {
            Some((name, address)) => (name.trim(), Some(address.trim())),
            None => (text.trim(), None),
        };
        let address = match address.map(str::parse::<A>) {
            None => None,
            Some(Ok(address)) => Some(address),
            Some(Err(_)) => {
                let message = format!(
                    "'{text}' is not an interface with an {} address such as 'eth0/{}'",
                    A::FAMILY,
                    A::EXAMPLE
                );
                diagnostics.error(value.source(), message);
                continue;
            }
        };
        if name.is_empty() {
            diagnostics.error(value.source(), "an interface must have a name, this is empty");
        } else if name == "*" && address.is_some() {
            diagnostics.error(value.source(), "'*' means every interface and cannot have an address");
        } else if let Some((_, _, first)) = seen.iter().find(|(other, at, _)| {
            let is_whole = chosen == Chosen::WholeOrByAddress && (at.is_none() || address.is_none());
            *other == name && (is_whole || *at == address)
        }) {
            diagnostics.error(value.source(), format!("'{text}' is already chosen at {}", first.source()));
        } else {
            seen.push((name, address, value));
        }
    }
    seen.into_iter().filter_map(|(name, address, value)| Some((name, address?, value))).collect()
}

pub(super) fn sockets(sockets: &[Value], diagnostics: &mut Diagnostics) {
    let mut unix: Option<&Value> = None;
    for socket in sockets {
        let Some(kind) = socket.get("socket-type") else { continue };
        match kind.as_str() {
            Some("unix") => {
                if let Some(first) = unix {
                    let message =
                        format!("there is a socket of type \"unix\" already, at {}", first.source());
                    diagnostics.error(kind.source(), message);
                }
                unix = unix.or(Some(kind));
                unix_socket(socket, diagnostics);
            }
            Some(kind @ ("http" | "https")) => http_socket(socket, kind, diagnostics),
            _ => {}
        }
    }
}

fn unix_socket(socket: &Value, diagnostics: &mut Diagnostics) {
    match socket.get("socket-name") {
        None => {
            diagnostics.error(socket.source(), "\"socket-name\" is missing for a socket of type \"unix\"")
        }
        Some(name) if name.as_str() == Some("") => {
            diagnostics.error(name.source(), "\"socket-name\" is empty")
        }
        Some(_) => {}
    }
    for keyword in [
        "socket-address",
        "socket-port",
        "authentication",
        "trust-anchor",
        "cert-file",
        "key-file",
        "cert-required",
        "http-headers",
        "monitoring",
    ] {
        if let Some(entry) = socket.entry(keyword) {
            let message = format!("\"{keyword}\" means nothing for a socket of type \"unix\"");
            diagnostics.error(entry.key.source(), message);
        }
    }
}

fn http_socket(socket: &Value, kind: &str, diagnostics: &mut Diagnostics) {
    if let Some(entry) = socket.entry("socket-name") {
        let message = format!("\"socket-name\" means nothing for a socket of type \"{kind}\"");
        diagnostics.error_with_hint(
            entry.key.source(),
            message,
            "use \"socket-address\" and \"socket-port\"",
        );
    }
    if let Some(value) = socket.get("socket-address") {
        address(value, "socket-address", diagnostics);
    }
    http_settings(socket, kind == "https", diagnostics);
}

/// Checks what makes a socket HTTPS, the headers it adds and whom it lets in. With `secured`, it must be HTTPS.
pub(super) fn http_settings(socket: &Value, secured: bool, diagnostics: &mut Diagnostics) {
    let tls = ["trust-anchor", "cert-file", "key-file"];
    let is_set =
        |keyword: &&&str| socket.get(keyword).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let set = tls.iter().filter(is_set).count();
    if set != tls.len() && (set > 0 || secured) {
        let message =
            format!("TLS needs \"{}\", \"{}\" and \"{}\", not some of them", tls[0], tls[1], tls[2]);
        diagnostics.error(socket.source(), message);
    }
    for header in socket.list("http-headers") {
        for keyword in ["name", "value"] {
            if let Some(value) = header.get(keyword).filter(|value| value.as_str() == Some("")) {
                diagnostics.error(value.source(), format!("\"{keyword}\" of a header is empty"));
            }
        }
    }
    if let Some(monitoring) = socket.at(&["user-context", "monitoring"]) {
        validate_map(monitoring, &MONITORING, diagnostics);
        if let Some(entry) = socket.entry("monitoring") {
            let message = format!("\"monitoring\" is in \"user-context\", too, at {}", monitoring.source());
            diagnostics.error_with_hint(entry.key.source(), message, "keep one of the two");
        }
    }
    let clients = socket.get("authentication").map_or(&[][..], |it| it.list("clients"));
    clients.iter().filter(|client| client.is_map()).for_each(|client| self::client(client, diagnostics));
}

/// Who may send commands over HTTP: a name and a password, each as it is or in a file.
pub(super) fn client(client: &Value, diagnostics: &mut Diagnostics) {
    exclusive(client, "user", "user-file", diagnostics);
    exclusive(client, "password", "password-file", diagnostics);
    match client.get("user") {
        Some(user) if user.as_str() == Some("") => diagnostics.error(user.source(), "\"user\" is empty"),
        Some(user) if user.as_str().is_some_and(|name| name.contains(':')) => {
            diagnostics.error(user.source(), "\"user\" has a colon, which separates it from the password");
        }
        None if client.get("user-file").is_none() && client.get("password-file").is_none() => {
            diagnostics.error(client.source(), "\"user\" is missing in clients");
        }
        _ => {}
    }
}

/// What tables cannot say of the map of a database that is connected to.
pub fn check_database(map: &Value, diagnostics: &mut Diagnostics) {
    database(map, diagnostics);
    named(map, diagnostics);
}

fn database(database: &Value, diagnostics: &mut Diagnostics) {
    exclusive(database, "password", "password-file", diagnostics);
    let kind = database.get("type").and_then(Value::as_str).unwrap_or_default();
    for (keyword, only) in
        [("read-timeout", "mysql"), ("write-timeout", "mysql"), ("tcp-user-timeout", "postgresql")]
    {
        if let Some(value) =
            database.get(keyword).filter(|value| value.as_int().is_some_and(|number| number > 0))
            && kind != only
        {
            diagnostics
                .error(value.source(), format!("only \"{only}\" has a \"{keyword}\", this is \"{kind}\""));
        }
    }
}

/// What is for databases only, and what these need.
fn lease_database(database: &Value, diagnostics: &mut Diagnostics) {
    if named(database, diagnostics) {
        return;
    }
    for keyword in ["max-reconnect-tries", "reconnect-wait-time"] {
        if let Some(value) = database.get(keyword).filter(|value| value.as_int().is_some_and(|it| it > 0)) {
            let message = format!("\"{keyword}\" is for databases that are connected to, this is a memfile");
            diagnostics.error(value.source(), message);
        }
    }
}

/// Whether it is a database that is connected to. One of SQLite has a name.
fn named(database: &Value, diagnostics: &mut Diagnostics) -> bool {
    let kind = database.get("type").and_then(Value::as_str).unwrap_or_default();
    let connected = DatabaseKind::of(kind);
    let named = database.get("name").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    if connected == Some(DatabaseKind::Sqlite) && !named {
        let message = "\"name\" is missing in a database of SQLite";
        diagnostics.error_with_hint(database.source(), message, "say which file it is");
    }
    connected.is_some()
}

fn ddns(ddns: Level<'_>, diagnostics: &mut Diagnostics) {
    let sender = ddns.own("sender-ip").filter(|value| value.as_str() != Some(""));
    let server_ip = match ddns.own("server-ip") {
        Some(value) => address(value, "server-ip", diagnostics),
        None => ddns.text("server-ip").parse().ok(),
    };
    let sender_ip = sender.and_then(|value| address(value, "sender-ip", diagnostics));
    if let (Some(server_ip), Some(sender_ip), Some(value)) = (server_ip, sender_ip, sender) {
        if server_ip.is_ipv4() != sender_ip.is_ipv4() {
            let message = format!(
                "\"sender-ip\" ({sender_ip}) and \"server-ip\" ({server_ip}) are of different families"
            );
            diagnostics.error(value.source(), message);
        } else if server_ip == sender_ip
            && ddns.count::<u16>("server-port") == ddns.count::<u16>("sender-port")
        {
            let message = format!("sender and server cannot both be {sender_ip} with the same port");
            diagnostics.error(value.source(), message);
        }
    }
    let size = ddns.own("max-queue-size").filter(|value| value.as_int() == Some(0));
    if let Some(value) = size.filter(|_| ddns.bool("enable-updates")) {
        let hint =
            "say how many requests may wait, 1024 if nothing is said, or set \"enable-updates\" to false";
        diagnostics.error_with_hint(value.source(), "\"max-queue-size\" must be greater than zero", hint);
    }
    udp_only(ddns, diagnostics);
}

/// Requests go over UDP.
pub(super) fn udp_only(level: Level<'_>, diagnostics: &mut Diagnostics) {
    if let Some(value) = level.own("ncr-protocol").filter(|value| value.as_str() == Some("TCP")) {
        diagnostics.error(value.source(), "\"ncr-protocol\" is \"TCP\", only \"UDP\" is supported");
    }
}

pub(super) fn address(value: &Value, keyword: &str, diagnostics: &mut Diagnostics) -> Option<IpAddr> {
    let text = value.as_str()?;
    let address = text.parse().ok();
    if address.is_none() {
        diagnostics.error(value.source(), format!("\"{keyword}\" is '{text}', not an IP address"));
    }
    address
}

pub(super) fn exclusive(map: &Value, one: &str, other: &str, diagnostics: &mut Diagnostics) {
    if let (Some(_), Some(value)) = (map.get(one), map.get(other)) {
        diagnostics.error(value.source(), format!("\"{other}\" cannot stand beside \"{one}\""));
    }
}
