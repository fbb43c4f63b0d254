//! The task that sees to it that there is a key for a server.

use std::sync::{Arc, Weak};
use std::time::Duration;

use kotare_ddns::Name;
use kotare_ddns::gss_tsig::Outcome;
use kotare_net::gssapi::Gssapi;

use super::agree::agree;
use super::messages::*;
use super::server::Server;
use crate::daemon::Daemon;

/// The longest that the task sleeps: after that the clock may have been set.
const NAP: Duration = Duration::from_secs(60);

/// Keys go when they have been over for so many lifetimes.
const OLD: u32 = 3;

/// Starts the task of a server, if there is none.
pub(super) fn start(daemon: &Arc<Daemon>, api: Gssapi, server: &Arc<Server>, longest: Duration) {
    server.task.get_or_init(|| {
        let (daemon, server) = (Arc::downgrade(daemon), Arc::downgrade(server));
        tokio::spawn(keep(daemon, api, server, longest * OLD)).abort_handle()
    });
}

async fn keep(daemon: Weak<Daemon>, api: Gssapi, server: Weak<Server>, age: Duration) {
    loop {
        let Some((clock, changed, pause)) = daemon.upgrade().zip(server.upgrade()).map(|(daemon, server)| {
            let clock = daemon.clock().clone();
            let pause = server.ring.lock().pause(clock.since_epoch()).unwrap_or_default();
            (clock, server.changed.clone(), pause)
        }) else {
            return;
        };
        tokio::select! {
            () = clock.sleep(pause.min(NAP)) => {}
            () = changed.notified() => {}
        }
        let Some((daemon, server)) = daemon.upgrade().zip(server.upgrade()) else { return };
        let now = clock.since_epoch();
        let gone = server.ring.lock().forget(age, now);
        if !gone.is_empty() {
            GSS_TSIG_OLD_KEY_REMOVED(gone.len());
            daemon.statistics().remove_keys(&gone);
        }
        let is_wanting = {
            let mut ring = server.ring.lock();
            ring.pause(now) == Some(Duration::ZERO) && ring.is_wanting(now)
        };
        if is_wanting {
            renew(&daemon, api, &server).await;
        }
    }
}

/// Agrees on another key.
async fn renew(daemon: &Daemon, api: Gssapi, server: &Server) {
    let time = || daemon.clock().since_epoch();
    let (id, statistics) = (&*server.settings.id, daemon.statistics());
    let name = match name(daemon, server) {
        Ok(name) => name,
        Err(reason) => {
            // There is no key of whose failure the ring could be told.
            KEY_PROCESSING_FAILED(id, reason);
            return daemon.clock().sleep(server.settings.timing.retry).await;
        }
    };
    let begun = time();
    server.ring.lock().begin(name.clone(), begun);
    statistics.add_key(&name, begun);
    statistics.count_server("gss-tsig-key-created", id, begun);
    GSS_TSIG_NEW_KEY(&name);
    match agree(daemon, api, server, name.clone(), begun).await {
        Ok((key, expire)) => {
            statistics.count_server("tkey-success", id, time());
            let pause = server.ring.lock().succeeded(key, expire, time());
            GSS_TSIG_NEW_KEY_SETUP_SUCCEED(&name);
            START_REKEY_TIMER(id, pause.as_secs());
        }
        Err(outcome) => {
            let what = if outcome == Outcome::Timeout { "tkey-timeout" } else { "tkey-error" };
            statistics.count_server(what, id, time());
            let pause = server.ring.lock().failed(&name, outcome, time());
            GSS_TSIG_NEW_KEY_SETUP_FAILED(&name, outcome.text());
            START_RETRY_TIMER(id, pause.as_secs());
        }
    }
}

/// A name that no key has: a number that nobody can foresee, and what the names of all keys of the server end with.
fn name(daemon: &Daemon, server: &Server) -> Result<Name, String> {
    let number = daemon.chance().map_err(|error| error.to_string())? as u32;
    let name = format!("{number}.{}", server.settings.suffix).parse();
    name.map_err(|error: kotare_ddns::NameError| error.to_string())
}
