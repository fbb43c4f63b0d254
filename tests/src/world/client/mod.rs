//! Real DHCP clients: busybox's `udhcpc`, ISC's `dhclient`, and `dhcpcd`.
//!
//! Each runs in the foreground with files of its own in the world's folder. What it tells its script is written
//! down, so a test waits for what a client did, not for time to pass.

mod dhclient;
mod dhcpcd;
mod events;
mod udhcpc;

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub use events::Event;

use super::{Host, World, eventually, signal};
use events::Events;

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
    host: Host,
    interface: String,
    folder: PathBuf,
    arguments: Vec<String>,
    /// What it asks for besides the usual.
    wants: Vec<String>,
    events: Events,
    child: Option<Child>,
}

impl Client {
    /// A client that is not running yet.
    pub fn new(world: &World, host: &Host, interface: &str, program: ClientProgram) -> Self {
        let folder = world.path(&format!("{}-{interface}-{}", host.name(), program.name()));
        fs::create_dir_all(&folder).expect("make the client's folder");
        let events = Events::new(&folder);
        Self {
            program,
            host: host.clone(),
            interface: interface.to_owned(),
            folder,
            arguments: Vec::new(),
            wants: Vec::new(),
            events,
            child: None,
        }
    }

    /// More words for the client's command line, from its next start on.
    pub fn arguments(&mut self, words: &[&str]) {
        self.arguments.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// More options that the client asks for, by the names or codes it has for them, from its next start on.
    pub fn wants(&mut self, options: &[&str]) {
        self.wants.extend(options.iter().map(|option| (*option).to_owned()));
    }

    /// Has the client ask by ARP whether an address is used before it takes it; it declines then.
    pub fn detect_conflicts(&mut self) {
        match self.program {
            ClientProgram::Udhcpc => self.arguments(&["-a1000"]),
            ClientProgram::Dhclient => self.events.detect_conflicts(),
            ClientProgram::Dhcpcd => dhcpcd::detect_conflicts(self),
        }
    }

    /// Starts it; what it remembers of earlier leases it will use.
    pub fn start(&mut self) {
        let mut command = match self.program {
            ClientProgram::Udhcpc => udhcpc::command(self),
            ClientProgram::Dhclient => dhclient::command(self, &[]),
            ClientProgram::Dhcpcd => dhcpcd::command(self, &[]),
        };
        self.child = Some(self.launch(&mut command));
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
            dhclient::wait_until_remembered(self, lease.address());
        }
        lease
    }

    /// Has it renew now, and waits until that is done. `dhclient` cannot be asked: it renews when T1 comes.
    pub fn renew(&mut self) -> Event {
        match self.program {
            ClientProgram::Udhcpc => self.signal("USR1"),
            ClientProgram::Dhclient => {}
            ClientProgram::Dhcpcd => self.finish(&mut dhcpcd::command(self, &["--renew"])),
        }
        self.next(&["renew"])
    }

    /// Has `udhcpc` renew now, and does not wait for it: right after it was bound it may miss the first answer.
    pub fn begin_to_renew(&self) {
        self.signal("USR1");
    }

    /// Has it give its lease back and end.
    pub fn release(&mut self) {
        match self.program {
            ClientProgram::Udhcpc => {
                self.signal("USR2");
                self.next(&["deconfig"]);
                self.kill();
            }
            ClientProgram::Dhclient => self.finish(&mut dhclient::command(self, &["-r"])),
            ClientProgram::Dhcpcd => self.finish(&mut dhcpcd::command(self, &["--release"])),
        }
        if let Some(mut child) = self.child.take() {
            eventually("the client ends", || child.try_wait().expect("a child can be asked"));
        }
    }

    /// Ends it as a power cut would: no last message, and the interface loses its addresses.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.host.ip(&format!("-4 address flush dev {}", self.interface));
        self.events.skip();
    }

    /// Waits for the next event with one of these reasons (`bound`, `renew`, `rebind`, `reboot`, `nak`, `expire`,
    /// `inform` …); what came before it is passed over.
    pub fn next(&mut self, reasons: &[&str]) -> Event {
        let what = format!("{} on {} tells {}", self.program.name(), self.host.name(), reasons.join(" or "));
        // Only a failing test needs to know what the client said.
        let told = NotWaitedFor(&self.folder);
        let (events, child) = (&mut self.events, &mut self.child);
        let event = eventually(&what, || {
            let ended = child.as_mut().and_then(|child| child.try_wait().expect("a child can be asked"));
            let event = events.next(reasons);
            if let (Some(status), None) = (ended, &event) {
                panic!("{what}: it ended with {status} instead");
            }
            event
        });
        std::mem::forget(told);
        event
    }

    /// What it told its script last under a name of its own, if anything.
    pub fn told(&self, name: &str) -> Option<String> {
        self.events.told(name)
    }

    /// The address its interface has now.
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.host.addresses(&self.interface).first().map(|address| address.parse().expect("an address"))
    }

    /// Its hardware address.
    pub fn mac(&self) -> String {
        self.host.mac(&self.interface)
    }

    /// Its host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// What it printed so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn launch(&self, command: &mut Command) -> Child {
        let log = File::options().create(true).append(true).open(self.folder.join("log"));
        let log = log.expect("make the client's log");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Runs a second instance, one that tells the first what to do, to its end.
    fn finish(&self, command: &mut Command) {
        let status = self.launch(command).wait().expect("a child can be waited for");
        assert!(status.success(), "{command:?} ended with {status}:\n{}", self.log());
    }

    fn signal(&self, signal: &str) {
        let child = self.child.as_ref().expect("the client runs");
        signal::send(child.id(), signal);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Prints a client's log when a wait for it panics.
struct NotWaitedFor<'a>(&'a Path);

impl Drop for NotWaitedFor<'_> {
    #[expect(clippy::print_stderr, reason = "a failing test must say why")]
    fn drop(&mut self) {
        for name in ["events", "log"] {
            let text = fs::read_to_string(self.0.join(name)).unwrap_or_default();
            eprintln!("{}:\n{text}", self.0.join(name).display());
        }
    }
}
