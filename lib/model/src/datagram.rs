//! Where a datagram came from and where one goes.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};

/// An Ethernet address.
pub type MacAddr = [u8; 6];

/// How a DHCPv4 message reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival4 {
    /// Index of the interface it was received on.
    pub ifindex: u32,
    /// The interface's own address that serves here: what `giaddr`-less clients are matched against, and
    /// the server identifier. Set by the socket it arrived on.
    pub local: Ipv4Addr,
    /// The destination address in the IP header (255.255.255.255 for a broadcast).
    pub destination: Ipv4Addr,
    /// The IP source and UDP source port.
    pub source: SocketAddrV4,
    /// The link-layer sender, when the socket tells it (raw sockets do).
    pub source_mac: Option<MacAddr>,
    /// The link-layer receiver, told as the sender is.
    pub destination_mac: Option<MacAddr>,
}

/// Where and how a DHCPv4 reply leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure4 {
    /// Index of the interface to send on; 0 lets routing decide (`outbound-interface`: `use-routing`).
    pub ifindex: u32,
    /// IP source address and UDP source port.
    pub source: SocketAddrV4,
    /// IP destination address and UDP destination port.
    pub destination: SocketAddrV4,
    /// Link-layer destination when it is known: the client's `chaddr`, or who relayed the query. A raw socket
    /// needs it (broadcast otherwise), which is how a client without an address is reached by unicast.
    pub destination_mac: Option<MacAddr>,
}

/// How a DHCPv6 message reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival6 {
    /// Index of the interface it was received on.
    pub ifindex: u32,
    /// The interface's own address that serves here, and answers: a link-local one for what comes to a group.
    pub local: Ipv6Addr,
    /// The destination address in the IP header: `local`, or a group.
    pub destination: Ipv6Addr,
    /// The IP source and UDP source port.
    pub source: SocketAddrV6,
}

/// Where and how a DHCPv6 reply leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure6 {
    /// Index of the interface to send on.
    pub ifindex: u32,
    /// IP source address; the UDP source port is the server's.
    pub source: Ipv6Addr,
    /// IP destination address and UDP destination port.
    pub destination: SocketAddrV6,
}
