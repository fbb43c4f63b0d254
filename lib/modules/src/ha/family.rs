//! What differs between the two families.

use std::net::IpAddr;
use std::sync::Arc;

use kotare_config::json::Value;
use kotare_ha::{COMMANDS4, COMMANDS6, Synced, hash4, hash6};
use kotare_model::{Lease4, Lease6, SubnetId};
use serde_json::{Map, Value as Json};

use super::gate::Gate;
use super::messages::*;
use super::terms;
use crate::networked::Networked;
use crate::shown::Shown;
use crate::spoken::Spoken;
use crate::{Modules, Modules4, Modules6};

/// A lease that servers tell each other of. There are two of them.
pub(super) trait Partnered: Networked + Spoken + Shown + Synced {
    /// What commands call the server.
    const SERVICE: &'static str;
    /// What a listener for partners takes.
    const COMMANDS: &'static [&'static str];
    /// Says that a lease of the partner's is older than the one here.
    const STALE: fn(&str, IpAddr, SubnetId);

    /// Registers the points where messages and leases pass.
    fn register(gate: Arc<Gate<Self>>, modules: &mut Modules<Self>);

    /// By this it is told whose client has it.
    fn hash(&self) -> Option<u8>;

    /// The terms of a configuration, of its subnets those that `takes` names.
    fn terms(config: &Self::Config, takes: &dyn Fn(SubnetId) -> bool) -> Map<String, Json>;

    /// The user contexts of a subnet and of its shared network.
    fn contexts(config: &Self::Config, subnet: SubnetId) -> [Option<&Value>; 2];
}

impl Partnered for Lease4 {
    const SERVICE: &'static str = "dhcp4";
    const COMMANDS: &'static [&'static str] = COMMANDS4;
    const STALE: fn(&str, IpAddr, SubnetId) = |server, address, subnet| {
        HA_LEASE_SYNC_STALE_LEASE4_SKIP(server, address, subnet);
    };

    fn register(gate: Arc<Gate<Self>>, modules: &mut Modules4) {
        let hooks = &mut modules.hooks;
        if gate.is_hub() {
            hooks.subnet4_select.push(gate.clone());
        } else {
            hooks.receive4.push(gate.clone());
        }
        hooks.leases4_committed.push(gate.clone());
        hooks.lease4_reuse.push(gate.clone());
        hooks.lease4_expire.push(gate.clone());
        hooks.observers.push(gate);
    }

    fn hash(&self) -> Option<u8> {
        hash4(&self.hwaddr, self.client_id.as_ref())
    }

    fn terms(config: &Self::Config, takes: &dyn Fn(SubnetId) -> bool) -> Map<String, Json> {
        terms::of4(config, takes)
    }

    fn contexts(config: &Self::Config, subnet: SubnetId) -> [Option<&Value>; 2] {
        let subnet = config.subnet(subnet);
        let network = subnet.and_then(|subnet| subnet.network).map(|at| &config[at]);
        [
            subnet.and_then(|subnet| subnet.user_context.as_ref()),
            network.and_then(|network| network.user_context.as_ref()),
        ]
    }
}

impl Partnered for Lease6 {
    const SERVICE: &'static str = "dhcp6";
    const COMMANDS: &'static [&'static str] = COMMANDS6;
    const STALE: fn(&str, IpAddr, SubnetId) = |server, address, subnet| {
        HA_LEASE_SYNC_STALE_LEASE6_SKIP(server, address, subnet);
    };

    fn register(gate: Arc<Gate<Self>>, modules: &mut Modules6) {
        let hooks = &mut modules.hooks;
        if gate.is_hub() {
            hooks.subnet6_select.push(gate.clone());
        } else {
            hooks.receive6.push(gate.clone());
        }
        hooks.leases6_committed.push(gate.clone());
        hooks.lease6_reuse.push(gate.clone());
        hooks.lease6_expire.push(gate);
    }

    fn hash(&self) -> Option<u8> {
        hash6(Some(&self.duid))
    }

    fn terms(config: &Self::Config, takes: &dyn Fn(SubnetId) -> bool) -> Map<String, Json> {
        terms::of6(config, takes)
    }

    fn contexts(config: &Self::Config, subnet: SubnetId) -> [Option<&Value>; 2] {
        let subnet = config.subnet(subnet);
        let network = subnet.and_then(|subnet| subnet.network).map(|at| &config[at]);
        [
            subnet.and_then(|subnet| subnet.user_context.as_ref()),
            network.and_then(|network| network.user_context.as_ref()),
        ]
    }
}
