//! The points of the DHCPv4 flow, in the order a message meets them.
//!
//! The names are those of Kea's hook points. Two of Kea's are not here: `buffer4_send`, which no library of Kea uses,
//! and `lease4_renew`, which is `lease4_select` of a lease that the client has.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use kotare_config::v4::{Config4, Subnet4, SubnetAt};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Departure4, Lease4, Reserved4, SubnetId, Timestamp};
use kotare_stats::Stat4;
use kotare_store::HostCache;
use kotare_wire::v4::Message;
use smallvec::SmallVec;

use super::{Answering, Expiry, Monitor, NameDraft, Named, Observer4, Point, RoundEnd, Step, Verdict};
use crate::AnyLeases;
use crate::v4::select::select_for;
use crate::v4::{Edited4, Query4, ReplyKind};

/// A message that is being answered.
#[derive(Clone, Copy, Debug)]
pub struct Asked4<'a> {
    /// The message itself.
    pub message: Message<'a>,
    /// What is known of it.
    pub query: &'a Query4,
    /// What time it is.
    pub now: Timestamp,
}

/// The first point: a message is for this server, and nothing was decided about it (Kea's `buffer4_receive`).
pub trait Receive4: Send + Sync {
    /// Classes may be added. [`Verdict::Skip`] is [`Verdict::Continue`].
    fn receive4(&self, message: Message<'_>, query: &mut Query4) -> Verdict;
}

/// Queries for leases (RFC 4388), which nobody else answers. In Kea a part of `buffer4_receive`.
pub trait LeaseQuery4: Send + Sync {
    /// A DHCPLEASEQUERY has come, and names the server so.
    ///
    /// # Errors
    /// The statistic that counts why it is not answered. The module tells of that.
    fn receive(&self, message: Message<'_>, named: Named) -> Result<(), Stat4>;

    /// Writes the answer, and says what it is and how long.
    ///
    /// # Errors
    /// As above.
    fn answer<'a>(
        &'a self,
        asked: Asked4<'a>,
        config: &'a Config4,
        leases: &'a dyn AnyLeases<Lease4>,
        reply: &'a mut [u8],
    ) -> Answering<'a, Result<(ReplyKind, usize), Stat4>>;

    /// The answer was sent, or could not be.
    fn sent(&self, reply: &[u8], departure: &Departure4, interface: &str, failure: Option<&dyn Error>);
}

/// `pkt4_receive`: before a subnet is selected.
pub trait Pkt4Receive: Send + Sync {
    /// Facts and options may be changed: the exchange goes by what they are then. Facts that come from options which
    /// were changed are made anew after the last module. [`Verdict::Skip`] drops the message, as in Kea.
    fn pkt4_receive(&self, query: &mut Query4, message: &mut Edited4<'_>) -> Verdict;
}

/// `host4_identifier`: the client is going to be looked for among host reservations, by `flex-id` among others.
pub trait Host4Identifier: Send + Sync {
    /// Puts the client's `flex-id` into `id`, which is what a module before found. Left empty, the client has none.
    fn host4_identifier(&self, asked: Asked4<'_>, id: &mut FlexId);
}

/// An identifier that a module makes of a message (`flex-id`). Those that a reservation can have need no memory of
/// their own.
pub type FlexId = SmallVec<[u8; 128]>;

/// `subnet4_select`: a subnet was selected for a DHCPDISCOVER, DHCPREQUEST or DHCPINFORM, or none was found.
pub trait Subnet4Select: Send + Sync {
    /// `link` may be changed. With [`Verdict::Skip`] the client is on no subnet.
    fn subnet4_select<'a>(&'a self, asked: Asked4<'a>, link: &'a mut Link4<'_>) -> Step<'a>;

