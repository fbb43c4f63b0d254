//! The hook library limits: leases count whoever gave them and when.

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::tell;
use kotare_tests::world::{ClientProgram, Lan, Server, World, lan_configuration, sandboxed};
use serde_json::{Value, json};

/// The usual server, whose clients may have one lease.
fn limited() -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["client-classes"] =
        json!([{"name": "gold", "test": "member('ALL')", "user-context": {"limits": {"address-limit": 1}}}]);
    dhcp4["hooks-libraries"] =
        json!([{"library": "/nowhere/libdhcp_limits.so"}, {"library": "/nowhere/libdhcp_lease_cmds.so"}]);
    dhcp4
}

/// What the log says when there is a lease already.
const EXCEEDED: &str = "exceed address limit 1 for client class \"gold\", current lease count 1";

/// A client asks until what keeps it from a lease is undone.
fn asks_until(lan: &Lan<'_>, server: &Server, name: &str, undo: impl FnOnce()) {
    let mut client = lan.client(name, ClientProgram::Udhcpc);
    client.start();
    server.await_log(&["LIMITS_LEASE_LIMIT_EXCEEDED", EXCEEDED]);
    undo();
    client.leased();
    client.kill();
}

/// A lease counts after a restart, until its client gives it back.
#[test]
fn limits_outlive_a_restart() {
    sandboxed("limits_outlive_a_restart", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", limited());
        let mut first = lan.client("first", ClientProgram::Udhcpc);
        first.obtain();
        assert!(server.stop());
        let server = Server::again(world, &lan.server, "server");
        asks_until(&lan, &server, "second", || first.release());
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 1);
    });
}

/// A database, which Kea 2.2 made, counts for all servers that share it: what one gave keeps another from giving more.
fn servers_share_limits(world: &World, kind: Kind) {
    let database = DatabaseServer::start(kind).filter(|database| database.create_as_kea("kea"));
    let Some(database) = database else { return tell("there is no such database server") };
    let lan = world.lan();
    let mut map = limited();
    map["lease-database"] = database.map("kea");
    let server = Server::kotare(world, &lan.server, "server", map.clone());
    map["interfaces-config"] = json!({"interfaces": []});
    let other = Server::kotare(world, &world.host("other"), "other", map);
    let context = json!({"ISC": {"client-classes": ["ALL", "gold"]}});
    let lease =
        json!({"ip-address": "192.0.2.150", "hw-address": "02:00:00:00:00:aa", "user-context": context});
    other.command("lease4-add", Some(lease));
    asks_until(&lan, &server, "client", || {
        other.command("lease4-del", Some(json!({"ip-address": "192.0.2.150"})));
    });
}

#[test]
fn servers_share_limits_in_postgresql() {
    sandboxed("servers_share_limits_in_postgresql", |world| servers_share_limits(world, Kind::Postgres));
}

#[test]
fn servers_share_limits_in_mariadb() {
    sandboxed("servers_share_limits_in_mariadb", |world| servers_share_limits(world, Kind::MariaDb));
}
