//! What is in the log of a file of SQLite goes to its place while clients are answered.
//!
//! Whoever makes the log longer than it may be puts all of it into its place, and waits for the disk twice: some tens of
//! milliseconds in which nobody's lease is written. So another connection does that before, as often as there is much of it;
//! what is left then is little. It never keeps a writer or a reader waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::sync::Notify;

use crate::access::Access;
use crate::connection::Connection;
use crate::error::SqlError;

/// After so many changes the log is half as long as it may be, when as many are made at a time as under load.
const CHANGES: usize = 4096;

/// How many leases changed since there was a checkpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes(Arc<(AtomicUsize, Notify)>);

impl Changes {
    /// So many more.
    pub(super) fn count(&self, more: usize) {
        let (count, much) = &*self.0;
        if count.fetch_add(more, Relaxed) + more >= CHANGES {
            count.store(0, Relaxed);
            much.notify_one();
        }
    }

    /// Makes checkpoints for ever. One that fails is made up for by the next, or by who writes.
    pub(super) async fn put_into_place(self, access: Access) {
        let mut kept = None;
        loop {
            self.0.1.notified().await;
            kept = checkpoint(kept, &access).await.ok();
        }
    }
}

async fn checkpoint(kept: Option<Connection>, access: &Access) -> Result<Connection, SqlError> {
    let mut connection = match kept {
        Some(connection) => connection,
        None => Connection::open(access).await?,
    };
    connection.script("PRAGMA wal_checkpoint(PASSIVE)").await?;
    Ok(connection)
}
