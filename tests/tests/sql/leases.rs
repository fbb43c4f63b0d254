//! Leases of both families in each engine, in the tables of old and new versions of Kea's schema.

use std::future::Future;

use kotare_model::{Lease4, Lease6};
use kotare_store::LeaseStore;
use kotare_store::conformance::{self, Executor};
use kotare_store_sql::{Connection, Engine, Record, Retry, SqlLeases};
use tokio::runtime::Runtime;

use crate::world::{Database, database};

/// Runs futures in a runtime.
pub(crate) struct InRuntime(pub(crate) Runtime);

impl Executor for InRuntime {
    fn run<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

pub(crate) fn runtime() -> InRuntime {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    InRuntime(runtime.expect("a runtime"))
}

/// The tables of leases alone, with addresses of IPv6 as text, and as Kea has them now.
async fn tables(connection: &mut Connection, new: bool) {
    let (bytes, time, int, yes, address6) = match (connection.engine(), new) {
        (Engine::Sqlite, _) => ("BLOB", "INTEGER", "INTEGER", "INTEGER", "BLOB"),
        (Engine::MySql, true) => ("VARBINARY(255)", "TIMESTAMP NULL", "INT UNSIGNED", "BOOL", "BINARY(16)"),
        (Engine::MySql, false) => ("VARBINARY(255)", "TIMESTAMP NULL", "INT UNSIGNED", "BOOL", "VARCHAR(39)"),
        (Engine::Postgres, true) => ("BYTEA", "TIMESTAMP WITH TIME ZONE", "BIGINT", "BOOLEAN", "INET"),
        (Engine::Postgres, false) => {
            ("BYTEA", "TIMESTAMP WITH TIME ZONE", "BIGINT", "BOOLEAN", "VARCHAR(39)")
        }
    };
    let (iaid, pool) = match connection.engine() {
        Engine::Postgres => ("INT", ", pool_id BIGINT NOT NULL DEFAULT 0"),
        _ => (int, ", pool_id INT UNSIGNED NOT NULL DEFAULT 0"),
    };
    let hwtype = if connection.engine() == Engine::MySql { "SMALLINT UNSIGNED" } else { "SMALLINT" };
    let script = format!(
        "CREATE TABLE lease4 (address {int} PRIMARY KEY NOT NULL, hwaddr {bytes}, client_id {bytes}, \
         valid_lifetime {int}, expire {time}, subnet_id {int}, fqdn_fwd {yes}, fqdn_rev {yes}, hostname VARCHAR(255), \
         state {int} DEFAULT 0, user_context TEXT{pool});
         CREATE TABLE lease6 (address {address6} PRIMARY KEY NOT NULL, duid {bytes}, valid_lifetime {int}, \
         expire {time}, subnet_id {int}, pref_lifetime {int}, lease_type SMALLINT, iaid {iaid}, prefix_len SMALLINT, \
         fqdn_fwd {yes}, fqdn_rev {yes}, hostname VARCHAR(255), hwaddr {bytes}, hwtype {hwtype}, hwaddr_source INT, \
         state {int} DEFAULT 0, user_context TEXT{pool})"
    );
    connection.script(&script).await.expect("tables");
}

pub(crate) const RETRY: Retry =
    Retry { tries: 3, wait: std::time::Duration::from_millis(10), for_ever: false };

/// Empty tables.
pub(crate) async fn emptied(database: &Database, new: bool) {
    let mut connection = database.connect().await;
    connection.script("DROP TABLE IF EXISTS lease4").await.expect("a table to drop");
    connection.script("DROP TABLE IF EXISTS lease6").await.expect("a table to drop");
    tables(&mut connection, new).await;
}

async fn opened<L: Record>(database: &Database, new: bool) -> SqlLeases<L> {
    emptied(database, new).await;
    SqlLeases::open(database.access.clone(), RETRY, 4).await.expect("leases")
}

/// The suite of stores, with an emptied database for each of its tests.
fn suite<L: Record>(engine: Engine, new: bool, run: impl FnOnce(&dyn Fn() -> SqlLeases<L>, &InRuntime))
where
    SqlLeases<L>: LeaseStore<L>,
{
    let Some(database) = database(engine) else { return };
    let runtime = runtime();
    run(&|| runtime.run(opened(&database, new)), &runtime);
}

macro_rules! suites {
    ($($name:ident: $engine:expr, $new:expr;)+) => {
        $(
            mod $name {
                use super::*;

                #[test]
                fn dhcpv4() {
                    suite::<Lease4>($engine, $new, |fresh, runtime| conformance::run(fresh, runtime));
                }

                #[test]
                fn dhcpv6() {
                    suite::<Lease6>($engine, $new, |fresh, runtime| conformance::run6(fresh, runtime));
                }
            }
        )+
    };
}

suites! {
    sqlite: Engine::Sqlite, true;
    mysql: Engine::MySql, true;
    mysql_with_text: Engine::MySql, false;
    postgresql: Engine::Postgres, true;
    postgresql_with_text: Engine::Postgres, false;
}
