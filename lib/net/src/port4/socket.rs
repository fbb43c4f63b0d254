//! Opening the sockets that serve one address of one interface.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use kotare_model::MacAddr;
use rustix::net::sockopt::{set_socket_broadcast, set_socket_reuseport};
use rustix::net::{AddressFamily, SocketType, bind};

use crate::error::SocketError;
use crate::{bpf, sys};

/// What one socket of a [`crate::Port4`] shall serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec4 {
    /// Index of the interface.
    pub ifindex: u32,
    /// Name of the interface, for errors and for binding to it.
    pub interface: String,
    /// Link-layer address of the interface: the sender of raw frames (zeros where it has none).
    pub mac: MacAddr,
    /// The interface's address that serves.
    pub local: Ipv4Addr,
    /// Whether datagrams to 255.255.255.255 are received here. Kea does so on raw sockets, and on UDP sockets
    /// never (they serve relays and renewing clients). When several addresses of one interface are served,
    /// each that says so gets its own copy of every broadcast.
    pub broadcast: bool,
    /// The kind of socket.
    pub mode: Mode4,
}

/// The kinds of socket: `dhcp-socket-type` of Kea's `interfaces-config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode4 {
    /// `raw`: packets are read from and written to the link layer, so that clients without an address are
    /// reached by unicast. Needs an Ethernet-like interface.
    Raw,
    /// `udp`: an ordinary UDP socket; the kernel routes and resolves link-layer addresses.
    Udp,
}

/// What all sockets of a server have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketOptions4 {
    /// The UDP port to listen on and to send from, 67 by default.
    pub server_port: u16,
    /// Bytes of kernel receive buffer asked for each socket. Beyond `net.core.rmem_max` only with
    /// CAP_NET_ADMIN; without it the kernel gives what it allows.
    pub receive_buffer: usize,
}

impl Default for SocketOptions4 {
    fn default() -> Self {
        Self { server_port: 67, receive_buffer: 4 << 20 }
    }
}

/// One worker's socket for one [`Spec4`]. Closes when dropped.
#[derive(Debug)]
pub struct Socket4 {
    spec: Arc<Spec4>,
    server_port: u16,
    /// What is received from: an `AF_PACKET` or a UDP socket.
    main: OwnedFd,
    /// Beside a raw socket, shared by all workers: holds the UDP port, so that the kernel neither answers with
    /// ICMP "port unreachable" nor lets another server in; receives nothing; sends what shall be routed.
    fallback: Option<Arc<OwnedFd>>,
}

impl Socket4 {
    /// What it serves.
    #[must_use]
    pub fn spec(&self) -> &Spec4 {
        &self.spec
    }

    /// The UDP port it serves and sends from.
    #[must_use]
    pub fn server_port(&self) -> u16 {
        self.server_port
    }

    /// What is received from, and sent with for the interface itself.
    pub(crate) fn main(&self) -> BorrowedFd<'_> {
        self.main.as_fd()
    }

    /// A UDP socket to send with where routing decides.
    pub(crate) fn routed(&self) -> BorrowedFd<'_> {
        self.fallback.as_deref().map_or(self.main.as_fd(), AsFd::as_fd)
    }
}

/// Opens the sockets for `spec`, one for each of `workers` (at least one).
///
/// Datagrams of one client, known by the first six bytes of its `chaddr`, always reach the same of the returned
/// sockets. The port is taken exclusively: when any other socket has it, opening fails.
///
/// # Errors
/// When the port is taken, the address or interface is gone, or the process may not open such sockets.
/// Nothing stays open then.
pub fn open4(spec: &Spec4, options: &SocketOptions4, workers: usize) -> Result<Vec<Socket4>, SocketError> {
    let opened = match spec.mode {
        Mode4::Raw => open_raw(spec, options, workers.max(1)),
        Mode4::Udp => open_udp(spec, options, workers.max(1)),
    };
    opened.map_err(|Failed(attempted, source)| SocketError {
        interface: spec.interface.clone(),
        local: spec.local,
        attempted,
        source,
    })
}

