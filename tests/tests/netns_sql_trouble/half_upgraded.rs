//! A database whose tables are made or upgraded just now, or were not to their end, met by servers. Whatever of it a server can
//! work with it works with; else it does not start, and it and `-T` say what is missing. `kea-admin db-upgrade` finishes it, a
//! server itself what is in a file of its own; then all can be used, and what was leased meanwhile is there.

use std::fs;
use std::process::Command;

use kotare_store_sql::Engine;
use kotare_store_sql::schema::{self, Schema};
use kotare_tests::database::{DatabaseServer, Kind, PASSWORD, USER};
use kotare_tests::world::{
    Client6Program, ClientProgram, Family, Host, ServerOf, V4, V6, Wish, World, lan_configuration,
    lan6_configuration, program,
};
use serde_json::{Value, json};

use crate::in_sandboxes;
use crate::kept::{Kept, NAME};

in_sandboxes! {
    mariadb_is_upgraded_beside_v4: |world| v4(world, of_kea(Kind::MariaDb));
    mariadb_is_upgraded_beside_v6: |world| v6(world, of_kea(Kind::MariaDb));
    postgresql_is_upgraded_beside_v4: |world| v4(world, of_kea(Kind::Postgres));
    postgresql_is_upgraded_beside_v6: |world| v6(world, of_kea(Kind::Postgres));
    a_file_that_was_made_by_half_is_finished: half_made;
    a_file_of_an_earlier_version_is_upgraded: of_an_earlier_version;
}

/// Where a configuration names a database.
const PLACES: [&str; 4] = ["lease-database", "hosts-databases", "config-control", "hooks-libraries"];
/// How often the upgrade is interrupted.
const STOPS: usize = 4;

/// A database that Debian's Kea 2.2 made; none where it is not there.
fn of_kea(kind: Kind) -> Option<Kept> {
    let server = DatabaseServer::start(kind)?;
    let made = server.create_as_kea(NAME);
    let database = server.map(NAME);
    made.then_some(Kept { server: Some(server), database })
}

fn v4(world: &World, kept: Option<Kept>) {
    let Some(kept) = kept else { return };
    let lan = world.lan();
    let obtain = |name: &str| lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string();
    Scene::<V4, _> {
        world,
        host: &lan.server,
        map: lan_configuration(),
        obtain,
        _family: Default::default(),
    }
    .upgraded(&kept);
}

fn v6(world: &World, kept: Option<Kept>) {
    let Some(kept) = kept else { return };
    let lan = world.lan6();
    let obtain = |name: &str| {
        let lease = lan.client(name, Client6Program::Dhcpcd, Wish::Address).obtain();
        lease.address.expect("an address").to_string()
    };
    Scene::<V6, _> {
        world,
        host: &lan.server,
        map: lan6_configuration(),
        obtain,
        _family: Default::default(),
    }
    .upgraded(&kept);
}

/// Servers of a family, and clients that they serve.
struct Scene<'a, F, O> {
    world: &'a World,
    host: &'a Host,
    map: Value,
    /// Has a client of this name get an address.
    obtain: O,
    _family: std::marker::PhantomData<F>,
}

