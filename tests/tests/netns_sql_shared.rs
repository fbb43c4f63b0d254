//! Several servers on one lease database, databases that are killed under load, and Debian's Kea 2.2 on the same
//! database.

use std::collections::{BTreeMap, HashSet};
use std::net::Ipv4Addr;

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::{
    ClientProgram, Host, Load, Server, World, busy_configuration, eventually, lan_configuration, sandboxed,
};
use serde_json::{Value, json};

/// The name of the database.
const NAME: &str = "kea";

/// A server with a database that Debian's Kea 2.2 made; none where there is no such server.
fn database(kind: Kind) -> Option<DatabaseServer> {
    let server = DatabaseServer::start(kind)?;
    server.create_as_kea(NAME).then_some(server)
}

/// The same configuration with its leases there.
fn with(mut map: Value, lease_database: Value) -> Value {
    map["lease-database"] = lease_database;
    map
}

fn patient(mut lease_database: Value, on_fail: &str) -> Value {
    lease_database["max-reconnect-tries"] = 10_000.into();
    lease_database["reconnect-wait-time"] = 100.into();
    lease_database["on-fail"] = on_fail.into();
    lease_database
}

/// The leases that a database has, by hardware address as it writes it.
fn rows(database: &DatabaseServer, kind: Kind) -> BTreeMap<String, Ipv4Addr> {
    let hex = if kind == Kind::Postgres { "encode(hwaddr, 'hex')" } else { "lower(hex(hwaddr))" };
    let separated = format!("SELECT concat({hex}, ' ', address) FROM lease4 WHERE state = 0");
    let text = database.administer(NAME, &separated);
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs
        .map(|(mac, address)| (mac.to_owned(), Ipv4Addr::from(address.parse::<u32>().expect("a number"))))
        .collect()
}

/// A server's host and a relay's.
fn site(world: &World, number: usize) -> (Host, Host) {
    let (server, relay) = (world.host(&format!("server{number}")), world.host(&format!("relay{number}")));
    world.cable((&server, "eth0"), (&relay, "eth0"));
    server.address("eth0", "192.0.2.1/24");
    relay.address("eth0", "192.0.2.2/24");
    (server, relay)
}

/// Three servers, each with its relay and clients of its own: whatever happens at the same time, no address is
/// acknowledged to two of them, and what is acknowledged is stored.
fn no_address_is_given_twice(world: &World, lease_database: &Value, database: Option<&DatabaseServer>) {
    let scenes: Vec<_> = (0..3).map(|number| site(world, number)).collect();
    let servers: Vec<_> = (scenes.iter().enumerate())
        .map(|(number, (host, _))| {
            let map = with(busy_configuration(), lease_database.clone());
            Server::kotare(world, host, &format!("server{number}"), map)
        })
        .collect();
    let loads: Vec<_> = (scenes.iter().enumerate())
        .map(|(number, (_, relay))| {
            let first = (number * 100_000).to_string();
            let options = ["--first", &first, "--clients", "600", "--in-flight", "16", "--exchanges", "600"];
            let patient = ["--seconds", "120", "--silence", "60", "--resend", "2"];
            Load::start(world, relay, "192.0.2.1", "192.0.2.2", &[&options[..], &patient].concat())
        })
        .collect();
    let mut given = HashSet::new();
    let mut kept = BTreeMap::new();
    for load in loads {
        let (counted, acknowledged) = load.finish();
        // An address that was offered may have been given by another server meanwhile: the client is refused and asks again.
        assert!(acknowledged.len() >= 50, "{counted}");
        given.extend(acknowledged.values().cloned());
        kept.extend(acknowledged);
    }
    assert_eq!(given.len(), kept.len(), "each has another address");
    if let Some(database) = database {
        let rows = rows(database, database.kind());
        for (mac, address) in kept {
            assert_eq!(rows.get(&mac.replace(':', "")).map(Ipv4Addr::to_string), Some(address), "{mac}");
        }
    }
    for server in servers {
        assert!(server.stop());
    }
}

#[test]
fn servers_share_mariadb() {
    sandboxed("servers_share_mariadb", |world| {
        let Some(server) = database(Kind::MariaDb) else { return };
        no_address_is_given_twice(world, &server.map(NAME), Some(&server));
    });
}

