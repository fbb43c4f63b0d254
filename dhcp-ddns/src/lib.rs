//! The server that updates the DNS: DHCP servers ask it over UDP for changes of names, and it has DNS servers make them.
//!
//! What is decided about an update stands in `kotare_ddns`; here are the sockets, the clock and the life of a process. A
//! task owns the socket that requests come to, the queue they wait in and the transactions (`updates.rs`); a message to a DNS
//! server, which may be for several of them, is a task of its own (`talk.rs`). When the queue is full, requests wait in the kernel's,
//! and who asks for receipts hears that (`askers.rs`). They are in a file while they wait (`keeping.rs`), if the configuration has it so. Zones are compared with leases when a command asks for
//! it (`reconcile`). Keys that are agreed on with DNS servers are those of a hook library (`gss_tsig`).

mod askers;
pub mod commands;
mod daemon;
mod generation;
mod gss_tsig;
mod judged;
mod keeping;
mod messages;
mod reconcile;
mod stats;
mod talk;
mod updates;

pub use daemon::Daemon;
pub use generation::Refused;
pub use kotare_process::program::Surroundings;

use std::process::ExitCode;

use kotare_config::ddns::FILE as DDNS_FILE;
use kotare_config::schema::File;
use kotare_daemon::args::Program;

/// The program.
pub const PROGRAM: Program = Program {
    name: "kea-dhcp-ddns",
    title: "DHCP-DDNS server",
    version: env!("CARGO_PKG_VERSION"),
    lease_backends: &[],
    may_fail: true,
};

/// The form of its configuration files.
pub const FILE: &File = &DDNS_FILE.with_libraries(&[gss_tsig::SCHEMA]);

/// What the log calls it.
const NAME: &str = "DhcpDdns";

/// Runs the program with the arguments of the process; its exit code.
pub fn main() -> ExitCode {
    kotare_process::program::main::<Daemon>()
}