impl<F: Family, O: Fn(&str) -> String> Scene<'_, F, O> {
    /// With a database at these places.
    fn with(&self, places: &[&str], database: &Value) -> Value {
        let mut map = self.map.clone();
        let mut libraries = vec![json!({"library": "/nowhere/libdhcp_lease_cmds.so"})];
        for place in places {
            match *place {
                "lease-database" => map["lease-database"] = database.clone(),
                "hosts-databases" => map["hosts-databases"] = json!([database]),
                "config-control" => map["config-control"] = json!({"config-databases": [database]}),
                _ => libraries
                    .push(json!({"library": "/nowhere/libdhcp_legal_log.so", "parameters": database})),
            }
        }
        map["hooks-libraries"] = libraries.into();
        map
    }

    /// Why a configuration is wrong by `-T`, if it is.
    fn wrong(&self, map: &Value) -> Option<String> {
        let file = self.world.path("checked.json");
        fs::write(&file, json!({ (F::MAP): map }).to_string()).expect("a file");
        let output =
            Command::new(program(F::SERVER)).args(["-X", "-T"]).arg(&file).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (!output.status.success()).then_some(said)
    }

    /// A client gets an address of a server with a database at these places; which.
    fn served(&self, name: &str, places: &[&str], database: &Value) -> String {
        let server = ServerOf::<F>::kotare(self.world, self.host, name, self.with(places, database));
        let address = (self.obtain)(name);
        assert!(self.has(&server, &address));
        assert!(server.stop());
        address
    }

    fn has(&self, server: &ServerOf<F>, address: &str) -> bool {
        let command = if F::MAP == "Dhcp4" { "lease4-get" } else { "lease6-get" };
        server.command(command, Some(json!({"ip-address": address})))["result"] == 0
    }

    /// The upgrade is interrupted again and again, in the middle of a step where the engine lets halves stand, and finished by
    /// `kea-admin`.
    fn upgraded(&self, kept: &Kept) {
        let steps = kept.in_connection(async |connection| Ok(Schema::of(connection).await?.steps().len()));
        let steps = steps.expect("a plan");
        assert!(steps > STOPS, "{steps} steps");
        let (mut given, mut refused) = (Vec::new(), Vec::new());
        for stop in 0..STOPS {
            if stop > 0 {
                interrupted(kept, steps / STOPS);
            }
            for place in PLACES {
                let map = self.with(&[place], &kept.database);
                match self.wrong(&map) {
                    Some(said) => {
                        self.is_refused(&format!("{stop}-{place}"), map, &said);
                        refused.push(format!("{stop} {place}: {said}"));
                    }
                    None if place == "lease-database" => {
                        given.push(self.served(&format!("c{stop}"), &[place], &kept.database));
                    }
                    None => {}
                }
            }
        }
        assert!(!refused.is_empty() && !given.is_empty(), "{given:?} {refused:?}");
        let kind = if kept.engine() == "mysql" { "mysql" } else { "pgsql" };
        let host = kept.database["host"].as_str().expect("it has one");
        administered(&["db-upgrade", kind, "-n", NAME, "-u", USER, "-p", PASSWORD, "-h", host]);
        let map = self.with(&PLACES, &kept.database);
        assert_eq!(self.wrong(&map), None);
        given.push(self.served("finished", &PLACES, &kept.database));
        let server = ServerOf::<F>::kotare(self.world, self.host, "after", map);
        for address in given {
            assert!(self.has(&server, &address), "{address}");
        }
        assert!(server.stop());
    }

    /// A server does not start, for the reason that `-T` says: with the name of what is missing.
    fn is_refused(&self, name: &str, map: Value, said: &str) {
        let reasons = ["the table ", "its schema has the version ", "the database was not "];
        let words = reasons.iter().find_map(|words| said.find(words)).map(|at| &said[at..]);
        let words = words.and_then(|words| words.split([':', ';', '\n']).next());
        let words = words.unwrap_or_else(|| panic!("{name}: {said}"));
        let mut server = ServerOf::<F>::launch(self.world, self.host, name, &program(F::SERVER), map);
        assert!(!server.wait(), "{name}: {}", server.log());
        let log = server.log();
        let fail = format!("{}_INIT_FAIL", F::MAP.to_uppercase());
        let told = log.lines().any(|line| line.contains(&fail) && line.contains(words));
        assert!(told, "{name}, {words}: {log}");
    }
}