    /// Whether a message may have to wait for the module. If it never does, an exchange costs no more than without it.
    fn waits(&self) -> bool {
        true
    }
}

/// `ddns4_update`: it is known what a client is called, or that it has no name of its own.
pub trait Ddns4Update: Send + Sync {
    /// The name may be changed, and whether it is told to the DNS. `subnet` is where the client is, if it is known.
    fn ddns4_update(&self, asked: Asked4<'_>, subnet: Option<SubnetId>, name: &mut NameDraft<'_>);
}

/// `lease4_select` and `lease4_renew`: a lease is going to be offered, given or extended.
pub trait Lease4Select: Send + Sync {
    /// The lease may be changed, but for its address. With [`Verdict::Skip`] a new lease is not given and the client
    /// gets no address; a lease that is being extended stays as it is and the client is told so.
    fn lease4_select(&self, asked: Asked4<'_>, draft: &mut LeaseDraft4<'_>) -> Verdict;
}

/// A new lease is going to be offered or given, and modules have said what it is like: whether there may be one more. In Kea
/// a part of `lease4_select`.
pub trait Lease4Limit: Send + Sync {
    /// With [`Verdict::Skip`] the lease is not given.
    fn lease4_limit<'a>(&'a self, asked: Asked4<'a>, lease: &'a Lease4) -> Step<'a>;
}

/// `lease4_offer`: an address was found for a DHCPDISCOVER and is going to be offered.
pub trait Lease4Offer: Send + Sync {
    /// Not asked when the client's lease is offered again as it stands (`cache-threshold`).
    fn lease4_offer<'a>(&'a self, asked: Asked4<'a>, offered: Offered4<'a>) -> Step<'a, Offer>;

    /// That is done, in place of what is above.
    fn lease4_reused(&self) {}
}

/// `lease4_release`: a client gives its lease back.
pub trait Lease4Release: Send + Sync {
    /// Anything but [`Verdict::Continue`] leaves the lease as it is.
    fn lease4_release(&self, asked: Asked4<'_>, lease: &Lease4) -> Verdict;
}

/// `lease4_decline`: a client found its address in use.
pub trait Lease4Decline: Send + Sync {
    /// Anything but [`Verdict::Continue`] leaves the lease as it is.
    fn lease4_decline(&self, asked: Asked4<'_>, lease: &Lease4) -> Verdict;
}

/// `leases4_committed`: the leases of a DHCPREQUEST, DHCPRELEASE or DHCPDECLINE were changed, and the reply, if there
/// is one, is going to be written.
pub trait Leases4Committed: Send + Sync {
    /// [`Verdict::Skip`] is [`Verdict::Continue`].
    fn leases4_committed<'a>(&'a self, asked: Asked4<'a>, committed: Committed4<'a>) -> Step<'a>;
}

/// A lease was written, and the reply that tells its client so is, too: what is kept with the lease may say something of
/// both. In Kea a part of `lease4_offer` and `leases4_committed`.
pub trait Lease4Note: Send + Sync {
    /// The user context that the lease shall have, if it is another one. It is written before the reply is sent.
    fn lease4_note(&self, asked: Asked4<'_>, sent: Sent4<'_>, lease: &Lease4) -> Option<Box<str>>;
}

/// The leases of a DHCPREQUEST, DHCPRELEASE or DHCPDECLINE were changed, and the reply, if there is one, is written: what
/// there is to tell of the exchange is known. In Kea parts of `pkt4_send`, `lease4_release` and `lease4_decline`.
pub trait Leases4Told: Send + Sync {
    /// Nothing can be changed any more. The reply has not been sent yet; after a release or a probation there is none.
    fn leases4_told(&self, asked: Asked4<'_>, sent: Option<Sent4<'_>>, committed: Committed4<'_>);
}

/// `pkt4_send`: a reply is written and may be edited.
pub trait Pkt4Send: Send + Sync {
    /// A module sees the reply with the edits of those before it; it is written anew after the last one.
    fn pkt4_send(&self, asked: Asked4<'_>, sending: Sending4, reply: &mut Edited4<'_>);
}

/// A client asks for a lease that was extended lately, and may be left as it is (`cache-threshold`). Not a point of Kea's.
pub trait Lease4Reuse: Send + Sync {
    /// Whether it may; otherwise it is extended, and told of like any other.
    fn lease4_reuse(&self, lease: &Lease4) -> bool;
}

/// `lease4_expire`: a lease is going to be reclaimed.
pub trait Lease4Expire: Send + Sync {
    /// What is to become of it.
    fn lease4_expire(&self, lease: &Lease4) -> Expiry;
}

/// A reply as it will be sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent4<'a> {
    /// What it is and where it goes.
    pub sending: Sending4,
    /// The reply itself.
    pub reply: &'a Edited4<'a>,
}

/// A reply that is going to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Sending4 {
    /// What it is.
    pub kind: ReplyKind,
    /// Where it goes.
    pub departure: Departure4,
}

/// Where a client is: the subnet that was selected, if one was.
#[derive(Debug)]
pub struct Link4<'c> {
    config: &'c Config4,
    pub(crate) selected: Option<SubnetAt>,
    /// The classes that modules put the client into.
    pub(crate) joined: SmallVec<[ClassId; 1]>,
}

