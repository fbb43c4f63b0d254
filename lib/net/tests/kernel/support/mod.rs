//! Network namespaces for tests: a server's and a client's, joined by a virtual Ethernet cable.
//!
//! Root makes them directly. Anybody else runs the test again in a user namespace of his own (`unshare`); where
//! the system allows neither, the test says that it was skipped.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::any::type_name;
use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio, id};
use std::thread;
use std::time::Duration;

use kotare_net::{Arrivals4, Interface, Mode4, Port4, Spec4, interfaces};
use nix::sched::{CloneFlags, setns, unshare};

pub(crate) mod steering;
mod tap;
pub(crate) use tap::Tap;

/// How long anything may take that should happen at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// The server's address on its end of the cable.
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// The address of the client's kernel on its end.
pub(crate) const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
/// The DHCP ports.
pub(crate) const SERVER_PORT: u16 = 67;
pub(crate) const CLIENT_PORT: u16 = 68;

/// A network namespace; lives as long as this value and the sockets in it.
pub(crate) struct Namespace(File);

impl Namespace {
    fn new() -> nix::Result<Self> {
        let made = thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            Ok(Self(File::open("/proc/thread-self/ns/net").expect("a thread sees its own namespace")))
        });
        made.join().expect("the thread does not panic")
    }

    /// Runs `act` within the namespace.
    pub(crate) fn run<R: Send>(&self, act: impl FnOnce() -> R + Send) -> R {
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                setns(&self.0, CloneFlags::CLONE_NEWNET).expect("the namespace can be entered");
                act()
            });
            inside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Runs `ip` with these words in the namespace.
    pub(crate) fn ip(&self, words: &str) {
        let output =
            self.run(|| Command::new("ip").args(words.split(' ')).output().expect("`ip` can be run"));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`ip {words}`: {error}");
    }

    /// Runs `ip` with each of these lines in the namespace.
    pub(crate) fn ip_batch(&self, lines: &str) {
        self.run(|| {
            let mut ip = Command::new("ip")
                .args(["-batch", "-"])
                .stdin(Stdio::piped())
                .spawn()
                .expect("`ip` can be run");
            let mut input = ip.stdin.take().expect("it is piped");
            input.write_all(lines.as_bytes()).expect("`ip` reads");
            drop(input);
            assert!(ip.wait().expect("`ip` ends").success(), "`ip` refused a line");
        });
    }

    /// The interface of that name, as seen in the namespace.
    pub(crate) fn interface(&self, name: &str) -> Interface {
        let all = self.run(|| interfaces().expect("interfaces can be listed"));
        all.into_iter().find(|interface| interface.name == name).unwrap_or_else(|| panic!("{name} is listed"))
    }
}

/// A server and a client with a cable between them: `wire` is the name of either end.
pub(crate) struct Cable {
    pub(crate) server: Namespace,
    pub(crate) client: Namespace,
}

impl Cable {
    fn new(server: Namespace, client: Namespace) -> Self {
        for namespace in [&server, &client] {
            namespace.ip("link set lo up");
        }
        let other = format!("/proc/{}/fd/{}", id(), client.0.as_raw_fd());
        server.ip(&format!("link add wire type veth peer name wire netns {other}"));
        server.ip(&format!("address add {SERVER}/24 broadcast 192.0.2.255 dev wire"));
        client.ip(&format!("address add {CLIENT}/24 broadcast 192.0.2.255 dev wire"));
        server.ip("link set wire up");
        client.ip("link set wire up");
        let cable = Self { server, client };
        cable.await_carrier();
        cable
    }

    /// Sends until something arrives: the kernel lets packets through a little after it says that it does.
    pub(crate) fn await_carrier(&self) {
        const PORT: u16 = 9999;
        let receiver = self.server.run(|| UdpSocket::bind((SERVER, PORT)).expect("the address is there"));
        let sender = self.client.run(|| UdpSocket::bind((CLIENT, 0)).expect("the address is there"));
        receiver.set_read_timeout(Some(Duration::from_millis(50))).expect("not zero");
        for _ in 0..1200 {
            // Fails while the carrier is missing.
            let _ = sender.send_to(b"?", (SERVER, PORT));
            if receiver.recv(&mut [0; 1]).is_ok() {
                return;
            }
        }
        panic!("nothing comes through the cable");
    }

    /// What a server serves on its end of the cable.
    pub(crate) fn spec(&self, mode: Mode4) -> Spec4 {
        let interface = self.server.interface("wire");
        Spec4 {
            ifindex: interface.index,
            interface: interface.name,
            mac: interface.mac.expect("a cable has Ethernet addresses"),
            local: SERVER,
            broadcast: true,
            mode,
        }
    }
}

/// Runs a test, a closure in the test function, with a [`Cable`].
pub(crate) fn with_cable<T: FnOnce(Cable)>(test: T) {
    // What the test is called, to run it again where it is allowed: the closure's own name has it.
    let name = type_name::<T>().trim_start_matches("kernel::").trim_end_matches("::{{closure}}");
    match (Namespace::new(), Namespace::new()) {
        (Ok(server), Ok(client)) => test(Cable::new(server, client)),
        _ if std::env::var_os("KOTARE_UNSHARED").is_some() => {
            eprintln!("{name}: SKIPPED, no network namespace can be made even in a user namespace");
        }
        _ => rerun_unshared(name),
    }
}

fn rerun_unshared(name: &str) {
    let program = std::env::current_exe().expect("a program has a path");
    let can = Command::new("unshare").args(["-Urn", "true"]).status().is_ok_and(|status| status.success());
    if !can {
        eprintln!("{name}: SKIPPED, it needs root or unprivileged user namespaces");
        return;
    }
    let status = Command::new("unshare")
        .arg("-Urn")
        .arg(program)
        .args(["--exact", name, "--nocapture"])
        .env("KOTARE_UNSHARED", "1")
        .status()
        .expect("`unshare` ran before");
    assert!(status.success(), "{name} failed in a user namespace");
}

/// A DHCPv4 message of a client with that hardware address, as far as this crate looks at it.
pub(crate) fn message(chaddr: [u8; 6]) -> Vec<u8> {
    let mut message = vec![0; 300];
    message[..4].copy_from_slice(&[1, 1, 6, 0]);
    message[28..34].copy_from_slice(&chaddr);
    message
}

/// Receives until `enough` says so; panics when nothing more comes.
pub(crate) fn receive_until(
    port: &mut Port4,
    mut take: impl FnMut(kotare_model::Arrival4, &[u8]),
    mut enough: impl FnMut() -> bool,
) {
    let mut arrivals = Arrivals4::new();
    while !enough() {
        let ready = port.wait(Some(PATIENCE)).expect("a port can wait");
        assert!(ready.packets, "more packets come");
        port.recv(&mut arrivals).expect("a port can receive");
        for (arrival, payload) in arrivals.iter() {
            take(arrival, payload);
        }
    }
}

/// The time since 1970-01-01T00:00:00Z.
#[expect(clippy::disallowed_methods, reason = "what the kernel tells is compared with the clock")]
pub(crate) fn now() -> std::time::Duration {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("it is later than 1970")
}

/// Receives exactly `count` datagrams.
pub(crate) fn receive(port: &mut Port4, count: usize) -> Vec<(kotare_model::Arrival4, Vec<u8>)> {
    let received = std::cell::RefCell::new(Vec::new());
    receive_until(
        port,
        |arrival, payload| received.borrow_mut().push((arrival, payload.to_vec())),
        || received.borrow().len() >= count,
    );
    received.into_inner()
}
