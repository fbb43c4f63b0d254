//! ISC's `dhclient`.

use std::fs;
use std::net::Ipv4Addr;
use std::process::Command;

use super::Client;
use crate::world::{eventually, programs};

/// Waits at most a second where the defaults are made for networks with thousands of clients.
const CONFIGURATION: &str = "
    initial-delay 0;
    timeout 20;
    retry 1;
    reboot 10;
    select-timeout 0;
    initial-interval 1;
    backoff-cutoff 1;
    request subnet-mask, broadcast-address, routers, domain-name-servers, host-name;
";

pub(super) fn command(client: &Client, words: &[&str]) -> Command {
    let file = |name: &str| client.folder.join(name);
    let mut configuration = format!("{CONFIGURATION}    send host-name \"{}\";\n", client.host.name());
    for option in &client.wants {
        configuration += &format!("    also request {option};\n");
    }
    fs::write(file("dhclient.conf"), configuration).expect("write dhclient's configuration");
    let mut command = client.host.command(programs::partner_or_system("dhclient"));
    command.args(["-4", "-d"]).args(words).args(&client.arguments);
    command.arg("-cf").arg(file("dhclient.conf")).arg("-lf").arg(file("leases"));
    command.arg("-pf").arg(file("pid")).arg("-sf").arg(file("script"));
    command.arg(&client.interface);
    command
}

/// It calls its script first and writes its lease down afterwards.
pub(super) fn wait_until_remembered(client: &Client, address: Ipv4Addr) {
    let line = format!("fixed-address {address};");
    eventually("dhclient writes its lease down", || {
        fs::read_to_string(client.folder.join("leases")).ok().filter(|leases| leases.contains(&line))
    });
}
