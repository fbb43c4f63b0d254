//! Reservations, client classes, and the boot parameters that they share with networks.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::timers;
use crate::Level;
use crate::json::{Diagnostics, Source, Topic, Value};
use crate::schema::bytes;
use crate::schema::tables::CLIENT_CLASS;
use crate::v4::{HostIdType, Prefix4, class_name, has_fixed_members};

/// Checks the global reservations and classes.
pub(super) fn check(global: Level<'_>, diagnostics: &mut Diagnostics) {
    if let Some(map) = global.map() {
        reservations(map, None, global.bool("ip-reservations-unique"), diagnostics);
    }
    classes(global.items("client-classes"), diagnostics);
    identifiers(global, diagnostics);
}

/// The reservations of a subnet with the prefix `prefix`, or the global ones: an identifier each, no client and (if
/// `is_unique` does not say otherwise) no address twice.
pub(super) fn reservations(
    map: &Value,
    prefix: Option<Prefix4>,
    is_unique: bool,
    diagnostics: &mut Diagnostics,
) {
    let mut clients: HashMap<(&str, Vec<u8>), Source> = HashMap::new();
    let mut addresses: HashMap<Ipv4Addr, Source> = HashMap::new();
    for reservation in map.list("reservations").iter().filter(|it| it.is_map()) {
        boot(reservation, diagnostics);
        if let Some((keyword, id, source)) = identifier(reservation, diagnostics)
            && let Some(first) = clients.insert((keyword, id), source.clone())
        {
            diagnostics.error(&source, format!("this {keyword} has a reservation already, at {first}"));
        }
        let Some(value) = reservation.get("ip-address") else { continue };
        let Some(text) = value.as_str() else { continue };
        match text.parse::<Ipv4Addr>() {
            Err(_) => diagnostics.error(value.source(), format!("'{text}' is not an IPv4 address")),
            Ok(address) if address.is_unspecified() || address.is_broadcast() => {
                diagnostics.error(value.source(), format!("{address} cannot be reserved"));
            }
            Ok(address) => {
                if let Some(prefix) = prefix.filter(|prefix| !prefix.contains(address)) {
                    let message = format!("the reserved address {address} is not within its subnet {prefix}");
                    diagnostics.error(value.source(), message);
                }
                if let Some(first) = addresses.insert(address, value.source().clone()).filter(|_| is_unique) {
                    let message = format!("{address} is reserved already, at {first}");
                    let hint = "set \"ip-reservations-unique\" to false if several clients may have it";
                    diagnostics.error_with_hint(value.source(), message, hint);
                }
            }
        }
    }
}

/// The one identifier of a reservation.
fn identifier(reservation: &Value, diagnostics: &mut Diagnostics) -> Option<(&'static str, Vec<u8>, Source)> {
    let mut given = HostIdType::ALL
        .into_iter()
        .filter_map(|kind| Some((kind.keyword(), kind.longest(), reservation.get(kind.keyword())?)));
    let Some((keyword, most, value)) = given.next() else {
        let names = HostIdType::ALL.map(|kind| format!("\"{}\"", kind.keyword())).join(", ");
        diagnostics
            .error(reservation.source(), format!("the reservation names no client; give one of {names}"));
        return None;
    };
    for (other, _, value) in given {
        diagnostics.error(
            value.source(),
            format!("\"{other}\" cannot stand beside \"{keyword}\" in one reservation"),
        );
    }
    let text = value.as_str()?;
    match bytes(text) {
        Some(id) if id.is_empty() => diagnostics.error(value.source(), format!("\"{keyword}\" is empty")),
        Some(id) if id.len() > most => {
            let message = format!("\"{keyword}\" has {} bytes, it may have {most} at most", id.len());
            diagnostics.error(value.source(), message);
        }
        Some(id) => return Some((keyword, id, value.source().clone())),
        None => {
            let hint = "write hexadecimal digits such as '01:02:0a:0b', or text in single quotes";
            diagnostics.error_with_hint(
                value.source(),
                format!("\"{keyword}\" cannot be read from '{text}'"),
                hint,
            );
        }
    }
    None
}

