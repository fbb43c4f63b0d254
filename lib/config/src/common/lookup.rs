//! Finding the subnet of an address, a relay or an interface without walking all of them.

use std::collections::HashMap;
use std::sync::Arc;

use smallvec::SmallVec;

use super::SubnetAt;
use crate::{Address, Prefix};

/// A subnet, as it is found.
pub trait Located {
    /// An address of the protocol.
    type Address: Address;

    /// Its prefix.
    fn prefix(&self) -> Prefix<Self::Address>;

    /// The addresses of its relays.
    fn relays(&self) -> &[Self::Address];

    /// The interface that it is on.
    fn interface(&self) -> Option<&str>;

    /// What relays call its link.
    fn interface_id(&self) -> Option<&[u8]> {
        None
    }
}

/// Lookup tables over the subnets of one configuration. Of several subnets that match and fit, the one with the lowest id
/// is found, as in Kea. What fits is for the caller to say: nearly always whether the client is of the subnet's classes.
#[derive(Clone, Debug)]
pub struct SubnetLookup<A> {
    /// Nearly always one: several may have a prefix if it is written with host bits.
    by_prefix: HashMap<Prefix<A>, SmallVec<[SubnetAt; 2]>>,
    prefix_lens: Vec<u8>,
    by_relay: HashMap<A, Vec<SubnetAt>>,
    by_interface: HashMap<Box<str>, Vec<SubnetAt>>,
    by_interface_id: HashMap<Box<[u8]>, Vec<SubnetAt>>,
}

impl<A> Default for SubnetLookup<A> {
    fn default() -> Self {
        Self {
            by_prefix: HashMap::new(),
            prefix_lens: Vec::new(),
            by_relay: HashMap::new(),
            by_interface: HashMap::new(),
            by_interface_id: HashMap::new(),
        }
    }
}

impl<A: Address> SubnetLookup<A> {
    /// The tables for `subnets`, which are sorted by id.
    pub fn new<S: Located<Address = A>>(subnets: &[Arc<S>]) -> Self {
        let mut lookup = Self::default();
        for (at, subnet) in subnets.iter().enumerate() {
            let at = SubnetAt::new(at);
            lookup.by_prefix.entry(subnet.prefix()).or_default().push(at);
            lookup.prefix_lens.push(subnet.prefix().prefix_len());
            for relay in subnet.relays() {
                lookup.by_relay.entry(*relay).or_default().push(at);
            }
            if let Some(interface) = subnet.interface() {
                lookup.by_interface.entry(interface.into()).or_default().push(at);
            }
            if let Some(id) = subnet.interface_id() {
                lookup.by_interface_id.entry(id.into()).or_default().push(at);
            }
        }
        lookup.prefix_lens.sort_unstable();
        lookup.prefix_lens.dedup();
        lookup
    }

    /// The subnet whose prefix holds `address`: at most one lookup a prefix length in use.
    pub fn containing(&self, address: A, fits: impl Fn(SubnetAt) -> bool) -> Option<SubnetAt> {
        let found =
            self.prefix_lens.iter().filter_map(|len| self.by_prefix.get(&Prefix::new(address, *len)?));
        found.flatten().copied().filter(|at| fits(*at)).min()
    }

    /// The subnets of this prefix.
    pub fn of_prefix(&self, prefix: Prefix<A>) -> &[SubnetAt] {
        self.by_prefix.get(&prefix).map_or(&[], |found| found)
    }

    /// The subnet that names `relay` among its relay addresses.
    pub fn relayed_by(&self, relay: A, fits: impl Fn(SubnetAt) -> bool) -> Option<SubnetAt> {
        self.by_relay.get(&relay)?.iter().copied().find(|at| fits(*at))
    }

    /// The subnet that names this interface.
    pub fn on_interface(&self, interface: &str, fits: impl Fn(SubnetAt) -> bool) -> Option<SubnetAt> {
        self.by_interface.get(interface)?.iter().copied().find(|at| fits(*at))
    }

    /// The subnet whose link relays call so (`interface-id`, option 18 of DHCPv6).
    pub fn of_interface_id(&self, id: &[u8], fits: impl Fn(SubnetAt) -> bool) -> Option<SubnetAt> {
        self.by_interface_id.get(id)?.iter().copied().find(|at| fits(*at))
    }
}
