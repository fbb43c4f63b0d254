//! The statements about reservations. What belongs to a reservation is read with it in one statement, so that it is of one
//! moment.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use kotare_model::{Reservation, SubnetId};
use kotare_store::HostCursor;

use super::layout::Layout;
use super::option;
use super::query::{OwnKey, OwnQuery};
use super::record::{HostRecord, expressions};
use crate::column::Column;
use crate::engine::Engine;
use crate::statement::Statement;
use crate::value::Value;

/// Of so many subnets at most a statement names each; of more it asks for reservations in any.
const SUBNETS: usize = 64;
/// So many reservations at most answer the questions of one statement.
pub(super) const HOSTS: usize = 16_384;

/// What the statements of one family in one schema are made of.
#[derive(Clone, Debug)]
pub(super) struct Statements<R> {
    pub(super) layout: Layout,
    /// `SELECT … FROM (SELECT * FROM hosts WHERE `.
    before: String,
    /// What joins other tables to that, and the order of rows.
    after: String,
    family: PhantomData<fn() -> R>,
}

impl<R: HostRecord> Statements<R> {
    pub(super) fn of(layout: Layout) -> Self {
        let before = format!("SELECT {} FROM (SELECT * FROM hosts WHERE ", expressions::<R>(&layout));
        let mut after = format!(") AS h LEFT JOIN {} AS o ON o.host_id = h.host_id", R::OPTIONS);
        let mut order = " ORDER BY h.host_id, o.option_id".to_owned();
        if let Some((table, key)) = R::MORE {
            after.push_str(&format!(" LEFT JOIN {table} AS r ON r.host_id = h.host_id"));
            order.push_str(&format!(", r.{key}"));
        }
        Self { layout, before, after: after + &order, family: PhantomData }
    }

    fn begin(&self, text: &str) -> Statement {
        Statement::new(self.layout.engine, text)
    }

    /// All reservations that may answer any of these questions, which go together.
    pub(super) fn get(&self, queries: &[&OwnQuery<R::Address>]) -> Statement {
        let mut statement = self.begin(&self.before);
        self.keys(&mut statement, queries);
        let subnets: BTreeSet<SubnetId> =
            queries.iter().filter_map(|query| query.subnets.as_deref()).flatten().copied().collect();
        statement.push(&format!(" AND {}", R::SUBNET));
        match queries[0].subnets.is_some() && subnets.len() <= SUBNETS {
            true => {
                let values = subnets.into_iter().map(|subnet| subnet.0.into()).collect();
                Column::plain(R::SUBNET).write_in(&mut statement, values);
            }
            false => statement.push(" IS NOT NULL"),
        }
        // A sum has no index. Servers that do not know yet how many rows there are, or take them for few, would go through
        // all of them by number instead of looking for these keys.
        statement.text(&format!(" ORDER BY host_id + 0 LIMIT {HOSTS}{}", self.after))
    }

    fn keys(&self, statement: &mut Statement, queries: &[&OwnQuery<R::Address>]) {
        let (mut kinds, mut ids, mut addresses, mut names) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for query in queries {
            match &query.key {
                OwnKey::Ids(own) => own.iter().for_each(|(kind, bytes)| {
                    kinds.insert(*kind as u32);
                    ids.insert(&**bytes);
                }),
                OwnKey::Addresses(own) => addresses.extend(own.iter().copied()),
                OwnKey::Hostname(name) => _ = names.insert(name.to_lowercase()),
            }
        }
        match &queries[0].key {
            OwnKey::Ids(_) => {
                statement.push("dhcp_identifier");
                Column::plain("").write_in(statement, ids.into_iter().map(Value::from).collect());
                // A sum has no index: PostgreSQL, as long as it has not analysed the table, would go through all of a kind.
                let postgres = self.layout.engine == Engine::Postgres;
                statement.push(if postgres {
                    " AND dhcp_identifier_type + 0"
                } else {
                    " AND dhcp_identifier_type"
                });
                Column::plain("").write_in(statement, kinds.into_iter().map(Value::from).collect());
            }
            OwnKey::Addresses(_) => {
                let addresses: Vec<R::Address> = addresses.into_iter().collect();
                let (column, values) = R::wanted(&addresses, &self.layout);
                if let Some((table, _)) = R::MORE {
                    statement.push(&format!("host_id IN (SELECT host_id FROM {table} WHERE {}", column.name));
                    column.write_in(statement, values);
                    statement.push(")");
                } else {
                    statement.push(column.name);
                    column.write_in(statement, values);
                }
            }
            OwnKey::Hostname(_) => {
                // MySQL compares text without regard to case anyhow, and has no index of this.
                let folded = self.layout.engine != Engine::MySql;
                statement.push(if folded { "lower(hostname)" } else { "hostname" });
                Column::plain("").write_in(statement, names.into_iter().map(Value::Text).collect());
            }
        }
    }

