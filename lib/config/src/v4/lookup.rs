//! Finding the subnet of an address, a relay or an interface without walking all of them.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::{Prefix4, Subnet4, SubnetAt};

/// Lookup tables over the subnets of one configuration. Of several subnets that match and fit, the one with the lowest id
/// is found, as in Kea. What fits is for the caller to say: nearly always whether the client is of the subnet's classes.
#[derive(Clone, Debug, Default)]
pub struct SubnetLookup {
    by_prefix: HashMap<Prefix4, SubnetAt>,
    prefix_lens: Vec<u8>,
    by_relay: HashMap<Ipv4Addr, Vec<SubnetAt>>,
    by_interface: HashMap<Box<str>, Vec<SubnetAt>>,
}

impl SubnetLookup {
    /// The tables for `subnets`, which are sorted by id.
    pub fn new(subnets: &[Subnet4]) -> Self {
        let mut lookup = Self::default();
        for (at, subnet) in subnets.iter().enumerate() {
            let at = SubnetAt::new(at);
            lookup.by_prefix.entry(subnet.prefix).or_insert(at);
            lookup.prefix_lens.push(subnet.prefix.prefix_len());
            for relay in &subnet.relays {
                lookup.by_relay.entry(*relay).or_default().push(at);
            }
            if let Some(interface) = &subnet.interface {
                lookup.by_interface.entry(interface.clone()).or_default().push(at);
            }
        }
        lookup.prefix_lens.sort_unstable();
        lookup.prefix_lens.dedup();
        lookup
    }

    /// The subnet whose prefix holds `address`: at most one lookup a prefix length in use.
    pub fn containing(&self, address: Ipv4Addr, fits: impl Fn(SubnetAt) -> bool) -> Option<SubnetAt> {
        let found =
            self.prefix_lens.iter().filter_map(|len| self.by_prefix.get(&Prefix4::new(address, *len)?));
        found.copied().filter(|at| fits(*at)).min()
    }

    /// The subnet that names `relay` among its relay addresses.
    pub fn relayed_by(&self, relay: Ipv4Addr, fits: impl Fn(SubnetAt) -> bool) -> Option<SubnetAt> {
        self.by_relay.get(&relay)?.iter().copied().find(|at| fits(*at))
    }

    /// The subnet that names this interface.
    pub fn on_interface(&self, interface: &str, fits: impl Fn(SubnetAt) -> bool) -> Option<SubnetAt> {
        self.by_interface.get(interface)?.iter().copied().find(|at| fits(*at))
    }
}
