//! What relay agents said of leases of DHCPv6, in the tables that they are found by.

use kotare_model::Lease6;
use kotare_store::conformance::Specimen;
use kotare_store::{Change, LeaseStore, Put};
use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{SqlLeases, Statement};

use crate::for_each_engine;
use crate::leases::RETRY;
use crate::world::Database;

for_each_engine! {
    /// They come with the lease, change with it, and go with it.
    relays_go_with_the_lease,
}

async fn relays_go_with_the_lease(database: Database) {
    let mut connection = database.connect().await;
    for step in Schema::of(&mut connection).await.expect("a look").steps() {
        schema::take(&mut connection, &step, |_| ()).await.expect("a step");
    }
    let store: SqlLeases<Lease6> = SqlLeases::open(database.access.clone(), RETRY, 1).await.expect("leases");
    let through = |host: u8, relays: &str| Lease6 {
        user_context: Some(format!("{{ \"ISC\": {{ \"relay-info\": [ {relays} ] }} }}").into()),
        ..Lease6::of(host)
    };
    let first = through(1, "{ \"relay-id\": \"0102\", \"remote-id\": \"0A\" }, { \"relay-id\": \"0304\" }");
    let second = through(1, "{ \"relay-id\": \"0304\", \"remote-id\": \"0b\" }");
    let other = through(2, "{ \"remote-id\": \"0A\" }");
    let put = async |from: Option<&Lease6>, to: Option<&Lease6>| {
        let address = from.or(to).expect("a lease").address;
        assert_eq!(store.put(Change { address, from, to }).await.expect("an answer"), Put::Done);
    };
    let mut told = async || {
        let mut told = Vec::new();
        for (table, column) in [("lease6_relay_id", "relay_id"), ("lease6_remote_id", "remote_id")] {
            let engine = connection.engine();

            let text = format!(
                "SELECT r.{column}, l.iaid FROM {table} r JOIN lease6 l ON l.address = r.lease_addr \
                 ORDER BY r.lease_addr, r.{column}"
            );
            let rows = connection.rows(Statement::new(engine, &text)).await.expect("rows");
            told.push(rows.iter().filter_map(|row| row.bytes(0).map(<[u8]>::to_vec)).collect::<Vec<_>>());
        }
        told
    };
    put(None, Some(&first)).await;
    put(None, Some(&other)).await;
    put(None, Some(&Lease6::of(3))).await;
    assert_eq!(told().await, [vec![vec![1, 2], vec![3, 4]], vec![vec![10], vec![10]]]);
    put(Some(&first), Some(&second)).await;
    assert_eq!(told().await, [vec![vec![3, 4]], vec![vec![11], vec![10]]]);
    put(Some(&second), None).await;
    put(Some(&other), Some(&Lease6::of(2))).await;
    assert_eq!(told().await, [Vec::<Vec<u8>>::new(), Vec::new()]);
}
