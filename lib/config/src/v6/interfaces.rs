//! `interfaces-config`: where the server listens.

use std::net::Ipv6Addr;

use crate::process::ServiceSockets;

/// One entry of `interfaces`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InterfaceChoice6 {
    /// `*`: every interface that can serve.
    All,
    /// `eth0`: the interface's link-local address and the group of all servers and relay agents.
    Named(Box<str>),
    /// `eth0/2001:db8::1`: the same, and messages to this address, which must be one of the interface's.
    Address(Box<str>, Ipv6Addr),
}

/// The whole of `interfaces-config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interfaces6 {
    /// `interfaces`, in the order written.
    pub choices: Vec<InterfaceChoice6>,
    /// What is done when sockets cannot be opened.
    pub sockets: ServiceSockets,
}
