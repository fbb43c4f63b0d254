//! Opening the sockets that serve one address or group of one interface, and more of them while they serve.

use std::net::SocketAddrV6;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::net::sockopt::{set_ipv6_v6only, set_socket_reuseport};
use rustix::net::{AddressFamily, SocketType, bind};

use super::socket::{Socket6, SocketOptions6, Spec6};
use crate::error::{Attempt, Failed, SocketError};
use crate::port::Endpoint;
use crate::{bpf, sys};

/// Opens the sockets for `spec`, one for each of `workers` (at least one).
///
/// Messages of one client, as far as the kernel can tell whose they are, always reach the same of the returned sockets.
/// The port is taken exclusively: when any other socket has it for this address or group, opening fails.
///
/// # Errors
/// When the port is taken, the address or interface is gone, or the process may not open such sockets. Nothing stays open
/// then.
pub fn open6(spec: &Spec6, options: &SocketOptions6, workers: usize) -> Result<Vec<Socket6>, SocketError> {
    let opened = open(spec, options, false).and_then(|main| {
        let mut sockets = vec![Socket6 { spec: Arc::new(spec.clone()), main: Arc::new(main) }];
        add(&mut sockets, options, workers)?;
        Ok(sockets)
    });
    opened.map_err(|failed| failed.at(&spec.interface, spec.local))
}

/// Opens more sockets beside `sockets`, which serve one [`Spec6`], until there is one for each of `workers`, and steers
/// clients to all of them. If there are enough, nothing changes. What came to the sockets there are stays in them.
///
/// # Errors
/// As [`open6`]; the sockets there are go on as before, and those that could be opened are among them.
pub fn extend6(
    sockets: &mut Vec<Socket6>,
    options: &SocketOptions6,
    workers: usize,
) -> Result<(), SocketError> {
    let Some(spec) = sockets.first().map(|first| first.spec.clone()) else { return Ok(()) };
    add(sockets, options, workers).map_err(|failed| failed.at(&spec.interface, spec.local))
}

/// Adds sockets until there are so many, and steers clients to all of them.
fn add(sockets: &mut Vec<Socket6>, options: &SocketOptions6, workers: usize) -> Result<(), Failed> {
    if sockets.len() >= workers {
        return Ok(());
    }
    let first = sockets[0].clone();
    set_socket_reuseport(first.main(), true).attempt("enable SO_REUSEPORT")?;
    while sockets.len() < workers {
        let main = open(&first.spec, options, true)?;
        sockets.push(Socket6 { main: Arc::new(main), ..first.clone() });
    }
    if first.spec.group.is_some() {
        // The new ones first: what belongs to them is received twice for a moment rather than not at all.
        for (worker, socket) in sockets.iter().enumerate().rev() {
            let filter = bpf::only_of_worker6(worker, workers);
            sys::attach_program(socket.main(), libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &filter)
                .attempt("attach the steering program to the UDP sockets (SO_ATTACH_FILTER)")?;
        }
        return Ok(());
    }
    let steer = bpf::steer_payloads6(workers);
    sys::attach_program(first.main(), libc::SOL_SOCKET, libc::SO_ATTACH_REUSEPORT_CBPF, &steer)
        .attempt("attach the steering program to the UDP sockets (SO_ATTACH_REUSEPORT_CBPF)")
}

/// A UDP socket, the first or one that shares the port with it.
fn open(spec: &Spec6, options: &SocketOptions6, shares: bool) -> Result<OwnedFd, Failed> {
    let main = sys::socket(AddressFamily::INET6, SocketType::DGRAM, None).attempt("create a UDP socket")?;
    let fd = main.as_fd();
    set_ipv6_v6only(fd, true).attempt("enable IPV6_V6ONLY")?;
    sys::set_int(fd, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1).attempt("enable IPV6_RECVPKTINFO")?;
    sys::set_receive_buffer(fd, options.receive_buffer);
    // What is sent on another interface to an address of this one is another socket's, as is what is sent to a group there.
    sys::set_bytes(fd, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, spec.interface.as_bytes())
        .attempt("bind a UDP socket to the interface (SO_BINDTODEVICE)")?;
    if shares {
        set_socket_reuseport(fd, true).attempt("enable SO_REUSEPORT")?;
    }
    let address = spec.group.unwrap_or(spec.local);
    bind(fd, &SocketAddrV6::new(address, options.server_port, 0, spec.ifindex))
        .attempt("bind a UDP socket")?;
    if let Some(group) = spec.group {
        // struct ipv6_mreq { ipv6mr_multiaddr, ipv6mr_interface }
        let request = [&group.octets()[..], &spec.ifindex.to_ne_bytes()].concat();
        sys::set_bytes(fd, libc::IPPROTO_IPV6, libc::IPV6_ADD_MEMBERSHIP, &request)
            .attempt("join a multicast group (IPV6_JOIN_GROUP)")?;
    }
    Ok(main)
}
