//! Reservations of both families in each engine, in the tables of Kea 2.2 and in those that Kea has now.

mod at_once;
mod by_key;
mod readonly;
mod rows;
mod senseless;
mod served;

use std::ops::Deref;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use kotare_model::{Reserved4, Reserved6};
use kotare_store::conformance::{HostSpecimen, run_hosts};
use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{Connection, Engine, HostRecord, OddRow, Retry, SqlHosts};
use parking_lot::{Mutex, MutexGuard};

use crate::leases::runtime;
use crate::world::{Database, database, of_kea_2_2};

const RETRY: Retry = Retry { tries: 3, wait: Duration::from_millis(10), for_ever: false };

/// The tables of today.
async fn tables(connection: &mut Connection) {
    for step in Schema::of(connection).await.expect("a schema").steps() {
        schema::take(connection, &step, |_| ()).await.expect("a step");
    }
}

/// Which rows were told to make no sense.
type Told = Arc<Mutex<Vec<OddRow>>>;

async fn opened<R: HostRecord>(database: &Database) -> (SqlHosts<R>, Told) {
    let told = Told::default();
    let tell = told.clone();
    let hosts = SqlHosts::open(database.access.clone(), RETRY, 4, move |row| tell.lock().push(row));
    (hosts.await.expect("hosts"), told)
}

async fn empty(database: &Database) {
    let mut connection = database.connect().await;
    for table in ["ipv6_reservations", "dhcp4_options", "dhcp6_options", "hosts"] {
        connection.script(&format!("DELETE FROM {table}")).await.expect("an empty table");
    }
}

/// A database of one test at a time: MySQL takes seconds to make the tables of today.
type Shared = LazyLock<Option<Mutex<Database>>>;

static MYSQL: Shared = LazyLock::new(|| made(Engine::MySql).map(Mutex::new));
static POSTGRES: Shared = LazyLock::new(|| made(Engine::Postgres).map(Mutex::new));

/// A database with the tables of today.
fn made(engine: Engine) -> Option<Database> {
    let database = database(engine)?;
    runtime().0.block_on(async { tables(&mut database.connect().await).await });
    Some(database)
}

/// The database of a test.
enum Held {
    Own(Box<Database>),
    Shared(MutexGuard<'static, Database>),
}

impl Deref for Held {
    type Target = Database;

    fn deref(&self) -> &Database {
        match self {
            Self::Own(database) => database,
            Self::Shared(database) => database,
        }
    }
}

/// A database with empty tables of reservations.
fn with_tables(engine: Engine, is_old: bool) -> Option<Held> {
    let shared = match (engine, is_old) {
        (Engine::Sqlite, true) => return None,
        (Engine::Sqlite, false) => return made(engine).map(Box::new).map(Held::Own),
        (_, true) => return of_kea_2_2(engine).map(Box::new).map(Held::Own),
        (Engine::MySql, false) => &MYSQL,
        (Engine::Postgres, false) => &POSTGRES,
    };
    let database = shared.as_ref()?.lock();
    runtime().0.block_on(empty(&database));
    Some(Held::Shared(database))
}

/// The suite of stores, with an emptied database for each of its tests.
fn suite<R: HostRecord + HostSpecimen>(engine: Engine, is_old: bool) {
    let Some(database) = with_tables(engine, is_old) else { return };
    let runtime = runtime();
    let fresh = || {
        runtime.0.block_on(async {
            empty(&database).await;
            opened::<R>(&database).await.0
        })
    };
    run_hosts(fresh, &runtime);
}

macro_rules! suites {
    ($($name:ident: $engine:expr, $is_old:expr;)+) => {
        $(
            mod $name {
                use super::*;

                #[test]
                fn dhcpv4() {
                    suite::<Reserved4>($engine, $is_old);
                }

                #[test]
                fn dhcpv6() {
                    suite::<Reserved6>($engine, $is_old);
                }
            }
        )+
    };
}

suites! {
    sqlite: Engine::Sqlite, false;
    mysql: Engine::MySql, false;
    mysql_of_kea_2_2: Engine::MySql, true;
    postgresql: Engine::Postgres, false;
    postgresql_of_kea_2_2: Engine::Postgres, true;
}
