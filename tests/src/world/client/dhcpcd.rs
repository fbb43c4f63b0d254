//! Roy Marples' `dhcpcd`. It keeps its files where it was built to and may run as a user of its own; here it sees
//! private ones and no such user.

use std::fs;
use std::process::Command;

use super::process::Process;
use super::v6::Wish;
use crate::world::programs;

const CONFIGURATION: &str = "
    ipv4only
    noipv4ll
    nodelay
    clientid
    option subnet_mask, broadcast_address, routers, domain_name_servers, host_name
    require dhcp_server_identifier
    timeout 20
    reboot 10
";

/// The same for DHCPv6, whether or not there is a router that advertises it.
const CONFIGURATION_6: &str = "
    ipv6only
    noipv6rs
    nodelay
    duid
    option dhcp6_name_servers, dhcp6_domain_search
    timeout 20
    reboot 10
";

/// Runs in the mount namespace that `ip netns exec` makes.
const PRIVATELY: &str = r#"
set -e
cd "$1"
shift
mkdir -p database run
[ -d /var/lib/dhcpcd ] || { mount -t tmpfs tmpfs /var/lib; mkdir /var/lib/dhcpcd; }
mkdir -p /run/dhcpcd
mount --bind database /var/lib/dhcpcd
mount --bind run /run/dhcpcd
grep -v ^dhcpcd: /etc/passwd >passwd
mount --bind passwd /etc/passwd
exec "$@"
"#;

pub(super) fn command(client: &Process, words: &[&str]) -> Command {
    let arp = if client.folder.join("detect-conflicts").exists() { "" } else { "noarp" };
    configured(client, "-4", &format!("{CONFIGURATION}    {arp}\n"), words)
}

pub(super) fn command_6(client: &Process, wish: Wish, words: &[&str]) -> Command {
    let mut configuration = CONFIGURATION_6.to_owned();
    if client.folder.join("rapid-commit").exists() {
        configuration += "    option dhcp6_rapid_commit\n";
    }
    configuration += &format!("    interface {}\n", client.interface);
    if wish == Wish::Options {
        configuration += "    inform6\n";
    }
    if wish.address() {
        configuration += "    ia_na 1\n";
    }
    if wish.prefix() {
        configuration += "    ia_pd 2 -\n";
    }
    configured(client, "-6", &configuration, words)
}

/// The program for one family, with this configuration.
pub(super) fn configured(client: &Process, family: &str, configuration: &str, words: &[&str]) -> Command {
    let file = |name: &str| client.folder.join(name);
    let configuration = [&[configuration.to_owned()], &client.lines[..]].concat().join("\n");
    fs::write(file("dhcpcd.conf"), configuration + "\n").expect("write its configuration");
    let mut command = client.host.command("sh");
    command.args(["-c", PRIVATELY, "sh"]).arg(&client.folder).arg(programs::partner_or_system("dhcpcd"));
    if words.is_empty() {
        command.args(["-B", "-d", "-h", client.host.name()]);
        client.wants.iter().for_each(|option| _ = command.args(["-o", option]));
    }
    // The family is part of the instance's name.
    command.arg(family).args(words).args(&client.arguments);
    command.arg("-f").arg(file("dhcpcd.conf")).arg("-c").arg(file("notes")).arg(&client.interface);
    command
}

pub(super) fn detect_conflicts(client: &Process) {
    client.events.detect_conflicts();
}
