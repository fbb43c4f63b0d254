//! The system calls that need more than `rustix` wraps: a policy that all descriptors here share, or an argument
//! that only Linux' packet sockets know.
//!
//! `unsafe` because what is left are foreign functions that take addresses. Each wrapper passes only memory that
//! it borrows for the call, with that memory's own length, so no caller can misuse it.
#![expect(unsafe_code, reason = "system calls that neither the standard library nor rustix wraps")]

use std::ffi::c_int;
use std::io;
use std::mem::size_of_val;
use std::net::{SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::retry_on_intr;
use rustix::net::sockopt;
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A new socket: non-blocking, closed on exec.
pub(crate) fn socket(
    domain: AddressFamily,
    kind: SocketType,
    protocol: Option<Protocol>,
) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(rustix::net::socket_with(domain, kind, flags, protocol)?)
}

/// Binds a packet socket to an interface, for packets of every protocol.
pub(crate) fn bind_link(fd: BorrowedFd<'_>, ifindex: u32) -> io::Result<()> {
    let address = link_address(ifindex, libc::ETH_P_ALL as u16, [0; 6]);
    // SAFETY: `address` is a socket address of that many bytes, alive during the call.
    check(unsafe {
        libc::bind(
            fd.as_raw_fd(),
            std::ptr::from_ref(&address).cast(),
            size_of_val(&address) as libc::socklen_t,
        )
    })
}

/// The interface that a packet socket is bound to; `None` once that is gone, even if another one got its index.
pub(crate) fn bound_link(fd: BorrowedFd<'_>) -> io::Result<Option<u32>> {
    let mut address = link_address(0, 0, [0; 6]);
    let mut length = size_of_val(&address) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes into `address`, for which every bit pattern is valid.
    check(unsafe {
        libc::getsockname(fd.as_raw_fd(), std::ptr::from_mut(&mut address).cast(), &raw mut length)
    })?;
    Ok(u32::try_from(address.sll_ifindex).ok())
}

/// The C form of an IPv4 address and port.
pub(crate) fn inet_address(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.ip().octets()) },
        sin_zero: [0; 8],
    }
}

/// The C form of an IPv6 address, port and interface.
pub(crate) fn inet6_address(address: SocketAddrV6) -> libc::sockaddr_in6 {
    libc::sockaddr_in6 {
        sin6_family: libc::AF_INET6 as libc::sa_family_t,
        sin6_port: address.port().to_be(),
        sin6_flowinfo: 0,
        sin6_addr: libc::in6_addr { s6_addr: address.ip().octets() },
        sin6_scope_id: address.scope_id(),
    }
}

/// The C form of a link-layer place: interface, Ethernet protocol, station.
pub(crate) fn link_address(ifindex: u32, protocol: u16, mac: [u8; 6]) -> libc::sockaddr_ll {
    let [a, b, c, d, e, f] = mac;
    libc::sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: protocol.to_be(),
        sll_ifindex: ifindex.cast_signed(),
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 6,
        sll_addr: [a, b, c, d, e, f, 0, 0],
    }
}

/// Sets a socket option that is an integer.
pub(crate) fn set_int(fd: BorrowedFd<'_>, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    set_bytes(fd, level, name, &value.to_ne_bytes())
}

/// Has the kernel tell of each datagram of a socket when it came, or no longer.
pub(crate) fn stamp(fd: BorrowedFd<'_>, tells: bool) -> io::Result<()> {
    set_int(fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, tells.into())
}

/// Sets a socket option that is plain bytes without addresses in them.
pub(crate) fn set_bytes(fd: BorrowedFd<'_>, level: c_int, name: c_int, value: &[u8]) -> io::Result<()> {
    // SAFETY: the kernel reads `value.len()` bytes of `value`.
    check(unsafe {
        libc::setsockopt(fd.as_raw_fd(), level, name, value.as_ptr().cast(), value.len() as libc::socklen_t)
    })
}

/// Sets a socket option that is a classic BPF program.
pub(crate) fn attach_program(
    fd: BorrowedFd<'_>,
    level: c_int,
    name: c_int,
    program: &[libc::sock_filter],
) -> io::Result<()> {
    let argument = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: `argument` points at `len` instructions, which the kernel copies and does not change.
    check(unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            name,
            std::ptr::from_ref(&argument).cast(),
            size_of_val(&argument) as libc::socklen_t,
        )
    })
}

/// Reads a socket option that is an integer.
pub(crate) fn int_option(fd: BorrowedFd<'_>, level: c_int, name: c_int) -> io::Result<c_int> {
    let mut value = [0; 1];
    words_option(fd, level, name, &mut value)?;
    Ok(value[0].cast_signed())
}

/// Packets an `AF_PACKET` socket lost since this was last asked.
pub(crate) fn packet_drops(fd: BorrowedFd<'_>) -> io::Result<u32> {
    // struct tpacket_stats { tp_packets, tp_drops }
    let mut statistics = [0; 2];
    words_option(fd, libc::SOL_PACKET, libc::PACKET_STATISTICS, &mut statistics)?;
    Ok(statistics[1])
}

