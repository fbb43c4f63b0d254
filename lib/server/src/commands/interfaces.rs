//! `interface-…`: the network interfaces.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::IpAddr;

use kotare_config::json::{Entry, Key, Kind, Source, Value};
use kotare_control::{Access, Argument, ArgumentType, Command, Request, Response, shortened};
use kotare_model::Hex;
use kotare_net::Interface;
use serde_json::{Value as Json, json};

use crate::Daemon;
use crate::family::Family;

const ADDED: Argument = Argument::own(
    "interfaces",
    &ArgumentType::List,
    "What is added to `interfaces` of `interfaces-config`; what is there already is passed over.",
)
.required();

/// The commands about the network interfaces.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 3] {
    [
        Command {
            name: "interface-add",
            access: Access::Write,
            exclusive: true,
            since: "3.1.9",
            help: "Serves more interfaces or addresses, until the configuration file is read again.",
            args: &[ADDED],
            run: |daemon, request| {
                Box::pin(async move { add(daemon, &request).await.unwrap_or_else(Response::error) })
            },
        },
        Command {
            name: "interface-list",
            access: Access::Read,
            exclusive: false,
            since: "3.1.9",
            help: "Returns the network interfaces and whether they are served.",
            args: &[],
            run: |daemon, _| Box::pin(list(daemon)),
        },
        Command {
            name: "interface-redetect",
            access: Access::Write,
            exclusive: false,
            since: "3.1.9",
            help: "Looks for interfaces anew, serves what is configured, and returns the network interfaces.",
            args: &[],
            run: |daemon, _| {
                Box::pin(async {
                    daemon.adjust_sockets().await;
                    list(daemon).await
                })
            },
        },
    ]
}

/// Serves what is configured and what `request` names, from a configuration that says so.
async fn add<F: Family>(daemon: &Daemon<F>, request: &Request) -> Result<Response, String> {
    let failed = |reason: &dyn Display| format!("Updating used interfaces failed: {reason}");
    let names = named(request)?.iter().map(|name| name.as_str().map(str::to_owned));
    let names: Option<Vec<_>> = names.collect();
    let names = names.ok_or_else(|| failed(&"stringValue() called on non-string Element"))?;
    let present = daemon.interfaces().map_err(|error| failed(&error))?;
    let running = daemon.generation();
    let served = served::<F>(running.written.root());
    let new: Vec<_> = names.into_iter().filter(|name| !served.contains(&&**name)).collect();
    for name in &new {
        check(name, &present).map_err(|reason| failed(&format!("Failed to select interface: {reason}")))?;
    }
    if !new.is_empty() {
        let edited =
            daemon.edit(Box::new(move |written, _| Ok(with_interfaces::<F>(written.root(), &new).into())));
        edited.await.map_err(|reason| failed(&reason))?;
    }
    Ok(Response::success("Interface configuration successfully updated."))
}

/// The interfaces that are written.
fn served<F: Family>(root: &Value) -> Vec<&str> {
    let interfaces = root.at(&[F::FILE.global.name, INTERFACES, "interfaces"]);
    interfaces.map_or(&[][..], Value::items).iter().filter_map(Value::as_str).collect()
}

const INTERFACES: &str = "interfaces-config";

/// What is written, with further interfaces.
fn with_interfaces<F: Family>(root: &Value, names: &[String]) -> Value {
    let Some(server) = root.entry(F::FILE.global.name) else { return root.clone() };
    let mut seen: BTreeSet<_> = served::<F>(root).into_iter().collect();
    let new = names.iter().filter(|name| seen.insert(name));
    // The command and the name are the place of each: no other value has it.
    let value = |name: &String| {
        let place = Source::whole(&format!("<interface-add {name}>"));
        Value::new(place, Kind::String(name.as_str().into()))
    };
    let config = server.value.entry(INTERFACES).cloned().unwrap_or_else(|| {
        let place = Source::whole("<interface-add>");
        let value = Value::new(place.clone(), Kind::Map(Default::default()));
        Entry { key: Key::new(INTERFACES, place), value }
    });
    let list = config.value.with_list("interfaces", |interfaces| interfaces.extend(new.map(value)));
    let server_map = server.value.with(Entry { key: config.key, value: list });
    root.with(Entry { key: server.key.clone(), value: server_map })
}

/// The list in the arguments of `interface-add`, with the texts clients know when there is none.
fn named(request: &Request) -> Result<&[Json], String> {
    let arguments = request.arguments.as_ref().ok_or("Missing mandatory 'arguments' parameter.")?;
    let arguments = arguments.as_object().ok_or("arguments for the 'interface-add' command must be a map")?;
    if let Some(other) = arguments.keys().find(|key| *key != "interfaces") {
        return Err(format!("Unsupported '{}' map parameter in 'arguments'.", shortened(other)));
    }
    let list =
        arguments.get("interfaces").ok_or("Missing mandatory 'interfaces' map parameter in 'arguments'.")?;
    let list =
        list.as_array().ok_or("Error during command processing: size() called on a non-list Element")?;
    Ok(list)
}

/// Whether an interface is there, with the address that stands behind it. What the configuration file names may come
/// later; what somebody types now should be there.
fn check(name: &str, present: &[Interface]) -> Result<(), String> {
    let (name, address) = match name.split_once('/') {
        Some((name, address)) => (name.trim(), Some(address.trim())),
        None => (name.trim(), None),
    };
    if name == "*" {
        return Ok(());
    }
    let Some(interface) = present.iter().find(|interface| interface.name == name) else {
        return Err(format!("interface '{name}' doesn't exist in the system"));
    };
    let Some(text) = address else { return Ok(()) };
    let address: IpAddr = text
        .parse()
        .map_err(|_| format!("Failed to convert string to address '{text}': Invalid argument"))?;
    match addresses(interface).any(|own| own == address) {
        true => Ok(()),
        false => Err(format!("interface '{name}' doesn't have address '{address}' assigned")),
    }
}

/// All addresses of an interface, IPv4 first.
fn addresses(interface: &Interface) -> impl Iterator<Item = IpAddr> {
    let v4 = interface.addresses.iter().map(|it| IpAddr::V4(it.address));
    v4.chain(interface.addresses6.iter().copied().map(IpAddr::V6))
}

async fn list<F: Family>(daemon: &Daemon<F>) -> Response {
    match daemon.interfaces() {
        Ok(present) => {
            let sockets = daemon.sockets.lock().await;
            let serves = |index| sockets.as_ref().is_some_and(|sockets| sockets.serves(index));
            let shown: Vec<Json> = present.iter().map(|it| show(it, serves(it.index))).collect();
            Response::success(format!("{} interfaces detected.", shown.len()))
                .with(json!({"interfaces": shown}))
        }
        Err(error) => Response::error(format!(
            "Unexpected error while retrieving the list of detected interfaces: {error}"
        )),
    }
}

fn show(interface: &Interface, in_use: bool) -> Json {
    let mac = Hex(&interface.mac.unwrap_or_default()).to_string();
    let addresses: Vec<String> = addresses(interface).map(|address| address.to_string()).collect();
    json!({
        "name": interface.name,
        "index": interface.index,
        "mac": mac,
        "type": interface.hardware_type,
        "addresses": addresses,
        "flag-loopback": interface.loopback,
        "flag-up": interface.up,
        "flag-running": interface.running,
        "flag-multicast": interface.multicast,
        "flag-broadcast": interface.broadcast,
        "in-use": in_use,
    })
}