impl<'c> Link4<'c> {
    pub(crate) fn new(config: &'c Config4, selected: Option<SubnetAt>) -> Self {
        Self { config, selected, joined: SmallVec::new() }
    }

    /// Puts the client into a class. One that nothing of the configuration names makes no difference.
    pub fn join(&mut self, class: &str) {
        self.joined.extend(self.config.classes.id(class));
    }

    /// What the client belongs to, with what modules put it into.
    pub fn classes(&self, query: &Query4) -> ClassSet {
        let mut classes = ClassSet::clone(&query.classes);
        self.joined.iter().for_each(|class| _ = classes.insert(*class));
        classes
    }

    /// The subnet that would be selected if only some could be.
    pub fn among(&self, asked: Asked4<'_>, among: impl Fn(&Subnet4) -> bool) -> Option<&'c Subnet4> {
        let of = (asked.message, asked.query);
        select_for(self.config, of, &self.classes(asked.query), among).map(|at| &self.config[at])
    }

    /// The client is on no subnet.
    pub fn leave(&mut self) {
        self.selected = None;
    }

    /// All that is configured.
    pub fn config(&self) -> &'c Config4 {
        self.config
    }

    /// The subnet the client is on.
    pub fn subnet(&self) -> Option<&'c Subnet4> {
        self.selected.map(|at| &self.config[at])
    }

    /// Puts the client on another subnet; whether there is one with this id. If not, nothing changes.
    pub fn select(&mut self, id: SubnetId) -> bool {
        let found = self.config.subnet_at(id);
        self.selected = found.or(self.selected);
        found.is_some()
    }
}

/// A lease that is going to be written, or only offered.
#[derive(Debug)]
pub struct LeaseDraft4<'a> {
    /// The lease.
    pub lease: &'a mut Lease4,
    /// Its subnet.
    pub subnet: &'a Subnet4,
    /// Whether it is for an offer. Such a lease is written only with `offer-lifetime`.
    pub offer: bool,
    /// Whether the client has the lease already (Kea's `lease4_renew`).
    pub renews: bool,
}

/// An address that is going to be offered.
#[derive(Clone, Copy, Debug)]
pub struct Offered4<'a> {
    /// The lease as it was written for the offer (`offer-lifetime`) or would be when the client accepts.
    pub lease: &'a Lease4,
    /// The lease that the address had before.
    pub former: Option<&'a Lease4>,
    /// The subnet of the address.
    pub subnet: &'a Subnet4,
    /// Whether the address is reserved for the client.
    pub is_reserved: bool,
}

/// Whether an address can be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It can.
    Free,
    /// Somebody uses it without a lease. The address is put in probation (`decline-probation-period`), and the next
    /// one is tried.
    InUse,
    /// Nothing is offered and the message is dropped; see [`Verdict::Drop`].
    Drop(Option<Stat4>),
}

/// What an exchange did to leases.
#[derive(Clone, Copy, Debug)]
pub struct Committed4<'a> {
    /// The lease that was given, extended, put in probation or, if it is kept for its client, ended.
    pub lease: Option<&'a Lease4>,
    /// The lease that was removed: released, or the older one of a client that got another.
    pub deleted: Option<&'a Lease4>,
}

