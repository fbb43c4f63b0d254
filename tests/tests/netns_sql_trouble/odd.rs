//! Rows that make no sense, a column each, among the leases that a server is serving from.

use std::collections::BTreeSet;

use kotare_tests::database::{Kind, OddCell};
use kotare_tests::world::{
    Client6Program, ClientProgram, Family, Server, Server6, ServerOf, Wish, World, eventually,
    lan_configuration, lan6_configuration,
};
use serde_json::{Value, json};

use crate::in_sandboxes;
use crate::kept::Kept;

in_sandboxes! {
    odd_rows_of_v4_in_sqlite: |world| v4(world, Some(Kept::in_sqlite(world, "leases.sqlite")));
    odd_rows_of_v4_in_mariadb: |world| v4(world, Kept::in_server(Kind::MariaDb));
    odd_rows_of_v4_in_postgresql: |world| v4(world, Kept::in_server(Kind::Postgres));
    odd_rows_of_v6_in_sqlite: |world| v6(world, Some(Kept::in_sqlite(world, "leases.sqlite")));
    odd_rows_of_v6_in_mariadb: |world| v6(world, Kept::in_server(Kind::MariaDb));
    odd_rows_of_v6_in_postgresql: |world| v6(world, Kept::in_server(Kind::Postgres));
}

fn v4(world: &World, kept: Option<Kept>) {
    let Some(kept) = kept else { return };
    let lan = world.lan();
    let start = || Server::kotare(world, &lan.server, "server", completed(lan_configuration(), &kept));
    let lease = |end: usize| {
        json!({"subnet-id": 1, "ip-address": format!("192.0.2.{end}"), "hw-address": format!("02:00:00:00:07:{end:02x}"),
            "hostname": "host", "user-context": {"of": "the test"}})
    };
    let address = |end: usize| u32::from_be_bytes([192, 0, 2, end as u8]).to_string();
    let served = |server: &Server, name: &str| {
        let client = lan.client(name, ClientProgram::ALL[0]).obtain();
        let found = server.command("lease4-get", Some(json!({"ip-address": client.address()})));
        assert_eq!(found["result"], 0, "{found}");
    };
    odd_rows(&kept, start, "4", &lease, &address, &served);
}

fn v6(world: &World, kept: Option<Kept>) {
    let Some(kept) = kept else { return };
    let lan = world.lan6();
    let start = || Server6::kotare(world, &lan.server, "server", completed(lan6_configuration(), &kept));
    let lease = |end: usize| {
        json!({"subnet-id": 1, "ip-address": format!("2001:db8:1::1{end:02x}"), "duid": format!("00:03:00:01:07:{end:02x}"),
            "iaid": end, "hw-address": format!("02:00:00:00:07:{end:02x}"), "hostname": "host",
            "user-context": {"of": "the test"}})
    };
    let address = |end: usize| match kept.engine() {
        "mysql" => format!("INET6_ATON('2001:db8:1::1{end:02x}')"),
        "postgresql" => format!("'2001:db8:1::1{end:02x}'"),
        _ => format!("x'20010db800010000000000000000{:04x}'", 0x100 + end),
    };
    let served = |server: &Server6, name: &str| {
        let lease = lan.client(name, Client6Program::Dhcpcd, Wish::Both).obtain();
        let found = server.command("lease6-get", Some(json!({"ip-address": lease.address})));
        assert!(found["result"] == 0 && lease.prefix.is_some(), "{found}");
    };
    odd_rows(&kept, start, "6", &lease, &address, &served);
}

fn completed(mut map: Value, kept: &Kept) -> Value {
    map["lease-database"] = kept.database.clone();
    map["expired-leases-processing"] = json!({"reclaim-timer-wait-time": 1, "hold-reclaimed-time": 1,
        "flush-reclaimed-timer-wait-time": 1});
    map["hooks-libraries"] =
        json!([{"library": "libdhcp_lease_cmds.so"}, {"library": "libdhcp_stat_cmds.so"}]);
    map
}

