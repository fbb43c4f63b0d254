//! Looking for what is reserved for a client, alike for both protocols.

use std::sync::Arc;

use kotare_config::common::{HostId, Hosts, Reservation};
use kotare_model::SubnetId;
use kotare_store::{HostSources, Reserved, StoreError, Wanted};
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

/// Where a client is to be looked for outside the configuration, and by which identifiers: those that come before that of the
/// reservation which the configuration has for it there. `global` is the one for everywhere, if such count; `link` are the
/// subnets on its link whose reservations count, ascending.
pub(crate) fn wanted<H: Reservation>(
    ids: &[HostId<'_>],
    global: Option<Option<&Arc<H>>>,
    link: impl Iterator<Item = SubnetId>,
    local: &Local<H>,
) -> SmallVec<[Wanted; 2]> {
    let before = |found: Option<&Arc<H>>| {
        let nth = found.and_then(|host| ids.iter().position(|id| *id == host.id()));
        nth.unwrap_or(ids.len())
    };
    let everywhere = global.map(|found| Wanted { subnet: SubnetId::GLOBAL, ids: before(found) });
    let on_link = link.map(|subnet| {
        let found = local.iter().find(|host| host.subnet() == subnet);
        Wanted { subnet, ids: before(found) }
    });
    everywhere.into_iter().chain(on_link).filter(|wanted| wanted.ids > 0).collect()
}

/// Puts a reservation in the place of that of a later identifier, if there is one of its subnet.
pub(crate) fn put<H: Reservation>(host: Arc<H>, global: &mut Option<Arc<H>>, local: &mut Local<H>) {
    if host.subnet() == SubnetId::GLOBAL {
        *global = Some(host);
    } else {
        local.retain(|other| other.subnet() != host.subnet());
        local.push(host);
    }
}

/// Whether an address of a subnet is reserved, and for none of the clients that `is_mine` knows. The configuration is asked
/// before all sources, and where addresses are reserved once at most (`unique`), what it says is the end of it.
pub(crate) async fn is_for_others<H: Reservation, R: Reserved<Address = H::Address>>(
    (hosts, sources): (&Hosts<H>, &HostSources<R>),
    unique: bool,
    (subnet, address): (SubnetId, H::Address),
    is_mine: impl Fn(HostId<'_>) -> bool + Send,
) -> Result<bool, StoreError> {
    let here = hosts.of_address(subnet, address);
    if here.iter().any(|host| is_mine(host.id())) {
        return Ok(false);
    }
    let is_reserved = !here.is_empty();
    if sources.is_empty() || unique && is_reserved {
        return Ok(is_reserved);
    }
    // What is waited for is kept apart, so that what is not waited for is not as large.
    let elsewhere = Box::pin(sources.of_address(address, subnet, unique)).await?;
    Ok((is_reserved || !elsewhere.is_empty()) && !elsewhere.iter().any(|host| is_mine(host.id())))
}
