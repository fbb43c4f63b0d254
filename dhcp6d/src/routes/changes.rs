//! What changed of prefixes, for whoever keeps their routes.

use std::collections::HashMap;

use kotare_config::v6::Prefix6;
use kotare_engine::hooks::{LeaseEvent6, Observer6};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::hop::{NextHop, Route, prefix_of};

/// So many prefixes can have changed without anybody looking; of more it is only known that some did.
const ROOM: usize = 1 << 16;

/// What changed of prefixes since somebody looked: of each the newest state alone.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    state: Mutex<Changed>,
    told: Notify,
}

/// What changed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// The newest state of each prefix.
    pub(super) prefixes: HashMap<Prefix6, Wish>,
    /// Whether there was no room for some, so that all leases have to be looked through.
    pub(super) lost: bool,
}

/// What shall be so of the route to a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// It leads there.
    Set(NextHop),
    /// There is none. It led there, if that is known.
    Withdrawn(Option<NextHop>),
}

impl Changes {
    /// Takes what has changed.
    pub(super) fn take(&self) -> Changed {
        std::mem::take(&mut *self.state.lock())
    }

    /// Returns when something has changed since the last call that returned.
    pub(super) async fn told(&self) {
        self.told.notified().await;
    }

    pub(super) fn note(&self, prefix: Prefix6, wish: Wish) {
        let mut state = self.state.lock();
        if state.prefixes.len() < ROOM || state.prefixes.contains_key(&prefix) {
            state.prefixes.insert(prefix, wish);
        } else {
            state.lost = true;
        }
        drop(state);
        self.told.notify_one();
    }
}

impl Observer6 for Changes {
    fn lease6(&self, event: &LeaseEvent6<'_>) {
        let (before, after) = (event.before, event.after);
        let same = |field: fn(&kotare_model::Lease6) -> bool| before.map(field) == after.map(field);
        let is_assigned = |lease: &kotare_model::Lease6| lease.state == kotare_model::LeaseState::Assigned;
        let [was, is] = [before, after].map(|lease| lease.and_then(prefix_of));
        let context = |lease: Option<&kotare_model::Lease6>| lease.and_then(|it| it.user_context.clone());
        // Whoever looked through all leases may have found that of a client which comes late to have ended.
        let is_late = before.zip(after).is_some_and(|(before, after)| before.expires() <= after.cltt);
        // Most changes are renewals, which change no route.
        if was == is && same(is_assigned) && context(before) == context(after) && !is_late {
            return;
        }
        if let Some(was) = was.filter(|_| was != is) {
            self.note(was, Wish::Withdrawn(before.and_then(NextHop::kept)));
        }
        if let Some(is) = is {
            let route = after.and_then(Route::of);
            let former = || before.and_then(NextHop::kept);
            self.note(is, route.map_or_else(|| Wish::Withdrawn(former()), |route| Wish::Set(route.hop)));
        }
    }
}
