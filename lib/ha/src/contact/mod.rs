//! What is known of the partner: when it was last heard, what it said, and who waits for it.

mod clients;
mod rejected;
mod skew;
mod unsent;

use std::collections::BTreeSet;
use std::time::Duration;

pub(crate) use clients::Noticed;
pub use clients::{Waiting, tried4, tried6};
use kotare_model::{ClientId, Duid, HwAddr};
use rejected::Rejected;
pub use skew::Skew;
pub(crate) use skew::shown;
use unsent::Unsent;

use crate::{Heartbeat, Moment, Partner, Relationship, State};

/// Who a client is, as far as counting goes: a hardware address with a client identifier, or a DUID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientKey(Box<[u8]>);

impl ClientKey {
    /// A client of DHCPv4.
    #[must_use]
    pub fn v4(hwaddr: &HwAddr, client_id: Option<&ClientId>) -> Self {
        let hwaddr = hwaddr.as_bytes();
        let mut key = vec![hwaddr.len() as u8];
        key.extend_from_slice(hwaddr);
        key.extend_from_slice(client_id.map_or(&[], ClientId::as_bytes));
        Self(key.into())
    }

    /// A client of DHCPv6.
    #[must_use]
    pub fn v6(duid: &Duid) -> Self {
        Self(duid.as_bytes().into())
    }
}

/// The state of communication with the partner.
#[derive(Clone, Debug)]
pub struct Contact {
    partner: Partner,
    /// Since when it is in this state.
    since: Moment,
    scopes: BTreeSet<String>,
    /// When it last answered a heartbeat.
    heard: Duration,
    /// From when on its silence means something.
    listening: Duration,
    was_heard: bool,
    /// Whether it goes back to work by itself after the service ended.
    heals: bool,
    pub(crate) skew: Skew,
    pub(crate) waiting: Waiting,
    pub(crate) rejected: Rejected,
    pub(crate) theirs: Unsent,
    /// Of how many updates this server told nobody, ever.
    unsent: u64,
}

impl Contact {
    /// That of a server that begins.
    pub(crate) fn new(relationship: &Relationship, now: Moment) -> Self {
        Self {
            partner: Partner::Unknown,
            since: now,
            scopes: BTreeSet::new(),
            heard: now.uptime,
            listening: now.uptime,
            was_heard: false,
            heals: false,
            skew: Skew::default(),
            waiting: Waiting::new(relationship),
            rejected: Rejected::default(),
            theirs: Unsent::default(),
            unsent: 0,
        }
    }

    /// What is known of its state.
    #[must_use]
    pub const fn partner(&self) -> Partner {
        self.partner
    }

    /// The scopes that it served when it was last heard.
    #[must_use]
    pub const fn scopes(&self) -> &BTreeSet<String> {
        &self.scopes
    }

    /// Whether it ever answered.
    #[must_use]
    pub const fn was_heard(&self) -> bool {
        self.was_heard
    }

    /// For how long it has not been heard.
    #[must_use]
    pub fn silence(&self, now: Moment) -> Duration {
        now.uptime.saturating_sub(self.heard)
    }

    /// When communication with it counts as interrupted, by uptime.
    pub(crate) fn interrupted_at(&self, relationship: &Relationship) -> Duration {
        self.heard.max(self.listening) + relationship.max_response_delay + Duration::from_millis(1)
    }

    /// Whether communication with it is interrupted.
    #[must_use]
    pub fn is_interrupted(&self, relationship: &Relationship, now: Moment) -> bool {
        self.interrupted_at(relationship) <= now.uptime
    }

    /// For how long it has been in its state.
    pub(crate) fn duration(&self, now: Moment) -> Duration {
        now.uptime.saturating_sub(self.since.uptime)
    }

    /// Whether it is terminated and waits for this server to be ready to go on.
    pub(crate) fn offers_to_heal(&self) -> bool {
        self.partner == Partner::In(State::Terminated) && self.heals
    }

    /// Of how many updates this server told nobody.
    #[must_use]
    pub const fn unsent(&self) -> u64 {
        self.unsent
    }

    /// Takes down that the partner is not told of a lease. 0 is for a server that has just begun.
    pub(crate) const fn count_unsent(&mut self) {
        self.unsent = match self.unsent.checked_add(1) {
            Some(more) => more,
            None => 1,
        };
    }

    /// The partner answered a heartbeat.
    pub(crate) fn hear(&mut self, heartbeat: Heartbeat, now: Moment) {
        self.enter(heartbeat.partner, now);
        self.skew.measure(heartbeat.clock, now.clock);
        if let Some(scopes) = heartbeat.scopes {
            self.scopes = scopes;
        }
        if let Some(count) = heartbeat.unsent {
            self.theirs.hear(count);
        }
        self.heals = heartbeat.heals;
        self.heard = now.uptime;
        self.was_heard = true;
        self.waiting.clear();
    }

    /// The partner did not answer something.
    pub(crate) fn lose(&mut self, now: Moment) {
        self.enter(Partner::Unavailable, now);
        self.skew.reset();
    }

    /// Nobody asked it how it is until now, or it showed in another way that it is there: what matters is for how long it is
    /// silent from now on. Kea goes on counting, and takes a partner to be down that it was just told something by.
    pub(crate) fn listen(&mut self, now: Moment) {
        self.listening = now.uptime;
    }

    /// The partner's state is known from elsewhere.
    pub(crate) fn enter(&mut self, partner: Partner, now: Moment) {
        if self.partner != partner {
            (self.partner, self.since) = (partner, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the hardware address ends and the identifier begins makes a difference.
    #[test]
    fn keys_of_clients_differ() {
        let hwaddr = |bytes: &[u8]| HwAddr::new(1, bytes).unwrap();
        let id = ClientId::new(&[2, 3]).unwrap();
        assert_ne!(
            ClientKey::v4(&hwaddr(&[1]), Some(&id)),
            ClientKey::v4(&hwaddr(&[1, 2]), Some(&ClientId::new(&[3]).unwrap()))
        );
        assert_ne!(ClientKey::v4(&hwaddr(&[1]), None), ClientKey::v4(&hwaddr(&[1]), Some(&id)));
        assert_eq!(ClientKey::v4(&hwaddr(&[1]), None), ClientKey::v4(&HwAddr::new(6, &[1]).unwrap(), None));
    }
}
