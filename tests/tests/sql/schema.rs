//! Kea's schema in each engine: made, made after an interruption, upgraded from Debian's Kea 2.2, and what its triggers
//! count.

use kotare_model::{Lease4, Lease6, LeaseType, SubnetId};
use kotare_store::{Counted, LeaseStore};
use kotare_store_sql::schema::{self, Schema, Version};
use kotare_store_sql::{Connection, Engine, Retry, SqlError, SqlLeases, Statement, Trouble};

use crate::for_each_engine;
use crate::world::{self, Database};

for_each_engine! {
    /// All tables are there with the version of today, and nothing is left to do.
    a_schema_is_made,
    /// Wherever the making is interrupted, it goes on.
    an_interrupted_schema_is_finished,
    /// Triggers count leases by subnet, pool and state, and a recount mends what is wrong.
    leases_are_counted,
    /// Triggers count assigned leases by the classes in their user contexts, whatever else stands there.
    leases_are_counted_by_class,
    /// What is counted anew while leases change is right.
    leases_change_while_they_are_counted,
    /// A database without tables, of another version or without a version is told from a good one.
    versions_are_checked,
}

const RETRY: Retry = Retry { tries: 1, wait: std::time::Duration::from_millis(1), for_ever: false };

async fn make(connection: &mut Connection) {
    for step in Schema::of(connection).await.expect("a look").steps() {
        schema::take(connection, &step, |_| ())
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", step.what));
    }
}

async fn a_schema_is_made(database: Database) {
    let mut connection = database.connect().await;
    make(&mut connection).await;
    let schema = Schema::of(&mut connection).await.unwrap();
    assert_eq!(schema.version(), Some(Version::current(connection.engine())));
    assert!(schema.missing().is_empty() && schema.steps().is_empty());
    assert_eq!(schema.tables().count(), if connection.engine() == Engine::Postgres { 64 } else { 63 });
    let words = Statement::new(connection.engine(), "SELECT name FROM lease_state ORDER BY state");
    let words = connection.rows(words).await.unwrap();
    assert_eq!(words.last().and_then(|row| row.text(0)), Some("registered"));
}

async fn an_interrupted_schema_is_finished(database: Database) {
    let mut connection = database.connect().await;
    for until in [1, 2, 17, 40] {
        let steps = Schema::of(&mut connection).await.unwrap().steps();
        for step in steps.iter().take(until) {
            schema::take(&mut connection, step, |_| ()).await.unwrap_or_else(|error| panic!("{error}"));
        }
        assert!(Schema::of(&mut connection).await.unwrap().is_begun());
        assert!(Version::check(&mut connection).await.is_err());
    }
    make(&mut connection).await;
    assert!(Schema::of(&mut connection).await.unwrap().steps().is_empty());
}

/// The counts of a table, a row each.
async fn counts(connection: &mut Connection, table: &str, columns: &str) -> Vec<Vec<i64>> {
    let order = format!("SELECT {columns}, leases FROM {table} WHERE leases > 0 ORDER BY {columns}");
    let rows = connection.rows(Statement::new(connection.engine(), &order)).await.unwrap();
    rows.iter().map(|row| (0..row.0.len()).map(|at| row.int(at).unwrap()).collect()).collect()
}

const COUNTED: [(&str, &str); 4] = [
    ("lease4_stat", "subnet_id, state"),
    ("lease4_pool_stat", "subnet_id, pool_id, state"),
    ("lease6_stat", "subnet_id, lease_type, state"),
    ("lease6_pool_stat", "subnet_id, pool_id, lease_type, state"),
];

