//! `kea-dhcp6` with leases and reservations in databases that Debian's Kea 2.2 made: Kea 2.2 on the same ones, and
//! databases that are killed under load; and several servers on one database.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;
use std::time::Duration;

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::{
    Client6Program, Host, Load6, Server6, Turns, Wish, World, busy6_configuration, eventually,
    lan6_configuration, load6_duid, sandboxed,
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

/// DUIDs and addresses of the leases that somebody has, as a database writes them.
fn rows(database: &DatabaseServer) -> BTreeSet<(String, Ipv6Addr)> {
    let hex = if database.kind() == Kind::Postgres { "encode(duid, 'hex')" } else { "lower(hex(duid))" };
    let text =
        database.administer(NAME, &format!("SELECT concat({hex}, ' ', address) FROM lease6 WHERE state = 0"));
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.map(|(duid, address)| (duid.to_owned(), address.parse().expect("an address"))).collect()
}

/// Three servers, each with its relay agent. Two have clients of their own, and the third has all of theirs, as if they were
/// heard in two places: whatever happens at the same time, no address is acknowledged to two clients, and what is
/// acknowledged is stored.
fn no_address_is_given_twice(world: &World, lease_database: &Value, database: Option<&DatabaseServer>) {
    let (address, link) = ("2001:db8:1::1".parse().expect("one"), "2001:db8:2::1".parse().expect("one"));
    let mut map = with(busy6_configuration(), lease_database.clone());
    map["subnet6"][0]["pools"] = json!([{"pool": "2001:db8:2::1:0/118"}]);
    let sites: Vec<_> = (0..3)
        .map(|number| {
            let hosts = ["server", "relay"].map(|role| world.host(&format!("{role}{number}")));
            hosts.iter().for_each(Host::trust_addresses);
            let [server, relay] = &hosts;
            world.cable((server, "eth0"), (relay, "eth0"));
            server.address("eth0", "2001:db8:1::1/64");
            relay.address("eth0", "2001:db8:1::2/64");
            hosts.iter().for_each(|host| _ = host.link_local("eth0"));
            hosts
        })
        .collect();
    let servers: Vec<_> = (sites.iter().enumerate())
        .map(|(number, [host, _])| Server6::kotare(world, host, &format!("server{number}"), map.clone()))
        .collect();
    let loads: Vec<_> = (sites.iter().zip([Some(0), Some(1), None]))
        .map(|([_, relay], half)| {
            let silence = Duration::from_secs(20);
            let turns = Turns { clients: 300, half, exchanges: Some(600), silence, until_silent: false };
            Load6::start(relay, address, link, turns)
        })
        .collect();
    let mut holders: BTreeMap<Ipv6Addr, u32> = BTreeMap::new();
    for load in loads {
        let counted = load.ended();
        assert!(counted.acknowledged.len() >= 50, "{counted:?}");
        for (client, address) in counted.acknowledged {
            let holder = *holders.entry(address).or_insert(client);
            assert_eq!(holder, client, "{address} was given to two clients");
        }
    }
    if let Some(database) = database {
        let rows = rows(database);
        for (address, client) in holders {
            let duid: String = load6_duid(client).iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(rows.contains(&(duid, address)), "client {client} has {address}");
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

#[test]
fn servers_share_postgresql() {
    sandboxed("servers_share_postgresql", |world| {
        let Some(server) = database(Kind::Postgres) else { return };
        no_address_is_given_twice(world, &server.map(NAME), Some(&server));
    });
}

#[test]
fn servers_share_a_file_of_sqlite() {
    sandboxed("servers_share_a_file_of_sqlite", |world| {
        let file = json!({"type": "sqlite", "name": world.path("leases.sqlite")});
        no_address_is_given_twice(world, &file, None);
    });
}

/// Each goes on with the leases that the other one wrote, counts the same, and gives a client what it had.
fn kea_and_we_take_turns(world: &World, kind: Kind) {
    let Some(database) = database(kind) else { return };
    let lan = world.lan6();
    let ours = with(lan6_configuration(), database.map(NAME));
    let theirs = with(lan6_configuration(), database.map_for_kea(NAME));
    let Some(program) = database.partner(world, "kea-dhcp6") else { return };
    // To its clients it is one server.
    let duid = json!({"type": "LL", "htype": 1, "identifier": "020000000001", "persist": false});
    let one = |mut map: Value| {
        map["server-id"] = duid.clone();
        map
    };
    let kotare = || Server6::kotare(world, &lan.server, "ours", one(ours.clone()));
    let debian = || Server6::start(world, &lan.server, "theirs", &program, one(theirs.clone()));
    let assigned =
        |server: &Server6| ["nas", "pds"].map(|kind| server.statistic(&format!("subnet[1].assigned-{kind}")));
    let mut leases = Vec::new();
    for turn in 0..3 {
        let server = if turn % 2 == 0 { debian() } else { kotare() };
        assert_eq!(assigned(&server), [leases.len() as i64; 2], "turn {turn}");
        let mut client = lan.client(&format!("client{turn}"), Client6Program::Dhcpcd, Wish::Both);
        let lease = client.obtain();
        client.kill();
        leases.push((client, (lease.address, lease.prefix)));
        assert_eq!(assigned(&server), [leases.len() as i64; 2]);
        assert!(server.stop());
    }
    let seen = rows(&database);
    assert_eq!(seen.len(), 2 * leases.len());
    let ways: [&dyn Fn() -> Server6; 2] = [&kotare, &debian];
    for start in ways {
        let server = start();
        assert_eq!(assigned(&server), [leases.len() as i64; 2]);
        for (client, had) in &mut leases {
            let lease = client.obtain();
            assert_eq!((lease.address, lease.prefix), *had);
            client.kill();
        }
        assert!(server.stop());
    }
    assert_eq!(rows(&database), seen);
}

#[test]
fn kea_and_we_take_turns_in_mariadb() {
    sandboxed("kea_and_we_take_turns_in_mariadb", |world| kea_and_we_take_turns(world, Kind::MariaDb));
}

#[test]
fn kea_and_we_take_turns_in_postgresql() {
    sandboxed("kea_and_we_take_turns_in_postgresql", |world| kea_and_we_take_turns(world, Kind::Postgres));
}

/// What is reserved for one client: an address, a prefix, a class and a name server of its own, if any.
struct Kept {
    address: &'static str,
    prefix: &'static str,
    classes: &'static str,
    name_server: Option<&'static str>,
    told: &'static str,
}

const KEPT: [Kept; 2] = [
    Kept {
        address: "2001:db8:1::77:1",
        prefix: "2001:db8:77:100::",
        classes: "",
        name_server: Some("2001:db8:1::99"),
        told: "2001:db8:1::99",
    },
    Kept {
        address: "2001:db8:1::101",
        prefix: "2001:db8:77:200::",
        classes: "silver,gold",
        name_server: None,
        told: "2001:db8:1::60",
    },
];

fn reserve(database: &DatabaseServer, duid: &str, kept: &Kept) {
    let postgres = database.kind() == Kind::Postgres;
    let id = if postgres { format!("decode('{duid}', 'hex')") } else { format!("unhex('{duid}')") };
    let host = format!("(SELECT host_id FROM hosts WHERE dhcp_identifier = {id})");
    let Kept { address, prefix, classes, .. } = kept;
    let mut statements = format!(
        "INSERT INTO hosts (dhcp_identifier, dhcp_identifier_type, dhcp6_subnet_id, dhcp6_client_classes) \
         VALUES ({id}, 1, 1, '{classes}'); \
         INSERT INTO ipv6_reservations (address, prefix_len, type, dhcp6_iaid, host_id) \
         VALUES ('{address}', 128, 0, 0, {host}); \
         INSERT INTO ipv6_reservations (address, prefix_len, type, dhcp6_iaid, host_id) \
         VALUES ('{prefix}', 56, 2, 0, {host});"
    );
    if let Some(server) = kept.name_server {
        let no = if postgres { "false" } else { "0" };
        statements.push_str(&format!(
            "INSERT INTO dhcp6_options (code, formatted_value, space, persistent, host_id, scope_id) \
             VALUES (23, '{server}', 'dhcp6', {no}, {host}, 3)"
        ));
    }
    database.administer(NAME, &statements);
}

/// Addresses, prefixes, options and classes that stand in a database are each client's own, as Kea has it.
fn clients_get_what_is_reserved(world: &World, kind: Kind) {
    let Some(database) = database(kind) else { return };
    let lan = world.lan6();
    let configuration = |lease_database: Value| {
        let mut map = with(lan6_configuration(), lease_database.clone());
        map["hosts-databases"] = json!([lease_database]);
        map["subnet6"][0].as_object_mut().expect("a map").remove("option-data");
        map["option-data"] = json!([{"name": "dns-servers", "data": "2001:db8:1::53"}]);
        map["client-classes"] = json!([
            {"name": "silver"},
            {"name": "gold", "option-data": [{"name": "dns-servers", "data": "2001:db8:1::60"}]},
        ]);
        map
    };
    let ours = || Some(Server6::kotare(world, &lan.server, "ours", configuration(database.map(NAME))));
    let theirs = || {
        let program = database.partner(world, "kea-dhcp6")?;
        let map = configuration(database.map_for_kea(NAME));
        Some(Server6::start(world, &lan.server, "theirs", &program, map))
    };
    // Who the clients are shows in the first leases.
    let server = ours().expect("it is built");
    let mut clients = Vec::new();
    for name in ["first", "second"] {
        let mut client = lan.client(name, Client6Program::Dhcpcd, Wish::Both);
        let address = client.obtain().address.expect("an address");
        let duid = rows(&database).into_iter().find(|(_, own)| *own == address).expect("a lease").0;
        // It remembers nothing of it.
        client.release();
        clients.push((client, duid));
    }
    assert!(server.stop());
    for ((_, duid), kept) in clients.iter().zip(&KEPT) {
        reserve(&database, duid, kept);
    }
    let ways: [&dyn Fn() -> Option<Server6>; 2] = [&ours, &theirs];
    for (turn, start) in ways.into_iter().enumerate() {
        database.administer(NAME, "DELETE FROM lease6");
        let Some(server) = start() else { continue };
        let mut other = lan.client(&format!("other{turn}"), Client6Program::Dhcpcd, Wish::Both);
        let lease = other.obtain();
        assert!(KEPT.iter().all(|kept| lease.address != kept.address.parse().ok()));
        assert_eq!(lease.told.name_servers(), "2001:db8:1::53");
        other.kill();
        for ((client, _), kept) in clients.iter_mut().zip(&KEPT) {
            let lease = client.obtain();
            assert_eq!(lease.address, kept.address.parse().ok(), "turn {turn}");
            assert_eq!(lease.prefix, Some(format!("{}/56", kept.prefix)));
            assert_eq!(lease.told.name_servers(), kept.told);
            client.release();
        }
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

/// A database that is killed and comes back, under load: whatever was acknowledged is there, each address is one client's,
/// and clients are served again.
fn what_is_acknowledged_is_stored(world: &World, kind: Kind) {
    let Some(mut database) = database(kind) else { return };
    let busy = world.busy6();
    let mut lease_database = database.map(NAME);
    lease_database["max-reconnect-tries"] = 10_000.into();
    lease_database["reconnect-wait-time"] = 100.into();
    let server = Server6::kotare(world, &busy.server, "server", with(busy6_configuration(), lease_database));
    let load = busy.lasting_load(&server, 100_000);
    for _ in 0..2 {
        database.kill();
        server.await_log(&["DHCP6_DB_RECONNECT_LOST_CONNECTION"]);
        let stopped =
            || server.command("status-get", None)["arguments"]["dhcp-state"]["globally-disabled"] == true;
        eventually("the service stops", || stopped().then_some(()));
        database.run();
        eventually("the service goes on", || (!stopped()).then_some(()));
        let before = server.statistic("pkt6-reply-sent");
        eventually("clients are served again", || {
            (server.statistic("pkt6-reply-sent") > before).then_some(())
        });
    }
    let counted = load.finish();
    let rows = rows(&database);
    assert!(counted.acknowledged.len() > 20, "{counted:?}");
    let given: BTreeSet<Ipv6Addr> = counted.acknowledged.values().copied().collect();
    assert_eq!(given.len(), counted.acknowledged.len(), "each has another address");
    for (client, address) in counted.acknowledged {
        let duid: String = load6_duid(client).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(rows.contains(&(duid, address)), "client {client} has {address}");
    }
    assert!(server.stop());
}

#[test]
fn a_killed_mariadb_loses_nothing() {
    sandboxed("a_killed_mariadb_loses_nothing", |world| what_is_acknowledged_is_stored(world, Kind::MariaDb));
}

#[test]
fn a_killed_postgresql_loses_nothing() {
    sandboxed("a_killed_postgresql_loses_nothing", |world| {
        what_is_acknowledged_is_stored(world, Kind::Postgres);
    });
}