fn classes(classes: &[Value], diagnostics: &mut Diagnostics) {
    let mut names: HashMap<&str, &Source> = HashMap::new();
    for class in classes.iter().filter(|class| class.is_map()) {
        boot(class, diagnostics);
        timers::lifetimes(Level::of(&CLIENT_CLASS, class), diagnostics);
        if let (Some(_), Some(template)) = (class.get("test"), class.get("template-test")) {
            diagnostics.error(template.source(), "\"template-test\" cannot stand beside \"test\"");
        }
        let [min, max] = ["min-valid-lifetime", "max-valid-lifetime"].map(|keyword| class.get(keyword));
        if let (Some(min), Some(_), None) = (min, max, class.get("valid-lifetime")) {
            let message =
                "\"min-valid-lifetime\" and \"max-valid-lifetime\" need a \"valid-lifetime\" between them";
            diagnostics.error(min.source(), message);
        }
        let Some(value) = class.get("name") else { continue };
        let Some(name) = value.as_str() else { continue };
        if name.is_empty() {
            diagnostics.error(value.source(), "a client class must have a name, this is empty");
        } else if let Some(first) = names.insert(name, value.source()) {
            diagnostics
                .error(value.source(), format!("the client class \"{name}\" is there already, at {first}"));
        }
        let better = class_name(name);
        if better != name {
            let message =
                format!("the name of the class \"{name}\" has characters that are escaped elsewhere");
            let hint = format!("call it \"{better}\"");
            let topic = Topic::ClassName { name: name.into(), better: better.into() };
            diagnostics.warning_about(topic, value.source(), message, hint);
        }
        let is_late = class.get("only-in-additional-list").filter(|value| value.as_bool() == Some(true));
        let lifetimes = ["valid-lifetime", "min-valid-lifetime", "max-valid-lifetime", "offer-lifetime"];
        if let (Some(_), Some(lifetime)) = (is_late, lifetimes.iter().find_map(|keyword| class.get(keyword)))
        {
            let message = format!("the class \"{name}\" is evaluated when it is too late for lifetimes");
            diagnostics.warning_about(Topic::LateLifetimes(name.into()), lifetime.source(), message, "");
        }
        if has_fixed_members(name)
            && let Some(test) = class.get("test").filter(|test| test.as_str() != Some(""))
        {
            diagnostics.error(test.source(), format!("the built-in class \"{name}\" cannot have a test"));
        }
        if let Some(value) = is_late
            && (has_fixed_members(name) || name == "DROP" || name == "REJECT")
        {
            diagnostics.error(value.source(), format!("the class \"{name}\" cannot be evaluated late"));
        }
    }
}

/// No class has an empty name in the lists of a network or pool.
pub(super) fn class_names(map: &Value, diagnostics: &mut Diagnostics) {
    for keyword in ["client-classes", "evaluate-additional-classes"] {
        for name in map.list(keyword).iter().filter(|name| name.as_str() == Some("")) {
            diagnostics.error(name.source(), format!("\"{keyword}\" has an empty name"));
        }
    }
}

/// `next-server`, `server-hostname` and `boot-file-name`: what fits into a message (RFC 2131 §2).
pub(super) fn boot(map: &Value, diagnostics: &mut Diagnostics) {
    if let Some(value) = map.get("next-server")
        && let Some(text) = value.as_str()
        && !text.is_empty()
        && !text.parse::<Ipv4Addr>().is_ok_and(|address| !address.is_broadcast())
    {
        diagnostics
            .error(value.source(), format!("\"next-server\" is '{text}', not the IPv4 address of a server"));
    }
    for (keyword, most) in [("server-hostname", 63), ("boot-file-name", 127)] {
        if let Some(value) = map.get(keyword)
            && let Some(text) = value.as_str()
            && text.len() > most
        {
            let message = format!("\"{keyword}\" has {} bytes, it may have {most} at most", text.len());
            diagnostics.error(value.source(), message);
        }
    }
}

/// `host-reservation-identifiers`: at least one, none twice.
fn identifiers(global: Level<'_>, diagnostics: &mut Diagnostics) {
    let Some(list) = global.own("host-reservation-identifiers").filter(|list| list.is_list()) else { return };
    if list.items().is_empty() {
        diagnostics
            .error(list.source(), "\"host-reservation-identifiers\" is empty, it must have one at least");
    }
    if let [_, _, ..] = list.items()
        && let Some(auto) = list.items().iter().find(|item| item.as_str() == Some("auto"))
    {
        diagnostics.error(auto.source(), "\"auto\" means all identifiers, nothing can stand beside it");
    }
    for (index, item) in list.items().iter().enumerate() {
        if let Some(text) = item.as_str()
            && list.items()[..index].iter().any(|before| before.as_str() == Some(text))
        {
            diagnostics.error(item.source(), format!("\"{text}\" is in the list already"));
        }
    }
}
