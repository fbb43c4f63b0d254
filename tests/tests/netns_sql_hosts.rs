//! `kea-dhcp4` with reservations in databases that Debian's Kea 2.2 made: real clients, Kea 2.2 on the same ones, and
//! databases that are killed.

use std::net::Ipv4Addr;

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::{
    Client, Client6Program, ClientProgram, Server, Server6, Wish, World, eventually, lan_configuration,
    lan6_configuration, sandboxed,
};
use serde_json::{Value, json};

/// The name of the database.
const NAME: &str = "kea";

/// A server with a database that Debian's Kea 2.2 made; none where there is no such server.
fn database(kind: Kind) -> Option<DatabaseServer> {
    let server = DatabaseServer::start(kind)?;
    server.create_as_kea(NAME).then_some(server)
}

/// Reserves an address for a hardware address, with a name and a router.
fn reserve(database: &DatabaseServer, kind: Kind, mac: &str, address: &str, hostname: &str) {
    let hex = mac.replace(':', "");
    let id =
        if kind == Kind::Postgres { format!("decode('{hex}', 'hex')") } else { format!("unhex('{hex}')") };
    let number = u32::from(address.parse::<Ipv4Addr>().expect("an address"));
    database.administer(
        NAME,
        &format!(
            "INSERT INTO hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id, ipv4_address, hostname) \
             VALUES ({id}, 0, 1, {number}, '{hostname}'); \
             INSERT INTO dhcp4_options (code, formatted_value, space, persistent, host_id, scope_id) \
             SELECT 3, '192.0.2.9', 'dhcp4', {truth}, host_id, 3 FROM hosts WHERE ipv4_address = {number}",
            truth = if kind == Kind::Postgres { "true" } else { "1" },
        ),
    );
}

/// Three addresses, two of which are for somebody.
fn configuration(hosts_database: &Value) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["subnet4"][0]["pools"] = json!([{"pool": "192.0.2.100 - 192.0.2.102"}]);
    dhcp4["hosts-databases"] = json!([hosts_database]);
    dhcp4
}

/// Each client gets what is reserved for it, nobody else does, and Kea says the same of the same database.
fn clients_get_what_is_reserved(world: &World, kind: Kind) {
    let Some(database) = database(kind) else { return };
    let ours = database.map(NAME);
    let theirs = database.map_for_kea(NAME);
    let lan = world.lan();
    let mut clients = ClientProgram::ALL.map(|program| lan.client(program.name(), program));
    let macs = clients.each_ref().map(Client::mac);
    let expected = ["192.0.2.50", "192.0.2.100", "192.0.2.101"];
    for (number, (mac, address)) in macs.iter().zip(expected).enumerate() {
        reserve(&database, kind, mac, address, &format!("client-{number}"));
    }
    let kotare = || Some(Server::kotare(world, &lan.server, "ours", configuration(&ours)));
    let debian = || {
        let program = database.partner(world, "kea-dhcp4")?;
        Some(Server::start(world, &lan.server, "theirs", &program, configuration(&theirs)))
    };
    let ways: [&dyn Fn() -> Option<Server>; 2] = [&kotare, &debian];
    for (turn, start) in ways.into_iter().enumerate() {
        let Some(server) = start() else { continue };
        // Somebody else comes first, and would get the first address.
        let mut other = lan.client(&format!("other{turn}"), ClientProgram::Udhcpc);
        assert_eq!(other.obtain().address().to_string(), "192.0.2.102");
        for (number, (client, expected)) in clients.iter_mut().zip(expected).enumerate() {
            let lease = client.obtain();
            assert_eq!((lease.address().to_string().as_str(), lease.routers()), (expected, "192.0.2.9"));
            client.kill();
            let row = |row: &String| row.starts_with(expected) && row.contains(&format!(",client-{number},"));
            assert!(server.lease_rows().iter().any(row), "{:?}", server.lease_rows());
        }
        other.kill();
        assert!(server.stop());
    }
}

#[test]
fn clients_get_what_is_reserved_in_mariadb() {
    sandboxed("clients_get_what_is_reserved_in_mariadb", |world| {
        clients_get_what_is_reserved(world, Kind::MariaDb);
    });
}

#[test]
fn clients_get_what_is_reserved_in_postgresql() {
    sandboxed("clients_get_what_is_reserved_in_postgresql", |world| {
        clients_get_what_is_reserved(world, Kind::Postgres);
    });
}

