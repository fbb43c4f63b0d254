//! Has leases found by what relay agents said, however they came into the database.
//!
//! Who writes a lease writes beside it what relay agents said, if the schema has a place for it. Leases that came by other ways
//! (Kea without its tables, older schemas) say it in their user contexts alone.

use std::collections::{BTreeMap, BTreeSet};

use super::record::Record;
use super::relayed::{Relays, TABLES};
use super::statements::Statements;
use crate::connection::Connection;
use crate::error::SqlError;
use crate::value::{Row, Value};

/// Sees to it for these leases; of how many it was not so.
///
/// # Errors
/// Whatever the database says; it is as it was then.
pub(super) async fn index<L: Record>(
    statements: &Statements,
    connection: &mut Connection,
    leases: &[L],
) -> Result<u64, SqlError> {
    if leases.is_empty() || !statements.layout.finds_relayed() {
        return Ok(0);
    }
    if !statements.layout.relayed6 {
        return columns(statements, connection, leases).await;
    }
    connection.begin().await?;
    let outcome = tables(statements, connection, leases).await;
    connection.end(outcome).await
}

/// In the columns of leases of DHCPv4. Of a lease that changed meanwhile its writer wrote them.
async fn columns<L: Record>(
    statements: &Statements,
    connection: &mut Connection,
    leases: &[L],
) -> Result<u64, SqlError> {
    let layout = &statements.layout;
    let rows = connection.rows(statements.said_by_relays(addresses(statements, leases))).await?;
    let there: BTreeMap<L::Address, &[Value]> =
        rows.iter().filter_map(|row| Some((L::address_of(row, layout)?, row.0.get(1..)?))).collect();
    let at = L::columns(layout).iter().position(|column| column.name == TABLES[0].1).unwrap_or_default();
    let differs = |lease: &&L| {
        let wanted = lease.values(layout);
        there.get(&lease.address()).is_some_and(|there| wanted.get(at..at + 2) != Some(*there))
    };
    let changes: Vec<(&L, &L)> = leases.iter().filter(differs).map(|lease| (lease, lease)).collect();
    if changes.is_empty() {
        return Ok(0);
    }
    connection.execute(statements.update(&changes)).await?;
    Ok(changes.len() as u64)
}

/// In the tables beside leases of DHCPv6, which nobody else changes meanwhile; in a transaction of the caller's.
pub(super) async fn tables<L: Record>(
    statements: &Statements,
    connection: &mut Connection,
    leases: &[L],
) -> Result<u64, SqlError> {
    let layout = &statements.layout;
    let rows = connection.rows(statements.held(addresses(statements, leases))).await?;
    let leases: BTreeMap<L::Address, Relays> = rows
        .iter()
        .filter_map(|row| L::of_row(row, layout).ok())
        .map(|lease| (lease.address(), lease.relays()))
        .collect();
    let all: Vec<Value> = leases.keys().map(|address| L::address_value(*address, layout)).collect();
    if all.is_empty() {
        return Ok(0);
    }
    let mut changed: BTreeSet<L::Address> = BTreeSet::new();
    for (which, table) in TABLES.into_iter().enumerate() {
        let mut there: BTreeMap<L::Address, Vec<Vec<u8>>> = BTreeMap::new();
        let rows = connection.rows(statements.relayed_by(table, all.clone())).await?;
        let pair = |row: &Row| Some((L::address_of(row, layout)?, row.bytes(1)?.to_vec()));
        for (address, id) in rows.iter().filter_map(pair) {
            there.entry(address).or_default().push(id);
        }
        let (mut wrong, mut ids) = (Vec::new(), Vec::new());
        for (address, relays) in &leases {
            let told = there.remove(address).unwrap_or_default();
            if told.iter().eq(&relays[which]) {
                continue;
            }
            changed.insert(*address);
            let address = L::address_value(*address, layout);
            ids.extend(relays[which].iter().map(|id| (id.clone(), address.clone())));
            wrong.push(address);
        }
        if !wrong.is_empty() {
            connection.execute(statements.forget(table.0, wrong)).await?;
        }
        if !ids.is_empty() {
            connection.execute(statements.told_by_relays(table, ids)).await?;
        }
    }
    Ok(changed.len() as u64)
}

fn addresses<L: Record>(statements: &Statements, leases: &[L]) -> Vec<Value> {
    leases.iter().map(|lease| L::address_value(lease.address(), &statements.layout)).collect()
}
