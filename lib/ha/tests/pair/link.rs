//! The link: what is asked and answered over it, and what becomes of that on the way.

use std::time::Duration;

use kotare_ha::Ticket;
use kotare_model::Chance;
use serde_json::Value;

use crate::node::Lease;

/// Something that a server asks another.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Heartbeat,
    Update(Vec<Lease>),
    Reset,
    Disable(Option<u64>),
    Page(Option<u8>),
    Notify,
    Enable,
    Follow(bool),
}

/// What it is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Heartbeat(Value),
    Page(Vec<Lease>),
    Conflict,
    Done,
}

/// What it was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Beat(Ticket),
    /// The exchange of this number with a client.
    Exchange(u64),
    Backlog(Ticket, usize),
    Reset(Ticket),
    Sync(Ticket),
    /// The partner fetches leases meanwhile.
    Follow,
    /// Nobody waits for it.
    Nothing,
}

/// A question on its way.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) from: usize,
    /// Which life of the server it is from.
    pub(crate) life: u64,
    pub(crate) to: usize,
    pub(crate) ask: Ask,
    pub(crate) purpose: Purpose,
}

impl Call {
    /// For how long an answer is waited for.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(if matches!(self.ask, Ask::Page(_)) { 60 } else { 10 })
    }
}

/// What a link does to what is sent over it.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) chance: Chance,
    /// The longest delay.
    pub(crate) slowest: Duration,
    /// Of how many messages one is lost; 0 for none.
    pub(crate) loses: usize,
    /// From whom to whom nothing arrives.
    pub(crate) cut: Vec<(usize, usize)>,
    /// Who can ask and is answered, but cannot be asked.
    pub(crate) deaf: Option<usize>,
}

impl Link {
    /// When a message arrives, if it does.
    pub(crate) fn carry(&mut self, from: usize, to: usize) -> Option<Duration> {
        let is_lost = self.loses > 0 && self.chance.below(self.loses) == 0;
        (!is_lost && !self.cut.contains(&(from, to))).then(|| {
            let most = usize::try_from(self.slowest.as_micros()).unwrap();
            Duration::from_micros(1 + self.chance.below(most) as u64)
        })
    }
}
