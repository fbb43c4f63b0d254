//! `kea-admin` with a database of each engine: what operators and their scripts call it for.

use std::fs::{read_to_string, write};
use std::path::PathBuf;
use std::process::Command;

use kotare_store_sql::{Connection, Engine, Statement};
use kotare_tests::world::program;
use tempfile::TempDir;

use crate::for_each_engine;
use crate::world::{self, Database};

for_each_engine! {
    /// Tables are made once, in an empty database, and none by a dry run.
    tables_are_made,
    /// Leases of lease files come into a database and out of it, row by row as they were.
    leases_are_carried,
    /// Nothing is replaced unasked, and nothing is half uploaded.
    an_upload_replaces_nothing_unasked,
    /// Counters that somebody damaged are right again.
    damaged_counters_are_mended,
    /// Tables that somebody dropped are made again.
    missing_tables_are_made_again,
}

const HEADER4: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";
const HEADER6: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,\
    fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";

/// A folder, and the program on a database.
struct Scene<'a> {
    database: &'a Database,
    folder: TempDir,
}

impl<'a> Scene<'a> {
    fn of(database: &'a Database) -> Self {
        Self { database, folder: TempDir::new().expect("a temporary folder") }
    }

    /// Runs `command BACKEND … options` with the options that name the database.
    fn run(&self, command: &str, options: &[&str]) -> (bool, String) {
        let access = &self.database.access;
        let backend = match access.engine {
            Engine::MySql => "mysql",
            Engine::Postgres => "pgsql",
            Engine::Sqlite => "sqlite",
        };
        let mut run = Command::new(program("kea-admin"));
        run.args([command, backend, "--name", &access.name]).args(options).current_dir(self.folder.path());
        if access.engine != Engine::Sqlite {
            run.args(["-h", &access.host, "-u", access.user.as_deref().unwrap_or_default()]);
            run.env("KEA_ADMIN_DB_PASSWORD", access.password.as_deref().unwrap_or_default());
        }
        let output = run.output().expect("kea-admin is built: `cargo build -p kotare-admin`");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        (output.status.success(), said)
    }

    fn succeeds(&self, command: &str, options: &[&str]) -> String {
        let (success, said) = self.run(command, options);
        assert!(success, "{command}: {said}");
        said
    }

