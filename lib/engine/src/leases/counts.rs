//! What of a lease is counted.

use kotare_model::{Lease4, LeaseState, SubnetId, Timestamp};
use kotare_stats::{Counters4, Stat4};

use super::registry::Registry;

/// What of a lease is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    subnet: SubnetId,
    pool_id: u32,
    /// Assigned or in probation; reclaimed and released leases are kept, but their addresses are free.
    pub(super) taken: bool,
    declined: bool,
}

impl Counts {
    pub(super) fn of(lease: &Lease4) -> Self {
        Self {
            subnet: lease.subnet_id,
            pool_id: lease.pool_id,
            taken: matches!(lease.state, LeaseState::Assigned | LeaseState::Declined),
            declined: lease.state == LeaseState::Declined,
        }
    }
}

/// Counts that a lease which was `from` is `to` now. A lease that ends or changes hands after its end counts as
/// reclaimed.
pub(super) fn count(
    counters: &Counters4,
    registry: &Registry,
    from: Option<&Lease4>,
    to: Option<Counts>,
    now: Timestamp,
) {
    let expired = from.is_some_and(|from| from.expired(now));
    let before = from.map(Counts::of).filter(|before| before.taken);
    let after = to.filter(|to| to.taken);
    // A renewal changes nothing that is counted.
    if before == after && !expired {
        return;
    }
    let add = |at: Counts, stat, delta| {
        let subnet = registry.stats(at.subnet);
        counters.add_in(stat, delta, subnet, subnet.and_then(|subnet| subnet.pool(at.pool_id)));
    };
    if let Some(before) = before {
        add(before, Stat4::AssignedAddresses, -1);
        if before.declined {
            add(before, Stat4::DeclinedAddresses, -1);
        }
        if expired {
            add(before, Stat4::ReclaimedLeases, 1);
            if before.declined {
                add(before, Stat4::ReclaimedDeclinedAddresses, 1);
            }
        }
    }
    if let Some(after) = after {
        add(after, Stat4::AssignedAddresses, 1);
        if after.declined {
            add(after, Stat4::DeclinedAddresses, 1);
        }
        if before.is_none() || expired {
            add(after, Stat4::CumulativeAssignedAddresses, 1);
        }
    }
}
