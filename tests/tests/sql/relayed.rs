//! What relay agents said of leases of DHCPv6, in the tables that they are found by.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use kotare_model::{Lease4, Lease6};
use kotare_store::conformance::Specimen;
use kotare_store::{Change, LeaseStore, PageFilter, Put, Relayed};
use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{Bulk, Connection, Engine, SqlLeases, Statement};

use crate::for_each_engine;
use crate::leases::RETRY;
use crate::world::Database;

for_each_engine! {
    /// They come with the lease, change with it, and go with it.
    relays_go_with_the_lease,
    /// Leases that came by other ways are found by what relay agents said once they were looked through.
    leases_that_others_wrote_are_indexed,
}

/// A connection to a database that has all of Kea's tables.
pub(crate) async fn with_all_tables(database: &Database) -> Connection {
    let mut connection = database.connect().await;
    for step in Schema::of(&mut connection).await.expect("a look").steps() {
        schema::take(&mut connection, &step, |_| ()).await.expect("a step");
    }
    connection
}

async fn leases_that_others_wrote_are_indexed(database: Database) {
    let mut connection = with_all_tables(&database).await;
    let store: SqlLeases<Lease6> = SqlLeases::open(database.access.clone(), RETRY, 1).await.expect("leases");
    let info = r#"{ "relay-id": "0102", "remote-id": "0A" }"#;
    let mut all = [1, 2, 3].map(Lease6::of);
    all[0].user_context = Some(format!(r#"{{ "ISC": {{ "relay-info": [ {info} ] }} }}"#).into());
    all[1].user_context = all[0].user_context.clone();
    for lease in &all {
        let change = Change { address: lease.address, from: None, to: Some(lease) };
        assert_eq!(store.put(change).await.expect("an answer"), Put::Done);
    }
    let find = async |relayed| {
        let filter = PageFilter { relayed: Some(relayed), subnet: None };
        let page = store.page(None, 9, filter).await.expect("a page");
        page.into_iter().map(|lease| lease.address).collect::<Vec<_>>()
    };
    let (relay, remote) = (Relayed::RelayId(&[1, 2]), Relayed::RemoteId(&[10]));
    let both = vec![all[0].address, all[1].address];
    assert_eq!((find(relay).await, find(remote).await), (both.clone(), both.clone()));
    assert_eq!(store.index_relayed(&all).await.expect("an answer"), 0);
    // What Kea does where it does not ask for the tables, and what an agent said of a lease before.
    connection.script("DELETE FROM lease6_relay_id").await.expect("a change");
    let other = if connection.engine() == Engine::Postgres { r"'\x0b'" } else { "x'0b'" };
    let changed = format!("UPDATE lease6_remote_id SET remote_id = {other}");
    connection.script(&changed).await.expect("a change");
    assert_eq!((find(relay).await, find(remote).await), (vec![], vec![]));
    assert_eq!(store.index_relayed(&all).await.expect("an answer"), 2);
    assert_eq!((find(relay).await, find(remote).await), (both.clone(), both.clone()));
    assert_eq!(find(Relayed::RemoteId(&[11])).await, Vec::<Ipv6Addr>::new());
    // Programs that carry leases do so themselves.
    connection.script("DELETE FROM lease6").await.expect("a change");
    assert_eq!(find(relay).await, Vec::<Ipv6Addr>::new());
    let bulk = Bulk::<Lease6>::of(&mut connection).await.expect("tables");
    assert_eq!(bulk.put(&mut connection, &all, &HashMap::new()).await.expect("leases are carried"), 3);
    assert_eq!((find(relay).await, find(remote).await), (both.clone(), both));
    // The same of leases of DHCPv4, which have columns of their own.
    let store: SqlLeases<Lease4> = SqlLeases::open(database.access.clone(), RETRY, 1).await.expect("leases");
    let context = Some(format!(r#"{{ "ISC": {{ "relay-agent-info": {info} }} }}"#).into());
    let lease = Lease4 { user_context: context, ..Lease4::of(1) };
    let change = Change { address: lease.address, from: None, to: Some(&lease) };
    assert_eq!(store.put(change).await.expect("an answer"), Put::Done);
    assert_eq!(store.index_relayed(std::slice::from_ref(&lease)).await.expect("an answer"), 0);
    connection.script("UPDATE lease4 SET relay_id = NULL").await.expect("a change");
    let filter = PageFilter { relayed: Some(relay), subnet: None };
    assert_eq!(store.page(None, 9, filter).await.expect("a page"), []);
    assert_eq!(store.index_relayed(std::slice::from_ref(&lease)).await.expect("an answer"), 1);
    assert_eq!(store.page(None, 9, filter).await.expect("a page"), [lease]);
}

async fn relays_go_with_the_lease(database: Database) {
    let mut connection = with_all_tables(&database).await;
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
