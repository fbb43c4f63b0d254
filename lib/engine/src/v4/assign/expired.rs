//! Addresses whose leases have ended without having been reclaimed.

use kotare_config::v4::SubnetAt;
use kotare_model::Lease4;
use kotare_store::LeaseStore;

use super::take::Taken;
use super::{Assignment, IN_USE, Keep, siblings};
use crate::v4::Dropped;
use crate::v4::trace::{Claim, Step};

/// How many expired leases of a subnet are looked at when no address is free: nearly always the first will do, but
/// leases of addresses that are in no pool any more may have been waiting for longer.
const LOOKS: [usize; 3] = [1, 64, 1024];

impl<S: LeaseStore<Lease4>> Assignment<'_, S> {
    /// An address of the subnet or its siblings whose lease has expired: reclamation frees it soon, but a client need not
    /// wait for that, however much there is to reclaim elsewhere. `in_use` counts the addresses that turned out to be in
    /// use.
    pub(super) async fn take_expired(
        &self,
        start: SubnetAt,
        keep: &(impl Fn(SubnetAt) -> Keep + Send + Sync),
        in_use: &mut usize,
    ) -> Result<Option<Taken>, Dropped> {
        let config = &self.server.config;
        let classes = &self.query.classes;
        for subnet in siblings(config, start, classes) {
            for limit in LOOKS {
                let id = Some(config[subnet].id);
                let expired = self.leases.store().expired(id, self.now, limit).await?;
                let all = expired.len() < limit;
                for lease in expired {
                    let address = lease.address;
                    if config[subnet].pool_for(address, classes).is_none()
                        || self.excluded(subnet, address)
                        || self.rights.is_for_others(subnet, address).await?
                    {
                        continue;
                    }
                    self.tell(|| Step::Trying(Claim::Expired, address));
                    match self.take(address, Some(lease), subnet, keep(subnet)).await? {
                        Taken::Held => {}
                        Taken::InUse if *in_use + 1 < IN_USE => *in_use += 1,
                        taken => return Ok(Some(taken)),
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
