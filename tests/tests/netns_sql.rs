//! `kea-dhcp4` with its leases in a database: SQLite in a file, and private servers of MariaDB and PostgreSQL with a
//! database that Debian's Kea 2.2 made.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use kotare_tests::database::{DatabaseServer, Kind, PASSWORD, USER};
use kotare_tests::world::{
    ClientProgram, Host, Server, World, eventually, lan_configuration, program, sandboxed,
};
use serde_json::{Value, json};

/// Where leases are kept.
struct Kept {
    server: Option<DatabaseServer>,
    database: Value,
}

impl Kept {
    fn in_sqlite(world: &World) -> Option<Self> {
        let database = json!({"type": "sqlite", "name": world.path("leases.sqlite")});
        Some(Self { server: None, database })
    }

    /// In a database of Kea 2.2; none where there is no such server.
    fn in_server(kind: Kind, changes: Value) -> Option<Self> {
        let server = DatabaseServer::start(kind)?;
        if !server.create_as_kea("kea") {
            return None;
        }
        let mut database = json!({"type": server.type_name(), "name": "kea", "host": server.host(), "user": USER,
            "password": PASSWORD});
        let changes = changes.as_object().cloned().unwrap_or_default();
        database.as_object_mut().expect("a map").extend(changes);
        Some(Self { server: Some(server), database })
    }

    fn configuration(&self) -> Value {
        let mut dhcp4 = lan_configuration();
        dhcp4["lease-database"] = self.database.clone();
        dhcp4
    }
}

/// Clients get leases, which a restart of the server keeps; one that is released is free.
fn leases_are_kept(world: &World, kept: Option<Kept>) {
    let Some(kept) = kept else { return };
    let lan = world.lan();
    let start = || Server::kotare(world, &lan.server, "server", kept.configuration());
    let server = start();
    let mut clients = ClientProgram::ALL.map(|program| {
        let mut client = lan.client(program.name(), program);
        let address = client.obtain().address();
        (client, address)
    });
    assert_eq!(server.statistic("subnet[1].assigned-addresses"), 3);
    assert!(server.stop());
    let server = start();
    assert_eq!(server.statistic("subnet[1].assigned-addresses"), 3);
    for (client, address) in &mut clients {
        client.kill();
        assert_eq!(client.obtain().address(), *address);
    }
    let (client, address) = &mut clients[0];
    client.release();
    eventually("the lease is released", || {
        (server.statistic("subnet[1].assigned-addresses") == 2).then_some(())
    });
    if let Some(database) = &kept.server {
        let rows = database.administer("kea", "SELECT count(*) FROM lease4 WHERE state = 0");
        assert_eq!(rows.trim(), "2", "{address}");
    }
}

#[test]
fn leases_are_kept_in_sqlite() {
    sandboxed("leases_are_kept_in_sqlite", |world| leases_are_kept(world, Kept::in_sqlite(world)));
}

#[test]
fn leases_are_kept_in_mariadb() {
    sandboxed("leases_are_kept_in_mariadb", |world| {
        leases_are_kept(world, Kept::in_server(Kind::MariaDb, json!({})));
    });
}

#[test]
fn leases_are_kept_in_postgresql() {
    sandboxed("leases_are_kept_in_postgresql", |world| {
        leases_are_kept(world, Kept::in_server(Kind::Postgres, json!({})));
    });
}

