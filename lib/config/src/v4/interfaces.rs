//! `interfaces-config`: where the server listens.

use std::net::Ipv4Addr;

use crate::process::ServiceSockets;

/// One entry of `interfaces`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InterfaceChoice {
    /// `*`: every interface that can serve.
    All,
    /// `eth0`: every IPv4 address of the interface.
    Named(Box<str>),
    /// `eth0/192.0.2.1`: this address only.
    Address(Box<str>, Ipv4Addr),
}

/// `dhcp-socket-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SocketType {
    /// Raw sockets: clients without an address are answered by unicast to their hardware address.
    Raw,
    /// UDP sockets, for servers that only relays talk to.
    Udp,
}

/// `outbound-interface`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboundInterface {
    /// Replies leave where the query came in.
    SameAsInbound,
    /// The routing table decides.
    UseRouting,
}

/// The whole of `interfaces-config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interfaces {
    /// `interfaces`, in the order written.
    pub choices: Vec<InterfaceChoice>,
    /// `dhcp-socket-type`.
    pub socket_type: SocketType,
    /// Whether it is written, not the default.
    pub socket_type_is_written: bool,
    /// `outbound-interface`.
    pub outbound: OutboundInterface,
    /// What is done when sockets cannot be opened.
    pub sockets: ServiceSockets,
}