async fn leases_are_counted(database: Database) {
    let mut connection = database.connect().await;
    make(&mut connection).await;
    let engine = connection.engine();
    for (address, subnet, pool, state) in
        [(1, 1, 0, 0), (2, 1, 0, 0), (3, 1, 2, 0), (4, 1, 2, 1), (5, 2, 0, 2), (6, 2, 0, 0)]
    {
        let values = format!("({address}, {subnet}, {pool}, {state})");
        connection
            .script(&format!("INSERT INTO lease4 (address, subnet_id, pool_id, state) VALUES {values}"))
            .await
            .unwrap();
        let text = format!("2001:db8::{address}");
        let address = match engine {
            Engine::Postgres => format!("'{text}'"),
            _ => format!("X'20010db800000000000000000000000{address}'"),
        };
        let values = format!("({address}, {subnet}, 0, {pool}, {})", if state == 1 { 4 } else { state });
        connection
            .script(&format!(
                "INSERT INTO lease6 (address, subnet_id, lease_type, pool_id, state) VALUES {values}"
            ))
            .await
            .unwrap();
    }
    let [(four, by), (four_pools, by_pool), (six, by_type), (six_pools, _)] = COUNTED;
    assert_eq!(counts(&mut connection, four, by).await, [[1, 0, 3], [1, 1, 1], [2, 0, 1]]);
    assert_eq!(
        counts(&mut connection, four_pools, by_pool).await,
        [[1, 0, 0, 2], [1, 2, 0, 1], [1, 2, 1, 1], [2, 0, 0, 1]]
    );
    assert_eq!(counts(&mut connection, six, by_type).await, [[1, 0, 0, 3], [1, 0, 4, 1], [2, 0, 0, 1]]);
    assert_eq!(counts(&mut connection, six_pools, "subnet_id, pool_id").await.len(), 3);
    // Declined, moved, reclaimed, and gone; a change of something else counts nothing.
    for change in [
        "UPDATE lease4 SET state = 1 WHERE address = 1",
        "UPDATE lease4 SET subnet_id = 2 WHERE address = 2",
        "UPDATE lease4 SET pool_id = 7 WHERE address = 3",
        "UPDATE lease4 SET state = 2 WHERE address = 4",
        "UPDATE lease4 SET hostname = 'a' WHERE address = 6",
        "DELETE FROM lease4 WHERE address IN (5, 6)",
    ] {
        connection.script(change).await.unwrap();
    }
    assert_eq!(counts(&mut connection, four, by).await, [[1, 0, 1], [1, 1, 1], [2, 0, 1]]);
    assert_eq!(
        counts(&mut connection, four_pools, by_pool).await,
        [[1, 0, 1, 1], [1, 7, 0, 1], [2, 0, 0, 1]]
    );
    let mut right = Vec::new();
    for (table, columns) in COUNTED {
        right.push(counts(&mut connection, table, columns).await);
        connection
            .script(&format!("UPDATE {table} SET leases = leases + 5 WHERE subnet_id = 1"))
            .await
            .unwrap();
        connection.script(&format!("UPDATE {table} SET leases = -5 WHERE subnet_id = 2")).await.unwrap();
        connection.script(&format!("DELETE FROM {table} WHERE state = 1")).await.unwrap();
    }
    recount(&mut connection).await;
    for ((table, columns), right) in COUNTED.into_iter().zip(right) {
        assert_eq!(counts(&mut connection, table, columns).await, right, "{table}");
    }
}

async fn recount(connection: &mut Connection) {
    for step in Schema::of(connection).await.expect("a look").recount() {
        let taken = schema::take(connection, &step, |_| ()).await;
        taken.unwrap_or_else(|error| panic!("{}: {error}", step.what));
    }
}

async fn leases_change_while_they_are_counted(database: Database) {
    const LEASES: u32 = 1000;
    let mut connection = database.connect().await;
    make(&mut connection).await;
    let rows: Vec<String> = (1..=LEASES).map(|address| format!("({address}, 1, 0)")).collect();
    let insert = format!("INSERT INTO lease4 (address, subnet_id, state) VALUES {}", rows.join(", "));
    connection.script(&insert).await.unwrap();
    let mut other = database.connect().await;
    let changes = tokio::spawn(async move {
        for address in 1..=LEASES {
            let change = match address % 3 {
                0 => format!("UPDATE lease4 SET state = 1 WHERE address = {address}"),
                1 => format!("DELETE FROM lease4 WHERE address = {address}"),
                _ => format!(
                    "INSERT INTO lease4 (address, subnet_id, state) VALUES ({}, 2, 0)",
                    LEASES + address
                ),
            };
            // Whoever is in the way of the other tries again.
            while let Err(error) = other.script(&change).await {
                assert_eq!(error.trouble, Trouble::Busy, "{error}");
            }
        }
    });
    let mut recounts = 0;
    while !changes.is_finished() {
        recount(&mut connection).await;
        recounts += 1;
    }
    assert!(recounts > 0, "leases change meanwhile");
    changes.await.expect("all changes");
    let kept = counts(&mut connection, "lease4_stat", "subnet_id, state").await;
    let kept: Vec<_> = kept.into_iter().filter(|row| row.last() != Some(&0)).collect();
    let text =
        "SELECT subnet_id, state, count(*) FROM lease4 GROUP BY subnet_id, state ORDER BY subnet_id, state";
    let rows = connection.rows(Statement::new(connection.engine(), text)).await.unwrap();
    let there: Vec<Vec<i64>> = rows.iter().map(|row| (0..3).filter_map(|at| row.int(at)).collect()).collect();
    assert_eq!(kept, there);
}

