//! Databases that do not answer, and connections that end while others do not.

use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use kotare_model::{HostId, HostIdType, Lease4, Lease6, Reservation, Reserved4, SubnetId, Timestamp};
use kotare_store::conformance::{HostSpecimen, Specimen};
use kotare_store::{Change, Edited, Failure, HostStore, Lease, LeaseStore, Put};
use kotare_store_sql::config::{ConfigReader, SqlConfig};
use kotare_store_sql::objects::{self, Objects, Protocol};
use kotare_store_sql::{Access, Engine, Reach, Retry, SqlHosts, SqlLeases, Statement, Timeouts, Trouble};
use tokio::task::JoinSet;

use crate::leases::emptied;
use crate::relayed::with_all_tables;
use crate::stalling::Way;
use crate::world::{self, Database};

macro_rules! for_both_servers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $(
            mod $name {
                use kotare_store_sql::Engine;

                $(#[$doc])*
                #[test]
                fn mysql() {
                    crate::world::with(Engine::MySql, super::$name);
                }

                $(#[$doc])*
                #[test]
                fn postgresql() {
                    crate::world::with(Engine::Postgres, super::$name);
                }
            }
        )+
    };
}

for_both_servers! {
    /// A database that accepts and never answers is lost: everybody who asks is told, nobody waits for ever, and it is
    /// found again.
    a_database_that_does_not_answer_is_lost,
    /// Connections that end one by one: the database is not lost, and is asked again.
    ended_connections_are_made_again,
    /// After the last try nobody waits either.
    after_the_last_try_nobody_waits,
    /// Tables that somebody upgraded meanwhile are not written as they were before.
    tables_of_another_version_are_left_alone,
    /// Who is not let in is told so, without the password.
    who_is_not_let_in_is_told,
    /// A statement that is not answered within a transaction: nobody waits for the end of that, either.
    a_transaction_without_an_answer_ends,
}

const SHORT: Duration = Duration::from_millis(300);

fn retry(tries: u32) -> Retry {
    Retry { tries, wait: Duration::from_millis(20), for_ever: false }
}

async fn a_database_that_does_not_answer_is_lost(database: Database) {
    emptied(&database, true).await;
    let (way, mut access) = Way::to(&database.access);
    access.timeouts = Timeouts { connect: SHORT, answer: Some(SHORT) };
    let store = Arc::new(SqlLeases::open(access, retry(1_000_000), 3).await.expect("leases"));
    let first = Lease4::of(1);
    assert_eq!(put(&store, &first).await.expect("an answer"), Put::Done);
    way.block(true);
    let mut asked = JoinSet::new();
    for host in 2..100 {
        let store = store.clone();
        asked.spawn(async move { put(&store, &Lease4::of(host)).await });
    }
    while let Some(answer) = asked.join_next().await {
        assert_eq!(answer.expect("no panic").expect_err("no answer").failure, Failure::Unavailable);
    }
    assert!(store.expired(None, Timestamp(5000), 10).await.is_err());
    let mut reach = store.reach();
    reach.wait_for(|reach| matches!(reach, Reach::Lost { failed: 1.., .. })).await.expect("it is watched");
    assert!(store.get(Lease4::by_address(first.address)).await.is_err());
    way.block(false);
    reach.wait_for(|reach| *reach == Reach::Up).await.expect("it is watched");
    assert_eq!(store.get(Lease4::by_address(first.address)).await.expect("an answer")[..], [first]);
    assert!(store.expired(None, Timestamp(5000), 10).await.is_ok());
}

async fn ended_connections_are_made_again(database: Database) {
    emptied(&database, true).await;
    let store = SqlLeases::open(database.access.clone(), retry(3), 3).await.expect("leases");
    let lease = Lease4::of(1);
    assert_eq!(put(&store, &lease).await.expect("an answer"), Put::Done);
    assert!(store.tally().await.is_ok());
    let mut reach = store.reach();
    for _ in 0..5 {
        end_connections(&database).await;
        // The one for what takes long is looked at before it is used; the others hear of it.
        assert_eq!(store.tally().await.expect("an answer").len(), 1);
        let found = loop {
            reach.wait_for(|reach| *reach == Reach::Up).await.expect("it is watched");
            // A connection may have been given what is asked before it was found to be lost.
            if let Ok(found) = store.get(Lease4::by_address(lease.address)).await {
                break found;
            }
        };
        assert_eq!(found[..], *from_ref(&lease));
    }
}

async fn after_the_last_try_nobody_waits(database: Database) {
    emptied(&database, true).await;
    let (way, mut access) = Way::to(&database.access);
    access.timeouts = Timeouts { connect: SHORT, answer: Some(SHORT) };
    let store = SqlLeases::open(access, retry(2), 2).await.expect("leases");
    way.block(true);
    assert!(put(&store, &Lease4::of(1)).await.is_err());
    let mut reach = store.reach();
    reach.wait_for(|reach| matches!(reach, Reach::GivenUp { .. })).await.expect("it is watched");
    assert!(put(&store, &Lease4::of(1)).await.is_err());
}

