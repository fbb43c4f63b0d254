//! Databases that cannot be used: of another version, with something missing, with other credentials. A server that would use one
//! for leases, reservations, its configuration or its legal log does not start, nor is its configuration right for `-T`; both
//! say why.

use std::fs;
use std::path::Path;
use std::process::Command;

use kotare_tests::database::{DatabaseServer, Kind, PASSWORD};
use kotare_tests::world::{Host, Server, World, lan_configuration, program};
use serde_json::{Value, json};

use crate::in_sandboxes;
use crate::kept::Kept;

in_sandboxes! {
    what_is_wrong_in_sqlite_is_told: |world| what_is_wrong_is_told(world, &Kept::in_sqlite(world, "kept.sqlite"));
    what_is_wrong_in_mariadb_is_told: |world| in_server(world, Kind::MariaDb);
    what_is_wrong_in_postgresql_is_told: |world| in_server(world, Kind::Postgres);
    files_that_are_no_databases_are_told: what_is_no_database_is_told;
    files_that_are_not_whole_are_told: a_file_that_is_not_whole_is_told;
}

/// Where a configuration names databases, and a table of each that is needed there.
const PLACES: [(&str, &str); 4] = [
    ("lease-database", "lease4"),
    ("hosts-databases", "hosts"),
    ("config-control", "dhcp4_subnet"),
    ("hooks-libraries", "logs"),
];

fn map(place: &str, database: &Value) -> Value {
    let mut map = lan_configuration();
    map[place] = match place {
        "lease-database" => database.clone(),
        "hosts-databases" => json!([database]),
        "hooks-libraries" => json!([{"library": "/nowhere/libdhcp_legal_log.so", "parameters": database}]),
        _ => json!({"config-databases": [database]}),
    };
    map
}

fn in_server(world: &World, kind: Kind) {
    let Some(mut server) = DatabaseServer::made(kind, None) else { return };
    if kind == Kind::Postgres {
        let hba = server.file("hba", "local all postgres trust\nlocal all all scram-sha-256\n");
        server.tell(["-c".to_owned(), format!("hba_file={}", hba.display())]);
    }
    server.run();
    let kept = Kept::of(server);
    what_is_wrong_is_told(world, &kept);
    let host = world.host("elsewhere");
    let with = |keyword: &str, value: &str| {
        let mut database = kept.database.clone();
        database[keyword] = value.into();
        database
    };
    let refused = if kind == Kind::MariaDb { "denied" } else { "password authentication failed" };
    for (place, _) in PLACES {
        for (keyword, value, words) in [
            ("password", "another-secret", refused),
            ("user", "stranger", refused),
            ("name", "nowhere", "nowhere"),
            ("host", "/no/such/folder", "/no/such/folder"),
        ] {
            Tried { world, host: &host, place, database: &with(keyword, value) }.is_refused(words);
        }
    }
}

/// A server that shall use a database at some place of its configuration.
struct Tried<'a> {
    world: &'a World,
    host: &'a Host,
    place: &'a str,
    database: &'a Value,
}

impl Tried<'_> {
    /// It does not start, and `-T` fails, for a reason with these words and without a password.
    fn is_refused(&self, words: &str) {
        let map = map(self.place, self.database);
        let checked = self.checked(&map);
        assert!(!checked.0 && checked.1.contains(words), "{} {words}: {}", self.place, checked.1);
        let name = format!("refused-{}", words.replace(['/', ' ', ':'], "-"));
        let mut server = Server::launch(self.world, self.host, &name, &program("kea-dhcp4"), map);
        assert!(!server.wait(), "{} {words}: {}", self.place, server.log());
        let log = server.log();
        let told = log.lines().any(|line| line.contains("DHCP4_INIT_FAIL") && line.contains(words));
        assert!(told, "{} {words}: {log}", self.place);
        for text in [log, checked.1] {
            assert!(!text.contains(PASSWORD) || !text.contains("password=k"), "{text}");
            assert!(!text.contains("another-secret"), "{text}");
        }
        fs::remove_file(server.folder().join("log")).expect("a log to remove");
    }

    /// It starts, and `-T` has nothing to say.
    fn is_taken(&self) {
        let map = map(self.place, self.database);
        let (is_right, said) = self.checked(&map);
        assert!(is_right, "{}: {said}", self.place);
        assert!(Server::kotare(self.world, self.host, "taken", map).stop());
    }

    fn checked(&self, map: &Value) -> (bool, String) {
        let file = self.world.path("checked.json");
        fs::write(&file, json!({"Dhcp4": map}).to_string()).expect("a file");
        checked(&["-X", "-T"], &file)
    }
}

