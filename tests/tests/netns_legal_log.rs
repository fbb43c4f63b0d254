//! The hook library legal_log: a server writes down what becomes of the leases of real clients, in a file, in databases that
//! Debian's Kea 2.2 made, and with the syslog daemon.

use std::collections::HashSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::{
    Client6Program, ClientProgram, Server, Server6, Wish, World, busy_configuration, eventually,
    lan_configuration, lan6_configuration, sandboxed,
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

/// The files that lines went to, by name, with their lines.
fn files(folder: &Path) -> Vec<(String, Vec<String>)> {
    let read = |file: fs::DirEntry| {
        let text = fs::read_to_string(file.path()).expect("text");
        (file.file_name().into_string().expect("a name"), text.lines().map(str::to_owned).collect())
    };
    let mut files: Vec<_> = fs::read_dir(folder).expect("a folder").flatten().map(read).collect();
    files.sort();
    files
}

/// A script that appends what it is called with to a file.
fn recorder(world: &World, name: &str) -> PathBuf {
    let (script, file) = (world.path(name), world.path(&format!("{name}.told")));
    fs::write(&script, format!("#!/bin/sh\necho \"$1\" >> {}\n", file.display())).expect("a script");
    fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("permissions");
    script
}

/// Files of a second each, with stamps and lines as they are configured: the scripts hear of each file that is closed and of the
/// one that is opened then. A subnet may want no lines.
#[test]
#[expect(clippy::disallowed_methods, reason = "a file lasts for a second of the clock on the wall")]
fn files_give_way_with_their_scripts() {
    sandboxed("files_give_way_with_their_scripts", |world| {
        let lan = world.lan();
        let logs = world.path("logs");
        fs::create_dir_all(&logs).expect("a folder");
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_legal_log.so", "parameters": {
            "path": logs, "base-name": "who", "time-unit": "second", "count": 1,
            "prerotate": recorder(world, "pre"), "postrotate": recorder(world, "post"),
            "timestamp-format": "<%s.%Q>",
            "request-parser-format": "ifelse(pkt4.msgtype == 3, 'asked' + 0x0a, 'gave back')",
            "response-parser-format": "'got ' + addrtotext(pkt4.yiaddr)",
        }}]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4.clone());
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address();
        let first = files(&logs);
        let [(name, lines)] = &first[..] else { panic!("{first:?}") };
        assert!(name.starts_with("who.T0000000000") && name.ends_with(".txt") && name.len() == 29, "{name}");
        let [asked, got] = &lines[..] else { panic!("{lines:?}") };
        let end = format!("> got {address}");
        assert!(asked.ends_with(">-asked") && got.ends_with(&end) && got.starts_with('<'), "{lines:?}");
        let parts: Vec<_> = got.trim_start_matches('<').split(['.', '>']).collect();
        assert!(parts[0].len() == 10 && parts[1].len() == 3 && parts[2].len() == 3, "{got}");
        // The file ends with its second.
        let second = parts[0].to_owned();
        eventually("the second is over", || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs().to_string();
            (now != second).then_some(())
        });
        client.release();
        let both = eventually("the next file", || Some(files(&logs)).filter(|files| files.len() == 2));
        assert_eq!(both[0], first[0]);
        assert!(both[1].1.len() == 1 && both[1].1[0].ends_with("> gave back"), "{both:?}");
        for (script, told) in [("pre", &both[0].0), ("post", &both[1].0)] {
            let file = world.path(&format!("{script}.told"));
            let said = eventually("the script was run", || {
                fs::read_to_string(&file).ok().filter(|it| it.contains("who"))
            });
            assert_eq!(said, format!("{}\n", logs.join(told).display()));
        }
        dhcp4["subnet4"][0]["user-context"] = json!({"legal-logging": false});
        server.command("config-set", Some(server.configuration(dhcp4)));
        let mut other = lan.client("other", ClientProgram::Udhcpc);
        other.obtain();
        assert!(server.stop());
        let lines: usize = files(&logs).iter().map(|(_, lines)| lines.len()).sum();
        assert_eq!(lines, 3, "{:?}", files(&logs));
    });
}

/// Whoever has an acknowledgement is in the log, whenever the server is killed.
#[test]
fn lines_are_there_when_a_server_is_killed() {
    sandboxed("lines_are_there_when_a_server_is_killed", |world| {
        let busy = world.busy();
        let logs = world.path("logs");
        fs::create_dir_all(&logs).expect("a folder");
        let mut dhcp4 = busy_configuration();
        dhcp4["hooks-libraries"] =
            json!([{"library": "libdhcp_legal_log.so", "parameters": {"path": logs, "base-name": "who"}}]);
        let mut server = Server::kotare(world, &busy.server, "server", dhcp4);
        let load = busy.load(&["--in-flight", "64", "--seconds", "600", "--silence", "5"]);
        eventually("some thousand leases", || (server.statistic("pkt4-ack-sent") > 3000).then_some(()));
        server.signal("KILL");
        server.wait();
        let (counted, acknowledged) = load.finish();
        assert!(acknowledged.len() > 1000, "{counted}");
        let lines: Vec<String> = files(&logs).into_iter().flat_map(|(_, lines)| lines).collect();
        let assigned = |line: &String| {
            let (_, rest) = line.split_once(" Address: ")?;
            Some(rest.split_once(" has been assigned for ")?.0.to_owned())
        };
        let written: HashSet<String> = lines.iter().filter_map(assigned).collect();
        let missing = acknowledged.values().filter(|address| !written.contains(*address)).count();
        assert_eq!(missing, 0, "of {} leases; {} lines", acknowledged.len(), lines.len());
    });
}

/// The library with its lines in a database, beside that with commands about leases.
fn libraries(database: &DatabaseServer) -> Value {
    let mut parameters = database.map("kea");
    parameters["reconnect-wait-time"] = 100.into();
    parameters["max-reconnect-tries"] = 1000.into();
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
        server.await_log(&["LEGAL_LOG_PGSQL_DB_RECONNECT_ATTEMPT_SCHEDULE"]);
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
