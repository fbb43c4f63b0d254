//! `subnet4-select-test`: which subnet a client would be on.

use std::net::Ipv4Addr;

use kotare_control::{Access, Command, Request, Response, ResultCode, now};
use kotare_engine::v4::select::{Selector, select};
use kotare_server::{Daemon, Store};
use serde_json::{Map, Value as Json};

use crate::Dhcp4;
use crate::family::Network4;

/// The commands that only this family has.
pub(crate) const fn table<N: Network4, S: Store>() -> [Command<Daemon<Dhcp4<N, S>>>; 1] {
    [Command {
        name: "subnet4-select-test",
        access: Access::Read,
        exclusive: false,
        since: "2.7.7",
        help: "Returns the subnet that a client at this place would be on.",
        args: &[],
        run: |daemon, request| now(test(daemon, &request).unwrap_or_else(Response::error)),
    }]
}

fn test<N: Network4, S: Store>(daemon: &Daemon<Dhcp4<N, S>>, request: &Request) -> Result<Response, String> {
    let arguments = request.arguments.as_ref().ok_or("empty arguments")?;
    let arguments = arguments.as_object().ok_or("arguments must be a map")?;
    let generation = daemon.generation();
    let config = generation.config();
    let mut by = Selector::UNKNOWN;
    let ignore_link = config.compatibility.ignore_rai_link_selection;
    let mut keys: Vec<_> = arguments.keys().collect();
    keys.sort();
    for key in keys {
        match key.as_str() {
            "interface" => by.interface = text(arguments, "interface")?,
            "address" => by.client = address(arguments, "address")?,
            "relay" => by.relay = address(arguments, "relay")?,
            "local" => by.local = address(arguments, "local")?,
            "remote" => by.source = address(arguments, "remote")?,
            "link" => {
                let link = address(arguments, "link")?;
                if !ignore_link {
                    by.link = link;
                }
            }
            "subnet" if arguments.contains_key("link") && !ignore_link => {}
            "subnet" => by.link = address(arguments, "subnet")?,
            "classes" => classes(&arguments["classes"])?,
            other => return Err(format!("unknown entry '{other}'")),
        }
    }
    // A message was broadcast when the address it was sent to says so.
    by.broadcast = by.local == Ipv4Addr::BROADCAST;
    if by.is_by_interface() {
        let present = daemon.interfaces().unwrap_or_default();
        let Some(interface) = present.iter().find(|interface| interface.name == by.interface) else {
            return Err(format!(
                "Error during command processing: interface {} doesn't exist and therefore it is impossible to find \
                 a suitable subnet for its IPv4 address",
                by.interface
            ));
        };
        if by.broadcast || by.local.is_unspecified() {
            by.local = interface.addresses.first().map_or(Ipv4Addr::UNSPECIFIED, |it| it.address);
        }
    }
    let Ok(found) = select(config, &by) else {
        return Ok(Response::failed(ResultCode::Empty, "no subnet selected"));
    };
    let subnet = &config[found];
    let id = format!("'{}' id {}", subnet.prefix, subnet.id);
    Ok(Response::success(match subnet.network {
        Some(network) => {
            let name = &config[network].name;
            format!("selected shared network '{name}' starting with subnet {id}")
        }
        None => format!("selected subnet {id}"),
    }))
}

fn text<'a>(arguments: &'a Map<String, Json>, key: &str) -> Result<&'a str, String> {
    arguments[key].as_str().ok_or_else(|| format!("'{key}' entry must be a string"))
}

fn address(arguments: &Map<String, Json>, key: &str) -> Result<Ipv4Addr, String> {
    let text = text(arguments, key)?;
    if text.parse::<std::net::Ipv6Addr>().is_ok() {
        return Err(format!("bad '{key}' entry: not IPv4"));
    }
    text.parse().map_err(|_| {
        format!("bad '{key}' entry: Failed to convert string to address '{text}': Invalid argument")
    })
}

/// Client classes restrict nothing in this version; the list is only checked.
fn classes(classes: &Json) -> Result<(), String> {
    let list = classes.as_array().ok_or("'classes' entry must be a list")?;
    match list.iter().all(Json::is_string) {
        true => Ok(()),
        false => Err("'classes' entry must be a list of strings".into()),
    }
}
