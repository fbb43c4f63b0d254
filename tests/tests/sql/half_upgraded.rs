//! A schema that is upgraded just now, or was not to its end, met by servers: they work as with the one before, or say what is
//! missing, and nothing that they wrote is lost when it is finished.

use std::collections::BTreeSet;

use kotare_model::{Lease4, Lease6, Reserved4, Reserved6};
use kotare_store::conformance::{HostSpecimen, Specimen};
use kotare_store::{Change, Edited, HostKey, HostQuery, HostSource, HostStore, LeaseStore, Put};
use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{Connection, Engine, HostRecord, Record, SqlHosts, SqlLeases};

use crate::leases::RETRY;
use crate::world::{self, Database};

/// Keeps a lease of host `number`, if the tables can be used; else says why not.
async fn lease<L: Record + Specimen>(database: &Database, number: u8) -> Result<(), String> {
    let store: SqlLeases<L> =
        SqlLeases::open(database.access.clone(), RETRY, 1).await.map_err(|error| error.to_string())?;
    let lease = L::of(number);
    let put = store.put(Change { address: lease.address(), from: None, to: Some(&lease) }).await;
    assert_eq!(put.map_err(|error| error.to_string())?, Put::Done);
    let found = store.get(L::by_address(lease.address())).await.map_err(|error| error.to_string())?;
    assert_eq!(found.len(), 1);
    Ok(())
}

/// The same with a reservation.
async fn host<R: HostRecord + HostSpecimen>(database: &Database, number: u8) -> Result<(), String> {
    let hosts: SqlHosts<R> =
        SqlHosts::open(database.access.clone(), RETRY, 1, |_| ()).await.map_err(|error| error.to_string())?;
    let id = kotare_model::HostId { kind: kotare_model::HostIdType::Duid, bytes: &[2, number] };
    let kept = kotare_model::Reservation::new(id, kotare_model::SubnetId(1), R::one(number));
    assert_eq!(hosts.add(&kept, true).await.map_err(|error| error.to_string())?, Edited::Done);
    let query = HostQuery { key: HostKey::Ids(&[id]), subnets: None };
    assert_eq!(hosts.get(query).await.map_err(|error| error.to_string())?.len(), 1);
    Ok(())
}

async fn count(connection: &mut Connection, table: &str) -> i64 {
    let text = format!("SELECT count(*) FROM {table}");
    let statement = kotare_store_sql::Statement::new(connection.engine(), &text);
    connection.rows(statement).await.expect("a count")[0].int(0).expect("a number")
}

/// What was kept in each way, and why nothing was where that was so.
#[derive(Default)]
struct Met {
    number: u8,
    kept: [i64; 4],
    said: BTreeSet<String>,
}

impl Met {
    async fn meet(&mut self, database: &Database) {
        self.number += 1;
        let done = [
            lease::<Lease4>(database, self.number).await,
            lease::<Lease6>(database, self.number).await,
            host::<Reserved4>(database, self.number).await,
            host::<Reserved6>(database, self.number).await,
        ];
        for (count, done) in self.kept.iter_mut().zip(done) {
            match done {
                Ok(()) => *count += 1,
                Err(reason) => _ = self.said.insert(reason),
            }
        }
    }
}

fn met(engine: Engine) {
    world::run(async {
        let Some(database) = world::of_kea_2_2(engine) else { return };
        let mut connection = database.connect().await;
        let (mut met, mut done) = (Met::default(), BTreeSet::new());
        met.meet(&database).await;
        loop {
            let steps = Schema::of(&mut connection).await.expect("a look").steps();
            let Some(step) = steps.into_iter().find(|step| !done.contains(&step.what)) else { break };
            done.insert(step.what.clone());
            let matters =
                ["lease", "host", "ipv6", "options", "version"].iter().any(|it| step.what.contains(it));
            // A half of it, where the engine lets halves stand; what is left of it is planned anew.
            if let (Engine::MySql, true, Some(half)) = (engine, matters, step.statements().next()) {
                connection.script(half).await.unwrap_or_else(|error| panic!("{half}: {error}"));
                met.meet(&database).await;
            }
            let steps = Schema::of(&mut connection).await.expect("a look").steps();
            for step in steps.iter().filter(|it| it.what == step.what) {
                schema::take(&mut connection, step, |_| ()).await.expect("a step");
            }
            if matters && engine != Engine::MySql {
                met.meet(&database).await;
            }
        }
        met.meet(&database).await;
        let Met { number, kept, said } = met;
        // What cannot be used is told by table and column.
        for reason in &said {
            assert!(reason.contains("the table ") || reason.contains("schema"), "{reason}");
        }
        for (table, kept) in
            ["lease4", "lease6", "hosts"].into_iter().zip([kept[0], kept[1], kept[2] + kept[3]])
        {
            assert_eq!(count(&mut connection, table).await, kept, "{table}: {said:?}");
            assert!(kept > 5, "{table} was used {kept} times of {number}; {said:?}");
        }
    });
}

#[test]
fn mysql_is_met_while_it_is_upgraded() {
    met(Engine::MySql);
}

#[test]
fn postgresql_is_met_while_it_is_upgraded() {
    met(Engine::Postgres);
}
