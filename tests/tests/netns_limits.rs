//! The hook library limits: leases count whoever gave them and when.

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::tell;
use kotare_tests::world::{
    Client6Program, ClientProgram, Lan, Server, Server6, Wish, World, lan_configuration, lan6_configuration,
    sandboxed,
};
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
const EXCEEDED: &str = "exceeding address limit 1 for client class \"gold\", current lease count 1";

/// A client asks until what keeps it from a lease is undone.
fn asks_until(lan: &Lan<'_>, server: &Server, name: &str, undo: impl FnOnce()) {
    let mut client = lan.client(name, ClientProgram::Udhcpc);
    client.start();
    server.await_log(&["LIMITS_LEASE_LIMIT_EXCEEDED", EXCEEDED]);
    undo();
    client.leased();
    client.kill();
}

/// A subnet of a shared network has so many leases.
#[test]
fn a_subnet_has_so_many_leases() {
    sandboxed("a_subnet_has_so_many_leases", |world| {
        let lan = world.lan();
        let mut map = lan_configuration();
        let mut subnet = map["subnet4"][0].clone();
        subnet["user-context"] = json!({"limits": {"address-limit": 1}});
        map["subnet4"] = json!([]);
        map["shared-networks"] = json!([{"name": "floor", "interface": "eth0", "subnet4": [subnet]}]);
        map["hooks-libraries"] = json!([{"library": "libdhcp_limits.so"}]);
        let server = Server::kotare(world, &lan.server, "server", map);
        server.await_log(&["LIMITS_CONFIGURED_ADDRESS_LIMIT_BY_SUBNET"]);
        let mut first = lan.client("first", ClientProgram::Udhcpc);
        first.obtain();
        let mut second = lan.client("second", ClientProgram::Udhcpc);
        second.start();
        let exceeded = "exceeding address limit 1 for subnet ID 1, current lease count 1";
        server.await_log(&["LIMITS_LEASE_LIMIT_EXCEEDED", exceeded]);
        first.release();
        second.leased();
    });
}

/// The same of prefixes of DHCPv6, beside as many addresses as there are; and of addresses beside prefixes.
#[test]
fn addresses_and_prefixes_of_a_subnet_are_limited() {
    sandboxed("addresses_and_prefixes_of_a_subnet_are_limited", |world| {
        let lan = world.lan6();
        for (kind, limited, other) in
            [("prefix", Wish::Prefix, Wish::Address), ("address", Wish::Address, Wish::Prefix)]
        {
            let mut map = lan6_configuration();
            map["subnet6"][0]["user-context"] = json!({"limits": {format!("{kind}-limit"): 1}});
            map["hooks-libraries"] = json!([{"library": "libdhcp_limits.so"}]);
            let server = Server6::kotare(world, &lan.server, kind, map);
            let client =
                |name: &str, wish| lan.client(&format!("{kind}-{name}"), Client6Program::Dhclient, wish);
            let mut first = client("first", limited);
            first.obtain();
            client("other", other).obtain();
            let mut second = client("second", limited);
            second.start();
            let exceeded = format!("exceeding {kind} limit 1 for subnet ID 1, current lease count 1");
            server.await_log(&["LIMITS_LEASE_LIMIT_EXCEEDED", &exceeded]);
            first.release();
            second.leased();
            assert!(server.stop());
        }
    });
}

/// Of a subnet, and of a class that a message is of by its own expression, so many packets are answered in a time: a client that
/// asks and is answered gets no acknowledgement where there is one packet a day, and a class without any is not answered at all.
#[test]
fn packets_are_limited() {
    sandboxed("packets_are_limited", |world| {
        let lan = world.lan();
        let limits = |rate: &str| json!({"limits": {"rate-limit": rate}});
        let mut of_subnet = lan_configuration();
        of_subnet["subnet4"][0]["user-context"] = limits("1 packet per day");
        let mut of_class = lan_configuration();
        of_class["client-classes"] = json!([
            {"name": "asking", "test": "pkt4.msgtype == 1 or pkt4.msgtype == 3",
             "user-context": limits("0 packets per second")}]);
        let mut open = lan_configuration();
        open["subnet4"][0]["user-context"] = limits("100 packets per second");
        for map in [&mut of_subnet, &mut of_class, &mut open] {
            map["hooks-libraries"] = json!([{"library": "libdhcp_limits.so"}]);
        }
        let server = Server::kotare(world, &lan.server, "server", of_subnet);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        client.start();
        server.await_log(&[
            "LIMITS_PACKET_WITH_SUBNET_ID_RATE_LIMIT_DROPPED",
            "subnet with ID 1",
            "1 packet per day",
        ]);
        assert_eq!(server.statistic("pkt4-offer-sent"), 1);
        assert_eq!(server.statistic("pkt4-ack-sent"), 0);
        let dropped = server.statistic("pkt4-limit-exceeded");
        assert!(dropped >= 1 && server.statistic("pkt4-receive-drop") >= dropped);
        server.command("config-set", Some(server.configuration(of_class)));
        server.await_log(&[
            "LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_DROPPED",
            "0 packets per second",
            "asking",
        ]);
        assert_eq!(server.statistic("pkt4-offer-sent"), 1);
        server.command("config-set", Some(server.configuration(open)));
        client.leased();
    });
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