/// A database that is lost: nobody is served until it is there again (`stop-retry-exit`), and then everybody is.
fn a_lost_database_is_found_again(world: &World, kind: Kind) {
    let Some(mut database) = database(kind) else { return };
    let mut map = database.map(NAME);
    map["max-reconnect-tries"] = 10_000.into();
    map["reconnect-wait-time"] = 100.into();
    let lan = world.lan();
    let mut client = lan.client("first", ClientProgram::ALL[0]);
    reserve(&database, kind, &client.mac(), "192.0.2.50", "first");
    let server = Server::kotare(world, &lan.server, "server", configuration(&map));
    assert_eq!(client.obtain().address().to_string(), "192.0.2.50");
    client.kill();
    let status = || server.command("status-get", None)["arguments"].clone();
    assert_eq!(status()["host-stores"][0]["status"], "ready");
    database.kill();
    // It is noticed by whoever asks first.
    client.start();
    eventually("the service stops", || (status()["dhcp-state"]["globally-disabled"] == true).then_some(()));
    server.await_log(&["DHCP4_DB_RECONNECT_LOST_CONNECTION"]);
    let library = database.library();
    server.await_log(&[&format!("{library}_HB_DB opening "), " universe=4 "]);
    server.await_log(&[&format!("{library}_HB_DB_RECONNECT_ATTEMPT_FAILED")]);
    server.await_log(&[
        &format!("{library}_HB_DB_RECONNECT_ATTEMPT_SCHEDULE"),
        " of 10000 in 100 milliseconds",
    ]);
    let store = status()["host-stores"][0].clone();
    assert!(store["status"] == "failing" && store["error"].is_string(), "{store}");
    database.run();
    eventually("the service goes on", || {
        (status()["dhcp-state"]["globally-disabled"] == false).then_some(())
    });
    server.await_log(&["DHCP4_DB_RECONNECT_SUCCEEDED"]);
    assert_eq!(client.leased().address().to_string(), "192.0.2.50");
    assert!(server.stop());
}

#[test]
fn lost_reservations_in_mariadb_are_found_again() {
    sandboxed("lost_reservations_in_mariadb_are_found_again", |world| {
        a_lost_database_is_found_again(world, Kind::MariaDb);
    });
}

#[test]
fn lost_reservations_in_postgresql_are_found_again() {
    sandboxed("lost_reservations_in_postgresql_are_found_again", |world| {
        a_lost_database_is_found_again(world, Kind::Postgres);
    });
}

/// Reservations are added, shown, changed and removed by commands, in the database and not in the configuration, and clients
/// get them at once.
fn commands_change_the_database(world: &World, database: &Value) {
    let lan = world.lan();
    let mut client = lan.client("first", ClientProgram::ALL[0]);
    let mac = client.mac();
    let mut dhcp4 = configuration(database);
    dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_host_cmds.so"}]);
    let server = Server::kotare(world, &lan.server, "server", dhcp4);
    let said = |command: &str, arguments: Value| {
        let answer = server.command(command, Some(arguments));
        (answer["result"].as_i64().expect("a result"), answer["text"].as_str().unwrap_or_default().to_owned())
    };
    let ok = |text: &str| (0, text.to_owned());
    let mut host = json!({"subnet-id": 1, "hw-address": mac, "ip-address": "192.0.2.50", "hostname": "kept",
        "option-data": [{"name": "routers", "data": "192.0.2.9"}], "user-context": {"a": 1}});
    assert_eq!(said("reservation-add", json!({"reservation": host})), ok("Host added."));
    let twice = said("reservation-add", json!({"reservation": host}));
    assert_eq!(twice, (1, "Database duplicate entry error".to_owned()));
    let mut wrong = host.clone();
    wrong["ip-address"] = "192.0.3.1".into();
    let (result, text) = said("reservation-add", json!({"reservation": wrong}));
    assert!(result == 1 && text.contains("is not matching the IPv4 subnet prefix"), "{text}");
    wrong = host.clone();
    wrong["option-data"] = json!([{"name": "routers", "data": "nowhere"}]);
    let (result, text) =
        said("reservation-add", json!({"reservation": wrong, "operation-target": "database"}));
    assert!(result == 1 && text.contains("routers"), "{text}");
    let lease = client.obtain();
    assert_eq!((lease.address().to_string().as_str(), lease.routers()), ("192.0.2.50", "192.0.2.9"));
    let one = json!({"subnet-id": 1, "identifier-type": "hw-address", "identifier": mac});
    let shown = server.command("reservation-get", Some(one.clone()))["arguments"].clone();
    for (keyword, value) in [("ip-address", "192.0.2.50"), ("hostname", "kept"), ("hw-address", &*mac)] {
        assert_eq!(shown[keyword], value, "{shown}");
    }
    assert_eq!((&shown["subnet-id"], &shown["user-context"]), (&json!(1), &json!({"a": 1})));
    assert_eq!(
        (&shown["option-data"][0]["name"], &shown["option-data"][0]["data"]),
        (&json!("routers"), &json!("192.0.2.9"))
    );
    let mut in_memory = one.clone();
    in_memory["operation-target"] = "memory".into();
    assert_eq!(said("reservation-get", in_memory).0, 3);
    for (command, arguments) in [
        ("reservation-get-all", json!({"subnet-id": 1})),
        ("reservation-get-page", json!({"limit": 10})),
        ("reservation-get-by-address", json!({"ip-address": "192.0.2.50"})),
        ("reservation-get-by-hostname", json!({"hostname": "KEPT"})),
        ("reservation-get-by-id", json!({"identifier-type": "hw-address", "identifier": mac})),
    ] {
        let found = server.command(command, Some(arguments));
        assert_eq!(found["text"], "1 IPv4 host(s) found.", "{command}");
        assert_eq!(found["arguments"]["hosts"], json!([shown]), "{command}");
    }
    host["ip-address"] = "192.0.2.51".into();
    assert_eq!(said("reservation-update", json!({"reservation": host})), ok("Host updated."));
    client.kill();
    assert_eq!(client.obtain().address().to_string(), "192.0.2.51");
    assert!(
        server.command("config-get", None)["arguments"]["Dhcp4"]["subnet4"][0]["reservations"] == json!([])
    );
    assert_eq!(said("reservation-del", one.clone()), ok("Host deleted."));
    assert_eq!(said("reservation-del", one), (3, "Host not deleted (not found).".to_owned()));
    let in_both = json!({"reservation": host, "operation-target": "all"});
    assert_eq!(said("reservation-add", in_both), ok("Host added."));
    let gone = json!({"subnet-id": 1, "ip-address": "192.0.2.51", "operation-target": "all"});
    let all = server.command("reservation-get-all", Some(json!({"subnet-id": 1})));
    assert_eq!(all["text"], "2 IPv4 host(s) found.");
    assert_eq!(said("reservation-del", gone), ok("Host deleted."));
    assert_eq!(said("reservation-get-all", json!({"subnet-id": 1})).0, 3);
    assert!(server.stop());
}

