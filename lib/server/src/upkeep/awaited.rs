//! Serves from databases that were not there when the server started, once they have come.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::database::{HOSTS, LEASES};
use super::next;
use crate::Daemon;
use crate::family::Family;

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
        if let Some(awaited) = &generation.stored.awaited {
            coming.spawn(named(LEASES, awaited.arrival()));
        }
        for awaited in generation.hosts.iter().filter_map(|store| store.awaited()) {
            coming.spawn(named(HOSTS, awaited.arrival()));
        }
        drop(generation);
        let manager = tokio::select! {
            Some(Ok(manager)) = coming.join_next() => manager,
            () = next(&mut reconfigured) => continue,
        };
        match daemon.situate().await {
            Ok(()) => F::WORDS.db_reconnect_succeeded(manager, ""),
            Err(reason) => {
                if reason != told {
                    F::WORDS
                        .server_failed(format_args!("the {manager} is there and cannot be used: {reason}"));
                    told = reason;
                }
                daemon.surroundings.clock.sleep(PAUSE).await;
            }
        }
    }
}

/// What is waited for is called so.
async fn named(manager: &'static str, arrival: impl Future<Output = ()>) -> &'static str {
    arrival.await;
    manager
}
