//! Which address a client is offered or given, and its lease (RFC 2131 §4.3.1, §4.3.2, in Kea's order).
//!
//! A client gets, in this order: the address that is reserved for it, the lease it has (in any state, so that a released
//! or expired one comes back), the address it asks for, an address the allocator proposes, an address whose lease has
//! expired but was not reclaimed; but for the first, none that is reserved for somebody else.
//! All subnets of a shared network serve. Every change is a compare-and-set: when somebody else was faster, the
//! decision is taken again.
//!
//! - here: the order of the claims;
//! - `rights`: what a client may have;
//! - `own`: the leases a client has;
//! - `expired`: addresses whose leases have ended;
//! - `take`: a claim becomes a lease, if nobody objects;
//! - `draft`: what a lease says.

mod draft;
mod expired;
mod own;
mod rights;
mod take;

use std::net::Ipv4Addr;

use kotare_config::v4::{Allocator, Config4, Params4, SubnetAt};
use kotare_expr::ClassSet;
use kotare_model::{Chance, Lease4, Lifetime, Timestamp};
use kotare_stats::PoolKind;
use kotare_store::{By4, Found, LeaseStore, StoreError};
use kotare_wire::v4::Message;

use super::messages::*;
use super::name::{ClientName, Naming};
use super::text::{LeaseText, Or};
use super::trace::{Claim, Denial, Own, Step};
use super::{AllocationFailure, Dropped, Query4, Server, client_params};
use crate::Leases;
use crate::leases::pool4;
use crate::siblings::going_round;
use own::{Ahead, Prospect};
use rights::Reserved;
use take::Taken;

pub(super) use rights::Rights;

/// How often a decision is taken again because somebody else was faster.
const RETRIES: usize = 8;
/// How many proposals of the allocator are tried; each one that fails corrects the map it came from.
const PROPOSALS: u64 = 1024;
/// How many addresses that turn out to be in use are put in probation for one message. A client that waited for so
/// many checks has asked again.
const IN_USE: usize = 8;

/// The allocation for one message.
pub(super) struct Assignment<'e, S> {
    pub(super) server: &'e Server,
    pub(super) leases: &'e Leases<S>,
    pub(super) message: Message<'e>,
    pub(super) query: &'e Query4,
    pub(super) now: Timestamp,
    pub(super) seed: u64,
    /// The client's name, as it is made on the selected subnet.
    pub(super) name: &'e ClientName,
    /// What it is made by there.
    pub(super) naming: Naming<'e>,
    /// What the relay says was recovered from the lease, so there is nothing new to store.
    pub(super) stashed: bool,
    /// The subnet that was selected.
    pub(super) selected: SubnetAt,
    /// What the client may have.
    pub(super) rights: Rights<'e>,
}

/// What an allocation came to.
pub(super) enum Assigned {
    /// A lease.
    Lease(Grant),
    /// The address asked for is in no pool here.
    UnknownAddress,
    /// Nothing: the address asked for is somebody else's, or no address is free, or a module objects.
    Nothing(Option<AllocationFailure>),
}

/// A lease for the client.
pub(super) struct Grant {
    pub(super) address: Ipv4Addr,
    /// What the client is told.
    pub(super) lifetime: Lifetime,
    pub(super) subnet: SubnetAt,
    /// The whole lifetime of a lease that was left as it is.
    pub(super) reused: Option<Lifetime>,
    /// What was done, if a module wants to know (`leases4_committed`, `lease4_note`).
    pub(super) changes: Option<Box<Changes>>,
}

/// What an allocation did to leases.
#[derive(Default)]
pub(super) struct Changes {
    /// The lease that was written.
    pub(super) lease: Option<Lease4>,
    /// The client's older lease, which was removed.
    pub(super) deleted: Option<Lease4>,
}

/// How a lease is written.
#[derive(Clone, Copy)]
enum Keep {
    /// Not at all: a DHCPOFFER promises nothing.
    No,
    /// For as long as an offer stands (`offer-lifetime`).
    Offer(Lifetime),
    /// For its lifetime.
    Yes,
}

