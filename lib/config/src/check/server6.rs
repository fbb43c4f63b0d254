//! What only a DHCPv6 server is told about itself: its DUID, where hardware addresses are found.

use std::collections::HashMap;

use super::networks::unique;
use crate::Level;
use crate::json::{Diagnostics, Topic, Value};
use crate::schema::bytes;
use crate::schema::tables::PREFIX_ROUTES;

/// How long an identifier in a DUID may be (RFC 8415 §11.1), less the type and number before it.
const LONGEST: usize = 124;

/// Checks the global map.
pub(super) fn check(global: Level<'_>, diagnostics: &mut Diagnostics) {
    if let Some(id) = global.own("server-id").filter(|id| id.is_map()) {
        server_id(id, diagnostics);
    }
    if let Some(value) = global.own("data-directory") {
        let message = "\"data-directory\" means nothing any more and is ignored";
        let hint = "remove it: where files are says the installation, or the environment";
        diagnostics.warning_with_hint(value.source(), message, hint);
    }
    mac_sources(global, diagnostics);
    if let Some(routes) = global.own("delegated-prefix-routes").filter(|routes| routes.is_map()) {
        prefix_routes(routes, diagnostics);
    }
}

/// A script where there shall be one, and none that nobody runs.
fn prefix_routes(routes: &Value, diagnostics: &mut Diagnostics) {
    let is_script = Level::of(&PREFIX_ROUTES, routes).text("mode").eq_ignore_ascii_case("script");
    let script = routes.get("script");
    let named = script.and_then(Value::as_str).is_some_and(|script| !script.trim().is_empty());
    match script {
        _ if is_script && !named => {
            let message = "\"mode\" is \"script\", and there is no \"script\" to run";
            let hint = "name one, such as \"script\": \"routes.sh\"";
            diagnostics.error_with_hint(script.unwrap_or(routes).source(), message, hint);
        }
        Some(script) if !is_script => {
            let message = "the script is not run, as \"mode\" is \"kernel\"";
            diagnostics.warning_with_hint(
                script.source(),
                message,
                "set \"mode\" to \"script\", or remove it",
            );
        }
        _ => {}
    }
}

fn server_id(id: &Value, diagnostics: &mut Diagnostics) {
    let message = "the server has a \"server-id\" of its own";
    let hint = "see that no other server has the same";
    diagnostics.warning_about(Topic::ServerId, id.source(), message, hint);
    let Some(value) = id.get("identifier") else { return };
    let Some(text) = value.as_str().map(str::trim).filter(|text| !text.is_empty()) else { return };
    match bytes(text) {
        Some(bytes) if bytes.len() > LONGEST => {
            let message = format!("\"identifier\" has {} bytes, it may have {LONGEST} at most", bytes.len());
            diagnostics.error(value.source(), message);
        }
        Some(_) => {}
        None => {
            let message = format!("\"identifier\" is '{text}', not a string of hexadecimal digits");
            diagnostics.error(value.source(), message);
        }
    }
}

/// Places to look for hardware addresses, one at least, none twice, be it by another name.
fn mac_sources(global: Level<'_>, diagnostics: &mut Diagnostics) {
    let Some(list) = global.own("mac-sources").filter(|list| list.is_list()) else { return };
    if list.items().is_empty() {
        diagnostics.error(list.source(), "\"mac-sources\" is empty, it must have one at least");
    }
    let mut seen = HashMap::new();
    for value in list.items() {
        let Some(name) = value.as_str() else { continue };
        let same = match name {
            "rfc6939" => "client-link-addr-option",
            "rfc4649" => "remote-id",
            "rfc4580" => "subscriber-id",
            other => other,
        };
        unique(&mut seen, same.to_owned(), value, format!("\"{name}\""), diagnostics);
    }
}
