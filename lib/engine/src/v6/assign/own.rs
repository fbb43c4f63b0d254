//! The leases a client has.

use kotare_config::v6::SubnetAt;
use kotare_model::{Lease6, LeaseState};
use kotare_store::{By6, Found, Ia, LeaseStore, StoreError};
use smallvec::SmallVec;

use super::{Asked, Assignment, Place, siblings};

/// A lease that the client may go on having.
pub(super) struct Kept<'l> {
    pub(super) lease: &'l Lease6,
    /// The subnet it is served from.
    pub(super) subnet: SubnetAt,
    /// Whether it is of something reserved for the client.
    pub(super) is_reserved: bool,
}

impl<S: LeaseStore<Lease6>> Assignment<'_, S> {
    /// The leases of an association on this link, those of subnets that are looked at first before others. What clients
    /// registered is not of any association.
    pub(super) async fn own_leases(&self, asked: &Asked<'_>) -> Result<Found<Lease6>, StoreError> {
        let config = &self.server.config;
        let Some(duid) = self.query.duid() else { return Ok(Found::new()) };
        let ia = Ia { lease_type: asked.kind, duid: duid.as_bytes(), iaid: asked.iaid };
        let mut own = self.leases.get(By6::IaOn(ia, config.link(self.at))).await?;
        own.retain(|lease| lease.state != LeaseState::Registered);
        if own.len() > 1 {
            let classes = &self.query.classes;
            own.sort_by_cached_key(|lease| {
                let mut link = siblings(config, self.at, classes);
                let nth = link.position(|at| config[at].id == lease.subnet_id);
                (nth.unwrap_or(usize::MAX), lease.address)
            });
        }
        Ok(own)
    }

    /// Which of its leases the client goes on having: those that it may have and that are assigned. Of those that are only
    /// kept for it, the last comes back when there is no other.
    pub(super) async fn judged<'l>(&self, own: &'l [Lease6]) -> Result<SmallVec<[Kept<'l>; 2]>, StoreError> {
        let mut kept: SmallVec<[Kept<'l>; 2]> = SmallVec::new();
        for lease in own {
            let (kind, place) = (lease.lease_type, Place::of(lease));
            if self.given.contains(&place) {
                continue;
            }
            let reserved = self.rights.reserved(self.at, kind);
            let reserved = reserved.iter().find(|(reserved, _)| *reserved == place);
            let subnet = match reserved {
                Some((_, subnet)) => Some(*subnet),
                None => self.rights.free_to_have(self.at, kind, place).await?,
            };
            if let Some(subnet) = subnet {
                kept.push(Kept { lease, subnet, is_reserved: reserved.is_some() });
            }
        }
        let is_assigned = |kept: &Kept<'_>| kept.lease.state == LeaseState::Assigned;
        if kept.len() > 1 && !kept.iter().all(is_assigned) {
            let last = kept.iter().max_by_key(|kept| (is_assigned(kept), kept.is_reserved, kept.lease.cltt));
            let last = last.map(|kept| kept.lease.address);
            kept.retain(|kept| is_assigned(kept) || Some(kept.lease.address) == last);
        }
        Ok(kept)
    }
}
