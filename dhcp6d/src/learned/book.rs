//! What is known of prefixes that were delegated to this machine.

use std::collections::{BTreeMap, HashMap};

use kotare_config::v6::{Prefix6, PrefixSign, PrefixSource};
use kotare_daemon::Moment;
use kotare_net::{HeldPrefix, Sign};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// So many prefixes can be told at a time; who tells more is mistaken.
pub(super) const MOST: usize = 1024;

/// What is known of prefixes that were delegated to this machine. It outlives configurations.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// What the kernel has.
    held: Vec<HeldPrefix>,
    /// What a command told, by the name of the interface.
    told: BTreeMap<Box<str>, Told>,
    /// What each source was last.
    chosen: HashMap<PrefixSource, Prefix6>,
}

/// What a command told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) prefix: Prefix6,
    /// When it is over.
    pub(super) until: Option<Moment>,
}

impl Learned {
    /// The kernel has these now.
    pub(super) fn see(&self, held: Vec<HeldPrefix>) {
        self.state.lock().held = held;
    }

    /// Somebody tells the prefix of an interface; false if there is no room for one more.
    pub(super) fn tell(&self, interface: &str, told: Told) -> bool {
        let told_by = &mut self.state.lock().told;
        let has_room = told_by.len() < MOST || told_by.contains_key(interface);
        if has_room {
            told_by.insert(interface.into(), told);
            self.changed.notify_one();
        }
        has_room
    }

    /// Somebody takes back what was told of an interface; what that was.
    pub(super) fn take_back(&self, interface: &str, now: Moment) -> Option<Prefix6> {
        let told = self.state.lock().told.remove(interface);
        self.changed.notify_one();
        told.filter(|told| told.is_good(now)).map(|told| told.prefix)
    }

    /// What was told and still holds, by interface.
    pub(super) fn told(&self, now: Moment) -> Vec<(Box<str>, Told)> {
        let told = &mut self.state.lock().told;
        told.retain(|_, told| told.is_good(now));
        told.iter().map(|(interface, told)| (interface.clone(), *told)).collect()
    }

    /// When the next of what was told is over.
    pub(super) fn next_end(&self) -> Option<Moment> {
        self.state.lock().told.values().filter_map(|told| told.until).min()
    }

    /// Returns when something was told since the last call that returned.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The prefix of a source. What was told goes before what the kernel has; of several the one from before stays, unless
    /// its addresses are deprecated and those of another are not.
    pub(super) fn prefix(&self, source: &PrefixSource, now: Moment) -> Option<Prefix6> {
        let mut state = self.state.lock();
        let told = state.told.get(&source.interface).filter(|told| told.is_good(now));
        let former = state.chosen.get(source).copied();
        let found = told.map(|told| told.prefix).or_else(|| choose(&state.held, source, former));
        match found {
            Some(prefix) => state.chosen.insert(source.clone(), prefix),
            None => state.chosen.remove(source),
        };
        found
    }
}

impl Told {
    fn is_good(&self, now: Moment) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

/// Which of the prefixes that the kernel has is the one of a source.
fn choose(held: &[HeldPrefix], source: &PrefixSource, former: Option<Prefix6>) -> Option<Prefix6> {
    let sign = match source.by {
        PrefixSign::Route => Sign::Route,
        PrefixSign::Address => Sign::Address,
    };
    let found = held.iter().filter(|held| *held.interface == *source.interface && held.sign == sign);
    let found = found.filter_map(|held| {
        let prefix = Prefix6::new(held.prefix, held.prefix_len)?;
        source.within.covers(prefix).then_some((held.deprecated, prefix))
    });
    let rank = |(deprecated, prefix): &(bool, Prefix6)| {
        (*deprecated, Some(*prefix) != former, prefix.prefix_len(), prefix.network())
    };
    found.min_by_key(rank).map(|(_, prefix)| prefix)
}
