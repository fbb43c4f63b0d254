//! Roy Marples' `dhcpcd`. It keeps its files where it was built to and may run as a user of its own; here it sees
//! private ones and no such user.

use std::fs;
use std::process::Command;

use super::Client;
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

pub(super) fn command(client: &Client, words: &[&str]) -> Command {
    let file = |name: &str| client.folder.join(name);
    let arp = if file("detect-conflicts").exists() { "" } else { "noarp" };
    fs::write(file("dhcpcd.conf"), format!("{CONFIGURATION}    {arp}\n")).expect("write its configuration");
    let mut command = client.host.command("sh");
    command.args(["-c", PRIVATELY, "sh"]).arg(&client.folder).arg(programs::partner_or_system("dhcpcd"));
    if words.is_empty() {
        command.args(["-B", "-d", "-h", client.host.name()]);
        client.wants.iter().for_each(|option| _ = command.args(["-o", option]));
    }
    // The family is part of the instance's name.
    command.arg("-4").args(words).args(&client.arguments);
    command.arg("-f").arg(file("dhcpcd.conf")).arg("-c").arg(file("notes")).arg(&client.interface);
    command
}

pub(super) fn detect_conflicts(client: &Client) {
    client.events.detect_conflicts();
}
