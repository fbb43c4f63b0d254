//! The points of the DHCPv6 flow, in the order a message meets them.
//!
//! The names are those of Kea's hook points. Two of Kea's are not here: `buffer6_send` and `lease6_recover`, which no
//! library of Kea uses. `lease6_renew` and `lease6_rebind` are `lease6_select` of a lease that the
//! client has.

use std::error::Error;
use std::fmt;
use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_config::v6::{Config6, Subnet6, SubnetAt};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Departure6, Duid, Lease6, Reserved6, SubnetId, Timestamp};
use kotare_stats::Stat6;
use kotare_store::HostCache;
use kotare_wire::v6::{Message, Writer};
use smallvec::SmallVec;

use super::parking::Waits;
use super::v4::FlexId;
use super::{Answering, Expiry, Monitor, NameDraft, Named, Observer6, RoundEnd, Step, Verdict6};
use crate::AnyLeases;
use crate::v6::select::{Selector, select_telling};
use crate::v6::{Edited6, Query6, ReplyKind};

/// A message that is being answered.
#[derive(Clone, Copy, Debug)]
pub struct Asked6<'a> {
    /// The message itself.
    pub message: Message<'a>,
    /// What is known of it.
    pub query: &'a Query6,
    /// What time it is.
    pub now: Timestamp,
}

/// The first point: a message is for this server, and nothing was decided about it (Kea's `buffer6_receive`).
pub trait Receive6: Send + Sync {
    /// Classes may be added. [`Verdict6::Skip`] is [`Verdict6::Continue`].
    fn receive6(&self, message: Message<'_>, query: &mut Query6) -> Verdict6;
}

/// Queries for leases (RFC 5007), which nobody else answers. In Kea a part of `buffer6_receive`.
pub trait LeaseQuery6: Send + Sync {
    /// A LEASEQUERY has come from `source`, and names the server so.
    ///
    /// # Errors
    /// The statistic that counts why it is not answered. The module tells of that.
    fn receive(&self, message: Message<'_>, source: Ipv6Addr, named: Named) -> Result<(), Stat6>;

    /// Writes the answer of a server that calls itself `duid`.
    ///
    /// # Errors
    /// As above.
    fn answer<'a>(
        &'a self,
        asked: Asked6<'a>,
        config: &'a Config6,
        duid: &'a Duid,
        leases: &'a dyn AnyLeases<Lease6>,
        writer: &'a mut Writer<'_>,
    ) -> Answering<'a, Result<(), Stat6>>;

    /// The answer was sent, or could not be.
    fn sent(&self, query: &Query6, departure: &Departure6, failure: Option<&dyn Error>);
}

/// `pkt6_receive`: before a subnet is selected.
pub trait Pkt6Receive: Send + Sync {
    /// Facts and options may be changed: the exchange goes by what they are then. Facts that come from options which
    /// were changed are made anew after the last module. [`Verdict6::Skip`] drops the message, as in Kea.
    fn pkt6_receive(&self, query: &mut Query6, message: &mut Edited6<'_>) -> Verdict6;
}

/// `host6_identifier`: the client is going to be looked for among host reservations, by `flex-id` among others.
pub trait Host6Identifier: Send + Sync {
    /// Puts the client's `flex-id` into `id`, which is what a module before found. Left empty, the client has none.
    fn host6_identifier(&self, asked: Asked6<'_>, id: &mut FlexId);
}

/// `subnet6_select`: a subnet was selected, or none was found.
pub trait Subnet6Select: Send + Sync {
    /// `link` may be changed. With [`Verdict6::Skip`] the client is on no subnet.
    fn subnet6_select<'a>(&'a self, asked: Asked6<'a>, link: &'a mut Link6<'_>) -> Step<'a, Verdict6>;

