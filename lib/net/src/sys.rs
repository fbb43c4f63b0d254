//! The system calls on single descriptors, as safe functions.
//!
//! `unsafe` because the calls are foreign functions that take addresses. Each wrapper passes only memory that
//! it borrows for the call, with that memory's own length, so no caller can misuse it.
#![expect(unsafe_code, reason = "system calls that the standard library does not wrap")]

use std::ffi::{c_int, c_void};
use std::io;
use std::mem::{size_of, size_of_val};
use std::net::SocketAddrV4;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A new socket: non-blocking, closed on exec.
pub(crate) fn socket(domain: c_int, kind: c_int, protocol: c_int) -> io::Result<OwnedFd> {
    // SAFETY: takes no memory.
    let fd =
        check(unsafe { libc::socket(domain, kind | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, protocol) })?;
    // SAFETY: the kernel just made it and nothing else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Binds an IPv4 socket.
pub(crate) fn bind_inet(fd: BorrowedFd<'_>, address: SocketAddrV4) -> io::Result<()> {
    bind(fd, &inet_address(address))
}

/// Binds a packet socket to an interface, for packets of every protocol.
pub(crate) fn bind_link(fd: BorrowedFd<'_>, ifindex: u32) -> io::Result<()> {
    bind(fd, &link_address(ifindex, libc::ETH_P_ALL as u16, [0; 6]))
}

/// Binds a netlink socket to multicast groups.
pub(crate) fn bind_netlink(fd: BorrowedFd<'_>, groups: u32) -> io::Result<()> {
    // SAFETY: all zeros is a valid value of this C struct of integers.
    let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
    address.nl_groups = groups;
    bind(fd, &address)
}

/// A C struct that starts like `sockaddr`.
///
/// # Safety
/// Implementors are plain C socket addresses, valid for `bind` with their size.
unsafe trait Address {}
// SAFETY: it is a C socket address.
unsafe impl Address for libc::sockaddr_in {}
// SAFETY: it is a C socket address.
unsafe impl Address for libc::sockaddr_ll {}
// SAFETY: it is a C socket address.
unsafe impl Address for libc::sockaddr_nl {}

fn bind<A: Address>(fd: BorrowedFd<'_>, address: &A) -> io::Result<()> {
    // SAFETY: `address` is a socket address of that many bytes, alive during the call.
    check(unsafe {
        libc::bind(fd.as_raw_fd(), std::ptr::from_ref(address).cast(), size_of::<A>() as libc::socklen_t)
    })
    .map(drop)
}

/// The C form of an IPv4 address and port.
pub(crate) fn inet_address(address: SocketAddrV4) -> libc::sockaddr_in {
    // SAFETY: all zeros is a valid value of this C struct of integers.
    let mut raw: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    raw.sin_family = libc::AF_INET as libc::sa_family_t;
    raw.sin_port = address.port().to_be();
    raw.sin_addr.s_addr = u32::from_ne_bytes(address.ip().octets());
    raw
}

/// The C form of a link-layer place: interface, Ethernet protocol, station.
pub(crate) fn link_address(ifindex: u32, protocol: u16, mac: [u8; 6]) -> libc::sockaddr_ll {
    // SAFETY: all zeros is a valid value of this C struct of integers.
    let mut raw: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    raw.sll_family = libc::AF_PACKET as u16;
    raw.sll_protocol = protocol.to_be();
    raw.sll_ifindex = ifindex.cast_signed();
    raw.sll_halen = 6;
    raw.sll_addr[..6].copy_from_slice(&mac);
    raw
}

/// Sets a socket option that is an integer.
pub(crate) fn set_int(fd: BorrowedFd<'_>, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    set_bytes(fd, level, name, &value.to_ne_bytes())
}

/// Sets a socket option that is plain bytes without addresses in them.
pub(crate) fn set_bytes(fd: BorrowedFd<'_>, level: c_int, name: c_int, value: &[u8]) -> io::Result<()> {
    // SAFETY: the kernel reads `value.len()` bytes of `value`.
    check(unsafe {
        libc::setsockopt(fd.as_raw_fd(), level, name, value.as_ptr().cast(), value.len() as libc::socklen_t)
    })
    .map(drop)
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
    .map(drop)
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

fn words_option(fd: BorrowedFd<'_>, level: c_int, name: c_int, words: &mut [u32]) -> io::Result<()> {
    let mut length = size_of_val(words) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes into `words`, for which every bit pattern is valid.
    check(unsafe {
        libc::getsockopt(fd.as_raw_fd(), level, name, words.as_mut_ptr().cast(), &raw mut length)
    })
    .map(drop)
}

/// Asks for a receive buffer of `bytes`, beyond the system's limit where that is allowed; takes what it gets.
pub(crate) fn set_receive_buffer(fd: BorrowedFd<'_>, bytes: usize) {
    let bytes = c_int::try_from(bytes).unwrap_or(c_int::MAX);
    if set_int(fd, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, bytes).is_err() {
        // The kernel lowers what is too much, it does not refuse.
        let _ = set_int(fd, libc::SOL_SOCKET, libc::SO_RCVBUF, bytes);
    }
}

/// The address a socket is bound to.
pub(crate) fn local_inet(fd: BorrowedFd<'_>) -> io::Result<SocketAddrV4> {
    // SAFETY: all zeros is a valid value of this C struct of integers.
    let mut raw: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    let mut length = size_of_val(&raw) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes into `raw`, for which every bit pattern is valid.
    check(unsafe { libc::getsockname(fd.as_raw_fd(), (&raw mut raw).cast(), &raw mut length) })?;
    Ok(SocketAddrV4::new(raw.sin_addr.s_addr.to_ne_bytes().into(), u16::from_be(raw.sin_port)))
}

/// A new eventfd: non-blocking, closed on exec.
pub(crate) fn eventfd() -> io::Result<OwnedFd> {
    // SAFETY: takes no memory.
    let fd = check(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
    // SAFETY: the kernel just made it and nothing else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Reads what there is.
pub(crate) fn read(fd: BorrowedFd<'_>, into: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the kernel writes at most `into.len()` bytes into it.
    check_size(unsafe { libc::read(fd.as_raw_fd(), into.as_mut_ptr().cast::<c_void>(), into.len()) })
}

/// Writes what fits.
pub(crate) fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the kernel reads `bytes.len()` bytes of it.
    check_size(unsafe { libc::write(fd.as_raw_fd(), bytes.as_ptr().cast::<c_void>(), bytes.len()) })
}

/// Waits until `fd` can be read (`true`) or the time is over (`false`).
pub(crate) fn wait_readable(fd: BorrowedFd<'_>, timeout: Option<Duration>) -> io::Result<bool> {
    poll(fd, libc::POLLIN, timeout)
}

/// Waits until `fd` can be written (`true`) or the time is over (`false`).
pub(crate) fn wait_writable(fd: BorrowedFd<'_>, timeout: Duration) -> io::Result<bool> {
    poll(fd, libc::POLLOUT, Some(timeout))
}

fn poll(fd: BorrowedFd<'_>, events: i16, timeout: Option<Duration>) -> io::Result<bool> {
    let mut entry = libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 };
    // SAFETY: `entry` is one `pollfd`, alive during the call.
    match check(unsafe { libc::poll(&raw mut entry, 1, milliseconds(timeout)) }) {
        Ok(ready) => Ok(ready > 0),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
        Err(error) => Err(error),
    }
}

/// A new epoll set, closed on exec.
pub(crate) fn epoll() -> io::Result<OwnedFd> {
    // SAFETY: takes no memory.
    let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
    // SAFETY: the kernel just made it and nothing else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Watches `fd` for reading (level triggered) under a token. Closing `fd` ends that.
pub(crate) fn epoll_add(set: BorrowedFd<'_>, fd: BorrowedFd<'_>, token: u64) -> io::Result<()> {
    let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: token };
    // SAFETY: `event` is alive during the call.
    check(unsafe { libc::epoll_ctl(set.as_raw_fd(), libc::EPOLL_CTL_ADD, fd.as_raw_fd(), &raw mut event) })
        .map(drop)
}

/// Waits for watched descriptors; writes the tokens of those ready and returns how many. None when the time is
/// over or a signal came.
pub(crate) fn epoll_wait<const N: usize>(
    set: BorrowedFd<'_>,
    tokens: &mut [u64; N],
    timeout: Option<Duration>,
) -> io::Result<usize> {
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; N];
    // SAFETY: the kernel writes at most `N` events into `events`, which has as many.
    let ready =
        unsafe { libc::epoll_wait(set.as_raw_fd(), events.as_mut_ptr(), N as c_int, milliseconds(timeout)) };
    let ready = match check(ready) {
        Ok(ready) => ready as usize,
        Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
        Err(error) => return Err(error),
    };
    for (token, event) in tokens.iter_mut().zip(&events[..ready]) {
        *token = event.u64;
    }
    Ok(ready)
}

/// Registers a descriptor with the tokio runtime that runs the caller.
pub(crate) fn register(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` always is the same open descriptor, until it is dropped.
    Ok(unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?)
}

/// Fills `bytes` with random ones.
pub(crate) fn random(bytes: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while filled < bytes.len() {
        let rest = &mut bytes[filled..];
        // SAFETY: the kernel writes at most `rest.len()` bytes into it.
        match check_size(unsafe { libc::getrandom(rest.as_mut_ptr().cast::<c_void>(), rest.len(), 0) }) {
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
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

/// The I/O priority of the calling thread: the class in the bits from 13 up.
#[cfg(test)]
pub(crate) fn io_priority() -> io::Result<c_int> {
    // SAFETY: takes no memory.
    let priority = unsafe { libc::syscall(libc::SYS_ioprio_get, 1, 0) };
    if priority >= 0 { Ok(priority as c_int) } else { Err(io::Error::last_os_error()) }
}

/// For `poll` and `epoll_wait`: rounded up, so that a short wait is not a spin.
fn milliseconds(timeout: Option<Duration>) -> c_int {
    timeout
        .map_or(-1, |timeout| c_int::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX))
}

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn check_size(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}
