//! What may stand in a database that we did not put there, and what cannot be put there.

use std::slice::from_ref;
use std::sync::Arc;

use kotare_model::{HostName, Lease4, LeaseState, Lifetime, Reserved4, Timestamp};
use kotare_store::conformance::Specimen;
use kotare_store::{By4, Change, Failure, Lease, LeaseStore, PageFilter, Put};
use kotare_store_sql::{Access, Engine, SqlHosts, SqlLeases, Statement};
use tokio::task::JoinSet;

use crate::for_each_engine;
use crate::leases::{RETRY, emptied};
use crate::world::Database;

for_each_engine! {
    /// A row that is no lease takes its address, and nothing else.
    a_row_that_is_no_lease_takes_its_address,
    /// More rows that are no leases than are asked for at a time do not hide those that are.
    rows_that_are_no_leases_hide_nothing,
    /// A time that a column cannot have is refused, and says so.
    a_time_beyond_the_column_is_refused,
    /// Tables that are not all there are not used.
    missing_tables_are_told,
    /// Names have whatever clients say.
    every_name_is_kept,
    /// Who has very many leases takes nothing from those who ask at the same time.
    many_leases_of_one_client_hide_nobodys,
}

async fn opened(database: &Database) -> SqlLeases<Lease4> {
    emptied(database, true).await;
    SqlLeases::open(database.access.clone(), RETRY, 2).await.expect("leases")
}

/// A state that there is not, since second 0.
async fn odd_row(database: &Database, lease: &Lease4) {
    let mut connection = database.connect().await;
    let statement = Statement::new(
        database.access.engine,
        "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id, state) VALUES (",
    )
    .value(u32::from(lease.address))
    .text(", ")
    .value(lease.hwaddr.as_bytes())
    .text(", ")
    .value(3600_u32)
    .text(", ")
    .time(500)
    .text(", ")
    .value(1_u32)
    .text(", ")
    .value(77_u32)
    .text(")");
    assert_eq!(connection.execute(statement).await.expect("a row"), 1);
}

async fn add(store: &SqlLeases<Lease4>, lease: &Lease4) {
    let change = Change { address: lease.address, from: None, to: Some(lease) };
    assert_eq!(store.put(change).await.expect("an answer"), Put::Done);
}

async fn a_row_that_is_no_lease_takes_its_address(database: Database) {
    let store = opened(&database).await;
    let lease = Lease4::of(7);
    odd_row(&database, &lease).await;
    let found = store.get(Lease4::by_address(lease.address)).await.expect("an answer");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].state, LeaseState::Declined);
    assert!(found[0].held(Timestamp(i64::MAX - 1)), "for ever");
    let put = store.put(Change { address: lease.address, from: None, to: Some(&lease) }).await;
    assert_eq!(put.expect("an answer"), Put::Conflict(Some(Box::new(found[0].clone()))));
    // It is nobody's, and is not found by what it says of a client.
    assert!(store.get(By4::HwAddr(&lease.hwaddr)).await.expect("an answer").is_empty());
    assert!(store.page(None, 10, PageFilter::default()).await.expect("a page").is_empty());
    add(&store, &Lease4::of(8)).await;
}

async fn rows_that_are_no_leases_hide_nothing(database: Database) {
    let store = opened(&database).await;
    for host in 1..=5 {
        odd_row(&database, &Lease4::of(host)).await;
    }
    let lease = Lease4::of(6);
    add(&store, &lease).await;
    let expired = store.expired(None, Timestamp(1_000_000), 2).await.expect("an answer");
    assert_eq!(expired, from_ref(&lease));
    assert_eq!(store.page(None, 2, PageFilter::default()).await.expect("a page"), [lease]);
}

async fn a_time_beyond_the_column_is_refused(database: Database) {
    let store = opened(&database).await;
    let late =
        Lease4 { cltt: Timestamp(2_140_000_000), valid_lifetime: Lifetime(20_000_000), ..Lease4::of(7) };
    let put = store.put(Change { address: late.address, from: None, to: Some(&late) }).await;
    match database.access.engine {
        Engine::MySql => {
            let error = put.expect_err("it ends in 2038");
            assert_eq!(error.failure, Failure::Refused);
            assert!(error.to_string().contains("192.0.2.7"), "{error}");
        }
        Engine::Sqlite | Engine::Postgres => {
            assert_eq!(put.expect("an answer"), Put::Done);
            let found = store.get(Lease4::by_address(late.address)).await.expect("an answer");
            assert_eq!(found[0], late);
        }
    }
    // One without end is kept with the time it was given.
    add(&store, &Lease4 { valid_lifetime: Lifetime::INFINITE, ..Lease4::of(8) }).await;
}

