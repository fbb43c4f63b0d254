//! ISC's `dhclient`.

use std::fs;
use std::net::Ipv4Addr;
use std::process::Command;

use super::process::Process;
use super::v6::{Lease6, Wish};
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

/// The same for DHCPv6, which has fewer of them.
const CONFIGURATION_6: &str = "
    initial-interval 1;
    backoff-cutoff 1;
    request dhcp6.name-servers, dhcp6.domain-search;
";

pub(super) fn command(client: &Process, words: &[&str]) -> Command {
    let mut configuration = format!("{CONFIGURATION}    send host-name \"{}\";\n", client.host.name());
    for option in &client.wants {
        configuration += &format!("    also request {option};\n");
    }
    configured(client, &["-4"], &configuration, words)
}

pub(super) fn command_6(client: &Process, wish: Wish, words: &[&str]) -> Command {
    let mut configuration = CONFIGURATION_6.to_owned();
    if client.folder.join("rapid-commit").exists() {
        configuration += "    send dhcp6.rapid-commit;\n";
    }
    let kind: &[&str] = match wish {
        Wish::Address => &["-6"],
        Wish::Prefix => &["-6", "-P"],
        Wish::Both => &["-6", "-P", "-N"],
        Wish::Options => &["-6", "-S"],
    };
    configured(client, kind, &configuration, words)
}

/// The program of this kind, with this configuration.
fn configured(client: &Process, kind: &[&str], configuration: &str, words: &[&str]) -> Command {
    let file = |name: &str| client.folder.join(name);
    let configuration = [&[configuration.to_owned()], &client.lines[..]].concat().join("\n");
    fs::write(file("dhclient.conf"), configuration + "\n").expect("write dhclient's configuration");
    let mut command = client.host.command(programs::partner_or_system("dhclient"));
    command.args(kind).arg("-d").args(words).args(&client.arguments);
    command.arg("-cf").arg(file("dhclient.conf")).arg("-lf").arg(file("leases"));
    command.arg("-pf").arg(file("pid")).arg("-sf").arg(file("script"));
    command.arg(&client.interface);
    command
}

/// It calls its script first and writes its lease down afterwards.
pub(super) fn wait_until_remembered(client: &Process, address: Ipv4Addr) {
    wait_for_line(client, &format!("fixed-address {address};"));
}

/// The same for DHCPv6.
pub(super) fn wait_until_remembered_6(client: &Process, lease: &Lease6) {
    if let Some(address) = lease.address {
        wait_for_line(client, &format!("iaaddr {address} {{"));
    }
    if let Some(prefix) = &lease.prefix {
        wait_for_line(client, &format!("iaprefix {prefix} {{"));
    }
}

fn wait_for_line(client: &Process, line: &str) {
    eventually("dhclient writes its lease down", || {
        fs::read_to_string(client.folder.join("leases")).ok().filter(|leases| leases.contains(line))
    });
}
