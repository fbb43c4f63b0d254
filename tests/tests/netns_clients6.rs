//! What real clients of DHCPv6 get from the server.

use std::fs;
use std::process::{Child, Command, Stdio};

use kotare_tests::world::{Host, Server, World, eventually, partner_or_system, program, sandboxed};
use serde_json::{Value, json};

/// A `dhclient -6` that is asking, or has what it asked for; killed when dropped.
struct Dhclient {
    child: Child,
    leases: std::path::PathBuf,
}

impl Dhclient {
    /// Asks for an address and a prefix on `eth0` of a host.
    fn start(world: &World, host: &Host) -> Self {
        // It gives up at once where there is no link-local address yet.
        eventually("the client's link-local address is usable", || {
            let shown = host.ip("-6 -oneline address show dev eth0 scope link -tentative");
            shown.contains("fe80:").then_some(())
        });
        let folder = world.path(host.name());
        fs::create_dir_all(&folder).expect("make the client's folder");
        let leases = folder.join("leases6");
        let mut command: Command = host.command(partner_or_system("dhclient"));
        command.args(["-6", "-d", "-N", "-P", "-cf", "/dev/null", "-sf", "/bin/true"]);
        command.arg("-lf").arg(&leases).arg("-pf").arg(folder.join("pid6")).arg("eth0");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { child: command.spawn().expect("dhclient can be started"), leases }
    }

    /// What it wrote down, once there is all of `words` in it.
    fn remembers(&self, words: &[&str]) -> String {
        eventually(&format!("dhclient writes {words:?} down"), || {
            let leases = fs::read_to_string(&self.leases).ok()?;
            words.iter().all(|word| leases.contains(word)).then_some(leases)
        })
    }
}

impl Drop for Dhclient {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A `Dhcp6` map that serves the link of the server: addresses, prefixes, a name server.
fn configuration() -> Value {
    json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "valid-lifetime": 3600,
        "preferred-lifetime": 1800,
        "subnet6": [{
            "id": 1,
            "subnet": "2001:db8:1::/64",
            "interface": "eth0",
            "pools": [{"pool": "2001:db8:1::100 - 2001:db8:1::1ff"}],
            "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 40, "delegated-len": 56}],
            "option-data": [{"name": "dns-servers", "data": "2001:db8:1::53"}],
        }],
        "loggers": [{"name": "kea-dhcp6", "severity": "DEBUG", "debuglevel": 50,
            "output_options": [{"output": "stdout"}]}],
    })
}

/// RFC 9915 §18.2.1: a client that knows nothing gets an address and a prefix, with the lifetimes configured; the leases
/// are in the file and counted, and the server has a DUID that it keeps.
#[test]
fn a_first_address_and_prefix() {
    sandboxed("a_first_address_and_prefix", |world| {
        let lan = world.lan();
        let server = Server::start(world, &lan.server, "server", &program("kea-dhcp6"), configuration());
        server.await_log(&["DHCP6_USING_SERVERID"]);
        let client = Dhclient::start(world, &lan.host("client"));
        let leases = client.remembers(&[
            "iaaddr 2001:db8:1::1",
            "iaprefix 2001:db8:80",
            "max-life 3600",
            "dhcp6.server-id",
        ]);
        assert!(leases.contains("preferred-life 1800"), "{leases}");
        assert!(leases.contains("dhcp6.name-servers 2001:db8:1::53"), "{leases}");
        for (statistic, value) in [
            ("subnet[1].assigned-nas", 1),
            ("subnet[1].pool[0].assigned-nas", 1),
            ("subnet[1].pd-pool[0].assigned-pds", 1),
            ("subnet[1].total-nas", 256),
            ("subnet[1].total-pds", 65536),
        ] {
            assert_eq!(server.statistic(statistic), value, "{statistic}");
        }
        let rows = server.lease_rows();
        assert!(rows.iter().any(|row| row.starts_with("2001:db8:1::1")), "{rows:#?}");
        assert!(rows.iter().any(|row| row.starts_with("2001:db8:80")), "{rows:#?}");
        let file = server.folder().join("kea-dhcp6-serverid");
        let kept = fs::read_to_string(&file).expect("the DUID is kept");
        assert!(kept.starts_with("00:01:00:01:"), "{kept}");
        assert!(server.stop(), "it ends in order");
        let server = Server::start(world, &lan.server, "server", &program("kea-dhcp6"), configuration());
        assert_eq!(fs::read_to_string(&file).ok(), Some(kept));
        assert_eq!(server.statistic("assigned-nas"), 1);
    });
}
