//! Connections that are in each other's way: a deadlock that the database ends by giving one of them up, and a file that
//! somebody else writes.

use std::sync::Arc;

use kotare_model::{HostId, HostIdType, Lease4, LeaseState, Reservation, Reserved4, SubnetId, Timestamp};
use kotare_store::conformance::{Executor, HostSpecimen, Specimen};
use kotare_store::{Change, Edited, HostStore, LeaseStore, PageFilter, Put};
use kotare_store_sql::{Access, Connection, Engine, SqlHosts, SqlLeases, Statement};
use kotare_tests::world::PATIENCE;
use tokio::time::timeout;

use crate::for_each_engine;
use crate::leases::{RETRY, emptied, runtime};
use crate::world::{Database, of_kea_2_2};

for_each_engine! {
    /// Whoever is given up tries again, and learns what became of the lease.
    a_deadlock_is_tried_again,
    /// Who removes old leases waits for who gives one of them to a client, and leaves that one alone.
    a_lease_that_is_given_again_stays,
}

/// Rows that are more work to undo than one lease.
const MUCH: usize = 500;

/// A connection that PostgreSQL would rather not give up.
async fn stubborn(database: &Database) -> Connection {
    match database.access.engine {
        Engine::Postgres => {
            let access = Access { user: Some("postgres".into()), ..database.access.clone() };
            let mut connection = Connection::open(&access).await.expect("a connection");
            connection.script("SET deadlock_timeout = '10s'").await.expect("a setting");
            connection
        }
        Engine::MySql => {
            let mut connection = database.connect().await;
            connection.script("SET SESSION innodb_lock_wait_timeout = 60").await.expect("a setting");
            connection
        }
        Engine::Sqlite => database.connect().await,
    }
}

/// A trigger counts leases in a row that somebody holds. Meanwhile that one wants the address that was just taken.
async fn a_deadlock_is_tried_again(database: Database) {
    emptied(&database, true).await;
    let mut connection = database.connect().await;
    let engine = database.access.engine;
    let trigger = match engine {
        Engine::Postgres => {
            "CREATE FUNCTION one_more() RETURNS trigger AS $$ BEGIN UPDATE counted SET leases = leases + 1; RETURN NEW; END $$ \
             LANGUAGE plpgsql; CREATE TRIGGER counting AFTER INSERT ON lease4 FOR EACH ROW EXECUTE PROCEDURE one_more()"
        }
        Engine::MySql => {
            "CREATE TRIGGER counting AFTER INSERT ON lease4 FOR EACH ROW UPDATE counted SET leases = leases + 1"
        }
        Engine::Sqlite => {
            "CREATE TRIGGER counting AFTER INSERT ON lease4 BEGIN UPDATE counted SET leases = leases + 1; END"
        }
    };
    for script in [
        "CREATE TABLE counted (leases INT)",
        "INSERT INTO counted VALUES (0)",
        "CREATE TABLE much (n INT)",
        trigger,
    ] {
        connection.script(script).await.expect("tables");
    }
    let store = Arc::new(SqlLeases::<Lease4>::open(database.access.clone(), RETRY, 1).await.expect("leases"));
    let lease = Lease4::of(7);
    let mut other = stubborn(&database).await;
    let begin = if engine == Engine::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
    other.script(begin).await.expect("a transaction");
    let rows = vec!["(1)"; MUCH].join(", ");
    other.script(&format!("INSERT INTO much VALUES {rows}")).await.expect("rows");
    other.script("UPDATE counted SET leases = leases + 1000").await.expect("a row");
    let asked = {
        let (store, lease) = (store.clone(), lease.clone());
        tokio::spawn(async move {
            store.put(Change { address: lease.address, from: None, to: Some(&lease) }).await
        })
    };
    waits(&mut connection, "UPDATE counted").await;
    let insert = format!(
        "INSERT INTO lease4 (address, valid_lifetime, subnet_id, state) VALUES ({}, 1, 1, 0)",
        u32::from(lease.address)
    );
    // Either is given up.
    let outdone = other.script(&insert).await.is_err();
    other.script(if outdone { "ROLLBACK" } else { "COMMIT" }).await.expect("an end");
    match asked.await.expect("no panic").expect("an answer") {
        Put::Done => assert!(outdone),
        Put::Conflict(there) => {
            assert!(!outdone && there.is_some_and(|there| there.address == lease.address))
        }
    }
    let count = Statement::new(engine, "SELECT leases FROM counted");
    let counted = connection.rows(count).await.expect("a count")[0].int(0);
    assert_eq!(counted, Some(if outdone { 1 } else { 1001 }));
}