#[test]
fn commands_change_sqlite() {
    sandboxed("commands_change_sqlite", |world| {
        commands_change_the_database(world, &json!({"type": "sqlite", "name": world.path("hosts.sqlite")}));
    });
}

#[test]
fn commands_change_mariadb() {
    sandboxed("commands_change_mariadb", |world| {
        let Some(database) = database(Kind::MariaDb) else { return };
        commands_change_the_database(world, &database.map(NAME));
    });
}

#[test]
fn commands_change_postgresql() {
    sandboxed("commands_change_postgresql", |world| {
        let Some(database) = database(Kind::Postgres) else { return };
        commands_change_the_database(world, &database.map(NAME));
    });
}

/// Where one of several databases is only read, or away, nothing is changed in those before it either, nor in the
/// configuration.
#[test]
fn all_are_changed_or_none() {
    sandboxed("all_are_changed_or_none", |world| {
        let lan = world.lan();
        let [first, second] =
            ["first", "second"].map(|name| json!({"type": "sqlite", "name": world.path(name)}));
        let start = |databases: Value| {
            let mut dhcp4 = configuration(&Value::Null);
            dhcp4["hosts-databases"] = databases;
            dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_host_cmds.so"}]);
            Server::kotare(world, &lan.server, "server", dhcp4)
        };
        // With its tables made.
        assert!(start(json!([second])).stop());
        let mut readonly = second.clone();
        readonly["readonly"] = true.into();
        let away = json!({"type": "mysql", "name": "kea", "host": "/no/such/folder", "retry-on-startup": true,
            "on-fail": "serve-retry-continue", "reconnect-wait-time": 10, "max-reconnect-tries": 1});
        for (last, words) in [(readonly, "read only mode"), (away, "not there yet")] {
            let server = start(json!([first, last]));
            let said = |command: &str, arguments: Value| {
                let answer = server.command(command, Some(arguments));
                (answer["result"].as_i64().expect("a result"), answer["text"].to_string())
            };
            let host = json!({"subnet-id": 1, "hw-address": "02:00:00:00:00:07", "ip-address": "192.0.2.50"});
            let one =
                json!({"subnet-id": 1, "identifier-type": "hw-address", "identifier": "02:00:00:00:00:07"});
            for target in ["database", "all"] {
                let on = |mut arguments: Value| {
                    arguments["operation-target"] = target.into();
                    arguments
                };
                for (command, arguments) in [
                    ("reservation-add", json!({"reservation": host})),
                    ("reservation-update", json!({"reservation": host})),
                    ("reservation-del", one.clone()),
                ] {
                    let (result, text) = said(command, on(arguments));
                    assert!(result == 1 && text.contains(words), "{command} {target}: {text}");
                }
            }
            let memory = json!({"subnet-id": 1, "operation-target": "memory"});
            assert_eq!(said("reservation-get-all", memory).0, 3);
            assert!(server.stop());
            let server = start(json!([first]));
            let all = server.command("reservation-get-all", Some(json!({"subnet-id": 1})));
            assert_eq!(all["result"], 3, "{all}");
            assert!(server.stop());
        }
    });
}