    /// Whether a message may have to wait for the module. If it never does, an exchange costs no more than without it.
    fn waits(&self) -> bool {
        true
    }
}

/// `ddns6_update`: it is known what a client is called, or that it has no name of its own.
pub trait Ddns6Update: Send + Sync {
    /// The name may be changed, and whether it is told to the DNS. `subnet` is where the client is, if it is known. Not asked for
    /// clients that are not told a name.
    fn ddns6_update(&self, asked: Asked6<'_>, subnet: Option<SubnetId>, name: &mut NameDraft<'_>);
}

/// `lease6_select`, `lease6_renew` and `lease6_rebind`: a lease is going to be offered, given or extended.
pub trait Lease6Select: Send + Sync {
    /// The lease may be changed, but for what it is of. With [`Verdict6::Skip`] a new lease is not given; a lease that is
    /// being extended stays as it is and the client is told so.
    fn lease6_select(&self, asked: Asked6<'_>, draft: &mut LeaseDraft6<'_>) -> Verdict6;
}

/// A new lease is going to be offered or given, and modules have said what it is like: whether there may be one more. In Kea
/// a part of `lease6_select`.
pub trait Lease6Limit: Send + Sync {
    /// With [`Verdict6::Skip`] the lease is not given.
    fn lease6_limit<'a>(&'a self, asked: Asked6<'a>, lease: &'a Lease6) -> Step<'a, Verdict6>;
}

/// `lease6_release`: a client gives a lease back.
pub trait Lease6Release: Send + Sync {
    /// Anything but [`Verdict6::Continue`] leaves the lease as it is, and the client is told that it was not released.
    fn lease6_release(&self, asked: Asked6<'_>, lease: &Lease6) -> Verdict6;
}

/// `lease6_decline`: a client found its address in use.
pub trait Lease6Decline: Send + Sync {
    /// With [`Verdict6::Skip`] the lease stays as it is, and the next one of the message is looked at.
    fn lease6_decline(&self, asked: Asked6<'_>, lease: &Lease6) -> Verdict6;
}

/// `addr6_register`: an address that a client made is going to be registered (RFC 9686).
pub trait Addr6Register: Send + Sync {
    /// With [`Verdict6::Skip`] it is not registered, and the client is told that it is.
    fn addr6_register(&self, asked: Asked6<'_>, registering: Registering6<'_>) -> Verdict6;
}

/// `leases6_committed`: the leases of a message were changed, and the reply is going to be written.
pub trait Leases6Committed: Send + Sync {
    /// [`Verdict6::Skip`] is [`Verdict6::Continue`].
    fn leases6_committed<'a>(&'a self, asked: Asked6<'a>, committed: Committed6<'a>) -> Step<'a, Verdict6>;
}

/// Leases were given, extended or registered, and the reply that tells their client so is written, too: what is kept with
/// them may say something of both. In Kea a part of `leases6_committed`.
pub trait Leases6Note: Send + Sync {
    /// The user contexts that the leases shall have, in their order; `None` for one that is left with what it has. They are
    /// written before the reply is sent.
    fn leases6_note(&self, asked: Asked6<'_>, sent: Sent6<'_>, leases: &[Lease6]) -> Contexts;

    /// Somebody else changed these of so many leases meanwhile, and has the last word: they have not the user contexts that
    /// were meant for them.
    fn leases6_not_noted(&self, asked: Asked6<'_>, addresses: &[Ipv6Addr], of: usize);
}

/// User contexts of the leases of a message.
pub type Contexts = SmallVec<[Option<Box<str>>; 2]>;

/// The leases of a message were changed, and its reply is written: what there is to tell of the exchange is known. In Kea a
/// part of `pkt6_send`.
pub trait Leases6Told: Send + Sync {
    /// Nothing can be changed any more. The reply has not been sent yet.
    fn leases6_told(&self, asked: Asked6<'_>, sent: Sent6<'_>, committed: Committed6<'_>);
}

/// `pkt6_send`: a reply is written and may be edited.
pub trait Pkt6Send: Send + Sync {
    /// A module sees the reply with the edits of those before it; it is written anew after the last one.
    fn pkt6_send(&self, asked: Asked6<'_>, sending: Sending6, reply: &mut Edited6<'_>);
}

/// A client asks for a lease that was extended lately, and may be left as it is (`cache-threshold`). Not a point of Kea's.
pub trait Lease6Reuse: Send + Sync {
    /// Whether it may; otherwise it is extended, and told of like any other.
    fn lease6_reuse(&self, lease: &Lease6) -> bool;
}

/// `lease6_expire`: a lease is going to be reclaimed.
pub trait Lease6Expire: Send + Sync {
    /// What is to become of it.
    fn lease6_expire(&self, lease: &Lease6) -> Expiry;
}

/// A reply as it will be sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent6<'a> {
    /// What it is and where it goes.
    pub sending: Sending6,
    /// The reply itself.
    pub reply: &'a Edited6<'a>,
}

/// A reply that is going to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Sending6 {
    /// What it is.
    pub kind: ReplyKind,
    /// Where it goes.
    pub departure: Departure6,
}

/// Where a client is: the subnet that was selected, if one was.
#[derive(Debug)]
pub struct Link6<'c> {
    config: &'c Config6,
    pub(crate) selected: Option<SubnetAt>,
    /// The classes that modules put the client into.
    pub(crate) joined: SmallVec<[ClassId; 1]>,
}

impl<'c> Link6<'c> {
    /// The link of a subnet.
    pub fn new(config: &'c Config6, selected: Option<SubnetAt>) -> Self {
        Self { config, selected, joined: SmallVec::new() }
    }

