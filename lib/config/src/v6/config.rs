//! The whole configuration of a DHCPv6 server.

use std::collections::HashSet;
use std::ops::Index;
use std::slice::from_ref;
use std::sync::Arc;

use kotare_model::{HwAddrSource, Lifetime, SubnetId};
use kotare_options::Definitions;

use crate::Process;
use crate::common::resolve::networks::{Joining, join};
use crate::common::resolve::subnets::{exchanging, stands_as};

use super::{
    Classes, Codes6, Follower, HostIdType, Hosts6, Interfaces6, Network6, NetworkAt, Options6, Params6,
    PrefixRoutes, ServerId, Subnet6, SubnetAt, SubnetLookup,
};

/// A resolved `Dhcp6`. A clone shares what there is much of.
#[derive(Clone, Debug)]
pub struct Config6 {
    /// Where the server listens.
    pub interfaces: Interfaces6,
    /// All subnets, those of shared networks too, by id.
    pub subnets: Arc<Vec<Arc<Subnet6>>>,
    /// All shared networks, in the order written.
    pub networks: Arc<Vec<Network6>>,
    /// Lookup tables over `subnets`.
    pub lookup: Arc<SubnetLookup>,
    /// Client classes, their expressions compiled.
    pub classes: Arc<Classes>,
    /// Host reservations.
    pub hosts: Hosts6,
    /// `host-reservation-identifiers`: what clients are looked for by, in this order.
    pub host_ids: Vec<HostIdType>,
    /// `early-global-reservations-lookup`: look for global reservations before a subnet is selected.
    pub early_global_hosts: bool,
    /// `ip-reservations-unique`: no address or prefix is reserved twice in a subnet.
    pub unique_reservations: bool,
    /// Global options: the least specific level.
    pub options: Options6,
    /// Global parameters, for replies to clients that get no lease (INFORMATION-REQUEST without a subnet).
    pub params: Params6,
    /// Option definitions: standard ones and those of the configuration.
    pub definitions: Definitions,
    /// `server-id`: how the server's DUID is made.
    pub server_id: ServerId,
    /// `mac-sources`: where clients' hardware addresses are looked for, each once, in this order.
    pub mac_sources: Vec<HwAddrSource>,
    /// `relay-supplied-options`: what relays may give to clients through the server (RFC 6422).
    pub relay_supplied_options: Codes6,
    /// `decline-probation-period`: how long a declined address rests.
    pub decline_probation: Lifetime,
    /// `allow-address-registration`: whether clients may register addresses that they made (RFC 9686).
    pub address_registration: bool,
    /// `delegated-prefix-routes`: how the network learns the way to prefixes that clients have, if it does from here.
    pub prefix_routes: Option<PrefixRoutes>,
    /// `prefix-from`: the subnets that follow prefixes which are learned, those that are not served for now too.
    pub followers: Vec<Follower>,
    /// What concerns the server as a process.
    pub process: Process,
}

impl AsRef<Process> for Config6 {
    fn as_ref(&self) -> &Process {
        &self.process
    }
}

impl Config6 {
    /// The subnet with this id.
    pub fn subnet(&self, id: SubnetId) -> Option<&Subnet6> {
        self.subnet_at(id).map(|at| &self[at])
    }

    /// Whether the subnet with this id follows a prefix that is learned, so that it may have been elsewhere.
    pub fn follows(&self, id: SubnetId) -> bool {
        self.followers.iter().any(|follower| follower.subnet == id)
    }

    /// Where the subnet with this id stands.
    pub fn subnet_at(&self, id: SubnetId) -> Option<SubnetAt> {
        self.subnets.binary_search_by_key(&id, |subnet| subnet.id).ok().map(SubnetAt::new)
    }

    /// The ids of all subnets on the link of this one, ascending: those of its shared network, or its own alone.
    pub fn link(&self, at: SubnetAt) -> &[SubnetId] {
        let subnet = &self[at];
        subnet.network.map_or(from_ref(&subnet.id), |network| &self[network].ids)
    }
}

// Of subnets that follow prefixes those are missing that are not served for now.
exchanging!(Config6, Subnet6, |config| config.followers.is_empty());

impl Index<SubnetAt> for Config6 {
    type Output = Subnet6;

    fn index(&self, at: SubnetAt) -> &Subnet6 {
        &self.subnets[at.index()]
    }
}

impl Index<NetworkAt> for Config6 {
    type Output = Network6;

    fn index(&self, at: NetworkAt) -> &Network6 {
        &self.networks[at.index()]
    }
}
