//! Network interfaces as rtnetlink tells them.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_model::MacAddr;

use crate::netlink;

/// A network interface of this machine (of the calling thread's network namespace).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The kernel's index, never 0.
    pub index: u32,
    /// The name, for example `eth0`.
    pub name: String,
    /// Administratively up (`IFF_UP`).
    pub up: bool,
    /// Operational, for example with a carrier (`IFF_RUNNING`).
    pub running: bool,
    /// The loopback interface (`IFF_LOOPBACK`).
    pub loopback: bool,
    /// Able to broadcast (`IFF_BROADCAST`); a point-to-point tunnel is not.
    pub broadcast: bool,
    /// Able to multicast (`IFF_MULTICAST`).
    pub multicast: bool,
    /// The kernel's number of the hardware type (`ARPHRD_ETHER` is 1).
    pub hardware_type: u16,
    /// Whether frames have Ethernet headers (`ARPHRD_ETHER`, and the loopback, which pretends): what
    /// [`crate::Mode4::Raw`] needs.
    pub ethernet: bool,
    /// Link-layer address, for interfaces that have one of six bytes.
    pub mac: Option<MacAddr>,
    /// Largest IP packet, in bytes.
    pub mtu: u32,
    /// IPv4 addresses in the kernel's order: primary addresses before secondary ones of the same network.
    pub addresses: Vec<InterfaceAddress4>,
    /// IPv6 addresses in the kernel's order.
    pub addresses6: Vec<Ipv6Addr>,
}

/// An IPv4 address of an [`Interface`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceAddress4 {
    /// The address itself.
    pub address: Ipv4Addr,
    /// Length of the network's prefix, 0 to 32 bits.
    pub prefix_len: u8,
    /// The network's broadcast address, where one is set.
    pub broadcast: Option<Ipv4Addr>,
}

/// All interfaces with their addresses, in order of index.
///
/// # Errors
/// When the kernel refuses a netlink socket or keeps changing its tables faster than they can be read.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    netlink::dump_interfaces()
}
