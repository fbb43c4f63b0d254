//! A claim becomes a lease: what modules say of it, the compare-and-set, and what is remembered of it.

use std::net::Ipv4Addr;

use kotare_config::v4::SubnetAt;
use kotare_model::{Lease4, Lifetime};
use kotare_store::{Change, LeaseStore, Put, StoreError};

use super::{Assigned, Assignment, Changes, Grant, Keep, RETRIES, Raced, Reserved};
use crate::hooks::v4::{Asked4, LeaseDraft4, Offer, Offered4};
use crate::hooks::{Cause, Point, Verdict};
use crate::messages::DHCP4_SERVER_INITIATED_DECLINE;
use crate::v4::messages::*;
use crate::v4::text::LeaseText;
use crate::v4::trace::{Denial, Step};
use crate::v4::{Dropped, give_back, lifetime};

/// What came of a claim to an address.
pub(super) enum Taken {
    /// It is the client's.
    Lease(Grant),
    /// Somebody has a lease of it.
    Held,
    /// Somebody uses it without a lease. It is in probation now.
    InUse,
    /// A module does not want it to be given.
    Refused,
}

impl<S: LeaseStore<Lease4>> Assignment<'_, S> {
    /// Extends the client's lease, whatever its state was.
    pub(super) async fn renew(
        &self,
        lease: &Lease4,
        subnet: SubnetAt,
        keep: Keep,
    ) -> Result<Result<Taken, Raced>, Dropped> {
        let mut told = self.lifetime(lease.address, subnet, keep, Some(lease));
        let mut renewed = self.renewed(lease, subnet, keep, told);
        match self.selected(&mut renewed, &mut told, subnet, keep, true) {
            Verdict::Continue => {}
            Verdict::Skip => {
                DHCPSRV_HOOK_LEASE4_RENEW_SKIP();
                self.tell(|| Step::AsItIs(lease.address));
                return Ok(Ok(as_it_is(lease, lease.valid_lifetime, subnet, None)));
            }
            Verdict::Drop(counts) => return Err(dropped(counts)),
        }
        renewed.cltt = lease.cltt;
        let unchanged = renewed == *lease;
        renewed.cltt = self.now;
        let params = self.params(subnet);
        let mut modules = self.server.hooks.lease4_reuse.iter();
        if unchanged
            && modules.all(|module| module.lease4_reuse(lease))
            && let Some(left) = lifetime::reusable(params, lease, renewed.valid_lifetime, self.now)
        {
            self.tell(|| Step::AsItIs(lease.address));
            if self.asks_of(keep) {
                self.server.hooks.lease4_offer.iter().for_each(|module| module.lease4_reused());
            }
            return Ok(Ok(as_it_is(lease, left, subnet, Some(lease.valid_lifetime))));
        }
        if !matches!(keep, Keep::No) {
            let change = Change { address: lease.address, from: Some(lease), to: Some(&renewed) };
            if self.leases.put(change, Cause::Query(self.query), self.now).await? != Put::Done {
                return Ok(Err(Raced));
            }
        }
        if self.asks_of(keep) && self.is_in_use(&renewed, Some(lease), subnet, keep).await? {
            return Ok(Ok(Taken::InUse));
        }
        self.tell(|| Step::Granted { place: lease.address, renews: true });
        Ok(Ok(self.granted(&renewed, told, subnet, keep)))
    }

    /// An address for the client unless somebody holds it; `there` is its lease as it was read.
    pub(super) async fn take(
        &self,
        address: Ipv4Addr,
        mut there: Option<Lease4>,
        subnet: SubnetAt,
        keep: Keep,
    ) -> Result<Taken, Dropped> {
        for _ in 0..RETRIES {
            // Reclaimed and released leases are kept for their clients' sake, but the address is free.
            if let Some(lease) = &there {
                if lease.held(self.now) {
                    break;
                }
                ALLOC_ENGINE_V4_REUSE_EXPIRED_LEASE_DATA(self.query, LeaseText(lease));
            }
            let mut told = self.lifetime(address, subnet, keep, None);
            // What is neither written nor shown to anybody need not be made.
            if matches!(keep, Keep::No) && !self.shows_offers() {
                self.tell(|| Step::Granted { place: address, renews: false });
                let grant = Grant { address, lifetime: told, subnet, reused: None, changes: None };
                return Ok(Taken::Lease(grant));
            }
            let mut lease = self.lease(address, subnet, keep, told);
            match self.selected(&mut lease, &mut told, subnet, keep, false) {
                Verdict::Continue => {}
                Verdict::Skip => {
                    DHCPSRV_HOOK_LEASE4_SELECT_SKIP();
                    self.tell(|| Step::Denied(address, Denial::Module));
                    return Ok(Taken::Refused);
                }
                Verdict::Drop(counts) => return Err(dropped(counts)),
            }
            // In a place of its own: those who limit nothing need no room for it.
            if !self.server.hooks.lease4_limit.is_empty() && Box::pin(self.is_too_many(&lease)).await? {
                DHCPSRV_HOOK_LEASE4_SELECT_SKIP();
                self.tell(|| Step::Denied(address, Denial::Module));
                return Ok(Taken::Refused);
            }
            if !matches!(keep, Keep::No) {
                let change = Change { address, from: there.as_ref(), to: Some(&lease) };
                let put = self.leases.put(change, Cause::Query(self.query), self.now).await?;
                if let Put::Conflict(other) = put {
                    there = other.map(|lease| *lease);
                    continue;
                }
            }
            if self.asks_of(keep) && self.is_in_use(&lease, there.as_ref(), subnet, keep).await? {
                return Ok(Taken::InUse);
            }
            self.tell(|| Step::Granted { place: address, renews: false });
            return Ok(self.granted(&lease, told, subnet, keep));
        }
        self.tell(|| Step::Denied(address, Denial::Held(there.clone().map(Box::new))));
        self.leases.note(address, there.as_ref());
        Ok(Taken::Held)
    }

    /// Removes the client's older lease; says whether it was still there.
    pub(super) async fn remove(&self, lease: &Lease4) -> Result<bool, StoreError> {
        ALLOC_ENGINE_V4_REQUEST_REMOVE_LEASE(self.query, lease.address);
        let change = Change { address: lease.address, from: Some(lease), to: None };
        Ok(self.leases.put(change, Cause::Query(self.query), self.now).await? == Put::Done)
    }

    /// Remembers that an older lease of the client was removed, if a module wants to know.
    pub(super) fn and_deleted(&self, mut assigned: Assigned, older: Option<Lease4>) -> Assigned {
        if let (Assigned::Lease(grant), Some(older)) = (&mut assigned, older)
            && !(self.server.hooks.leases4_committed.is_empty() && self.server.hooks.leases4_told.is_empty())
        {
            grant.changes.get_or_insert_default().deleted = Some(older);
        }
        assigned
    }

    fn granted(&self, lease: &Lease4, told: Lifetime, subnet: SubnetAt, keep: Keep) -> Taken {
        let hooks = &self.server.hooks;
        let wanted = match keep {
            Keep::No => false,
            Keep::Offer(_) => !hooks.lease4_note.is_empty(),
            Keep::Yes => {
                !(hooks.leases4_committed.is_empty()
                    && hooks.lease4_note.is_empty()
                    && hooks.leases4_told.is_empty())
            }
        };
        let changes = wanted.then(|| Box::new(Changes { lease: Some(lease.clone()), deleted: None }));
        Taken::Lease(Grant { address: lease.address, lifetime: told, subnet, reused: None, changes })
    }

    /// Whether a module looks at what is offered.
    fn shows_offers(&self) -> bool {
        !(self.server.hooks.lease4_select.is_empty() && self.server.hooks.lease4_offer.is_empty())
    }

    /// Whether modules are asked if the address is in use.
    fn asks_of(&self, keep: Keep) -> bool {
        keep.is_offer() && !self.server.hooks.lease4_offer.is_empty()
    }

    /// Asks the modules at `lease4_select`. What they do to the lease's lifetime the client is told.
    fn selected(
        &self,
        lease: &mut Lease4,
        told: &mut Lifetime,
        subnet: SubnetAt,
        keep: Keep,
        renews: bool,
    ) -> Verdict {
        if self.server.hooks.lease4_select.is_empty() {
            return Verdict::Continue;
        }
        let (address, lifetime) = (lease.address, lease.valid_lifetime);
        let subnet = &self.server.config[subnet];
        let mut draft = LeaseDraft4 { lease, subnet, offer: keep.is_offer(), renews };
        let asked = self.asked();
        let verdicts = self.server.hooks.lease4_select.iter().map(|it| it.lease4_select(asked, &mut draft));
        let verdict = verdicts.into_iter().find(|verdict| *verdict != Verdict::Continue);
        lease.address = address;
        if lease.valid_lifetime != lifetime {
            *told = lease.valid_lifetime;
        }
        verdict.unwrap_or(Verdict::Continue)
    }

    /// Whether there are as many leases already as there may be.
    async fn is_too_many(&self, lease: &Lease4) -> Result<bool, Dropped> {
        for module in &self.server.hooks.lease4_limit {
            match module.lease4_limit(self.asked(), lease).answer().await {
                Verdict::Continue => {}
                Verdict::Skip => return Ok(true),
                Verdict::Drop(counts) => return Err(dropped(counts)),
            }
        }
        Ok(false)
    }

    /// Asks the modules at `lease4_offer` whether somebody uses an address that is going to be offered: then it is put
    /// in probation.
    async fn is_in_use(
        &self,
        lease: &Lease4,
        former: Option<&Lease4>,
        subnet: SubnetAt,
        keep: Keep,
    ) -> Result<bool, Dropped> {
        let reserved = self.rights.reserved(subnet);
        let is_reserved = matches!(reserved, Reserved::Address(address, _) if address == lease.address);
        let subnet = &self.server.config[subnet];
        for module in &self.server.hooks.lease4_offer {
            let offered = Offered4 { lease, former, subnet, is_reserved };
            let step = module.lease4_offer(self.asked(), offered);
            match self.server.step(Point::Lease4Offer, self.query, step).await? {
                Offer::Free => {}
                Offer::InUse => {
                    let written = if matches!(keep, Keep::No) { former } else { Some(lease) };
                    self.put_in_probation(lease, written).await?;
                    return Ok(true);
                }
                Offer::Drop(counts) => {
                    return Err(Dropped::ByModule { point: Point::Lease4Offer, counts });
                }
            }
        }
        Ok(false)
    }

    /// Puts an address in probation that was found in use. If its lease, of which `written` is what was there, has
    /// changed meanwhile, whoever changed it knows better.
    async fn put_in_probation(&self, lease: &Lease4, written: Option<&Lease4>) -> Result<(), StoreError> {
        let probation = self.server.config.decline_probation;
        let declined = give_back::declined(lease, probation, self.now);
        let change = Change { address: lease.address, from: written, to: Some(&declined) };
        if self.leases.put(change, Cause::InUse(self.query), self.now).await? == Put::Done {
            DHCP4_SERVER_INITIATED_DECLINE(self.query, lease.address, probation);
        }
        Ok(())
    }

    fn asked(&self) -> Asked4<'_> {
        Asked4 { message: self.message, query: self.query, now: self.now }
    }
}

/// The client's lease, which is left as it is.
fn as_it_is(lease: &Lease4, told: Lifetime, subnet: SubnetAt, reused: Option<Lifetime>) -> Taken {
    Taken::Lease(Grant { address: lease.address, lifetime: told, subnet, reused, changes: None })
}

fn dropped(counts: Option<kotare_stats::Stat4>) -> Dropped {
    Dropped::ByModule { point: Point::Lease4Select, counts }
}
