//! A small network in private namespaces, with hosts, links and programs.

mod agent;
mod busy;
mod busy6;
mod certificates;
mod client;
mod clock;
mod false_partner;
mod family;
mod host;
mod lan;
mod lan6;
mod link;
mod load;
mod load6;
mod office6;
mod pair;
mod port6;
mod programs;
mod promtool;
mod relay;
mod sandbox;
mod server;
mod signal;
mod systemd;
mod wait;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use agent::{AGENT_URL, Agent};
pub use busy::{Busy, busy_configuration};
pub use busy6::{Busy6, busy6_configuration};
pub use certificates::Authority;
pub use client::{Client, Client6, Client6Program, ClientProgram, Event, Event6, Lease6, Wish};
pub use clock::OwnClock;
pub use false_partner::{FalsePartner, Said};
pub use family::{Family, V4, V6, server_duid};
pub use host::Host;
pub use lan::{Lan, lan_configuration};
pub use lan6::{Lan6, lan6_configuration};
pub use link::Link;
pub use load::Load;
pub use load6::{Counted6, Load6, Turns, load6_duid};
pub use office6::{Office6, office6_configuration};
pub use pair::{Kind, Pair};
pub use port6::Port6;
pub use programs::{
    debian, install, kea_examples, libraries_below, package, partner, partner_file, partner_or_system,
    program,
};
pub(crate) use programs::{partners, with_libraries};
pub use promtool::promtool_on;
pub use relay::Relay;
pub use sandbox::{COUNTED, in_sandbox, own_shared_memory, reexec_with, sandbox_possible, sandboxed};
pub use server::{Server, Server6, ServerOf};
pub use signal::send as send_signal;
pub use systemd::Systemd;
pub use wait::{PATIENCE, eventually, eventually_within};

/// The network of one test or demonstration; made inside a sandbox ([`sandboxed`]).
#[derive(Debug)]
pub struct World {
    folder: tempfile::TempDir,
}

impl World {
    /// An empty network, of a program that [`reexec_with`] put into a sandbox.
    pub fn inside_sandbox() -> Self {
        let folder = tempfile::Builder::new().prefix("kotare-world-").tempdir();
        Self { folder: folder.expect("a temporary folder can be made") }
    }

    /// A folder for the files of this world.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the world's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A new host with nothing but a loopback interface.
    pub fn host(&self, name: &str) -> Host {
        Host::new(name)
    }

    /// Where the test itself is, as a host of this name, so that it can be joined to others.
    pub fn own_host(&self, name: &str) -> Host {
        Host::of_this_process(name)
    }
}

impl Drop for World {
    /// What a test mounted in the folder would keep it from being removed.
    fn drop(&mut self) {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let points = mounts.lines().filter_map(|line| line.split(' ').nth(1));
        for point in points.filter(|point| Path::new(point).starts_with(self.folder())) {
            let _ = Command::new("umount").args(["--lazy", point]).status();
        }
    }
}