    fn fails(&self, command: &str, options: &[&str], words: &[&str]) {
        let (success, said) = self.run(command, options);
        assert!(!success && said.contains("ERROR/kea-admin: "), "{command}: {said}");
        for word in words {
            assert!(said.contains(word), "{command}: {word} in {said}");
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn row(host: u32) -> String {
    let [.., three, four] = host.to_be_bytes();
    format!(
        "10.0.{three}.{four},02:00:00:00:{three:02x}:{four:02x},01:02:{four:02x},3600,1900003600,1,0,1,host-{host}.example,0,,{}",
        host % 3
    )
}

fn leases(count: u32) -> String {
    let rows: String = (1..=count).map(|host| row(host) + "\n").collect();
    format!("{HEADER4}\n{rows}")
}

async fn tables_are_made(database: Database) {
    let scene = Scene::of(&database);
    let version = kotare_store_sql::schema::Version::current(database.access.engine).to_string();
    let dry = scene.succeeds("db-init", &["--dry-run"]);
    assert!(
        dry.contains("CREATE TABLE") && dry.contains("lease6_AINS") || dry.contains("lease6_ains"),
        "{dry}"
    );
    let (success, said) = scene.run("db-version", &[]);
    assert!(
        !success && (said.contains("Failed to get schema version") || said.contains("no such file")),
        "{said}"
    );
    let said = scene.succeeds("db-init", &[]);
    assert!(said.contains("Checking if there is a database initialized already..."), "{said}");
    assert!(said.contains(&format!("Schema version reported after initialization: {version}")), "{said}");
    assert!(scene.succeeds("db-version", &[]).lines().any(|line| line == version));
    scene.fails("db-init", &[], &["Expected empty database", "lease4", "schema_version"]);
    let said = scene.succeeds("db-upgrade", &[]);
    assert!(said.contains(&format!("reported before upgrade: {version}")), "{said}");
    assert!(said.contains(&format!("reported after upgrade: {version}")), "{said}");
    database.connect().await.script("UPDATE schema_version SET version = 99, minor = 0").await.unwrap();
    scene.fails("db-upgrade", &[], &["schema version mismatch", "99.0"]);
    scene.fails("lease-dump", &["-4", "-o", "dumped"], &["schema version mismatch"]);
    assert!(!scene.file("dumped").exists());
}

async fn leases_are_carried(database: Database) {
    let scene = Scene::of(&database);
    scene.succeeds("db-init", &[]);
    // More than go in one page; of an address with two rows the last counts, and a removed one is not there.
    let text = leases(6_000);
    let doubled =
        format!("{text}{}\n{}\n", row(3).replace("host-3.", "other."), row(4).replace(",3600,", ",0,"));
    write(scene.file("in.csv"), doubled).unwrap();
    let said = scene.succeeds("lease-upload", &["-4", "-i", "in.csv"]);
    assert!(said.contains("Successfully updated table lease4."), "{said}");
    let said = scene.succeeds("lease-dump", &["-4", "-o", "out.csv"]);
    assert!(said.contains("uccessfully dumped") && said.contains("out.csv"), "{said}");
    let wanted = text.replace("host-3.", "other.").replace(&(row(4) + "\n"), "");
    assert!(read_to_string(scene.file("out.csv")).unwrap() == wanted, "the dump is the upload");
    // Again changes nothing.
    let said = scene.succeeds("lease-upload", &["-4", "-i", "out.csv"]);
    assert!(said.contains("0 of 5999 leases are new or changed"), "{said}");
    scene.fails("lease-dump", &["-4", "-o", "out.csv"], &["aborted by user"]);

    let text = format!(
        "{HEADER6}\n\
         2001:db8::1,00:03:00:01:02,3600,1900003600,1,1800,0,4294967295,128,1,1,six.example,02:00:00:00:00:01,0,,1,2,0\n\
         2001:db8::ffff,00:03:00:01:03,3600,1900003600,1,1800,0,7,128,0,0,,,1,,,,4\n\
         2001:db8:1::,00:03:00:01:02,3600,1900003600,2,1800,2,7,48,0,0,,,0,{{ \"a\": 1 }},,,0\n\
         fd00::1,00:03:00:01:02,3600,1900003600,1,1800,0,8,128,0,0,,,0,,,,0\n"
    );
    write(scene.file("in6.csv"), &text).unwrap();
    scene.succeeds("lease-upload", &["-6", "-i", "in6.csv"]);
    scene.succeeds("lease-dump", &["-6", "-o", "out6.csv"]);
    // As memfile writes the same leases.
    let memfile = Command::new(program("kea-admin"))
        .args(["lease-dump", "memfile", "-6", "-n", "in6.csv", "-o", "mem6.csv"])
        .current_dir(scene.folder.path())
        .output()
        .unwrap();
    assert!(memfile.status.success(), "{}", String::from_utf8_lossy(&memfile.stderr));
    let read = |name: &str| read_to_string(scene.file(name)).unwrap();
    assert_eq!(read("out6.csv"), read("mem6.csv"));
    assert_eq!(read("out6.csv").lines().count(), 5);
}

async fn an_upload_replaces_nothing_unasked(database: Database) {
    let scene = Scene::of(&database);
    scene.succeeds("db-init", &[]);
    write(scene.file("in.csv"), leases(3)).unwrap();
    scene.succeeds("lease-upload", &["-4", "-i", "in.csv"]);
    let text = leases(900).replace("host-2.", "new.");
    write(scene.file("more.csv"), &text).unwrap();
    scene.fails(
        "lease-upload",
        &["-4", "-i", "more.csv"],
        &["1 addresses have another lease", "10.0.0.2", "--replace"],
    );
    scene.succeeds("lease-dump", &["-4", "-o", "out.csv"]);
    assert_eq!(read_to_string(scene.file("out.csv")).unwrap(), leases(3), "nothing was uploaded");
    let said = scene.succeeds("lease-upload", &["-4", "-i", "more.csv", "--replace", "--dry-run"]);
    assert!(said.contains("898 of 900 leases would be new or changed"), "{said}");
    scene.succeeds("lease-dump", &["-4", "-y", "-o", "out.csv"]);
    assert_eq!(read_to_string(scene.file("out.csv")).unwrap(), leases(3), "nothing was uploaded");
    let said = scene.succeeds("lease-upload", &["-4", "-i", "more.csv", "--replace"]);
    assert!(said.contains("898 of 900 leases are new or changed"), "{said}");
    scene.succeeds("lease-dump", &["-4", "-y", "-o", "out.csv"]);
    assert!(read_to_string(scene.file("out.csv")).unwrap() == text);
    write(scene.file("bad.csv"), format!("{text}garbage\n")).unwrap();
    scene.fails("lease-upload", &["-4", "-i", "bad.csv"], &["1 rows are damaged; nothing was uploaded"]);
    write(scene.file("empty.csv"), format!("{HEADER4}\n")).unwrap();
    scene.fails("lease-upload", &["-4", "-i", "empty.csv"], &["CSV file has no leases"]);
}

async fn damaged_counters_are_mended(database: Database) {
    let scene = Scene::of(&database);
    scene.succeeds("db-init", &[]);
    write(scene.file("in.csv"), leases(30)).unwrap();
    scene.succeeds("lease-upload", &["-4", "-i", "in.csv"]);
    let mut connection = database.connect().await;
    let counted = counts(&mut connection).await;
    assert_eq!(counted, [(0, 10), (1, 10), (2, 10)]);
    connection.script("UPDATE lease4_pool_stat SET leases = 77 WHERE pool_id = 1").await.unwrap();
    connection.script("DELETE FROM lease4_pool_stat WHERE pool_id = 2").await.unwrap();
    connection.script("UPDATE lease4_pool_stat SET leases = -3 WHERE pool_id = 0").await.unwrap();
    let dry = scene.succeeds("stats-recount", &["--dry-run"]);
    assert!(dry.contains("INSERT INTO lease4_pool_stat"), "{dry}");
    assert_eq!(counts(&mut connection).await, [(0, -3), (1, 77)], "nothing was done");
    let said = scene.succeeds("stats-recount", &[]);
    assert!(said.contains("Recount lease statistics from database"), "{said}");
    assert!(said.contains("Processing 2 of 2: statistics of lease6..."), "{said}");
    assert_eq!(counts(&mut connection).await, counted);
}

async fn missing_tables_are_made_again(database: Database) {
    let scene = Scene::of(&database);
    scene.succeeds("db-init", &[]);
    write(scene.file("in.csv"), leases(30)).unwrap();
    scene.succeeds("lease-upload", &["-4", "-i", "in.csv"]);
    let mut connection = database.connect().await;
    let counted = counts(&mut connection).await;
    for table in ["lease4_pool_stat", "logs"] {
        connection.script(&format!("DROP TABLE {table}")).await.unwrap();
    }
    scene.fails("db-version", &[], &["lacks tables of it: lease4_pool_stat logs"]);
    let dry = scene.succeeds("db-upgrade", &["--dry-run"]);
    assert!(dry.contains("CREATE TABLE") && !dry.contains("schema_version"), "{dry}");
    let said = scene.succeeds("db-upgrade", &[]);
    assert!(said.contains("new table logs"), "{said}");
    scene.succeeds("db-version", &[]);
    assert_eq!(counts(&mut connection).await, counted);
    assert!(!scene.succeeds("db-upgrade", &[]).contains("Processing"), "nothing is left to do");
}

async fn counts(connection: &mut Connection) -> Vec<(i64, i64)> {
    let text = "SELECT pool_id, leases FROM lease4_pool_stat ORDER BY pool_id";
    let rows = connection.rows(Statement::new(connection.engine(), text)).await.unwrap();
    rows.iter().filter_map(|row| Some((row.int(0)?, row.int(1)?))).collect()
}

/// A database of Debian's Kea 2.2: used as it is, then upgraded and used as before.
fn of_kea_2_2(engine: Engine) {
    world::run(async {
        let Some(database) = world::of_kea_2_2(engine) else { return };
        let scene = Scene::of(&database);
        write(scene.file("in.csv"), leases(5).replace(",1\n", ",0\n").replace(",2\n", ",0\n")).unwrap();
        scene.succeeds("lease-upload", &["-4", "-i", "in.csv"]);
        scene.succeeds("lease-dump", &["-4", "-o", "before.csv"]);
        // What this version has no column for makes no other lease of one.
        write(scene.file("pools.csv"), leases(5)).unwrap();
        let said = scene.succeeds("lease-upload", &["-4", "-i", "pools.csv"]);
        assert!(said.contains("0 of 5 leases are new or changed"), "{said}");
        let dry = scene.succeeds("db-upgrade", &["--dry-run"]);
        assert!(dry.contains("ALTER TABLE") && dry.contains("pool_id"), "{dry}");
        let said = scene.succeeds("db-upgrade", &[]);
        let version = kotare_store_sql::schema::Version::current(engine);
        assert!(
            said.contains("Processing 1 of ") && said.contains(&format!("after upgrade: {version}")),
            "{said}"
        );
        scene.succeeds("lease-dump", &["-4", "-o", "after.csv"]);
        let read = |name: &str| read_to_string(scene.file(name)).unwrap();
        assert_eq!(read("before.csv"), read("after.csv"));
        assert_eq!(read("in.csv"), read("after.csv"));
        scene.succeeds("stats-recount", &[]);
    });
}

/// See [`of_kea_2_2`].
#[test]
fn mysql_of_kea_2_2() {
    of_kea_2_2(Engine::MySql);
}

/// See [`of_kea_2_2`].
#[test]
fn postgresql_of_kea_2_2() {
    of_kea_2_2(Engine::Postgres);
}