/// A database that is lost: nobody is served until it is there again (`stop-retry-exit`), and then everybody is.
fn a_lost_database_is_found_again(world: &World, kept: Option<Kept>) {
    let Some(mut kept) = kept else { return };
    let lan = world.lan();
    let server = Server::kotare(world, &lan.server, "server", kept.configuration());
    let mut client = lan.client("first", ClientProgram::ALL[0]);
    let address = client.obtain().address();
    client.kill();
    let database = kept.server.as_mut().expect("a server");
    let library = database.library();
    server.await_log(&[&format!("{library}_LB_DB opening "), " universe=4 ", "password=*****"]);
    database.kill();
    let state = || server.command("status-get", None)["arguments"]["dhcp-state"]["globally-disabled"].clone();
    // It is noticed by whoever asks first.
    client.start();
    eventually("the service stops", || (state() == true).then_some(()));
    server.await_log(&["DHCP4_DB_RECONNECT_LOST_CONNECTION"]);
    server.await_log(&[&format!("{library}_LB_DB_RECONNECT_ATTEMPT_FAILED database reconnect failed: ")]);
    let wait = format!(" of 1000 in {} milliseconds", PATIENT.as_millis());
    server.await_log(&[&format!("{library}_LB_DB_RECONNECT_ATTEMPT_SCHEDULE scheduling attempt "), &wait]);
    let store = || server.command("status-get", None)["arguments"]["lease-store"].clone();
    assert!(store()["status"] == "failing" && store()["error"].is_string(), "{}", store());
    database.run();
    eventually("the service goes on", || (state() == false).then_some(()));
    server.await_log(&["DHCP4_DB_RECONNECT_SUCCEEDED"]);
    assert_eq!(store(), json!({"status": "ready"}));
    assert_eq!(client.leased().address(), address);
    database.kill();
    database.run();
    assert!(server.stop());
}

/// What `/ready` answers.
fn ready(host: &Host) -> Value {
    let output =
        host.command("curl").args(["--silent", "--max-time", "9", READY]).output().expect("curl is there");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("JSON, not {output:?}"))
}

const READY: &str = "http://127.0.0.1:8004/ready";

/// A configuration with this database at a place, whose server tells over HTTP whether it is ready.
fn telling(world: &World, place: &str, database: &Value) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["control-sockets"] = json!([
        {"socket-type": "unix", "socket-name": world.path("server/control")},
        {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8004,
            "user-context": {"monitoring": {"authentication": false}}},
    ]);
    dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    dhcp4[place] = match place {
        "hosts-databases" => json!([database]),
        _ => database.clone(),
    };
    dhcp4
}

/// A database that is not there when the server starts (`retry-on-startup`): the server runs, says what is missing
/// and takes commands, serves nobody meanwhile, and then everybody, with what is in the database.
fn a_database_comes_after_the_start(world: &World, kept: Option<Kept>, place: &str) {
    let Some(mut kept) = kept else { return };
    let stops = kept.database["on-fail"] == "stop-retry-exit";
    let database = kept.server.as_mut().expect("a server");
    let row = "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id, state) \
               VALUES (3221226084, NULL, 4000, '2033-05-18 03:33:20', 1, 0)";
    database.administer("kea", row);
    database.kill();
    let lan = world.lan();
    let map = telling(world, place, &kept.database);
    let server = Server::kotare(world, &lan.server, "server", map.clone());
    assert!(server.folder().join("kea-dhcp4.kea-dhcp4.pid").exists());
    let status = || server.command("status-get", None)["arguments"].clone();
    let store = || match place {
        "lease-database" => status()["lease-store"].clone(),
        _ => status()["host-stores"][0].clone(),
    };
    let disabled = || status()["dhcp-state"]["globally-disabled"] == true;
    if stops {
        eventually("the service stops", || disabled().then_some(()));
    }
    server.await_log(&["DB_OPEN_CONNECTION_WITH_RETRY_FAILED"]);
    server.await_log(&["DHCP4_DB_RECONNECT_LOST_CONNECTION"]);
    assert!(store()["status"] == "failing" && store()["error"].is_string(), "{}", store());
    let told = ready(&lan.server);
    assert!(
        told["ready"] == false && told["reasons"].as_array().is_some_and(|why| !why.is_empty()),
        "{told}"
    );
    if place == "lease-database" {
        let leases = server.command("lease4-get-all", None);
        assert!(leases["result"] == 1 && leases["text"].to_string().contains("not there yet"), "{leases}");
    }
    let mut client = lan.client("first", ClientProgram::ALL[0]);
    client.start();
    eventually("the client asks", || (server.statistic("pkt4-received") > 0).then_some(()));
    // The configuration may be another one meanwhile, and does not end the waiting.
    let mut other = server.configuration(map);
    other["Dhcp4"]["valid-lifetime"] = 2222.into();
    let set = server.command("config-set", Some(other));
    assert_eq!(set["result"], 0, "{set}");
    eventually("it still waits", || (store()["status"] == "failing" && disabled() == stops).then_some(()));
    assert_eq!((server.statistic("pkt4-ack-sent"), server.statistic("pkt4-offer-sent")), (0, 0));
    kept.server.as_mut().expect("a server").run();
    eventually("the database is used", || (store()["status"] == "ready").then_some(()));
    server.await_log(&["DHCP4_DB_RECONNECT_SUCCEEDED"]);
    assert_eq!(client.leased().lifetime(), 2222);
    eventually("the service goes on", || (!disabled()).then_some(()));
    assert_eq!(ready(&lan.server)["ready"], true);
    if place == "lease-database" {
        // With the one that was there before.
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 2);
        let rows = kept.server.as_ref().expect("a server").administer("kea", "SELECT count(*) FROM lease4");
        assert_eq!(rows.trim(), "2");
    }
    assert!(server.stop());
}