/// Somebody else changed the lease between reading and writing it.
struct Raced;

impl Keep {
    /// Whether it is for an offer.
    fn is_offer(self) -> bool {
        !matches!(self, Self::Yes)
    }
}

impl From<Taken> for Assigned {
    /// For a claim after which no other is tried.
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Lease(grant) => Self::Lease(grant),
            Taken::Held | Taken::InUse | Taken::Refused => Self::Nothing(None),
        }
    }
}

impl<S: LeaseStore<Lease4>> Assignment<'_, S> {
    /// For a DHCPDISCOVER: the address to offer. `wish` is option 50, or `ciaddr`.
    pub(super) async fn discover(&self, wish: Option<Ipv4Addr>) -> Result<Assigned, Dropped> {
        for _ in 0..RETRIES {
            if let Ok(assigned) = self.try_discover(wish).await? {
                return Ok(assigned);
            }
        }
        Ok(Assigned::Nothing(None))
    }

    /// For a DHCPREQUEST: the lease to give. `wish` is option 50, or `ciaddr`.
    pub(super) async fn request(&self, wish: Option<Ipv4Addr>) -> Result<Assigned, Dropped> {
        for _ in 0..RETRIES {
            if let Ok(assigned) = self.try_request(wish).await? {
                return Ok(assigned);
            }
        }
        Ok(Assigned::Nothing(None))
    }

    async fn try_discover(&self, wish: Option<Ipv4Addr>) -> Result<Result<Assigned, Raced>, Dropped> {
        let rights = &self.rights;
        let mut own = Found::new();
        let mut ahead = self.ask_ahead(wish.map_or(Prospect::Any, Prospect::Wish)).await?;
        let mut subnet = self.own_lease(&mut own, ahead.as_deref_mut()).await?;
        let keep = |subnet: SubnetAt| match self.offer_lifetime(subnet) {
            None => Keep::No,
            Some(span) => Keep::Offer(span),
        };
        // A lease that outlives the offer is left alone.
        let keep_own = |lease: &Lease4, subnet| match keep(subnet) {
            Keep::Offer(span) if self.now.after(span) < lease.expires() => Keep::No,
            keep => keep,
        };
        let reserved = rights.reserved(subnet);
        subnet = reserved.subnet().unwrap_or(subnet);
        self.tell_begin(&own, reserved);
        let own = own.first();
        if let Reserved::Address(address, at) = reserved {
            self.tell(|| Step::Trying(Claim::Reserved, address));
            ALLOC_ENGINE_V4_DISCOVER_HR(self.query, address);
            let taken = match own.filter(|lease| lease.address == address) {
                Some(lease) => self.renew(lease, at, keep_own(lease, at)).await?,
                None => Ok(self.take(address, self.at(address).await?, at, keep(at)).await?),
            };
            match taken {
                Err(raced) => return Ok(Err(raced)),
                Ok(Taken::Held) => self.conflict(address).await?,
                // Another address may do.
                Ok(Taken::InUse) => {}
                Ok(taken) => return Ok(Ok(taken.into())),
            }
        }
        if let Some(lease) = own
            && let Some(at) = rights.free_to_have(subnet, lease.address).await?
        {
            ALLOC_ENGINE_V4_OFFER_EXISTING_LEASE(self.query);
            self.tell(|| Step::Trying(Claim::Own, lease.address));
            match self.renew(lease, at, keep_own(lease, at)).await? {
                Err(raced) => return Ok(Err(raced)),
                // It is not the client's any more; another address may do.
                Ok(Taken::InUse) => {}
                Ok(taken) => return Ok(Ok(taken.into())),
            }
        }
        if let Some(wish) = wish
            && let Some(at) = rights.free_to_have(subnet, wish).await?
        {
            self.tell(|| Step::Trying(Claim::Requested, wish));
            ALLOC_ENGINE_V4_OFFER_REQUESTED_LEASE(wish, self.query);
            match self.take(wish, self.there(wish, ahead.as_deref_mut()).await?, at, keep(at)).await? {
                Taken::Held | Taken::InUse => {}
                taken => return Ok(Ok(taken.into())),
            }
        }
        ALLOC_ENGINE_V4_OFFER_NEW_LEASE(self.query);
        self.allocate(subnet, reserved, keep, ahead.as_deref_mut()).await.map(Ok)
    }

    /// Tells that a reserved address cannot be offered because somebody has it.
    async fn conflict(&self, address: Ipv4Addr) -> Result<(), Dropped> {
        let there = self.at(address).await?;
        let text = Or(there.as_ref().map(LeaseText), "(no lease info)");
        ALLOC_ENGINE_V4_DISCOVER_ADDRESS_CONFLICT(self.query, address, text);
        if let Some(lease) = &there {
            self.leases.count_conflict(lease);
        }
        Ok(())
    }

    async fn try_request(&self, wish: Option<Ipv4Addr>) -> Result<Result<Assigned, Raced>, Dropped> {
        let rights = &self.rights;
        let (mut own, mut there) = (Found::new(), None);
        let mut ahead = self.ask_ahead(wish.map_or(Prospect::Unknown, Prospect::Wish)).await?;
        let mut subnet = self.own_lease(&mut own, ahead.as_deref_mut()).await?;
        let mut removed = None;
        let reserved = rights.reserved(subnet);
        self.tell_begin(&own, reserved);
        let for_others = match wish {
            Some(wish) => rights.is_for_others_here(subnet, wish).await?,
            None => false,
        };
        let wish = match (wish, reserved) {
            (None, Reserved::Address(address, _)) => {
                ALLOC_ENGINE_V4_REQUEST_USE_HR(self.query, address);
                Some(address)
            }
            (Some(wish), _) if for_others => {
                ALLOC_ENGINE_V4_REQUEST_ADDRESS_RESERVED(self.query, wish);
                self.tell(|| Step::Denied(wish, Denial::ForOthers));
                return Ok(Ok(Assigned::Nothing(None)));
            }
            (wish, _) => wish,
        };
        subnet = reserved.subnet().unwrap_or(subnet);
        if let Some(wish) = wish {
            // The lease of the address is nearly always the one just found.
            if own.first().is_none_or(|own| own.address != wish) {
                there = self.there(wish, ahead.as_deref_mut()).await?;
            }
            let owned = |lease: &Lease4| self.query.client.owns(lease, self.params(subnet).match_client_id);
            let ours = there.as_ref().is_some_and(owned);
            if !ours && there.as_ref().is_some_and(|lease| lease.held(self.now)) {
                ALLOC_ENGINE_V4_REQUEST_IN_USE(self.query, wish);
                self.tell(|| Step::Denied(wish, Denial::Held(there.clone().map(Box::new))));
                return Ok(Ok(Assigned::Nothing(None)));
            }
            if !reserved.is(wish) {
                // What was offered in place of the reserved address is the client's as long as that is in use.
                if let Reserved::Address(address, _) = reserved
                    && !self.at(address).await?.is_some_and(|lease| lease.held(self.now))
                {
                    ALLOC_ENGINE_V4_REQUEST_INVALID(self.query, address, wish);
                    self.tell(|| Step::Denied(wish, Denial::NotTheReserved(address)));
                    return Ok(Ok(Assigned::Nothing(None)));
                }
                subnet = match rights.pool_subnet(subnet, wish) {
                    Some(subnet) => subnet,
                    None => {
                        ALLOC_ENGINE_V4_REQUEST_OUT_OF_POOL(self.query, wish);
                        self.tell(|| Step::Denied(wish, Denial::NoPool));
                        return Ok(Ok(Assigned::UnknownAddress));
                    }
                };
            }
            // The lease of an offer, where the client's older lease could not be offered.
            if ours
                && self.offer_lifetime(subnet).is_some()
                && let Some(older) = own.pop()
            {
                if !self.remove(&older).await? {
                    return Ok(Err(Raced));
                }
                own.extend(there.take());
                removed = Some(older);
            }
        }
        if let Some(lease) = own.first()
            && wish.is_none_or(|wish| wish == lease.address)
            && let Some(subnet) = match reserved {
                Reserved::Address(address, at) if address == lease.address => Some(at),
                _ => rights.free_to_have(subnet, lease.address).await?,
            }
        {
            ALLOC_ENGINE_V4_REQUEST_EXTEND_LEASE(self.query, lease.address);
            self.tell(|| Step::Trying(Claim::Own, lease.address));
            let renewed = self.renew(lease, subnet, Keep::Yes).await?;
            return Ok(renewed.map(|taken| self.and_deleted(taken.into(), removed)));
        }
        let assigned = match wish {
            Some(wish) => {
                ALLOC_ENGINE_V4_REQUEST_ALLOC_REQUESTED(self.query, wish);
                let claim = if reserved.is(wish) { Claim::Reserved } else { Claim::Requested };
                self.tell(|| Step::Trying(claim, wish));
                self.take(wish, there, subnet, Keep::Yes).await?.into()
            }
            None => {
                ALLOC_ENGINE_V4_REQUEST_PICK_ADDRESS(self.query);
                self.allocate(subnet, reserved, |_| Keep::Yes, None).await?
            }
        };
        // RFC 2131 §4.3.2 has one binding a client: the older lease goes.
        if let (Assigned::Lease(grant), Some(older)) = (&assigned, own.pop())
            && grant.address != older.address
            && self.remove(&older).await?
        {
            removed = Some(older);
        }
        Ok(Ok(self.and_deleted(assigned, removed)))
    }

    /// A free address of the subnet or its siblings, in the order of their allocators; of the subnet that is `reserved`
    /// first, if one is.
    async fn allocate(
        &self,
        subnet: SubnetAt,
        reserved: Reserved,
        keep: impl Fn(SubnetAt) -> Keep + Send + Sync,
        mut ahead: Option<&mut Ahead<'_>>,
    ) -> Result<Assigned, Dropped> {
        let config = &self.server.config;
        let plan = &self.server.plan;
        let network = config[subnet].network;
        let classes = &self.query.classes;
        let start = self.start(subnet, reserved);
        let mut failure = AllocationFailure {
            subnet: start,
            attempts: 0,
            full: 0,
            without_pools: 0,
            classes: Box::default(),
        };
        let mut chance = Chance::new(self.seed);
        let mut in_use = 0;
        for subnet in siblings(config, start, classes) {
            let allocator = plan.allocator(subnet);
            let fits = |pool: usize| config[subnet].pools[pool].fits(classes);
            if let Some(network) = network.filter(|_| allocator.goes_round()) {
                plan.prefer(network, PoolKind::Addresses, subnet);
            }
            for _ in 0..allocator.total().min(PROPOSALS) {
                let seed = chance.number();
                let proposed = ahead.as_mut().and_then(|ahead| ahead.proposed(subnet));
                let address = match proposed {
                    Some(address) => address,
                    None => match self.proposal(subnet, seed, fits).await? {
                        Some(address) => address,
                        None => break,
                    },
                };
                // Of a queue that servers share nobody knows it.
                if self.excluded(subnet, address) {
                    continue;
                }
                let there = self.there(address, ahead.as_deref_mut()).await?;
                self.tell(|| Step::Trying(Claim::Free, address));
                if self.rights.is_for_somebody(subnet, address).await? {
                    self.tell(|| Step::Denied(address, Denial::ForOthers));
                    self.leases.note(address, there.as_ref());
                    continue;
                }
                match self.take(address, there, subnet, keep(subnet)).await? {
                    Taken::Held => {}
                    Taken::InUse if in_use + 1 < IN_USE => in_use += 1,
                    taken => return Ok(taken.into()),
                }
            }
            self.tell(|| Step::Exhausted(subnet));
            failure.subnet = subnet;
            let total = allocator.total_of(fits);
            failure.attempts += total;
            *if total == 0 { &mut failure.without_pools } else { &mut failure.full } += 1;
        }
        if failure.attempts == 0 {
            return Ok(Assigned::Nothing(Some(failure)));
        }
        let expired = self.take_expired(start, &keep, &mut in_use).await?;
        if expired.is_none() {
            self.leases.exhausted();
        }
        Ok(expired.map_or(Assigned::Nothing(Some(failure)), Assigned::from))
    }

    /// Where a free address is looked for first: in a shared network where one was looked for last, if that is for the same
    /// clients.
    fn start(&self, subnet: SubnetAt, reserved: Reserved) -> SubnetAt {
        let config = &self.server.config;
        let network = config[subnet].network.filter(|_| !matches!(reserved, Reserved::Subnet(_)));
        let preferred = network.and_then(|it| self.server.plan.preferred(it, PoolKind::Addresses));
        preferred.filter(|&it| config[it].guard == config[subnet].guard).unwrap_or(subnet)
    }

    /// A free address of a pool that `fits`: the next in the queue that servers share, or what the allocator proposes.
    async fn proposal(
        &self,
        at: SubnetAt,
        seed: u64,
        fits: impl Fn(usize) -> bool,
    ) -> Result<Option<Ipv4Addr>, StoreError> {
        let subnet = &self.server.config[at];
        if subnet.params.allocator == Allocator::SharedFreeLeaseQueue {
            let pools = subnet.pools.iter().enumerate().filter(|(pool, _)| fits(*pool));
            let pools = pools.map(|(_, pool)| pool4(subnet, pool)).collect();
            if let Some(free) = Box::pin(self.leases.next_free(pools, seed)).await? {
                return Ok(free);
            }
        }
        Ok(self.server.plan.allocator(at).propose(seed, fits))
    }

    /// Tells a step to who wants to know it.
    fn tell(&self, step: impl FnOnce() -> Step) {
        self.query.trace.note(step);
    }

    fn tell_begin(&self, own: &Found<Lease4>, reserved: Reserved) {
        self.tell(|| {
            Step::Own(Own::Assigning {
                classes: ClassSet::clone(&self.query.classes),
                own: own.first().cloned().map(Box::new),
                home: reserved.subnet(),
                reserved: match reserved {
                    Reserved::Address(address, _) => Some(address),
                    Reserved::Nothing | Reserved::Subnet(_) => None,
                },
            })
        });
    }

    async fn at(&self, address: Ipv4Addr) -> Result<Option<Lease4>, StoreError> {
        Ok(self.leases.get(By4::Address(address)).await?.into_iter().next())
    }

    /// `offer-lifetime`, as the client's classes or the subnet have it.
    fn offer_lifetime(&self, subnet: SubnetAt) -> Option<Lifetime> {
        client_params::offer_lifetime(&self.server.config, &self.query.classes, self.params(subnet))
    }

    fn params(&self, subnet: SubnetAt) -> &Params4 {
        &self.server.config[subnet].params
    }

    /// Whether `exclude-first-last-24` keeps an address from being given to clients that do not ask for it.
    fn excluded(&self, subnet: SubnetAt, address: Ipv4Addr) -> bool {
        let config = &self.server.config;
        config.compatibility.exclude_first_last_24
            && config[subnet].prefix.prefix_len() <= 24
            && matches!(address.octets()[3], 0 | 255)
    }
}

/// A subnet and those that share its network and serve these classes, beginning with it and going round by id.
pub(super) fn siblings<'a>(
    config: &'a Config4,
    subnet: SubnetAt,
    classes: &'a ClassSet,
) -> impl Iterator<Item = SubnetAt> + 'a {
    let members: &[SubnetAt] = config[subnet].network.map_or(&[], |network| &config[network].subnets);
    going_round(members, subnet, |member| config[member].fits(classes))
}
