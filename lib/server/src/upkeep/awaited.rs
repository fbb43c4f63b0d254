//! Serves from databases that were not there when the server started, once they have come.

use std::sync::Arc;
use std::time::Duration;

use kotare_modules::databases::{Keeps, Manager};
use tokio::task::JoinSet;

use super::next;
use crate::family::Family;
use crate::{Daemon, Generation};

/// How long is waited after what has come could not be served from, as it is gone again.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes the configuration up anew whenever a database has come that it waits for.
pub(super) async fn take_up<F: Family>(daemon: &Arc<Daemon<F>>) {
    let mut reconfigured = daemon.reconfigured.subscribe();
    let mut told = String::new();
    loop {
        // Those that wait end when this is dropped.
        let mut coming = JoinSet::new();
        let generation = daemon.generation();
        let before = lacking(&generation);
        if let (Some(awaited), Some(at)) = (&generation.stored.awaited, &generation.stored.database) {
            coming.spawn(named(Keeps::Leases.in_a(at.access.engine), awaited.arrival()));
        }
        for store in &generation.hosts {
            if let Some(awaited) = store.awaited() {
                coming.spawn(named(Keeps::Hosts.in_a(store.at().access.engine), awaited.arrival()));
            }
        }
        drop(generation);
        let arrived = tokio::select! {
            Some(Ok(manager)) = coming.join_next() => manager,
            () = next(&mut reconfigured) => continue,
        };
        match daemon.situate().await {
            // Whatever else has come by now is served from as well.
            Ok(()) => {
                for manager in come(before, lacking(&daemon.generation())) {
                    F::WORDS.db_reconnect_succeeded(manager, "");
                }
            }
            Err(reason) => {
                if reason != told {
                    F::WORDS
                        .server_failed(format_args!("the {arrived} is there and cannot be used: {reason}"));
                    told = reason;
                }
                daemon.surroundings.clock.sleep(PAUSE).await;
            }
        }
    }
}

/// What is waited for is managed so.
async fn named(manager: Manager, arrival: impl Future<Output = ()>) -> Manager {
    arrival.await;
    manager
}

/// The databases that are waited for.
fn lacking<F: Family>(generation: &Generation<F>) -> Vec<Manager> {
    let stored = &generation.stored;
    let leases = stored.database.as_ref().filter(|_| stored.awaited.is_some());
    let leases = leases.map(|at| Keeps::Leases.in_a(at.access.engine));
    let hosts = generation.hosts.iter().filter(|store| store.awaited().is_some());
    let hosts = hosts.map(|store| Keeps::Hosts.in_a(store.at().access.engine));
    leases.into_iter().chain(hosts).collect()
}

/// Those that were waited for before, and are not any more.
fn come(before: Vec<Manager>, mut now: Vec<Manager>) -> impl Iterator<Item = Manager> {
    before.into_iter().filter(move |manager| match now.iter().position(|other| other == manager) {
        Some(at) => {
            now.swap_remove(at);
            false
        }
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use kotare_store_sql::Engine;

    use super::*;

    /// Each one that came is told of, also of two of a kind, and when several came together.
    #[test]
    fn all_that_came_are_told_of() {
        let leases = Keeps::Leases.in_a(Engine::MySql);
        let hosts = Keeps::Hosts.in_a(Engine::Postgres);
        let told =
            |before: &[Manager], now: &[Manager]| come(before.to_vec(), now.to_vec()).collect::<Vec<_>>();
        assert_eq!(told(&[leases, hosts, hosts], &[hosts]), [leases, hosts]);
        assert_eq!(told(&[leases, hosts], &[]), [leases, hosts]);
        assert_eq!(told(&[hosts], &[hosts]), []);
    }
}
