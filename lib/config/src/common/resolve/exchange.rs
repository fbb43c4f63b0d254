//! A configuration that differs from another in few reservations, without reading all of it.

use kotare_model::Reservation as Kept;

use super::Protocol;
use super::classes::ClassesOf;
use crate::common::{Hosts, Reservation};

/// `hosts` without those that are `taken` out, and with `put`, which means the second of the pair. They are as they are
/// written, and stand in no database.
///
/// Nothing where the whole would have to be read to know what they mean: where one names a class that the configuration
/// does not have without it, or is for what another one is for.
pub(crate) fn exchanged<F: Protocol, R>(
    hosts: &Hosts<F::Host>,
    classes: &ClassesOf<F>,
    taken: &[Kept<R>],
    put: Option<(&Kept<R>, F::Host)>,
) -> Option<Hosts<F::Host>> {
    let is_there = |name: &str| {
        let class = classes.id(name).and_then(|id| classes.get(id));
        class.is_some_and(|class| class.is_configured)
    };
    let knows = |kept: &Kept<R>| {
        let of_options = kept.options.iter().flat_map(|option| &option.classes);
        kept.classes.iter().chain(of_options).all(|name| is_there(name))
    };
    if !taken.iter().chain(put.as_ref().map(|(kept, _)| *kept)).all(knows) {
        return None;
    }
    let mut hosts = hosts.clone();
    for kept in taken {
        hosts = hosts.without(kept.id(), kept.subnet)?;
    }
    let Some((_, host)) = put else { return Some(hosts) };
    let subnet = host.subnet();
    let is_reserved = host.addresses().any(|address| !hosts.of_address(subnet, address).is_empty());
    let is_double = is_reserved || hosts.get(host.id(), subnet).is_some();
    (!is_double).then(|| hosts.with(host))
}
