//! Rows of reservations that make no sense, a column each, in every engine: whatever stands there, the other reservations are
//! found, and either the row is a reservation like any other or it is left out and told, with its column.

use std::slice::from_ref;

use kotare_model::{
    HostId, HostIdType, OptionData, Reservation, Reservation4, Reservation6, Reserved4, Reserved6,
    ReservedOption, SubnetId,
};
use kotare_store::conformance::HostSpecimen;
use kotare_store::{Edited, HostKey, HostQuery, HostSource, HostStore};
use kotare_store_sql::{Engine, HostRecord};

use super::{Database, empty, opened, with_tables};
use crate::leases::runtime;

/// Numbers that are none of ours.
const NUMBERS: &[&str] = &["NULL", "-1", "0", "255", "70000", "4294967296", "1.5", "'seven'"];
/// Texts and bytes that nobody wrote.
const TEXTS: &[&str] = &[
    "NULL",
    "''",
    "'o''neil\"s `ls` -- ; drop table hosts %s ?1 $1'",
    "'a,b,, ,c'",
    "'[ 1, [ 2 ] ]'",
    "12345",
    "x'ff00fe'",
    "CAST(x'ff00fe' AS TEXT)",
    "'\\xff00fe'::bytea",
    "'2001:db8::7'",
    "'2001:db8::/64'",
];

/// The columns of a table, each with what is put there.
type Columns = &'static [(&'static str, &'static [&'static str])];

const OF_HOSTS: Columns = &[
    ("dhcp_identifier", TEXTS),
    ("dhcp_identifier_type", NUMBERS),
    ("dhcp4_subnet_id", NUMBERS),
    ("dhcp6_subnet_id", NUMBERS),
    ("ipv4_address", NUMBERS),
    ("hostname", TEXTS),
    ("dhcp4_client_classes", TEXTS),
    ("dhcp6_client_classes", TEXTS),
    ("dhcp4_next_server", NUMBERS),
    ("dhcp4_server_hostname", TEXTS),
    ("dhcp4_boot_file_name", TEXTS),
    ("user_context", TEXTS),
    ("auth_key", TEXTS),
];
const OF_OPTIONS: Columns = &[
    ("code", NUMBERS),
    ("value", TEXTS),
    ("formatted_value", TEXTS),
    ("space", TEXTS),
    ("persistent", NUMBERS),
    ("cancelled", NUMBERS),
    ("client_classes", TEXTS),
    ("user_context", TEXTS),
    ("scope_id", NUMBERS),
    ("dhcp_client_class", TEXTS),
    ("pool_id", NUMBERS),
];
const OF_RESERVATIONS: Columns = &[
    ("address", TEXTS),
    ("prefix_len", NUMBERS),
    ("type", NUMBERS),
    ("dhcp6_iaid", NUMBERS),
    ("excluded_prefix", TEXTS),
    ("excluded_prefix_len", NUMBERS),
];

/// A reservation with all that a row has, of a client with this number.
trait Odd: HostRecord + HostSpecimen {
    const TABLES: &[(&str, Columns)];

    fn host(number: u8) -> Reservation<Self>;
}

fn id(number: &[u8; 2]) -> HostId<'_> {
    HostId { kind: HostIdType::Duid, bytes: number }
}

fn option(code: u16) -> ReservedOption {
    ReservedOption {
        code,
        space: Box::default(),
        data: OptionData::Bytes([0, 255, 39].into()),
        always_send: true,
        never_send: false,
        classes: vec!["gold".into()],
        user_context: Some("{ }".into()),
    }
}

impl Odd for Reserved4 {
    const TABLES: &[(&str, Columns)] = &[("hosts", OF_HOSTS), ("dhcp4_options", OF_OPTIONS)];

    fn host(number: u8) -> Reservation4 {
        Reservation4 {
            options: vec![option(224)],
            hostname: format!("host{number}").into(),
            ..Reservation::new(id(&[9, number]), SubnetId(1), Self::one(number))
        }
    }
}

impl Odd for Reserved6 {
    const TABLES: &[(&str, Columns)] =
        &[("hosts", OF_HOSTS), ("dhcp6_options", OF_OPTIONS), ("ipv6_reservations", OF_RESERVATIONS)];

    fn host(number: u8) -> Reservation6 {
        Reservation6 {
            options: vec![option(1000)],
            hostname: format!("host{number}").into(),
            ..Reservation::new(id(&[9, number]), SubnetId(1), Self::one(number))
        }
    }
}

