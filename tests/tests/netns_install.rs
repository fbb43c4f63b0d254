//! An installed server, with nothing but what is below its prefix.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use kotare_tests::world::{ClientProgram, Server, Server6, World, eventually, install, sandboxed};

/// An installation of this world.
fn installed(world: &World) -> PathBuf {
    let prefix = world.path("opt/kea");
    install(&["--prefix".as_ref(), prefix.as_ref()]);
    prefix
}

/// The text of a file of the installation, by its name below the prefix; empty if there is none.
fn text(prefix: &Path, name: &str) -> String {
    fs::read_to_string(prefix.join(name)).unwrap_or_default()
}

/// Kea's manual, "Summary of Path Restrictions": files are in the directories of the installation. The example that is
/// installed is served as it is: its plain names mean files below the prefix, and `kea-lfc` is the one beside the
/// server.
#[test]
fn an_installed_server_uses_the_directories_of_its_prefix() {
    sandboxed("an_installed_server_uses_the_directories_of_its_prefix", |world| {
        let lan = world.lan();
        let prefix = installed(world);
        let server = Server::installed(world, &lan.server, "log", &prefix).answering();
        let pid = text(&prefix, "var/run/kea/kea-dhcp4.kea-dhcp4.pid");
        assert_eq!(pid.trim(), server.pid().to_string());
        let report = server.command("build-report", None)["text"].to_string();
        assert!(report.contains(&format!("{}/var/lib/kea", prefix.display())), "{report}");

        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address().to_string();
        let leases = text(&prefix, "var/lib/kea/kea-leases4.csv");
        assert!(leases.lines().any(|row| row.starts_with(&address)), "{leases}");

        let started = server.command("kea-lfc-start", None);
        assert_eq!(started["result"], 0, "{started}");
        eventually("the cleanup wrote its result", || {
            text(&prefix, "var/lib/kea/kea-leases4.csv.2").contains(&address).then_some(())
        });
        server.await_log(&[&format!("{}/sbin/kea-lfc", prefix.display())]);
        assert!(server.stop());
    });
}

/// The server of DHCPv6 finds everything below its prefix, too: leases, and the DUID that it made.
#[test]
fn an_installed_server_of_dhcpv6_keeps_its_duid_there() {
    sandboxed("an_installed_server_of_dhcpv6_keeps_its_duid_there", |world| {
        let lan = world.lan();
        let prefix = installed(world);
        let run = |log| Server6::installed(world, &lan.server, log, &prefix).answering();
        let server = run("log-1");
        let pid = text(&prefix, "var/run/kea/kea-dhcp6.kea-dhcp6.pid");
        assert_eq!(pid.trim(), server.pid().to_string());
        let duid = text(&prefix, "var/lib/kea/kea-dhcp6-serverid");
        assert!(duid.trim().starts_with("00:01:00:01:"), "{duid}");
        assert!(text(&prefix, "var/lib/kea/kea-leases6.csv").starts_with("address,duid,"));
        assert!(server.stop());
        let server = run("log-2");
        assert_eq!(text(&prefix, "var/lib/kea/kea-dhcp6-serverid"), duid);
        assert!(server.stop());
    });
}

/// Only the programs and a configuration are needed: directories that are missing are made, closed to others.
#[test]
fn missing_directories_are_made() {
    sandboxed("missing_directories_are_made", |world| {
        let lan = world.lan();
        let prefix = installed(world);
        let directories = ["var/run/kea", "var/lib/kea"].map(|name| prefix.join(name));
        for directory in &directories {
            fs::remove_dir(directory).expect("an empty directory can be removed");
        }
        let server = Server::installed(world, &lan.server, "log", &prefix).answering();
        for directory in &directories {
            let mode = fs::metadata(directory).expect("it is there").permissions().mode() & 0o777;
            assert_eq!(mode, 0o750, "{}", directory.display());
        }
        assert!(server.stop());
    });
}

/// What cannot be made is told with the command that makes it. Like a file in the way, it is no other server's fault.
#[test]
fn a_directory_that_cannot_be_made_is_told_with_the_command() {
    sandboxed("a_directory_that_cannot_be_made_is_told_with_the_command", |world| {
        let lan = world.lan();
        let prefix = installed(world);
        let lines = [("var/run", "log-1", "DHCP4_SERVER_FAILED"), ("var/lib", "log-2", "DHCP4_INIT_FAIL")];
        for (parent, log, told) in lines {
            let parent = prefix.join(parent);
            fs::remove_dir_all(&parent).expect("it can be removed");
            let mut server = Server::installed(world, &lan.server, log, &prefix);
            assert!(!server.wait(), "{}", server.log());
            let command = format!("install -d -m 0750 {}", parent.join("kea").display());
            let log = server.log();
            assert!(log.lines().any(|line| line.contains(told) && line.contains(&command)), "{log}");
            assert!(!log.contains("DHCP4_ALREADY_RUNNING"), "{log}");
            fs::create_dir(&parent).expect("it can be made again");
        }
        let run = prefix.join("var/run/kea");
        fs::remove_dir_all(&run).expect("what the last server made can be removed");
        fs::write(&run, "in the way").expect("write a file");
        let mut server = Server::installed(world, &lan.server, "log-3", &prefix);
        assert!(!server.wait(), "{}", server.log());
        let log = server.log();
        let place = run.join("kea-dhcp4.kea-dhcp4.pid").display().to_string();
        assert!(
            log.lines().any(|line| line.contains("DHCP4_SERVER_FAILED") && line.contains(&place)),
            "{log}"
        );
        assert!(!log.contains("DHCP4_ALREADY_RUNNING"), "{log}");
    });
}
