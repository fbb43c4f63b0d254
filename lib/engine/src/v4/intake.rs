//! From a datagram to a message that this server should answer.

use std::net::Ipv4Addr;

use kotare_model::Arrival4;

use super::Dropped;
use crate::ClientKey;

/// A datagram as the network gave it.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The UDP payload.
    pub datagram: &'a [u8],
    /// How it came.
    pub arrival: Arrival4,
    /// Name of the interface it came in on.
    pub interface: &'a str,
    /// All addresses this server listens on: requests that name one of them as server identifier are for it.
    pub listening: &'a [Ipv4Addr],
}

/// A message that passed the checks of [`super::Server::intake`].
#[derive(Clone, Copy, Debug)]
pub struct Intake<'a> {
    pub(crate) received: Received<'a>,
}

/// A datagram that is not answered, and why.
#[derive(Debug)]
pub struct Refused<'a> {
    /// The datagram.
    pub received: Received<'a>,
    /// The reason.
    pub reason: Dropped,
}

impl<'a> Intake<'a> {
    /// Who sent it, for [`crate::InFlight`]; `None` when the message changes no lease (DHCPINFORM) or its sender
    /// cannot be told, so that nothing needs to wait.
    pub fn client_key(&self) -> Option<ClientKey<'a>> {
        todo!()
    }

    /// The datagram it was read from.
    pub fn received(&self) -> &Received<'a> {
        &self.received
    }
}