/// An administrator who wants all transactions as if there were no others at the same time: those that were in each other's way
/// are done again.
#[test]
fn servers_share_a_serializable_mariadb() {
    sandboxed("servers_share_a_serializable_mariadb", |world| {
        let Some(mut server) = DatabaseServer::made(Kind::MariaDb, None) else { return };
        server.tell(["--transaction-isolation=SERIALIZABLE"]);
        server.run();
        server.create_whole(NAME);
        no_address_is_given_twice(world, &server.map(NAME), Some(&server));
    });
}

/// The same with PostgreSQL.
#[test]
fn servers_share_a_serializable_postgresql() {
    sandboxed("servers_share_a_serializable_postgresql", |world| {
        let Some(mut server) = DatabaseServer::made(Kind::Postgres, None) else { return };
        server.tell(["-c", "default_transaction_isolation=serializable"]);
        server.run();
        server.create_whole(NAME);
        no_address_is_given_twice(world, &server.map(NAME), Some(&server));
    });
}

#[test]
fn servers_share_postgresql() {
    sandboxed("servers_share_postgresql", |world| {
        let Some(server) = database(Kind::Postgres) else { return };
        no_address_is_given_twice(world, &server.map(NAME), Some(&server));
    });
}

/// A file of SQLite has one writer at a time, and is safe all the same.
#[test]
fn servers_share_a_file_of_sqlite() {
    sandboxed("servers_share_a_file_of_sqlite", |world| {
        let file = json!({"type": "sqlite", "name": world.path("leases.sqlite")});
        no_address_is_given_twice(world, &file, None);
    });
}