/// The same of DHCPv6: an address and a prefix that a command reserves in the database are the client's from the next message
/// on, with a cache between that commands keep true.
fn a_client_of_dhcpv6_gets_what_is_reserved(world: &World, database: &Value) {
    let lan = world.lan6();
    let mut dhcp6 = lan6_configuration();
    dhcp6["hosts-databases"] = json!([database]);
    dhcp6["hooks-libraries"] = json!([
        {"library": "libdhcp_host_cmds.so"}, {"library": "libdhcp_lease_cmds.so"},
        {"library": "libdhcp_host_cache.so", "parameters": {"negative": true}},
    ]);
    let server = Server6::kotare(world, &lan.server, "server", dhcp6);
    let mut client = lan.client("first", Client6Program::Dhcpcd, Wish::Both);
    let address = client.obtain().address.expect("an address").to_string();
    client.release();
    let lease = server.command("lease6-get", Some(json!({"ip-address": address})));
    let duid = match lease["arguments"]["duid"].as_str() {
        Some(duid) => duid.to_owned(),
        None => panic!("{lease}"),
    };
    let known = server.command("cache-get-by-id", Some(json!({"duid": duid})));
    assert_eq!(known["arguments"][0]["negative"], true, "{known}");
    let host = json!({"subnet-id": 1, "duid": duid, "ip-addresses": ["2001:db8:1::77:77"],
        "prefixes": ["2001:db8:77::/56"], "hostname": "kept"});
    let added = server.command("reservation-add", Some(json!({"reservation": host})));
    assert_eq!(added["text"], "Host added.", "{added}");
    let lease = client.obtain();
    assert_eq!(lease.address.expect("an address").to_string(), "2001:db8:1::77:77");
    assert_eq!(lease.prefix.as_deref(), Some("2001:db8:77::/56"));
    let known = server.command("cache-get-by-id", Some(json!({"duid": duid})));
    assert_eq!(known["arguments"][0]["ip-addresses"], json!(["2001:db8:1::77:77"]), "{known}");
    client.kill();
    let written = server.command("cache-write", Some("cache.json".into()));
    assert!(written["text"].as_str().is_some_and(|text| text.contains(" entries dumped to ")), "{written}");
    assert_eq!(server.command("cache-clear", None)["text"], "Cache cleared.");
    let loaded = server.command("cache-load", Some("cache.json".into()));
    assert_eq!(loaded["result"], 0, "{loaded}");
    let known = server.command("cache-get-by-id", Some(json!({"duid": duid})));
    assert_eq!(known["arguments"][0]["prefixes"], json!(["2001:db8:77::/56"]), "{known}");
    assert!(server.stop());
}

#[test]
fn a_client_of_dhcpv6_gets_what_is_reserved_in_sqlite() {
    sandboxed("a_client_of_dhcpv6_gets_what_is_reserved_in_sqlite", |world| {
        let database = json!({"type": "sqlite", "name": world.path("hosts.sqlite")});
        a_client_of_dhcpv6_gets_what_is_reserved(world, &database);
    });
}

#[test]
fn a_client_of_dhcpv6_gets_what_is_reserved_in_mariadb() {
    sandboxed("a_client_of_dhcpv6_gets_what_is_reserved_in_mariadb", |world| {
        let Some(database) = database(Kind::MariaDb) else { return };
        a_client_of_dhcpv6_gets_what_is_reserved(world, &database.map(NAME));
    });
}

#[test]
fn a_client_of_dhcpv6_gets_what_is_reserved_in_postgresql() {
    sandboxed("a_client_of_dhcpv6_gets_what_is_reserved_in_postgresql", |world| {
        let Some(database) = database(Kind::Postgres) else { return };
        a_client_of_dhcpv6_gets_what_is_reserved(world, &database.map(NAME));
    });
}
