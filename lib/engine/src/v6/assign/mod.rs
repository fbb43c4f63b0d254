//! Which addresses and prefixes a client is offered or given, and its leases (RFC 9915 §18.3, in Kea's order).
//!
//! Each association of a message gets, in this order: what is reserved for the client and has not been given to another of
//! its associations; the leases it has (in any state, so that released or expired ones come back); the address or prefix
//! it asks for; one that the allocator proposes; one whose lease has expired but was not reclaimed; but for the first,
//! none that is reserved for somebody else. A lease that the client must not have any more is taken from it. All subnets of
//! a shared network serve. Every change is a compare-and-set: when somebody else was faster, the decision is taken again.
//!
//! - here: the order of the claims;
//! - `rights`: what a client may have;
//! - `own`: the leases a client has;
//! - `allocate`: something new for a client;
//! - `take`: a claim becomes a lease, if nobody objects;
//! - `draft`: what a lease says.

mod allocate;
mod draft;
mod messages;
mod own;
mod rights;
mod take;

use std::fmt;
use std::net::Ipv6Addr;

use kotare_config::v6::{Config6, Params6, Prefix6, SubnetAt};
use kotare_expr::ClassSet;
use kotare_model::{Lease6, LeaseState, LeaseType, Lifetime, Timestamp};
use kotare_store::{By6, LeaseStore, StoreError};
use kotare_wire::v6::Message;
use smallvec::SmallVec;

use self::messages::*;
use super::associations::Asked;
use super::lifetime::tee_times;
use super::name::{ClientName, Naming};
use super::trace::{Claim, Denial, Own, Step};
use super::{AllocationFailure, Answer, Dropped, Granted, Place, Query6, QueryKind, Server};
use crate::Leases6;
use crate::alloc::Place6;
use crate::hooks::v6::{Committed6, Hooks6};
use crate::siblings::going_round;

pub(super) use rights::Rights;

/// How often a decision is taken again because somebody else was faster.
const RETRIES: usize = 8;

/// The allocation for one message.
pub(super) struct Assignment<'e, S> {
    pub(super) server: &'e Server,
    pub(super) leases: &'e Leases6<S>,
    pub(super) message: Message<'e>,
    pub(super) query: &'e Query6,
    pub(super) now: Timestamp,
    pub(super) seed: u64,
    /// Whether leases are written. What is advertised is not.
    pub(super) keep: bool,
    /// The client's name, as it is made on the selected subnet.
    pub(super) name: &'e ClientName,
    /// What it is made by there.
    pub(super) naming: Naming<'e>,
    /// The subnet that the next association is served from, if it can be: the one that was selected, then the one that the
    /// association before was served from. The reply has the options of the one that the last was.
    pub(super) at: SubnetAt,
    /// What the client may have.
    pub(super) rights: Rights<'e>,
    /// What associations of the message have got so far.
    pub(super) given: SmallVec<[Place; 4]>,
    /// The first address that the client gets, and where from: its name is made by that.
    pub(super) named: Option<(SubnetAt, Ipv6Addr)>,
    /// What was done to leases.
    pub(super) changes: Changes,
    /// Whether a module did not want a lease to be given: no other one is looked for.
    pub(super) refused: bool,
}

/// What was done to leases for a message, if a module wants to know (`leases6_committed`, `leases6_note`, `leases6_told`).
#[derive(Debug, Default)]
pub(super) struct Changes {
    wanted: bool,
    /// Those that were written.
    pub(super) leases: Vec<Lease6>,
    /// Those that were removed.
    pub(super) deleted: Vec<Lease6>,
}

impl Changes {
    /// None yet; whether this server has a module that wants to know of them.
    pub(super) fn of(server: &Server) -> Self {
        let Hooks6 { leases6_committed, leases6_note, leases6_told, .. } = &server.hooks;
        let nobody = leases6_committed.is_empty() && leases6_note.is_empty() && leases6_told.is_empty();
        Self { wanted: !nobody, ..Self::default() }
    }

    /// The same, as modules see it.
    pub(super) fn committed(&self) -> Committed6<'_> {
        Committed6 { leases: &self.leases, deleted: &self.deleted }
    }

    /// A lease was written.
    pub(super) fn written(&mut self, lease: Lease6) {
        if self.wanted {
            self.leases.retain(|other| other.address != lease.address);
            self.leases.push(lease);
        }
    }

    /// A lease was removed.
    pub(super) fn removed(&mut self, lease: &Lease6) {
        if self.wanted {
            self.deleted.push(lease.clone());
        }
    }
}

/// Somebody else changed the lease between reading and writing it.
struct Raced;

/// What an association gets.
type Gets = SmallVec<[Granted; 1]>;
/// What it has no more.
type Loses = SmallVec<[Place; 1]>;

/// What an association gets, and why it gets nothing.
pub(super) struct Assigned {
    pub(super) granted: Gets,
    pub(super) gone: Loses,
    pub(super) failure: Option<AllocationFailure>,
}

