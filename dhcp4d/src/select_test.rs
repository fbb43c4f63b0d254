//! `subnet4-select-test` and `subnet4o6-select-test`: which subnet a client would be on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kotare_config::schema;
use kotare_config::v4::{Config4, SubnetAt};
use kotare_control::{Request, Response, ResultCode};
use kotare_engine::v4::Over6;
use kotare_engine::v4::select::{Selector, select};
use kotare_expr::ClassSet;
use kotare_model::Lease4;
use kotare_server::{Daemon, Store};
use serde_json::{Map, Value as Json};

use crate::Dhcp4;
use crate::family::Network4;

type Arguments = Map<String, Json>;

/// `subnet4-select-test`.
pub(crate) fn subnet4<N: Network4, S: Store<Lease4>>(
    daemon: &Daemon<Dhcp4<N, S>>,
    request: &Request,
) -> Result<Response, String> {
    let generation = daemon.generation();
    let config = generation.config();
    let mut by = Selector::UNKNOWN;
    let mut among = ClassSet::default();
    let ignore_link = config.compatibility.ignore_rai_link_selection;
    let arguments = arguments(request)?;
    for key in sorted(arguments) {
        match key {
            "interface" => by.interface = text(arguments, key)?,
            "address" => by.client = v4(arguments, key)?,
            "relay" => by.relay = v4(arguments, key)?,
            "local" => by.local = v4(arguments, key)?,
            "remote" => by.source = v4(arguments, key)?,
            "link" => {
                let link = v4(arguments, key)?;
                if !ignore_link {
                    by.link = link;
                }
            }
            "subnet" if arguments.contains_key("link") && !ignore_link => {}
            "subnet" => by.link = v4(arguments, key)?,
            "classes" => among = classes(config, &arguments[key])?,
            other => return Err(format!("unknown entry '{other}'")),
        }
    }
    by.classes = &among;
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
    Ok(selected(config, select(config, &by).ok()))
}

/// `subnet4o6-select-test`: by what the DHCPv6 server tells of a client of DHCPv4 over DHCPv6.
pub(crate) fn subnet4o6(config: &Config4, request: &Request) -> Result<Response, String> {
    let (mut interface, mut interface_id) = ("", Vec::new());
    let mut remote = Ipv6Addr::UNSPECIFIED;
    let mut among = ClassSet::default();
    let arguments = arguments(request)?;
    for key in sorted(arguments) {
        match key {
            "interface" => interface = text(arguments, key)?,
            "interface-id" => interface_id = identifier(text(arguments, key)?)?,
            // Kea takes these, too, and goes by none of them.
            "address" | "relay" | "subnet" => _ = v4(arguments, key)?,
            "local" | "link" => _ = v6(arguments, key)?,
            "remote" => remote = v6(arguments, key)?,
            "classes" => among = classes(config, &arguments[key])?,
            other => return Err(format!("unknown entry '{other}'")),
        }
    }
    let over6 = Over6 { remote, interface_id: interface_id.into() };
    Ok(selected(config, over6.select(config, interface, &among)))
}

/// What is found, in Kea's words.
fn selected(config: &Config4, found: Option<SubnetAt>) -> Response {
    let Some(found) = found else { return Response::failed(ResultCode::Empty, "no subnet selected") };
    let subnet = &config[found];
    let id = format!("'{}' id {}", subnet.prefix, subnet.id);
    Response::success(match subnet.network {
        Some(network) => {
            let name = &config[network].name;
            format!("selected shared network '{name}' starting with subnet {id}")
        }
        None => format!("selected subnet {id}"),
    })
}

fn arguments(request: &Request) -> Result<&Arguments, String> {
    let arguments = request.arguments.as_ref().ok_or("empty arguments")?;
    Ok(arguments.as_object().ok_or("arguments must be a map")?)
}

/// The keys in the order in which Kea looks at them.
fn sorted(arguments: &Arguments) -> Vec<&str> {
    let mut keys: Vec<_> = arguments.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn text<'a>(arguments: &'a Arguments, key: &str) -> Result<&'a str, String> {
    arguments[key].as_str().ok_or_else(|| format!("'{key}' entry must be a string"))
}

fn address(arguments: &Arguments, key: &str) -> Result<IpAddr, String> {
    let text = text(arguments, key)?;
    text.parse().map_err(|_| {
        format!("bad '{key}' entry: Failed to convert string to address '{text}': Invalid argument")
    })
}

fn v4(arguments: &Arguments, key: &str) -> Result<Ipv4Addr, String> {
    match address(arguments, key)? {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => Err(format!("bad '{key}' entry: not IPv4")),
    }
}

fn v6(arguments: &Arguments, key: &str) -> Result<Ipv6Addr, String> {
    match address(arguments, key)? {
        IpAddr::V6(address) => Ok(address),
        IpAddr::V4(_) => Err(format!("bad '{key}' entry: not IPv6")),
    }
}

/// An `interface-id`: text in quotes, or hexadecimal digits.
fn identifier(text: &str) -> Result<Vec<u8>, String> {
    let bytes = schema::bytes(text).ok_or("value of 'interface-id' was not recognized")?;
    if bytes.is_empty() { Err("'interface-id' must be not empty".into()) } else { Ok(bytes) }
}

/// The classes of a list that this configuration knows; nothing is for clients of any other.
fn classes(config: &Config4, list: &Json) -> Result<ClassSet, String> {
    let list = list.as_array().ok_or("'classes' entry must be a list")?;
    let names = list.iter().map(|name| name.as_str().ok_or("'classes' entry must be a list of strings"));
    let known = names.filter_map(|name| name.map(|name| config.classes.id(name)).transpose());
    Ok(known.collect::<Result<_, _>>()?)
}
