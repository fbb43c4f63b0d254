//! `cargo xtask demo`: the server with real clients, in a network that is gone afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use kotare_tests::world::{
    Client, ClientProgram, Host, Relay, Server, World, in_sandbox, program, reexec_with, sandbox_possible,
};
use serde_json::{Value, json};

use crate::partners;
use crate::run::Done;
use crate::suite::{self, Profile};

/// How to demonstrate.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave everything running and open a shell in the demo's network; it ends with the shell.
    #[arg(long)]
    keep: bool,
}

const PICTURE: &str = "
  server ──┬── laptop    udhcpc
           ├── phone     dhclient
           ├── printer   dhcpcd, for which an address and a name are reserved
           └── relay ─── tablet    udhcpc, through dhcrelay
";

/// What the server serves, but for the printer's hardware address; see `etc/kea-dhcp4.conf` for a larger one with
/// explanations.
const CONFIGURATION: &str = r#"{
  "interfaces-config": { "interfaces": [ "eth0" ] },
  "valid-lifetime": 3600,
  "option-data": [ { "name": "domain-name-servers", "data": "192.0.2.53" } ],
  "subnet4": [
    { "id": 1, "subnet": "192.0.2.0/24",
      "pools": [ { "pool": "192.0.2.100 - 192.0.2.199" } ],
      "option-data": [ { "name": "routers", "data": "192.0.2.2" } ],
      "reservations": [ { "hw-address": "PRINTER", "ip-address": "192.0.2.10", "hostname": "printer-reserved" } ] },
    { "id": 2, "subnet": "198.51.100.0/24",
      "pools": [ { "pool": "198.51.100.100 - 198.51.100.199" } ],
      "option-data": [ { "name": "routers", "data": "198.51.100.1" } ] }
  ],
  "loggers": [ { "name": "kea-dhcp4", "severity": "INFO", "output-options": [ { "output": "stdout" } ] } ]
}"#;

/// A tool of the demo's shell.
const ASK: &str = r#"#!/usr/bin/perl
# ask COMMAND [ARGUMENTS]: sends a command to the server's control socket and shows the answer. ARGUMENTS are JSON.
use IO::Socket::UNIX;
@ARGV or die "usage: ask COMMAND [ARGUMENTS]; for example: ask list-commands\n";
my $server = IO::Socket::UNIX->new('SOCKET') or die "cannot reach SOCKET: $!\n";
my $arguments = @ARGV > 1 ? ", \"arguments\": $ARGV[1]" : "";
print $server "{\"command\": \"$ARGV[0]\"$arguments}";
print while <$server>;
print "\n";
"#;

/// Another one.
const ON: &str = "#!/bin/sh
# on HOST COMMAND...: runs a command on a host of the demo.
exec env LD_LIBRARY_PATH='LIBRARIES' IP_PROGRAM netns exec \"$@\"
";

/// Builds, and demonstrates inside a sandbox.
pub(crate) fn demo(options: &Options) -> Done {
    let mut surroundings = Vec::new();
    if !in_sandbox() {
        if !sandbox_possible() {
            return Err("the demo needs namespaces of its own: run it as root, or allow user namespaces \
                        (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu, too, \
                        kernel.apparmor_restrict_unprivileged_userns=0)"
                .into());
        }
        surroundings.push(("KOTARE_PARTNERS", partners::unpack()?.into_os_string()));
        surroundings.push(("KOTARE_PROGRAMS", suite::build(Profile::Debug)?.into_os_string()));
    }
    match reexec_with(std::env::args_os().skip(1), surroundings) {
        None => demonstrate(options),
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("the demo failed ({status}); what went wrong is above").into()),
    }
}

fn demonstrate(options: &Options) -> Done {
    let world = World::inside_sandbox();
    println!("\nA network in namespaces of its own; nothing outside is touched.\n{PICTURE}");
    let [server_host, laptop, phone, printer, relay_host, tablet] =
        ["server", "laptop", "phone", "printer", "relay", "tablet"].map(|name| world.host(name));
    let (link, far_link) = (world.link("link"), world.link("far-link"));
    for host in [&server_host, &laptop, &phone, &printer, &relay_host] {
        link.join(host, "eth0");
    }
    far_link.join(&relay_host, "eth1");
    far_link.join(&tablet, "eth0");
    server_host.address("eth0", "192.0.2.1/24");
    relay_host.address("eth0", "192.0.2.2/24");
    relay_host.address("eth1", "198.51.100.1/24");
    relay_host.forward();
    server_host.ip("route add 198.51.100.0/24 via 192.0.2.2");

    println!("kea-dhcp4 starts with this configuration (beside a control socket and a lease file):\n");
    let configuration = CONFIGURATION.replace("PRINTER", &printer.mac("eth0"));
    println!("{configuration}\n");
    let dhcp4: Value = serde_json::from_str(&configuration)?;
    let server = Server::start(&world, &server_host, "server", &program("kea-dhcp4"), dhcp4);
    let _relay = Relay::start(&world, &relay_host, "eth1", "eth0", "192.0.2.1", &[]);

    let programs =
        [ClientProgram::Udhcpc, ClientProgram::Dhclient, ClientProgram::Dhcpcd, ClientProgram::Udhcpc];
    let mut clients = Vec::new();
    for (host, client_program) in [&laptop, &phone, &printer, &tablet].into_iter().zip(programs) {
        let mut client = Client::new(&world, host, "eth0", client_program);
        // A client without a lease ends the demo here.
        let lease = client.obtain();
        println!(
            "{:8} {:9} has {} for {} s",
            host.name(),
            client_program.name(),
            lease.address(),
            lease.lifetime()
        );
        clients.push(client);
    }
    show(&server)?;
    if options.keep {
        shell(&world, &server_host, &server)?;
    }
    drop(clients);
    if !server.stop() {
        return Err("kea-dhcp4 did not end in order".into());
    }
    println!("\nThe server ended in order, and the network is gone.");
    if !options.keep {
        println!("`cargo xtask demo --keep` leaves it running, with a shell inside to look around.");
    }
    println!("README.md says how to run kea-dhcp4 in production and how to move from Kea.");
    Ok(())
}

