//! Something new for a client: what it asks for, what the allocator proposes, what somebody let expire.

use kotare_config::v6::{Allocator, SubnetAt};
use kotare_model::{Chance, Lease6, LeaseType};
use kotare_stats::PoolKind;
use kotare_store::LeaseStore;

use super::messages::*;
use super::{Asked, Assignment, Granted, Place, siblings};
use crate::leases::{pd_pool6, pool6};
use crate::v6::associations::Wish;
use crate::v6::trace::{Claim, Denial, Step};
use crate::v6::{AllocationFailure, Dropped};

/// How many proposals of the allocator are tried; each one that fails corrects the map it came from.
const PROPOSALS: u64 = 1024;
/// How many expired leases of a subnet are looked at when nothing is free: nearly always the first will do, but leases of
/// what is in no pool any more may have been waiting for longer.
const LOOKS: [usize; 3] = [1, 64, 1024];

impl<S: LeaseStore<Lease6>> Assignment<'_, S> {
    /// Something that nobody has: of the length asked for, or else the next best (manual, "Prefix Length Hint"). Or why
    /// there is nothing.
    pub(super) async fn allocate(
        &mut self,
        asked: &Asked<'_>,
    ) -> Result<Result<Granted, Option<AllocationFailure>>, Dropped> {
        match self.extends() {
            true => ALLOC_ENGINE_V6_EXTEND_ALLOC_UNRESERVED(self.query),
            false => ALLOC_ENGINE_V6_ALLOC_UNRESERVED(self.query),
        }
        let wish = asked.wishes().next();
        let from = self.rights.home(self.at).unwrap_or(self.at);
        let hint = wish.filter(|_| asked.kind == LeaseType::Pd).map(|wish| wish.place.len);
        let mut failure = AllocationFailure {
            subnet: from,
            attempts: 0,
            full: 0,
            without_pools: 0,
            classes: Box::default(),
        };
        for length in by_length(hint) {
            if let Some(wish) = wish
                && let Some(granted) = self.take_wish(from, &wish, &length, asked).await?
            {
                return Ok(Ok(granted));
            }
            if self.refused {
                break;
            }
            if let Some(granted) = self.take_free(from, &length, asked, &mut failure).await? {
                return Ok(Ok(granted));
            }
            if failure.attempts > 0
                && !self.refused
                && let Some(granted) = self.take_expired(from, &length, asked).await?
            {
                return Ok(Ok(granted));
            }
        }
        if failure.attempts > 0 && !self.refused {
            self.leases.exhausted();
        }
        // They may be why.
        failure.classes = self.server.classes(self.message, self.query).to_string().into();
        Ok(Err((!self.refused).then_some(failure)))
    }

    /// What the client asks for, if it is free.
    async fn take_wish(
        &mut self,
        from: SubnetAt,
        wish: &Wish,
        length: &(impl Fn(u8) -> bool + Sync),
        asked: &Asked<'_>,
    ) -> Result<Option<Granted>, Dropped> {
        let mut claim = None;
        for at in siblings(&self.server.config, from, &self.query.classes) {
            if let Some(place) = self.place_at(at, asked.kind, wish.place, length) {
                claim = Some((place, at));
                break;
            }
        }
        let Some((place, at)) = claim.filter(|(place, _)| !self.given.contains(place)) else {
            if !wish.place.address.is_unspecified() {
                self.tell(|| Step::Denied(wish.place, Denial::NoPool));
            }
            return Ok(None);
        };
        self.tell(|| Step::Trying(Claim::Requested, place));
        if self.rights.is_for_others(at, asked.kind, place).await? {
            ALLOC_ENGINE_V6_HINT_RESERVED(self.query, place.address);
            self.tell(|| Step::Denied(place, Denial::ForOthers));
            return Ok(None);
        }
        let there = self.lease_at(place.address).await?;
        self.take(place, there, at, asked).await
    }

    /// What of the pools for this client holds something, if it is of that length.
    fn place_at(
        &self,
        at: SubnetAt,
        kind: LeaseType,
        wish: Place,
        length: impl Fn(u8) -> bool,
    ) -> Option<Place> {
        let (subnet, classes) = (&self.server.config[at], &self.query.classes);
        if !subnet.fits(classes) {
            return None;
        }
        match kind {
            LeaseType::Pd => {
                let mut pools =
                    subnet.pd_pools.iter().filter(|pool| length(pool.delegated_len) && pool.fits(classes));
                let prefix = pools.find_map(|pool| pool.prefix_at(wish.address))?;
                Some(Place { address: prefix.network(), len: prefix.prefix_len() })
            }
            _ => subnet.pool_for(wish.address, classes).map(|_| wish),
        }
    }

    /// Something free of the subnet or its siblings, in the order of their allocators.
    async fn take_free(
        &mut self,
        from: SubnetAt,
        length: &(impl Fn(u8) -> bool + Sync),
        asked: &Asked<'_>,
        failure: &mut AllocationFailure,
    ) -> Result<Option<Granted>, Dropped> {
        let server = self.server;
        let (config, plan, query) = (&*server.config, &server.plan, self.query);
        let classes = &query.classes;
        let network = config[from].network;
        // In a shared network, go on where something was looked for last, if that is for the same clients.
        let kind = if asked.kind == LeaseType::Pd { PoolKind::Prefixes } else { PoolKind::Addresses };
        let preferred = network.filter(|_| from == self.at);
        let preferred = preferred.and_then(|network| plan.preferred(network, kind));
        let start = preferred.filter(|&it| config[it].guard == config[from].guard).unwrap_or(from);
        failure.subnet = start;
        let mut chance = Chance::new(self.seed);
        for at in siblings(config, start, classes).filter(|at| config[*at].fits(classes)) {
            let subnet = &config[at];
            let allocators = plan.allocator(at);
            let (allocator, fits): (_, &(dyn Fn(usize) -> bool + Sync)) = match asked.kind {
                LeaseType::Pd => (&allocators.prefixes, &|pool: usize| {
                    let pool = &subnet.pd_pools[pool];
                    length(pool.delegated_len) && pool.fits(classes)
                }),
                _ => (&allocators.addresses, &|pool: usize| subnet.pools[pool].fits(classes)),
            };
            let total = allocator.total_of(fits);
            if let Some(network) = network.filter(|_| total > 0 && allocator.goes_round()) {
                plan.prefer(network, kind, at);
            }
            for _ in 0..total.min(PROPOSALS.into()) {
                let Some(place) = self.proposal(at, asked.kind, fits, chance.number()).await? else { break };
                if self.given.contains(&place) {
                    continue;
                }
                let there = self.lease_at(place.address).await?;
                self.tell(|| Step::Trying(Claim::Free, place));
                if self.rights.is_for_others(at, asked.kind, place).await? {
                    self.tell(|| Step::Denied(place, Denial::ForOthers));
                    self.leases.note(place.taken(asked.kind), there.as_ref());
                    continue;
                }
                let taken = self.take(place, there, at, asked).await?;
                if taken.is_some() || self.refused {
                    return Ok(taken);
                }
            }
            self.tell(|| Step::Exhausted(at));
            failure.attempts = failure.attempts.saturating_add(u64::try_from(total).unwrap_or(u64::MAX));
            *if total == 0 { &mut failure.without_pools } else { &mut failure.full } += 1;
        }
        Ok(None)
    }

    /// Something free of a pool that `fits`: the next in the queue that servers share, or what the allocator proposes.
    async fn proposal(
        &self,
        at: SubnetAt,
        kind: LeaseType,
        fits: &(dyn Fn(usize) -> bool + Sync),
        seed: u64,
    ) -> Result<Option<Place>, Dropped> {
        let subnet = &self.server.config[at];
        let is_prefixes = kind == LeaseType::Pd;
        let order = if is_prefixes { subnet.params.pd_allocator } else { subnet.params.allocator };
        if order == Allocator::SharedFreeLeaseQueue {
            let pools = match is_prefixes {
                true => fitting(&subnet.pd_pools, fits, |pool| pd_pool6(subnet, pool)),
                false => fitting(&subnet.pools, fits, |pool| pool6(subnet, pool)),
            };
            if let Some(free) = Box::pin(self.leases.next_free(pools, seed)).await? {
                let place = |address| self.place_at(at, kind, Place { address, len: 128 }, |_| true);
                return Ok(free.and_then(place));
            }
        }
        let allocators = self.server.plan.allocator(at);
        let allocator = if is_prefixes { &allocators.prefixes } else { &allocators.addresses };
        Ok(allocator.propose(seed, fits).map(Place::from))
    }

    /// Something of the subnet or its siblings whose lease has expired: reclamation frees it soon, but a client need not
    /// wait for that, however much there is to reclaim elsewhere.
    async fn take_expired(
        &mut self,
        from: SubnetAt,
        length: &(impl Fn(u8) -> bool + Sync),
        asked: &Asked<'_>,
    ) -> Result<Option<Granted>, Dropped> {
        let server = self.server;
        let (config, classes) = (&*server.config, &self.query.classes);
        for at in siblings(config, from, classes).filter(|at| config[*at].fits(classes)) {
            for limit in LOOKS {
                let expired = self.leases.store().expired(Some(config[at].id), self.now, limit).await?;
                let all = expired.len() < limit;
                for lease in expired {
                    let place = Place::of(&lease);
                    if lease.lease_type != asked.kind
                        || self.place_at(at, asked.kind, place, length) != Some(place)
                        || self.given.contains(&place)
                        || self.rights.is_for_others(at, asked.kind, place).await?
                    {
                        continue;
                    }
                    self.tell(|| Step::Trying(Claim::Expired, place));
                    let taken = self.take(place, Some(lease), at, asked).await?;
                    if taken.is_some() || self.refused {
                        return Ok(taken);
                    }
                }
                if all {
                    break;
                }
            }
        }
        Ok(None)
    }
}

/// The pools that fit, in another form.
fn fitting<P, T>(pools: &[P], fits: &(dyn Fn(usize) -> bool + Sync), form: impl Fn(&P) -> T) -> Vec<T> {
    pools.iter().enumerate().filter(|(at, _)| fits(*at)).map(|(_, pool)| form(pool)).collect()
}

/// Which lengths of prefixes are looked for, one after the other, for a client that asks for this one (RFC 8168 §3.2). In
/// Kea's order: that very length, then shorter ones, which are larger prefixes, then longer ones. For who asks for none any
/// will do.
fn by_length(hint: Option<u8>) -> impl Iterator<Item = impl Fn(u8) -> bool> {
    let hint = hint.filter(|len| (1..128).contains(len));
    let turns = if hint.is_some() { 0..3 } else { 3..4 };
    turns.map(move |turn| {
        move |len: u8| match (turn, hint) {
            (0, Some(hint)) => len == hint,
            (1, Some(hint)) => len < hint,
            (2, Some(hint)) => len > hint,
            _ => true,
        }
    })
}
