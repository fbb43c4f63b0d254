//! What differs between the two families.

use std::fmt::Display;
use std::net::IpAddr;
use std::sync::Arc;

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
    /// Says that a lease has expired in a subnet of which nobody knows whose it is.
    const EXPIRES_OF_NOBODY: fn(IpAddr, &str);
    /// Says that partners cannot send their commands to where they are to.
    const UNHEARD: fn(&dyn Display);

    /// Registers the points where messages and leases pass.
    fn register(gate: Arc<Gate<Self>>, modules: &mut Modules<Self>);

    /// By this it is told whose client has it.
    fn hash(&self) -> Option<u8>;

    /// The terms of a configuration, of its subnets those that `takes` names.
    fn terms(config: &Self::Config, takes: &dyn Fn(SubnetId) -> bool) -> Map<String, Json>;
}

impl Partnered for Lease4 {
    const SERVICE: &'static str = "dhcp4";
    const COMMANDS: &'static [&'static str] = COMMANDS4;
    const STALE: fn(&str, IpAddr, SubnetId) = |server, address, subnet| {
        HA_LEASE_SYNC_STALE_LEASE4_SKIP(server, address, subnet);
    };
    const EXPIRES_OF_NOBODY: fn(IpAddr, &str) = |address, subnet| {
        HA_LEASE4_EXPIRE_INVALID_HA_SERVER_NAME(address, subnet);
    };
    const UNHEARD: fn(&dyn Display) = |reason| HA_DHCP4_START_SERVICE_FAILED(reason);

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
}

impl Partnered for Lease6 {
    const SERVICE: &'static str = "dhcp6";
    const COMMANDS: &'static [&'static str] = COMMANDS6;
    const STALE: fn(&str, IpAddr, SubnetId) = |server, address, subnet| {
        HA_LEASE_SYNC_STALE_LEASE6_SKIP(server, address, subnet);
    };
    const EXPIRES_OF_NOBODY: fn(IpAddr, &str) = |address, subnet| {
        HA_LEASE6_EXPIRE_INVALID_HA_SERVER_NAME(address, subnet);
    };
    const UNHEARD: fn(&dyn Display) = |reason| HA_DHCP6_START_SERVICE_FAILED(reason);

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
}
