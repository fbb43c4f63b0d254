//! All reservations of a configuration.
//!
//! A client is found by what names it, whatever the subnet: one look for each kind of identifier finds its reservations
//! everywhere, global ones first. So what a lookup costs depends neither on how many reservations there are nor on how
//! many subnets a shared network has.

use std::sync::Arc;

use kotare_model::SubnetId;

use super::host_index::{HostIndex, HostPart};
use super::{HostId, Reservation};

/// All reservations of a configuration. A clone is the same ones.
#[derive(Debug)]
pub struct Hosts<H: Reservation>(Arc<HostIndex<H>>);

impl<H: Reservation> Clone for Hosts<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: Reservation> Default for Hosts<H> {
    fn default() -> Self {
        Self::new(HostIndex::default())
    }
}

impl<H: Reservation> FromIterator<H> for Hosts<H> {
    fn from_iter<T: IntoIterator<Item = H>>(hosts: T) -> Self {
        let mut index = HostIndex::default();
        hosts.into_iter().for_each(|host| index.insert(host));
        Self::new(index)
    }
}

impl<H: Reservation> Hosts<H> {
    pub(crate) fn new(index: HostIndex<H>) -> Self {
        Self(Arc::new(index))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The reservation for a client in one subnet, or the global one.
    pub fn get(&self, id: HostId<'_>, subnet: SubnetId) -> Option<Arc<H>> {
        if self.is_empty() { None } else { self.0.get(id, subnet).cloned() }
    }

    /// Visits the reservations for a client in these subnets, which are ascending.
    pub fn on_link(&self, id: HostId<'_>, link: &[SubnetId], visit: impl FnMut(&Arc<H>)) {
        if !self.is_empty() {
            self.0.on_link(id, link, visit);
        }
    }

    /// The reservations of an address in a subnet, or the global ones; of a prefix, by its first address.
    pub fn of_address(&self, subnet: SubnetId, address: H::Address) -> &[Arc<H>] {
        if self.is_empty() { &[] } else { self.0.of_address(subnet, address) }
    }

    /// Whether an address is reserved in a subnet, and for none of the clients that `is_mine` knows.
    pub fn is_for_others(
        &self,
        subnet: SubnetId,
        address: H::Address,
        is_mine: impl Fn(HostId<'_>) -> bool,
    ) -> bool {
        let hosts = self.of_address(subnet, address);
        !hosts.is_empty() && !hosts.iter().any(|host| is_mine(host.id()))
    }

    /// Visits every reservation of an address in a subnet.
    pub fn each_address(&self, mut visit: impl FnMut(SubnetId, H::Address)) {
        for part in self.parts() {
            part.iter().for_each(|host| host.addresses().for_each(|address| visit(host.subnet(), address)));
        }
    }

    /// All of them, in parts.
    pub fn parts(&self) -> impl Iterator<Item = HostPart<H>> {
        self.0.parts()
    }

    /// These and another one, which is the only one of its client in its subnet.
    #[must_use]
    pub fn with(&self, host: H) -> Self {
        let mut index = (*self.0).clone();
        index.insert(host);
        Self::new(index)
    }

    /// These without that of a client in a subnet, or the global one; nothing if there is none.
    pub fn without(&self, id: HostId<'_>, subnet: SubnetId) -> Option<Self> {
        let mut index = (*self.0).clone();
        index.remove(id, subnet)?;
        Some(Self::new(index))
    }
}