impl Assigned {
    /// Puts it into the answer to its association: what the client is told of its leases. T1 and T2 are those of the
    /// subnet that the first one is from, for the shortest preferred lifetime.
    pub(super) fn into_answer(self, config: &Config6, answer: &mut Answer) {
        let preferred = self.granted.iter().map(|granted| granted.lifetimes.preferred);
        let shortest = preferred.filter(|&it| it > Lifetime(0)).min().unwrap_or(Lifetime(0));
        if let Some(first) = self.granted.first() {
            (answer.t1, answer.t2) = tee_times(&config[first.subnet].params.tee_times, shortest);
        }
        answer.granted = self.granted;
        answer.gone = self.gone;
        answer.failure = self.failure.map(Box::new);
    }
}

impl<S: LeaseStore<Lease6>> Assignment<'_, S> {
    /// What an association of the message gets.
    pub(super) async fn assign(&mut self, asked: &Asked<'_>) -> Result<Assigned, Dropped> {
        let (mut gone, mut failure) = (Loses::new(), None);
        self.refused = false;
        let (given, named) = (self.given.len(), self.named);
        for _ in 0..RETRIES {
            // What was given in a try that somebody got in the way of is given anew.
            self.given.truncate(given);
            self.named = named;
            if let Ok(granted) = self.try_assign(asked, &mut gone, &mut failure).await? {
                gone.retain(|place| granted.iter().all(|granted| granted.place != *place));
                let last = granted.last().map(|granted| granted.subnet);
                self.at = last.or(failure.as_ref().map(|failure| failure.subnet)).unwrap_or(self.at);
                return Ok(Assigned { granted, gone, failure });
            }
        }
        Ok(Assigned { granted: Gets::new(), gone, failure: None })
    }

    async fn try_assign(
        &mut self,
        asked: &Asked<'_>,
        gone: &mut Loses,
        failure: &mut Option<AllocationFailure>,
    ) -> Result<Result<Gets, Raced>, Dropped> {
        let own = self.own_leases(asked).await?;
        self.tell_standing(&own);
        self.tell(|| self.begin(asked, &own));
        let mut kept = self.judged(&own).await?;
        for lease in &own {
            if !kept.iter().any(|kept| kept.lease.address == lease.address) {
                self.revoke(lease, gone).await?;
            }
        }
        let mut granted = Gets::new();
        if self.rights.found.is_known() {
            let has_reserved = kept.iter().any(|kept| kept.is_reserved);
            if !has_reserved && let Some(reserved) = self.take_reserved(asked).await? {
                self.note(asked.kind, reserved, &mut granted);
            }
            // Beside what is reserved it has nothing else.
            if has_reserved || !granted.is_empty() {
                for kept in kept.iter().filter(|kept| !kept.is_reserved) {
                    self.revoke(kept.lease, gone).await?;
                }
                kept.retain(|kept| kept.is_reserved);
            }
        }
        for kept in kept {
            if kept.is_reserved {
                let kind = kept.lease.lease_type.name();
                ALLOC_ENGINE_V6_ALLOC_HR_LEASE_EXISTS(self.query, kind, kept.lease.address);
            }
            let claim = if kept.is_reserved { Claim::Reserved } else { Claim::Own };
            self.tell(|| Step::Trying(claim, Place::of(kept.lease)));
            match self.renew(kept.lease, kept.subnet, asked).await? {
                Ok(renewed) => self.note(asked.kind, renewed, &mut granted),
                Err(raced) => return Ok(Err(raced)),
            }
        }
        if granted.is_empty() && !self.refused {
            match self.allocate(asked).await? {
                Ok(new) => self.note(asked.kind, new, &mut granted),
                Err(why) => *failure = why,
            }
        }
        Ok(Ok(granted))
    }

    /// The first thing reserved for the client that no association of it has, if nobody else has it either.
    async fn take_reserved(&mut self, asked: &Asked<'_>) -> Result<Option<Granted>, Dropped> {
        for (place, subnet) in self.rights.reserved(self.at, asked.kind) {
            if self.given.contains(&place) {
                continue;
            }
            let there = self.lease_at(place.address).await?;
            self.tell(|| Step::Trying(Claim::Reserved, place));
            let is_held = |lease: &Lease6| lease.held(self.now) && !self.came_along(lease, asked);
            if there.as_ref().is_some_and(is_held) {
                self.tell(|| Step::Denied(place, Denial::Held(there.clone().map(Box::new))));
                continue;
            }
            let taken = self.take(place, there, subnet, asked).await?;
            if self.refused {
                break;
            }
            if let Some(granted) = taken {
                match asked.kind {
                    LeaseType::Pd => {
                        ALLOC_ENGINE_V6_HR_PREFIX_GRANTED(place.address, place.len, self.query);
                    }
                    _ => ALLOC_ENGINE_V6_HR_ADDR_GRANTED(place.address, self.query),
                }
                return Ok(Some(granted));
            }
        }
        Ok(None)
    }

    /// Remembers what an association got.
    fn note(&mut self, kind: LeaseType, new: Granted, granted: &mut Gets) {
        self.given.push(new.place);
        if kind == LeaseType::Na {
            self.named.get_or_insert((new.subnet, new.place.address));
        }
        granted.push(new);
    }

    /// Takes a lease from the client that it must not have any more. If somebody changed it meanwhile, that is done.
    async fn revoke(&mut self, lease: &Lease6, gone: &mut Loses) -> Result<(), StoreError> {
        let place = Place::of(lease);
        if lease.state != LeaseState::Assigned || self.given.contains(&place) {
            return Ok(());
        }
        if !gone.contains(&place) {
            gone.push(place);
            self.tell(|| Step::Own(Own::Revoked(place)));
        }
        if self.keep && self.remove(lease).await? {
            self.tell_revoked(lease);
        }
        Ok(())
    }

    /// Whether the client asks for more time for what it has.
    fn extends(&self) -> bool {
        matches!(self.query.kind, QueryKind::Renew | QueryKind::Rebind)
    }

    /// Tells whether there are leases and reservations to begin with.
    fn tell_standing(&self, own: &[Lease6]) {
        let (query, is_known) = (self.query, self.rights.found.is_known());
        match (own.is_empty(), is_known, self.extends()) {
            (true, true, false) => ALLOC_ENGINE_V6_ALLOC_NO_LEASES_HR(query),
            (false, false, false) => ALLOC_ENGINE_V6_ALLOC_LEASES_NO_HR(query),
            (false, true, false) => ALLOC_ENGINE_V6_ALLOC_LEASES_HR(query),
            (false, _, true) => ALLOC_ENGINE_V6_RENEW_REMOVE_RESERVED(query),
            (true, _, _) => {}
        }
        if is_known && self.extends() {
            ALLOC_ENGINE_V6_RENEW_HR(query);
        }
    }

    /// Tells what an association gets that does not only extend what it has.
    fn tell_lease(&self, asked: &Asked<'_>, lease: impl fmt::Display) {
        if !self.extends() {
            DHCP6_LEASE_DATA(self.query, asked.iaid, lease);
        }
    }

    /// Tells that a lease was taken from the client because somebody else has a reservation.
    fn tell_revoked(&self, lease: &Lease6) {
        let (query, duid) = (self.query, &lease.duid);
        let Place { address, len } = Place::of(lease);
        let others = self.server.config.hosts.of_address(lease.subnet_id, address);
        match (others, lease.lease_type) {
            ([], _) => {}
            ([other], LeaseType::Pd) => {
                ALLOC_ENGINE_V6_REVOKED_PREFIX_LEASE(query, address, len, duid, other.id());
            }
            ([other], _) => ALLOC_ENGINE_V6_REVOKED_ADDR_LEASE(query, address, duid, other.id()),
            (others, LeaseType::Pd) => {
                ALLOC_ENGINE_V6_REVOKED_SHARED_PREFIX_LEASE(query, address, len, duid, others.len());
            }
            (others, _) => ALLOC_ENGINE_V6_REVOKED_SHARED_ADDR_LEASE(query, address, duid, others.len()),
        }
    }

    /// That something is looked for, for an association with these leases.
    #[cold]
    fn begin(&self, asked: &Asked<'_>, own: &[Lease6]) -> Step {
        Step::Own(Own::Assigning {
            kind: asked.kind,
            iaid: asked.iaid,
            classes: ClassSet::clone(&self.query.classes),
            own: own.to_vec(),
            reserved: self.rights.reserved(self.at, asked.kind).to_vec(),
            home: self.rights.home(self.at),
        })
    }

    async fn lease_at(&self, address: Ipv6Addr) -> Result<Option<Lease6>, StoreError> {
        Ok(self.leases.get(By6::Address(address)).await?.into_iter().next())
    }

    fn params(&self, subnet: SubnetAt) -> &Params6 {
        &self.server.config[subnet].params
    }
}

