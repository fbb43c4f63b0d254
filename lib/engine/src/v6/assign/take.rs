//! A claim becomes a lease: what modules say of it, the compare-and-set, and what is remembered of it.

use kotare_config::v6::SubnetAt;
use kotare_model::{Lease6, LeaseState, LeaseType};
use kotare_stats::Stat6;
use kotare_store::{Change, LeaseStore, Put, StoreError};

use super::messages::*;
use super::{Asked, Assignment, Granted, Place, RETRIES, Raced};
use crate::hooks::v6::{Asked6, LeaseDraft6, Point6};
use crate::hooks::{Cause, Verdict, Verdict6};

use crate::v6::text::{Drafted, LeaseText};
use crate::v6::trace::{Denial, Step};
use crate::v6::{Dropped, Lifetimes, QueryKind, lifetime};

impl<S: LeaseStore<Lease6>> Assignment<'_, S> {
    /// Extends the client's lease, whatever its state was.
    pub(super) async fn renew(
        &mut self,
        lease: &Lease6,
        subnet: SubnetAt,
        asked: &Asked<'_>,
    ) -> Result<Result<Granted, Raced>, Dropped> {
        let mut told = self.lifetimes(Place::of(lease), subnet, asked, Some(lease));
        if !self.keep && !self.shows_leases() {
            self.tell_lease(asked, Drafted(|| self.renewed(lease, subnet, asked, told)));
            return Ok(Ok(self.granted(Place::of(lease), told, subnet, asked, true)));
        }
        let mut renewed = self.renewed(lease, subnet, asked, told);
        match self.selected(&mut renewed, &mut told, subnet, true) {
            Verdict::Continue => {}
            Verdict::Skip => {
                self.tell(|| Step::AsItIs(Place::of(lease)));
                let left = Lifetimes { preferred: lease.preferred_lifetime, valid: lease.valid_lifetime };
                return Ok(Ok(self.granted(Place::of(lease), left, subnet, asked, true)));
            }
            Verdict::Drop(counts) => return Err(dropped(counts)),
        }
        self.tell_lease(asked, LeaseText(&renewed));
        if !self.keep {
            return Ok(Ok(self.granted(Place::of(lease), told, subnet, asked, true)));
        }
        renewed.cltt = lease.cltt;
        let unchanged = renewed == *lease || self.differs_in_name_only(lease, &renewed);
        renewed.cltt = self.now;
        let params = self.params(subnet);
        let mut modules = self.server.hooks.lease6_reuse.iter();
        if unchanged
            && modules.all(|module| module.lease6_reuse(lease))
            && let Some(left) = lifetime::reusable(params, lease, told.valid, self.now)
        {
            self.tell(|| Step::AsItIs(Place::of(lease)));
            let granted = self.granted(Place::of(lease), left, subnet, asked, true);
            return Ok(Ok(Granted { reused: true, ..granted }));
        }
        ALLOC_ENGINE_V6_EXTEND_LEASE(self.query, lease.lease_type.name(), lease.address);
        ALLOC_ENGINE_V6_EXTEND_LEASE_DATA(self.query, LeaseText(lease));
        ALLOC_ENGINE_V6_EXTEND_NEW_LEASE_DATA(self.query, LeaseText(&renewed));
        let change = Change { address: lease.address, from: Some(lease), to: Some(&renewed) };
        if self.leases.put(change, Cause::Query(self.query), self.now).await? != Put::Done {
            return Ok(Err(Raced));
        }
        let granted = self.granted(Place::of(lease), told, subnet, asked, true);
        self.changes.written(renewed);
        Ok(Ok(granted))
    }

    /// Whether a prefix that the client asks for once more would only get another name, which is no reason to write it then:
    /// names are of addresses. Renewing it is, as in Kea.
    fn differs_in_name_only(&self, lease: &Lease6, renewed: &Lease6) -> bool {
        let asks = !matches!(self.query.kind, QueryKind::Renew | QueryKind::Rebind);
        if !asks || lease.lease_type != LeaseType::Pd || lease.hostname == renewed.hostname {
            return false;
        }
        let (fqdn_fwd, fqdn_rev, hostname) = (lease.fqdn_fwd, lease.fqdn_rev, lease.hostname.clone());
        *lease == Lease6 { fqdn_fwd, fqdn_rev, hostname, ..renewed.clone() }
    }

    /// An address or prefix for the client unless somebody holds it; `there` is its lease as it was read.
    pub(super) async fn take(
        &mut self,
        place: Place,
        mut there: Option<Lease6>,
        subnet: SubnetAt,
        asked: &Asked<'_>,
    ) -> Result<Option<Granted>, Dropped> {
        for _ in 0..RETRIES {
            // Reclaimed and released leases are kept for their clients' sake, but what they are of is free.
            if let Some(lease) = &there {
                if lease.held(self.now) && !self.came_along(lease, asked) {
                    break;
                }
                ALLOC_ENGINE_V6_REUSE_EXPIRED_LEASE_DATA(self.query, LeaseText(lease));
            }
            let mut told = self.lifetimes(place, subnet, asked, None);
            // What is neither written nor shown to anybody need not be made.
            if !self.keep && !self.shows_leases() {
                self.tell_lease(asked, Drafted(|| self.lease(place, subnet, asked, told)));
                return Ok(Some(self.granted(place, told, subnet, asked, false)));
            }
            let mut lease = self.lease(place, subnet, asked, told);
            match self.selected(&mut lease, &mut told, subnet, false) {
                Verdict::Continue => {}
                Verdict::Skip => {
                    self.tell(|| Step::Denied(place, Denial::Module));
                    self.refused = true;
                    return Ok(None);
                }
                Verdict::Drop(counts) => return Err(dropped(counts)),
            }
            // In a place of its own: those who limit nothing need no room for it.
            if !self.server.hooks.lease6_limit.is_empty() && Box::pin(self.is_too_many(&lease)).await? {
                self.tell(|| Step::Denied(place, Denial::Module));
                self.refused = true;
                return Ok(None);
            }
            if !self.keep {
                self.tell_lease(asked, LeaseText(&lease));
                return Ok(Some(self.granted(place, told, subnet, asked, false)));
            }
            let change = Change { address: place.address, from: there.as_ref(), to: Some(&lease) };
            let put = self.leases.put(change, Cause::Query(self.query), self.now).await?;
            if let Put::Conflict(other) = put {
                there = other.map(|lease| *lease);
                continue;
            }
            self.tell_lease(asked, LeaseText(&lease));
            let granted = self.granted(place, told, subnet, asked, false);
            self.changes.written(lease);
            return Ok(Some(granted));
        }
        self.tell(|| Step::Denied(place, Denial::Held(there.clone().map(Box::new))));
        self.leases.note(place.taken(asked.kind), there.as_ref());
        Ok(None)
    }

    /// Whether a lease is that of the association on another link, from which the client came: what it is of may be in pools
    /// of both (manual, "Overlapping Pools"), or be reserved wherever the client is.
    pub(super) fn came_along(&self, lease: &Lease6, asked: &Asked<'_>) -> bool {
        lease.state == LeaseState::Assigned
            && (lease.lease_type, lease.iaid) == (asked.kind, asked.iaid)
            && self.query.duid() == Some(&lease.duid)
            && !self.server.config.link(self.at).contains(&lease.subnet_id)
    }

    /// Removes a lease of the client; says whether it was still there.
    pub(super) async fn remove(&mut self, lease: &Lease6) -> Result<bool, StoreError> {
        let change = Change { address: lease.address, from: Some(lease), to: None };
        let done = self.leases.put(change, Cause::Query(self.query), self.now).await? == Put::Done;
        if done {
            self.changes.removed(lease);
        }
        Ok(done)
    }

    /// Whether a module looks at leases before they are written or offered.
    fn shows_leases(&self) -> bool {
        !self.server.hooks.lease6_select.is_empty()
    }

    /// Asks the modules at `lease6_select`. What they do to the lease's lifetimes the client is told.
    fn selected(&self, lease: &mut Lease6, told: &mut Lifetimes, subnet: SubnetAt, renews: bool) -> Verdict6 {
        if !self.shows_leases() {
            return Verdict::Continue;
        }
        let (address, prefix_len) = (lease.address, lease.prefix_len);
        let subnet = &self.server.config[subnet];
        let asked = Asked6 { message: self.message, query: self.query, now: self.now };
        let mut draft = LeaseDraft6 { lease, subnet, offer: !self.keep, renews };
        let mut modules = self.server.hooks.lease6_select.iter();
        let verdict = modules.find_map(|module| match module.lease6_select(asked, &mut draft) {
            Verdict::Continue => None,
            verdict => Some(verdict),
        });
        (lease.address, lease.prefix_len) = (address, prefix_len);
        *told = Lifetimes { preferred: lease.preferred_lifetime, valid: lease.valid_lifetime };
        verdict.unwrap_or(Verdict::Continue)
    }

    /// Whether there are as many leases already as there may be.
    async fn is_too_many(&self, lease: &Lease6) -> Result<bool, Dropped> {
        let asked = Asked6 { message: self.message, query: self.query, now: self.now };
        for module in &self.server.hooks.lease6_limit {
            match module.lease6_limit(asked, lease).answer().await {
                Verdict::Continue => {}
                Verdict::Skip => return Ok(true),
                Verdict::Drop(counts) => return Err(dropped(counts)),
            }
        }
        Ok(false)
    }

    fn granted(
        &self,
        place: Place,
        lifetimes: Lifetimes,
        subnet: SubnetAt,
        asked: &Asked<'_>,
        renewed: bool,
    ) -> Granted {
        self.tell(|| Step::Granted { place, renews: renewed });
        let is_prefix = asked.kind == LeaseType::Pd;
        let excluded = if is_prefix { self.rights.excluded(subnet, place) } else { None };
        Granted { place, lifetimes, subnet, renewed, reused: false, excluded }
    }
}

fn dropped(counts: Option<Stat6>) -> Dropped {
    Dropped::ByModule { point: Point6::Lease6Select, counts }
}
