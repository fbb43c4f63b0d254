//! What becomes of leases is told to accounting servers: sessions start, go on and stop.

use std::fmt::{self, Display};
use std::net::IpAddr;
use std::time::Duration;

use kotare_engine::hooks::{LeaseChange, LeaseEvent};
use kotare_model::{HostId, LeaseState, SubnetId};
use kotare_radius::{Attribute, Code, Shown, known};
use tokio::time::Instant;

use super::access::last;
use super::attributes::Configured;
use super::client::{MOST, Outcome};
use super::messages::*;
use super::{Radius, Served};

/// What happened to a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Create,
    Renew,
    Rebind,
    Expire,
    Release,
    Decline,
    Add,
    Update,
    Delete,
}

impl Event {
    /// Acct-Status-Type: Start, Stop, Interim-Update.
    fn status(self) -> u32 {
        match self {
            Self::Create | Self::Add => 1,
            Self::Expire | Self::Release | Self::Decline | Self::Delete => 2,
            Self::Renew | Self::Rebind | Self::Update => 3,
        }
    }
}

impl Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Renew => "renew",
            Self::Rebind => "rebind",
            Self::Expire => "expire",
            Self::Release => "release",
            Self::Decline => "decline",
            Self::Add => "add",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

/// The session of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// User-Name.
    pub(super) user: String,
    /// Calling-Station-Id.
    pub(super) station: Option<String>,
    pub(super) address: IpAddr,
    /// The address or the prefix as an attribute.
    pub(super) given: Attribute,
    pub(super) subnet: SubnetId,
    /// By whom reservations know the client.
    pub(super) id: Option<Box<[u8]>>,
}

impl<L: Served> Radius<L> {
    /// Tells of what happened to a lease.
    pub(super) fn follow(&self, event: &LeaseEvent<'_, L>) {
        if !self.turn.is_now() {
            return;
        }
        let LeaseEvent { change, before, after, query } = *event;
        let by_client = query.is_some();
        // Somebody got what an expired lease was of that nobody had reclaimed.
        if let (Some(ended), Some(begun)) = (before, after)
            && by_client
            && change == LeaseChange::Assigned
            && ended.state() == LeaseState::Assigned
            && ended.expires() <= begun.cltt()
        {
            self.tell_of(ended, Event::Expire);
        }
        let (lease, what) = match change {
            LeaseChange::Assigned if by_client => (after, Event::Create),
            LeaseChange::Renewed if by_client => {
                (after, if query.is_some_and(L::rebinds) { Event::Rebind } else { Event::Renew })
            }
            LeaseChange::Released if by_client => (before, Event::Release),
            LeaseChange::Declined if by_client => (before, Event::Decline),
            LeaseChange::Expired => (before, Event::Expire),
            LeaseChange::Removed if by_client || self.settings.peer_updates => (before, Event::Delete),
            _ => return,
        };
        // What is in probation, or was given back, is nobody's session.
        let is_kept = |lease: &&L| what.status() != 2 || lease.state() == LeaseState::Assigned;
        if let Some(lease) = lease.filter(is_kept) {
            self.tell_of(lease, what);
        }
    }

    /// Tells accounting servers of the session of a lease.
    pub(super) fn tell_of(&self, lease: &L, event: Event) {
        if let Some(session) = L::session(&self.settings.calling, lease) {
            self.tell(session, event);
        }
    }

    /// Tells accounting servers of a session.
    pub(super) fn tell(&self, session: Session, event: Event) {
        let Some(client) = &self.accounting else { return };
        let Session { user, station, address, given, subnet, id } = session;
        let status = event.status();
        let now = self.server.get().map_or(Duration::ZERO, |server| server.since_epoch());
        let session = self.sessions.of(address, status == 1, now);
        let mut attributes = vec![Attribute::text(known::USER_NAME, &user)];
        attributes.extend(station.map(|text| Attribute::text(known::CALLING_STATION_ID, &text)));
        attributes.extend([
            given,
            Attribute::text(known::ACCT_SESSION_ID, &session),
            Attribute::integer(known::ACCT_STATUS_TYPE, status),
        ]);
        if let (Some(access), Some(id)) = (&self.access, &id) {
            let hosts = self.hosts_of(subnet).unwrap_or(subnet);
            let known = access.known_of(HostId { kind: self.settings.calling.kind, bytes: id }, hosts);
            attributes.extend(last(&known, known::CLASS).cloned());
        }
        let configured = self.settings.accounting.iter().flat_map(|service| &service.attributes);
        attributes.extend(configured.filter_map(|it| match it {
            Configured::Fixed(attribute) => Some(attribute.clone()),
            Configured::Spoken(..) => None,
        }));
        let port = self.add_port(&mut attributes, subnet);
        if status == 2 {
            self.sessions.end(address);
        }
        let Some(pending) = client.shared.enter(Code::ACCOUNTING_REQUEST) else {
            return RADIUS_UDP_EXCHANGE_MAX_PENDING(MOST);
        };
        let (client, began) = (client.clone(), Instant::now());
        RADIUS_ACCOUNTING_ASYNC(port, Shown { attributes: &attributes, dictionary: &client.dictionary });
        self.runtime.spawn(async move {
            let outcome = client.ask(Code::ACCOUNTING_REQUEST, &attributes, began).await;
            drop(pending);
            match outcome {
                Outcome::Answered(_) => RADIUS_ACCOUNTING_ASYNC_SUCCEED(),
                Outcome::Failed(_) => {
                    let (number, name) = outcome.told();
                    RADIUS_ACCOUNTING_ASYNC_FAILED(number, name);
                    RADIUS_ACCOUNTING_ERROR(session, event as u8, event, number, name);
                }
            }
        });
    }

    /// Where reservations of clients on a subnet are.
    fn hosts_of(&self, subnet: SubnetId) -> Option<SubnetId> {
        let serving = self.server.get()?.serving();
        L::hosts_of(serving.config(), subnet)
    }
}
