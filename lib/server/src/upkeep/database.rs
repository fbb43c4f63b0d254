//! The connections to databases of leases, of reservations, of configurations and of modules: what is done when one is lost (`on-fail`), and when it is
//! there again.

use std::sync::Arc;

use kotare_config::process::{OnFail, Reconnect};
use kotare_store_sql::Reach;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::next;
use crate::Daemon;
use crate::family::Family;
use crate::service::origin;
use crate::stores::Store;

/// The names that Kea's log has for what tells of connections.
pub(super) const LEASES: &str = "lease database";
pub(super) const HOSTS: &str = "hosts database";
const CONFIGURATION: &str = "config database";

/// A connection.
struct Watched {
    manager: &'static str,
    /// Who disables the service when it is lost.
    origin: u32,
    reach: watch::Receiver<Reach>,
    reconnect: Reconnect,
}

/// Watches the connections of the configuration in effect.
pub(super) async fn watch<F: Family>(daemon: &Arc<Daemon<F>>) {
    let mut reconfigured = daemon.reconfigured.subscribe();
    loop {
        // They end when this is dropped.
        let mut following = JoinSet::new();
        for watched in all(daemon) {
            following.spawn(follow(daemon.clone(), watched));
        }
        next(&mut reconfigured).await;
    }
}

fn all<F: Family>(daemon: &Daemon<F>) -> Vec<Watched> {
    let generation = daemon.generation();
    let process = generation.process();
    let leases = generation.leases().store().reach().zip(process.lease_database.database());
    let leases = leases.map(|(reach, database)| Watched {
        manager: LEASES,
        origin: origin::DATABASE,
        reach,
        reconnect: database.reconnect,
    });
    // Those of a configuration are open in its order.
    let hosts = generation.hosts.iter().zip(&process.hosts_databases).zip(origin::DATABASE + 1..);
    let hosts = hosts.map(|((store, database), origin)| Watched {
        manager: HOSTS,
        origin,
        reach: store.reach(),
        reconnect: database.reconnect,
    });
    let stores = generation.backend.iter().flat_map(|backend| &backend.stores);
    let after = origin::DATABASE + 1 + process.hosts_databases.len() as u32;
    let configuration = stores.zip(&process.config_databases).zip(after..);
    let configuration = configuration.map(|((store, database), origin)| Watched {
        manager: CONFIGURATION,
        origin,
        reach: store.reach(),
        reconnect: database.reconnect,
    });
    let after = after + process.config_databases.len() as u32;
    let modules = F::beside(generation.modules()).connections().zip(after..);
    let modules = modules.map(|(connection, origin)| Watched {
        manager: connection.manager,
        origin,
        reach: connection.reach,
        reconnect: connection.reconnect,
    });
    leases.into_iter().chain(hosts).chain(configuration).chain(modules).collect()
}

/// Does what is to be done whenever a connection is lost or there again, for as long as it is.
async fn follow<F: Family>(daemon: Arc<Daemon<F>>, watched: Watched) {
    let Watched { manager, origin, mut reach, reconnect } = watched;
    reach.mark_changed();
    let mut was_up = true;
    while reach.changed().await.is_ok() {
        let now = reach.borrow_and_update().clone();
        match now {
            Reach::Up => {
                if !std::mem::replace(&mut was_up, true) {
                    F::WORDS.db_reconnect_succeeded(manager, "");
                }
                // Who does not serve without its configuration serves when that is fetched (`config_backend`).
                if manager != CONFIGURATION || daemon.has_fetched() {
                    daemon.service.enable(origin);
                }
            }
            Reach::Lost { .. } => {
                if std::mem::replace(&mut was_up, false) {
                    F::WORDS.db_reconnect_lost_connection(manager, "");
                }
                if reconnect.on_fail == OnFail::StopRetryExit {
                    daemon.service.disable(origin, None);
                }
            }
            Reach::GivenUp { .. } => {
                match reconnect.tries {
                    0 => F::WORDS.fatal_db_reconnect_disabled(0, reconnect.wait.as_millis(), manager, ""),
                    tries => F::WORDS.fatal_db_reconnect_failed(tries, manager, ""),
                }
                daemon.shut_down(1);
            }
        }
    }
}
