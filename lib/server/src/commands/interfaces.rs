//! `interface-…`: the network interfaces.

use kotare_control::{Access, Command, Response};
use kotare_model::Hex;
use kotare_net::Interface;
use serde_json::{Value as Json, json};

use crate::daemon::Daemon;
use crate::sockets::Sockets;

pub(super) const COMMANDS: &[Command<Daemon>] = &[
    Command {
        name: "interface-list",
        access: Access::Read,
        exclusive: false,
        since: "3.1.1",
        help: "Returns the network interfaces and whether they are served.",
        args: &[],
        run: |app, _| Box::pin(list(app)),
    },
    Command {
        name: "interface-redetect",
        access: Access::Write,
        exclusive: false,
        since: "3.1.1",
        help: "Looks for interfaces anew, serves what is configured, and returns the network interfaces.",
        args: &[],
        run: |app, _| {
            Box::pin(async {
                app.adjust_sockets().await;
                list(app).await
            })
        },
    },
];

async fn list(app: &Daemon) -> Response {
    match kotare_net::interfaces() {
        Ok(present) => {
            let sockets = app.sockets.lock().await;
            let shown: Vec<Json> = present.iter().map(|interface| show(interface, &sockets)).collect();
            Response::success(format!("{} interfaces detected.", shown.len()))
                .with(json!({"interfaces": shown}))
        }
        Err(error) => Response::error(format!(
            "Unexpected error while retrieving the list of detected interfaces: {error}"
        )),
    }
}

fn show(interface: &Interface, sockets: &Sockets) -> Json {
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
        "in-use": sockets.serves(interface.index),
    })
}