async fn tables_of_another_version_are_left_alone(database: Database) {
    emptied(&database, false).await;
    let store = SqlLeases::<Lease6>::open(database.access.clone(), retry(2), 2).await.expect("leases");
    let mut reach = store.reach();
    emptied(&database, true).await;
    // What clients wait for notices by and by; what takes long looks before it begins.
    end_connections(&database).await;
    let error = store.tally().await.expect_err("other tables");
    assert!(error.to_string().contains("another version"), "{error}");
    let given_up =
        |reach: &Reach| matches!(reach, Reach::GivenUp { reason } if reason.contains("another version"));
    reach.wait_for(given_up).await.expect("it is watched");
    let mut connection = database.connect().await;
    let count = Statement::new(database.access.engine, "SELECT count(*) FROM lease6");
    assert_eq!(connection.rows(count).await.expect("a count")[0].int(0), Some(0));
}

async fn who_is_not_let_in_is_told(database: Database) {
    const SECRET: &str = "not-the-password";
    let with = |change: fn(&mut Access)| {
        let mut access = Access { password: Some(SECRET.into()), ..database.access.clone() };
        change(&mut access);
        access
    };
    let mut wrong = vec![
        (with(|access| access.user = Some("stranger".into())), "stranger"),
        (with(|access| access.name = "elsewhere".into()), "elsewhere"),
        (with(|access| access.host = "/no/such/folder".into()), ""),
    ];
    // PostgreSQL is told by the system who comes through its socket.
    if database.access.engine == Engine::MySql {
        wrong =
            vec![(with(|_| ()), "denied"), (with(|access| access.user = Some("stranger".into())), "denied")];
    }
    for (access, words) in wrong {
        let error = SqlLeases::<Lease4>::open(access, retry(0), 1).await.expect_err("nobody").to_string();
        assert!(!error.is_empty() && error.contains(words) && !error.contains(SECRET), "{error}");
    }
}

/// Somebody holds the tables that are asked for. The database is alive and takes statements, but says nothing to ours.
async fn a_transaction_without_an_answer_ends(database: Database) {
    let mut other = with_all_tables(&database).await;
    let engine = database.access.engine;
    let timeouts = Timeouts { connect: SHORT, answer: Some(SHORT) };
    let access = Access { timeouts, ..database.access.clone() };
    let reader = ConfigReader::new(Protocol::V4, "");
    let config = SqlConfig::open(access.clone(), retry(1_000_000), reader).await.expect("a configuration");
    let hosts =
        SqlHosts::<Reserved4>::open(access.clone(), retry(1_000_000), 1, |_| ()).await.expect("hosts");
    let mut connection = objects::connect(&access).await.expect("a connection");
    config.look(None, None).await.expect("an answer");
    let id = HostId { kind: HostIdType::Duid, bytes: &[2, 7] };
    let host = Reservation::new(id, SubnetId(1), Reserved4::one(7));
    other
        .script(match engine {
            Engine::Postgres => {
                "BEGIN; LOCK TABLE dhcp4_subnet, dhcp4_server, hosts IN ACCESS EXCLUSIVE MODE"
            }
            _ => "LOCK TABLES dhcp4_subnet WRITE, dhcp4_server WRITE, hosts WRITE",
        })
        .await
        .expect("locks");
    let told = config.look(None, None).await.expect_err("nothing is said");
    assert!(told.trouble == Trouble::Lost && told.to_string().contains("no sign of an answer"), "{told}");
    let told = hosts.add(&host, true).await.expect_err("nothing is said");
    assert!(
        told.failure == Failure::Unavailable && told.to_string().contains("no sign of an answer"),
        "{told}"
    );
    let told =
        Objects::of(&mut connection, Protocol::V4).set_server("one", "").await.expect_err("nothing is said");
    assert!(told.to_string().contains("no sign of an answer"), "{told}");
    other
        .script(if engine == Engine::Postgres { "ROLLBACK" } else { "UNLOCK TABLES" })
        .await
        .expect("no locks");
    for mut reach in [config.reach(), hosts.reach()] {
        reach.wait_for(|reach| *reach == Reach::Up).await.expect("it is watched");
    }
    assert!(config.look(None, None).await.expect("an answer").is_some());
    assert_eq!(hosts.add(&host, true).await.expect("an answer"), Edited::Done);
}

async fn put(store: &SqlLeases<Lease4>, lease: &Lease4) -> Result<Put<Lease4>, kotare_store::StoreError> {
    store.put(Change { address: lease.address, from: None, to: Some(lease) }).await
}

/// Ends all connections to a database but that which does it.
async fn end_connections(database: &Database) {
    let mut connection = database.connect().await;
    let engine = database.access.engine;
    if engine == Engine::Postgres {
        let end = "SELECT pg_terminate_backend(pid)::int FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        connection.rows(Statement::new(engine, end)).await.expect("they end");
        return;
    }
    let own = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    for row in connection.rows(Statement::new(engine, own)).await.expect("a list") {
        // It may have ended meanwhile.
        let _ = connection.script(&format!("KILL {}", row.int(0).expect("a number"))).await;
    }
}

/// A configuration that takes the place of another one: nothing is left of the store, even if it waits for an answer.
#[test]
fn the_connections_of_a_store_end_with_it() {
    world::with(Engine::Postgres, async |database: Database| {
        emptied(&database, true).await;
        let (way, access) = Way::to(&database.access);
        let store = SqlLeases::<Lease4>::open(access, retry(1), 1).await.expect("leases");
        let mut reach = store.reach();
        way.block(true);
        let waiting = tokio::spawn(async move { put(&store, &Lease4::of(1)).await });
        tokio::task::yield_now().await;
        waiting.abort();
        assert!(waiting.await.expect_err("it was given up").is_cancelled());
        assert!(reach.changed().await.is_err(), "nobody is left to tell of it");
    });
}