fn awaited(on_fail: &str) -> Value {
    let mut changes = patient();
    changes["retry-on-startup"] = true.into();
    changes["on-fail"] = on_fail.into();
    changes
}

#[test]
fn leases_in_mariadb_come_after_the_start() {
    sandboxed("leases_in_mariadb_come_after_the_start", |world| {
        let kept = Kept::in_server(Kind::MariaDb, awaited("stop-retry-exit"));
        a_database_comes_after_the_start(world, kept, "lease-database");
    });
}

#[test]
fn leases_in_postgresql_come_after_the_start() {
    sandboxed("leases_in_postgresql_come_after_the_start", |world| {
        let kept = Kept::in_server(Kind::Postgres, awaited("serve-retry-continue"));
        a_database_comes_after_the_start(world, kept, "lease-database");
    });
}

#[test]
fn reservations_in_postgresql_come_after_the_start() {
    sandboxed("reservations_in_postgresql_come_after_the_start", |world| {
        let kept = Kept::in_server(Kind::Postgres, awaited("serve-retry-exit"));
        a_database_comes_after_the_start(world, kept, "hosts-databases");
    });
}

#[test]
fn reservations_in_mariadb_come_after_the_start() {
    sandboxed("reservations_in_mariadb_come_after_the_start", |world| {
        let kept = Kept::in_server(Kind::MariaDb, awaited("stop-retry-exit"));
        a_database_comes_after_the_start(world, kept, "hosts-databases");
    });
}

/// Leases and reservations in one database, which come together: the log says so of each, as Kea's does.
#[test]
fn leases_and_reservations_come_after_the_start() {
    sandboxed("leases_and_reservations_come_after_the_start", |world| {
        let Some(mut kept) = Kept::in_server(Kind::Postgres, awaited("stop-retry-exit")) else { return };
        kept.server.as_mut().expect("a server").kill();
        let lan = world.lan();
        let mut map = kept.configuration();
        map["hosts-databases"] = json!([kept.database]);
        let server = Server::kotare(world, &lan.server, "server", map);
        for manager in ["lease database", "hosts database"] {
            server.await_log(&["DHCP4_DB_RECONNECT_LOST_CONNECTION", manager]);
        }
        kept.server.as_mut().expect("a server").run();
        for manager in ["lease database", "hosts database"] {
            server.await_log(&["DHCP4_DB_RECONNECT_SUCCEEDED", manager]);
        }
        lan.client("first", ClientProgram::ALL[0]).obtain();
        assert!(server.stop());
    });
}

/// A database that does not come: after the last try the server ends with an error.
#[test]
fn a_database_that_does_not_come_ends_the_server() {
    sandboxed("a_database_that_does_not_come_ends_the_server", |world| {
        let lan = world.lan();
        for (place, on_fail) in
            [("lease-database", "stop-retry-exit"), ("hosts-databases", "serve-retry-exit")]
        {
            let database = json!({"type": "postgresql", "name": "kea", "host": "/no/such/folder", "user": USER,
                "retry-on-startup": true, "on-fail": on_fail, "max-reconnect-tries": 2, "reconnect-wait-time": 100});
            let map = telling(world, place, &database);
            let mut server = Server::launch(world, &lan.server, "server", &program("kea-dhcp4"), map);
            assert!(!server.wait(), "{}", server.log());
            server.await_log(&["DHCP4_FATAL_DB_RECONNECT_FAILED", "2"]);
            let kept = if place == "lease-database" { "LB" } else { "HB" };
            server.await_log(&[&format!("PGSQL_{kept}_DB opening PostgreSQL "), " universe=4 user="]);
            server.await_log(&[&format!("PGSQL_{kept}_DB_RECONNECT_FAILED"), "attempts: 2,"]);
            fs::remove_file(server.folder().join("log")).expect("a log to remove");
        }
    });
}