/// What was attempted and how it ended; the place is added by [`open4`].
struct Failed(&'static str, io::Error);

/// Names what a system call was for.
trait Attempt<T> {
    fn attempt(self, what: &'static str) -> Result<T, Failed>;
}

impl<T, E: Into<io::Error>> Attempt<T> for Result<T, E> {
    fn attempt(self, what: &'static str) -> Result<T, Failed> {
        self.map_err(|error| Failed(what, error.into()))
    }
}

fn open_raw(spec: &Spec4, options: &SocketOptions4, workers: usize) -> Result<Vec<Socket4>, Failed> {
    let fallback = Arc::new(open_fallback(spec, options)?);
    let filter = bpf::dhcp_frames(spec.local, options.server_port, spec.broadcast);
    let shared = Arc::new(spec.clone());
    let mut sockets = Vec::with_capacity(workers);
    let mut group = None;
    for _ in 0..workers {
        // Protocol 0 receives nothing until it is bound, so nothing arrives that the filter has not seen.
        let main =
            sys::socket(AddressFamily::PACKET, SocketType::RAW, None).attempt("create a raw socket")?;
        let fd = main.as_fd();
        sys::attach_program(fd, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &filter)
            .attempt("attach the packet filter to a raw socket")?;
        // Checksums that a virtual link left for hardware to fill in, and VLAN tags, are told there.
        sys::set_int(fd, libc::SOL_PACKET, libc::PACKET_AUXDATA, 1).attempt("enable PACKET_AUXDATA")?;
        // Since Linux 4.20; the filter refuses our own packets where the kernel does not know the option.
        let _ = sys::set_int(fd, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1);
        sys::set_receive_buffer(fd, options.receive_buffer);
        sys::bind_link(fd, spec.ifindex).attempt("bind a raw socket")?;
        if workers > 1 {
            group =
                Some(join_fanout(fd, group).attempt("join the raw sockets of the workers (PACKET_FANOUT)")?);
        }
        sockets.push(Socket4 {
            spec: Arc::clone(&shared),
            server_port: options.server_port,
            main,
            fallback: Some(Arc::clone(&fallback)),
        });
    }
    if workers > 1 {
        let steer = bpf::steer_frames(workers);
        sys::attach_program(sockets[0].main(), libc::SOL_PACKET, libc::PACKET_FANOUT_DATA, &steer)
            .attempt("attach the steering program to the raw sockets (PACKET_FANOUT_DATA)")?;
    }
    Ok(sockets)
}

/// The UDP socket beside the raw ones. A filter drops whatever it would receive: accepted by a socket, so that
/// no ICMP error is sent, and never queued.
fn open_fallback(spec: &Spec4, options: &SocketOptions4) -> Result<OwnedFd, Failed> {
    let socket = sys::socket(AddressFamily::INET, SocketType::DGRAM, None)
        .attempt("create the fallback UDP socket")?;
    sys::attach_program(socket.as_fd(), libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &bpf::nothing())
        .attempt("attach a filter to the fallback UDP socket")?;
    set_socket_broadcast(&socket, true).attempt("enable SO_BROADCAST")?;
    bind(&socket, &SocketAddrV4::new(spec.local, options.server_port))
        .attempt("bind the fallback UDP socket")?;
    Ok(socket)
}

/// Joins `fd` to a fanout group: the given one, or a new one whose number the kernel chooses. A group is named by
/// the number, kind and flags as one integer.
fn join_fanout(fd: BorrowedFd<'_>, group: Option<i32>) -> io::Result<i32> {
    let join = |group| sys::set_int(fd, libc::SOL_PACKET, libc::PACKET_FANOUT, group);
    if let Some(group) = group {
        return join(group).map(|()| group);
    }
    let new = |flags: u32| {
        ((libc::PACKET_FANOUT_CBPF | libc::PACKET_FANOUT_FLAG_UNIQUEID | flags) << 16).cast_signed()
    };
    // Since Linux 5.19; like for a single socket, the filter does it where the kernel does not.
    join(new(libc::PACKET_FANOUT_FLAG_IGNORE_OUTGOING)).or_else(|_| join(new(0)))?;
    sys::int_option(fd, libc::SOL_PACKET, libc::PACKET_FANOUT)
}

fn open_udp(spec: &Spec4, options: &SocketOptions4, workers: usize) -> Result<Vec<Socket4>, Failed> {
    // A broadcast reaches no socket that is bound to a unicast address.
    let address = if spec.broadcast { Ipv4Addr::UNSPECIFIED } else { spec.local };
    let shared = Arc::new(spec.clone());
    let mut sockets: Vec<Socket4> = Vec::with_capacity(workers);
    for worker in 0..workers {
        let main =
            sys::socket(AddressFamily::INET, SocketType::DGRAM, None).attempt("create a UDP socket")?;
        let fd = main.as_fd();
        if spec.broadcast {
            sys::set_bytes(fd, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, spec.interface.as_bytes())
                .attempt("bind a UDP socket to the interface (SO_BINDTODEVICE)")?;
        }
        set_socket_broadcast(fd, true).attempt("enable SO_BROADCAST")?;
        sys::set_int(fd, libc::IPPROTO_IP, libc::IP_PKTINFO, 1).attempt("enable IP_PKTINFO")?;
        sys::set_receive_buffer(fd, options.receive_buffer);
        // The first socket takes the port alone, so that another server is noticed, and shares it afterwards.
        if worker > 0 {
            set_socket_reuseport(fd, true).attempt("enable SO_REUSEPORT")?;
        }
        bind(fd, &SocketAddrV4::new(address, options.server_port)).attempt("bind a UDP socket")?;
        if worker == 0 && workers > 1 {
            set_socket_reuseport(fd, true).attempt("enable SO_REUSEPORT")?;
        }
        sockets.push(Socket4 {
            spec: Arc::clone(&shared),
            server_port: options.server_port,
            main,
            fallback: None,
        });
    }
    if workers > 1 {
        let steer = bpf::steer_payloads(workers);
        sys::attach_program(sockets[0].main(), libc::SOL_SOCKET, libc::SO_ATTACH_REUSEPORT_CBPF, &steer)
            .attempt("attach the steering program to the UDP sockets (SO_ATTACH_REUSEPORT_CBPF)")?;
    }
    Ok(sockets)
}
