//! What a DHCPv4 server logs of a configuration that it is about to serve from, in Kea's order.

use std::fmt;

use kotare_config::v4::{Config4, InterfaceChoice, Interfaces, SocketType, Subnet4};
use kotare_server::Former;
use kotare_server::messages::{
    DHCPSRV_CFGMGR_ADD_IFACE, DHCPSRV_CFGMGR_ALL_IFACES_ACTIVE, DHCPSRV_CFGMGR_USE_ALLOCATOR,
};

use crate::messages::*;

/// The subnets and where to listen; after a `former` configuration, of which a part was changed, what is new of both.
pub(crate) fn announce(config: &Config4, former: Option<Former<'_, Config4>>) {
    let alone = config.subnets.iter().map(|subnet| &**subnet).filter(|subnet| subnet.network.is_none());
    let shared = config.networks.iter().flat_map(|network| &network.subnets).map(|at| &config[*at]);
    for subnet in shared.chain(alone).filter(|subnet| is_new(subnet, former)) {
        DHCPSRV_CFGMGR_NEW_SUBNET4(Added(subnet));
    }
    interfaces(&config.interfaces, former.map(|former| &former.config.interfaces));
}

fn is_new(subnet: &Subnet4, former: Option<Former<'_, Config4>>) -> bool {
    let Some(former) = former else { return true };
    let is_other = || former.config.subnet(subnet.id).is_none_or(|before| before.prefix != subnet.prefix);
    former.may_differ(subnet.id) && is_other()
}

/// That the configuration is understood.
pub(crate) fn complete(config: &Config4) {
    let updates = if config.process.dns_updates.is_some() { "enabled" } else { "disabled" };
    match config.subnets.len() {
        0 => DHCP4_CONFIG_COMPLETE(format_args!("no IPv4 subnets!; DDNS: {updates}")),
        count => DHCP4_CONFIG_COMPLETE(format_args!("added IPv4 subnets: {count}; DDNS: {updates}")),
    }
}

/// The order in which addresses are given.
pub(crate) fn allocators(config: &Config4, former: Option<Former<'_, Config4>>) {
    for subnet in config.subnets.iter().filter(|subnet| is_new(subnet, former)) {
        DHCPSRV_CFGMGR_USE_ALLOCATOR(subnet.params.allocator.as_str(), "V4", subnet.prefix);
    }
}

fn interfaces(config: &Interfaces, former: Option<&Interfaces>) {
    let told = former.map_or(&[][..], |former| &former.choices);
    for choice in config.choices.iter().filter(|choice| !told.contains(choice)) {
        match choice {
            InterfaceChoice::All => DHCPSRV_CFGMGR_ALL_IFACES_ACTIVE(),
            InterfaceChoice::Named(name) => DHCPSRV_CFGMGR_ADD_IFACE(name),
            InterfaceChoice::Address(name, address) => DHCPSRV_CFGMGR_USE_ADDRESS(address, name),
        }
    }
    if former.is_some() {
        return;
    }
    let kind = match config.socket_type {
        SocketType::Raw => "raw",
        SocketType::Udp => "udp",
    };
    match config.socket_type_is_written {
        true => DHCPSRV_CFGMGR_SOCKET_TYPE_SELECT(kind),
        false => DHCPSRV_CFGMGR_SOCKET_TYPE_DEFAULT(kind),
    }
}

/// A subnet with its times, as Kea shows it.
struct Added<'a>(&'a Subnet4);

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
        write!(f, "valid-lifetime={}", params.valid_lifetime.default)
    }
}