async fn every_column<R: Odd>(database: &Database) {
    let (good, odd) = (R::host(1), R::host(7));
    let mut connection = database.connect().await;
    let engine = connection.engine();
    let unchecked = match engine {
        Engine::Sqlite => "PRAGMA foreign_keys = OFF",
        Engine::MySql => "SET foreign_key_checks = 0",
        Engine::Postgres => "SELECT 1",
    };
    connection.script(unchecked).await.expect("no checks");
    let (hosts, told) = opened::<R>(database).await;
    let (mut stood, mut left_out, mut is_fresh) = (0, 0, false);
    for (table, columns) in R::TABLES {
        let cells = columns.iter().flat_map(|(column, values)| values.iter().map(move |is| (*column, *is)));
        for (column, is) in cells {
            let what = format!("{engine} {table} {column} = {is}");
            if !std::mem::replace(&mut is_fresh, true) {
                empty(database).await;
                for host in [&good, &odd] {
                    assert_eq!(hosts.add(host, true).await.expect(&what), Edited::Done);
                }
            }
            // The second row of each table is that of the second reservation.
            let key = match *table {
                "hosts" => "host_id",
                "ipv6_reservations" => "reservation_id",
                _ => "option_id",
            };
            let last = format!("(SELECT k FROM (SELECT max({key}) AS k FROM {table}) AS m)");
            let update = format!("UPDATE {table} SET {column} = {is} WHERE {key} = {last}");
            if connection.script(&update).await.is_err() {
                continue;
            }
            (is_fresh, stood) = (false, stood + 1);
            let page = hosts.page(None, 10, None).await.expect(&what).hosts;
            assert!(page.contains(&good), "{what}: {page:?}");
            let ids = [good.id(), odd.id()];
            let found = hosts.get(HostQuery { key: HostKey::Ids(&ids), subnets: None }).await.expect(&what);
            assert!(found.contains(&good), "{what}: {found:?}");
            let by_name = HostQuery { key: HostKey::Hostname("host1"), subnets: Some(&[SubnetId(1)]) };
            assert_eq!(hosts.get(by_name).await.expect(&what)[..], *from_ref(&good), "{what}");
            // Whoever is told is told which column it is, once.
            let told = std::mem::take(&mut *told.lock());
            let is_it = told.iter().all(|row| row.table == *table && row.column == column);
            assert!(is_it && told.len() < 2, "{what}: {told:?}");
            left_out += told.len();
            // What is left out can be taken out all the same, and nothing else goes with it.
            let one = HostQuery { key: HostKey::Ids(&ids[1..]), subnets: None };
            hosts.delete(one).await.expect(&what);
            let page = hosts.page(None, 10, None).await.expect(&what).hosts;
            assert!(page.contains(&good), "{what}: {page:?}");
        }
    }
    assert!(stood > 100 && left_out > 5, "{engine}: {stood}, {left_out}");
}

/// In each engine, of both families.
fn everywhere<R: Odd>() {
    for engine in [Engine::Sqlite, Engine::MySql, Engine::Postgres] {
        let Some(database) = with_tables(engine, false) else { continue };
        runtime().0.block_on(every_column::<R>(&database));
    }
}

#[test]
fn rows_of_hosts_of_dhcpv4() {
    everywhere::<Reserved4>();
}

#[test]
fn rows_of_hosts_of_dhcpv6() {
    everywhere::<Reserved6>();
}

/// Quotes, what is no UTF-8 to others, and what looks like statements come back from every text as they were.
#[test]
fn every_text_comes_back() {
    const NASTY: &str = "o'neil\"s\\ `ls` -- ; drop table hosts %s ?1 $1 \u{1f986}\u{e4}\t";
    for engine in [Engine::Sqlite, Engine::MySql, Engine::Postgres] {
        let Some(database) = with_tables(engine, false) else { continue };
        runtime().0.block_on(async {
            let (hosts, told) = opened::<Reserved4>(&database).await;
            let option = |data| ReservedOption {
                space: NASTY.into(),
                data,
                classes: vec![NASTY.into(), "\"".into()],
                user_context: Some(NASTY.into()),
                ..option(7)
            };
            let host = Reservation4 {
                hostname: NASTY.into(),
                classes: vec![NASTY.into(), "b'c".into()],
                user_context: Some(format!("{{ \"{NASTY}\": 1 }}").into()),
                options: vec![
                    option(OptionData::Text(NASTY.into())),
                    option(OptionData::Bytes((0..=255).collect())),
                ],
                ..Reservation::new(
                    HostId { kind: HostIdType::FlexId, bytes: &[0xff, 0, b'\'', b'\\', 0x80] },
                    SubnetId(1),
                    Reserved4 {
                        address: Some([192, 0, 2, 7].into()),
                        next_server: None,
                        server_hostname: NASTY.into(),
                        boot_file_name: NASTY.into(),
                    },
                )
            };
            assert_eq!(hosts.add(&host, true).await.expect("it is added"), Edited::Done, "{engine}");
            let ids = [host.id()];
            let found =
                hosts.get(HostQuery { key: HostKey::Ids(&ids), subnets: None }).await.expect("an answer");
            let trimmed = Reservation4 { classes: vec![NASTY.trim().into(), "b'c".into()], ..host.clone() };
            assert_eq!(found, [trimmed], "{engine}");
            let by_name = HostQuery { key: HostKey::Hostname(NASTY), subnets: None };
            assert_eq!(hosts.get(by_name).await.expect("an answer").len(), 1, "{engine}");
            assert!(told.lock().is_empty());
        });
    }
}