/// The modules that are registered at each point, in the order of `hooks-libraries`.
#[derive(Clone, Default)]
pub struct Hooks4 {
    /// See [`Receive4`].
    pub receive4: Vec<Arc<dyn Receive4>>,
    /// See [`LeaseQuery4`].
    pub lease_query: Option<Arc<dyn LeaseQuery4>>,
    /// See [`Pkt4Receive`].
    pub pkt4_receive: Vec<Arc<dyn Pkt4Receive>>,
    /// See [`Host4Identifier`].
    pub host4_identifier: Vec<Arc<dyn Host4Identifier>>,
    /// See [`Subnet4Select`].
    pub subnet4_select: Vec<Arc<dyn Subnet4Select>>,
    /// See [`Ddns4Update`].
    pub ddns4_update: Vec<Arc<dyn Ddns4Update>>,
    /// See [`Lease4Select`].
    pub lease4_select: Vec<Arc<dyn Lease4Select>>,
    /// See [`Lease4Limit`].
    pub lease4_limit: Vec<Arc<dyn Lease4Limit>>,
    /// See [`Lease4Offer`].
    pub lease4_offer: Vec<Arc<dyn Lease4Offer>>,
    /// See [`Lease4Release`].
    pub lease4_release: Vec<Arc<dyn Lease4Release>>,
    /// See [`Lease4Decline`].
    pub lease4_decline: Vec<Arc<dyn Lease4Decline>>,
    /// See [`Leases4Committed`].
    pub leases4_committed: Vec<Arc<dyn Leases4Committed>>,
    /// See [`Lease4Note`].
    pub lease4_note: Vec<Arc<dyn Lease4Note>>,
    /// See [`Leases4Told`].
    pub leases4_told: Vec<Arc<dyn Leases4Told>>,
    /// See [`Pkt4Send`].
    pub pkt4_send: Vec<Arc<dyn Pkt4Send>>,
    /// See [`Lease4Reuse`].
    pub lease4_reuse: Vec<Arc<dyn Lease4Reuse>>,
    /// See [`Lease4Expire`].
    pub lease4_expire: Vec<Arc<dyn Lease4Expire>>,
    /// Whether requests without message type are let in, as those of BOOTP.
    pub takes_bootp: bool,
    /// What remembers reservations that were looked for outside the configuration.
    pub host_cache: Option<Arc<dyn HostCache<Reserved4>>>,
    /// Hears how long messages take.
    pub monitor: Option<Arc<dyn Monitor>>,
    /// See [`Observer4`].
    pub observers: Vec<Arc<dyn Observer4>>,
    /// See [`RoundEnd`].
    pub round_ends: Vec<Arc<dyn RoundEnd>>,
}

impl Hooks4 {
    /// Whether an exchange may have to wait for a module.
    pub fn wait(&self) -> bool {
        self.subnet4_select.iter().any(|module| module.waits())
            || !self.lease4_offer.is_empty()
            || !self.leases4_committed.is_empty()
    }

    /// The points with modules that are not asked what they would say.
    pub(crate) fn not_rehearsed(&self) -> impl Iterator<Item = Point> {
        let points = [
            (Point::Subnet4Select, self.subnet4_select.is_empty()),
            (Point::Lease4Offer, self.lease4_offer.is_empty()),
            (Point::Leases4Committed, self.leases4_committed.is_empty()),
        ];
        points.into_iter().filter(|(_, is_empty)| !is_empty).map(|(point, _)| point)
    }

    /// The modules that can be asked what they would say: not those that do something about it, or watch leases.
    pub(crate) fn rehearsal(&self) -> Self {
        Self {
            subnet4_select: Vec::new(),
            lease4_offer: Vec::new(),
            leases4_committed: Vec::new(),
            leases4_told: Vec::new(),
            observers: Vec::new(),
            round_ends: Vec::new(),
            ..self.clone()
        }
    }
}

impl fmt::Debug for Hooks4 {
    /// How many are registered at each point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks4")
            .field("receive4", &self.receive4.len())
            .field("lease_query", &self.lease_query.is_some())
            .field("pkt4_receive", &self.pkt4_receive.len())
            .field("host4_identifier", &self.host4_identifier.len())
            .field("subnet4_select", &self.subnet4_select.len())
            .field("ddns4_update", &self.ddns4_update.len())
            .field("lease4_select", &self.lease4_select.len())
            .field("lease4_limit", &self.lease4_limit.len())
            .field("lease4_offer", &self.lease4_offer.len())
            .field("lease4_release", &self.lease4_release.len())
            .field("lease4_decline", &self.lease4_decline.len())
            .field("leases4_committed", &self.leases4_committed.len())
            .field("lease4_note", &self.lease4_note.len())
            .field("leases4_told", &self.leases4_told.len())
            .field("pkt4_send", &self.pkt4_send.len())
            .field("lease4_reuse", &self.lease4_reuse.len())
            .field("lease4_expire", &self.lease4_expire.len())
            .field("takes_bootp", &self.takes_bootp)
            .field("host_cache", &self.host_cache.is_some())
            .field("monitor", &self.monitor.is_some())
            .field("observers", &self.observers.len())
            .field("round_ends", &self.round_ends.len())
            .finish()
    }
}
