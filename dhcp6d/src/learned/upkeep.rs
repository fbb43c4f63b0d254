//! The task that lets subnets follow their prefixes, for as long as the server runs.

use std::time::Duration;

use kotare_model::Lease6;
use kotare_server::{Changes as _, Daemon, Store, next};

use crate::messages::{KOTARE_PREFIXES_NOT_FOLLOWED, KOTARE_PREFIXES_NOT_READ};
use crate::{Dhcp6, Network6};

/// Addresses and routes of one prefix come one after the other; one look after that is enough.
const SETTLE: Duration = Duration::from_millis(200);
/// How often prefixes are looked at without hearing of a change: nothing depends on hearing of all.
const LOOK: Duration = Duration::from_secs(60);

/// Lets the subnets of the configuration in effect follow their prefixes.
pub(crate) async fn run<N: Network6, S: Store<Lease6>>(daemon: &Daemon<Dhcp6<N, S>>) {
    let surroundings = daemon.surroundings();
    let clock = &surroundings.clock;
    let mut reconfigured = daemon.reconfigured();
    let mut changes = None;
    loop {
        let generation = daemon.generation();
        let learned = generation.modules().learned().clone();
        let follows = !generation.config().followers.is_empty();
        // A configuration that is not in effect any more must not stay for this.
        drop(generation);
        if !follows {
            changes = None;
            next(&mut reconfigured).await;
            continue;
        }
        if changes.is_none() {
            // Listened to before they are looked at, so that none is missed.
            changes = surroundings.network.prefix_changes().ok().flatten();
        }
        if let Err(reason) = follow(daemon).await {
            KOTARE_PREFIXES_NOT_FOLLOWED(LOOK.as_secs(), reason);
        }
        let soon = clock.moment() + LOOK;
        let wake = learned.next_end().map_or(soon, |end| end.min(soon));
        let changed = async {
            match &changes {
                Some(changes) if changes.changed().await.is_ok() => clock.sleep(SETTLE).await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            () = next(&mut reconfigured) => {}
            () = learned.changed() => {}
            () = changed => {}
            () = clock.sleep_until(wake) => {}
        }
    }
}

/// Serves from where prefixes are now, if that is elsewhere.
pub(super) async fn follow<N: Network6, S: Store<Lease6>>(
    daemon: &Daemon<Dhcp6<N, S>>,
) -> Result<(), String> {
    let surroundings = daemon.surroundings();
    let generation = daemon.generation();
    let learned = generation.modules().learned();
    match surroundings.network.held_prefixes() {
        Ok(held) => learned.see(held),
        Err(error) => KOTARE_PREFIXES_NOT_READ(error),
    }
    let now = surroundings.clock.moment();
    // What was told and is over is forgotten.
    learned.told(now);
    let followers = &generation.config().followers;
    if followers.iter().all(|follower| learned.prefix(&follower.source, now) == follower.prefix) {
        return Ok(());
    }
    drop(generation);
    daemon.situate().await
}
