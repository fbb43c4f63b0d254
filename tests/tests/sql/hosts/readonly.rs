//! A database that is marked `readonly`: reservations are found there, and none is changed.

use kotare_model::{HostId, HostIdType, Reservation, Reserved4, SubnetId};
use kotare_store::conformance::HostSpecimen;
use kotare_store::{Edited, HostKey, HostQuery, HostSource, HostStore};
use kotare_store_sql::{Access, Engine, SqlHosts};

use super::{RETRY, opened, with_tables};
use crate::leases::runtime;

/// Whoever may write nevertheless, as most users of databases, does not: in Kea's words.
#[test]
fn what_is_only_read_is_not_changed() {
    for (engine, name) in
        [(Engine::Sqlite, "SQLite"), (Engine::MySql, "MySQL"), (Engine::Postgres, "PostgreSQL")]
    {
        let Some(database) = with_tables(engine, false) else { continue };
        runtime().0.block_on(async {
            let ids = [HostId { kind: HostIdType::HwAddress, bytes: &[7; 6] }];
            let host = Reservation::new(ids[0], SubnetId(1), Reserved4::one(9));
            let query = HostQuery { key: HostKey::Ids(&ids), subnets: None };
            let (writer, _) = opened::<Reserved4>(&database).await;
            assert_eq!(writer.add(&host, true).await.expect("an answer"), Edited::Done);
            let access = Access { readonly: true, ..database.access.clone() };
            let reader = SqlHosts::<Reserved4>::open(access, RETRY, 1, |_| ()).await.expect("hosts");
            let other = Reservation::new(ids[0], SubnetId(2), Reserved4::one(10));
            let errors = [
                reader.add(&other, true).await.expect_err("an addition"),
                reader.update(&host, true).await.expect_err("a change"),
                reader.delete(query).await.expect_err("a removal"),
            ];
            let words = format!("{name} host database backend is configured to operate in read only mode");
            for error in errors {
                assert!(error.to_string().contains(&words), "{error}");
            }
            assert_eq!(reader.get(query).await.expect("an answer"), [host]);
        });
    }
}
