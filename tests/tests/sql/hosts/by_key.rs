//! Reservations are looked for by key, whatever the server believes of the table.

use kotare_model::{HostId, HostIdType, Reserved4, SubnetId};
use kotare_store::conformance::HostSpecimen;
use kotare_store::{HostKey, HostQuery, HostSource};
use kotare_store_sql::Engine;
use kotare_tests::database::{DatabaseServer, Kind};

use super::{opened, tables};
use crate::leases::runtime;
use crate::world::accessed;

/// Rows of clients that nobody asks for.
const ROWS: u32 = 2000;

/// For some seconds after a table was filled MariaDB believes that it is empty: it would go through all reservations by
/// number. A server of the test's own, because it counts the rows that it read for everybody.
#[test]
fn where_the_table_is_believed_to_be_empty() {
    let Some(server) = DatabaseServer::start(Kind::MariaDb) else { return };
    server.create("kea");
    let database = accessed(&server, Engine::MySql, "kea".to_owned());
    runtime().0.block_on(async {
        tables(&mut database.connect().await).await;
        server.administer(
            "kea",
            &format!(
                "INSERT INTO hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id, ipv4_address) \
                 SELECT unhex(lpad(hex(seq), 12, '0')), 0, 1, {} + seq FROM seq_1_to_{ROWS}; \
                 SET GLOBAL innodb_stats_auto_recalc = OFF; \
                 UPDATE mysql.innodb_table_stats SET n_rows = 0 WHERE table_name = 'hosts'; FLUSH TABLES",
                0x0a00_0000
            ),
        );
        let hosts = opened::<Reserved4>(&database).await.0;
        let read = || {
            let count = server.administer("kea", "SHOW GLOBAL STATUS LIKE 'Handler_read_next'");
            let count = count.split_whitespace().last().and_then(|count| count.parse::<u32>().ok());
            count.expect("a count")
        };
        let ids = [HostId { kind: HostIdType::HwAddress, bytes: &[2; 6] }];
        let addresses = [Reserved4::at(1), Reserved4::at(2)];
        for key in [HostKey::Ids(&ids), HostKey::Addresses(&addresses)] {
            let before = read();
            let query = HostQuery { key, subnets: Some(&[SubnetId(1)]) };
            assert_eq!(hosts.get(query).await.expect("an answer"), []);
            let rows = read() - before;
            assert!(rows < ROWS / 10, "{key:?} took {rows} rows of {ROWS}");
        }
    });
}