async fn missing_tables_are_told(database: Database) {
    let told = async |words: &str| {
        // The tables of a file are made when it is opened, unless it may only be read.
        let access = Access { readonly: true, ..database.access.clone() };
        let leases = SqlLeases::<Lease4>::open(access.clone(), RETRY, 1).await.expect_err("no table");
        assert!(leases.to_string().contains(words), "{leases}");
        let hosts = SqlHosts::<Reserved4>::open(access, RETRY, 1, |_| ()).await.expect_err("no table");
        assert!(hosts.to_string().contains("there is no table hosts"), "{hosts}");
    };
    emptied(&database, true).await;
    let mut connection = database.connect().await;
    connection.script("ALTER TABLE lease4 DROP COLUMN hostname").await.expect("a column less");
    told("the table lease4 has no column hostname").await;
    connection.script("DROP TABLE lease4").await.expect("a table less");
    told("there is no table lease4").await;
}

async fn every_name_is_kept(database: Database) {
    let store = opened(&database).await;
    let long = "x".repeat(255);
    for (host, (name, kept)) in (1..).zip([
        (
            &b"o'neil\"s\\ `ls` -- ; drop table lease4 %s ?1 $1"[..],
            "o'neil\"s\\ `ls` -- ; drop table lease4 %s ?1 $1",
        ),
        (b"\xff\xfe", "\u{fffd}\u{fffd}"),
        (b"zero\0byte", "zerobyte"),
        ("\u{1f986}.example.org".as_bytes(), "\u{1f986}.example.org"),
        (long.as_bytes(), &long),
    ]) {
        let lease = Lease4 { hostname: HostName::new(name), ..Lease4::of(host) };
        add(&store, &lease).await;
        let found = store.get(By4::Hostname(kept)).await.expect("an answer");
        assert_eq!(found[..], [Lease4 { hostname: kept.into(), ..lease.clone() }]);
        // It is still itself to who changes it.
        let next = Lease4 { cltt: Timestamp(lease.cltt.0 + 1), ..lease.clone() };
        let change = Change { address: lease.address, from: Some(&lease), to: Some(&next) };
        assert_eq!(store.put(change).await.expect("an answer"), Put::Done);
    }
}

async fn many_leases_of_one_client_hide_nobodys(database: Database) {
    let store = opened(&database).await;
    let (greedy, honest) = (Lease4::of(1), Lease4::of(2));
    add(&store, &honest).await;
    let mut connection = database.connect().await;
    // 16 384 rows at most answer the questions of a statement.
    let numbers = match database.access.engine {
        Engine::Postgres => "SELECT 1 + generate_series(0, 19999) AS n".to_owned(),
        Engine::Sqlite => {
            "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) SELECT n FROM s"
                .to_owned()
        }
        Engine::MySql => "SELECT seq AS n FROM seq_1_to_20000".to_owned(),
    };
    let engine = database.access.engine;
    let fill = Statement::new(
        engine,
        "INSERT INTO lease4 (address, hwaddr, client_id, valid_lifetime, expire, subnet_id, state) SELECT n, ",
    )
    .value(greedy.hwaddr.as_bytes())
    .text(if engine == Engine::Postgres { "::bytea, " } else { ", " })
    .value(&b"greedy"[..])
    .text(if engine == Engine::Postgres { "::bytea, 3600, " } else { ", 3600, " })
    .time(4600)
    .text(&format!(", 1, 0 FROM ({numbers}) AS numbers"));
    assert_eq!(connection.execute(fill).await.expect("rows"), 20_000);
    // Together, so that they go into one statement once the first ones keep the connections busy.
    let store = Arc::new(store);
    let mut asked = JoinSet::new();
    for at in 0..32 {
        let (store, lease) = (store.clone(), if at % 2 == 0 { greedy.clone() } else { honest.clone() });
        asked.spawn(async move { (lease.address, store.get(By4::HwAddr(&lease.hwaddr)).await) });
    }
    while let Some(answer) = asked.join_next().await {
        let (address, found) = answer.expect("no panic");
        let found = found.expect("an answer");
        if address == honest.address {
            assert_eq!(found[..], *from_ref(&honest));
        } else {
            assert_eq!(found.len(), 16_384);
        }
    }
}
