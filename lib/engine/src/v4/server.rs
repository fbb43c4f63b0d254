//! The server of one configuration.

use std::sync::Arc;

use kotare_config::v4::Config4;
use kotare_model::{Lease4, Timestamp};
use kotare_store::LeaseStore;

use super::{Intake, Outcome, Received, Refused};
use crate::{Leases, Plan};

/// UDP ports that were given on the command line, for tests (`-p`, `-P`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// The source port of replies, 67 unless set (`-p`).
    pub server: Option<u16>,
    /// The destination port of every reply, whoever it goes to (`-P`).
    pub client: Option<u16>,
}

/// What one configuration answers with: everything of a [`Config4`] that can be prepared before a packet comes.
///
/// Immutable; workers share it behind an `Arc` and a new configuration makes a new one.
#[derive(Debug)]
pub struct Server {
    pub(crate) config: Arc<Config4>,
    pub(crate) plan: Plan,
    pub(crate) ports: Ports,
}

impl Server {
    /// The server of `config`, whose occupancy and statistics `plan` holds ([`Leases::plan`]).
    pub fn new(config: Arc<Config4>, plan: Plan, ports: Ports) -> Self {
        Self { config, plan, ports }
    }

    /// The configuration it serves from.
    pub fn config(&self) -> &Arc<Config4> {
        &self.config
    }

    /// Reads a datagram and decides whether it is for this server to answer. Pure and quick; a datagram that passes
    /// must stay where it is until its exchange has ended, so the worker copies it into a slot first or after.
    pub fn intake<'a>(&self, received: Received<'a>) -> Result<Intake<'a>, Refused<'a>> {
        let _ = received;
        todo!()
    }

    /// Runs the exchange: finds or changes the lease and writes the reply into `reply`.
    ///
    /// The reply must not be sent before [`LeaseStore::flush`] of the store succeeded. `seed` is any number; it
    /// chooses the address with allocator `random`. At least 1500 bytes of `reply` make every configuration fit;
    /// with fewer, options are left out from the end.
    pub async fn exchange<S: LeaseStore<Lease4>>(
        &self,
        leases: &Leases<S>,
        intake: &Intake<'_>,
        now: Timestamp,
        seed: u64,
        reply: &mut [u8],
    ) -> Outcome {
        let _ = (leases, intake, now, seed, reply);
        todo!()
    }
}
