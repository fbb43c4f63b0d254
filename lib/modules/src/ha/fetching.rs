//! Whose turn it is to fetch the leases of a server, and whether that was told to be silent meanwhile: who stops in between lets
//! it speak again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use super::driver::{Around, Driver, Way};
use super::messages::*;
use super::peer::Failure;

/// For so long it is tried at the end of a relationship to let another server speak.
const PARTING: Duration = Duration::from_secs(2);

/// And for so much of that who still fetches its leases may take to do so himself.
const ENDING: Duration = Duration::from_secs(1);

/// Fetching the leases of one server.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    /// Whose turn it is: what one says at its end would end what another has asked for.
    pub(super) turn: tokio::sync::Mutex<()>,
    silence: Mutex<Option<Silence>>,
    /// The relationship has ended, and nobody begins anything more for it.
    has_ended: AtomicBool,
}

/// For how long a server was told to be silent.
#[derive(Clone, Copy, Debug)]
enum Silence {
    Until(Instant),
    WithoutEnd,
}

impl Fetching {
    /// The server is about to be told to be silent, for so many seconds if it is not without end.
    pub(super) fn silences(&self, seconds: Option<u64>) {
        let end = seconds.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
        *self.silence.lock() = Some(end.map_or(Silence::WithoutEnd, Silence::Until));
    }

    /// It was told that it may speak.
    pub(super) fn speaks(&self) {
        *self.silence.lock() = None;
    }

    /// Whether the relationship has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Relaxed)
    }

    /// Whether it may still be silent.
    fn is_silent(&self) -> bool {
        match *self.silence.lock() {
            None => false,
            Some(Silence::Until(end)) => Instant::now() < end,
            Some(Silence::WithoutEnd) => true,
        }
    }
}

impl<W: Way, A: Around> Driver<W, A> {
    /// Fetching the leases of the server there.
    pub(super) fn fetching(&self, way: &W) -> Option<&Fetching> {
        self.fetching.get(self.name_of(way)?)
    }

    /// The relationship has ended: servers that were told to be silent for it may speak, if they can be told soon. Who was
    /// ordered to fetch leases and still does so (`ha-sync`) gives up at the next step and tells them himself; if that takes too
    /// long they are told here, because the program may end, and he with it, and nobody may have said for how long they are
    /// silent.
    pub(super) async fn part(&self) {
        let each = self.ways.values().map(|way| async move {
            let Some(fetching) = self.fetching(way) else { return };
            fetching.has_ended.store(true, Ordering::Relaxed);
            let _turn = timeout(ENDING, fetching.turn.lock()).await;
            if fetching.is_silent() {
                self.let_speak(way).await;
            }
        });
        // Who cannot be told speaks when the time is over for which it is silent.
        let _ = timeout(PARTING, join_all(each)).await;
    }

    async fn let_speak(&self, way: &W) {
        let (name, label) = (&self.relationship.this_server, way.label());
        match way.ask(&self.asker.enable(), None).await {
            Ok(_) => self.fetching(way).into_iter().for_each(Fetching::speaks),
            Err(Failure::Unanswered(why)) => HA_DHCP_ENABLE_COMMUNICATIONS_FAILED(name, label, why),
            Err(Failure::Refused(why)) => HA_DHCP_ENABLE_FAILED(name, label, &why.reason),
        }
    }
}