/// Three servers that share a queue of what is free give all addresses of a pool, to as many clients as there are addresses: each
/// finds the last ones, whoever has the others.
fn a_queue_is_shared(world: &World, kind: Kind) {
    let Some(database) = DatabaseServer::start(kind) else { return };
    database.create_whole(NAME);
    let mut map = with(busy_configuration(), database.map(NAME));
    map["subnet4"][0]["allocator"] = "shared-flq".into();
    map["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    map["subnet4"][0]["pools"] = json!([{"pool": "10.0.0.1 - 10.0.0.150"}]);
    let sites: Vec<_> = (0..3).map(|number| site(world, number)).collect();
    let servers: Vec<_> =
        (sites.iter()).map(|(host, _)| Server::kotare(world, host, host.name(), map.clone())).collect();
    let loads: Vec<_> = (sites.iter().enumerate())
        .map(|(number, (_, relay))| {
            let first = (number * 100_000).to_string();
            let options = ["--first", &first, "--clients", "50", "--in-flight", "16", "--until-closed"];
            let patient = ["--seconds", "120", "--silence", "60", "--resend", "2"];
            Load::start(world, relay, "192.0.2.1", "192.0.2.2", &[&options[..], &patient].concat())
        })
        .collect();
    eventually("every address is somebody's", || (rows(&database, kind).len() == 150).then_some(()));
    let rows = rows(&database, kind);
    let given: HashSet<_> = rows.values().collect();
    assert_eq!(given.len(), 150, "each has another address");
    for load in loads {
        let (_, acknowledged) = load.finish();
        for (mac, address) in acknowledged {
            assert_eq!(rows.get(&mac.replace(':', "")).map(Ipv4Addr::to_string), Some(address), "{mac}");
        }
    }
    eventually("the queue is empty", || {
        let count = database.administer(NAME, "SELECT count(*) FROM free_lease4");
        (count.trim() == "0").then_some(())
    });
    queues_are_looked_after(&servers[0]);
    for server in servers {
        assert!(server.stop());
    }
}

/// The commands about queues, of a pool that is full (manual, "Commands for Managing SFLQ Pools").
fn queues_are_looked_after(server: &Server) {
    let range = json!({"start-address": "10.0.0.1", "end-address": "10.0.0.150"});
    let answer = server.command("sflq-pool4-get-all", None);
    let pool = &answer["arguments"]["pools"][0];
    assert_eq!((&answer["result"], &answer["text"]), (&json!(0), &json!("1 pool(s) found.")));
    for (name, value) in [
        ("start-address", json!("10.0.0.1")),
        ("end-address", json!("10.0.0.150")),
        ("free-leases", json!(0)),
        ("subnet-id", json!(1)),
        ("lease-type", json!("V4")),
        ("delegated-len", json!(128)),
    ] {
        assert_eq!(pool[name], value, "{answer}");
    }
    assert!(pool["created-ts"].as_str().is_some_and(|text| text.starts_with("20")), "{answer}");
    server.command("lease4-del", Some(json!({"ip-address": "10.0.0.7"})));
    for (command, arguments, result, text) in [
        ("get-by-subnet", json!({"subnet-id": 9}), 3, "0 pool(s) found."),
        (
            "get-by-range",
            json!({"start-address": "10.0.0.9", "end-address": "10.0.0.9"}),
            0,
            "1 pool(s) found.",
        ),
        (
            "rebuild",
            json!({"start-address": "10.0.0.1", "end-address": "10.0.0.9"}),
            3,
            "SFLQ pool does not exist.",
        ),
        ("rebuild", range.clone(), 0, "SFLQ pool rebuilt."),
        (
            "del",
            json!({"start-address": "10.0.0.1", "end-address": "10.0.0.9"}),
            3,
            "SFLQ pool does not exist",
        ),
    ] {
        let answer = server.command(&format!("sflq-pool4-{command}"), Some(arguments));
        assert_eq!((&answer["result"], &answer["text"]), (&json!(result), &json!(text)), "{command}");
    }
    let answer = server.command("sflq-pool4-get-by-subnet", Some(json!({"subnet-id": 1})));
    assert_eq!(answer["arguments"]["pools"][0]["free-leases"], 1, "{answer}");
    let answer = server.command("sflq-pool4-del", Some(range));
    assert_eq!((&answer["result"], &answer["text"]), (&json!(0), &json!("SFLQ pool deleted")));
    assert_eq!(server.command("sflq-pool4-get-all", None)["result"], 3);
}

#[test]
fn servers_share_a_queue_in_mariadb() {
    sandboxed("servers_share_a_queue_in_mariadb", |world| a_queue_is_shared(world, Kind::MariaDb));
}

#[test]
fn servers_share_a_queue_in_postgresql() {
    sandboxed("servers_share_a_queue_in_postgresql", |world| a_queue_is_shared(world, Kind::Postgres));
}

/// A database that is killed and comes back, under load: whatever was acknowledged is there, and clients are served again.
fn what_is_acknowledged_is_stored(world: &World, kind: Kind, on_fail: &str) {
    let Some(mut database) = database(kind) else { return };
    let busy = world.busy();
    let map = with(busy_configuration(), patient(database.map(NAME), on_fail));
    let server = Server::kotare(world, &busy.server, "server", map);
    let load = busy.lasting_load(&server, &["--clients", "100000", "--in-flight", "32"]);
    for _ in 0..2 {
        database.kill();
        server.await_log(&["DHCP4_DB_RECONNECT_LOST_CONNECTION"]);
        let stopped = || {
            let status = server.command("status-get", None);
            status["arguments"]["dhcp-state"]["globally-disabled"] == true
        };
        match on_fail {
            "stop-retry-exit" => eventually("the service stops", || stopped().then_some(())),
            _ => assert!(!stopped()),
        }
        database.run();
        let before = server.statistic("pkt4-ack-sent");
        eventually("clients are served again", || (server.statistic("pkt4-ack-sent") > before).then_some(()));
    }
    let (counted, acknowledged) = load.finish();
    let rows = rows(&database, kind);
    assert!(acknowledged.len() > 20, "{counted}");
    for (mac, address) in acknowledged {
        assert_eq!(rows.get(&mac.replace(':', "")).map(Ipv4Addr::to_string), Some(address), "{mac}");
    }
    assert!(server.stop());
}

#[test]
fn a_killed_mariadb_loses_nothing() {
    sandboxed("a_killed_mariadb_loses_nothing", |world| {
        what_is_acknowledged_is_stored(world, Kind::MariaDb, "stop-retry-exit");
    });
}

#[test]
fn a_killed_postgresql_loses_nothing() {
    sandboxed("a_killed_postgresql_loses_nothing", |world| {
        what_is_acknowledged_is_stored(world, Kind::Postgres, "serve-retry-exit");
    });
}

#[test]
fn a_killed_mariadb_is_waited_for_without_stopping() {
    sandboxed("a_killed_mariadb_is_waited_for_without_stopping", |world| {
        what_is_acknowledged_is_stored(world, Kind::MariaDb, "serve-retry-continue");
    });
}

/// After the last try the server ends, and says why.
#[test]
fn tries_are_counted() {
    sandboxed("tries_are_counted", |world| {
        let Some(mut database) = database(Kind::Postgres) else { return };
        let lan = world.lan();
        let mut lease_database = patient(database.map(NAME), "serve-retry-exit");
        lease_database["max-reconnect-tries"] = 3.into();
        let mut server =
            Server::kotare(world, &lan.server, "counting", with(lan_configuration(), lease_database.clone()));
        database.kill();
        // Somebody has to notice.
        server.command("lease4-get-all", None);
        let mut client = lan.client("first", ClientProgram::ALL[0]);
        client.start();
        assert!(!server.wait(), "{}", server.log());
        server.await_log(&["DHCP4_FATAL_DB_RECONNECT_FAILED", "3"]);
        // In Kea's order.
        let log = server.log();
        let told = log.lines().filter(|line| line.contains("RECONNECT_"));
        let told: Vec<_> = told.filter_map(|line| line.split_once("] ").map(|(_, told)| told)).collect();
        let said = [
            "DHCP4_DB_RECONNECT_LOST_CONNECTION",
            "PGSQL_LB_DB_RECONNECT_ATTEMPT_FAILED database reconnect failed: ",
            "PGSQL_LB_DB_RECONNECT_ATTEMPT_SCHEDULE scheduling attempt 2 of 3 in 100 milliseconds",
            "PGSQL_LB_DB_RECONNECT_ATTEMPT_FAILED database reconnect failed: ",
            "PGSQL_LB_DB_RECONNECT_ATTEMPT_SCHEDULE scheduling attempt 3 of 3 in 100 milliseconds",
            "PGSQL_LB_DB_RECONNECT_ATTEMPT_FAILED database reconnect failed: ",
            "PGSQL_LB_DB_RECONNECT_FAILED maximum number of database reconnect attempts: 3, has been exhausted",
            "DHCP4_FATAL_DB_RECONNECT_FAILED",
        ];
        let matches =
            told.len() == said.len() && told.iter().zip(said).all(|(told, said)| told.starts_with(said));
        assert!(matches, "{told:#?}");
    });
}

/// Each goes on with the leases that the other one wrote, counts the same, and renews what it did not give.
fn kea_and_we_take_turns(world: &World, kind: Kind) {
    let Some(database) = database(kind) else { return };
    let lan = world.lan();
    let ours = with(lan_configuration(), database.map(NAME));
    let theirs = with(lan_configuration(), database.map_for_kea(NAME));
    let Some(program) = database.partner(world, "kea-dhcp4") else { return };
    let kotare = || Server::kotare(world, &lan.server, "ours", ours.clone());
    let debian = || Server::start(world, &lan.server, "theirs", &program, theirs.clone());
    let assigned = |server: &Server| server.statistic("subnet[1].assigned-addresses");
    let mut leases = Vec::new();
    let mut seen = Vec::new();
    for (turn, client) in ClientProgram::ALL.into_iter().enumerate() {
        let server = if turn % 2 == 0 { debian() } else { kotare() };
        assert_eq!(assigned(&server), leases.len() as i64, "turn {turn}");
        let mut client = lan.client(client.name(), client);
        let address = client.obtain().address();
        client.kill();
        leases.push((client, address));
        assert_eq!(assigned(&server), leases.len() as i64);
        assert!(server.stop());
        seen.push(rows(&database, kind));
    }
    let ways: [&dyn Fn() -> Server; 2] = [&kotare, &debian];
    for start in ways {
        let server = start();
        assert_eq!(assigned(&server), leases.len() as i64);
        for (client, address) in &mut leases {
            assert_eq!(client.obtain().address(), *address);
            client.kill();
        }
        assert!(server.stop());
    }
    assert_eq!(seen.last().map(BTreeMap::len), Some(leases.len()));
    assert_eq!(Some(&rows(&database, kind)), seen.last());
}

#[test]
fn kea_and_we_take_turns_in_mariadb() {
    sandboxed("kea_and_we_take_turns_in_mariadb", |world| kea_and_we_take_turns(world, Kind::MariaDb));
}

#[test]
fn kea_and_we_take_turns_in_postgresql() {
    sandboxed("kea_and_we_take_turns_in_postgresql", |world| kea_and_we_take_turns(world, Kind::Postgres));
}
