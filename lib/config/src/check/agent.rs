//! Where a control agent listens, and where the daemons are.

use std::net::SocketAddr;

use super::server::{address, client, http_settings};
use crate::Level;
use crate::agent::SERVICES;
use crate::json::{Diagnostics, Value};
use crate::process::http_address;
use crate::schema::tables::AGENT_SOCKET;

/// What belongs to a socket of HTTP, and what to one of HTTPS.
const HTTP: [&str; 3] = ["socket-address", "socket-port", "authentication"];
const TLS: [&str; 3] = ["trust-anchor", "cert-file", "key-file"];

/// Checks the global map of a control agent.
pub(super) fn check(global: Level<'_>, diagnostics: &mut Diagnostics) {
    let Some(map) = global.map() else { return };
    if let Some(host) = map.get("http-host") {
        address(host, "http-host", diagnostics);
    }
    http_settings(map, false, diagnostics);
    let own = global.text("http-host").parse().ok().zip(global.int("http-port"));
    let own = own.map(|(address, port)| SocketAddr::new(address, port));
    for service in SERVICES {
        if let Some(socket) = map.at(&["control-sockets", service]).filter(|socket| socket.is_map()) {
            daemon(socket, own, diagnostics);
        }
    }
}

/// Checks where another daemon is; `own` is where the agent itself is.
pub(super) fn daemon(socket: &Value, own: Option<SocketAddr>, diagnostics: &mut Diagnostics) {
    let level = Level::of(&AGENT_SOCKET, socket);
    let kind = level.text("socket-type");
    let mut foreign = |keywords: &[&str]| {
        for entry in keywords.iter().filter_map(|keyword| socket.entry(keyword)) {
            let message = format!("\"{}\" means nothing for a socket of type \"{kind}\"", entry.key.as_str());
            diagnostics.error(entry.key.source(), message);
        }
    };
    match kind {
        "unix" => {
            foreign(&HTTP);
            foreign(&TLS);
            match socket.get("socket-name") {
                None => {
                    let message = "\"socket-name\" is missing for a socket of type \"unix\"";
                    diagnostics.error(socket.source(), message);
                }
                Some(name) if name.as_str() == Some("") => {
                    diagnostics.error(name.source(), "\"socket-name\" is empty");
                }
                Some(_) => {}
            }
            return;
        }
        "http" => {
            foreign(&["socket-name"]);
            foreign(&TLS);
        }
        _ => {
            foreign(&["socket-name"]);
            tls(socket, diagnostics);
        }
    }
    if let Some(value) = socket.get("socket-address") {
        address(value, "socket-address", diagnostics);
    }
    let at = http_address(level);
    let is_own = |own: SocketAddr| {
        own.port() == at.port() && (own.ip() == at.ip() || own.ip().is_unspecified() && at.ip().is_loopback())
    };
    if own.is_some_and(is_own) {
        let message = "this is the agent itself, which cannot pass commands to itself";
        let hint = "choose the \"socket-port\" of the daemon, or another \"http-port\"";
        diagnostics.error_with_hint(socket.source(), message, hint);
    }
    if let Some(credentials) = socket.get("authentication").filter(|map| map.is_map()) {
        client(credentials, diagnostics);
    }
}

/// Whom to trust must be said; what to show is for daemons that want to see it.
fn tls(socket: &Value, diagnostics: &mut Diagnostics) {
    let is_set = |keyword| socket.get(keyword).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if !is_set("trust-anchor") {
        let message = "\"trust-anchor\" is missing for a socket of type \"https\"";
        diagnostics.error_with_hint(
            socket.source(),
            message,
            "name the authority of the daemon's certificate",
        );
    }
    if is_set("cert-file") != is_set("key-file") {
        let message = "\"cert-file\" and \"key-file\" go together";
        diagnostics.error(socket.source(), message);
    }
}
