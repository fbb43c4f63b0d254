//! `interface-…`: the network interfaces.

use kotare_control::{Access, Command, Response};
use kotare_model::Hex;
use kotare_net::Interface;
use serde_json::{Value as Json, json};

use crate::Daemon;
use crate::family::Family;
use crate::network::Network;

/// The commands about the network interfaces.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 2] {
    [
        Command {
            name: "interface-list",
            access: Access::Read,
            exclusive: false,
            since: "3.1.1",
            help: "Returns the network interfaces and whether they are served.",
            args: &[],
            run: |daemon, _| Box::pin(list(daemon)),
        },
        Command {
            name: "interface-redetect",
            access: Access::Write,
            exclusive: false,
            since: "3.1.1",
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

async fn list<F: Family>(daemon: &Daemon<F>) -> Response {
    match daemon.surroundings.network.interfaces() {
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
    let addresses: Vec<String> = interface.addresses.iter().map(|it| it.address.to_string()).collect();
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
