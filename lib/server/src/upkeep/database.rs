//! The connection to the lease database: what is done when it is lost (`on-fail`), and when it is there again.

use std::sync::Arc;

use kotare_config::process::OnFail;
use kotare_store_sql::Reach;

use super::next;
use crate::Daemon;
use crate::family::Family;
use crate::service::origin;
use crate::stores::Store;

/// The name that Kea's log has for what tells of the connection to leases.
const MANAGER: &str = "lease database";

/// Watches the connection of the configuration in effect.
pub(super) async fn watch<F: Family>(daemon: &Arc<Daemon<F>>) {
    let mut reconfigured = daemon.reconfigured.subscribe();
    loop {
        let generation = daemon.generation();
        let watched = generation.leases().store().reach().zip(generation.process().lease_database.database());
        let Some((mut reach, database)) = watched else {
            next(&mut reconfigured).await;
            continue;
        };
        let reconnect = database.reconnect;
        reach.mark_changed();
        let mut was_up = true;
        loop {
            tokio::select! {
                changed = reach.changed() => if changed.is_err() {
                    next(&mut reconfigured).await;
                    break;
                },
                () = next(&mut reconfigured) => break,
            }
            let now = reach.borrow_and_update().clone();
            match now {
                Reach::Up => {
                    if !std::mem::replace(&mut was_up, true) {
                        F::WORDS.db_reconnect_succeeded(MANAGER, "");
                    }
                    daemon.service.enable(origin::DATABASE);
                }
                Reach::Lost { .. } => {
                    if std::mem::replace(&mut was_up, false) {
                        F::WORDS.db_reconnect_lost_connection(MANAGER, "");
                    }
                    if reconnect.on_fail == OnFail::StopRetryExit {
                        daemon.service.disable(origin::DATABASE, None);
                    }
                }
                Reach::GivenUp { .. } => {
                    match reconnect.tries {
                        0 => F::WORDS.fatal_db_reconnect_disabled(0, reconnect.wait.as_millis(), MANAGER, ""),
                        tries => F::WORDS.fatal_db_reconnect_failed(tries, MANAGER, ""),
                    }
                    daemon.shut_down(1);
                }
            }
        }
    }
}