/// A database that cannot be reached keeps the server from starting, and the log says which and why, without the password.
#[test]
fn a_database_that_is_not_there_is_told() {
    sandboxed("a_database_that_is_not_there_is_told", |world| {
        let lan = world.lan();
        for kind in ["mysql", "postgresql"] {
            let mut dhcp4 = lan_configuration();
            dhcp4["lease-database"] = json!({"type": kind, "name": "kea", "host": "/no/such/folder", "user": USER,
                "password": "secret-of-nobody"});
            let mut server = Server::launch(world, &lan.server, kind, &program("kea-dhcp4"), dhcp4);
            assert!(!server.wait(), "{}", server.log());
            let log = server.log();
            let refusal =
                log.lines().find(|line| line.contains("DHCP4_INIT_FAIL")).expect("it says so").to_owned();
            for word in ["/no/such/folder", kind, "kea", "user=keatest"] {
                assert!(refusal.contains(word), "{word} in {refusal}");
            }
            assert!(!log.contains("secret-of-nobody"), "{log}");
        }
    });
}

const PATIENT: Duration = Duration::from_millis(200);

fn patient() -> Value {
    json!({"max-reconnect-tries": 1000, "reconnect-wait-time": PATIENT.as_millis() as u64})
}

#[test]
fn a_lost_mariadb_is_found_again() {
    sandboxed("a_lost_mariadb_is_found_again", |world| {
        a_lost_database_is_found_again(world, Kept::in_server(Kind::MariaDb, patient()));
    });
}

#[test]
fn a_lost_postgresql_is_found_again() {
    sandboxed("a_lost_postgresql_is_found_again", |world| {
        a_lost_database_is_found_again(world, Kept::in_server(Kind::Postgres, patient()));
    });
}

/// Who accepts connections and never says a word: the server gives up in time, and says how long it waited for what.
#[test]
fn who_never_answers_is_not_waited_for() {
    sandboxed("who_never_answers_is_not_waited_for", |world| {
        let lan = world.lan();
        let own = world.own_host("mute");
        world.cable((&own, "db0"), (&lan.server, "db0"));
        own.address("db0", "198.51.100.1/24");
        lan.server.address("db0", "198.51.100.2/24");
        let _mute = TcpListener::bind("198.51.100.1:7777").expect("a socket");
        for (kind, which) in
            [("mysql", "lease-database"), ("postgresql", "lease-database"), ("postgresql", "hosts-databases")]
        {
            let mut map = lan_configuration();
            let database = json!({"type": kind, "name": "kea", "host": "198.51.100.1", "port": 7777,
                "user": USER, "connect-timeout": 1});
            map[which] = if which == "lease-database" { database } else { json!([database]) };
            let name = format!("{kind}-{which}");
            let mut server = Server::launch(world, &lan.server, &name, &program("kea-dhcp4"), map);
            assert!(!server.wait(), "{}", server.log());
            server.await_log(&["DHCP4_INIT_FAIL", "no sign of a connection within 1s", "198.51.100.1"]);
        }
    });
}

/// An address that somebody else made free in the database is given, though the server had seen it taken.
#[test]
fn what_others_free_is_given() {
    sandboxed("what_others_free_is_given", |world| {
        let Some(kept) = Kept::in_server(Kind::Postgres, json!({})) else { return };
        let database = kept.server.as_ref().expect("a server");
        let row = "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id, state) \
                   VALUES (3221226084, decode('020000000077', 'hex'), 4000, to_timestamp(1900000000), 1, 0)";
        database.administer("kea", row);
        let lan = world.lan();
        let mut dhcp4 = kept.configuration();
        dhcp4["subnet4"][0]["pools"] = json!([{"pool": "192.0.2.100 - 192.0.2.100"}]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 1);
        database.administer("kea", "DELETE FROM lease4");
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        assert_eq!(client.obtain().address().to_string(), "192.0.2.100");
        server.await_log(&["KOTARE_LEASES_LOOKED_THROUGH"]);
    });
}
