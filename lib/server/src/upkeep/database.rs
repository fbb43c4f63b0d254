//! The connections to databases of leases, of reservations, of configurations and of modules: what is done when one is lost (`on-fail`), and when it is
//! there again.

use std::sync::Arc;

use kotare_config::process::{OnFail, Reconnect};
use kotare_modules::databases::{Keeps, Manager};
use kotare_store_sql::Reach;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::next;
use crate::Daemon;
use crate::family::Family;
use crate::service::origin;
use crate::stores::Store;

/// A connection.
struct Watched {
    manager: Manager,
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
    let leases = generation.stored.database.as_ref().zip(process.lease_database.database());
    let leases = leases.zip(generation.leases().store().reach());
    let leases = leases.map(|((at, database), reach)| Watched {
        manager: Keeps::Leases.in_a(at.access.engine),
        origin: origin::DATABASE,
        reach,
        reconnect: database.reconnect,
    });
    // Those of a configuration are open in its order.
    let hosts = generation.hosts.iter().zip(&process.hosts_databases).zip(origin::DATABASE + 1..);
    let hosts = hosts.map(|((store, database), origin)| Watched {
        manager: Keeps::Hosts.in_a(store.at().access.engine),
        origin,
        reach: store.reach(),
        reconnect: database.reconnect,
    });
    let stores = generation.backend.iter().flat_map(|backend| &backend.stores);
    let after = origin::DATABASE + 1 + process.hosts_databases.len() as u32;
    let configuration = stores.zip(&process.config_databases).zip(after..);
    let configuration = configuration.map(|((store, database), origin)| Watched {
        manager: Keeps::Configuration(F::TABLES).in_a(store.at().access.engine),
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

/// What is said of tries to connect again, of which so many failed, the last one for this reason. Those that are made without
/// end after the last of `max-reconnect-tries` (`serve-retry-continue`) are not told of: they say nothing new.
fn tell_tries(manager: Manager, reconnect: Reconnect, failed: u32, reason: &str) {
    let Reconnect { tries, wait, .. } = reconnect;
    if failed == 0 || failed > tries {
        return;
    }
    manager.try_failed(&reason);
    match failed == tries {
        false => manager.tries_again(failed + 1, tries, wait),
        true => manager.tried_enough(tries),
    }
}

/// Does what is to be done whenever a connection is lost or there again, for as long as it is.
async fn follow<F: Family>(daemon: Arc<Daemon<F>>, watched: Watched) {
    let Watched { manager, origin, mut reach, reconnect } = watched;
    reach.mark_changed();
    let mut was_up = true;
    let lost = |was_up: &mut bool| {
        if std::mem::replace(was_up, false) {
            F::WORDS.db_reconnect_lost_connection(manager, "");
        }
    };
    while reach.changed().await.is_ok() {
        let now = reach.borrow_and_update().clone();
        match now {
            Reach::Up => {
                if !std::mem::replace(&mut was_up, true) {
                    F::WORDS.db_reconnect_succeeded(manager, "");
                }
                // Who does not serve without its configuration serves when that is fetched (`config_backend`).
                if !matches!(manager.keeps, Keeps::Configuration(_)) || daemon.has_fetched() {
                    daemon.service.enable(origin);
                }
            }
            Reach::Lost { reason, failed } => {
                lost(&mut was_up);
                tell_tries(manager, reconnect, failed, &reason);
                if reconnect.on_fail == OnFail::StopRetryExit {
                    daemon.service.disable(origin, None);
                }
            }
            Reach::GivenUp { reason } => {
                lost(&mut was_up);
                tell_tries(manager, reconnect, reconnect.tries, &reason);
                match reconnect.tries {
                    0 => F::WORDS.fatal_db_reconnect_disabled(0, reconnect.wait.as_millis(), manager, ""),
                    tries => F::WORDS.fatal_db_reconnect_failed(tries, manager, ""),
                }
                daemon.shut_down(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kotare_store_sql::Engine;
    use kotare_testkit::logged;

    use super::*;

    /// Each of so many tries is told of once, and after which the next one is made or none; what follows the last one is not.
    #[test]
    fn tries_are_told_of() {
        let wait = Duration::from_millis(1500);
        let told = |tries, failed| {
            let reconnect = Reconnect { tries, wait, on_fail: OnFail::default(), at_start: false };
            let manager = Keeps::Leases.in_a(Engine::MySql);
            let ((), lines) = logged(|| tell_tries(manager, reconnect, failed, "no way"));
            lines.into_iter().map(|line| line.text).collect::<Vec<_>>()
        };
        assert_eq!(told(2, 0), [""; 0]);
        let said = ["database reconnect failed: no way", "scheduling attempt 2 of 2 in 1500 milliseconds"];
        assert_eq!(told(2, 1), said);
        let enough = "maximum number of database reconnect attempts: 2, has been exhausted without success";
        assert_eq!(told(2, 2), ["database reconnect failed: no way", enough]);
        assert_eq!(told(2, 3), [""; 0]);
        assert_eq!(told(0, 0), [""; 0]);
    }
}
