//! Leases that are carried into a database by the hundreds: all of them are there then, as they were, or it is said which are not.

use std::collections::HashMap;

use kotare_model::{Lease4, Lifetime, Timestamp};
use kotare_store::conformance::Specimen;
use kotare_store_sql::{Bulk, Connection, Engine, SqlError, Statement};

use crate::for_each_engine;
use crate::relayed::with_all_tables;
use crate::world::Database;

for_each_engine! {
    /// Rows of the same addresses, that came meanwhile or are no leases, are not taken for what was to be put there.
    no_lease_is_left_out,
    /// What lasts longer than the database knows times is refused, and not kept without an end.
    no_end_is_left_out,
}

/// Puts leases where nothing is known to be, in a transaction.
async fn put(connection: &mut Connection, bulk: &Bulk<Lease4>, leases: &[Lease4]) -> Result<u64, SqlError> {
    connection.begin().await.expect("a transaction");
    let put = bulk.put(connection, leases, &HashMap::new()).await;
    connection.end(put).await
}

async fn count(connection: &mut Connection) -> Option<i64> {
    let count = Statement::new(connection.engine(), "SELECT count(*) FROM lease4");
    connection.rows(count).await.expect("a count")[0].int(0)
}

async fn no_lease_is_left_out(database: Database) {
    let mut connection = with_all_tables(&database).await;
    let bulk = Bulk::<Lease4>::of(&mut connection).await.expect("tables");
    let leases: Vec<Lease4> = (1..=3).map(Lease4::of).collect();
    assert_eq!(put(&mut connection, &bulk, &leases[..1]).await.expect("an answer"), 1);
    let error = put(&mut connection, &bulk, &leases).await.expect_err("one is there").to_string();
    assert!(error.contains("came meanwhile"), "{error}");
    if connection.engine() == Engine::Postgres {
        assert!(error.contains("(192.0.2.1)"), "{error}");
    }
    assert_eq!(count(&mut connection).await, Some(1));
    connection.script("UPDATE lease4 SET valid_lifetime = NULL").await.expect("a row that is no lease");
    assert!(bulk.there(&mut connection, &leases).await.expect("an answer").is_empty());
    assert!(put(&mut connection, &bulk, &leases).await.is_err());
    assert_eq!(count(&mut connection).await, Some(1));
    assert_eq!(put(&mut connection, &bulk, &leases[1..]).await.expect("an answer"), 2);
}

async fn no_end_is_left_out(database: Database) {
    let mut connection = with_all_tables(&database).await;
    let bulk = Bulk::<Lease4>::of(&mut connection).await.expect("tables");
    let late =
        Lease4 { cltt: Timestamp(2_000_000_000), valid_lifetime: Lifetime(2_000_000_000), ..Lease4::of(1) };
    let done = put(&mut connection, &bulk, &[Lease4::of(2), late.clone()]).await;
    if connection.engine() == Engine::MySql {
        let error = done.expect_err("no such time").to_string();
        assert!(error.contains("192.0.2.1") && error.contains("4000000000"), "{error}");
        assert_eq!(count(&mut connection).await, Some(0));
    } else {
        assert_eq!(done.expect("an answer"), 2);
        let there = bulk.there(&mut connection, std::slice::from_ref(&late)).await.expect("an answer");
        assert_eq!(there.get(&late.address), Some(&late));
    }
}
