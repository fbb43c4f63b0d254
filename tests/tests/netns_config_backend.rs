//! Servers whose configuration is in a database: what `remote-*` commands set there is what clients get. SQLite in a file,
//! and private servers of MariaDB and PostgreSQL with a database that Debian's Kea 2.2 made and `kea-admin` upgraded.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use kotare_tests::database::{DatabaseServer, Kind, PASSWORD, USER};
use kotare_tests::world::{
    Client6Program, ClientProgram, Family, Host, Lan, Lan6, ServerOf, V4, V6, Wish, World, eventually,
    lan_configuration, lan6_configuration, program, sandboxed,
};
use serde_json::{Value, json};

const CB_CMDS: &str = "/usr/lib/kea/hooks/libdhcp_cb_cmds.so";

/// Where configurations are kept.
struct Kept {
    server: Option<DatabaseServer>,
    database: Value,
}

impl Kept {
    fn in_sqlite(world: &World) -> Option<Self> {
        let database = json!({"type": "sqlite", "name": world.path("configuration.sqlite")});
        Some(Self { server: None, database })
    }

    /// In a database of Kea 2.2 that was upgraded; none where there is no such server.
    fn in_server(kind: Kind) -> Option<Self> {
        let server = DatabaseServer::start(kind)?;
        if !server.create_as_kea("kea") {
            return None;
        }
        let engine = if kind == Kind::MariaDb { "mysql" } else { "pgsql" };
        let upgraded = Command::new(program("kea-admin"))
            .args(["db-upgrade", engine, "-n", "kea", "-u", USER, "-p", PASSWORD, "-h"])
            .arg(server.host())
            .output()
            .expect("kea-admin starts");
        assert!(upgraded.status.success(), "{}", String::from_utf8_lossy(&upgraded.stderr));
        // Lost, it is tried again for as long as it takes, and clients are served meanwhile.
        let database = json!({"type": server.type_name(), "name": "kea", "host": server.host(), "user": USER,
            "password": PASSWORD, "max-reconnect-tries": 1000, "reconnect-wait-time": 100,
            "on-fail": "serve-retry-continue"});
        Some(Self { server: Some(server), database })
    }

    /// Starts a server with these commands that looks once a second, or when it is told.
    fn start<F: Family>(&self, world: &World, host: &Host, mut map: Value, wait: u32) -> Managed<F> {
        map["server-tag"] = json!("one");
        map["config-control"] = json!({"config-databases": [self.database], "config-fetch-wait-time": wait});
        Managed::launched(world, host, map)
    }
}

/// A server whose configuration is in a database.
struct Managed<F: Family> {
    server: ServerOf<F>,
}

impl<F: Family> Managed<F> {
    /// A server that has these commands.
    fn launched(world: &World, host: &Host, mut map: Value) -> Self {
        map["hooks-libraries"] = json!([{"library": CB_CMDS}]);
        Self { server: ServerOf::kotare(world, host, "server", map) }
    }

    fn number() -> &'static str {
        &F::MAP[F::MAP.len() - 1..]
    }

    /// Sends a command, in whose name `#` is the protocol.
    fn done(&self, command: &str, arguments: Option<Value>) -> Value {
        let command = command.replace('#', Self::number());
        let mut answer = self.server.command(&command, arguments);
        assert_eq!(answer["result"], 0, "{command}: {answer}");
        answer["arguments"].take()
    }

    /// Sets something for these servers.
    fn set(&self, what: &str, keyword: &str, value: Value, tag: &str) {
        self.done(&format!("remote-{what}-set"), Some(json!({ (keyword): value, "server-tags": [tag] })));
    }

    fn pull(&self) {
        let answer = self.server.command("config-backend-pull", None);
        assert_eq!(answer, json!({"result": 0, "text": "On demand configuration update successful."}));
    }

    /// The server's map of `config-get`.
    fn shown(&self) -> Value {
        self.done("config-get", None)[F::MAP].take()
    }

    fn backend(&self) -> Value {
        self.done("status-get", None)["config-backends"][0].take()
    }
}

