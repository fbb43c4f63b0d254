//! Clients of DHCPv6 that do not tell a script enough to be asked as `dhclient` and `dhcpcd` are: KAME's `dhcp6c`, Dibbler,
//! and systemd's. What they have is seen at their interface and in the server's file.

use std::fs;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use kotare_tests::tell;
use kotare_tests::world::{
    Host, Server6, World, eventually, lan6_configuration, partner, sandboxed, send_signal,
};

/// Runs in the mount namespace that `ip netns exec` makes: these clients write down what they were told below /etc, and keep
/// their files where they were built to.
const PRIVATELY: &str = r#"
set -e
cd "$1"
shift
mkdir -p etc systemd/netif/links systemd/netif/leases systemd/netif/lldp systemd/network
cp /etc/passwd /etc/group etc
echo 0123456789abcdef0123456789abcdef >etc/machine-id
cp client.network systemd/network
chown -R systemd-network systemd/netif 2>/dev/null || true
chmod -R a+rX systemd
mount --bind etc /etc
for folder in /var/lib /var/log; do mount -t tmpfs tmpfs "$folder"; done
mkdir -p /var/lib/dhcpv6 /var/lib/dibbler /var/log/dibbler /run/systemd
mount --bind systemd /run/systemd
# What it may not write to, nobody announces devices for.
mount -o remount,ro /sys
exec "$@"
"#;

const DHCP6C: &str = r#"
interface eth0 { send ia-na 1, ia-pd 2; request domain-name-servers; };
id-assoc na 1 { };
id-assoc pd 2 { };
"#;

const DIBBLER: &str = r#"
log-level 8
iface "eth0" {
    ia
    pd
    option dns-server
}
"#;

const NETWORKD: &str = r"
[Match]
Name=eth0
[Network]
DHCP=ipv6
IPv6AcceptRA=no
[DHCPv6]
WithoutRA=solicit
UseDelegatedPrefix=yes
PrefixDelegationHint=::/56
";

/// KAME's, which routers had for long.
#[test]
fn dhcp6c_is_served() {
    sandboxed("dhcp6c_is_served", |world| {
        let Some(program) = partner("dhcp6c") else { return };
        let words = ["-c", "dhcp6c.conf", "-p", "pid", "-f", "-D", "eth0"];
        served(world, &program, &words, true);
    });
}

/// Dibbler, which renews addresses and prefixes one after the other.
#[test]
fn dibbler_is_served() {
    sandboxed("dibbler_is_served", |world| {
        let Some(program) = partner("dibbler-client") else { return };
        served(world, &program, &["run", "-w", "."], true);
    });
}

/// systemd's, which knows itself by a DUID of its own make and wants addresses and prefixes by one identifier. That of
/// Debian 12 gives nothing back.
#[test]
fn systemd_networkd_is_served() {
    sandboxed("systemd_networkd_is_served", |world| {
        let program = PathBuf::from("/lib/systemd/systemd-networkd");
        // It becomes a user of its own, whom a user namespace of one user has not.
        let users = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        if !program.exists() || !users.contains("4294967295") {
            return tell("skipped: there is no systemd-networkd that could be run");
        }
        served(world, &program, &[], false);
    });
}

/// A client gets an address and a prefix, renews both, and gives them back where it does so.
fn served(world: &World, program: &Path, words: &[&str], releases: bool) {
    let lan = world.lan6();
    let mut dhcp6 = lan6_configuration();
    dhcp6["renew-timer"] = 2.into();
    dhcp6["rebind-timer"] = 1000.into();
    // A lease this young would be left as it is otherwise.
    dhcp6["cache-threshold"] = 0.0001.into();
    let server = Server6::under_test(world, &lan.server, "server", dhcp6);
    let host = lan.host("client");
    let mut client = Other::start(world, &host, program, words);
    let address = eventually("the client has an address", || {
        client.assert_runs();
        host.addresses6("eth0").first().copied()
    });
    assert_eq!(address.segments()[..7], [0x2001, 0xdb8, 1, 0, 0, 0, 0], "{address}");
    assert!((0x100..0x200).contains(&address.segments()[7]), "{address}");
    let prefix = eventually("it has a prefix", || {
        server.lease_rows().iter().find(|row| row.starts_with("2001:db8:80")).cloned()
    });
    let columns: Vec<_> = prefix.split(',').collect();
    assert_eq!((columns[6], columns[8]), ("2", "56"), "{prefix}");
    let prefix: Ipv6Addr = columns[0].parse().expect("an address");
    for place in [address, prefix] {
        let first = ends(&server, place).expect("it is leased");
        eventually("it is renewed", || {
            client.assert_runs();
            ends(&server, place).filter(|now| *now > first)
        });
    }
    assert_eq!(host.addresses6("eth0"), [address]);
    assert!(server.statistic("pkt6-renew-received") >= 1);
    for rare in ["pkt6-rebind-received", "pkt6-decline-received", "pkt6-parse-failed"] {
        assert_eq!(server.statistic(rare), 0, "{rare}");
    }
    client.stop();
    if releases {
        for statistic in ["subnet[1].assigned-nas", "subnet[1].assigned-pds"] {
            eventually("what it had is free", || (server.statistic(statistic) == 0).then_some(()));
        }
        assert!(server.statistic("pkt6-release-received") >= 1);
    }
}

/// When a lease ends, by the server's file.
fn ends(server: &Server6, place: Ipv6Addr) -> Option<u64> {
    let (rows, place) = (server.lease_rows(), format!("{place},"));
    rows.iter().rev().find(|row| row.starts_with(&place))?.split(',').nth(3)?.parse().ok()
}

/// A client that runs. Killed when dropped.
struct Other {
    child: Child,
    log: PathBuf,
}

impl Other {
    fn start(world: &World, host: &Host, program: &Path, words: &[&str]) -> Self {
        let folder = world.path("client");
        fs::create_dir_all(&folder).expect("make the client's folder");
        for (name, text) in [("dhcp6c.conf", DHCP6C), ("client.conf", DIBBLER), ("client.network", NETWORKD)]
        {
            fs::write(folder.join(name), text).expect("write the client's configuration");
        }
        let log = folder.join("log");
        let output = fs::File::create(&log).expect("make the client's log");
        let mut command = host.command("sh");
        if program.starts_with("/lib") {
            // The partners' libraries are not what the system's programs were made for.
            command.env_remove("LD_LIBRARY_PATH");
        }
        command.args(["-c", PRIVATELY, "sh"]).arg(&folder).arg(program).args(words);
        command.env("SYSTEMD_LOG_TARGET", "console").stdin(Stdio::null());
        command.stdout(output.try_clone().expect("a second handle")).stderr(output);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, log }
    }

    fn assert_runs(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a child can be asked") {
            panic!("the client ended with {status}");
        }
    }

    /// Ends it in order.
    fn stop(&mut self) {
        send_signal(self.child.id(), "TERM");
        eventually("the client ends", || self.child.try_wait().expect("a child can be asked"));
    }
}

impl Drop for Other {
    #[expect(clippy::print_stderr, reason = "a failing test must say why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}:\n{}", self.log.display(), fs::read_to_string(&self.log).unwrap_or_default());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
