//! Rows of leases that make no sense, a column each, in every engine: whatever stands there, the other leases are found, and
//! either the row is a lease like any other or it takes its address.

use std::slice::from_ref;

use kotare_model::{Lease4, Lease6, Timestamp};
use kotare_store::conformance::Specimen;
use kotare_store::{Change, LeaseStore, PageFilter, Put};
use kotare_store_sql::{Engine, Record, SqlLeases, Statement};

use crate::for_each_engine;
use crate::leases::{RETRY, emptied};
use crate::world::Database;

for_each_engine! {
    /// Of DHCPv4.
    rows_of_lease4,
    /// Of DHCPv6.
    rows_of_lease6,
    /// Of DHCPv6, where addresses are text.
    rows_of_lease6_with_text,
}

/// A literal: bytes in hexadecimal, a number or NULL, a text in quotes, a time in seconds or in words.
#[derive(Clone, Copy, Debug)]
enum Is {
    Bytes(&'static str),
    As(&'static str),
    Time(&'static str),
}
use Is::{As, Bytes, Time};

impl Is {
    fn written(self, engine: Engine) -> String {
        match (self, engine) {
            (Bytes(hex), Engine::Postgres) => format!("'\\x{hex}'::bytea"),
            (Bytes(hex), _) => format!("x'{hex}'"),
            (Time(time), Engine::Postgres) if time.parse::<i64>().is_ok() => format!("to_timestamp({time})"),
            (Time(time), Engine::MySql) if time.parse::<i64>().is_ok() => format!("FROM_UNIXTIME({time})"),
            (As(text) | Time(text), _) => text.to_owned(),
        }
    }
}

const COMMON: &[(&str, Is)] = &[
    ("valid_lifetime", As("NULL")),
    ("valid_lifetime", As("-1")),
    ("valid_lifetime", As("0")),
    ("valid_lifetime", As("4294967295")),
    ("valid_lifetime", As("4294967296")),
    ("valid_lifetime", As("'long'")),
    ("valid_lifetime", As("1.5")),
    ("expire", As("NULL")),
    ("expire", As("-9223372036854775808")),
    ("expire", As("9223372036854775807")),
    ("expire", Time("0")),
    ("expire", Time("-5")),
    ("expire", Time("1.5")),
    ("expire", Time("2147483647")),
    ("expire", Time("'infinity'")),
    ("expire", Time("'-infinity'")),
    ("expire", Time("'0001-01-01 00:00:00+00'")),
    ("expire", Time("'294276-12-31 23:59:59+00'")),
    ("subnet_id", As("NULL")),
    ("subnet_id", As("-1")),
    ("subnet_id", As("0")),
    ("subnet_id", As("4294967295")),
    ("subnet_id", As("4294967296")),
    ("fqdn_fwd", As("NULL")),
    ("fqdn_fwd", As("7")),
    ("fqdn_rev", As("'perhaps'")),
    ("hostname", As("NULL")),
    ("hostname", As("'a''b\"c\\d`e;--'")),
    ("hostname", As("CAST(x'ff00fe' AS TEXT)")),
    ("hostname", As("x'ff00fe'")),
    ("hostname", As("replace('0000000000', '0', 'thirty-one characters of a name')")),
    ("state", As("NULL")),
    ("state", As("-1")),
    ("state", As("77")),
    ("state", As("'old'")),
    ("user_context", As("NULL")),
    ("user_context", As("''")),
    ("user_context", As("'no JSON'")),
    ("user_context", As("'{\"a\": '")),
    ("user_context", As("'[[[[[[[[1]]]]]]]]'")),
    ("user_context", As("x'ff'")),
    ("pool_id", As("-1")),
    ("pool_id", As("4294967296")),
];

const OF_V4: &[(&str, Is)] = &[
    ("address", As("-1")),
    ("address", As("4294967296")),
    ("address", As("'192.0.2.7'")),
    ("address", As("7.5")),
    ("hwaddr", As("NULL")),
    ("hwaddr", Bytes("")),
    ("hwaddr", Bytes("0102030405060708090a0b0c0d0e0f101112131415")),
    ("hwaddr", As("7")),
    ("client_id", As("NULL")),
    ("client_id", Bytes("")),
    ("client_id", Bytes("01")),
    ("client_id", As("'\u{fc}ml\u{e4}ut'")),
];

const OF_V6: &[(&str, Is)] = &[
    ("address", Bytes("20010db8")),
    ("address", Bytes("20010db80000000000000000000000000000")),
    ("address", Bytes("")),
    ("address", As("'no address'")),
    ("address", As("'2001:db8::7/64'")),
    ("address", As("'192.0.2.7'")),
    ("address", As("''")),
    ("duid", As("NULL")),
    ("duid", Bytes("")),
    ("duid", Bytes("00")),
    ("duid", Bytes("0102")),
    ("duid", As("12345")),
    ("duid", As("'of text'")),
    ("iaid", As("NULL")),
    ("iaid", As("-1")),
    ("iaid", As("4294967296")),
    ("lease_type", As("NULL")),
    ("lease_type", As("1")),
    ("lease_type", As("-1")),
    ("lease_type", As("99")),
    ("prefix_len", As("NULL")),
    ("prefix_len", As("-1")),
    ("prefix_len", As("0")),
    ("prefix_len", As("129")),
    ("pref_lifetime", As("NULL")),
    ("pref_lifetime", As("-1")),
    ("pref_lifetime", As("4294967295")),
    ("hwaddr", Bytes("")),
    ("hwaddr", Bytes("0102030405060708090a0b0c0d0e0f101112131415")),
    ("hwtype", As("NULL")),
    ("hwtype", As("-1")),
    ("hwtype", As("70000")),
    ("hwaddr_source", As("NULL")),
    ("hwaddr_source", As("77")),
];

async fn rows_of_lease4(database: Database) {
    every_row::<Lease4>(&database, true, OF_V4).await;
}

async fn rows_of_lease6(database: Database) {
    every_row::<Lease6>(&database, true, OF_V6).await;
}

async fn rows_of_lease6_with_text(database: Database) {
    if database.access.engine != Engine::Sqlite {
        every_row::<Lease6>(&database, false, OF_V6).await;
    }
}

/// Puts the lease of host 7 there as `odd` changes it, beside that of host 1.
async fn every_row<L: Record + Specimen>(database: &Database, new: bool, own: &[(&'static str, Is)]) {
    emptied(database, new).await;
    let store: SqlLeases<L> = SqlLeases::open(database.access.clone(), RETRY, 1).await.expect("leases");
    let (good, odd) = (L::of(1), L::of(7));
    let mut connection = database.connect().await;
    let engine = connection.engine();
    let mut stood = 0;
    for (column, is) in COMMON.iter().chain(own) {
        let what = format!("{engine} {} {column} = {is:?}", L::TABLE);
        connection.script(&format!("DELETE FROM {}", L::TABLE)).await.expect("an empty table");
        for lease in [&good, &odd] {
            let change = Change { address: lease.address(), from: None, to: Some(lease) };
            assert_eq!(store.put(change).await.expect("an answer"), Put::Done, "{what}");
        }
        // The second row alone: it is the one with the greater address.
        let update = format!(
            "UPDATE {table} SET {column} = {} WHERE address = (SELECT a FROM (SELECT max(address) AS a FROM {table}) AS m)",
            is.written(engine),
            table = L::TABLE,
        );
        let update = if engine == Engine::Postgres && L::TABLE == "lease6" {
            format!(
                "UPDATE lease6 SET {column} = {} WHERE address = (SELECT address FROM lease6 ORDER BY address DESC LIMIT 1)",
                is.written(engine)
            )
        } else {
            update
        };
        if let Err(error) = connection.script(&update).await {
            // Columns of the others have types; those of SQLite have them for the numbers of rows alone.
            let said = error.to_string();
            assert!(
                engine != Engine::Sqlite || ["NOT NULL", "mismatch"].iter().any(|it| said.contains(it)),
                "{what}: {said}"
            );
            continue;
        }
        stood += 1;
        looked_at(&store, &good, &odd, &what).await;
    }
    assert!(stood > 20, "{engine}: {stood}");
    let count = Statement::new(engine, &format!("SELECT count(*) FROM {}", L::TABLE));
    assert!(connection.rows(count).await.expect("a count")[0].int(0).is_some_and(|count| count >= 1));
}

/// The good lease is found in every way; the odd one, if its address is, is a lease that can be changed, or nobody's.
async fn looked_at<L: Record + Specimen>(store: &SqlLeases<L>, good: &L, odd: &L, what: &str) {
    let found = store.get(L::by_address(good.address())).await.expect(what);
    assert_eq!(found[..], *from_ref(good), "{what}");
    let page = store.page(None, 10, PageFilter::default()).await.expect(what);
    assert!(page.contains(good), "{what}: {page:?}");
    let expired = store.expired(None, Timestamp(4_000_000_000), 10).await.expect(what);
    assert!(expired.contains(good), "{what}: {expired:?}");
    store.tally().await.expect(what);
    store.remove_reclaimed(Timestamp(0), 10).await.expect(what);
    let found = store.get(L::by_address(odd.address())).await.expect(what);
    let [there] = &found[..] else {
        // It says another address, or none.
        assert!(found.is_empty() && what.contains(" address "), "{what}: {found:?}");
        return;
    };
    let taken = Change { address: odd.address(), from: None, to: Some(odd) };
    assert_eq!(store.put(taken).await.expect(what), Put::Conflict(Some(Box::new(there.clone()))), "{what}");
    let is_lease = page.iter().any(|lease| lease.address() == odd.address());
    let gone = store.put(Change { address: odd.address(), from: Some(there), to: None }).await.expect(what);
    match is_lease {
        true => assert_eq!(gone, Put::Done, "{what}: {there:?}"),
        false => assert_eq!(gone, Put::Conflict(Some(Box::new(there.clone()))), "{what}"),
    }
}