/// A protocol on a link: a server there, what it serves, and who asks it.
trait Linked: Family {
    type Lan<'w>;
    const SUBNETS: &'static str;
    /// The option of name servers.
    const NAME_SERVERS: &'static str;
    /// The subnet of the link, its first pool, an address that is not in it, and another subnet with its pool.
    const HERE: &'static str;
    const POOL: &'static str;
    const OTHER_ADDRESS: &'static str;
    const ELSEWHERE: [&'static str; 2];

    fn lan(world: &World) -> Self::Lan<'_>;

    fn server<'a>(lan: &'a Self::Lan<'_>) -> &'a Host;

    fn configuration() -> Value;

    /// The address that a new client gets.
    fn obtained(lan: &Self::Lan<'_>, name: &str) -> String;

    /// A pool of one address, as it is shown.
    fn only(address: &str) -> String;
}

impl Linked for V4 {
    type Lan<'w> = Lan<'w>;
    const SUBNETS: &'static str = "subnet4";
    const NAME_SERVERS: &'static str = "domain-name-servers";
    const HERE: &'static str = "192.0.2.0/24";
    const POOL: &'static str = "192.0.2.100-192.0.2.199";
    const OTHER_ADDRESS: &'static str = "192.0.2.7";
    const ELSEWHERE: [&'static str; 2] = ["198.51.100.0/24", "198.51.100.1-198.51.100.9"];

    fn lan(world: &World) -> Lan<'_> {
        world.lan()
    }

    fn server<'a>(lan: &'a Lan<'_>) -> &'a Host {
        &lan.server
    }

    fn configuration() -> Value {
        lan_configuration()
    }

    fn obtained(lan: &Lan<'_>, name: &str) -> String {
        lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string()
    }

    fn only(address: &str) -> String {
        format!("{address}/32")
    }
}

impl Linked for V6 {
    type Lan<'w> = Lan6<'w>;
    const SUBNETS: &'static str = "subnet6";
    const NAME_SERVERS: &'static str = "dns-servers";
    const HERE: &'static str = "2001:db8:1::/64";
    const POOL: &'static str = "2001:db8:1::100/120";
    const OTHER_ADDRESS: &'static str = "2001:db8:1::7";
    const ELSEWHERE: [&'static str; 2] = ["2001:db8:7::/64", "2001:db8:7::1-2001:db8:7::9"];

    fn lan(world: &World) -> Lan6<'_> {
        world.lan6()
    }

    fn server<'a>(lan: &'a Lan6<'_>) -> &'a Host {
        &lan.server
    }

    fn configuration() -> Value {
        lan6_configuration()
    }

    fn obtained(lan: &Lan6<'_>, name: &str) -> String {
        let lease = lan.client(name, Client6Program::ALL[0], Wish::Address).obtain();
        lease.address.expect("an address").to_string()
    }

    fn only(address: &str) -> String {
        format!("{address}/128")
    }
}

/// What is the same in both families: everything that is set is served, by time and by command, and goes again.
fn everything_is_served<F: Family>(server: &Managed<F>, prefix: &str, other: &str) {
    let number = Managed::<F>::number();
    let (subnets, space) = (format!("subnet{number}"), format!("dhcp{number}"));
    assert_eq!(server.done("server-tag-get", None), json!({"server-tag": "one"}));
    server.done("remote-server#-set", Some(json!({"servers": [{"server-tag": "one"}]})));
    server.done("remote-server#-set", Some(json!({"servers": [{"server-tag": "two"}]})));
    server.set("network#", "shared-networks", json!([{"name": "floor", "renew-timer": 77}]), "all");
    let subnet = |id: u32, prefix: &str, network: Value| json!([{"id": id, "subnet": prefix, "shared-network-name": network}]);
    server.set("subnet#", "subnets", subnet(7, prefix, json!("floor")), "one");
    server.set("subnet#", "subnets", subnet(8, other, Value::Null), "two");
    let classes = json!([{"name": "late", "test": "member('KNOWN')"}]);
    server.done("remote-class#-set", Some(json!({"client-classes": classes, "server-tags": ["all"]})));
    let definition = json!([{"name": "mine", "code": 222, "type": "uint32", "space": space}]);
    server.set("option-def#", "option-defs", definition, "all");
    server.set("option#-global", "options", json!([{"name": "mine", "data": "7"}]), "one");
    server.set("global-parameter#", "parameters", json!({"valid-lifetime": 4321}), "all");
    server.set(
        "global-parameter#",
        "parameters",
        json!({"expired-leases-processing.max-reclaim-time": 99}),
        "all",
    );
    server.pull();
    let shown = server.shown();
    let network = &shown["shared-networks"][0];
    assert_eq!((&network["name"], &network["renew-timer"]), (&json!("floor"), &json!(77)));
    assert_eq!(network[&subnets][0]["id"], 7);
    assert!(
        shown[&subnets].as_array().is_none_or(|list| list.iter().all(|subnet| subnet["id"] != 8)),
        "{shown}"
    );
    assert_eq!(shown["client-classes"][0]["name"], "late");
    assert_eq!(shown["option-def"][0]["name"], "mine");
    assert_eq!(shown["option-data"][0]["data"], "7");
    assert_eq!(shown["valid-lifetime"], 4321);
    assert_eq!(shown["expired-leases-processing"]["max-reclaim-time"], 99);
    assert_eq!(server.backend()["status"], "ready");
    let merged = format!("DHCPSRV_CFGMGR_CONFIG{number}_MERGED");
    for word in ["DCTL_OPEN_CONFIG_DB", "DCTL_CONFIG_FETCH", &merged] {
        server.server.await_log(&[word]);
    }

    // By time, too; and what was set last of two within a second is what counts.
    for lifetime in [5000, 5001] {
        server.set("global-parameter#", "parameters", json!({"valid-lifetime": lifetime}), "one");
    }
    eventually("it is time", || (server.shown()["valid-lifetime"] == 5001).then_some(()));
    let parameters = json!({"parameters": ["valid-lifetime"], "server-tags": ["one"]});
    server.done("remote-global-parameter#-del", Some(parameters));
    server.done(
        "remote-network#-del",
        Some(json!({"shared-networks": [{"name": "floor"}], "subnets-action": "keep"})),
    );
    server.done("remote-class#-del", Some(json!({"client-classes": [{"name": "late"}]})));
    server.pull();
    let shown = server.shown();
    assert_eq!(shown["valid-lifetime"], 4321);
    assert_eq!(shown["shared-networks"], json!([]));
    assert!(shown[&subnets].as_array().expect("subnets").iter().any(|subnet| subnet["id"] == 7), "{shown}");
    assert!(shown["client-classes"].is_null() || shown["client-classes"] == json!([]), "{shown}");
    server.done("remote-subnet#-del-by-id", Some(json!({"subnets": [{"id": 7}]})));
    server.pull();
    let shown = server.shown();
    assert!(shown[&subnets].as_array().expect("subnets").iter().all(|subnet| subnet["id"] != 7), "{shown}");
    // What is read anew is what was there before.
    let before = server.done("config-hash-get", None);
    server.done("config-reload", None);
    assert_eq!(server.done("config-hash-get", None), before);
}

/// A row that makes no sense, or cannot be served from, is named; what was served before goes on being served, until the
/// row is mended.
fn odd_rows_are_named<F: Family>(server: &Managed<F>, kept: &Kept) {
    let Some(database) = &kept.server else { return };
    let number = Managed::<F>::number();
    let table = format!("dhcp{number}_global_parameter");
    let before = server.shown();
    let change = |value: &str| {
        let begin = match kept.database["type"].as_str() {
            Some("mysql") => {
                format!("CALL createAuditRevisionDHCP{number}(CURRENT_TIMESTAMP, 'all', 'by hand', 0); ")
            }
            _ => format!(
                "SELECT createAuditRevisionDHCP{number}(CURRENT_TIMESTAMP, 'all', 'by hand', FALSE); "
            ),
        };
        database.administer(
            "kea",
            &format!("{begin}UPDATE {table} SET value = '{value}' WHERE name = 'valid-lifetime'"),
        );
    };
    for (value, told) in [
        (
            "seven",
            "('valid-lifetime'): the column value is no value of the type that parameter_type says"
                .to_owned(),
        ),
        ("-5", format!("{table} ")),
    ] {
        change(value);
        let answer = server.server.command("config-backend-pull", None);
        let text = answer["text"].as_str().expect("a text").to_owned();
        assert!(answer["result"] == 1 && text.contains(&told) && text.contains("valid-lifetime"), "{answer}");
        assert_eq!(server.shown(), before);
        let backend = server.backend();
        assert!(
            backend["status"] == "failing" && text.contains(backend["error"].as_str().expect("an error")),
            "{backend}"
        );
        // It is not looked at again as long as it stays, and told for as long.
        assert_eq!(server.server.command("config-backend-pull", None), answer);
    }
    server.server.await_log(&[&format!("DHCP{number}_CB_ON_DEMAND_FETCH_UPDATES_FAIL")]);
    change("4444");
    server.pull();
    assert_eq!(server.shown()["valid-lifetime"], 4444);
    assert_eq!(server.backend()["status"], "ready");
}

/// While the database is away, clients are served by what was there, and what changes then is served when it is back.
fn a_lost_database_is_found_again<F: Family>(server: &Managed<F>, kept: &mut Kept) {
    let Some(database) = &mut kept.server else { return };
    let before = server.shown();
    database.kill();
    let answer = server.server.command("config-backend-pull", None);
    assert_eq!(answer["result"], 1, "{answer}");
    assert_eq!(server.backend()["status"], "failing");
    let number = Managed::<F>::number();
    let tries = format!("{}_CB_RECONNECT_ATTEMPT_SCHEDULE{number}", database.library());
    server.server.await_log(&[&tries, "scheduling attempt "]);
    assert_eq!(server.done("status-get", None)["dhcp-state"]["globally-disabled"], false);
    // Nor is what is written served alone when it is read anew.
    let answer = server.server.command("config-reload", None);
    assert_eq!(answer["result"], 1, "{answer}");
    assert_eq!(server.shown(), before);
    database.run();
    eventually("it is back", || (server.backend()["status"] == "ready").then_some(()));
    server.set("global-parameter#", "parameters", json!({"valid-lifetime": 5555}), "all");
    server.pull();
    assert_eq!(server.shown()["valid-lifetime"], 5555);
}

fn of_v4(world: &World, kept: Option<Kept>) {
    let Some(mut kept) = kept else { return };
    let lan = world.lan();
    let mut map = lan_configuration();
    map.as_object_mut().expect("a map").remove("subnet4");
    let server = kept.start::<V4>(world, &lan.server, map, 1);
    everything_is_served(&server, "198.51.100.0/24", "203.0.113.0/24");

    let subnet = json!([{"id": 1, "subnet": "192.0.2.0/24", "shared-network-name": null,
        "pools": [{"pool": "192.0.2.100-192.0.2.199"}], "option-data": [{"name": "routers", "data": "192.0.2.1"}]}]);
    server.set("subnet4", "subnets", subnet, "all");
    server.set(
        "option4-global",
        "options",
        json!([{"name": "domain-name-servers", "data": "192.0.2.53"}]),
        "all",
    );
    let class = json!([{"name": "all", "test": "member('ALL')", "boot-file-name": "boot",
        "option-data": [{"name": "domain-name-servers", "data": "192.0.2.54"}]}]);
    server.pull();
    for (step, program) in ClientProgram::ALL.into_iter().enumerate() {
        let event = lan.client(program.name(), program).obtain();
        assert!(event.address().to_string().starts_with("192.0.2.1"));
        let name_server = if step == 0 { "192.0.2.53" } else { "192.0.2.54" };
        assert_eq!(
            (event.routers(), event.name_servers(), event.lifetime()),
            ("192.0.2.1", name_server, 4321)
        );
        if step == 0 {
            server.done(
                "remote-option4-global-del",
                Some(json!({"options": [{"code": 6, "space": "dhcp4"}], "server-tags": ["all"]})),
            );
            server.done("remote-class4-set", Some(json!({"client-classes": class, "server-tags": ["all"]})));
            server.pull();
        }
    }
    odd_rows_are_named(&server, &kept);
    a_lost_database_is_found_again(&server, &mut kept);
    // What was written is what is served, also by a server without the database.
    server.done("config-write", None);
    assert!(server.server.stop());
}

fn of_v6(world: &World, kept: Option<Kept>) {
    let Some(mut kept) = kept else { return };
    let lan = world.lan6();
    let mut map = lan6_configuration();
    map.as_object_mut().expect("a map").remove("subnet6");
    let server = kept.start::<V6>(world, &lan.server, map, 1);
    everything_is_served(&server, "2001:db8:7::/64", "2001:db8:8::/64");

    let subnet = json!([{"id": 1, "subnet": "2001:db8:1::/64", "shared-network-name": null, "interface": "eth0",
        "pools": [{"pool": "2001:db8:1::100-2001:db8:1::1ff"}],
        "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 48, "delegated-len": 56}]}]);
    server.set("subnet6", "subnets", subnet, "all");
    server.set(
        "option6-global",
        "options",
        json!([{"name": "dns-servers", "data": "2001:db8:1::53"}]),
        "all",
    );
    let class = json!([{"name": "all", "test": "member('ALL')",
        "option-data": [{"name": "dns-servers", "data": "2001:db8:1::54"}]}]);
    server.pull();
    for (step, program) in Client6Program::ALL.into_iter().enumerate() {
        let lease = lan.client(program.name(), program, Wish::Both).obtain();
        assert!(lease.address.expect("an address").to_string().starts_with("2001:db8:1::1"));
        assert!(lease.prefix.expect("a prefix").starts_with("2001:db8:8000:"));
        assert_eq!(lease.told.name_servers(), if step == 0 { "2001:db8:1::53" } else { "2001:db8:1::54" });
        if step == 0 {
            server.done(
                "remote-option6-global-del",
                Some(json!({"options": [{"code": 23, "space": "dhcp6"}], "server-tags": ["all"]})),
            );
            server.done("remote-class6-set", Some(json!({"client-classes": class, "server-tags": ["all"]})));
            server.pull();
        }
    }
    odd_rows_are_named(&server, &kept);
    a_lost_database_is_found_again(&server, &mut kept);
    assert!(server.server.stop());
}

/// What is written counts where the database says nothing, and comes again when that says nothing more; what commands
/// did meanwhile stays.
fn the_file_is_beneath<F: Linked>(world: &World) {
    let Some(kept) = Kept::in_sqlite(world) else { return };
    let lan = F::lan(world);
    let server = kept.start::<F>(world, F::server(&lan), F::configuration(), 0);
    let pool = || server.shown()[F::SUBNETS][0]["pools"][0]["pool"].clone();
    assert_eq!(pool(), F::POOL);
    let mut subnet = json!({"id": 1, "subnet": F::HERE, "shared-network-name": null,
        "pools": [{"pool": format!("{0} - {0}", F::OTHER_ADDRESS)}]});
    if F::MAP == V6::MAP {
        subnet["interface"] = json!("eth0");
    }
    server.set("subnet#", "subnets", json!([subnet]), "all");
    assert_eq!(pool(), F::POOL);
    server.pull();
    assert_eq!(pool(), F::only(F::OTHER_ADDRESS));
    assert_eq!(F::obtained(&lan, "other"), F::OTHER_ADDRESS);
    server.done("remote-subnet#-del-by-prefix", Some(json!({"subnets": [{"subnet": F::HERE}]})));
    server.pull();
    assert_eq!(pool(), F::POOL);
    assert_ne!(F::obtained(&lan, "hundred"), F::OTHER_ADDRESS);
}

/// Without a backend, nothing is asked for.
fn nothing_is_pulled<F: Linked>(world: &World) {
    let lan = F::lan(world);
    let server = ServerOf::<F>::kotare(world, F::server(&lan), "server", F::configuration());
    let answer = server.command("config-backend-pull", None);
    assert_eq!(answer, json!({"result": 3, "text": "No config backend."}));
}

/// Makes a test of each function for each protocol.
macro_rules! of_both {
    ($($v4:ident, $v6:ident: $body:ident;)*) => {
        $(#[test]
        fn $v4() {
            sandboxed(stringify!($v4), $body::<V4>);
        }

        #[test]
        fn $v6() {
            sandboxed(stringify!($v6), $body::<V6>);
        })*
    };
}

of_both! {
    the_file_of_v4_is_beneath_the_database, the_file_of_v6_is_beneath_the_database: the_file_is_beneath;
    v4_pulls_nothing_without_a_backend, v6_pulls_nothing_without_a_backend: nothing_is_pulled;
    v4_starts_without_its_database, v6_starts_without_its_database: starts_without_its_database;
    several_databases_of_v4_are_taken_together, several_databases_of_v6_are_taken_together: several_are_taken_together;
    what_v4_writes_starts_alike, what_v6_writes_starts_alike: what_is_written_starts_alike;
    v4_mends_a_database_in_repair_mode, v6_mends_a_database_in_repair_mode: mended_in_repair_mode;
}

/// Makes a test of each function in each database.
macro_rules! in_databases {
    ($($name:ident: $body:ident in $kept:expr;)*) => {
        $(#[test]
        fn $name() {
            sandboxed(stringify!($name), |world| {
                let kept: fn(&World) -> Option<Kept> = $kept;
                $body(world, kept(world));
            });
        })*
    };
}

in_databases! {
    v4_is_configured_in_sqlite: of_v4 in Kept::in_sqlite;
    v4_is_configured_in_mariadb: of_v4 in |_| Kept::in_server(Kind::MariaDb);
    v4_is_configured_in_postgresql: of_v4 in |_| Kept::in_server(Kind::Postgres);
    v6_is_configured_in_sqlite: of_v6 in Kept::in_sqlite;
    v6_is_configured_in_mariadb: of_v6 in |_| Kept::in_server(Kind::MariaDb);
    v6_is_configured_in_postgresql: of_v6 in |_| Kept::in_server(Kind::Postgres);
}

/// A server starts without its database if it may, serves what is written, and what is in the database as soon as that is
/// there. In repair mode it does not look there until a command says so.
fn starts_without_its_database<F: Linked>(world: &World) {
    let Some(mut kept) = Kept::in_server(Kind::MariaDb) else { return };
    let lan = F::lan(world);
    let server = kept.start::<F>(world, F::server(&lan), F::configuration(), 0);
    server.set("global-parameter#", "parameters", json!({"valid-lifetime": 7777}), "all");
    assert!(server.server.stop());
    kept.database["retry-on-startup"] = json!(true);
    kept.server.as_mut().expect("a server").kill();
    let server = kept.start::<F>(world, F::server(&lan), F::configuration(), 0);
    F::obtained(&lan, "early");
    assert_eq!(
        (&server.shown()["valid-lifetime"], &server.backend()["status"]),
        (&json!(3600), &json!("failing"))
    );
    kept.server.as_mut().expect("a server").run();
    eventually("what is in it is served", || (server.shown()["valid-lifetime"] == 7777).then_some(()));
    assert_eq!(server.backend()["status"], "ready");
    F::obtained(&lan, "late");
    assert!(server.server.stop());
    // Who shall not serve without it does not before it was looked at.
    kept.database["on-fail"] = json!("stop-retry-exit");
    kept.server.as_mut().expect("a server").kill();
    let server = kept.start::<F>(world, F::server(&lan), F::configuration(), 0);
    let disabled = || server.done("status-get", None)["dhcp-state"]["globally-disabled"] == true;
    eventually("the service stops", || disabled().then_some(()));
    assert_eq!(server.backend()["status"], "failing");
    kept.server.as_mut().expect("a server").run();
    eventually("the service begins", || (!disabled()).then_some(()));
    assert_eq!(
        (&server.shown()["valid-lifetime"], &server.backend()["status"]),
        (&json!(7777), &json!("ready"))
    );
    F::obtained(&lan, "last");
}

/// What is changed of a subnet is served from the next message on, whether its addresses are others or not, and what was
/// counted of it stays right.
#[test]
fn subnets_change_in_their_places() {
    sandboxed("subnets_change_in_their_places", |world| {
        let Some(kept) = Kept::in_sqlite(world) else { return };
        let lan = world.lan();
        let mut map = lan_configuration();
        map.as_object_mut().expect("a map").remove("subnet4");
        let server = kept.start::<V4>(world, &lan.server, map, 0);
        let set = |pool: &str, lifetime: u32, router: &str| {
            let subnet = json!([{"id": 1, "subnet": "192.0.2.0/24", "shared-network-name": null,
                "valid-lifetime": lifetime, "pools": [{"pool": pool}],
                "option-data": [{"name": "routers", "data": router}]}]);
            server.set("subnet4", "subnets", subnet, "all");
            server.pull();
        };
        let total = || server.server.statistic("subnet[1].total-addresses");
        let assigned = || server.server.statistic("subnet[1].assigned-addresses");
        // Others are there, and stay.
        let other = json!([{"id": 2, "subnet": "198.51.100.0/24", "shared-network-name": null}]);
        server.set("subnet4", "subnets", other, "all");
        set("192.0.2.7-192.0.2.8", 1000, "192.0.2.1");
        let mut clients = ClientProgram::ALL.map(|program| lan.client(program.name(), program));
        let first = clients[0].obtain();
        assert_eq!((first.routers(), first.lifetime(), total(), assigned()), ("192.0.2.1", 1000, 2, 1));
        // The same addresses: who has one keeps it, and nobody else gets it.
        set("192.0.2.7-192.0.2.8", 2000, "192.0.2.2");
        let second = clients[1].obtain();
        assert_eq!((second.routers(), second.lifetime(), total(), assigned()), ("192.0.2.2", 2000, 2, 2));
        assert_ne!(first.address(), second.address());
        // Others: leases that are there count, and what is new is given.
        set("192.0.2.7-192.0.2.9", 3000, "192.0.2.3");
        assert_eq!((total(), assigned()), (3, 2));
        let third = clients[2].obtain();
        assert_eq!((third.routers(), third.lifetime(), assigned()), ("192.0.2.3", 3000, 3));
        assert_eq!(third.address().to_string(), "192.0.2.9");
        assert_eq!(server.shown()["subnet4"].as_array().map(Vec::len), Some(2));
        assert!(server.server.stop());
    });
}

/// The same of DHCPv6, with prefixes.
#[test]
fn subnets_of_v6_change_in_their_places() {
    sandboxed("subnets_of_v6_change_in_their_places", |world| {
        let Some(kept) = Kept::in_sqlite(world) else { return };
        let lan = world.lan6();
        let mut map = lan6_configuration();
        map.as_object_mut().expect("a map").remove("subnet6");
        let server = kept.start::<V6>(world, &lan.server, map, 0);
        let set = |last: &str, prefix_len: u8, lifetime: u32, name_server: &str| {
            let subnet = json!([{"id": 1, "subnet": "2001:db8:1::/64", "shared-network-name": null,
                "interface": "eth0", "valid-lifetime": lifetime, "pools": [{"pool": format!("2001:db8:1::7-{last}")}],
                "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": prefix_len, "delegated-len": 56}],
                "option-data": [{"name": "dns-servers", "data": name_server}]}]);
            server.set("subnet6", "subnets", subnet, "all");
            server.pull();
        };
        let counted = || {
            ["total-nas", "assigned-nas", "total-pds", "assigned-pds"]
                .map(|name| server.server.statistic(&format!("subnet[1].{name}")))
        };
        // Others are there, and stay.
        let other = json!([{"id": 2, "subnet": "2001:db8:2::/64", "shared-network-name": null}]);
        server.set("subnet6", "subnets", other, "all");
        set("2001:db8:1::8", 55, 2000, "2001:db8:1::1");
        let mut clients = (0..3).map(|number| {
            lan.client(&format!("client{number}"), Client6Program::ALL[number % 2], Wish::Both)
        });
        let mut obtain = || {
            let lease = clients.next().expect("a client").obtain();
            let told = (lease.told.name_servers().to_owned(), lease.told.lifetimes().0);
            (lease.address.expect("an address"), lease.prefix.expect("a prefix"), told)
        };
        let first = obtain();
        assert_eq!((&first.2, counted()), (&("2001:db8:1::1".to_owned(), 2000), [2, 1, 2, 1]));
        // The same addresses and prefixes: who has one keeps it, and nobody else gets it.
        set("2001:db8:1::8", 55, 3000, "2001:db8:1::2");
        let second = obtain();
        assert_eq!((&second.2, counted()), (&("2001:db8:1::2".to_owned(), 3000), [2, 2, 2, 2]));
        assert!(first.0 != second.0 && first.1 != second.1, "{first:?} {second:?}");
        // Others: leases that are there count, and what is new is given.
        set("2001:db8:1::9", 54, 4000, "2001:db8:1::3");
        assert_eq!(counted(), [3, 2, 4, 2]);
        let third = obtain();
        assert_eq!((&third.2, counted()), (&("2001:db8:1::3".to_owned(), 4000), [3, 3, 4, 3]));
        assert_eq!(third.0.to_string(), "2001:db8:1::9");
        assert!(!["2001:db8:8000::/56", "2001:db8:8000:100::/56"].contains(&&*third.1), "{third:?}");
        assert_eq!(server.shown()["subnet6"].as_array().map(Vec::len), Some(2));
        assert!(server.server.stop());
    });
}

/// Of each kind of objects, what the first database has that has any.
fn several_are_taken_together<F: Linked>(world: &World) {
    let lan = F::lan(world);
    let databases =
        ["one", "two"].map(|name| json!({"type": "sqlite", "name": world.path(&format!("{name}.sqlite"))}));
    let fill = |database: &Value, lifetime: Option<u32>, address: &str| {
        let kept = Kept { server: None, database: database.clone() };
        let server = kept.start::<F>(world, F::server(&lan), F::configuration(), 0);
        if let Some(lifetime) = lifetime {
            server.set("global-parameter#", "parameters", json!({"valid-lifetime": lifetime}), "all");
        }
        let options = json!([{"name": F::NAME_SERVERS, "data": address}]);
        server.set("option#-global", "options", options, "all");
        assert!(server.server.stop());
    };
    fill(&databases[0], None, F::OTHER_ADDRESS);
    let (subnet, _) = F::HERE.split_once("0/").unwrap_or((F::HERE.trim_end_matches("/64"), ""));
    fill(&databases[1], Some(2222), &format!("{subnet}52"));
    let mut map = F::configuration();
    map["config-control"] = json!({"config-databases": databases});
    let server = Managed::<F>::launched(world, F::server(&lan), map);
    let shown = server.shown();
    assert_eq!(
        (&shown["option-data"][0]["data"], &shown["valid-lifetime"]),
        (&json!(F::OTHER_ADDRESS), &json!(2222))
    );
    let told = server.done("status-get", None)["config-backends"].take();
    assert_eq!(told.as_array().map(Vec::len), Some(2), "{told}");
    assert!(server.server.stop());
}

/// What `config-write` writes is what was served, with the database and without it.
fn what_is_written_starts_alike<F: Linked>(world: &World) {
    let Some(kept) = Kept::in_sqlite(world) else { return };
    let lan = F::lan(world);
    let server = kept.start::<F>(world, F::server(&lan), F::configuration(), 0);
    server.set("global-parameter#", "parameters", json!({"valid-lifetime": 3333}), "all");
    let [subnet, pool] = F::ELSEWHERE;
    let subnet = json!([{"id": 9, "subnet": subnet, "shared-network-name": null, "pools": [{"pool": pool}]}]);
    server.set("subnet#", "subnets", subnet, "all");
    server.pull();
    let shown = server.shown();
    let answer = server.done("config-write", None);
    let file = answer["filename"].as_str().expect("a file").to_owned();
    assert!(server.server.stop());
    let written = std::fs::read_to_string(&file).expect("a file");
    let mut written: Value = serde_json::from_str(&written).expect("it is JSON");
    let mut map = written[F::MAP].take();
    let again = Managed::<F>::launched(world, F::server(&lan), map.clone());
    assert_eq!(again.shown(), shown);
    assert!(again.server.stop());
    map.as_object_mut().expect("a map").remove("config-control");
    let alone = Managed::<F>::launched(world, F::server(&lan), map).shown();
    for keyword in ["valid-lifetime", F::SUBNETS] {
        assert_eq!(alone[keyword], shown[keyword]);
    }
}

/// A server does not start with a configuration that is none because of what the database says. In repair mode it serves
/// what is written, until commands have mended what is there. A configuration that is only judged is judged without it.
fn mended_in_repair_mode<F: Linked>(world: &World) {
    let Some(kept) = Kept::in_sqlite(world) else { return };
    let lan = F::lan(world);
    let server = kept.start::<F>(world, F::server(&lan), F::configuration(), 0);
    server.set("global-parameter#", "parameters", json!({"min-valid-lifetime": 5000}), "all");
    let refused = server.server.command("config-backend-pull", None);
    assert_eq!(refused["result"], 1, "{refused}");
    F::obtained(&lan, "first");
    assert!(server.server.stop());
    let mut map = F::configuration();
    map["server-tag"] = json!("one");
    map["config-control"] = json!({"config-databases": [kept.database], "config-fetch-wait-time": 1});
    map["hooks-libraries"] = json!([{"library": CB_CMDS}]);
    let file = world.path("judged.json");
    std::fs::write(&file, json!({ (F::MAP): map }).to_string()).expect("a file");
    let judged = Command::new(program(F::SERVER)).args(["-X", "-t"]).arg(&file).output().expect("it runs");
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
    let mut failing =
        ServerOf::<F>::launch(world, F::server(&lan), "failing", &program(F::SERVER), map.clone());
    assert!(!failing.wait(), "{}", failing.log());
    let number = Managed::<F>::number();
    failing.await_log(&[&format!("DHCP{number}_CONFIG_LOAD_FAIL"), "min-valid-lifetime"]);
    let script = world.path("repair-mode");
    let text = format!("#!/bin/sh\nexec {} -X -R \"$@\"\n", program(F::SERVER).display());
    std::fs::write(&script, text).expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    let server = Managed::<F> { server: ServerOf::start(world, F::server(&lan), "repairing", &script, map) };
    server.server.await_log(&[&format!("DHCP{number}_CB_REPAIR_MODE_ENABLED")]);
    assert_eq!(server.server.command("config-backend-pull", None)["result"], 1);
    let parameters = json!({"parameters": ["min-valid-lifetime"], "server-tags": ["all"]});
    server.done("remote-global-parameter#-del", Some(parameters));
    server.set("global-parameter#", "parameters", json!({"valid-lifetime": 4444}), "all");
    server.pull();
    assert_eq!(server.shown()["valid-lifetime"], 4444);
    assert!(server.server.stop());
}
