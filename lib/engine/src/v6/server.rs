//! The server of one configuration.

use std::net::SocketAddrV6;
use std::sync::Arc;

use kotare_config::v6::Config6;
use kotare_model::{Arrival6, Duid};
use kotare_wire::v6::{Index, SERVER_PORT};

use super::intake;
use super::messages::DHCP6_BUFFER_RECEIVED;
use super::trace::Trace;
use super::{Query6, Received, Refused};
use crate::v4::Ports;

/// What one configuration answers with: everything of a [`Config6`] that can be prepared before a packet comes.
///
/// Immutable; workers share it behind an `Arc` and a new configuration makes a new one.
#[derive(Debug)]
pub struct Server {
    pub(crate) config: Arc<Config6>,
    pub(crate) ports: Ports,
    /// What the server calls itself (option 2).
    pub(crate) duid: Duid,
    /// Takes down how it is decided what becomes of messages.
    pub(super) trace: Trace,
}

impl Server {
    /// The server of `config`, which calls itself `duid`.
    pub fn new(config: Arc<Config6>, ports: Ports, duid: Duid) -> Self {
        Self { config, ports, duid, trace: Trace::default() }
    }

    /// The configuration it serves from.
    pub fn config(&self) -> &Arc<Config6> {
        &self.config
    }

    /// What it calls itself (option 2).
    pub fn duid(&self) -> &Duid {
        &self.duid
    }

    /// Reads a datagram and decides whether it is for this server to answer. Pure and quick.
    ///
    /// What it finds out of the datagram's parts is left in `index`: with both, [`kotare_wire::v6::Message::new`] makes the
    /// view that the exchange wants.
    ///
    /// # Errors
    /// When it is not answered.
    #[expect(
        clippy::result_large_err,
        reason = "what is dropped may come in floods, and costs no allocation either"
    )]
    pub fn intake(&self, received: &Received<'_>, index: &mut Index) -> Result<Query6, Refused> {
        intake::intake(self, received, index)
    }

    /// Tells of a datagram that has come, before anything is made of it.
    pub fn received(&self, received: &Received<'_>) {
        let Received { arrival, interface, .. } = received;
        let (source, destination) = (arrival.source, self.local(arrival));
        DHCP6_BUFFER_RECEIVED(source.ip(), source.port(), destination.ip(), destination.port(), interface);
    }

    /// Where a message was sent to.
    pub(super) fn local(&self, arrival: &Arrival6) -> SocketAddrV6 {
        SocketAddrV6::new(arrival.destination, self.ports.server.unwrap_or(SERVER_PORT), 0, 0)
    }
}
