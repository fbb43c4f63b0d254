//! Leases of both families in each engine, in the tables of old and new versions of Kea's schema.

use std::future::Future;

use kotare_model::{Lease4, Lease6};
use kotare_store::conformance::{self, Executor, Specimen};
use kotare_store::{By4, Change, Lease, LeaseStore, Put};
use kotare_store_sql::{Connection, Engine, Record, Retry, SqlLeases, Statement};
use tokio::runtime::Runtime;

use crate::for_each_engine;
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

/// Tables beside that of the leases of DHCPv6, each with its column.
const RELAYED6: [(&str, &str); 2] = [("lease6_relay_id", "relay_id"), ("lease6_remote_id", "remote_id")];

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
    let relayed = if new { format!(", relay_id {bytes}, remote_id {bytes}") } else { String::new() };
    let hwtype = if connection.engine() == Engine::MySql { "SMALLINT UNSIGNED" } else { "SMALLINT" };
    let script = format!(
        "CREATE TABLE lease4 (address {int} PRIMARY KEY NOT NULL, hwaddr {bytes}, client_id {bytes}, \
         valid_lifetime {int}, expire {time}, subnet_id {int}, fqdn_fwd {yes}, fqdn_rev {yes}, hostname VARCHAR(255), \
         state {int} DEFAULT 0, user_context TEXT{relayed}{pool});
         CREATE TABLE lease6 (address {address6} PRIMARY KEY NOT NULL, duid {bytes}, valid_lifetime {int}, \
         expire {time}, subnet_id {int}, pref_lifetime {int}, lease_type SMALLINT, iaid {iaid}, prefix_len SMALLINT, \
         fqdn_fwd {yes}, fqdn_rev {yes}, hostname VARCHAR(255), hwaddr {bytes}, hwtype {hwtype}, hwaddr_source INT, \
         state {int} DEFAULT 0, user_context TEXT{pool})"
    );
    connection.script(&script).await.expect("tables");
    let serial = match connection.engine() {
        Engine::Sqlite => "INTEGER PRIMARY KEY",
        Engine::MySql => "INT PRIMARY KEY AUTO_INCREMENT",
        Engine::Postgres => "SERIAL PRIMARY KEY",
    };
    for (table, column) in RELAYED6.iter().filter(|_| new) {
        let script = format!(
            "CREATE TABLE {table} (extended_info_id {serial}, {column} {bytes}, lease_addr {address6} NOT NULL, \
             FOREIGN KEY (lease_addr) REFERENCES lease6 (address) ON DELETE CASCADE)"
        );
        connection.script(&script).await.expect("tables of what relay agents said");
    }
}

pub(crate) const RETRY: Retry =
    Retry { tries: 3, wait: std::time::Duration::from_millis(10), for_ever: false };

/// Empty tables.
pub(crate) async fn emptied(database: &Database, new: bool) {
    let mut connection = database.connect().await;
    for (table, _) in RELAYED6 {
        connection.script(&format!("DROP TABLE IF EXISTS {table}")).await.expect("a table to drop");
    }
    // Triggers go with the tables of leases; what they counted a server makes anew where it is not there.
    for table in ["lease4", "lease6", "lease4_pool_stat", "lease6_pool_stat"] {
        connection.script(&format!("DROP TABLE IF EXISTS {table}")).await.expect("a table to drop");
    }
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
                    suite::<Lease4>($engine, $new, |fresh, runtime| {
                        conformance::run(fresh, runtime);
                        if $new {
                            conformance::run_relayed(fresh, runtime);
                        }
                    });
                }

                #[test]
                fn dhcpv6() {
                    suite::<Lease6>($engine, $new, |fresh, runtime| {
                        conformance::run6(fresh, runtime);
                        if $new {
                            conformance::run_relayed6(fresh, runtime);
                        }
                    });
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

for_each_engine! {
    /// What relays say stands in columns of its own, where Kea looks for it, and goes with the lease.
    relays_are_found_by_columns,
    /// Questions of several kinds that come together are answered as each by itself.
    questions_come_together,
}

async fn questions_come_together(database: Database) {
    emptied(&database, true).await;
    let store = SqlLeases::<Lease4>::open(database.access.clone(), RETRY, 1).await.expect("leases");
    let leases: Vec<Lease4> = (1..=24).map(Lease4::of).collect();
    for lease in &leases[..20] {
        let change = Change { address: lease.address, from: None, to: Some(lease) };
        assert_eq!(store.put(change).await.expect("an answer"), Put::Done);
    }
    let id = |lease: &'_ Lease4| lease.client_id.as_ref().map_or(vec![7], |id| id.as_bytes().to_vec());
    let mut found = [0; 6];
    for (lease, other) in leases.iter().zip(leases.iter().skip(3).chain(&leases[..3])).cycle().take(96) {
        let (subnets, own, others) = ([lease.subnet_id], id(lease), id(other));
        let asked = [
            By4::Address(lease.address),
            By4::HwAddrOn(&lease.hwaddr, &subnets),
            By4::ClientIdOn(&own, &subnets),
            By4::Address(other.address),
            By4::ClientId(&others),
            By4::HwAddr(&other.hwaddr),
        ];
        let [a, b, c, d, e, f] = asked.map(|by| store.get(by));
        let together = tokio::join!(a, b, c, d, e, f);
        let together = [together.0, together.1, together.2, together.3, together.4, together.5];
        for ((by, together), found) in asked.into_iter().zip(together).zip(&mut found) {
            let (mut together, mut alone) =
                (together.expect("an answer").into_vec(), store.get(by).await.expect("an answer").into_vec());
            together.sort_by_key(|lease| lease.address);
            alone.sort_by_key(|lease| lease.address);
            assert_eq!(together, alone, "{by:?}");
            *found += alone.len();
        }
    }
    assert!(found.iter().all(|found| *found > 20), "{found:?}");
}

async fn relays_are_found_by_columns(database: Database) {
    let store: SqlLeases<Lease4> = opened(&database, true).await;
    let mut connection = database.connect().await;
    let context = |relay: &str| {
        let info = format!(r#"{{ "relay-id": "{relay}", "remote-id": "0FAB", "sub-options": "0x01" }}"#);
        format!(r#"{{ "ISC": {{ "relay-agent-info": {info} }} }}"#).into()
    };
    let mut there: Option<Lease4> = None;
    for relay in [None, Some("0102"), Some("03"), None] {
        let lease = Lease4 { user_context: relay.map(context), ..Lease4::of(1) };
        let change = Change { address: lease.address, from: there.as_ref(), to: Some(&lease) };
        assert_eq!(store.put(change).await.expect("an answer"), Put::Done);
        let select = Statement::new(connection.engine(), "SELECT relay_id, remote_id FROM lease4");
        let rows = connection.rows(select).await.expect("rows");
        let told = (rows[0].bytes(0).map(<[u8]>::to_vec), rows[0].bytes(1).map(<[u8]>::to_vec));
        let wanted = match relay {
            Some("0102") => (Some(vec![1, 2]), Some(vec![0x0f, 0xab])),
            Some(_) => (Some(vec![3]), Some(vec![0x0f, 0xab])),
            None => (None, None),
        };
        assert_eq!(told, wanted);
        let found = store.get(Lease4::by_address(lease.address)).await.expect("an answer");
        assert_eq!(found[0], lease);
        there = Some(lease);
    }
}
