//! What observers are told of leases.

use std::fmt;
use std::sync::Arc;

use kotare_model::{Lease4, Lease6, LeaseState, Timestamp};
use kotare_store::Ahead;

use crate::Leased;
use crate::v4::Query4;

/// Watches leases. It is told of every change, whoever makes it: an exchange, reclamation or a command.
pub trait Observer4: Send + Sync {
    /// A lease is going to be changed, if nobody else changes it first. What must not be lost if the process ends just
    /// after the change is written down now, or when [`Foretold::ahead`] is told to.
    fn foretold4(&self, _event: &LeaseEvent4<'_>) -> Option<Box<dyn Foretold>> {
        None
    }

    /// A lease was changed. Called by whoever changed it, after the change was made and before anybody is told of it: it must
    /// be quick, and what takes time belongs in a queue. Of one address changes are told in the order in which they were made;
    /// whoever makes the next one waits meanwhile, so it must not ask the leases for one.
    fn lease4(&self, event: &LeaseEvent4<'_>);
}

/// Watches leases of DHCPv6, as [`Observer4`] does those of DHCPv4.
pub trait Observer6: Send + Sync {
    /// A lease is going to be changed.
    fn foretold6(&self, _event: &LeaseEvent6<'_>) -> Option<Box<dyn Foretold>> {
        None
    }

    /// A lease was changed.
    fn lease6(&self, event: &LeaseEvent6<'_>);
}

/// What an observer wrote down of a change that is going to be made. Dropped, it is unknown whether it was made.
pub trait Foretold: Send {
    /// What writes it down, if it is not yet, but has to be before the change is kept.
    fn ahead(&self) -> Option<Arc<dyn Ahead>> {
        None
    }

    /// The change was made, or it was not.
    fn came(self: Box<Self>, made: bool);
}

/// A change of a lease.
#[derive(Clone, Copy, Debug)]
pub struct LeaseEvent<'a, L: Leased> {
    /// What happened.
    pub change: LeaseChange,
    /// The lease before, if there was one.
    pub before: Option<&'a L>,
    /// The lease now, unless it was removed.
    pub after: Option<&'a L>,
    /// The message that caused it, if one did.
    pub query: Option<&'a L::Query>,
}

/// A change of a lease of DHCPv4.
pub type LeaseEvent4<'a> = LeaseEvent<'a, Lease4>;
/// A change of a lease of DHCPv6.
pub type LeaseEvent6<'a> = LeaseEvent<'a, Lease6>;

/// What happened to a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeaseChange {
    /// Written for as long as an offer of its address stands (`offer-lifetime`).
    Offered,
    /// Given to a client that did not have it.
    Assigned,
    /// Made known by a client that chose the address itself (RFC 9686).
    Registered,
    /// Extended, or changed, for the client that has it.
    Renewed,
    /// Given back by its client.
    Released,
    /// Found in use by its client, so put in probation.
    Declined,
    /// Found in use by this server, so put in probation.
    ServerDeclined,
    /// Ended because its time was up.
    Expired,
    /// The same of a lease that another server looks after.
    Forgotten,
    /// Back from probation.
    Recovered,
    /// Removed: by a command, or the older lease of a client that got another.
    Removed,
}

/// Why a lease is changed.
#[derive(Debug)]
pub enum Cause<'a, Q = Query4> {
    /// A client asked for it.
    Query(&'a Q),
    /// This server found the address in use when it was going to offer it.
    InUse(&'a Q),
    /// Its time is up.
    Reclamation,
    /// Its time is up, and another server looks after it ([`super::Expiry::Forget`]).
    Forgetting,
    /// An operator, or another program, wants it.
    Command,
}

impl<Q> Clone for Cause<'_, Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q> Copy for Cause<'_, Q> {}

impl<'a, L: Leased> LeaseEvent<'a, L> {
    /// What it is that a lease which was `before` is `after` now.
    pub(crate) fn of(
        cause: Cause<'a, L::Query>,
        before: Option<&'a L>,
        after: Option<&'a L>,
        now: Timestamp,
    ) -> Self {
        let change = match cause {
            Cause::Reclamation | Cause::Forgetting
                if before.is_some_and(|lease| lease.state() == LeaseState::Declined) =>
            {
                LeaseChange::Recovered
            }
            Cause::Reclamation => LeaseChange::Expired,
            Cause::Forgetting => LeaseChange::Forgotten,
            Cause::InUse(_) => LeaseChange::ServerDeclined,
            Cause::Query(query) => L::changed_by(query, after).unwrap_or_else(|| changed(before, after, now)),
            Cause::Command => changed(before, after, now),
        };
        let query = match cause {
            Cause::Query(query) | Cause::InUse(query) => Some(query),
            Cause::Reclamation | Cause::Forgetting | Cause::Command => None,
        };
        Self { change, before, after, query }
    }
}

fn changed<L: Leased>(before: Option<&L>, after: Option<&L>, now: Timestamp) -> LeaseChange {
    let Some(after) = after else { return LeaseChange::Removed };
    let goes_on = |before: &L| {
        before.state() == after.state() && before.expires() > now && before.is_of_client_of(after)
    };
    match after.state() {
        LeaseState::Declined => LeaseChange::Declined,
        LeaseState::Assigned | LeaseState::Registered if before.is_some_and(goes_on) => LeaseChange::Renewed,
        LeaseState::Assigned => LeaseChange::Assigned,
        LeaseState::Registered => LeaseChange::Registered,
        LeaseState::ExpiredReclaimed | LeaseState::Released => LeaseChange::Released,
    }
}

impl fmt::Debug for dyn Observer4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer4")
    }
}

impl fmt::Debug for dyn Observer6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer6")
    }
}
