//! Several servers on one database: three stores, each with connections of its own, and clients that all want the same
//! few addresses.

use std::collections::HashMap;
use std::sync::Arc;

use kotare_model::{Lease4, Lease6, Timestamp};
use kotare_store::conformance::Specimen;
use kotare_store::{Change, Lease, LeaseStore, PageFilter, Put};
use kotare_store_sql::{Engine, Record, SqlLeases};
use kotare_tests::database::USER;
use tokio::task::JoinSet;

use crate::for_each_engine;
use crate::leases::{RETRY, emptied};
use crate::world::Database;

for_each_engine! {
    /// Of DHCPv4.
    no_address_is_given_twice4,
    /// Of DHCPv6.
    no_address_is_given_twice6,
    /// Whoever changes a lease that somebody else changed meanwhile learns of it.
    every_change_of_one_lease_counts,
}

const SERVERS: usize = 3;
/// Clients of each server, and the addresses they share.
const CLIENTS: usize = 40;
const ADDRESSES: u8 = 60;

async fn stores<L: Record>(database: &Database) -> Vec<Arc<SqlLeases<L>>> {
    emptied(database, true).await;
    let mut stores = Vec::new();
    for _ in 0..SERVERS {
        let store = SqlLeases::open(database.access.clone(), RETRY, 3).await.expect("leases");
        stores.push(Arc::new(store));
    }
    stores
}

async fn no_address_is_given_twice4(database: Database) {
    no_address_is_given_twice::<Lease4>(database).await;
}

async fn no_address_is_given_twice6(database: Database) {
    no_address_is_given_twice::<Lease6>(database).await;
}

/// Every client tries all addresses from the first one on until it has one, some of them at once. `cltt` tells clients
/// apart. Whoever was told `Done` is who the database says it is.
async fn no_address_is_given_twice<L: Record + Specimen>(database: Database) {
    let stores = stores::<L>(&database).await;
    let mut clients = JoinSet::new();
    for client in 0..SERVERS * CLIENTS {
        let store = stores[client % SERVERS].clone();
        clients.spawn(async move {
            let me = Timestamp(2000 + client as i64);
            for host in 0..ADDRESSES {
                let lease = L::of(host).with(|it| *it.cltt = me);
                let change = Change { address: lease.address(), from: None, to: Some(&lease) };
                match store.put(change).await.expect("an answer") {
                    Put::Done => return Some(lease),
                    Put::Conflict(there) => assert!(there.is_some_and(|there| *there != lease)),
                }
            }
            None
        });
    }
    let mut given = HashMap::new();
    while let Some(client) = clients.join_next().await {
        if let Some(lease) = client.expect("no panic") {
            assert_eq!(given.insert(lease.address(), lease), None);
        }
    }
    assert_eq!(given.len(), usize::from(ADDRESSES));
    for store in &stores {
        let page = store.page(None, 1000, PageFilter::default()).await.expect("a page");
        assert_eq!(page.len(), given.len());
        assert!(page.iter().all(|lease| given.get(&lease.address()) == Some(lease)));
    }
}

/// A lease that counts: each of many adds one to its pool if it still is what was read.
async fn every_change_of_one_lease_counts(database: Database) {
    const TIMES: u32 = 5;
    let stores = stores::<Lease4>(&database).await;
    let first = Lease4::of(1);
    let put = Change { address: first.address(), from: None, to: Some(&first) };
    assert_eq!(stores[0].put(put).await.expect("an answer"), Put::Done);
    let mut clients = JoinSet::new();
    for client in 0..SERVERS * 4 {
        let (store, first) = (stores[client % SERVERS].clone(), first.clone());
        clients.spawn(async move {
            for _ in 0..TIMES {
                let mut there = first.clone();
                loop {
                    let mut next = there.clone();
                    next.cltt = Timestamp(there.cltt.0 + 1);
                    let change = Change { address: next.address, from: Some(&there), to: Some(&next) };
                    match store.put(change).await.expect("an answer") {
                        Put::Done => break,
                        Put::Conflict(other) => there = *other.expect("nobody removes it"),
                    }
                }
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.expect("no panic");
    }
    let found = stores[0].get(Lease4::by_address(first.address)).await.expect("an answer");
    assert_eq!(found[0].cltt.0, first.cltt.0 + i64::from(TIMES) * SERVERS as i64 * 4);
}

/// A database whose administrator wants all transactions as if there were no others at the same time.
#[test]
fn no_address_is_given_twice_in_a_serializable_postgresql() {
    crate::world::with(Engine::Postgres, async |database: Database| {
        let role = format!("ALTER ROLE {USER} IN DATABASE {}", database.access.name);
        let mut connection = database.connect().await;
        connection
            .script(&format!("{role} SET default_transaction_isolation = 'serializable'"))
            .await
            .expect("a setting");
        no_address_is_given_twice4(database).await;
    });
}
