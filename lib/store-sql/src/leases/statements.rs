//! The statements about leases. Each is about many at once: what a statement costs is mostly that there is one.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;

use kotare_model::{LeaseState, Lifetime, SubnetId, Timestamp};
use kotare_store::{Counted, PageFilter, Relayed};

use super::layout::Layout;
use super::question::Asked;
use super::record::Record;
use super::relayed::TABLES;
use super::shared::Shared;
use crate::column::{Column, padding};
use crate::engine::Engine;
use crate::statement::Statement;
use crate::value::{Kind, Value};

/// Of so many subnets at most a statement names each; of more it asks for rows of any.
const SUBNETS: usize = 64;
/// So many rows at most answer the questions of clients in one statement. Honest clients have a handful each.
pub(super) const ROWS: usize = 16_384;

/// How long lists of values are in statements with several of them: a database prepares each statement that it has not met, and
/// of several lists there are very many combinations.
const LENGTHS: [usize; 5] = [8, 16, 32, 64, 128];

/// A count that every engine takes.
fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Telling columns in which rows that Kea wrote may have empty bytes where others have none.
const EMPTY_OR_NONE: [&str; 2] = ["client_id", "hwaddr"];

/// What the statements of one family in one schema are made of.
#[derive(Clone, Debug)]
pub(super) struct Statements {
    pub(super) layout: Layout,
    /// Pools of which servers share a queue.
    pub(super) shared: Arc<Shared>,
    table: &'static str,
    columns: Vec<Column>,
    telling: &'static [&'static str],
    /// `SELECT … FROM table`.
    select: String,
    /// ` RETURNING address`.
    returning: String,
}

impl Statements {
    pub(super) fn of<L: Record>(layout: Layout) -> Self {
        let columns = L::columns(&layout);
        let read: Vec<String> = columns.iter().map(|column| column.read(layout.engine)).collect();
        let select = format!("SELECT {} FROM {}", read.join(", "), L::TABLE);
        let own = Column { name: L::ADDRESS, ..columns[0] };
        let returning = format!(" RETURNING {}", own.read(layout.engine));
        Self {
            layout,
            shared: Arc::default(),
            table: L::TABLE,
            columns,
            telling: L::TELLING,
            select,
            returning,
        }
    }

    /// Whether statements that insert or change leases answer with the addresses of those that they did it to. MySQL cannot;
    /// rows of SQLite come one by one from another thread, and nearly always it was done to all.
    pub(super) fn tells(&self) -> bool {
        self.layout.engine == Engine::Postgres
    }

    fn telling(&self, statement: Statement) -> Statement {
        if self.tells() { statement.text(&self.returning) } else { statement }
    }

    pub(super) fn begin(&self, text: &str) -> Statement {
        Statement::new(self.layout.engine, text)
    }

    fn column(&self, name: &str) -> Column {
        let own = self.columns.iter().find(|column| column.name == name);
        own.copied().unwrap_or(Column::plain("address"))
    }

    /// All rows that may answer any of these questions, which go into one statement.
    pub(super) fn get(&self, mut asked: Vec<Asked<'_>>) -> Statement {
        let mut statement = self.begin(&self.select);
        self.wanted(&mut statement, &mut asked, 0);
        statement.text(&format!(" LIMIT {ROWS}"))
    }

