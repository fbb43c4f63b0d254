//! Real DHCP clients: of DHCPv4 busybox's `udhcpc`, ISC's `dhclient`, and `dhcpcd`; of DHCPv6 those that can.
//!
//! Each runs in the foreground with files of its own in the world's folder. What it tells its script is written
//! down, so a test waits for what a client did, not for time to pass.

mod dhclient;
mod dhcpcd;
mod events;
mod process;
mod udhcpc;
mod v6;

use std::net::Ipv4Addr;

pub use events::Event;
pub use v6::{Client6, Client6Program, Event6, Lease6, Wish};

use super::{Host, World};
use process::Process;

/// What a client calls it when it has an address for the first time or again.
const LEASED: [&str; 2] = ["bound", "reboot"];

/// Which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientProgram {
    /// The small one of busybox. Remembers nothing across restarts.
    Udhcpc,
    /// ISC's. After a restart it verifies the lease it remembers (INIT-REBOOT).
    Dhclient,
    /// Roy Marples'. Verifies a remembered lease, too.
    Dhcpcd,
}

impl ClientProgram {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Udhcpc, Self::Dhclient, Self::Dhcpcd];

    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udhcpc => "udhcpc",
            Self::Dhclient => "dhclient",
            Self::Dhcpcd => "dhcpcd",
        }
    }
}

/// A client of one interface of a host; it tells servers the host's name. Killed when dropped.
#[derive(Debug)]
pub struct Client {
    program: ClientProgram,
    process: Process,
}

impl Client {
    /// A client that is not running yet.
    pub fn new(world: &World, host: &Host, interface: &str, program: ClientProgram) -> Self {
        let process = Process::new(world, host, interface, program.name(), events::SCRIPT);
        Self { program, process }
    }

    /// More lines of the configuration file of `dhclient` or `dhcpcd`, from its next start on.
    pub fn configure(&mut self, lines: &[&str]) {
        self.process.lines.extend(lines.iter().map(|line| (*line).to_owned()));
    }

    /// More words for the client's command line, from its next start on.
    pub fn arguments(&mut self, words: &[&str]) {
        self.process.arguments.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// More options that the client asks for, by the names or codes it has for them, from its next start on.
    pub fn wants(&mut self, options: &[&str]) {
        self.process.wants.extend(options.iter().map(|option| (*option).to_owned()));
    }

    /// Has the client ask by ARP whether an address is used before it takes it; it declines then.
    pub fn detect_conflicts(&mut self) {
        match self.program {
            ClientProgram::Udhcpc => self.arguments(&["-a1000"]),
            ClientProgram::Dhclient => self.process.events.detect_conflicts(),
            ClientProgram::Dhcpcd => dhcpcd::detect_conflicts(&self.process),
        }
    }

    /// Starts it; what it remembers of earlier leases it will use.
    pub fn start(&mut self) {
        let mut command = match self.program {
            ClientProgram::Udhcpc => udhcpc::command(&self.process),
            ClientProgram::Dhclient => dhclient::command(&self.process, &[]),
            ClientProgram::Dhcpcd => dhcpcd::command(&self.process, &[]),
        };
        self.process.start(&mut command);
    }

    /// Starts it and waits until it has a lease.
    pub fn obtain(&mut self) -> Event {
        self.start();
        self.leased()
    }

    /// Waits until it has a lease.
    pub fn leased(&mut self) -> Event {
        let lease = self.next(&LEASED);
        if self.program == ClientProgram::Dhclient {
            dhclient::wait_until_remembered(&self.process, lease.address());
        }
        lease
    }

    /// Has it renew now, and waits until that is done. `dhclient` cannot be asked: it renews when T1 comes.
    pub fn renew(&mut self) -> Event {
        match self.program {
            ClientProgram::Udhcpc => self.process.signal("USR1"),
            ClientProgram::Dhclient => {}
            ClientProgram::Dhcpcd => self.process.finish(&mut dhcpcd::command(&self.process, &["--renew"])),
        }
        self.next(&["renew"])
    }

    /// Has `udhcpc` renew now, and does not wait for it: right after it was bound it may miss the first answer.
    pub fn begin_to_renew(&self) {
        self.process.signal("USR1");
    }

    /// Has it give its lease back and end.
    pub fn release(&mut self) {
        match self.program {
            ClientProgram::Udhcpc => {
                self.process.signal("USR2");
                self.next(&["deconfig"]);
                self.kill();
            }
            ClientProgram::Dhclient => self.process.finish(&mut dhclient::command(&self.process, &["-r"])),
            ClientProgram::Dhcpcd => self.process.finish(&mut dhcpcd::command(&self.process, &["--release"])),
        }
        self.process.ended();
    }

    /// Ends it as a power cut would: no last message, and the interface loses its addresses.
    pub fn kill(&mut self) {
        self.process.kill();
        self.process.host.ip(&format!("-4 address flush dev {}", self.process.interface));
    }

    /// Waits for the next event with one of these reasons (`bound`, `renew`, `rebind`, `reboot`, `nak`, `expire`,
    /// `inform` …); what came before it is passed over.
    pub fn next(&mut self, reasons: &[&str]) -> Event {
        self.process.next_of(reasons, |_| true)
    }

    /// What it told its script last under a name of its own, if anything.
    pub fn told(&self, name: &str) -> Option<String> {
        self.process.events.told(name)
    }

    /// The address its interface has now.
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.process
            .host
            .addresses(&self.process.interface)
            .first()
            .map(|address| address.parse().expect("an address"))
    }

    /// Its hardware address.
    pub fn mac(&self) -> String {
        self.process.host.mac(&self.process.interface)
    }

    /// Its host.
    pub fn host(&self) -> &Host {
        &self.process.host
    }

    /// What it printed so far.
    pub fn log(&self) -> String {
        self.process.log()
    }
}
