//! Changes of reservations, each in a transaction: all of it happens or nothing.

use std::sync::Arc;

use kotare_model::Reservation;
use kotare_store::{Edited, HostKey, HostQuery};

use super::odd::Oddities;
use super::query::OwnQuery;
use super::record::{HostRecord, Kept, assemble};
use super::statements::{HOSTS, Statements};
use crate::connection::Connection;
use crate::error::{SqlError, Trouble};

/// How often something is tried again that somebody else was in the way of.
const TRIES: usize = 10;

/// A change.
#[derive(Clone, Debug)]
pub(super) enum Edit<R: HostRecord> {
    /// A new reservation, and whether what it reserves may be reserved once only.
    Add(Reservation<R>, bool),
    /// One in the place of that of the same client.
    Update(Reservation<R>, bool),
    /// Reservations that go.
    Delete(OwnQuery<R::Address>),
}

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    pub(super) edited: Edited,
    /// How many reservations were removed.
    pub(super) removed: usize,
}

impl Done {
    fn of(edited: Edited) -> Self {
        Self { edited, removed: 0 }
    }
}

/// Who makes changes, on a connection of his own.
#[derive(Debug)]
pub(super) struct Editor<R> {
    pub(super) statements: Statements<R>,
    pub(super) odd: Arc<Oddities>,
}

impl<R: HostRecord> Editor<R> {
    /// Makes a change, again if somebody was in the way.
    pub(super) async fn run(&self, connection: &mut Connection, edit: &Edit<R>) -> Result<Done, SqlError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.attempt(connection, edit).await {
                Err(error) if error.trouble == Trouble::Busy && tries < TRIES => {}
                // Somebody added one of that client in that subnet.
                Err(error) if error.is_duplicate() => return Ok(Done::of(Edited::Duplicate)),
                outcome => return outcome,
            }
        }
    }

    async fn attempt(&self, connection: &mut Connection, edit: &Edit<R>) -> Result<Done, SqlError> {
        connection.script(self.statements.transaction()).await?;
        let outcome = match edit {
            Edit::Add(host, unique) => self.add(connection, host, *unique).await.map(Done::of),
            Edit::Update(host, unique) => self.update(connection, host, *unique).await.map(Done::of),
            Edit::Delete(query) => {
                let removed = self.delete(connection, query).await;
                removed.map(|removed| Done { edited: Edited::Done, removed })
            }
        };
        match outcome {
            Ok(done) if done.edited == Edited::Done => {
                let committed = connection.script("COMMIT").await;
                match committed {
                    Ok(()) => Ok(done),
                    Err(error) => self.roll_back(connection, Err(error)).await,
                }
            }
            outcome => self.roll_back(connection, outcome).await,
        }
    }

    /// Ends a transaction that changes nothing. Of a lost connection the database does so itself.
    async fn roll_back(
        &self,
        connection: &mut Connection,
        outcome: Result<Done, SqlError>,
    ) -> Result<Done, SqlError> {
        if outcome.as_ref().is_err_and(|error| error.trouble == Trouble::Lost) {
            return outcome;
        }
        match connection.script("ROLLBACK").await {
            // A connection that cannot even do this is of no use.
            Err(error) if outcome.is_ok() => Err(SqlError::lost(error.to_string())),
            _ => outcome,
        }
    }

    async fn add(
        &self,
        connection: &mut Connection,
        host: &Reservation<R>,
        unique: bool,
    ) -> Result<Edited, SqlError> {
        // Of two who do this at once in MySQL one has to begin again. Then he waits here for the other, while two who looked
        // first would be in each other's way again and again.
        connection.execute(self.statements.insert(host)).await?;
        let rows = connection.rows(self.statements.number(host)).await?;
        let number = rows.first().and_then(|row| row.int(0));
        let number = number.ok_or_else(|| SqlError::refused("a row that was inserted is not there"))?;
        for statement in self.statements.belongings(host, number) {
            connection.execute(statement).await?;
        }
        match unique && self.is_reserved(connection, host, number).await? {
            true => Ok(Edited::Duplicate),
            false => Ok(Edited::Done),
        }
    }

    /// Whether a reservation other than that with this number has an address of this one.
    async fn is_reserved(
        &self,
        connection: &mut Connection,
        host: &Reservation<R>,
        number: i64,
    ) -> Result<bool, SqlError> {
        let addresses: Vec<R::Address> = host.reserved.addresses().collect();
        let subnet = [host.subnet];
        let subnets = Some(&subnet[..]).filter(|_| R::ONCE_IN_SUBNET);
        let query = HostQuery { key: HostKey::Addresses(&addresses), subnets };
        if query.is_empty() {
            return Ok(false);
        }
        let others = self.kept(connection, &OwnQuery::of(query)).await?;
        let is_other =
            |other: &Kept<R>| other.number != number && other.host.reserved.collides(&host.reserved);
        Ok(others.iter().any(is_other))
    }

    async fn update(
        &self,
        connection: &mut Connection,
        host: &Reservation<R>,
        unique: bool,
    ) -> Result<Edited, SqlError> {
        let (ids, subnets) = ([host.id()], [host.subnet]);
        let query = HostQuery { key: HostKey::Ids(&ids), subnets: Some(&subnets) };
        match self.delete(connection, &OwnQuery::of(query)).await? {
            0 => Ok(Edited::Missing),
            _ => self.add(connection, host, unique).await,
        }
    }

    async fn delete(
        &self,
        connection: &mut Connection,
        query: &OwnQuery<R::Address>,
    ) -> Result<usize, SqlError> {
        let mut deleted = 0;
        loop {
            let kept = self.kept(connection, query).await?;
            let numbers: Vec<i64> = kept.iter().map(|kept| kept.number).collect();
            if !numbers.is_empty() {
                for statement in self.statements.delete(&numbers) {
                    connection.execute(statement).await?;
                }
            }
            deleted += numbers.len();
            if numbers.len() < HOSTS {
                return Ok(deleted);
            }
        }
    }

    async fn kept(
        &self,
        connection: &mut Connection,
        query: &OwnQuery<R::Address>,
    ) -> Result<Vec<Kept<R>>, SqlError> {
        let rows = connection.rows(self.statements.get(&[query])).await?;
        let mut kept = assemble::<R>(&rows, &self.statements.layout, &self.odd);
        kept.retain(|kept| query.means(&kept.host));
        Ok(kept)
    }
}
