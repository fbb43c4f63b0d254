//! Rows as Kea writes them, and rows that make no sense.

use std::slice::from_ref;

use kotare_model::{
    HostId, HostIdType, KeptPrefix, OptionData, Reservation, Reservation4, Reservation6, Reserved4,
    Reserved6, ReservedOption, SubnetId,
};
use kotare_store::{Edited, HostKey, HostQuery, HostSource, HostStore};
use kotare_store_sql::{Engine, OddRow};

use super::{Database, empty, opened, with_tables};
use crate::leases::runtime;

/// The same test for each engine with the tables of Kea 2.2 (where it has some), and of now.
macro_rules! everywhere {
    ($($(#[$doc:meta])* $name:ident: $is_old:expr;)+) => {
        $(
            mod $name {
                use super::*;

                $(#[$doc])*
                #[test]
                fn everywhere() {
                    for engine in [Engine::Sqlite, Engine::MySql, Engine::Postgres] {
                        for is_old in $is_old {
                            let Some(database) = with_tables(engine, is_old) else { continue };
                            runtime().0.block_on(super::$name(&database));
                        }
                    }
                }
            }
        )+
    };
}

everywhere! {
    /// What Kea leaves empty is nothing, a row of both families is a reservation of each, and its options are its own.
    rows_of_kea_are_understood: [false, true];
    /// A row that makes no sense is left out and told once; the others go on.
    odd_rows_are_left_out: [false];
    /// What only newer tables have comes back from these.
    newer_columns_come_back: [false];
    /// A row of both families goes whole, with the options of both.
    a_row_of_both_goes_whole: [false, true];
}

/// Bytes, an address of IPv6, and yes or no as an engine has them in statements.
struct Words {
    engine: Engine,
    text_addresses: bool,
}

impl Words {
    async fn of(database: &Database) -> Self {
        let mut connection = database.connect().await;
        let engine = connection.engine();
        // Only newer tables have this column.
        let newer = connection.script("SELECT excluded_prefix FROM ipv6_reservations").await.is_ok();
        Self { engine, text_addresses: !newer }
    }

    fn bytes(&self, hex: &str) -> String {
        match self.engine {
            Engine::Postgres => format!("'\\x{hex}'::bytea"),
            Engine::Sqlite | Engine::MySql => format!("x'{hex}'"),
        }
    }

    fn address6(&self, text: &str) -> String {
        match (self.engine, self.text_addresses) {
            (_, true) | (Engine::Postgres, _) => format!("'{text}'"),
            _ => {
                let address: std::net::Ipv6Addr = text.parse().expect("an address");
                self.bytes(&format!("{:032x}", u128::from(address)))
            }
        }
    }
}

const DUID: HostId<'_> = HostId { kind: HostIdType::Duid, bytes: &[0, 1, 2, 3] };

/// The rows of a host of both families.
async fn insert_of_both(database: &Database) {
    let words = Words::of(database).await;
    let mut connection = database.connect().await;
    // What newer tables ask for.
    let (column, value) = if words.text_addresses { ("", "") } else { (", client_classes", ", '[  ]'") };
    let script = format!(
        "INSERT INTO hosts (host_id, dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id, dhcp6_subnet_id, \
         ipv4_address, hostname, dhcp4_client_classes, dhcp6_client_classes, dhcp4_next_server, \
         dhcp4_server_hostname, dhcp4_boot_file_name) \
         VALUES (7, {id}, 1, 4, 6, 3221225985, '', '', 'gold,silver', 0, '', '');
         INSERT INTO dhcp4_options (code, value, formatted_value, space, persistent, host_id, scope_id{column}) \
         VALUES (6, NULL, '192.0.2.1, 192.0.2.2', 'dhcp4', FALSE, 7, 3{value});
         INSERT INTO dhcp4_options (code, value, formatted_value, space, persistent, host_id, scope_id{column}) \
         VALUES (3, NULL, '10.9.9.9', 'dhcp4', FALSE, NULL, 3{value});
         INSERT INTO dhcp6_options (code, value, formatted_value, space, persistent, host_id, scope_id{column}) \
         VALUES (1000, {bytes}, '', NULL, TRUE, 7, 3{value});
         INSERT INTO ipv6_reservations (address, prefix_len, type, dhcp6_iaid, host_id) \
         VALUES ({address}, 128, 0, 0, 7);
         INSERT INTO ipv6_reservations (address, prefix_len, type, dhcp6_iaid, host_id) \
         VALUES ({prefix}, 56, 2, 0, 7)",
        id = words.bytes("00010203"),
        bytes = words.bytes("00ff27"),
        address = words.address6("2001:db8::10"),
        prefix = words.address6("2001:db8:1::"),
    );
    connection.script(&script).await.expect("rows");
}

async fn rows_of_kea_are_understood(database: &Database) {
    insert_of_both(database).await;
    let option = |code, data, always_send| ReservedOption {
        code,
        space: Box::default(),
        data,
        always_send,
        never_send: false,
        classes: Vec::new(),
        user_context: None,
    };
    let v4 = opened::<Reserved4>(database).await.0;
    let address = Some([192, 0, 2, 1].into());
    let expected = Reservation4 {
        options: vec![option(6, OptionData::Text("192.0.2.1, 192.0.2.2".into()), false)],
        ..Reservation::new(DUID, SubnetId(4), Reserved4 { address, ..Reserved4::default() })
    };
    assert_eq!(v4.get(HostQuery { key: HostKey::Ids(&[DUID]), subnets: None }).await.unwrap(), [expected]);
    // The subnet of the other family is none.
    assert!(
        v4.get(HostQuery { key: HostKey::Ids(&[DUID]), subnets: Some(&[SubnetId(6)]) })
            .await
            .unwrap()
            .is_empty()
    );
    let v6 = opened::<Reserved6>(database).await.0;
    let prefix = KeptPrefix { address: "2001:db8:1::".parse().unwrap(), length: 56, excluded: None };
    let reserved = Reserved6 { addresses: vec!["2001:db8::10".parse().unwrap()], prefixes: vec![prefix] };
    let expected = Reservation6 {
        classes: vec!["gold".into(), "silver".into()],
        options: vec![option(1000, OptionData::Bytes([0, 255, 39].into()), true)],
        ..Reservation::new(DUID, SubnetId(6), reserved)
    };
    assert_eq!(
        v6.get(HostQuery { key: HostKey::Ids(&[DUID]), subnets: None }).await.unwrap(),
        from_ref(&expected)
    );
    assert_eq!(v6.page(None, 10, None).await.unwrap().hosts, [expected]);
}

async fn odd_rows_are_left_out(database: &Database) {
    let words = Words::of(database).await;
    let good =
        Reservation6 { hostname: "good".into(), ..Reservation::new(DUID, SubnetId(6), Reserved6::default()) };
    let host = |kind: i32, id: &str, subnet: i64| {
        format!(
            "INSERT INTO hosts (host_id, dhcp_identifier, dhcp_identifier_type, dhcp6_subnet_id) \
             VALUES (900, {}, {kind}, {subnet})",
            words.bytes(id)
        )
    };
    let option = |what: &str| {
        format!(
            "INSERT INTO dhcp6_options (option_id, code, client_classes, persistent, host_id, scope_id) \
             SELECT 900, {what}, FALSE, host_id, 3 FROM hosts"
        )
    };
    let reservation = |length: i32, kind: i32, excluded: &str, excluded_length: i32| {
        format!(
            "INSERT INTO ipv6_reservations \
             (reservation_id, address, prefix_len, type, excluded_prefix, excluded_prefix_len, host_id) \
             SELECT 900, {}, {length}, {kind}, {}, {excluded_length}, host_id FROM hosts",
            words.address6("2001:db8::"),
            words.address6(excluded)
        )
    };
    let cases = [
        (host(5, "01", 6), "hosts", "dhcp_identifier_type"),
        (host(-1, "01", 6), "hosts", "dhcp_identifier_type"),
        (host(0, "", 6), "hosts", "dhcp_identifier"),
        (option("70000, '[ ]'"), "dhcp6_options", "code"),
        (option("-1, '[ ]'"), "dhcp6_options", "code"),
        (option("7, '[ 1 ]'"), "dhcp6_options", "client_classes"),
        (option("7, 'gold'"), "dhcp6_options", "client_classes"),
        (reservation(129, 2, "::", 0), "ipv6_reservations", "prefix_len"),
        (reservation(0, 2, "::", 0), "ipv6_reservations", "prefix_len"),
        (reservation(-1, 2, "::", 0), "ipv6_reservations", "prefix_len"),
        (reservation(64, 0, "::", 0), "ipv6_reservations", "prefix_len"),
        (reservation(64, 1, "::", 0), "ipv6_reservations", "type"),
        (reservation(64, 2, "2001:db8::", 64), "ipv6_reservations", "excluded_prefix_len"),
        (reservation(64, 2, "2001:db8::", 129), "ipv6_reservations", "excluded_prefix_len"),
        (reservation(64, 2, "2001:db8:0:1::", 80), "ipv6_reservations", "excluded_prefix"),
    ];
    for (row, table, column) in cases {
        empty(database).await;
        let (hosts, told) = opened::<Reserved6>(database).await;
        assert_eq!(hosts.add(&good, true).await.unwrap(), Edited::Done);
        let mut connection = database.connect().await;
        let engine = connection.engine();
        let script = match engine {
            Engine::Sqlite => format!("PRAGMA foreign_keys = OFF; {row}"),
            Engine::MySql => format!("SET foreign_key_checks = 0; {row}"),
            Engine::Postgres => row.clone(),
        };
        if let Err(error) = connection.script(&script).await {
            // Columns there have fewer values; those of SQLite have any.
            assert_ne!(engine, Engine::Sqlite, "{row}: {error}");
            continue;
        }
        for _ in 0..2 {
            assert_eq!(hosts.page(None, 10, None).await.unwrap().hosts, from_ref(&good), "{row}");
        }
        assert_eq!(*told.lock(), [OddRow { table, number: 900, column }], "{row}");
        let by_name = HostQuery { key: HostKey::Hostname("good"), subnets: None };
        assert_eq!(hosts.get(by_name).await.unwrap(), from_ref(&good), "{row}");
        // A page full of such rows is not the last.
        let (mut after, mut listed) = (None, Vec::new());
        loop {
            let page = hosts.page(after, 1, None).await.unwrap();
            listed.extend(page.hosts);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(listed, from_ref(&good), "{row}");
    }
}

async fn newer_columns_come_back(database: &Database) {
    let hosts = opened::<Reserved6>(database).await.0;
    let excluded = Some(("2001:db8:0:80::".parse().unwrap(), 57));
    let prefix = KeptPrefix { address: "2001:db8::".parse().unwrap(), length: 56, excluded };
    let option = ReservedOption {
        code: 23,
        space: Box::default(),
        data: OptionData::Text("2001:db8::1".into()),
        always_send: false,
        never_send: true,
        classes: vec!["a \"b\"".into(), "c,d".into()],
        user_context: None,
    };
    let host = Reservation6 {
        options: vec![option.clone(), ReservedOption { code: 24, ..option }],
        ..Reservation::new(DUID, SubnetId(6), Reserved6 { addresses: Vec::new(), prefixes: vec![prefix; 2] })
    };
    assert_eq!(hosts.add(&host, false).await.unwrap(), Edited::Done);
    assert_eq!(hosts.page(None, 10, None).await.unwrap().hosts, from_ref(&host));
    // Names of classes of a reservation stand in one text.
    let comma = Reservation6 { classes: vec!["c,d".into()], ..host };
    let error = hosts.update(&comma, false).await.unwrap_err();
    assert!(error.to_string().contains("c,d"), "{error}");
}

async fn a_row_of_both_goes_whole(database: &Database) {
    insert_of_both(database).await;
    let v4 = opened::<Reserved4>(database).await.0;
    let by_address =
        HostQuery { key: HostKey::Addresses(&[[192, 0, 2, 1].into()]), subnets: Some(&[SubnetId(4)]) };
    assert_eq!(v4.delete(by_address).await.unwrap(), 1);
    let mut connection = database.connect().await;
    for table in ["hosts", "ipv6_reservations", "dhcp6_options"] {
        let statement =
            kotare_store_sql::Statement::new(connection.engine(), &format!("SELECT 1 FROM {table}"));
        assert!(connection.rows(statement).await.unwrap().is_empty(), "{table}");
    }
}