    /// All that is configured.
    pub fn config(&self) -> &'c Config6 {
        self.config
    }

    /// Puts the client into a class. One that nothing of the configuration names makes no difference.
    pub fn join(&mut self, class: &str) {
        self.joined.extend(self.config.classes.id(class));
    }

    /// What the client belongs to, with what modules put it into.
    pub fn classes(&self, query: &Query6) -> ClassSet {
        let mut classes = ClassSet::clone(&query.classes);
        self.joined.iter().for_each(|class| _ = classes.insert(*class));
        classes
    }

    /// The subnet that would be selected if only some could be.
    pub fn among(&self, asked: Asked6<'_>, among: impl Fn(&Subnet6) -> bool) -> Option<&'c Subnet6> {
        let classes = self.classes(asked.query);
        let selector = Selector { classes: &classes, ..Selector::of(asked.message, asked.query) };
        let selected = select_telling(self.config, &selector, among, &asked.query.trace);
        selected.ok().map(|at| &self.config[at])
    }

    /// The client is on no subnet.
    pub fn leave(&mut self) {
        self.selected = None;
    }

    /// The subnet the client is on.
    pub fn subnet(&self) -> Option<&'c Subnet6> {
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
pub struct LeaseDraft6<'a> {
    /// The lease.
    pub lease: &'a mut Lease6,
    /// Its subnet.
    pub subnet: &'a Subnet6,
    /// Whether it is only offered (`fake_allocation`): such a lease is not written.
    pub offer: bool,
    /// Whether the client has the lease already (Kea's `lease6_renew` and `lease6_rebind`).
    pub renews: bool,
}

/// An address that is going to be registered.
#[derive(Clone, Copy, Debug)]
pub struct Registering6<'a> {
    /// The lease as it will be.
    pub lease: &'a Lease6,
    /// The lease that the address had before.
    pub former: Option<&'a Lease6>,
    /// The subnet of the address.
    pub subnet: &'a Subnet6,
}

/// What an exchange did to leases.
#[derive(Clone, Copy, Debug)]
pub struct Committed6<'a> {
    /// The leases that were given, extended, registered, put in probation or, if they are kept for their client, ended.
    pub leases: &'a [Lease6],
    /// The leases that were removed.
    pub deleted: &'a [Lease6],
}

/// The points where a message of DHCPv6 can be stopped by a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point6 {
    /// `buffer6_receive`
    Receive6,
    /// A query for leases
    LeaseQuery6,
    /// `pkt6_receive`
    Pkt6Receive,
    /// `subnet6_select`
    Subnet6Select,
    /// `lease6_select`
    Lease6Select,
    /// `lease6_decline`
    Lease6Decline,
    /// `addr6_register`
    Addr6Register,
    /// `leases6_committed`
    Leases6Committed,
}

impl Waits for Point6 {
    fn room(self) -> usize {
        usize::from(self == Self::Leases6Committed)
    }
}

impl fmt::Display for Point6 {
    /// Kea's name of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Receive6 | Self::LeaseQuery6 => "buffer6_receive",
            Self::Pkt6Receive => "pkt6_receive",
            Self::Subnet6Select => "subnet6_select",
            Self::Lease6Select => "lease6_select",
            Self::Lease6Decline => "lease6_decline",
            Self::Addr6Register => "addr6_register",
            Self::Leases6Committed => "leases6_committed",
        })
    }
}