/// Leases of which every second one is made odd while the server serves; the others are found, clients get leases, what is
/// expired is reclaimed, and a server that starts counts them.
fn odd_rows<F: Family>(
    kept: &Kept,
    start: impl Fn() -> ServerOf<F>,
    protocol: &str,
    lease: &dyn Fn(usize) -> Value,
    address: &dyn Fn(usize) -> String,
    served: &dyn Fn(&ServerOf<F>, &str),
) {
    let table = format!("lease{protocol}");
    let cells: Vec<OddCell> = OddCell::of_leases(&table).collect();
    every_column_is_odd_once(kept, &table, &cells);
    let server = start();
    let asked = |server: &ServerOf<F>, command: &str, arguments: Value| {
        server.command(&command.replace('#', protocol), Some(arguments))
    };
    let mut stood = 0;
    for (end, cell) in cells.iter().enumerate() {
        let added = asked(&server, "lease#-add", lease(end));
        assert_eq!(added["result"], 0, "{added}");
        let (column, value) = (cell.column, cell.written(kept.engine()));
        let odd = format!("UPDATE {table} SET {column} = {value} WHERE address = {}", address(end));
        stood += usize::from(kept.say(&odd).is_ok());
    }
    let good = cells.len();
    assert!(stood > 20, "{stood} of {good}");
    let added = asked(&server, "lease#-add", lease(good));
    assert_eq!(added["result"], 0, "{added}");
    // One that ends at once.
    let mut short = lease(good + 1);
    for lifetime in ["valid-lft", "preferred-lft"].into_iter().take(if protocol == "4" { 1 } else { 2 }) {
        short[lifetime] = 1.into();
    }
    let added = asked(&server, "lease#-add", short);
    assert_eq!(added["result"], 0, "{added}");
    served(&server, "early");
    eventually("what is expired is reclaimed", || (server.statistic("reclaimed-leases") > 0).then_some(()));
    let looked_at = |server: &ServerOf<F>| {
        let good = lease(good)["ip-address"].take();
        let all = asked(server, "lease#-get-all", json!({"subnets": [1]}));
        let is_good = |lease: &Value| lease["ip-address"] == good;
        assert!(all["arguments"]["leases"].as_array().is_some_and(|all| all.iter().any(is_good)), "{all}");
        for (end, cell) in cells.iter().enumerate() {
            let one = asked(server, "lease#-get", json!({"ip-address": lease(end)["ip-address"]}));
            assert!([0, 3].map(Value::from).contains(&one["result"]), "{cell}: {one}");
        }
        for (command, arguments) in [
            ("lease#-get-page", json!({"from": "start", "limit": 1000})),
            ("lease#-get-by-hostname", json!({"hostname": "host"})),
            ("lease#-get-by-state", json!({"state": 0})),
            ("stat-lease#-get", json!({})),
        ] {
            let answer = asked(server, command, arguments);
            assert_eq!(answer["result"], 0, "{command}: {answer}");
        }
    };
    looked_at(&server);
    assert!(server.stop());
    let server = start();
    looked_at(&server);
    served(&server, "late");
    assert!(!server.log().contains("panicked"));
    assert!(server.stop());
}

/// That Kea's table has no column for which nothing odd is known.
fn every_column_is_odd_once(kept: &Kept, table: &str, cells: &[OddCell]) {
    let columns = match kept.engine() {
        "sqlite" => format!("SELECT name FROM pragma_table_info('{table}')"),
        "mysql" => format!(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{table}'"
        ),
        _ => format!("SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'"),
    };
    let there: BTreeSet<String> = kept.texts(&columns).into_iter().collect();
    let odd: BTreeSet<String> = cells.iter().map(|cell| cell.column.to_owned()).collect();
    assert!(there.len() > 10 && there.is_subset(&odd), "{there:?} and {odd:?}");
}
