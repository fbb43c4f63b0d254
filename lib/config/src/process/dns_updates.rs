//! Where changes of names are sent, so that somebody updates the DNS.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::Level;
use crate::process::RequestQueue;
use crate::schema::tables::{DHCP_DDNS, REQUEST_QUEUE};

/// `dhcp-ddns`, where `enable-updates` is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsUpdates {
    /// `server-ip` and `server-port`: where `kea-dhcp-ddns` is.
    pub server: SocketAddr,
    /// `sender-ip` and `sender-port`: where requests come from.
    pub sender: SocketAddr,
    /// `max-queue-size`: how many requests may wait to be sent, where no file keeps them.
    pub queue: usize,
    /// `lease-expires-on`: whether requests say when leases expire, which `kea-dhcp-ddns` of Kea before 2.5 wants to know.
    pub expires: bool,
    /// `request-queue`: what keeps requests until they have been taken on.
    pub kept: RequestQueue,
}

impl DnsUpdates {
    pub(super) fn resolve(global: Level<'_>) -> Option<Self> {
        let level = global.section(&DHCP_DDNS);
        if !level.bool("enable-updates") {
            return None;
        }
        let server = level.text("server-ip").parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let any = match server {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let sender = level.text("sender-ip").parse().unwrap_or(any);
        Some(Self {
            server: SocketAddr::new(server, level.count("server-port")),
            sender: SocketAddr::new(sender, level.count("sender-port")),
            queue: level.count("max-queue-size"),
            expires: level.bool("lease-expires-on"),
            kept: RequestQueue::resolve(level.section(&REQUEST_QUEUE)),
        })
    }
}