    /// The same of several such lists, of which each has its own index. A row may be there more than once.
    pub(super) fn get_all<'a>(&self, lists: impl IntoIterator<Item = Vec<Asked<'a>>>) -> Statement {
        let mut statement = self.begin("");
        for (at, mut asked) in lists.into_iter().enumerate() {
            statement.push(if at == 0 { "" } else { " UNION ALL " });
            statement.push(&self.select);
            let length = LENGTHS.into_iter().find(|length| asked.len() <= *length).unwrap_or(asked.len());
            let longer = length - asked.len();
            self.wanted(&mut statement, &mut asked, longer);
        }
        statement.text(&format!(" LIMIT {ROWS}"))
    }

    /// What rows are like; each list of values, which are taken out, is longer by so many, of which nothing comes.
    fn wanted(&self, statement: &mut Statement, asked: &mut [Asked<'_>], longer: usize) {
        for at in 0..asked[0].wanted.len() {
            statement.push(if at == 0 { " WHERE " } else { " AND " });
            let column = self.column(asked[0].wanted[at].column);
            // MySQL compares text without regard to case anyhow, and has no index of this.
            match asked[0].folded && self.layout.engine != Engine::MySql {
                true => statement.push(&format!("lower({})", column.name)),
                false => statement.push(column.name),
            }
            let taken = |it: &mut Asked<'_>| mem::replace(&mut it.wanted[at].value, Value::Null(Kind::Int));
            let mut values: Vec<Value> = asked.iter_mut().map(taken).collect();
            let last = values.last().cloned();
            values.extend(last.into_iter().cycle().take(longer));
            column.write_in(statement, values);
            // The index has names alone.
            if asked[0].folded && self.layout.engine == Engine::Sqlite {
                statement.push(&format!(" AND {} <> ''", column.name));
            }
        }
        let subnets: BTreeSet<SubnetId> =
            asked.iter().filter_map(|it| it.subnets).flatten().copied().collect();
        if asked[0].subnets.is_some() && subnets.len() <= SUBNETS {
            // A sum has no index: PostgreSQL, which plans without knowing how many leases a subnet has, would look through
            // those of the subnet rather than those of the client.
            statement.push(if self.layout.engine == Engine::Postgres {
                " AND subnet_id + 0"
            } else {
                " AND subnet_id"
            });
            let values = subnets.into_iter().map(|subnet| subnet.0.into());
            Column::plain("subnet_id").write_in(statement, values.collect());
        }
    }

    /// The leases of these addresses.
    pub(super) fn at(&self, addresses: Vec<Value>) -> Statement {
        let mut statement = self.begin(&self.select).text(" WHERE address");
        self.columns[0].write_in(&mut statement, addresses);
        statement
    }

    /// New leases. Where an address has a lease it is kept and the answer tells which were inserted, or, of engines that do not
    /// tell, none is inserted and there is a duplicate.
    pub(super) fn insert<L: Record>(&self, leases: &[&L]) -> Statement {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let mut statement = self.begin(&format!("INSERT INTO {} ({}) VALUES ", self.table, names.join(", ")));
        let repeated = if self.tells() { padding(leases.len()) } else { 0 };
        let last = leases.last().into_iter().cycle().take(repeated);
        statement.list(leases.iter().chain(last), |statement, lease| {
            statement.push("(");
            self.row(statement, &self.columns, lease.values(&self.layout));
            statement.push(")");
        });
        match self.tells() {
            true => self.telling(statement.text(" ON CONFLICT DO NOTHING")),
            false => statement,
        }
    }

    fn row(&self, statement: &mut Statement, columns: &[Column], values: Vec<Value>) {
        statement
            .list(columns.iter().zip(values), |statement, (column, value)| column.write(statement, value));
    }

    /// Leases that become others, each if it still is what it was.
    pub(super) fn update<L: Record>(&self, changes: &[(&L, &L)]) -> Statement {
        let last = changes.last().into_iter().cycle().take(padding(changes.len()));
        let changes = changes.iter().chain(last);
        let engine = self.layout.engine;
        let was: Vec<Column> = self.telling.iter().map(|name| self.column(name)).collect();
        let all: Vec<Column> = self.columns.iter().chain(&was).copied().collect();
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|it| it.name.to_owned())
            .chain(was.iter().map(|it| format!("was_{}", it.name)))
            .collect();
        let values = |(from, to): &(&L, &L)| {
            let mut values = to.values(&self.layout);
            values.extend(self.told(*from));
            values
        };
        let same: String = was
            .iter()
            .map(|it| {
                let is = self.told_as(*it, &format!("{}.{}", self.table, it.name));
                format!(" AND {is} {} v.was_{}", engine.same(), it.name)
            })
            .collect();
        let matching = format!("{table}.address = v.address{same}", table = self.table);
        let set = |prefix: &str| {
            let set: Vec<String> = self.columns[1..]
                .iter()
                .map(|it| format!("{prefix}{name} = v.{name}", name = it.name))
                .collect();
            set.join(", ")
        };
        if engine == Engine::MySql {
            let mut statement = self.begin(&format!("UPDATE {} JOIN (", self.table));
            for (at, change) in changes.enumerate() {
                statement.push(if at == 0 { "SELECT " } else { " UNION ALL SELECT " });
                statement.list(
                    all.iter().zip(&names).zip(values(change)),
                    |statement, ((column, name), value)| {
                        column.write(statement, value);
                        if at == 0 {
                            statement.push(&format!(" AS {name}"));
                        }
                    },
                );
            }
            let table = format!("{}.", self.table);
            return statement.text(&format!(") AS v ON {matching} SET {}", set(&table)));
        }
        let mut statement = self.begin(&format!("WITH v ({}) AS (VALUES ", names.join(", ")));
        statement.list(changes, |statement, change| {
            statement.push("(");
            self.row(statement, &all, values(change));
            statement.push(")");
        });
        let update = format!(") UPDATE {} SET {} FROM v WHERE {matching}", self.table, set(""));
        self.telling(statement.text(&update))
    }

    /// A telling column, as it is compared: a DUID of nobody may be shorter.
    fn told_as(&self, column: Column, expression: &str) -> String {
        let (empty, nobody) = match self.layout.engine {
            Engine::Postgres => ("''::bytea", r"'\x000000'::bytea"),
            Engine::MySql | Engine::Sqlite => ("x''", "x'000000'"),
        };
        match column.name {
            name if EMPTY_OR_NONE.contains(&name) => format!("COALESCE({expression}, {empty})"),
            "duid" => format!("CASE WHEN length({expression}) < 2 THEN {nobody} ELSE {expression} END"),
            _ => expression.to_owned(),
        }
    }

    /// The values of the telling columns.
    fn told<L: Record>(&self, lease: &L) -> Vec<Value> {
        let values = lease.values(&self.layout);
        let at = |name: &&'static str| self.columns.iter().position(|column| column.name == *name);
        let told = |at: usize| match &values[at] {
            Value::Null(_) if EMPTY_OR_NONE.contains(&self.columns[at].name) => Value::Bytes(Vec::new()),
            value => value.clone(),
        };
        self.telling.iter().filter_map(at).map(told).collect()
    }

    /// A lease that goes, if it still is what it was.
    pub(super) fn delete<L: Record>(&self, lease: &L) -> Statement {
        let same = self.layout.engine.same();
        let mut statement = self.begin(&format!("DELETE FROM {} WHERE address = ", self.table));
        self.columns[0].write(&mut statement, L::address_value(lease.address(), &self.layout));
        for (name, value) in self.telling.iter().zip(self.told(lease)) {
            let column = self.column(name);
            statement.push(&format!(" AND {} {same} ", self.told_as(column, name)));
            column.write(&mut statement, value);
        }
        statement
    }

    /// The leases of these addresses, which nobody else changes before the transaction ends.
    pub(super) fn held(&self, addresses: Vec<Value>) -> Statement {
        let statement = self.at(addresses);
        match self.layout.engine {
            // Who writes has the whole file.
            Engine::Sqlite => statement,
            Engine::MySql | Engine::Postgres => statement.text(" FOR UPDATE"),
        }
    }

    /// What relay agents said of these leases, in columns of theirs.
    pub(super) fn said_by_relays(&self, addresses: Vec<Value>) -> Statement {
        let columns = TABLES.map(|(_, column)| column).join(", ");
        let mut statement =
            self.begin(&format!("SELECT address, {columns} FROM {} WHERE address", self.table));
        self.columns[0].write_in(&mut statement, addresses);
        statement
    }

    /// What relay agents said of these leases, in a table beside theirs.
    pub(super) fn relayed_by(&self, (table, column): (&str, &str), addresses: Vec<Value>) -> Statement {
        let address = self.layout.address6.column("lease_addr");
        let read = address.read(self.layout.engine);
        let mut statement = self.begin(&format!("SELECT {read}, {column} FROM {table} WHERE lease_addr"));
        address.write_in(&mut statement, addresses);
        statement.text(&format!(" ORDER BY lease_addr, {column}"))
    }

    /// Forgets what relay agents said of these leases.
    pub(super) fn forget(&self, table: &str, addresses: Vec<Value>) -> Statement {
        let mut statement = self.begin(&format!("DELETE FROM {table} WHERE lease_addr"));
        self.layout.address6.column("lease_addr").write_in(&mut statement, addresses);
        statement
    }

    /// Adds what relay agents said of leases.
    pub(super) fn told_by_relays(
        &self,
        (table, column): (&str, &str),
        rows: Vec<(Vec<u8>, Value)>,
    ) -> Statement {
        let mut statement = self.begin(&format!("INSERT INTO {table} ({column}, lease_addr) VALUES "));
        let address = self.layout.address6.column("lease_addr");
        statement.list(rows, |statement, (id, lease)| {
            statement.push("(");
            statement.bind(&id[..]);
            statement.push(", ");
            address.write(statement, lease);
            statement.push(")");
        });
        statement
    }

    /// The longest expired leases that were not reclaimed yet, without the first so many.
    pub(super) fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
        skipped: usize,
    ) -> Statement {
        let statement =
            self.begin(&self.select).text(" WHERE expire <= ").time(self.layout.engine.at_most(now.0));
        let statement = statement.text(" AND state <> ").value(LeaseState::ExpiredReclaimed as u32);
        let mut statement = statement.text(" AND valid_lifetime <> ").value(Lifetime::INFINITE.0);
        if let Some(subnet) = subnet {
            statement = statement.text(" AND subnet_id = ").value(subnet.0);
        }
        let (limit, skipped) = (bounded(limit), bounded(skipped));
        statement.text(&format!(" ORDER BY expire, address LIMIT {limit} OFFSET {skipped}"))
    }

    /// Removes leases that were reclaimed and expired a while ago.
    pub(super) fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Statement {
        let until = self.layout.engine.at_most(before.0);
        let reclaimed = LeaseState::ExpiredReclaimed as u32;
        let old = |statement: Statement| {
            let statement = statement.text("expire <= ").time(until).text(" AND state = ").value(reclaimed);
            statement.text(&format!(" LIMIT {}", bounded(limit)))
        };
        let delete = self.begin(&format!("DELETE FROM {} WHERE ", self.table));
        let among = format!("address IN (SELECT address FROM {} WHERE ", self.table);
        match self.layout.engine {
            Engine::MySql => old(delete),
            Engine::Sqlite => old(delete.text(&among)).text(")"),
            // Of a row that somebody changed meanwhile PostgreSQL looks again at what is said here of the row itself, and not
            // into the list. Sums have no index: rows are to be found by address.
            Engine::Postgres => {
                let delete = delete.text("expire + INTERVAL '0' <= ").time(until);
                let delete = delete.text(" AND state + 0 = ").value(reclaimed).text(" AND ");
                old(delete.text(&among)).text(")")
            }
        }
    }

    /// Leases by address.
    pub(super) fn page(&self, after: Option<Value>, limit: usize, filter: PageFilter<'_>) -> Statement {
        // What is no address has no place among them.
        let mut statement =
            self.begin(&self.select).text(&format!(" WHERE {} IS NOT NULL", self.by_address()));
        if let Some(after) = after {
            statement.push(&format!(" AND {} > ", self.by_address()));
            match self.texts_of_mysql() {
                true => statement = statement.text("INET6_ATON(").value(after).text(")"),
                false => {
                    self.columns[0].write(&mut statement, after);
                    if self.layout.engine == Engine::Postgres && self.by_address() != "address" {
                        statement.push("::inet");
                    }
                }
            }
        }
        if let Some(subnet) = filter.subnet {
            statement = statement.text(" AND subnet_id = ").value(subnet.0);
        }
        if let Some(relayed) = filter.relayed {
            let ((table, column), id) = match relayed {
                Relayed::RelayId(id) => (TABLES[0], id),
                Relayed::RemoteId(id) => (TABLES[1], id),
            };
            statement = match self.table {
                "lease6" => {
                    let told = format!(" AND address IN (SELECT lease_addr FROM {table} WHERE {column} = ");
                    statement.text(&told).value(id).text(")")
                }
                _ => statement.text(&format!(" AND {column} = ")).value(id),
            };
        }
        statement.text(&format!(" ORDER BY {} LIMIT {}", self.by_address(), bounded(limit)))
    }

    fn texts_of_mysql(&self) -> bool {
        self.is_text() && self.layout.engine == Engine::MySql
    }

    fn is_text(&self) -> bool {
        self.table == "lease6" && self.layout.address6 == crate::column::Address6::Text
    }

    /// What puts rows into the order of their addresses: texts of addresses are in another one.
    fn by_address(&self) -> &'static str {
        match (self.is_text(), self.layout.engine) {
            (true, Engine::MySql) => "INET6_ATON(address)",
            (true, Engine::Postgres) => {
                "CASE WHEN address ~* '^(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?::\
                 ([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?)$' \
                 AND length(address) - length(replace(address, ':', '')) < 8 THEN address::inet END"
            }
            _ => "address",
        }
    }

    /// How many leases there are, as triggers keep count of them.
    pub(super) fn count(&self, of: Counted<'_>) -> Statement {
        let begin = |table: &str, column: &str| {
            self.begin(&format!("SELECT leases FROM {}{table} WHERE {column} = ", self.table))
        };
        let (statement, kind) = match of {
            // A column of theirs has room for so much of a name.
            Counted::OfClass(name, kind) => {
                let name: String = name.chars().take(128).collect();
                (begin("_stat_by_client_class", "client_class").value(Value::Text(name)), kind)
            }
            Counted::OfSubnet(id, kind) => {
                (begin("_stat", "subnet_id").value(id.0).text(" AND state = 0"), kind)
            }
        };
        match self.table {
            "lease6" => statement.text(" AND lease_type = ").value(i64::from(kind as u8)),
            _ => statement,
        }
    }

    /// How many leases there are of each subnet, kind, pool and state: as triggers keep count of them, where they do.
    pub(super) fn tally(&self) -> Statement {
        if self.layout.counts {
            // A number with a sign and one without become a fraction in MySQL.
            let no_pool = if self.layout.engine == Engine::MySql { "CAST(0 AS UNSIGNED)" } else { "0" };
            return self.begin(&match self.table {
                // Those that were registered are of no pool.
                "lease6" => format!(
                    "SELECT subnet_id, lease_type, pool_id, state, leases FROM lease6_pool_stat \
                     WHERE state IN (0, 1) AND leases > 0 \
                     UNION ALL SELECT subnet_id, lease_type, {no_pool}, state, leases FROM lease6_stat \
                     WHERE state = 4 AND leases > 0"
                ),
                // No client of DHCPv4 registers any.
                _ => format!(
                    "SELECT subnet_id, 0, pool_id, state, leases FROM lease4_pool_stat \
                     WHERE state IN (0, 1) AND leases > 0 \
                     UNION ALL SELECT subnet_id, 0, {no_pool}, state, count(*) FROM lease4 \
                     WHERE state = 4 GROUP BY subnet_id, state"
                ),
            });
        }
        let kind = if self.table == "lease6" { "lease_type" } else { "0" };
        let pool = if self.layout.pool_id { "pool_id" } else { "0" };
        let kind_of = if self.table == "lease6" { ", lease_type" } else { "" };
        let pool_of = if self.layout.pool_id { ", pool_id" } else { "" };
        let text = format!(
            "SELECT subnet_id, {kind}, {pool}, state, count(*) FROM {} WHERE state IN (0, 1, 4) \
             GROUP BY subnet_id, state{kind_of}{pool_of}",
            self.table
        );
        self.begin(&text)
    }
}