    /// Reservations by number.
    pub(super) fn page(
        &self,
        after: Option<HostCursor>,
        limit: usize,
        subnet: Option<SubnetId>,
    ) -> Statement {
        let mut statement = self.begin(&self.before).text(R::SUBNET);
        match subnet {
            Some(subnet) => statement = statement.text(" = ").value(subnet.0),
            None => statement.push(" IS NOT NULL"),
        }
        if let Some(HostCursor(after)) = after {
            statement = statement.text(" AND host_id > ").value(i64::try_from(after).unwrap_or(i64::MAX));
        }
        statement.text(&format!(" ORDER BY host_id LIMIT {limit}{}", self.after))
    }

    /// A new row of `hosts`.
    pub(super) fn insert(&self, host: &Reservation<R>) -> Statement {
        let names =
            ["dhcp_identifier", "dhcp_identifier_type", R::SUBNET, "hostname", R::CLASSES, "user_context"];
        let names: Vec<&str> = names.iter().chain(R::OWN).copied().collect();
        let mut values = vec![
            Value::from(&*host.id),
            (host.kind as u32).into(),
            host.subnet.0.into(),
            (&*host.hostname).into(),
            Value::Text(host.classes.join(",")),
            Value::text(host.user_context.as_deref()),
        ];
        values.extend(host.reserved.values());
        let mut statement = self.begin(&format!("INSERT INTO hosts ({}) VALUES (", names.join(", ")));
        statement.list(values, |statement, value| statement.bind(value));
        statement.text(")")
    }

    /// The number of the row of a client in a subnet.
    pub(super) fn number(&self, host: &Reservation<R>) -> Statement {
        let statement = self.begin("SELECT host_id FROM hosts WHERE dhcp_identifier = ").value(&*host.id);
        let statement = statement.text(" AND dhcp_identifier_type = ").value(host.kind as u32);
        statement.text(&format!(" AND {} = ", R::SUBNET)).value(host.subnet.0)
    }

    /// What belongs to a new row of `hosts`, in other tables.
    pub(super) fn belongings(&self, host: &Reservation<R>, number: i64) -> Vec<Statement> {
        let mut statements = Vec::new();
        let (columns, rows) = host.reserved.rows(&self.layout);
        if let Some((table, _)) = R::MORE.filter(|_| !rows.is_empty()) {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            let mut statement =
                self.begin(&format!("INSERT INTO {table} ({}, host_id) VALUES ", names.join(", ")));
            statement.list(rows, |statement, row| {
                statement.push("(");
                for (column, value) in columns.iter().zip(row) {
                    column.write(statement, value);
                    statement.push(", ");
                }
                statement.bind(number);
                statement.push(")");
            });
            statements.push(statement);
        }
        for option in &host.options {
            let columns = option::columns(option, number, R::SPACE, &self.layout);
            let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            let mut statement =
                self.begin(&format!("INSERT INTO {} ({}) VALUES (", R::OPTIONS, names.join(", ")));
            statement.list(columns, |statement, (_, value)| statement.bind(value));
            statements.push(statement.text(")"));
        }
        statements
    }

    /// What removes rows of `hosts` and all that belongs to them. A row may be of both families, and goes whole.
    pub(super) fn delete(&self, numbers: &[i64]) -> Vec<Statement> {
        let tables = ["ipv6_reservations", "dhcp4_options", "dhcp6_options", "hosts"];
        let from = |table| {
            let mut statement = self.begin(&format!("DELETE FROM {table} WHERE host_id"));
            Column::plain("")
                .write_in(&mut statement, numbers.iter().map(|number| (*number).into()).collect());
            statement
        };
        tables.into_iter().map(from).collect()
    }

    /// What begins a transaction in which nobody else's changes are seen or made in between.
    pub(super) fn transaction(&self) -> &'static str {
        match self.layout.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::MySql => "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION",
            Engine::Postgres => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        }
    }
}
