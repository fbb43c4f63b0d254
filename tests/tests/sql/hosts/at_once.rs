//! Many questions in one statement, and changes that are made at the same time.

use std::sync::Arc;

use kotare_model::{HostId, HostIdType, Reservation, Reservation4, Reserved4, Reserved6, SubnetId};
use kotare_store::conformance::HostSpecimen;
use kotare_store::{Edited, HostKey, HostQuery, HostSource, HostStore};
use kotare_store_sql::{Engine, HostRecord};
use tokio::task::JoinSet;

use super::{Database, opened, with_tables};
use crate::leases::runtime;

/// The same test for each engine.
macro_rules! everywhere {
    ($($(#[$doc:meta])* $name:ident;)+) => {
        $(
            mod $name {
                use super::*;

                $(#[$doc])*
                #[test]
                fn everywhere() {
                    for engine in [Engine::Sqlite, Engine::MySql, Engine::Postgres] {
                        let Some(database) = with_tables(engine, false) else { continue };
                        runtime().0.block_on(super::$name(&database));
                    }
                }
            }
        )+
    };
}

everywhere! {
    /// Whoever asks gets the answer to his own question, whatever others ask in the same statement.
    each_gets_his_own_answer;
    /// Of several who reserve one address at once one succeeds, and nothing is left of the others.
    one_of_many_reserves_an_address;
    one_of_many_reserves_an_address_of_dhcpv6;
}

/// Hosts in each of two subnets.
const HOSTS: u8 = 20;

fn host(number: u8, subnet: u32) -> Reservation4 {
    let id = HostId { kind: HostIdType::ALL[usize::from(number % 5)], bytes: &[7, number] };
    let address = if subnet == 1 { Reserved4::one(number) } else { Reserved4::default() };
    Reservation4 {
        hostname: format!("host{number}").into(),
        ..Reservation::new(id, SubnetId(subnet), address)
    }
}

async fn each_gets_his_own_answer(database: &Database) {
    let hosts = Arc::new(opened::<Reserved4>(database).await.0);
    for number in 0..HOSTS {
        for subnet in [1, 2] {
            assert_eq!(hosts.add(&host(number, subnet), true).await.unwrap(), Edited::Done);
        }
    }
    let mut asking = JoinSet::new();
    for number in 0..2 * HOSTS {
        for kind in 0..5 {
            let hosts = hosts.clone();
            asking.spawn(async move {
                let own = host(number, 1);
                // An identifier of the same bytes is another of another kind.
                let other = HostId { kind: HostIdType::ALL[usize::from((number + 1) % 5)], ..own.id() };
                let (ids, both, others) = ([own.id()], [other, own.id()], [other]);
                let (key, subnets): (_, Option<&[SubnetId]>) = match kind {
                    0 => (HostKey::Ids(&ids), Some(&[SubnetId(1)])),
                    1 => (HostKey::Ids(&both), Some(&[SubnetId(1), SubnetId(2)])),
                    2 => (HostKey::Ids(&others), None),
                    3 => (HostKey::Addresses(&[Reserved4::at(number)]), Some(&[SubnetId(1)])),
                    _ => (HostKey::Hostname(&own.hostname), None),
                };
                let found = hosts.get(HostQuery { key, subnets }).await.unwrap();
                let expected = match kind {
                    _ if number >= HOSTS => Vec::new(),
                    0 | 3 => vec![own.clone()],
                    2 => Vec::new(),
                    _ => vec![own.clone(), host(number, 2)],
                };
                assert_eq!(found, expected, "{number} {kind}");
            });
        }
    }
    while let Some(done) = asking.join_next().await {
        done.expect("an answer");
    }
}

async fn one_of_many_reserves_an_address(database: &Database) {
    race::<Reserved4>(database).await;
}

async fn one_of_many_reserves_an_address_of_dhcpv6(database: &Database) {
    race::<Reserved6>(database).await;
}

/// Several servers, each with connections of its own.
async fn race<R: HostRecord + HostSpecimen>(database: &Database) {
    let mut servers = Vec::new();
    for _ in 0..3 {
        servers.push(Arc::new(opened::<R>(database).await.0));
    }
    for round in 1..=5 {
        let mut adding = JoinSet::new();
        for (number, server) in servers.iter().cloned().enumerate() {
            adding.spawn(async move {
                let id = [round, number as u8];
                let id = HostId { kind: HostIdType::HwAddress, bytes: &id };
                server.add(&Reservation::new(id, SubnetId(1), R::one(round)), true).await
            });
        }
        let outcomes = adding.join_all().await;
        let added = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Edited::Done))).count();
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Edited::Duplicate))).count();
        assert_eq!((added, refused), (1, servers.len() - 1), "{outcomes:?}");
        let query = HostQuery { key: HostKey::Addresses(&[R::at(round)]), subnets: None };
        assert_eq!(servers[0].get(query).await.unwrap().len(), 1);
    }
}
