//! Opening the sockets that serve one address of one interface, and more of them while they serve.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::net::sockopt::{set_socket_broadcast, set_socket_reuseport};
use rustix::net::{AddressFamily, SocketType, bind};

use super::socket::{Mode4, Socket4, SocketOptions4, Spec4};
use crate::error::{Attempt, Failed, SocketError};
use crate::port::Endpoint;
use crate::{bpf, sys};

/// Opens the sockets for `spec`, one for each of `workers` (at least one).
///
/// Datagrams of one client, known by the first six bytes of its `chaddr`, always reach the same of the returned
/// sockets. The port is taken exclusively: when any other socket has it, opening fails.
///
/// # Errors
/// When the port is taken, the address or interface is gone, or the process may not open such sockets.
/// Nothing stays open then.
pub fn open4(spec: &Spec4, options: &SocketOptions4, workers: usize) -> Result<Vec<Socket4>, SocketError> {
    let opened = open_first(spec, options).and_then(|first| {
        let mut sockets = vec![first];
        add(&mut sockets, options, workers)?;
        Ok(sockets)
    });
    opened.map_err(|failed| failed.at(&spec.interface, spec.local))
}

/// Opens more sockets beside `sockets`, which serve one [`Spec4`], until there is one for each of `workers`, and steers
/// clients to all of them. If there are enough, nothing changes. What came to the sockets there are stays in them.
///
/// # Errors
/// As [`open4`]; the sockets there are go on as before, and those that could be opened are among them.
pub fn extend4(
    sockets: &mut Vec<Socket4>,
    options: &SocketOptions4,
    workers: usize,
) -> Result<(), SocketError> {
    let Some(spec) = sockets.first().map(|first| first.spec.clone()) else { return Ok(()) };
    add(sockets, options, workers).map_err(|failed| failed.at(&spec.interface, spec.local))
}

fn open_first(spec: &Spec4, options: &SocketOptions4) -> Result<Socket4, Failed> {
    let (main, fallback) = match spec.mode {
        Mode4::Raw => {
            let fallback = open_fallback(spec, options)?;
            let main = open_raw(spec, options)?;
            // Alone in a group for now. To join one later the kernel takes a socket away from its interface and puts it
            // back, and a packet could come between. Where there are no groups, one socket does without.
            let _ = fanout_group(main.as_fd());
            (main, Some(Arc::new(fallback)))
        }
        // It takes the port alone, so that another server is noticed.
        Mode4::Udp => (open_udp(spec, options, false)?, None),
    };
    let (spec, main) = (Arc::new(spec.clone()), Arc::new(main));
    Ok(Socket4 { spec, server_port: options.server_port, main, fallback })
}

/// Adds sockets until there are so many, and steers clients to all of them.
fn add(sockets: &mut Vec<Socket4>, options: &SocketOptions4, workers: usize) -> Result<(), Failed> {
    if sockets.len() >= workers {
        return Ok(());
    }
    let first = sockets[0].clone();
    match first.spec.mode {
        Mode4::Raw => {
            let group =
                fanout_group(first.main()).attempt("join the raw sockets of the workers (PACKET_FANOUT)")?;
            while sockets.len() < workers {
                let main = open_raw(&first.spec, options)?;
                sys::set_int(main.as_fd(), libc::SOL_PACKET, libc::PACKET_FANOUT, group)
                    .attempt("join the raw sockets of the workers (PACKET_FANOUT)")?;
                sockets.push(Socket4 { main: Arc::new(main), ..first.clone() });
            }
            let steer = bpf::steer_frames(workers);
            sys::attach_program(first.main(), libc::SOL_PACKET, libc::PACKET_FANOUT_DATA, &steer)
                .attempt("attach the steering program to the raw sockets (PACKET_FANOUT_DATA)")
        }
        Mode4::Udp => {
            set_socket_reuseport(first.main(), true).attempt("enable SO_REUSEPORT")?;
            while sockets.len() < workers {
                let main = open_udp(&first.spec, options, true)?;
                sockets.push(Socket4 { main: Arc::new(main), ..first.clone() });
            }
            let steer = bpf::steer_payloads(workers);
            sys::attach_program(first.main(), libc::SOL_SOCKET, libc::SO_ATTACH_REUSEPORT_CBPF, &steer)
                .attempt("attach the steering program to the UDP sockets (SO_ATTACH_REUSEPORT_CBPF)")
        }
    }
}

fn open_raw(spec: &Spec4, options: &SocketOptions4) -> Result<OwnedFd, Failed> {
    // Protocol 0 receives nothing until it is bound, so nothing arrives that the filter has not seen.
    let main = sys::socket(AddressFamily::PACKET, SocketType::RAW, None).attempt("create a raw socket")?;
    let fd = main.as_fd();
    let filter = bpf::dhcp_frames(spec.local, options.server_port, spec.broadcast);
    sys::attach_program(fd, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &filter)
        .attempt("attach the packet filter to a raw socket")?;
    // Checksums that a virtual link left for hardware to fill in, and VLAN tags, are told there.
    sys::set_int(fd, libc::SOL_PACKET, libc::PACKET_AUXDATA, 1).attempt("enable PACKET_AUXDATA")?;
    // Since Linux 4.20; the filter refuses our own packets where the kernel does not know the option.
    let _ = sys::set_int(fd, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1);
    sys::set_receive_buffer(fd, options.receive_buffer);
    sys::bind_link(fd, spec.ifindex).attempt("bind a raw socket")?;
    Ok(main)
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

/// The fanout group that `fd` is in; it joins a new one, whose number the kernel chooses, if it is in none. A group is
/// named by its number, kind and flags as one integer.
fn fanout_group(fd: BorrowedFd<'_>) -> io::Result<i32> {
    let named = || sys::int_option(fd, libc::SOL_PACKET, libc::PACKET_FANOUT);
    match named()? {
        0 => {}
        group => return Ok(group),
    }
    let join = |flags: u32| {
        let new = (libc::PACKET_FANOUT_CBPF | libc::PACKET_FANOUT_FLAG_UNIQUEID | flags) << 16;
        sys::set_int(fd, libc::SOL_PACKET, libc::PACKET_FANOUT, new.cast_signed())
    };
    // Since Linux 5.19; like for a single socket, the filter does it where the kernel does not.
    join(libc::PACKET_FANOUT_FLAG_IGNORE_OUTGOING).or_else(|_| join(0))?;
    named()
}

/// A UDP socket, the first or one that shares the port with it.
fn open_udp(spec: &Spec4, options: &SocketOptions4, shares: bool) -> Result<OwnedFd, Failed> {
    let main = sys::socket(AddressFamily::INET, SocketType::DGRAM, None).attempt("create a UDP socket")?;
    let fd = main.as_fd();
    if spec.broadcast {
        sys::set_bytes(fd, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, spec.interface.as_bytes())
            .attempt("bind a UDP socket to the interface (SO_BINDTODEVICE)")?;
    }
    set_socket_broadcast(fd, true).attempt("enable SO_BROADCAST")?;
    sys::set_int(fd, libc::IPPROTO_IP, libc::IP_PKTINFO, 1).attempt("enable IP_PKTINFO")?;
    sys::set_receive_buffer(fd, options.receive_buffer);
    if shares {
        set_socket_reuseport(fd, true).attempt("enable SO_REUSEPORT")?;
    }
    // A broadcast reaches no socket that is bound to a unicast address.
    let address = if spec.broadcast { Ipv4Addr::UNSPECIFIED } else { spec.local };
    bind(fd, &SocketAddrV4::new(address, options.server_port)).attempt("bind a UDP socket")?;
    Ok(main)
}
