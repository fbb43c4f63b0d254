//! Queues of what is free that servers share, in Kea's tables.

use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_model::{Lease4, Lease6, LeaseState, LeaseType, SubnetId};
use kotare_store::conformance::Specimen;
use kotare_store::{Change, Lease, LeaseStore, NextFree, Put, SharedPool};
use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{Connection, Engine, Record, SqlLeases, Statement};

use crate::leases::RETRY;
use crate::world::{Database, with};

/// A database with all tables, for each engine that has queues.
fn with_queues(test: impl AsyncFn(Database, Connection)) {
    for engine in [Engine::MySql, Engine::Postgres] {
        with(engine, async |database| {
            let mut connection = database.connect().await;
            for step in Schema::of(&mut connection).await.expect("a look").steps() {
                schema::take(&mut connection, &step, |_| ()).await.expect("a step");
            }
            test(database, connection).await;
        });
    }
}

async fn opened<L: Record>(database: &Database) -> SqlLeases<L> {
    SqlLeases::open(database.access.clone(), RETRY, 2).await.expect("leases")
}

async fn next<L: Lease>(store: &impl LeaseStore<L>, pool: SharedPool<L::Address>) -> NextFree<L::Address> {
    store.next_free(pool).await.expect("an answer")
}

async fn put<L: Lease>(store: &impl LeaseStore<L>, from: Option<&L>, to: Option<&L>) {
    let address = from.or(to).expect("a lease").address();
    assert_eq!(store.put(Change { address, from, to }).await.expect("an answer"), Put::Done);
}

async fn number(connection: &mut Connection, text: &str) -> i64 {
    let rows = connection.rows(Statement::new(connection.engine(), text)).await.expect("rows");
    rows[0].int(0).expect("a number")
}

fn end(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, number)
}

/// Each is told another address, whichever server it asks; what somebody has is told nobody, and what was freed is told again.
#[test]
fn servers_are_told_different_addresses() {
    with_queues(async |database, mut connection| {
        let servers: [SqlLeases<Lease4>; 2] = [opened(&database).await, opened(&database).await];
        let pool = SharedPool {
            first: end(1),
            last: end(4),
            lease_type: LeaseType::Na,
            delegated_len: 128,
            subnet: SubnetId(1),
        };
        assert_eq!(next(&servers[0], pool).await, NextFree::NoQueue, "nobody shares it yet");
        let [one, two] = &servers;
        let (first, second) = tokio::join!(one.share(vec![pool]), two.share(vec![pool]));
        first.and(second).expect("a queue");
        let mut told = Vec::new();
        for server in [one, two, two, one] {
            told.push(next(server, pool).await);
        }
        assert_eq!(told, [1, 2, 3, 4].map(|at| NextFree::Place(end(at))));
        let all = [1, 2, 3, 4].map(|at| Lease4 { address: end(at), ..Lease4::of(at) });
        for (at, lease) in all.iter().enumerate() {
            put(&servers[at % 2], None, Some(lease)).await;
        }
        assert_eq!(next(one, pool).await, NextFree::Nothing);
        assert_eq!(number(&mut connection, "SELECT count(*) FROM free_lease4").await, 0);
        // One goes, one is reclaimed, one is released, which is not free before it is reclaimed.
        let reclaimed = Lease4 { state: LeaseState::ExpiredReclaimed, ..all[1].clone() };
        let released = Lease4 { state: LeaseState::Released, ..all[2].clone() };
        put(one, Some(&all[0]), None).await;
        put(two, Some(&all[1]), Some(&reclaimed)).await;
        put(two, Some(&all[2]), Some(&released)).await;
        let told = [next(two, pool).await, next(one, pool).await, next(two, pool).await];
        assert_eq!(told, [1, 2, 1].map(|at| NextFree::Place(end(at))));
        // As Kea would be told, after the one that was told last.
        let picked = format!("SELECT sflqPickFreeLease4({}, {})", u32::from(end(1)), u32::from(end(4)));
        assert_eq!(number(&mut connection, &picked).await, i64::from(u32::from(end(2))));
        put(one, Some(&reclaimed), Some(&all[1])).await;
        // Kea names what somebody has, if not all servers share the queue: it is passed over.
        let insert = format!("INSERT INTO free_lease4 (address) VALUES ({})", u32::from(end(4)));
        connection.script(&insert).await.expect("a change");
        assert_eq!([next(one, pool).await, next(two, pool).await], [NextFree::Place(end(1)); 2]);
        // Other pools are nobody's business.
        put(one, Some(&all[3]), Some(&Lease4 { hostname: "x".into(), ..all[3].clone() })).await;
        put(one, None, Some(&Lease4 { address: end(9), ..Lease4::of(9) })).await;
        assert_eq!(number(&mut connection, "SELECT count(*) FROM flq_pool4").await, 1);
    });
}

/// The same of prefixes, of which a queue has the first address.
#[test]
fn servers_are_told_different_prefixes() {
    with_queues(async |database, mut connection| {
        let servers: [SqlLeases<Lease6>; 2] = [opened(&database).await, opened(&database).await];
        let prefix = |at: u16| Ipv6Addr::new(0x2001, 0xdb8, 0, at << 8, 0, 0, 0, 0);
        let last = "2001:db8:0:3ff:ffff:ffff:ffff:ffff".parse().expect("an address");
        let (lease_type, subnet) = (LeaseType::Pd, SubnetId(1));
        let pool = SharedPool { first: prefix(0), last, lease_type, delegated_len: 56, subnet };
        for server in &servers {
            server.share(vec![pool]).await.expect("a queue");
        }
        let mut leases = Vec::new();
        for at in 0..4 {
            let told = next(&servers[usize::from(at) % 2], pool).await;
            assert_eq!(told, NextFree::Place(prefix(at)));
            let lease = Lease6 { address: prefix(at), prefix_len: 56, lease_type, ..Lease6::of(at as u8) };
            put(&servers[usize::from(at) % 2], None, Some(&lease)).await;
            leases.push(lease);
        }
        assert_eq!(next(&servers[0], pool).await, NextFree::Nothing);
        put(&servers[1], Some(&leases[2]), None).await;
        assert_eq!(next(&servers[0], pool).await, NextFree::Place(prefix(2)));
        assert_eq!(number(&mut connection, "SELECT count(*) FROM free_lease6").await, 1);
    });
}
