//! The server of one configuration.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::Config4;
use kotare_model::{Lease4, Timestamp};
use kotare_store::LeaseStore;

use super::exchange::Exchange;
use super::intake::identifiers;
use super::options::AllOptions;
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
    /// What clients may call this server (option 54) besides the addresses it listens on, sorted.
    pub(super) identifiers: Vec<Ipv4Addr>,
    pub(super) options: AllOptions,
}

impl Server {
    /// The server of `config`, whose occupancy and statistics `plan` holds ([`Leases::plan`]).
    pub fn new(config: Arc<Config4>, plan: Plan, ports: Ports) -> Self {
        let (identifiers, options) = (identifiers(&config), AllOptions::new(&config));
        Self { config, plan, ports, identifiers, options }
    }

    /// The configuration it serves from.
    pub fn config(&self) -> &Arc<Config4> {
        &self.config
    }

    /// The plan it serves from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Reads a datagram and decides whether it is for this server to answer. Pure and quick.
    ///
    /// # Errors
    /// When it is not answered; the reason is for [`super::report_refused`].
    pub fn intake<'a>(&self, received: Received<'a>) -> Result<Intake<'a>, Refused<'a>> {
        Intake::new(self, received)
    }

    /// Runs the exchange: finds or changes the lease and writes the reply into `reply`.
    ///
    /// The reply must not be sent before [`LeaseStore::flush`] of the store succeeded. `seed` is any number, a
    /// different one each time; it chooses the address with allocator `random`. 1500 bytes of `reply` are enough for
    /// what a client expects; configured options that do not fit are left out.
    #[expect(clippy::manual_async_fn, reason = "the signature promises `Send`, see `Leases`")]
    pub fn exchange<'e, S: LeaseStore<Lease4>>(
        &'e self,
        leases: &'e Leases<S>,
        intake: &'e Intake<'_>,
        now: Timestamp,
        seed: u64,
        reply: &'e mut [u8],
    ) -> impl Future<Output = Outcome> + Send + 'e {
        async move { Exchange { server: self, leases, intake, now, seed }.run(reply).await }
    }
}
