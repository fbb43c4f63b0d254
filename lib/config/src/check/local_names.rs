//! `local-names`: names, networks and addresses that are some, files that are not one and the same.

use kotare_ddns::Name;

use super::server::address;
use crate::Level;
use crate::json::{Diagnostics, Value};
use crate::process::LocalZone;

/// Checks the map.
pub(super) fn check(level: Level<'_>, diagnostics: &mut Diagnostics) {
    let Some(map) = level.map().filter(|map| map.is_map()) else { return };
    for value in ["domain", "name-server"].iter().filter_map(|keyword| map.get(keyword)) {
        name(value, diagnostics);
    }
    let listen = level.items("listen");
    if listen.is_empty() && ["hosts-file", "unbound-file"].iter().all(|keyword| map.get(keyword).is_none()) {
        let hint = "add \"hosts-file\", \"unbound-file\" or \"listen\"";
        diagnostics.error_with_hint(map.source(), "names are told to nobody", hint);
    }
    for (at, value) in listen.iter().enumerate() {
        let Some(own) = address(value, "listen", diagnostics) else { continue };
        if own.is_multicast() {
            diagnostics.error(value.source(), format!("'{own}' is not an address of one host"));
        } else if let Some(first) = listen[..at].iter().find(|other| other.as_str() == value.as_str()) {
            diagnostics
                .error(value.source(), format!("'{own}' is already listened at, see {}", first.source()));
        }
    }
    for zone in level.items("zones") {
        let Some(Err(wrong)) = zone.as_str().map(LocalZone::read) else { continue };
        diagnostics.error(zone.source(), wrong);
    }
    if let Some(zones) = map.get("zones").filter(|zones| zones.is_list() && zones.items().is_empty()) {
        let hint = "name some, or leave \"zones\" out for the domain and the addresses of all subnets";
        diagnostics.error_with_hint(zones.source(), "there are no zones to answer for", hint);
    }
    if listen.is_empty() {
        for value in ["zones", "name-server", "port"].iter().filter_map(|keyword| map.get(keyword)) {
            let hint = "add \"listen\" with the addresses to answer at";
            diagnostics.warning_with_hint(value.source(), "no questions are answered", hint);
        }
    }
    files(map, diagnostics);
}

fn name(value: &Value, diagnostics: &mut Diagnostics) {
    let Some(text) = value.as_str() else { return };
    match text.parse::<Name>() {
        Ok(name) if name.labels() > 1 => {}
        Ok(_) => diagnostics.error(value.source(), "the root of all names is nobody's"),
        Err(error) => {
            diagnostics.error(value.source(), format!("'{text}' is not a name of the DNS: {error}"));
        }
    }
}

/// A file that is written is not another one, nor read.
fn files(map: &Value, diagnostics: &mut Diagnostics) {
    let written = ["hosts-file", "unbound-file"].iter().filter_map(|keyword| map.get(keyword));
    let mut seen: Vec<&Value> = Vec::new();
    for file in written.chain(map.list("other-hosts-files")) {
        let Some(path) = file.as_str() else { continue };
        if path.is_empty() {
            diagnostics.error(file.source(), "the name of a file is not empty");
        } else if let Some(first) = seen.iter().find(|other| other.as_str() == Some(path)) {
            diagnostics.error(file.source(), format!("'{path}' is named already, at {}", first.source()));
        }
        seen.push(file);
    }
}