/// Does so many steps of an upgrade, and a half of the next where that stands.
fn interrupted(kept: &Kept, steps: usize) {
    let done = kept.in_connection(async |connection| {
        for step in Schema::of(connection).await?.steps().iter().take(steps) {
            schema::take(connection, step, |_| ()).await?;
        }
        if connection.engine() == Engine::MySql
            && let Some(step) = Schema::of(connection).await?.steps().first()
            && let Some(half) = step.statements().next()
        {
            connection.script(half).await?;
        }
        Ok(())
    });
    done.unwrap_or_else(|reason| panic!("{reason}"));
}

fn administered(arguments: &[&str]) {
    let output = Command::new(program("kea-admin")).args(arguments).output().expect("kea-admin starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The version that a file says it has.
fn version(kept: &Kept) -> String {
    kept.texts("SELECT version || '.' || minor FROM schema_version").concat()
}

/// A server of either family makes what a file lacks.
fn half_made(world: &World) {
    let lan = world.lan();
    let obtain = |name: &str| lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string();
    let scene = Scene::<V4, _> {
        world,
        host: &lan.server,
        map: lan_configuration(),
        obtain,
        _family: Default::default(),
    };
    for (number, parts) in [4, 2].into_iter().enumerate() {
        let file = world.path(&format!("half-{number}.sqlite"));
        let kept = Kept { server: None, database: json!({"type": "sqlite", "name": file}) };
        let steps = kept.in_connection(async |connection| {
            connection.script("CREATE TABLE other (it INTEGER); DROP TABLE other").await?;
            Ok(Schema::of(connection).await?.steps().len())
        });
        interrupted(&kept, steps.expect("a plan") / parts);
        assert_eq!(scene.wrong(&scene.with(&PLACES, &kept.database)), None);
        scene.served(&format!("half{number}"), &PLACES, &kept.database);
        assert_eq!(version(&kept), current());
    }
}

fn current() -> String {
    schema::Version::current(Engine::Sqlite).to_string()
}

/// As the first version had it: with indexes of more rows, and of more columns, and triggers that did it all.
const EARLIER: &str = "DROP INDEX lease4_by_hostname; \
    CREATE INDEX lease4_by_hostname ON lease4 (lower(hostname)) WHERE hostname IS NOT NULL; \
    CREATE INDEX lease4_by_state ON lease4 (state, subnet_id); CREATE INDEX fk_lease6_type ON lease6 (lease_type); \
    DROP TRIGGER lease4_AINS; DROP TRIGGER lease4_classes_AINS; DROP TRIGGER lease6_AUPD; \
    UPDATE schema_version SET version = 1, minor = 0";

/// A server upgrades a file, and `kea-admin` does; leases are counted as before.
fn of_an_earlier_version(world: &World) {
    let lan = world.lan();
    let obtain = |name: &str| lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string();
    let scene = Scene::<V4, _> {
        world,
        host: &lan.server,
        map: lan_configuration(),
        obtain,
        _family: Default::default(),
    };
    for by_server in [true, false] {
        let name = if by_server { "server" } else { "admin" };
        let kept = Kept::in_sqlite(world, &format!("{name}.sqlite"));
        let given = scene.served(&format!("{name}1"), &["lease-database"], &kept.database);
        kept.say(EARLIER).expect("it was so");
        if !by_server {
            administered(&["db-upgrade", "sqlite", "-n", kept.database["name"].as_str().expect("a file")]);
            assert_eq!(version(&kept), current());
        }
        let other = scene.served(&format!("{name}2"), &["lease-database"], &kept.database);
        assert_eq!(version(&kept), current());
        assert_ne!(given, other);
        assert_eq!(kept.numbers("SELECT leases FROM lease4_stat WHERE state = 0"), [Some(2)]);
        let indexes = kept.texts(
            "SELECT sql FROM sqlite_schema WHERE type = 'index' AND (name LIKE '%hostname' AND tbl_name LIKE 'lease%' OR \
             name IN ('lease4_by_state', 'fk_lease6_type'))",
        );
        assert!(
            indexes.len() == 2 && indexes.iter().all(|it| it.ends_with("WHERE hostname <> ''")),
            "{indexes:?}"
        );
    }
}
