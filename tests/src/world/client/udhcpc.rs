//! busybox's `udhcpc`.

use std::process::Command;

use super::process::Process;
use crate::world::programs;

pub(super) fn command(client: &Process) -> Command {
    let mut command = client.host.command(programs::partner_or_system("busybox"));
    command.args(["udhcpc", "-f", "-i", &client.interface, "-t", "5", "-T", "1", "-A", "1", "-s"]);
    command.arg(client.folder.join("script")).args(&client.arguments);
    client.wants.iter().for_each(|option| _ = command.args(["-O", option]));
    command.args(["-x", &format!("hostname:{}", client.host.name())]);
    command
}
