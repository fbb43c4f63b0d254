//! `interface-…`: the network interfaces.

use std::collections::BTreeSet;
use std::net::IpAddr;

use kotare_config::Input;
use kotare_control::{Access, Argument, ArgumentType, Command, Request, Response, aside, shortened};
use kotare_model::Hex;
use kotare_net::Interface;
use serde_json::{Value as Json, json};

use crate::Daemon;
use crate::family::Family;

/// The commands about the network interfaces.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 3] {
    [
        Command {
            name: "interface-add",
            access: Access::Write,
            exclusive: true,
            since: "3.1.9",
            help: "Serves more interfaces or addresses, until the configuration file is read again.",
            args: &[Argument {
                name: "interfaces",
                // Checked below, in the words clients match.
                kind: ArgumentType::Any,
                required: false,
                help: "What is added to `interfaces` of `interfaces-config`; what is there already is passed over.",
            }],
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
    let failed = |reason: &str| format!("Updating used interfaces failed: {reason}");
    let names = named(request)?;
    let mut config = daemon.generation().written.to_json();
    let interfaces = &mut config[F::FILE.global.name]["interfaces-config"]["interfaces"];
    if interfaces.is_null() {
        *interfaces = Json::Array(Vec::new());
    }
    let Some(interfaces) = interfaces.as_array_mut() else { return Err(failed("interfaces is no list")) };
    let present = daemon.interfaces().map_err(|error| failed(&error.to_string()))?;
    let mut seen: BTreeSet<String> = interfaces.iter().filter_map(Json::as_str).map(str::to_owned).collect();
    let mut is_changed = false;
    for name in names {
        let name = name.as_str().ok_or_else(|| failed("stringValue() called on non-string Element"))?;
        if seen.insert(name.to_owned()) {
            check(name, &present)
                .map_err(|reason| failed(&format!("Failed to select interface: {reason}")))?;
            interfaces.push(name.into());
            is_changed = true;
        }
    }
    if is_changed {
        let read =
            aside(move || kotare_config::read(Input::Command("interface-add", &config), F::FILE)).await;
        let candidate = read.map_err(|refused| failed(&refused.error_lines().join("\n")))?;
        daemon.reconfigure(candidate).await.map_err(|reason| failed(&reason.to_string()))?;
    }
    Ok(Response::success("Interface configuration successfully updated."))
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