/// What `kea-dhcp4` says of a file, and whether it is right.
fn checked(options: &[&str], file: &Path) -> (bool, String) {
    let output = Command::new(program("kea-dhcp4")).args(options).arg(file).output().expect("it runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What is spoiled in a database, how it is mended, and what is said.
fn spoilt(kept: &Kept, table: &str) -> Vec<[String; 3]> {
    let current = kept.numbers("SELECT version, minor FROM schema_version");
    let [Some(major), Some(minor)] = current[..] else { panic!("{current:?}") };
    let mend = format!("UPDATE schema_version SET version = {major}");
    let mut spoilt =
        vec![["UPDATE schema_version SET version = 99".into(), mend.clone(), "found version: 99".into()]];
    // What a file of SQLite has not is made.
    if kept.server.is_some() {
        let column = match table {
            "dhcp4_subnet" => "subnet_prefix",
            "logs" => "log",
            _ => "hostname",
        };
        let rename = |from: &str, to: &str| format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}");
        spoilt.extend([
            ["UPDATE schema_version SET version = 0".into(), mend, "oldest that can be used".into()],
            [
                "DELETE FROM schema_version".into(),
                format!("INSERT INTO schema_version (version, minor) VALUES ({major}, {minor})"),
                "not initialized to its end".into(),
            ],
            [rename(column, "elsewhere"), rename("elsewhere", column), column.into()],
            [
                format!("ALTER TABLE {table} RENAME TO elsewhere"),
                format!("ALTER TABLE elsewhere RENAME TO {table}"),
                table.into(),
            ],
        ]);
    }
    spoilt
}

/// A file that lacks a table or was not made to its end: `-T` says so and leaves it as it is, and the server makes it whole.
fn a_file_that_is_not_whole_is_told(world: &World) {
    let host = world.host("server");
    let kept = Kept::in_sqlite(world, "kept.sqlite");
    for (place, table) in PLACES {
        let tried = Tried { world, host: &host, place, database: &kept.database };
        for (spoil, lacks) in [
            (format!("DROP TABLE {table}"), format!("new table {table}")),
            ("DELETE FROM schema_version".to_owned(), "the server makes what it lacks".to_owned()),
        ] {
            let script = format!("PRAGMA foreign_keys = OFF; {spoil}");
            kept.say(&script).unwrap_or_else(|reason| panic!("{spoil}: {reason}"));
            for _ in 0..2 {
                let (is_right, said) = tried.checked(&map(place, &kept.database));
                let told = said.lines().any(|line| line.contains("is not whole") && line.contains(&lacks));
                assert!(is_right && told, "{place} {spoil}: {said}");
            }
            tried.is_taken();
            let (is_right, said) = tried.checked(&map(place, &kept.database));
            assert!(is_right && !said.contains("is not whole"), "{place} {spoil}: {said}");
        }
    }
}

fn what_is_wrong_is_told(world: &World, kept: &Kept) {
    let host = world.host("server");
    for (place, table) in PLACES {
        let tried = Tried { world, host: &host, place, database: &kept.database };
        for [spoil, mend, words] in spoilt(kept, table) {
            kept.say(&spoil).unwrap_or_else(|reason| panic!("{spoil}: {reason}"));
            tried.is_refused(&words);
            kept.say(&mend).unwrap_or_else(|reason| panic!("{mend}: {reason}"));
        }
        tried.is_taken();
    }
}

/// A file of something else, a folder, and a file that is nowhere: `-T` makes none.
fn what_is_no_database_is_told(world: &World) {
    let host = world.host("server");
    let folder = world.path("kept");
    fs::create_dir_all(folder.join("folder.sqlite")).expect("a folder");
    fs::write(folder.join("text.sqlite"), "This is no database.\n".repeat(100)).expect("a file");
    for (place, _) in PLACES {
        let database = |name: &str| json!({"type": "sqlite", "name": folder.join(name)});
        for (name, words) in [("text.sqlite", "not a database"), ("folder.sqlite", "folder.sqlite")] {
            Tried { world, host: &host, place, database: &database(name) }.is_refused(words);
        }
        let missing = database(&format!("{place}.sqlite"));
        let tried = Tried { world, host: &host, place, database: &missing };
        let (is_right, said) = tried.checked(&map(place, &missing));
        assert!(is_right && !folder.join(format!("{place}.sqlite")).exists(), "{place}: {said}");
        tried.is_taken();
        assert!(folder.join(format!("{place}.sqlite")).exists());
    }
}
