//! The hook library legal_log: a server writes down what becomes of the leases of real clients, in a file, in databases that
//! Debian's Kea 2.2 made, and with the syslog daemon.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::{
    Client6Program, ClientProgram, Server, Server6, Wish, eventually, lan_configuration, lan6_configuration,
    sandboxed,
};
use serde_json::{Value, json};

/// The lease of a client, and that of a command, are in the file of the day, and all lines are when the server ends.
#[test]
fn a_lease_is_written_down() {
    sandboxed("a_lease_is_written_down", |world| {
        let lan = world.lan();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = json!([
            {"library": "/nowhere/libdhcp_legal_log.so", "parameters": {"path": folder.path(), "base-name": "who"}},
            {"library": "/nowhere/libdhcp_lease_cmds.so"},
        ]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address();
        server.command("lease4-del", Some(json!({"ip-address": address})));
        let lines = || -> Vec<String> {
            let files: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().collect();
            assert!(files.len() < 2, "{files:?}");
            let text = files.first().map(|file| fs::read_to_string(file.path()).expect("text"));
            text.unwrap_or_default().lines().map(str::to_owned).collect()
        };
        let lines = eventually("both lines are written", || Some(lines()).filter(|lines| lines.len() == 2));
        let name =
            fs::read_dir(folder.path()).expect("a folder").flatten().next().expect("a file").file_name();
        let name = name.into_string().expect("a name");
        assert!(name.starts_with("who.20") && name.ends_with(".txt") && name.len() == 16, "{name}");
        let assigned = format!(" Address: {address} has been assigned for ");
        assert!(
            lines[0].contains(&assigned)
                && lines[0].contains(" to a device with hardware address: hwtype=1 ")
        );
        assert!(
            lines[1].ends_with(&format!(" Administrator deleted the lease for address: {address}")),
            "{lines:?}"
        );
    });
}

/// The library with its lines in a database, beside that with commands about leases.
fn libraries(database: &DatabaseServer) -> Value {
    let mut parameters = database.map("kea");
    parameters["reconnect-wait-time"] = 100.into();
    json!([
        {"library": "/nowhere/libdhcp_legal_log.so", "parameters": parameters},
        {"library": "/nowhere/libdhcp_lease_cmds.so"},
    ])
}

/// What stands in the table: addresses and the beginnings of texts.
fn rows(database: &DatabaseServer) -> Vec<String> {
    let text = database.administer("kea", "SELECT concat(address, ' ', log) FROM logs");
    text.lines().map(str::to_owned).collect()
}

/// Clients are served while the database is away, and what became of their leases is there when it is back.
#[test]
fn lines_wait_for_a_database() {
    sandboxed("lines_wait_for_a_database", |world| {
        let Some(mut database) = DatabaseServer::start(Kind::Postgres) else { return };
        if !database.create_as_kea("kea") {
            return;
        }
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = libraries(&database);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let first = client.obtain().address();
        eventually("a line is written", || (rows(&database).len() == 1).then_some(()));
        database.kill();
        server.command("lease4-del", Some(json!({"ip-address": first})));
        let log = || server.command("status-get", None)["arguments"]["legal-log"].clone();
        eventually("the database is lost", || (log()["status"] == "failing").then_some(()));
        server.await_log(&["KOTARE_LEGAL_LOG_WAITS"]);
        let mut other = lan.client("other", ClientProgram::Udhcpc);
        let second = other.obtain().address();
        database.run();
        let rows = eventually("all lines are written", || Some(rows(&database)).filter(|it| it.len() == 3));
        for (row, begin) in rows.iter().zip([
            format!("{first} Address: {first} has been assigned for "),
            format!("{first} Administrator deleted the lease for address: {first}"),
            format!("{second} Address: {second} has been assigned for "),
        ]) {
            assert!(row.starts_with(&begin), "{rows:?}");
        }
        assert_eq!(log()["status"], "ready");
        assert!(server.stop());
    });
}

/// An address and a prefix, each with its own row. A server does not start where it cannot write.
#[test]
fn leases_of_dhcpv6_are_rows() {
    sandboxed("leases_of_dhcpv6_are_rows", |world| {
        let Some(mut database) = DatabaseServer::start(Kind::MariaDb) else { return };
        if !database.create_as_kea("kea") {
            return;
        }
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["hooks-libraries"] = libraries(&database);
        let server = Server6::kotare(world, &lan.server, "server", dhcp6.clone());
        let mut client = lan.client("client", Client6Program::Dhcpcd, Wish::Both);
        let lease = client.obtain();
        let (address, prefix) = (lease.address.expect("an address"), lease.prefix.expect("a prefix"));
        let rows = eventually("both lines are written", || Some(rows(&database)).filter(|it| it.len() >= 2));
        let is_there = |begin: &str| rows.iter().any(|row| row.starts_with(begin));
        assert!(is_there(&format!("{address} Address: {address} has been assigned for ")), "{rows:?}");
        assert!(is_there(&format!("{prefix} Prefix: {prefix} has been assigned for ")), "{rows:?}");
        assert!(server.stop());
        database.kill();
        let mut server =
            Server6::launch(world, &lan.server, "again", &kotare_tests::world::program("kea-dhcp6"), dhcp6);
        assert!(!server.wait());
        assert!(server.log().contains("open the database of the legal log"), "{}", server.log());
    });
}

/// A /dev of the sandbox's own, in which a syslog daemon listens.
fn syslog_daemon() -> UnixDatagram {
    let script = "mkdir /run/dev && mount --rbind /dev /run/dev && mount -t tmpfs tmpfs /dev && cd /run/dev && \
                  for file in null zero full random urandom tty; do touch /dev/$file; mount --bind $file /dev/$file; done";
    let output = Command::new("sh").args(["-c", script]).output().expect("a shell starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let daemon = UnixDatagram::bind("/dev/log").expect("a socket");
    daemon.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    daemon
}

/// Lines go to the facility that is configured, in the pattern that is configured, and not into the server's own log.
#[test]
fn lines_go_to_the_syslog_daemon() {
    sandboxed("lines_go_to_the_syslog_daemon", |world| {
        let lan = world.lan();
        let daemon = syslog_daemon();
        let mut dhcp4 = lan_configuration();
        let library =
            |parameters: Value| json!([{"library": "libdhcp_legal_log.so", "parameters": parameters}]);
        dhcp4["hooks-libraries"] = library(json!({"type": "syslog"}));
        let server = Server::kotare(world, &lan.server, "server", dhcp4.clone());
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address();
        let received = || {
            let mut buffer = [0; 4096];
            let length = daemon.recv(&mut buffer).expect("a line");
            String::from_utf8_lossy(&buffer[..length]).into_owned()
        };
        let line = received();
        assert!(
            line.starts_with("<134>") && line.contains(" kea-dhcp4: INFO  [kea-dhcp4.legal-log-syslog."),
            "{line}"
        );
        assert!(
            line.contains(&format!("] LEGAL_LOG_SYSLOG Address: {address} has been assigned for ")),
            "{line}"
        );
        assert!(!server.log().contains("LEGAL_LOG_SYSLOG Address"));
        dhcp4["hooks-libraries"] =
            library(json!({"type": "syslog", "facility": "authpriv", "pattern": "who %m"}));
        server.command("config-set", Some(server.configuration(dhcp4)));
        client.release();
        let line = received();
        let end = format!(" kea-dhcp4: who LEGAL_LOG_SYSLOG Address: {address} has been released from ");
        assert!(line.starts_with("<86>") && line.contains(&end), "{line}");
    });
}
