//! Queues of what is free that servers share (`shared-flq`): the tables `flq_pool4` and `free_lease4`, and those of DHCPv6, as
//! Kea has them.
//!
//! Whoever changes a lease of such a pool says there what became of its address, in a statement of its own: before something
//! becomes free, and once more after; and after something was given. Whatever ends in between, all that is free is named. That
//! something is named which somebody has does not matter: who looks for the next looks at its lease, too.

use std::net::IpAddr;

use kotare_model::{LeaseState, LeaseType, SubnetId, Timestamp};
use kotare_store::{Lease, NextFree, Queue, QueueChange, SharedPool};
use parking_lot::RwLock;

use super::batch::{Ask, Batch, OwnChange, Waiting};
use super::layout::Layout;
use super::record::Record;
use super::statements::Statements;
use crate::column::{Address6, Column, Form, columns_of};
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::{SqlError, Trouble};
use crate::statement::Statement;
use crate::value::{Row, Value};

/// How often something is tried again that somebody else was in the way of.
const TRIES: usize = 10;

/// The pools that this server shares, by their ends.
#[derive(Debug, Default)]
pub(super) struct Shared(RwLock<Vec<(u128, u128)>>);

impl Shared {
    /// Whether a pool is one of them.
    pub(super) fn knows<A: Copy + Into<IpAddr>>(&self, pool: &SharedPool<A>) -> bool {
        self.0.read().contains(&(number(pool.first), number(pool.last)))
    }

    fn add<A: Copy + Into<IpAddr>>(&self, pool: &SharedPool<A>) {
        if !self.knows(pool) {
            self.0.write().push((number(pool.first), number(pool.last)));
        }
    }

    /// Whether an address is in one of them.
    fn has<A: Copy + Into<IpAddr>>(&self, address: A) -> bool {
        let address = number(address);
        self.0.read().iter().any(|(first, last)| (*first..=*last).contains(&address))
    }
}