/// What the lease file, the control socket and the log tell.
fn show(server: &Server) -> Done {
    println!("\nThe lease file, {}:\n", server.folder().join("leases.csv").display());
    println!("  {:16} {:18} {:>6} {:>9}  host name", "address", "hardware address", "subnet", "lifetime");
    let rows = server.lease_rows();
    // The last row of an address counts.
    let leases: BTreeMap<&str, Vec<&str>> =
        rows.iter().filter_map(|row| Some((row.split(',').next()?, row.split(',').collect()))).collect();
    for columns in leases.values() {
        let [address, hardware, _, lifetime, _, subnet, _, _, name, ..] = columns[..] else {
            return Err(format!("not a row of a lease file: {columns:?}").into());
        };
        println!("  {address:16} {hardware:18} {subnet:>6} {lifetime:>7} s  {name}");
    }

    let status = server.command("status-get", None);
    let status = &status["arguments"];
    println!("\nThe control socket, status-get and statistic-get:\n");
    println!("  pid {}, sockets {}", status["pid"], text(&status["sockets"]["status"]));
    let statistics = ["pkt4-discover-received", "pkt4-offer-sent", "pkt4-request-received", "pkt4-ack-sent"];
    let subnets = ["subnet[1].assigned-addresses", "subnet[2].assigned-addresses"];
    for names in [&statistics[..], &subnets[..]] {
        let counted: Vec<_> = names.iter().map(|name| format!("{name} {}", server.statistic(name))).collect();
        println!("  {}", counted.join(", "));
    }

    println!("\nThe log, last lines:\n");
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| !line.contains("COMMAND_RECEIVED")).collect();
    for line in &lines[lines.len().saturating_sub(4)..] {
        println!("  {line}");
    }
    Ok(())
}

/// A shell in the demo's network, until the user leaves it.
fn shell(world: &World, host: &Host, server: &Server) -> Done {
    let socket = server.folder().join("control");
    tool(&world.path("ask"), &ASK.replace("SOCKET", &socket.display().to_string()))?;
    // The machine's `ip`, or the one that was unpacked for the demo, with its libraries.
    let ip = host.command("true");
    let libraries = ip.get_envs().find_map(|(name, value)| value.filter(|_| name == "LD_LIBRARY_PATH"));
    let on = ON.replace("LIBRARIES", &libraries.unwrap_or_default().to_string_lossy());
    tool(&world.path("on"), &on.replace("IP_PROGRAM", &ip.get_program().to_string_lossy()))?;
    println!(
        "
All of it keeps running until you leave this shell (exit, Ctrl-D). To look around:

  ask status-get                   a command to {socket}
  ask statistic-get-all            all that is counted
  ask subnet4-select-test '{example}'
  on laptop ip address             a command on a host: server, laptop, phone, printer, relay, tablet
  cat $LEASES                      the lease file
  tail -f $LOG                     the server's log
",
        socket = socket.display(),
        example = json!({"relay": "198.51.100.1"}),
    );
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [world.folder().to_owned()].into_iter().chain(std::env::split_paths(&path));
    let folders: Vec<_> = folders.chain(["/usr/sbin".into(), "/sbin".into()]).collect();
    let shell = if Path::new("/bin/bash").exists() { "/bin/bash" } else { "/bin/sh" };
    let mut command = Command::new(shell);
    if shell.ends_with("bash") {
        command.args(["--norc", "--noprofile"]);
    }
    command.env("LEASES", server.folder().join("leases.csv")).env("LOG", server.folder().join("log"));
    // How a shell ends is its user's business.
    command.env("PATH", std::env::join_paths(folders)?).env("PS1", "demo$ ").status()?;
    Ok(())
}

fn tool(path: &Path, text: &str) -> Done {
    fs::write(path, text)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("unknown")
}
