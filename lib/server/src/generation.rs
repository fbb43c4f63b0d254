//! One configuration in effect: everything a packet is answered from.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kotare_config::Written;
use kotare_control::Commands;
use kotare_daemon::{Clock, Moment, Published};
use kotare_engine::{InFlight, Leases, v4};
use kotare_store_memfile::Memfile4;
use serde_json::Value as Json;

use crate::daemon::Daemon;

/// A configuration and what was prepared for it. Immutable; replaced as a whole.
#[derive(Debug)]
pub(crate) struct Generation {
    /// What the operator wrote.
    pub(crate) written: Written,
    /// What packets are answered with.
    pub(crate) server: v4::Server,
    /// The leases; the same for all generations with the same lease file.
    pub(crate) leases: Arc<Leases<Memfile4>>,
    /// What can be asked of the server.
    pub(crate) commands: Arc<Commands<Daemon>>,
    /// How many batches of datagrams are answered together: more than one when every answer waits for the disk.
    pub(crate) rounds: usize,
    /// When it took effect.
    pub(crate) since: Moment,
}

impl Generation {
    /// The configuration as `config-get` shows it, without its hash.
    pub(crate) fn shown(&self) -> Json {
        self.written.shown(&self.server.config().definitions)
    }

    /// The hash of [`Generation::shown`].
    pub(crate) fn hash(&self) -> &str {
        self.written.hash(&self.server.config().definitions)
    }
}

/// Where sockets are open now.
#[derive(Debug, Default)]
pub(crate) struct Listening {
    /// Interface names by index, sorted.
    pub(crate) names: Vec<(u32, String)>,
    /// All addresses listened on.
    pub(crate) addresses: Vec<Ipv4Addr>,
}

impl Listening {
    /// The name of an interface.
    pub(crate) fn name(&self, ifindex: u32) -> &str {
        match self.names.binary_search_by_key(&ifindex, |(index, _)| *index) {
            Ok(at) => &self.names[at].1,
            Err(_) => "",
        }
    }
}

/// What all workers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) generation: Published<Generation>,
    pub(crate) listening: Published<Listening>,
    /// The clients that a worker is busy with.
    pub(crate) in_flight: InFlight<()>,
    /// Whether packets are answered (`dhcp-disable`).
    pub(crate) enabled: AtomicBool,
    /// Whether the last flush failed: leases cannot be kept, replies are withheld.
    pub(crate) failing: AtomicBool,
}

impl Shared {
    /// Whether the DHCP service is enabled.
    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }
}
