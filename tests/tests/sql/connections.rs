//! How many connections a store keeps.

use std::time::Duration;

use kotare_model::{Lease4, Reserved4};
use kotare_store::LeaseStore;
use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{Connection, Engine, Retry, SqlHosts, SqlLeases, Statement};

use crate::world::with;

const RETRY: Retry = Retry { tries: 3, wait: Duration::from_millis(10), for_ever: false };

/// How many there are to the database, one's own and that for what takes long included.
async fn there(connection: &mut Connection) -> i64 {
    let text = match connection.engine() {
        Engine::MySql => "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE()",
        _ => {
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        }
    };
    let rows = connection.rows(Statement::new(connection.engine(), text)).await.expect("a number");
    rows[0].int(0).expect("a number")
}

async fn becomes(connection: &mut Connection, wanted: i64) {
    let mut last = 0;
    let looked = tokio::time::timeout(Duration::from_secs(30), async {
        while last != wanted {
            last = there(connection).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let looked = looked.await.is_ok();
    assert!(looked, "{last} and not {wanted} connections");
}

fn as_many_as_wanted(engine: Engine) {
    with(engine, async |database| {
        let mut own = database.connect().await;
        for step in Schema::of(&mut own).await.expect("a look").steps() {
            schema::take(&mut own, &step, |_| ()).await.expect("a step");
        }
        let leases = SqlLeases::<Lease4>::open(database.access.clone(), RETRY, 2).await.expect("leases");
        becomes(&mut own, 1 + 2).await;
        for wanted in [5, 1, 3] {
            leases.resize(wanted);
            becomes(&mut own, 1 + wanted as i64).await;
            let found = leases.get(kotare_store::By4::Address([192, 0, 2, 1].into())).await;
            assert!(found.expect("an answer").is_empty());
        }
        drop(leases);
        becomes(&mut own, 1).await;
        let hosts = SqlHosts::<Reserved4>::open(database.access.clone(), RETRY, 2, |_| ()).await;
        let hosts = hosts.expect("hosts");
        hosts.resize(4);
        becomes(&mut own, 1 + 4).await;
    });
}

/// More when more are wanted, fewer when fewer, and all the time there is one that answers.
#[test]
fn as_many_as_wanted_in_mysql() {
    as_many_as_wanted(Engine::MySql);
}

/// See [`as_many_as_wanted_in_mysql`].
#[test]
fn as_many_as_wanted_in_postgresql() {
    as_many_as_wanted(Engine::Postgres);
}