impl<S> Assignment<'_, S> {
    /// Tells a step to who wants to know it.
    fn tell(&self, step: impl FnOnce() -> Step) {
        self.query.trace.note(step);
    }
}

impl Place {
    /// What a lease takes.
    pub(super) fn of(lease: &Lease6) -> Self {
        Self { address: lease.address, len: lease.prefix_len }
    }

    /// What a lease of this kind takes of pools.
    fn taken(self, kind: LeaseType) -> Place6 {
        let prefix = Prefix6::new(self.address, self.len).filter(|_| kind == LeaseType::Pd);
        prefix.map_or(Place6::Address(self.address), Place6::Prefix)
    }
}

impl From<Place6> for Place {
    fn from(place: Place6) -> Self {
        match place {
            Place6::Address(address) => Self { address, len: 128 },
            Place6::Prefix(prefix) => Self { address: prefix.network(), len: prefix.prefix_len() },
        }
    }
}

/// A subnet and those that share its network and serve these classes, beginning with it and going round by id.
pub(super) fn siblings<'a>(
    config: &'a Config6,
    subnet: SubnetAt,
    classes: &'a ClassSet,
) -> impl Iterator<Item = SubnetAt> + 'a {
    let members: &[SubnetAt] = config[subnet].network.map_or(&[], |network| &config[network].subnets);
    going_round(members, subnet, |member| config[member].fits(classes))
}