/// Packets a socket lost since it was made.
pub(crate) fn socket_drops(fd: BorrowedFd<'_>) -> io::Result<u32> {
    // SK_MEMINFO_DROPS of linux/sock_diag.h
    const DROPS: usize = 8;
    let mut memory = [0; DROPS + 1];
    words_option(fd, libc::SOL_SOCKET, libc::SO_MEMINFO, &mut memory)?;
    Ok(memory[DROPS])
}

/// Packets a socket lost since this was last asked; `before` is how many they were then.
pub(crate) fn new_drops(fd: BorrowedFd<'_>, before: &mut u32) -> u32 {
    let now = socket_drops(fd).unwrap_or(*before);
    now.wrapping_sub(std::mem::replace(before, now))
}

/// How many bytes a socket's unread packets take in the kernel, and how many they may take.
pub(crate) fn receive_room(fd: BorrowedFd<'_>) -> io::Result<(u32, u32)> {
    // SK_MEMINFO_RMEM_ALLOC and SK_MEMINFO_RCVBUF of linux/sock_diag.h
    let mut memory = [0; 2];
    words_option(fd, libc::SOL_SOCKET, libc::SO_MEMINFO, &mut memory)?;
    Ok((memory[0], memory[1]))
}

fn words_option(fd: BorrowedFd<'_>, level: c_int, name: c_int, words: &mut [u32]) -> io::Result<()> {
    let mut length = size_of_val(words) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes into `words`, for which every bit pattern is valid.
    check(unsafe {
        libc::getsockopt(fd.as_raw_fd(), level, name, words.as_mut_ptr().cast(), &raw mut length)
    })
}

/// Asks for a receive buffer of `bytes`, beyond the system's limit where that is allowed; takes what it gets.
pub fn set_receive_buffer(fd: BorrowedFd<'_>, bytes: usize) {
    if sockopt::set_socket_recv_buffer_size_force(fd, bytes).is_err() {
        // The kernel lowers what is too much, it does not refuse.
        let _ = sockopt::set_socket_recv_buffer_size(fd, bytes);
    }
}

/// Waits until `fd` can be read (`true`) or the time is over (`false`). A signal begins the wait anew.
pub(crate) fn wait_readable(fd: BorrowedFd<'_>, timeout: Option<Duration>) -> io::Result<bool> {
    poll(fd, PollFlags::IN, timeout)
}

/// Waits until `fd` can be written (`true`) or the time is over (`false`). A signal begins the wait anew.
pub(crate) fn wait_writable(fd: BorrowedFd<'_>, timeout: Duration) -> io::Result<bool> {
    poll(fd, PollFlags::OUT, Some(timeout))
}

fn poll(fd: BorrowedFd<'_>, events: PollFlags, timeout: Option<Duration>) -> io::Result<bool> {
    let mut entry = [PollFd::from_borrowed_fd(fd, events)];
    let ready = retry_on_intr(|| rustix::event::poll(&mut entry, timespec(timeout).as_ref()))?;
    Ok(ready > 0)
}

/// A time limit as the kernel takes it; none for one beyond the kernel's range.
pub(crate) fn timespec(timeout: Option<Duration>) -> Option<Timespec> {
    timeout.and_then(|timeout| timeout.try_into().ok())
}

/// Registers a descriptor with the tokio runtime that runs the caller.
pub(crate) fn register(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` always is the same open descriptor, until it is dropped.
    Ok(unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?)
}

/// Gives the calling process the I/O class `idle`, served when nobody else wants the disk (ioprio_set(2)).
pub(crate) fn idle_io() -> io::Result<()> {
    const IOPRIO_WHO_PROCESS: c_int = 1;
    const IOPRIO_CLASS_IDLE: c_int = 3;
    const IOPRIO_CLASS_SHIFT: c_int = 13;
    // SAFETY: takes no memory.
    let done = unsafe {
        libc::syscall(libc::SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT)
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Gives the calling thread this niceness, and turns of this length (sched_setattr(2)). Kernels before 6.12 know no length.
pub(crate) fn schedule(niceness: i32, turn: Duration) -> io::Result<()> {
    let attributes = libc::sched_attr {
        size: size_of::<libc::sched_attr>() as u32,
        // Whose threads begin nothing at once when they wake up.
        sched_policy: libc::SCHED_BATCH as u32,
        sched_flags: 0,
        sched_nice: niceness,
        sched_priority: 0,
        sched_runtime: u64::try_from(turn.as_nanos()).unwrap_or(u64::MAX),
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: `attributes` says how long it is, and is alive during the call.
    let done = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, std::ptr::from_ref(&attributes), 0) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Gives memory back that is free (malloc_trim(3)); other C libraries than GNU's do so by themselves, or not at all.
pub(crate) fn trim_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it touches nothing but what was freed.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// The I/O priority of the calling thread: the class in the bits from 13 up.
#[cfg(test)]
pub(crate) fn io_priority() -> io::Result<c_int> {
    // SAFETY: takes no memory.
    let priority = unsafe { libc::syscall(libc::SYS_ioprio_get, 1, 0) };
    if priority >= 0 { Ok(priority as c_int) } else { Err(io::Error::last_os_error()) }
}

fn check(result: c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
