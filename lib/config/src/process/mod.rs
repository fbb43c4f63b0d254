//! What a daemon has whatever it serves: logs, control sockets, threads, where leases are kept, hook libraries.
//!
//! It is resolved the same way for each family, so that what opens files, sockets and libraries need not know which
//! daemon it works for.

mod control;
mod database;
mod dns_updates;
mod given;
mod leases;
mod libraries;
mod local_names;
mod logging;
mod request_queue;
mod sanity;
mod service_sockets;
mod way;
mod workers;

pub use control::{
    Detail, HttpAuthentication, HttpClient, HttpHeader, HttpSocket, HttpTls, Monitoring, Secret, UnixSocket,
};
pub(crate) use control::{http as http_sockets, http_socket, unix as unix_sockets};
pub use database::{Database, DatabaseKind, DatabaseTls, OnFail, Reconnect};
pub use dns_updates::DnsUpdates;
pub use given::Given;
pub(crate) use leases::durability;
pub use leases::{ExpiredLeases, LeaseDatabase, Memfile};
pub use libraries::HookLibrary;
pub(crate) use libraries::resolve as libraries;
pub use local_names::{LocalNames, LocalZone};
pub(crate) use logging::loggers;
pub use logging::{LogOutput, Logger};
pub use request_queue::RequestQueue;
pub use sanity::{ExtendedInfoChecks, LeaseChecks, SanityChecks};
pub use service_sockets::ServiceSockets;
pub(crate) use way::http_address;
pub use way::{HttpWay, Way};
pub use workers::{MultiThreading, Sampling};

use std::time::Duration;

use crate::Level;
use crate::json::{Diagnostics, Source, Value};
use crate::schema::File;

/// The part of a configuration that concerns the process.
#[derive(Clone, Debug)]
pub struct Process {
    /// The entries of `control-sockets` of type `unix`.
    pub control_sockets: Vec<UnixSocket>,
    /// Those of type `http` and `https`.
    pub http_sockets: Vec<HttpSocket>,
    /// `expired-leases-processing`.
    pub expired_leases: ExpiredLeases,
    /// `lease-database`.
    pub lease_database: LeaseDatabase,
    /// `hosts-databases`, in the order written: where reservations are looked for after the configuration.
    pub hosts_databases: Vec<Database>,
    /// `config-databases` of `config-control`, in the order written: what is configured there beside the file.
    pub config_databases: Vec<Database>,
    /// `config-fetch-wait-time` of `config-control`: how long after one look at these databases comes the next; none for 0.
    pub config_fetch_wait: Duration,
    /// `dhcp-ddns`, if names are told to the DNS.
    pub dns_updates: Option<DnsUpdates>,
    /// `local-names`, if names of clients are told in the network itself.
    pub local_names: Option<LocalNames>,
    /// `hooks-libraries`, in the order written.
    pub libraries: Vec<HookLibrary>,
    /// `loggers`.
    pub loggers: Vec<Logger>,
    /// `multi-threading`.
    pub multi_threading: MultiThreading,
    /// `parked-packet-limit`: how many messages may wait for hook libraries at one point; 0 for any number.
    pub parked_packet_limit: u32,
    /// `dhcp4o6-port`: the port at which the servers of DHCPv6 and of DHCPv4 talk, and the one above it; 0 for none.
    pub dhcp4o6_port: u16,
    /// `sanity-checks`.
    pub sanity_checks: SanityChecks,
    /// `statistic-default-sample-count` and `-age`.
    pub sampling: Sampling,
    /// `server-tag`.
    pub server_tag: Box<str>,
}

/// The path of a file as written, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WrittenPath {
    /// The path, unjudged.
    pub path: Box<str>,
    /// Where it is written.
    pub source: Source,
}

impl Process {
    /// Takes what concerns the process from the global map of a file of this form. The parameters of hook libraries
    /// are judged on the way.
    pub(crate) fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Self {
        Self {
            control_sockets: control::unix(global),
            http_sockets: control::http(global, file.loopback),
            expired_leases: ExpiredLeases::resolve(global),
            lease_database: LeaseDatabase::resolve(global),
            hosts_databases: database::of_hosts(global),
            config_databases: database::of_config(global),
            config_fetch_wait: database::config_fetch_wait(global),
            dns_updates: DnsUpdates::resolve(global),
            local_names: LocalNames::resolve(global),
            libraries: libraries(global, file, diagnostics),
            loggers: loggers(global),
            multi_threading: MultiThreading::resolve(global),
            parked_packet_limit: global.count("parked-packet-limit"),
            dhcp4o6_port: global.count("dhcp4o6-port"),
            sanity_checks: SanityChecks::resolve(global),
            sampling: Sampling::resolve(global),
            server_tag: global.text("server-tag").into(),
        }
    }
}

impl WrittenPath {
    /// The path in `value`, if it is a string.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        Some(Self { path: value.as_str()?.into(), source: value.source().clone() })
    }
}