/// MySQL and MariaDB give up a statement when tables leave their cache as fast as it is prepared. It was not run then.
#[test]
fn what_was_not_prepared_in_time_is_tried_again() {
    let Some(database) = of_kea_2_2(Engine::MySql) else { return };
    runtime().run(async {
        let mut connection = database.connect().await;
        for table in ["lease4", "hosts"] {
            let trigger = format!(
                "CREATE TRIGGER {table}_late BEFORE INSERT ON {table} FOR EACH ROW IF @{table} IS NULL THEN SET @{table} = 1; \
                 SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1615, MESSAGE_TEXT = 'Prepared statement needs to be re-prepared'; \
                 END IF"
            );
            connection.script(&trigger).await.expect("a trigger");
        }
        let (access, lease) = (&database.access, Lease4::of(7));
        let leases = SqlLeases::<Lease4>::open(access.clone(), RETRY, 1).await.expect("leases");
        let put = leases.put(Change { address: lease.address, from: None, to: Some(&lease) });
        assert_eq!(put.await.expect("an answer"), Put::Done);
        let hosts = SqlHosts::open(access.clone(), RETRY, 1, |_| ()).await.expect("hosts");
        let id = HostId { kind: HostIdType::Duid, bytes: &[2, 7] };
        let host = Reservation::new(id, SubnetId(1), Reserved4::one(7));
        assert_eq!(hosts.add(&host, true).await.expect("an answer"), Edited::Done);
    });
}

async fn a_lease_that_is_given_again_stays(database: Database) {
    emptied(&database, true).await;
    let (mut connection, mut other) = (database.connect().await, database.connect().await);
    let store = Arc::new(SqlLeases::<Lease4>::open(database.access.clone(), RETRY, 1).await.expect("leases"));
    let old = [7, 8].map(|host| Lease4 { state: LeaseState::ExpiredReclaimed, ..Lease4::of(host) });
    for lease in &old {
        let put = store.put(Change { address: lease.address, from: None, to: Some(lease) });
        assert_eq!(put.await.expect("an answer"), Put::Done);
    }
    other.begin().await.expect("a transaction");
    let given = format!("UPDATE lease4 SET state = 0 WHERE address = {}", u32::from(old[0].address));
    other.script(&given).await.expect("a change");
    let asked = {
        let store = store.clone();
        tokio::spawn(async move { store.remove_reclaimed(Timestamp(2_000_000_000), 10).await })
    };
    waits(&mut connection, "DELETE FROM lease4").await;
    other.end(Ok(())).await.expect("an end");
    assert_eq!(asked.await.expect("no panic").expect("an answer"), 1);
    let left = store.page(None, 10, PageFilter::default()).await.expect("a page");
    assert_eq!(left[..], [Lease4 { state: LeaseState::Assigned, ..old[0].clone() }]);
}

/// Until somebody waits for somebody else, with a statement that begins so. MySQL shows that of a trigger while it runs.
async fn waits(connection: &mut Connection, statement: &str) {
    let engine = connection.engine();
    let text = match engine {
        // It waits by trying again and again.
        Engine::Sqlite => return,
        Engine::Postgres => {
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                .to_owned()
        }
        Engine::MySql => format!(
            "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '{statement}%'"
        ),
    };
    let seen = async {
        while connection.rows(Statement::new(engine, &text)).await.expect("an answer").is_empty() {}
    };
    timeout(PATIENCE, seen).await.expect("a statement that waits");
}
