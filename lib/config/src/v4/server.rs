//! The whole configuration of a DHCPv4 server, and the parts that concern the server rather than its clients.

use std::time::Duration;

use kotare_model::{Lifetime, SubnetId};
use kotare_options::Definitions;

use crate::json::Source;

use super::{Interfaces, Network4, Options4, Params4, Subnet4, SubnetLookup};

/// A resolved `Dhcp4`.
#[derive(Clone, Debug)]
pub struct Config4 {
    /// Where the server listens.
    pub interfaces: Interfaces,
    /// All subnets, those of shared networks too, by id.
    pub subnets: Vec<Subnet4>,
    /// All shared networks, in the order written.
    pub networks: Vec<Network4>,
    /// Lookup tables over `subnets`.
    pub lookup: SubnetLookup,
    /// Global options: the least specific level.
    pub options: Options4,
    /// Global parameters, for replies to clients that get no lease (DHCPINFORM without a subnet).
    pub params: Params4,
    /// Option definitions: standard ones and those of the configuration.
    pub definitions: Definitions,
    /// `echo-client-id`: whether replies carry the client's option 61 (RFC 6842).
    pub echo_client_id: bool,
    /// `decline-probation-period`: how long a declined address rests.
    pub decline_probation: Lifetime,
    /// `stash-agent-options`: use the relay information of the lease for a renewal that comes without.
    pub stash_agent_options: bool,
    /// `compatibility`.
    pub compatibility: Compatibility,
    /// `expired-leases-processing`.
    pub expired_leases: ExpiredLeases,
    /// `lease-database`.
    pub lease_database: LeaseDatabase,
    /// The entries of `control-sockets` of type `unix`.
    pub control_sockets: Vec<UnixSocket>,
    /// `loggers`.
    pub loggers: Vec<Logger>,
    /// `multi-threading`.
    pub multi_threading: MultiThreading,
    /// `statistic-default-sample-count` and `-age`.
    pub sampling: Sampling,
    /// `server-tag`.
    pub server_tag: Box<str>,
}

impl Config4 {
    /// The subnet with this id.
    pub fn subnet(&self, id: SubnetId) -> Option<&Subnet4> {
        self.subnets.binary_search_by_key(&id, |subnet| subnet.id).ok().map(|at| &self.subnets[at])
    }
}

/// `compatibility`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compatibility {
    /// `lenient-option-parsing`: read malformed options as well as possible.
    pub lenient_option_parsing: bool,
    /// `ignore-dhcp-server-identifier`: answer requests that name another server.
    pub ignore_server_identifier: bool,
    /// `ignore-rai-link-selection`: relays' link selection does not choose the subnet.
    pub ignore_rai_link_selection: bool,
    /// `exclude-first-last-24`: do not give the .0 and .255 address of a subnet of at least /24.
    pub exclude_first_last_24: bool,
}

/// `expired-leases-processing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiredLeases {
    /// `reclaim-timer-wait-time`: pause between two reclamations; zero turns them off.
    pub reclaim_wait: Duration,
    /// `flush-reclaimed-timer-wait-time`: pause between two removals of reclaimed leases; zero turns them off.
    pub flush_wait: Duration,
    /// `hold-reclaimed-time`: how long a reclaimed lease is kept for its client; zero removes it at once.
    pub hold: Duration,
    /// `max-reclaim-leases`: how many leases one reclamation takes; 0 is no limit.
    pub max_leases: usize,
    /// `max-reclaim-time`: how long one reclamation takes; zero is no limit.
    pub max_time: Duration,
    /// `unwarned-reclaim-cycles`: incomplete reclamations in a row before a warning.
    pub unwarned_cycles: u32,
}

/// `lease-database`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseDatabase {
    /// `type` `memfile`: in memory with a journal file.
    Memfile(Memfile),
    /// Another `type`, which this version cannot keep leases in.
    Unavailable {
        /// The `type`.
        kind: Box<str>,
        /// Where it is written.
        source: Source,
    },
}

/// The parameters of a `memfile`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memfile {
    /// `persist`: whether there is a journal.
    pub persist: bool,
    /// `name`: the journal as written, if it is; the daemon supplies the default and checks the folder.
    pub name: Option<WrittenPath>,
    /// `lfc-interval`: time between two cleanups of the journal; zero turns them off.
    pub lfc_interval: Duration,
    /// `max-row-errors`: unreadable rows after which loading stops; 0 is no limit.
    pub max_row_errors: u32,
    /// `durability`: what an acknowledged lease survives.
    pub durability: Durability,
}

/// What an acknowledged lease survives; Kotare's own parameter `durability`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// `process`: the death of the process.
    #[default]
    Process,
    /// `system`: loss of power; every batch is synced to disk before its replies leave.
    System,
}

/// A UNIX control socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnixSocket {
    /// `socket-name` as written; the daemon supplies the folder for a bare name and checks it.
    pub name: WrittenPath,
}

/// The path of a file as written, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WrittenPath {
    /// The path, unjudged.
    pub path: Box<str>,
    /// Its place in the configuration.
    pub source: Source,
}

/// `multi-threading`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultiThreading {
    /// `enable-multi-threading`.
    pub enabled: bool,
    /// `thread-pool-size`; 0 is one a core.
    pub threads: usize,
    /// `packet-queue-size`.
    pub queue: usize,
}

/// `statistic-default-sample-count` and `statistic-default-sample-age`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// How many samples of a statistic are kept.
    pub count: u32,
    /// How long samples are kept instead, if not zero.
    pub age: Duration,
}

/// A `loggers` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logger {
    /// `name`: `kea-dhcp4` or one below it.
    pub name: Box<str>,
    /// `severity`, in capitals: NONE, DEBUG, INFO, WARN, ERROR or FATAL; empty inherits, with the debug level.
    pub severity: Box<str>,
    /// `debuglevel`, 0 to 99.
    pub debug_level: u8,
    /// `output-options`; empty inherits.
    pub outputs: Vec<LogOutput>,
}

/// An `output-options` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOutput {
    /// `output`: `stdout`, `stderr`, `syslog`, `syslog:name` or a file.
    pub output: Box<str>,
    /// Where `output` is written.
    pub source: Source,
    /// `flush`.
    pub flush: bool,
    /// `maxsize`, bytes; 0 turns rotation off.
    pub max_size: u64,
    /// `maxver`: how many rotated files are kept.
    pub max_versions: u32,
    /// `pattern`, empty for the default.
    pub pattern: Box<str>,
    /// `format` is `json` (Kotare's own parameter).
    pub json: bool,
}
