//! What changed: the tables `dhcp#_audit` and `dhcp#_audit_revision`.
//!
//! A revision has a time of whole seconds, and one that began earlier may end later: so the last minute is looked at
//! again, and what was seen of it is known by number. Times are by the clocks of those who made the changes, some of which
//! may be wrong: whatever has a higher number than what was seen is new, too. Where what was seen is there no more, an older
//! state of the database is back, restored from a dump or on another server: what changed since is told by nobody, and numbers
//! are given anew. In a file of SQLite, which has one writer at a time, numbers alone tell.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{ConfigReader, Unread};
use crate::connection::Connection;
use crate::engine::Engine;
use crate::statement::Statement;

/// So long a change may take between its time and its end, in seconds.
const OVERLAP: i64 = 60;

/// So many numbers back are looked at again whatever their times.
const NUMBERS: i64 = 100;

/// Up to where changes were seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The latest time of a revision; none before the first look.
    latest: Option<i64>,
    /// The highest number of a revision; in SQLite of what the audit tells.
    highest: i64,
    /// Revisions that are no older than the latest by more than [`OVERLAP`], or no further from the highest than
    /// [`NUMBERS`], and their times.
    revisions: BTreeMap<i64, i64>,
}

/// The numbers of the objects that changed, by table.
pub(super) type Changed = BTreeMap<String, BTreeSet<i64>>;

impl ConfigReader {
    /// What changed since `seen`, which goes on to now. What changed for other servers is told, too: it may have been for
    /// this one before.
    pub(super) async fn changed(
        &self,
        connection: &mut Connection,
        seen: &mut Seen,
    ) -> Result<Changed, Unread> {
        if connection.engine() == Engine::Sqlite {
            return self.changed_in_file(connection, seen).await;
        }
        match self.told(connection, seen).await? {
            Some((now, changed)) => {
                *seen = now;
                Ok(changed)
            }
            None => {
                let anew = self.told(connection, &Seen::default()).await?;
                *seen = anew.map(|(now, _)| now).unwrap_or_default();
                Ok(self.all_may_have())
            }
        }
    }

    /// What the audit tells beyond what was seen, and what is seen now; none, where some of what was seen is not there.
    async fn told(
        &self,
        connection: &mut Connection,
        seen: &Seen,
    ) -> Result<Option<(Seen, Changed)>, Unread> {
        let engine = connection.engine();
        let time = engine.seconds("r.modification_ts");
        let (latest, highest) = match seen.latest {
            Some(latest) => (latest, seen.highest),
            // All that was before is in what is read now.
            None => {
                let newest = engine.seconds("max(modification_ts)");
                let text =
                    self.protocol.named(&format!("SELECT {newest}, max(id) FROM dhcp#_audit_revision"));
                let rows = connection.rows(Statement::new(engine, &text)).await?;
                let of = |column| rows.first().and_then(|row| row.int(column)).unwrap_or(0);
                (of(0), of(1))
            }
        };
        // Revisions of nothing count as well: without them the highest number could not be found again.
        let statement = Statement::new(
            engine,
            &self.protocol.named(&format!(
                "SELECT r.id, {time}, a.object_type, a.object_id FROM dhcp#_audit_revision r \
                 LEFT JOIN dhcp#_audit a ON a.revision_id = r.id WHERE r.modification_ts >= "
            )),
        );
        let statement =
            statement.time((latest - OVERLAP).max(0)).text(" OR r.id > ").value(highest - NUMBERS);
        let mut newest = 0;
        let mut changed = Changed::new();
        let mut revisions = BTreeMap::new();
        for row in connection.rows(statement).await? {
            let Some(id) = row.int(0) else { continue };
            newest = newest.max(id);
            let (Some(time), Some(table)) = (row.int(1), row.text(2)) else { continue };
            if !seen.revisions.contains_key(&id) {
                let objects = changed.entry(table.to_owned()).or_default();
                objects.insert(row.int(3).unwrap_or_default());
            }
            revisions.insert(id, time);
        }
        // Fractions of seconds, which PostgreSQL has, decide whether it finds one of just that long ago again.
        let is_there = |(id, time): (&i64, &i64)| {
            let is_asked_for = *time > latest - OVERLAP || *id > highest - NUMBERS;
            !is_asked_for || revisions.get(id) == Some(time)
        };
        if newest < seen.highest || !seen.revisions.iter().all(is_there) {
            return Ok(None);
        }
        let latest = revisions.values().copied().fold(latest, i64::max);
        revisions.retain(|id, time| *time >= latest - OVERLAP || *id > newest - NUMBERS);
        Ok(Some((Seen { latest: Some(latest), highest: newest, revisions }, changed)))
    }

    /// What is said where nobody knows what changed.
    fn all_may_have(&self) -> Changed {
        let table = self.protocol.named(self.protocol.servers().table);
        Changed::from([(table, BTreeSet::from([0]))])
    }

    /// The same in a file. Its numbers begin anew when all that the audit tells was deleted, or an earlier file came in its
    /// place: then all may have changed.
    async fn changed_in_file(&self, connection: &mut Connection, seen: &mut Seen) -> Result<Changed, Unread> {
        let newest = self.protocol.named("SELECT coalesce(max(id), 0) FROM dhcp#_audit");
        let rows = connection.rows(Statement::new(Engine::Sqlite, &newest)).await?;
        let newest = rows.first().and_then(|row| row.int(0)).unwrap_or(0);
        let mut changed = Changed::new();
        match seen.latest {
            // All that was before is in what is read now.
            None => {}
            Some(_) if newest < seen.highest => changed = self.all_may_have(),
            Some(_) => {
                let text = self.protocol.named("SELECT object_type, object_id FROM dhcp#_audit WHERE id > ");
                let statement = Statement::new(Engine::Sqlite, &text).value(seen.highest);
                for row in connection.rows(statement.text(" AND id <= ").value(newest)).await? {
                    let Some(table) = row.text(0) else { continue };
                    changed.entry(table.to_owned()).or_default().insert(row.int(1).unwrap_or_default());
                }
            }
        }
        (seen.latest, seen.highest) = (Some(0), newest);
        Ok(changed)
    }
}
