//! Changes of leases that are made together, of which the database makes some: who waits for the others hears of these alone.

use kotare_model::Lease4;
use kotare_store::conformance::Specimen;
use kotare_store::{Change, Failure, Lease, LeaseStore, Put};
use kotare_store_sql::{Engine, SqlLeases};

use crate::leases::{RETRY, emptied};
use crate::world::{self, Database};

/// New leases are there although the database has no room for what becomes of others.
async fn new_leases_stay(database: Database) {
    emptied(&database, true).await;
    let mut connection = database.connect().await;
    let full = match connection.engine() {
        Engine::Postgres => {
            "CREATE FUNCTION is_full() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$ \
             LANGUAGE plpgsql; CREATE TRIGGER filling BEFORE UPDATE ON lease4 FOR EACH ROW EXECUTE PROCEDURE is_full()"
        }
        _ => {
            "CREATE TRIGGER filling BEFORE UPDATE ON lease4 FOR EACH ROW \
             SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'no room'"
        }
    };
    connection.script(full).await.expect("a trigger");
    let store = SqlLeases::<Lease4>::open(database.access.clone(), RETRY, 1).await.expect("leases");
    let (was, new) = (Lease4::of(1), Lease4::of(2));
    let put = store.put(Change { address: was.address, from: None, to: Some(&was) });
    assert_eq!(put.await.expect("an answer"), Put::Done);
    let longer = Lease4 { cltt: kotare_model::Timestamp(was.cltt.0 + 7), ..was.clone() };
    // Nobody takes the one before the other is there, too.
    let (extended, added) = tokio::join!(
        store.put(Change { address: was.address, from: Some(&was), to: Some(&longer) }),
        store.put(Change { address: new.address, from: None, to: Some(&new) }),
    );
    assert_eq!(extended.expect_err("no room").failure, Failure::Unavailable);
    assert_eq!(added.expect("an answer"), Put::Done);
    for lease in [was, new] {
        let found = store.get(Lease4::by_address(lease.address)).await.expect("an answer");
        assert_eq!(found[..], [lease]);
    }
}

fn with(engine: Engine) {
    let Some(database) = world::database(engine) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(new_leases_stay(database));
}

/// See [`new_leases_stay`].
#[test]
fn new_leases_stay_in_mysql() {
    with(Engine::MySql);
}

/// See [`new_leases_stay`].
#[test]
fn new_leases_stay_in_postgresql() {
    with(Engine::Postgres);
}
