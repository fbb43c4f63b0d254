//! Rows of leases that make no sense: what stands in which column. Databases refuse some of it; SQLite takes nearly all.

use std::fmt;

/// A literal: bytes in hexadecimal, a number or NULL, a text in quotes, a time in seconds or in words.
#[derive(Clone, Copy, Debug)]
enum Is {
    Bytes(&'static str),
    As(&'static str),
    Time(&'static str),
}
use Is::{As, Bytes, Time};

/// What stands in one column of a row.
#[derive(Clone, Copy, Debug)]
pub struct OddCell {
    /// The column.
    pub column: &'static str,
    is: Is,
}

impl OddCell {
    /// All of them, for rows of `lease4` or `lease6`.
    pub fn of_leases(table: &str) -> impl Iterator<Item = Self> {
        let own = if table == "lease4" { OF_V4 } else { OF_V6 };
        COMMON.iter().chain(own).map(|(column, is)| Self { column, is: *is })
    }

    /// As a database of this `type` has it written.
    pub fn written(&self, database: &str) -> String {
        match (self.is, database) {
            (Bytes(hex), "postgresql") => format!("'\\x{hex}'::bytea"),
            (Bytes(hex), _) => format!("x'{hex}'"),
            (Time(time), "postgresql") if time.parse::<i64>().is_ok() => format!("to_timestamp({time})"),
            (Time(time), "mysql") if time.parse::<i64>().is_ok() => format!("FROM_UNIXTIME({time})"),
            (As(text) | Time(text), _) => text.to_owned(),
        }
    }
}

impl fmt::Display for OddCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?}", self.column, self.is)
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
    ("relay_id", Bytes("")),
    ("relay_id", As("7")),
    ("relay_id", As("'of text'")),
    ("remote_id", Bytes("00ff")),
    ("remote_id", As("replace('0000000000', '0', 'thirty-one characters of an id.')")),
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
