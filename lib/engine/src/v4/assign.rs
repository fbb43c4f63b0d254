//! Which address a client is offered or given, and its lease (RFC 2131 §4.3.1, §4.3.2, in Kea's order).
//!
//! A client gets, in this order: the lease it has (in any state, so that a released or expired one comes back), the
//! address it asks for, an address the allocator proposes, an address whose lease has expired but was not reclaimed.
//! All subnets of a shared network serve. Every change is a compare-and-set: when somebody else was faster, the
//! decision is taken again.

use std::net::Ipv4Addr;

use kotare_config::v4::{Config4, Params4};
use kotare_model::{Chance, Lease4, LeaseState, Lifetime, Timestamp};
use kotare_store::{By4, Change, Found, LeaseStore, Put, StoreError};
use kotare_wire::v4::{Message, OptionCode};

use super::name::ClientName;
use super::{AllocationFailure, Query4, Server, extended_info, lifetime};
use crate::Leases;

/// How often a decision is taken again because somebody else was faster.
const RETRIES: usize = 8;
/// How many proposals of the allocator are tried; each one that fails corrects the map it came from.
const PROPOSALS: u64 = 1024;
/// How many expired leases are looked at when no address is free.
const EXPIRED: usize = 64;

/// The allocation for one message.
pub(super) struct Assignment<'e, S> {
    pub(super) server: &'e Server,
    pub(super) leases: &'e Leases<S>,
    pub(super) message: Message<'e>,
    pub(super) query: &'e Query4,
    pub(super) now: Timestamp,
    pub(super) seed: u64,
    /// The name the client sent.
    pub(super) name: &'e ClientName,
    /// What the relay says was recovered from the lease, so there is nothing new to store.
    pub(super) stashed: bool,
    /// The subnet that was selected.
    pub(super) selected: usize,
}

/// What an allocation came to.
pub(super) enum Assigned {
    /// A lease.
    Lease(Grant),
    /// The address asked for is in no pool here.
    UnknownAddress,
    /// Nothing: the address asked for is somebody else's, or no address is free.
    Nothing(Option<AllocationFailure>),
}

/// A lease for the client.
pub(super) struct Grant {
    pub(super) address: Ipv4Addr,
    /// What the client is told.
    pub(super) lifetime: Lifetime,
    pub(super) subnet: usize,
    /// Whether the lease was left as it is.
    pub(super) reused: bool,
}

/// How a lease is written.
#[derive(Clone, Copy)]
enum Keep {
    /// Not at all: a DHCPOFFER promises nothing.
    No,
    /// For as long as an offer stands (`offer-lifetime`).
    Offer(u32),
    /// For its lifetime.
    Yes,
}

/// Somebody else changed the lease between reading and writing it.
struct Raced;

