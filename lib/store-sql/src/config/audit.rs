//! What changed: the tables `dhcp#_audit` and `dhcp#_audit_revision`.
//!
//! A revision has a time of whole seconds, and one that began earlier may end later: so the last minute is looked at
//! again, and what was seen of it is known by number.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{ConfigReader, Unread};
use crate::connection::Connection;
use crate::statement::Statement;

/// So long a change may take between its time and its end, in seconds.
const OVERLAP: i64 = 60;

/// Up to where changes were seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The latest time of a revision; none before the first look.
    latest: Option<i64>,
    /// Revisions no older than that by more than [`OVERLAP`], and their times.
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
        let engine = connection.engine();
        let time = engine.seconds("r.modification_ts");
        let latest = match seen.latest {
            Some(latest) => latest,
            // All that was before is in what is read now.
            None => {
                let newest = engine.seconds("max(modification_ts)");
                let text = self.protocol.named(&format!("SELECT {newest} FROM dhcp#_audit_revision"));
                let rows = connection.rows(Statement::new(engine, &text)).await?;
                rows.first().and_then(|row| row.int(0)).unwrap_or(0)
            }
        };
        let statement = Statement::new(
            engine,
            &self.protocol.named(&format!(
                "SELECT r.id, {time}, a.object_type, a.object_id FROM dhcp#_audit_revision r \
                 JOIN dhcp#_audit a ON a.revision_id = r.id WHERE r.modification_ts >= "
            )),
        );
        let statement = statement.time((latest - OVERLAP).max(0));
        let mut changed = Changed::new();
        let mut revisions = BTreeMap::new();
        for row in connection.rows(statement).await? {
            let (Some(id), Some(time), Some(table)) = (row.int(0), row.int(1), row.text(2)) else { continue };
            if !seen.revisions.contains_key(&id) {
                let objects = changed.entry(table.to_owned()).or_default();
                objects.insert(row.int(3).unwrap_or_default());
            }
            revisions.insert(id, time);
        }
        let latest = revisions.values().copied().fold(latest, i64::max);
        revisions.retain(|_, time| *time >= latest - OVERLAP);
        *seen = Seen { latest: Some(latest), revisions };
        Ok(changed)
    }
}
