//! Looking for what is reserved for a client, alike for both protocols.

use std::sync::Arc;

use kotare_config::common::{HostId, Hosts, Reservation};
use kotare_model::SubnetId;
use smallvec::SmallVec;

/// Reservations in subnets, one each.
pub(crate) type Local<H> = SmallVec<[Arc<H>; 2]>;

/// The client's global reservation: that of the identifier that comes first. `tell` hears what came of each.
pub(crate) fn global<H: Reservation>(
    ids: &[HostId<'_>],
    hosts: &Hosts<H>,
    tell: impl Fn(SubnetId, HostId<'_>, Option<&Arc<H>>),
) -> Option<Arc<H>> {
    ids.iter().find_map(|id| {
        let found = hosts.get(*id, SubnetId::GLOBAL);
        tell(SubnetId::GLOBAL, *id, found.as_ref());
        found
    })
}

/// The client's reservations in the subnets of a link that `counts` says count; of each subnet that of the identifier that
/// comes first. `link` is ascending; `selected` is the subnet of it that was selected.
pub(crate) fn on_link<H: Reservation>(
    ids: &[HostId<'_>],
    hosts: &Hosts<H>,
    (link, selected): (&[SubnetId], SubnetId),
    counts: impl Fn(SubnetId) -> bool,
    tell: impl Fn(SubnetId, HostId<'_>, Option<&Arc<H>>),
) -> Local<H> {
    let mut local = Local::new();
    for id in ids {
        hosts.on_link(*id, link, |host| {
            let is_first = local.iter().all(|other: &Arc<H>| other.subnet() != host.subnet());
            if is_first && counts(host.subnet()) {
                local.push(host.clone());
            }
        });
        let found = local.iter().find(|host| host.id() == *id);
        tell(selected, *id, found);
        // Of a subnet alone there is no other.
        if found.is_some() && link.len() == 1 {
            break;
        }
    }
    local
}
