//! A host: a network namespace with a name.

use std::ffi::OsStr;
use std::fs::File;
use std::net::Ipv6Addr;
use std::process::{Command, Output};
use std::thread;

use nix::sched::{CloneFlags, setns};

use super::{eventually, programs};

/// One host of a world.
#[derive(Clone, Debug)]
pub struct Host {
    name: String,
}

impl Host {
    pub(super) fn new(name: &str) -> Self {
        ip(&format!("netns add {name}"));
        let host = Self { name: name.to_owned() };
        host.ip("link set lo up");
        host
    }

    /// The namespace in which this process itself is, as a host of this name.
    pub(super) fn of_this_process(name: &str) -> Self {
        ip(&format!("netns attach {name} {}", std::process::id()));
        Self { name: name.to_owned() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes the host out of the world, with its ends of cables.
    pub fn remove(self) {
        ip(&format!("netns delete {}", self.name));
    }

    /// A command that will run on this host; partners' libraries are found.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(programs::find("ip"));
        command.args(["netns", "exec", &self.name]).arg(program);
        programs::with_libraries(&mut command);
        command
    }

    /// Opens something on this host, which stays there.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub fn inside<T: Send + 'static>(&self, open: impl FnOnce() -> T + Send + 'static) -> T {
        let namespace = File::open(format!("/run/netns/{}", self.name)).expect("a host has a namespace");
        // A thread of its own enters the namespace and ends.
        let opened = thread::spawn(move || {
            setns(&namespace, CloneFlags::CLONE_NEWNET).expect("the namespace can be entered");
            open()
        });
        opened.join().expect("the thread does not panic")
    }

    /// Runs `ip` with these words on this host; panics if it fails.
    pub fn ip(&self, words: &str) -> String {
        ip(&format!("-netns {} {words}", self.name))
    }

    /// Gives an interface an address (`192.0.2.1/24`).
    pub fn address(&self, interface: &str, address: &str) {
        self.ip(&format!("address add {address} dev {interface}"));
    }

    /// The IPv4 addresses of an interface, without prefix lengths.
    pub fn addresses(&self, interface: &str) -> Vec<String> {
        let listed = self.ip(&format!("-4 -o address show dev {interface}"));
        let words =
            |line: &str| line.split_whitespace().skip_while(|word| *word != "inet").nth(1).map(str::to_owned);
        let bare = |address: String| address.split('/').next().map(str::to_owned);
        listed.lines().filter_map(words).filter_map(bare).collect()
    }

    /// The IPv6 addresses of an interface that are good beyond its link.
    pub fn addresses6(&self, interface: &str) -> Vec<Ipv6Addr> {
        self.addresses6_of(interface, "scope global")
    }

    /// The link-local address of an interface, once it has one that it may speak from.
    pub fn link_local(&self, interface: &str) -> Ipv6Addr {
        let usable = || self.addresses6_of(interface, "scope link -tentative").first().copied();
        eventually("the interface has a link-local address", usable)
    }

    fn addresses6_of(&self, interface: &str, which: &str) -> Vec<Ipv6Addr> {
        let listed = self.ip(&format!("-6 -o address show dev {interface} {which}"));
        let word = |line: &str| line.split_whitespace().nth(3).map(str::to_owned);
        let bare = |address: String| address.split('/').next()?.parse().ok();
        listed.lines().filter_map(word).filter_map(bare).collect()
    }

    /// Lets interfaces that come from now on use their IPv6 addresses at once, without asking whether another host has
    /// them.
    pub fn trust_addresses(&self) {
        self.set("ipv6/conf/all/accept_dad", "0");
        self.set("ipv6/conf/default/accept_dad", "0");
    }

    /// Has an interface ask whether another host has an IPv6 address before it uses it.
    pub fn detect_duplicates(&self, interface: &str) {
        self.set(&format!("ipv6/conf/{interface}/accept_dad"), "1");
    }

    fn set(&self, name: &str, value: &str) {
        self.run("sh", &["-c", &format!("echo {value} >/proc/sys/net/{name}")]);
    }

    /// The Ethernet address of an interface, `02:00:00:00:00:01`.
    pub fn mac(&self, interface: &str) -> String {
        let shown = self.ip(&format!("-o link show dev {interface}"));
        let mut words = shown.split_whitespace().skip_while(|word| *word != "link/ether");
        words.nth(1).expect("an Ethernet interface").to_owned()
    }

    /// Has it pass on packets that are for others.
    pub fn forward(&self) {
        self.set("ipv4/ip_forward", "1");
        self.set("ipv6/conf/all/forwarding", "1");
    }

    /// Runs a command to its end on this host and returns what it printed; panics if it fails.
    pub fn run(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> String {
        succeed(self.command(program).args(arguments))
    }
}

/// Runs `ip` with these words; panics if it fails.
pub(super) fn ip(words: &str) -> String {
    let mut command = Command::new(programs::find("ip"));
    programs::with_libraries(&mut command);
    succeed(command.args(words.split_whitespace()))
}

fn succeed(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{command:?} ended with {status}: {stderr}");
    String::from_utf8_lossy(&stdout).into_owned()
}