/// What is counted of a class.
async fn of_class(connection: &mut Connection, table: &str, class: &str) -> i64 {
    let text = format!("SELECT leases FROM {table} WHERE client_class = '{class}'");
    let rows = connection.rows(Statement::new(connection.engine(), &text)).await.unwrap();
    rows.first().and_then(|row| row.int(0)).unwrap_or_default()
}

async fn leases_are_counted_by_class(database: Database) {
    let mut connection = database.connect().await;
    make(&mut connection).await;
    let context = |classes: &str| format!("{{ \"ISC\": {{ \"client-classes\": {classes} }}, \"a\": 1 }}");
    let both = context("[ \"ALL\", \"gold\" ]");
    for (address, state, context) in [
        (1, 0, both.as_str()),
        (2, 0, &context("[ \"gold\" ]")),
        (3, 1, &both),
        (4, 0, "no JSON of client-classes"),
        (5, 0, &context("7")),
        (6, 0, "{}"),
    ] {
        let address6 = match connection.engine() {
            Engine::Postgres => format!("'2001:db8::{address}'"),
            _ => format!("X'20010db800000000000000000000000{address}'"),
        };
        connection
            .script(&format!(
                "INSERT INTO lease4 (address, subnet_id, state, user_context) VALUES ({address}, 1, {state}, '{context}'); \
                 INSERT INTO lease6 (address, subnet_id, lease_type, state, user_context) \
                 VALUES ({address6}, 1, 2, {state}, '{context}')"
            ))
            .await
            .unwrap();
    }
    connection.script("INSERT INTO lease4 (address, subnet_id, state) VALUES (9, 1, 0)").await.unwrap();
    let mut counted = async |all: i64, gold: i64, silver: i64| {
        for (class, count) in [("ALL", all), ("gold", gold), ("silver", silver)] {
            assert_eq!(
                of_class(&mut connection, "lease4_stat_by_client_class", class).await,
                count,
                "{class}"
            );
        }
        assert_eq!(of_class(&mut connection, "lease6_stat_by_client_class", "gold").await, 2);
    };
    counted(1, 2, 0).await;
    // The same as servers ask for it.
    let of_class = |kind| Counted::OfClass("gold", kind);
    let of_subnet = |kind| Counted::OfSubnet(SubnetId(1), kind);
    let leases = SqlLeases::<Lease4>::open(database.access.clone(), RETRY, 1).await.expect("leases");
    assert_eq!(leases.count(of_class(LeaseType::Na)).await.unwrap(), Some(2));
    assert_eq!(leases.count(of_subnet(LeaseType::Na)).await.unwrap(), Some(6));
    assert_eq!(leases.count(Counted::OfClass("none", LeaseType::Na)).await.unwrap(), Some(0));
    let leases = SqlLeases::<Lease6>::open(database.access.clone(), RETRY, 1).await.expect("leases");
    assert_eq!(leases.count(of_class(LeaseType::Pd)).await.unwrap(), Some(2));
    assert_eq!(leases.count(of_class(LeaseType::Na)).await.unwrap(), Some(0));
    assert_eq!(leases.count(of_subnet(LeaseType::Pd)).await.unwrap(), Some(5));
    let mut connection = database.connect().await;
    for damage in ["UPDATE # SET leases = 90", "DELETE FROM #"] {
        for table in ["lease4_stat_by_client_class", "lease6_stat_by_client_class"] {
            connection.script(&damage.replace('#', table)).await.unwrap();
        }
        recount(&mut connection).await;
        counted(1, 2, 0).await;
    }
    let silver = context("[ \"silver\" ]");
    for (change, wanted) in [
        ("UPDATE lease4 SET state = 0 WHERE address = 3".to_owned(), [2, 3, 0]),
        (format!("UPDATE lease4 SET user_context = '{silver}' WHERE address = 2"), [2, 2, 1]),
        ("UPDATE lease4 SET hostname = 'x' WHERE address = 1".to_owned(), [2, 2, 1]),
        ("UPDATE lease4 SET state = 2 WHERE address = 1".to_owned(), [1, 1, 1]),
        ("DELETE FROM lease4".to_owned(), [0, 0, 0]),
    ] {
        connection.script(&change).await.unwrap();
        let [all, gold, silver] = wanted;
        counted(all, gold, silver).await;
    }
}

