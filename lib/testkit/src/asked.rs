//! What a store of the test's answers, and what a call of it is called: by a look at every lease.

use std::collections::BTreeMap;

use kotare_model::{HwAddr, Lease4, Lease6, SubnetId};
use kotare_store::{By4, By6, Found, Ia, Lease};

use crate::Call;

/// A lease that the stores of this crate keep.
pub trait Asked: Lease {
    /// The leases asked for. Those without the key asked for are found by nobody.
    fn answer(by: Self::By<'_>, leases: &BTreeMap<Self::Address, Self>) -> Found<Self>;

    /// What a `get` is called in a list of calls.
    fn call(by: Self::By<'_>) -> Call;
}

fn all<L: Lease>(leases: &BTreeMap<L::Address, L>, fits: impl Fn(&L) -> bool) -> Found<L> {
    leases.values().filter(|lease| fits(lease)).cloned().collect()
}

impl Asked for Lease4 {
    fn answer(by: By4<'_>, leases: &BTreeMap<Self::Address, Self>) -> Found<Self> {
        let latest = |link: &[SubnetId], fits: &dyn Fn(&Lease4) -> bool| {
            let mut found: Found<Lease4> = Found::new();
            for lease in leases.values().filter(|lease| link.contains(&lease.subnet_id) && fits(lease)) {
                let kind = |lease: &Lease4| (lease.subnet_id, lease.client_id.is_some());
                match found.iter_mut().find(|other| kind(other) == kind(lease)) {
                    Some(other) if other.cltt > lease.cltt => {}
                    // Leases come by address.
                    Some(other) => other.clone_from(lease),
                    None => found.push(lease.clone()),
                }
            }
            found
        };
        let has_id = |lease: &Lease4, id| lease.client_id.as_ref().is_some_and(|own| own.as_bytes() == id);
        let has_hwaddr = |lease: &Lease4, hwaddr: &HwAddr| !hwaddr.is_empty() && lease.hwaddr == *hwaddr;
        match by {
            By4::Address(address) => leases.get(&address).into_iter().cloned().collect(),
            By4::ClientId(id) => all(leases, |lease| has_id(lease, id)),
            By4::HwAddr(hwaddr) => all(leases, |lease| has_hwaddr(lease, hwaddr)),
            By4::ClientIdOn(id, link) => latest(link, &|lease| has_id(lease, id)),
            By4::HwAddrOn(hwaddr, link) => latest(link, &|lease| has_hwaddr(lease, hwaddr)),
            By4::NamelessOn(hwaddr, link) => {
                latest(link, &|lease| lease.client_id.is_none() && has_hwaddr(lease, hwaddr))
            }
            By4::Hostname(name) => all(leases, |lease| !name.is_empty() && lease.hostname == name),
        }
    }

    fn call(by: By4<'_>) -> Call {
        match by {
            By4::Address(address) => Call::GetAddress(address.into()),
            By4::ClientId(_) | By4::ClientIdOn(..) => Call::GetClientId,
            By4::HwAddr(_) | By4::HwAddrOn(..) | By4::NamelessOn(..) => Call::GetHwAddr,
            By4::Hostname(_) => Call::GetHostname,
        }
    }
}

impl Asked for Lease6 {
    fn answer(by: By6<'_>, leases: &BTreeMap<Self::Address, Self>) -> Found<Self> {
        let is_of = |lease: &Lease6, ia: Ia<'_>| !lease.duid.is_empty() && Ia::of(lease) == ia;
        match by {
            By6::Address(address) => leases.get(&address).into_iter().cloned().collect(),
            By6::Ia(ia) => all(leases, |lease| is_of(lease, ia)),
            By6::IaOn(ia, link) => all(leases, |lease| is_of(lease, ia) && link.contains(&lease.subnet_id)),
            By6::Duid(duid) => all(leases, |lease| lease.duid.as_bytes() == duid),
            By6::HwAddr(hwaddr) => all(leases, |lease| {
                !hwaddr.is_empty() && lease.hwaddr.as_ref().is_some_and(|own| own.address == *hwaddr)
            }),
            By6::Hostname(name) => all(leases, |lease| !name.is_empty() && lease.hostname == name),
        }
    }

    fn call(by: By6<'_>) -> Call {
        match by {
            By6::Address(address) => Call::GetAddress(address.into()),
            By6::Ia(_) | By6::IaOn(..) | By6::Duid(_) => Call::GetClientId,
            By6::HwAddr(_) => Call::GetHwAddr,
            By6::Hostname(_) => Call::GetHostname,
        }
    }
}
