//! What a DHCPv6 server logs of a configuration that it is about to serve from, in Kea's order.

use std::fmt;

use kotare_config::v6::{Config6, InterfaceChoice6, Interfaces6, Subnet6};
use kotare_server::Former;
use kotare_server::messages::{
    DHCPSRV_CFGMGR_ADD_IFACE, DHCPSRV_CFGMGR_ALL_IFACES_ACTIVE, DHCPSRV_CFGMGR_USE_ALLOCATOR,
};

use crate::learned;
use crate::messages::*;

/// The subnets and where to listen; after a `former` configuration, of which a part was changed, what is new of both.
pub(crate) fn announce(config: &Config6, former: Option<Former<'_, Config6>>) {
    let alone = config.subnets.iter().map(|subnet| &**subnet).filter(|subnet| subnet.network.is_none());
    let shared = config.networks.iter().flat_map(|network| &network.subnets).map(|at| &config[*at]);
    for subnet in shared.chain(alone).filter(|subnet| is_new(subnet, former)) {
        DHCPSRV_CFGMGR_NEW_SUBNET6(Added(subnet));
    }
    learned::announce(config, former.map(|former| former.config));
    interfaces(&config.interfaces, former.map(|former| &former.config.interfaces));
}

fn is_new(subnet: &Subnet6, former: Option<Former<'_, Config6>>) -> bool {
    let Some(former) = former else { return true };
    let is_other = || former.config.subnet(subnet.id).is_none_or(|before| before.prefix != subnet.prefix);
    former.may_differ(subnet.id) && is_other()
}

/// That the configuration is understood.
pub(crate) fn complete(config: &Config6) {
    let updates = if config.process.dns_updates.is_some() { "enabled" } else { "disabled" };
    match config.subnets.len() {
        0 => DHCP6_CONFIG_COMPLETE(format_args!("no IPv6 subnets!; DDNS: {updates}")),
        count => DHCP6_CONFIG_COMPLETE(format_args!("added IPv6 subnets: {count}; DDNS: {updates}")),
    }
}

/// The order in which addresses and prefixes are given.
pub(crate) fn allocators(config: &Config6, former: Option<Former<'_, Config6>>) {
    for subnet in config.subnets.iter().filter(|subnet| is_new(subnet, former)) {
        DHCPSRV_CFGMGR_USE_ALLOCATOR(subnet.params.allocator.as_str(), "NA", subnet.prefix);
        DHCPSRV_CFGMGR_USE_ALLOCATOR(subnet.params.pd_allocator.as_str(), "PD", subnet.prefix);
    }
}

fn interfaces(config: &Interfaces6, former: Option<&Interfaces6>) {
    let told = former.map_or(&[][..], |former| &former.choices);
    for choice in config.choices.iter().filter(|choice| !told.contains(choice)) {
        match choice {
            InterfaceChoice6::All => DHCPSRV_CFGMGR_ALL_IFACES_ACTIVE(),
            InterfaceChoice6::Named(name) => DHCPSRV_CFGMGR_ADD_IFACE(name),
            InterfaceChoice6::Address(name, address) => {
                DHCPSRV_CFGMGR_USE_UNICAST(address, name);
            }
        }
    }
}

/// A subnet with its times, as Kea shows it.
struct Added<'a>(&'a Subnet6);

impl fmt::Display for Added<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let params = &self.0.params;
        write!(f, "{} with params: ", self.0.prefix)?;
        if let Some(renew) = params.tee_times.renew {
            write!(f, "t1={renew}, ")?;
        }
        if let Some(rebind) = params.tee_times.rebind {
            write!(f, "t2={rebind}, ")?;
        }
        if let Some(preferred) = params.preferred_lifetime {
            write!(f, "preferred-lifetime={}, ", preferred.default)?;
        }
        write!(f, "valid-lifetime={}, rapid-commit is {}", params.valid_lifetime.default, params.rapid_commit)
    }
}
