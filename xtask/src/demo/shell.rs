//! A shell in the demo's network, for `--keep`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use kotare_tests::world::{Host, Server, Server6, World};
use serde_json::json;

use crate::run::Done;

/// A tool of the demo's shell.
const ASK: &str = r#"#!/usr/bin/perl
# NAME COMMAND [ARGUMENTS]: sends a command to the control socket of PROGRAM and shows the answer. ARGUMENTS are JSON.
use IO::Socket::UNIX;
@ARGV or die "usage: NAME COMMAND [ARGUMENTS]; for example: NAME list-commands\n";
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

/// A shell in the demo's network, until the user leaves it.
pub(super) fn open(world: &World, host: &Host, four: &Server, six: &Server6) -> Done {
    let (socket4, socket6) = (four.folder().join("control"), six.folder().join("control"));
    for (name, program, socket) in [("ask4", "kea-dhcp4", &socket4), ("ask6", "kea-dhcp6", &socket6)] {
        let text = ASK.replace("NAME", name).replace("PROGRAM", program);
        tool(&world.path(name), &text.replace("SOCKET", &socket.display().to_string()))?;
    }
    // The machine's `ip`, or the one that was unpacked for the demo, with its libraries.
    let ip = host.command("true");
    let libraries = ip.get_envs().find_map(|(name, value)| value.filter(|_| name == "LD_LIBRARY_PATH"));
    let on = ON.replace("LIBRARIES", &libraries.unwrap_or_default().to_string_lossy());
    tool(&world.path("on"), &on.replace("IP_PROGRAM", &ip.get_program().to_string_lossy()))?;
    println!(
        "
All of it keeps running until you leave this shell (exit, Ctrl-D). To look around:

  ask4 status-get                  a command to {socket4}
  ask6 status-get                  a command to {socket6}
  ask6 statistic-get-all           all that is counted
  ask4 subnet4-select-test '{four}'
  ask6 subnet6-select-test '{six}'
  on laptop ip address             a command on a host: server, laptop, phone, printer, desktop, router, relay, tablet, camera
  on server ip -6 route            with the route to the prefix that the router has
  cat $LEASES4 $LEASES6            the lease files
  tail -f $LOG4 $LOG6              the servers' logs
",
        socket4 = socket4.display(),
        socket6 = socket6.display(),
        four = json!({"relay": "198.51.100.1"}),
        six = json!({"link": "2001:db8:2::1"}),
    );
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [world.folder().to_owned()].into_iter().chain(std::env::split_paths(&path));
    let folders: Vec<_> = folders.chain(["/usr/sbin".into(), "/sbin".into()]).collect();
    let shell = if Path::new("/bin/bash").exists() { "/bin/bash" } else { "/bin/sh" };
    let mut command = Command::new(shell);
    if shell.ends_with("bash") {
        command.args(["--norc", "--noprofile"]);
    }
    for (folder, leases, log) in [(four.folder(), "LEASES4", "LOG4"), (six.folder(), "LEASES6", "LOG6")] {
        command.env(leases, folder.join("leases.csv")).env(log, folder.join("log"));
    }
    // How a shell ends is its user's business.
    command.env("PATH", std::env::join_paths(folders)?).env("PS1", "demo$ ").status()?;
    Ok(())
}

fn tool(path: &Path, text: &str) -> Done {
    fs::write(path, text)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}