/// The modules that are registered at each point, in the order of `hooks-libraries`.
#[derive(Clone, Default)]
pub struct Hooks6 {
    /// See [`Receive6`].
    pub receive6: Vec<Arc<dyn Receive6>>,
    /// See [`LeaseQuery6`].
    pub lease_query: Option<Arc<dyn LeaseQuery6>>,
    /// See [`Pkt6Receive`].
    pub pkt6_receive: Vec<Arc<dyn Pkt6Receive>>,
    /// See [`Host6Identifier`].
    pub host6_identifier: Vec<Arc<dyn Host6Identifier>>,
    /// See [`Subnet6Select`].
    pub subnet6_select: Vec<Arc<dyn Subnet6Select>>,
    /// See [`Ddns6Update`].
    pub ddns6_update: Vec<Arc<dyn Ddns6Update>>,
    /// See [`Lease6Select`].
    pub lease6_select: Vec<Arc<dyn Lease6Select>>,
    /// See [`Lease6Limit`].
    pub lease6_limit: Vec<Arc<dyn Lease6Limit>>,
    /// See [`Lease6Release`].
    pub lease6_release: Vec<Arc<dyn Lease6Release>>,
    /// See [`Lease6Decline`].
    pub lease6_decline: Vec<Arc<dyn Lease6Decline>>,
    /// See [`Addr6Register`].
    pub addr6_register: Vec<Arc<dyn Addr6Register>>,
    /// See [`Leases6Committed`].
    pub leases6_committed: Vec<Arc<dyn Leases6Committed>>,
    /// See [`Leases6Note`].
    pub leases6_note: Vec<Arc<dyn Leases6Note>>,
    /// See [`Leases6Told`].
    pub leases6_told: Vec<Arc<dyn Leases6Told>>,
    /// See [`Pkt6Send`].
    pub pkt6_send: Vec<Arc<dyn Pkt6Send>>,
    /// See [`Lease6Reuse`].
    pub lease6_reuse: Vec<Arc<dyn Lease6Reuse>>,
    /// See [`Lease6Expire`].
    pub lease6_expire: Vec<Arc<dyn Lease6Expire>>,
    /// What remembers reservations that were looked for outside the configuration.
    pub host_cache: Option<Arc<dyn HostCache<Reserved6>>>,
    /// Hears how long messages take.
    pub monitor: Option<Arc<dyn Monitor>>,
    /// See [`Observer6`].
    pub observers: Vec<Arc<dyn Observer6>>,
    /// See [`RoundEnd`].
    pub round_ends: Vec<Arc<dyn RoundEnd>>,
}

impl Hooks6 {
    /// Whether an exchange may have to wait for a module.
    pub fn wait(&self) -> bool {
        self.subnet6_select.iter().any(|module| module.waits()) || !self.leases6_committed.is_empty()
    }

    /// The points with modules that are not asked what they would say.
    pub fn not_rehearsed(&self) -> impl Iterator<Item = Point6> {
        let points = [
            (Point6::Subnet6Select, self.subnet6_select.is_empty()),
            (Point6::Leases6Committed, self.leases6_committed.is_empty()),
        ];
        points.into_iter().filter(|(_, is_empty)| !is_empty).map(|(point, _)| point)
    }

    /// The modules that can be asked what they would say: not those that do something about it, or watch leases.
    pub fn rehearsal(&self) -> Self {
        Self {
            subnet6_select: Vec::new(),
            leases6_committed: Vec::new(),
            leases6_told: Vec::new(),
            observers: Vec::new(),
            round_ends: Vec::new(),
            ..self.clone()
        }
    }
}

impl fmt::Debug for Hooks6 {
    /// How many are registered at each point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks6")
            .field("receive6", &self.receive6.len())
            .field("lease_query", &self.lease_query.is_some())
            .field("pkt6_receive", &self.pkt6_receive.len())
            .field("host6_identifier", &self.host6_identifier.len())
            .field("subnet6_select", &self.subnet6_select.len())
            .field("ddns6_update", &self.ddns6_update.len())
            .field("lease6_select", &self.lease6_select.len())
            .field("lease6_limit", &self.lease6_limit.len())
            .field("lease6_release", &self.lease6_release.len())
            .field("lease6_decline", &self.lease6_decline.len())
            .field("addr6_register", &self.addr6_register.len())
            .field("leases6_committed", &self.leases6_committed.len())
            .field("leases6_note", &self.leases6_note.len())
            .field("leases6_told", &self.leases6_told.len())
            .field("pkt6_send", &self.pkt6_send.len())
            .field("lease6_reuse", &self.lease6_reuse.len())
            .field("lease6_expire", &self.lease6_expire.len())
            .field("host_cache", &self.host_cache.is_some())
            .field("monitor", &self.monitor.is_some())
            .field("observers", &self.observers.len())
            .field("round_ends", &self.round_ends.len())
            .finish()
    }
}