async fn versions_are_checked(database: Database) {
    let mut connection = database.connect().await;
    let engine = connection.engine();
    let empty = Version::check(&mut connection).await.unwrap_err();
    assert!(empty.to_string().contains("schema_version"), "{empty}");
    make(&mut connection).await;
    assert_eq!(Version::check(&mut connection).await.unwrap(), Version::current(engine));
    for (version, words) in [("0", "oldest that can be used"), ("99", "newer Kea")] {
        connection
            .script(&format!("UPDATE schema_version SET version = {version}, minor = 0"))
            .await
            .unwrap();
        let error = Version::check(&mut connection).await.unwrap_err().to_string();
        let current = Version::current(engine);
        let mismatch =
            format!("schema version mismatch: expected version: {current}, found version: {version}.0");
        assert!(error.contains(&mismatch) && error.contains(words), "{error}");
    }
    let error = SqlLeases::<Lease4>::open(database.access.clone(), RETRY, 1)
        .await
        .expect_err("no leases")
        .to_string();
    assert!(error.contains("found version: 99.0"), "{error}");
    connection.script("DELETE FROM schema_version").await.unwrap();
    let error = Version::check(&mut connection).await.unwrap_err().to_string();
    assert!(error.contains("not initialized to its end"), "{error}");
}

/// A database of Debian's Kea 2.2, with leases, reservations and classes.
async fn of_kea_2_2(engine: Engine) -> Option<(Database, Connection)> {
    let database = world::of_kea_2_2(engine)?;
    let mut connection = database.connect().await;
    let (bytes, time) = match engine {
        Engine::MySql => ("X'010203'", "FROM_UNIXTIME(1900000000)"),
        _ => ("'\\x010203'", "to_timestamp(1900000000)"),
    };
    for statement in [
        format!(
            "INSERT INTO lease4 (address, hwaddr, client_id, valid_lifetime, expire, subnet_id, state) \
             VALUES (3221225985, {bytes}, {bytes}, 3600, {time}, 1, 0), (3221225986, {bytes}, NULL, 3600, {time}, 1, 1)"
        ),
        format!(
            "INSERT INTO lease6 (address, duid, valid_lifetime, expire, subnet_id, lease_type, iaid, prefix_len, state) \
             VALUES ('2001:db8::1', {bytes}, 3600, {time}, 1, 0, 7, 128, 0), \
             ('2001:db8:1::', {bytes}, 3600, {time}, 1, 2, 7, 48, 0)"
        ),
        format!(
            "INSERT INTO hosts (host_id, dhcp_identifier, dhcp_identifier_type, dhcp6_subnet_id) VALUES (9, {bytes}, 1, 1)"
        ),
        "INSERT INTO ipv6_reservations (address, prefix_len, type, host_id) VALUES ('2001:db8::9', 128, 0, 9)".into(),
        "INSERT INTO dhcp4_options (code, space, host_id, scope_id) VALUES (6, 'dhcp4', 9, 3)".into(),
    ] {
        connection.script(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    Some((database, connection))
}

fn upgraded(engine: Engine, interrupted: bool) {
    world::run(async {
        let Some((_database, mut connection)) = of_kea_2_2(engine).await else { return };
        let before = Schema::of(&mut connection).await.unwrap();
        assert_eq!(before.version(), Some(Version::oldest(engine)));
        assert_eq!(Version::check(&mut connection).await.unwrap(), Version::oldest(engine));
        assert!(!before.missing().is_empty());
        if interrupted {
            for until in [1, 4, 12, 40] {
                let steps = Schema::of(&mut connection).await.unwrap().steps();
                for step in steps.iter().take(until) {
                    schema::take(&mut connection, step, |_| ()).await.unwrap();
                }
            }
        }
        make(&mut connection).await;
        let after = Schema::of(&mut connection).await.unwrap();
        assert_eq!(after.version(), Some(Version::current(engine)));
        let fresh = world::database(engine).expect("a database");
        let mut fresh = fresh.connect().await;
        make(&mut fresh).await;
        let fresh = Schema::of(&mut fresh).await.unwrap();
        let (upgraded, made) = (after.columns(), fresh.columns());
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|line| !those.contains(line)).cloned().collect()
        };
        assert_eq!(only(&upgraded, &made), only(&made, &upgraded), "upgraded, and made anew");
        let addresses = match engine {
            Engine::MySql => "SELECT INET6_NTOA(address) FROM lease6 ORDER BY address",
            _ => "SELECT host(address) FROM lease6 ORDER BY address",
        };
        let rows = connection.rows(Statement::new(engine, addresses)).await.unwrap();
        let addresses: Vec<_> = rows.iter().filter_map(|row| row.text(0)).collect();
        assert_eq!(addresses, ["2001:db8::1", "2001:db8:1::"]);
        assert_eq!(counts(&mut connection, "lease4_stat", "subnet_id, state").await, [[1, 0, 1], [1, 1, 1]]);
        let pools = counts(&mut connection, "lease6_pool_stat", "subnet_id, pool_id, lease_type").await;
        assert_eq!(pools, [[1, 0, 0, 1], [1, 0, 2, 1]]);
        let options = Statement::new(engine, "SELECT client_classes FROM dhcp4_options");
        let options = connection.rows(options).await.unwrap();
        assert_eq!(options[0].text(0), Some("[  ]"));
    });
}