fn number(address: impl Into<IpAddr>) -> u128 {
    match address.into() {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

/// Whether the place of a lease is free, as Kea has it: an expired or released one is so only when it was reclaimed.
fn is_free<L: Lease>(lease: Option<&L>) -> bool {
    lease.is_none_or(|lease| lease.state() == LeaseState::ExpiredReclaimed)
}

/// Sees to it that there are queues of these pools. Who makes one finds out all that is free in it; others wait for that.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn share<L: Record>(
    statements: &Statements,
    connection: &mut Connection,
    pools: &[SharedPool<L::Address>],
) -> Result<(), SqlError> {
    for pool in pools {
        if connection.rows(statements.pool::<L>(pool)).await?.is_empty() {
            connection.begin().await?;
            let made = connection.execute(statements.make_pool::<L>(pool, false)).await;
            match connection.end(made).await {
                // Another server was faster.
                Err(error) if error.is_duplicate() => {}
                outcome => drop(outcome?),
            }
        }
        statements.shared.add(pool);
    }
    Ok(())
}

/// Makes a queue anew, or removes it.
///
/// # Errors
/// Whatever the database says; it is as it was then.
pub(super) async fn change<L: Record>(
    statements: &Statements,
    connection: &mut Connection,
    pool: &SharedPool<L::Address>,
    change: QueueChange,
) -> Result<(), SqlError> {
    connection.begin().await?;
    let outcome = match change {
        QueueChange::Rebuild => connection.execute(statements.make_pool::<L>(pool, true)).await.map(drop),
        QueueChange::Remove => match connection.execute(statements.forget_pool::<L>(pool)).await {
            Ok(_) => connection.execute(statements.forget_free::<L>(pool)).await.map(drop),
            Err(error) => Err(error),
        },
    };
    connection.end(outcome).await
}

/// The queue that a row tells of.
pub(super) fn queue<L: Record>(row: &Row, layout: &Layout) -> Option<Queue<L::Address>> {
    let end = |column: usize| L::address_of(&Row(vec![row.0.get(column)?.clone()]), layout);
    let time = |column: usize| row.int(column).map_or(Timestamp(0), Timestamp);
    let pool = SharedPool {
        first: end(0)?,
        last: end(1)?,
        lease_type: row.number(2).and_then(LeaseType::from_number)?,
        delegated_len: row.number(3)?,
        subnet: SubnetId(row.number(4)?),
    };
    Some(Queue { pool, created: time(5), modified: time(6), free: row.number(7)? })
}

/// Who waits for something free of which pool.
pub(super) type Picks<L> = Vec<(SharedPool<<L as Lease>::Address>, Waiting<NextFree<<L as Lease>::Address>>)>;

impl Batch<'_> {
    /// Tells each the next that is free.
    pub(super) async fn pick<L: Record>(&mut self, mut picks: Picks<L>) -> Result<(), SqlError> {
        while let Some((pool, _)) = picks.first() {
            let pool = *pool;
            let (together, others): (Picks<L>, Picks<L>) =
                picks.into_iter().partition(|(other, _)| *other == pool);
            picks = others;
            match self.next_free::<L>(&pool, together.len()).await {
                Ok(free) => {
                    let mut free = free.into_iter();
                    for (_, waiting) in together {
                        drop(waiting.send(Ok(free.next().unwrap_or(NextFree::Nothing))));
                    }
                }
                Err(error) => {
                    let lost = error.trouble == Trouble::Lost;
                    let failed = if lost { std::mem::take(&mut picks) } else { Vec::new() };
                    for (pool, waiting) in together.into_iter().chain(failed) {
                        Ask::<L>::Pick(pool, waiting).fail(&error);
                    }
                    if lost {
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// As many as are wanted, or as there are. Whoever else asks meanwhile waits, and is told others.
    async fn next_free<L: Record>(
        &mut self,
        pool: &SharedPool<L::Address>,
        count: usize,
    ) -> Result<Vec<NextFree<L::Address>>, SqlError> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.connection.begin().await?;
            let outcome = self.look::<L>(pool, count).await;
            match self.connection.end(outcome).await {
                Err(error) if error.trouble == Trouble::Busy && tries < TRIES => {}
                outcome => return outcome,
            }
        }
    }

    async fn look<L: Record>(
        &mut self,
        pool: &SharedPool<L::Address>,
        count: usize,
    ) -> Result<Vec<NextFree<L::Address>>, SqlError> {
        let layout = &self.statements.layout;
        let rows = self.connection.rows(self.statements.last_told::<L>(pool)).await?;
        let Some(row) = rows.first() else { return Ok(vec![NextFree::NoQueue; count]) };
        let last = L::address_of(row, layout).filter(|last| (pool.first..pool.last).contains(last));
        let address = |row: &Row| L::address_of(row, layout);
        let ahead = self.connection.rows(self.statements.free::<L>(pool, last, None, count)).await?;
        let mut free: Vec<L::Address> = ahead.iter().filter_map(address).take(count).collect();
        if let Some(last) = last.filter(|_| free.len() < count) {
            let wanted = count - free.len();
            let again = self.statements.free::<L>(pool, None, Some(last), wanted);
            free.extend(self.connection.rows(again).await?.iter().filter_map(address).take(wanted));
        }
        if let Some(last) = free.last() {
            self.connection.execute(self.statements.tell::<L>(pool, *last)).await?;
        }
        Ok(free.into_iter().map(NextFree::Place).collect())
    }

    /// Names what these changes are going to make free.
    pub(super) async fn becomes_free<L: Record>(
        &mut self,
        changes: &[&OwnChange<L>],
    ) -> Result<(), SqlError> {
        let freed = |change: &&&OwnChange<L>| {
            is_free(change.to.as_ref())
                && !is_free(change.from.as_ref())
                && self.statements.shared.has(change.address)
        };
        let freed: Vec<L::Address> = changes.iter().filter(freed).map(|change| change.address).collect();
        if freed.is_empty() {
            return Ok(());
        }
        self.execute(|statements| statements.name_free::<L>(&freed)).await.map(drop)
    }

    /// Names once more what these changes made free, and what they gave no more. What could not be said does no harm.
    pub(super) async fn became<L: Record>(&mut self, changes: &[&OwnChange<L>]) -> Result<(), SqlError> {
        self.becomes_free(changes).await.or_else(lost_alone)?;
        let given = |change: &&&OwnChange<L>| {
            !is_free(change.to.as_ref())
                && is_free(change.from.as_ref())
                && self.statements.shared.has(change.address)
        };
        let given: Vec<L::Address> = changes.iter().filter(given).map(|change| change.address).collect();
        if given.is_empty() {
            return Ok(());
        }
        self.execute(|statements| statements.unname_taken::<L>(&given)).await.map(drop).or_else(lost_alone)
    }
}

fn lost_alone(error: SqlError) -> Result<(), SqlError> {
    if error.trouble == Trouble::Lost { Err(error) } else { Ok(()) }
}

/// The tables of a family, and how these have addresses.
struct Tables {
    pools: &'static str,
    make: &'static str,
    free: &'static str,
    /// The addresses between which a pool is.
    end: Form,
    /// The address by which something free is found, and the same where there are leases, too.
    key: Column,
    key_of: Column,
    is6: bool,
    /// Whether what is free is found by bytes, and pools are named by text.
    in_bytes: bool,
}

impl Tables {
    fn of<L: Record>(layout: &Layout) -> Self {
        let is6 = L::TABLE == "lease6";
        let inet = layout.engine == Engine::Postgres && is6;
        let form = if inet { Form::Inet } else { Form::Plain };
        let in_bytes = is6 && !inet;
        let (name, of) = if in_bytes { ("bin_address", "f.bin_address") } else { ("address", "f.address") };
        let [key, key_of] = [name, of].map(|name| Column { name, form });
        match is6 {
            false => {
                let (pools, make, free) = ("flq_pool4", "sflqCreateFlqPool4", "free_lease4");
                Self { pools, make, free, end: form, key, key_of, is6, in_bytes }
            }
            true => {
                let (pools, make, free) = ("flq_pool6", "sflqCreateFlqPool6", "free_lease6");
                Self { pools, make, free, end: form, key, key_of, is6, in_bytes }
            }
        }
    }

    /// Adds an address as those of pools are.
    fn end(&self, statement: &mut Statement, address: impl Into<IpAddr>) {
        let value = match address.into() {
            IpAddr::V4(address) => u32::from(address).into(),
            IpAddr::V6(address) => Value::Text(address.to_string()),
        };
        Column { name: "start_address", form: self.end }.write(statement, value);
    }

    /// Adds what names a pool.
    fn which<A: Copy + Into<IpAddr>>(&self, statement: &mut Statement, pool: &SharedPool<A>) {
        statement.push(" WHERE start_address = ");
        self.end(statement, pool.first);
        statement.push(" AND end_address = ");
        self.end(statement, pool.last);
    }
}

/// Whether a database has the tables.
pub(super) async fn there<L: Record>(
    connection: &mut Connection,
    address6: Address6,
) -> Result<bool, SqlError> {
    let (pools, free, needed) = match L::TABLE {
        "lease6" => ("flq_pool6", "free_lease6", address6 != Address6::Text),
        _ => ("flq_pool4", "free_lease4", true),
    };
    if !needed || connection.engine() == Engine::Sqlite {
        return Ok(false);
    }
    Ok(!columns_of(connection, pools).await?.is_empty() && !columns_of(connection, free).await?.is_empty())
}

/// What is said of queues.
impl Statements {
    /// The number of a pool, if it is there.
    fn pool<L: Record>(&self, pool: &SharedPool<L::Address>) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let mut statement = self.begin(&format!("SELECT id FROM {}", tables.pools));
        tables.which(&mut statement, pool);
        statement
    }

    /// All queues, and how much stands in each.
    pub(super) fn queues<L: Record>(&self) -> Statement {
        let (tables, engine) = (Tables::of::<L>(&self.layout), self.layout.engine);
        let [first, last] = ["q.start_address", "q.end_address"].map(|column| match tables.in_bytes {
            true => format!("INET6_ATON({column})"),
            false => column.to_owned(),
        });
        let [read_first, read_last] = [&first, &last].map(|column| match tables.end {
            Form::Inet => format!("host({column})"),
            _ => column.clone(),
        });
        let kind = if tables.is6 { "q.lease_type, q.delegated_len" } else { "0, 128" };
        let [created, modified] = ["q.created_ts", "q.modification_ts"].map(|column| engine.seconds(column));
        let (key, free, pools) = (tables.key_of.name, tables.free, tables.pools);
        self.begin(&format!(
            "SELECT {read_first}, {read_last}, {kind}, q.subnet_id, {created}, {modified}, \
             (SELECT count(*) FROM {free} f WHERE {key} >= {first} AND {key} <= {last}) \
             FROM {pools} q ORDER BY q.subnet_id, {first}"
        ))
    }

    /// Forgets a pool.
    fn forget_pool<L: Record>(&self, pool: &SharedPool<L::Address>) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let mut statement = self.begin(&format!("DELETE FROM {}", tables.pools));
        tables.which(&mut statement, pool);
        statement
    }

    /// Forgets what is free of it.
    fn forget_free<L: Record>(&self, pool: &SharedPool<L::Address>) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let mut statement = self.begin(&format!("DELETE FROM {} WHERE {} >= ", tables.free, tables.key.name));
        tables.key.write(&mut statement, L::address_value(pool.first, &self.layout));
        statement.push(&format!(" AND {} <= ", tables.key.name));
        tables.key.write(&mut statement, L::address_value(pool.last, &self.layout));
        statement
    }

    /// Makes a pool and its queue, if it is there or not.
    fn make_pool<L: Record>(&self, pool: &SharedPool<L::Address>, anew: bool) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let (call, short) = match self.layout.engine {
            Engine::Postgres => ("SELECT", "::smallint"),
            Engine::MySql | Engine::Sqlite => ("CALL", ""),
        };
        let mut statement = self.begin(&format!("{call} {}(", tables.make));
        tables.end(&mut statement, pool.first);
        statement.push(", ");
        tables.end(&mut statement, pool.last);
        if tables.is6 {
            for number in [pool.lease_type as u32, pool.delegated_len.into()] {
                statement.push(", ");
                statement.bind(number);
                statement.push(short);
            }
        }
        statement.text(", ").value(pool.subnet.0).text(if anew { ", TRUE)" } else { ", FALSE)" })
    }

    /// What was told last of a pool, of which nobody else is told anything before the transaction ends.
    fn last_told<L: Record>(&self, pool: &SharedPool<L::Address>) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let read = match (tables.is6, self.layout.engine) {
            (true, Engine::Postgres) => "host(last_returned_address)",
            (true, _) => "INET6_ATON(last_returned_address)",
            (false, _) => "last_returned_address",
        };
        let mut statement = self.begin(&format!("SELECT {read} FROM {}", tables.pools));
        tables.which(&mut statement, pool);
        statement.text(" FOR UPDATE")
    }

    /// What is told now.
    fn tell<L: Record>(&self, pool: &SharedPool<L::Address>, last: L::Address) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let mut statement = self.begin(&format!("UPDATE {} SET last_returned_address = ", tables.pools));
        tables.end(&mut statement, last);
        statement.push(", modification_ts = CURRENT_TIMESTAMP");
        tables.which(&mut statement, pool);
        statement
    }

    /// What is free of a pool, after one address and up to another, and really is.
    fn free<L: Record>(
        &self,
        pool: &SharedPool<L::Address>,
        after: Option<L::Address>,
        up_to: Option<L::Address>,
        count: usize,
    ) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let (key, read) = (tables.key_of, tables.key_of.read(self.layout.engine));
        let mut statement = self.begin(&format!(
            "SELECT {read} FROM {free} f LEFT JOIN {leases} l ON l.address = {name} WHERE {name} {from} ",
            free = tables.free,
            leases = L::TABLE,
            name = key.name,
            from = if after.is_some() { ">" } else { ">=" },
        ));
        key.write(&mut statement, L::address_value(after.unwrap_or(pool.first), &self.layout));
        statement.push(&format!(" AND {} <= ", key.name));
        key.write(&mut statement, L::address_value(up_to.unwrap_or(pool.last), &self.layout));
        statement.text(&format!(
            " AND (l.address IS NULL OR l.state = {}) ORDER BY {} LIMIT {}",
            LeaseState::ExpiredReclaimed as u32,
            key.name,
            count.next_power_of_two()
        ))
    }

    /// Names addresses as free.
    fn name_free<L: Record>(&self, addresses: &[L::Address]) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let (insert, end) = match self.layout.engine {
            Engine::Postgres => ("INSERT", " ON CONFLICT DO NOTHING"),
            Engine::MySql | Engine::Sqlite => ("INSERT IGNORE", ""),
        };
        let columns = if tables.is6 { "address, bin_address" } else { "address" };
        let mut statement = self.begin(&format!("{insert} INTO {} ({columns}) VALUES ", tables.free));
        statement.list(addresses, |statement, address| {
            statement.push("(");
            tables.end(statement, *address);
            if let IpAddr::V6(address) = (*address).into() {
                statement.push(", ");
                statement.bind(&address.octets()[..]);
            }
            statement.push(")");
        });
        statement.text(end)
    }

    /// Names them no more, those of them that somebody has.
    fn unname_taken<L: Record>(&self, addresses: &[L::Address]) -> Statement {
        let tables = Tables::of::<L>(&self.layout);
        let mut statement = self.begin(&format!("DELETE FROM {} WHERE {}", tables.free, tables.key.name));
        let values = addresses.iter().map(|address| L::address_value(*address, &self.layout));
        tables.key.write_in(&mut statement, values.collect());
        statement.text(&format!(
            " AND EXISTS (SELECT 1 FROM {} l WHERE l.address = {}.{} AND l.state <> {})",
            L::TABLE,
            tables.free,
            tables.key.name,
            LeaseState::ExpiredReclaimed as u32
        ))
    }
}