impl<S: LeaseStore<Lease4>> Assignment<'_, S> {
    /// For a DHCPDISCOVER: the address to offer. `wish` is option 50, or `ciaddr`.
    pub(super) async fn discover(&self, wish: Option<Ipv4Addr>) -> Result<Assigned, StoreError> {
        for _ in 0..RETRIES {
            if let Ok(assigned) = self.try_discover(wish).await? {
                return Ok(assigned);
            }
        }
        Ok(Assigned::Nothing(None))
    }

    /// For a DHCPREQUEST: the lease to give. `wish` is option 50, or `ciaddr`.
    pub(super) async fn request(&self, wish: Option<Ipv4Addr>) -> Result<Assigned, StoreError> {
        for _ in 0..RETRIES {
            if let Ok(assigned) = self.try_request(wish).await? {
                return Ok(assigned);
            }
        }
        Ok(Assigned::Nothing(None))
    }

    async fn try_discover(&self, wish: Option<Ipv4Addr>) -> Result<Result<Assigned, Raced>, StoreError> {
        let (lease, subnet) = self.own_lease().await?;
        let keep = |subnet: usize| match self.params(subnet).offer_lifetime {
            0 => Keep::No,
            seconds => Keep::Offer(seconds),
        };
        if let Some(lease) = lease
            && let Some(subnet) = self.pool_subnet(subnet, lease.address)
        {
            // A lease that outlives the offer is left alone.
            let keep = match keep(subnet) {
                Keep::Offer(seconds) if self.now.after(Lifetime(seconds)) < lease.expires() => Keep::No,
                keep => keep,
            };
            return Ok(self.renew(lease, subnet, keep).await?.map(Assigned::Lease));
        }
        if let Some(wish) = wish
            && let Some(subnet) = self.pool_subnet(subnet, wish)
            && let Some(grant) = self.take(wish, self.at(wish).await?, subnet, keep(subnet)).await?
        {
            return Ok(Ok(Assigned::Lease(grant)));
        }
        self.allocate(subnet, keep).await.map(Ok)
    }

    async fn try_request(&self, wish: Option<Ipv4Addr>) -> Result<Result<Assigned, Raced>, StoreError> {
        let (mut own, mut subnet) = self.own_lease().await?;
        let mut there = None;
        if let Some(wish) = wish {
            // The lease of the address is nearly always the one just found.
            if own.as_ref().is_none_or(|own| own.address != wish) {
                there = self.at(wish).await?;
            }
            let owned = |lease: &Lease4| self.query.client.owns(lease, self.params(subnet).match_client_id);
            let ours = there.as_ref().is_some_and(owned);
            if !ours && there.as_ref().is_some_and(|lease| lease.held(self.now)) {
                return Ok(Ok(Assigned::Nothing(None)));
            }
            subnet = match self.pool_subnet(subnet, wish) {
                Some(subnet) => subnet,
                None => return Ok(Ok(Assigned::UnknownAddress)),
            };
            // The lease of an offer, where the client's older lease could not be offered.
            if let Some(older) = own.as_ref().filter(|_| ours && self.params(subnet).offer_lifetime > 0) {
                if !self.remove(older).await? {
                    return Ok(Err(Raced));
                }
                own = there.take();
            }
        }
        let renews = |own: &&mut Lease4| wish.is_none_or(|wish| wish == own.address);
        let renewed = own.as_mut().filter(renews).and_then(|own| self.pool_subnet(subnet, own.address));
        if let Some(subnet) = renewed
            && let Some(lease) = own.take()
        {
            return Ok(self.renew(lease, subnet, Keep::Yes).await?.map(Assigned::Lease));
        }
        let assigned = match wish {
            Some(wish) => self
                .take(wish, there, subnet, Keep::Yes)
                .await?
                .map_or(Assigned::Nothing(None), Assigned::Lease),
            None => self.allocate(subnet, |_| Keep::Yes).await?,
        };
        // RFC 2131 §4.3.2 has one binding a client: the older lease goes.
        if let (Assigned::Lease(grant), Some(older)) = (&assigned, &own)
            && grant.address != older.address
        {
            self.remove(older).await?;
        }
        Ok(Ok(assigned))
    }

    /// The lease this client has on this link, and the subnet to serve it from.
    async fn own_lease(&self) -> Result<(Option<Lease4>, usize), StoreError> {
        let client = &self.query.client;
        let config = &self.server.config;
        let matched = |subnet: usize| config.subnets[subnet].params.match_client_id;
        if let Some(id) = &client.id
            && siblings(config, self.selected).any(matched)
        {
            let found = self.leases.get(By4::ClientId(id.as_bytes())).await?;
            if let Some(own) = self.on_link(found, |subnet, _| matched(subnet)) {
                return Ok((Some(own.0), own.1));
            }
        }
        if !client.hwaddr.is_empty() {
            let found = self.leases.get(By4::HwAddr(&client.hwaddr)).await?;
            if let Some(own) = self.on_link(found, |subnet, lease| client.owns(lease, matched(subnet))) {
                return Ok((Some(own.0), own.1));
            }
        }
        Ok((None, self.selected))
    }

    /// The lease that a rebooting client has on this link, by identifier or by hardware address, whoever owns it.
    pub(super) async fn rebooting_lease(&self) -> Result<Option<Lease4>, StoreError> {
        let client = &self.query.client;
        if let Some(id) = &client.id {
            let found = self.leases.get(By4::ClientId(id.as_bytes())).await?;
            if let Some((lease, _)) = self.on_link(found, |_, _| true) {
                return Ok(Some(lease));
            }
        }
        if client.hwaddr.is_empty() {
            return Ok(None);
        }
        let found = self.leases.get(By4::HwAddr(&client.hwaddr)).await?;
        Ok(self.on_link(found, |_, _| true).map(|(lease, _)| lease))
    }

    /// The first of the leases that is of a subnet on this link.
    fn on_link(
        &self,
        found: Found<Lease4>,
        fits: impl Fn(usize, &Lease4) -> bool,
    ) -> Option<(Lease4, usize)> {
        if found.is_empty() {
            return None;
        }
        let config = &self.server.config;
        let (at, subnet) = siblings(config, self.selected).find_map(|subnet| {
            let id = config.subnets[subnet].id;
            let at = found.iter().position(|lease| lease.subnet_id == id && fits(subnet, lease))?;
            Some((at, subnet))
        })?;
        found.into_iter().nth(at).map(|lease| (lease, subnet))
    }

    /// Extends the client's lease, whatever its state was.
    async fn renew(
        &self,
        lease: Lease4,
        subnet: usize,
        keep: Keep,
    ) -> Result<Result<Grant, Raced>, StoreError> {
        let params = self.params(subnet);
        let told = self.lifetime(subnet);
        let mut renewed = self.lease(lease.address, subnet, keep);
        if lease.state == LeaseState::Assigned && !lease.expired(self.now) {
            renewed.user_context = match (params.store_extended_info, &lease.user_context) {
                (true, context) => self.context(context.as_deref()).or_else(|| context.clone()),
                (false, context) => context.clone(),
            };
        }
        let grant = |lifetime, reused| Grant { address: lease.address, lifetime, subnet, reused };
        renewed.cltt = lease.cltt;
        let unchanged = renewed == lease;
        renewed.cltt = self.now;
        if unchanged && let Some(left) = lifetime::reusable(params, &lease, renewed.valid_lifetime, self.now)
        {
            return Ok(Ok(grant(left, true)));
        }
        if !matches!(keep, Keep::No) {
            let change = Change { address: lease.address, from: Some(&lease), to: Some(&renewed) };
            if self.leases.put(change, self.now).await? != Put::Done {
                return Ok(Err(Raced));
            }
        }
        Ok(Ok(grant(told, false)))
    }

    /// An address for the client unless somebody holds it; `there` is its lease as it was read.
    async fn take(
        &self,
        address: Ipv4Addr,
        mut there: Option<Lease4>,
        subnet: usize,
        keep: Keep,
    ) -> Result<Option<Grant>, StoreError> {
        for _ in 0..RETRIES {
            // Reclaimed and released leases are kept for their clients' sake, but the address is free.
            if there.as_ref().is_some_and(|lease| lease.held(self.now)) {
                break;
            }
            if !matches!(keep, Keep::No) {
                let lease = self.lease(address, subnet, keep);
                let change = Change { address, from: there.as_ref(), to: Some(&lease) };
                if let Put::Conflict(other) = self.leases.put(change, self.now).await? {
                    there = other;
                    continue;
                }
            }
            return Ok(Some(Grant { address, lifetime: self.lifetime(subnet), subnet, reused: false }));
        }
        self.leases.note(address, there.as_ref());
        Ok(None)
    }

    /// A free address of the subnet or its siblings, in the order of their allocators.
    async fn allocate(
        &self,
        subnet: usize,
        keep: impl Fn(usize) -> Keep + Send,
    ) -> Result<Assigned, StoreError> {
        let config = &self.server.config;
        let plan = &self.server.plan;
        let network = config.subnets[subnet].network;
        // In a shared network, go on where an address was looked for last.
        let start = network.and_then(|network| plan.preferred(network)).unwrap_or(subnet);
        let mut failure = AllocationFailure { subnet: start, attempts: 0, full: 0, without_pools: 0 };
        let mut chance = Chance::new(self.seed);
        for subnet in siblings(config, start) {
            let allocator = plan.allocator(subnet);
            if let Some(network) = network.filter(|_| allocator.total() > 0) {
                plan.prefer(network, subnet);
            }
            for _ in 0..allocator.total().min(PROPOSALS) {
                let Some(address) = allocator.propose(chance.number()) else { break };
                if let Some(grant) = self.take(address, self.at(address).await?, subnet, keep(subnet)).await?
                {
                    return Ok(Assigned::Lease(grant));
                }
            }
            failure.subnet = subnet;
            failure.attempts += allocator.total();
            *if allocator.total() == 0 { &mut failure.without_pools } else { &mut failure.full } += 1;
        }
        if failure.attempts == 0 {
            return Ok(Assigned::Nothing(Some(failure)));
        }
        // Reclamation frees expired leases soon; a client need not wait for it.
        for expired in self.leases.store().expired(self.now, EXPIRED).await? {
            if let Some(subnet) = self.pool_subnet(start, expired.address)
                && !self.excluded(subnet, expired.address)
                && let Some(grant) = self.take(expired.address, Some(expired), subnet, keep(subnet)).await?
            {
                return Ok(Assigned::Lease(grant));
            }
        }
        Ok(Assigned::Nothing(Some(failure)))
    }

    async fn at(&self, address: Ipv4Addr) -> Result<Option<Lease4>, StoreError> {
        Ok(self.leases.get(By4::Address(address)).await?.into_iter().next())
    }

    /// Removes the client's older lease; says whether it was still there.
    async fn remove(&self, lease: &Lease4) -> Result<bool, StoreError> {
        let change = Change { address: lease.address, from: Some(lease), to: None };
        Ok(self.leases.put(change, self.now).await? == Put::Done)
    }

    /// A new lease of an address for this client.
    fn lease(&self, address: Ipv4Addr, subnet: usize, keep: Keep) -> Lease4 {
        let client = &self.query.client;
        let params = self.params(subnet);
        let mut name = self.name.clone();
        name.complete(address);
        let subnet = &self.server.config.subnets[subnet];
        Lease4 {
            address,
            hwaddr: client.hwaddr,
            client_id: client.id.clone().filter(|_| params.match_client_id),
            valid_lifetime: match keep {
                Keep::Offer(seconds) => Lifetime(seconds),
                Keep::No | Keep::Yes => lifetime::valid(params, self.wish()),
            },
            cltt: self.now,
            subnet_id: subnet.id,
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: name.text,
            state: LeaseState::Assigned,
            user_context: if params.store_extended_info { self.context(None) } else { None },
            pool_id: subnet.pool_of(address).map_or(0, |pool| pool.id),
        }
    }

    /// The user context with what the relay says, if that is to be written.
    fn context(&self, context: Option<&str>) -> Option<Box<str>> {
        let agent = self.query.relay_agent(self.message).filter(|_| !self.stashed)?;
        extended_info::updated(context, agent)
    }

    /// The lease time to tell.
    fn lifetime(&self, subnet: usize) -> Lifetime {
        lifetime::valid(self.params(subnet), self.wish())
    }

    /// Option 51.
    fn wish(&self) -> Option<Lifetime> {
        self.message.option(OptionCode::LEASE_TIME)?.u32().map(Lifetime)
    }

    fn params(&self, subnet: usize) -> &Params4 {
        &self.server.config.subnets[subnet].params
    }

    /// The subnet on this link with a pool that holds the address.
    fn pool_subnet(&self, from: usize, address: Ipv4Addr) -> Option<usize> {
        let config = &self.server.config;
        siblings(config, from).find(|&subnet| config.subnets[subnet].pool_of(address).is_some())
    }

    /// Whether `exclude-first-last-24` keeps an address from being given to clients that do not ask for it.
    fn excluded(&self, subnet: usize, address: Ipv4Addr) -> bool {
        let config = &self.server.config;
        config.compatibility.exclude_first_last_24
            && config.subnets[subnet].prefix.prefix_len() <= 24
            && matches!(address.octets()[3], 0 | 255)
    }
}

/// A subnet and those that share its network, beginning with it and going round by id.
pub(super) fn siblings(config: &Config4, subnet: usize) -> impl Iterator<Item = usize> + '_ {
    let members: &[usize] =
        config.subnets[subnet].network.map_or(&[], |network| &config.networks[network].subnets);
    let at = members.iter().position(|&member| member == subnet).unwrap_or(0);
    let others = members[at..].iter().chain(&members[..at]).copied().filter(move |&member| member != subnet);
    std::iter::once(subnet).chain(others)
}