/// What Debian's Kea 2.2 made becomes what is made today, and keeps what was in it.
#[test]
fn mysql_of_kea_2_2_is_upgraded() {
    upgraded(Engine::MySql, false);
    upgraded(Engine::MySql, true);
}

/// As with MySQL.
#[test]
fn postgresql_of_kea_2_2_is_upgraded() {
    upgraded(Engine::Postgres, false);
    upgraded(Engine::Postgres, true);
}

/// Columns that Kea had otherwise between 2.2 and 2.6 become what they are today: those of relay agents were shorter in MySQL,
/// and PostgreSQL had their addresses as bytes.
fn later_columns_are_converted(engine: Engine) {
    world::run(async {
        let Some(database) = world::database(engine) else { return };
        let mut connection = database.connect().await;
        make(&mut connection).await;
        let made = Schema::of(&mut connection).await.unwrap().columns();
        let bytes = if engine == Engine::Postgres { "BYTEA" } else { "BINARY(16)" };
        let mut script = format!(
            "UPDATE schema_version SET version = 18; ALTER TABLE lease6 ADD COLUMN binaddr {bytes}; \
             CREATE INDEX lease6_by_binaddr ON lease6 (binaddr)"
        );
        for (table, name) in [("lease6_relay_id", "relay_id"), ("lease6_remote_id", "remote_id")] {
            script.push_str(&match engine {
                Engine::Postgres => format!(
                    "; ALTER TABLE {table} DROP CONSTRAINT fk_{table}_addr; \
                     ALTER TABLE {table} ALTER COLUMN lease_addr TYPE BYTEA USING ''::bytea; \
                     INSERT INTO {table} ({name}, lease_addr) VALUES ('x', '\\x20010db8000000000000000000000001')"
                ),
                _ => format!("; ALTER TABLE lease4 MODIFY COLUMN {name} VARBINARY(128) NULL"),
            });
        }
        connection.script(&script).await.unwrap();
        assert_ne!(Schema::of(&mut connection).await.unwrap().columns(), made);
        make(&mut connection).await;
        let after = Schema::of(&mut connection).await.unwrap();
        assert_eq!((after.version(), after.columns()), (Some(Version::current(engine)), made));
    });
}

#[test]
fn later_columns_of_mysql_are_converted() {
    later_columns_are_converted(Engine::MySql);
}

#[test]
fn later_columns_of_postgresql_are_converted() {
    later_columns_are_converted(Engine::Postgres);
}

/// What is no address of IPv6 keeps addresses from being written otherwise, is named, and goes nowhere.
#[test]
fn what_is_no_address_is_named() {
    world::run(async {
        let Some((_database, mut connection)) = of_kea_2_2(Engine::MySql).await else { return };
        let insert = "INSERT INTO lease6 (address, valid_lifetime, subnet_id, lease_type, prefix_len, state) \
                      VALUES ('nonsense', 3600, 1, 0, 128, 0), ('192.0.2.1', 3600, 1, 0, 128, 0)";
        connection.script(insert).await.unwrap();
        let steps = Schema::of(&mut connection).await.unwrap().steps();
        let upgraded = async {
            for step in &steps {
                schema::take(&mut connection, step, |_| ()).await?;
            }
            Ok(())
        };
        let upgraded: Result<(), SqlError> =
            tokio::time::timeout(std::time::Duration::from_secs(60), upgraded).await.expect("an end");
        let error = upgraded.expect_err("rows that have no address").to_string();
        for words in ["table lease6", "'nonsense'", "'192.0.2.1'", "correct or delete"] {
            assert!(error.contains(words), "{error}");
        }
        connection.script("DELETE FROM lease6 WHERE address IN ('nonsense', '192.0.2.1')").await.unwrap();
        make(&mut connection).await;
        let addresses =
            Statement::new(Engine::MySql, "SELECT INET6_NTOA(address) FROM lease6 ORDER BY address");
        let rows = connection.rows(addresses).await.unwrap();
        let addresses: Vec<_> = rows.iter().filter_map(|row| row.text(0)).collect();
        assert_eq!(addresses, ["2001:db8::1", "2001:db8:1::"]);
    });
}
