//! Rows of leases that make no sense, a column each, in every engine: whatever stands there, the other leases are found, and
//! either the row is a lease like any other or it takes its address.

use std::slice::from_ref;

use kotare_model::{Lease4, Lease6, Timestamp};
use kotare_store::conformance::Specimen;
use kotare_store::{Change, LeaseStore, PageFilter, Put};
use kotare_store_sql::{Engine, Record, SqlLeases, Statement};
use kotare_tests::database::OddCell;

use crate::for_each_engine;
use crate::leases::{RETRY, emptied};
use crate::world::Database;

for_each_engine! {
    /// Of DHCPv4.
    rows_of_lease4,
    /// Of DHCPv6.
    rows_of_lease6,
    /// Of DHCPv6, where addresses are text.
    rows_of_lease6_with_text,
}

async fn rows_of_lease4(database: Database) {
    every_row::<Lease4>(&database, true).await;
}

async fn rows_of_lease6(database: Database) {
    every_row::<Lease6>(&database, true).await;
}

async fn rows_of_lease6_with_text(database: Database) {
    if database.access.engine != Engine::Sqlite {
        every_row::<Lease6>(&database, false).await;
    }
}

/// Puts the lease of host 7 there as `odd` changes it, beside that of host 1.
async fn every_row<L: Record + Specimen>(database: &Database, new: bool) {
    emptied(database, new).await;
    let store: SqlLeases<L> = SqlLeases::open(database.access.clone(), RETRY, 1).await.expect("leases");
    let (good, odd) = (L::of(1), L::of(7));
    let mut connection = database.connect().await;
    let engine = connection.engine();
    let mut stood = 0;
    for cell in OddCell::of_leases(L::TABLE) {
        let (column, value) = (cell.column, cell.written(engine.name()));
        let what = format!("{engine} {} {cell}", L::TABLE);
        connection.script(&format!("DELETE FROM {}", L::TABLE)).await.expect("an empty table");
        for lease in [&good, &odd] {
            let change = Change { address: lease.address(), from: None, to: Some(lease) };
            assert_eq!(store.put(change).await.expect("an answer"), Put::Done, "{what}");
        }
        // The second row alone: it is the one with the greater address.
        let update = format!(
            "UPDATE {table} SET {column} = {value} \
             WHERE address = (SELECT a FROM (SELECT max(address) AS a FROM {table}) AS m)",
            table = L::TABLE,
        );
        let update = if engine == Engine::Postgres && L::TABLE == "lease6" {
            format!(
                "UPDATE lease6 SET {column} = {value} \
                 WHERE address = (SELECT address FROM lease6 ORDER BY address DESC LIMIT 1)"
            )
        } else {
            update
        };
        if let Err(error) = connection.script(&update).await {
            // Columns of the others have types; those of SQLite have them for the numbers of rows alone.
            let said = error.to_string();
            assert!(
                engine != Engine::Sqlite || ["NOT NULL", "mismatch"].iter().any(|it| said.contains(it)),
                "{what}: {said}"
            );
            continue;
        }
        stood += 1;
        looked_at(&store, &good, &odd, &what).await;
    }
    assert!(stood > 20, "{engine}: {stood}");
    let count = Statement::new(engine, &format!("SELECT count(*) FROM {}", L::TABLE));
    assert!(connection.rows(count).await.expect("a count")[0].int(0).is_some_and(|count| count >= 1));
}

/// The good lease is found in every way; the odd one, if its address is, is a lease that can be changed, or nobody's.
async fn looked_at<L: Record + Specimen>(store: &SqlLeases<L>, good: &L, odd: &L, what: &str) {
    let found = store.get(L::by_address(good.address())).await.expect(what);
    assert_eq!(found[..], *from_ref(good), "{what}");
    let page = store.page(None, 10, PageFilter::default()).await.expect(what);
    assert!(page.contains(good), "{what}: {page:?}");
    let expired = store.expired(None, Timestamp(4_000_000_000), 10).await.expect(what);
    assert!(expired.contains(good), "{what}: {expired:?}");
    store.tally().await.expect(what);
    store.remove_reclaimed(Timestamp(0), 10).await.expect(what);
    let found = store.get(L::by_address(odd.address())).await.expect(what);
    let [there] = &found[..] else {
        // It says another address, or none.
        assert!(found.is_empty() && what.contains(" address "), "{what}: {found:?}");
        return;
    };
    let taken = Change { address: odd.address(), from: None, to: Some(odd) };
    assert_eq!(store.put(taken).await.expect(what), Put::Conflict(Some(Box::new(there.clone()))), "{what}");
    let is_lease = page.iter().any(|lease| lease.address() == odd.address());
    let gone = store.put(Change { address: odd.address(), from: Some(there), to: None }).await.expect(what);
    match is_lease {
        true => assert_eq!(gone, Put::Done, "{what}: {there:?}"),
        false => assert_eq!(gone, Put::Conflict(Some(Box::new(there.clone()))), "{what}"),
    }
}
