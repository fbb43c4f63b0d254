//! The whole configuration of a DHCPv4 server.

use std::collections::HashSet;
use std::ops::Index;
use std::slice::from_ref;
use std::sync::Arc;

use kotare_model::{Lifetime, SubnetId};
use kotare_options::Definitions;

use crate::Process;
use crate::common::resolve::networks::{Joining, join};
use crate::common::resolve::subnets::{exchanging, stands_as};

use super::{
    Classes, HostIdType, Hosts4, Interfaces, Network4, NetworkAt, Options4, Params4, Subnet4, SubnetAt,
    SubnetLookup,
};

/// A resolved `Dhcp4`. A clone shares what there is much of.
#[derive(Clone, Debug)]
pub struct Config4 {
    /// Where the server listens.
    pub interfaces: Interfaces,
    /// All subnets, those of shared networks too, by id.
    pub subnets: Arc<Vec<Arc<Subnet4>>>,
    /// All shared networks, in the order written.
    pub networks: Arc<Vec<Network4>>,
    /// Lookup tables over `subnets`.
    pub lookup: Arc<SubnetLookup>,
    /// Client classes, their expressions compiled.
    pub classes: Arc<Classes>,
    /// Host reservations.
    pub hosts: Hosts4,
    /// `host-reservation-identifiers`: what clients are looked for by, in this order.
    pub host_ids: Vec<HostIdType>,
    /// `early-global-reservations-lookup`: look for global reservations before a subnet is selected.
    pub early_global_hosts: bool,
    /// `ip-reservations-unique`: no address is reserved twice in a subnet.
    pub unique_reservations: bool,
    /// Global options: the least specific level.
    pub options: Options4,
    /// Global parameters, for replies to clients that get no lease (DHCPINFORM without a subnet).
    pub params: Params4,
    /// Option definitions: standard ones and those of the configuration.
    pub definitions: Definitions,
    /// `echo-client-id`: whether replies carry the client's option 61 (RFC 6842).
    pub echo_client_id: bool,
    /// `decline-probation-period`: how long a declined address rests.
    pub decline_probation: Lifetime,
    /// `stash-agent-options`: use the relay information of the lease for a renewal that comes without.
    pub stash_agent_options: bool,
    /// `compatibility`.
    pub compatibility: Compatibility,
    /// What concerns the server as a process.
    pub process: Process,
}

impl AsRef<Process> for Config4 {
    fn as_ref(&self) -> &Process {
        &self.process
    }
}

impl Config4 {
    /// The subnet with this id.
    pub fn subnet(&self, id: SubnetId) -> Option<&Subnet4> {
        self.subnet_at(id).map(|at| &self[at])
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

exchanging!(Config4, Subnet4, |_| true);

impl Index<SubnetAt> for Config4 {
    type Output = Subnet4;

    fn index(&self, at: SubnetAt) -> &Subnet4 {
        &self.subnets[at.index()]
    }
}

impl Index<NetworkAt> for Config4 {
    type Output = Network4;

    fn index(&self, at: NetworkAt) -> &Network4 {
        &self.networks[at.index()]
    }
}

/// `compatibility`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compatibility {
    /// `ignore-dhcp-server-identifier`: answer requests that name another server.
    pub ignore_server_identifier: bool,
    /// `ignore-rai-link-selection`: relays' link selection does not choose the subnet.
    pub ignore_rai_link_selection: bool,
    /// `exclude-first-last-24`: do not give the .0 and .255 address of a subnet of at least /24.
    pub exclude_first_last_24: bool,
}
