//! rtnetlink (rtnetlink(7)): dumps, requests, and notifications.
//!
//! Only what [`crate::interfaces`], [`crate::held_prefixes`], [`crate::InterfaceWatcher`] and [`crate::RouteTable6`] need.
//! Messages are read as bytes with checked lengths; all integers are in the machine's byte order.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketType};

use crate::interface::{Interface, InterfaceAddress4};
use crate::sys;

/// Room for one read: the kernel fills at most 32 KiB in a dump.
const ROOM: usize = 32 << 10;
/// How often a dump is begun anew when the tables changed while they were read.
const ATTEMPTS: usize = 16;
/// The kernel answers at once; this is for a kernel that does not.
const PATIENCE: Duration = Duration::from_secs(5);

const HEADER: usize = 16; // struct nlmsghdr
const LINK: usize = 16; // struct ifinfomsg
const ADDRESS: usize = 8; // struct ifaddrmsg

/// Whether it matters what the kernel tells, by type and body.
pub(crate) type Heard = fn(u16, &[u8]) -> bool;

/// A socket that hears of `groups` (`RTMGRP_…`).
pub(crate) fn open_monitor(groups: i32) -> io::Result<OwnedFd> {
    let socket = open()?;
    rustix::net::bind(&socket, &SocketAddrNetlink::new(0, groups.cast_unsigned()))?;
    Ok(socket)
}

/// A socket to rtnetlink, whose protocol is the family's first.
pub(crate) fn open() -> io::Result<OwnedFd> {
    sys::socket(AddressFamily::NETLINK, SocketType::RAW, None)
}

/// Reads all that such a socket has heard; whether there was anything that matters. An overrun counts as something.
pub(crate) fn drain_monitor(fd: BorrowedFd<'_>, heard: Heard) -> io::Result<bool> {
    let mut anything = false;
    let mut buffer = vec![0; ROOM];
    loop {
        match rustix::io::read(fd, &mut buffer) {
            Ok(length) => {
                let mut rest = &buffer[..length];
                while let Some((kind, _, body)) = message(&mut rest) {
                    anything |= heard(kind, body);
                }
            }
            Err(Errno::NOBUFS) => anything = true,
            Err(Errno::AGAIN) => return Ok(anything),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// All interfaces with their addresses, in order of index.
pub(crate) fn dump_interfaces() -> io::Result<Vec<Interface>> {
    for _ in 0..ATTEMPTS {
        let mut interfaces = BTreeMap::new();
        // Links, and addresses of every family.
        let whole = dump(libc::RTM_GETLINK, libc::AF_UNSPEC, |kind, body| {
            if kind == libc::RTM_NEWLINK
                && let Some(interface) = link(body)
            {
                interfaces.insert(interface.index, interface);
            }
        })? && dump(libc::RTM_GETADDR, libc::AF_UNSPEC, |kind, body| {
            if kind == libc::RTM_NEWADDR
                && let Some(interface) = word(body, 4).and_then(|index| interfaces.get_mut(&index))
            {
                interface.addresses.extend(address4(body));
                interface.addresses6.extend(address6(body));
            }
        })?;
        if whole {
            return Ok(interfaces.into_values().collect());
        }
    }
    Err(io::Error::other("the kernel's interface tables change faster than they can be read"))
}

/// Asks for what a table has of a family and hands each message's type and body to `each`; whether it was read whole.
pub(crate) fn dump(request: u16, family: i32, mut each: impl FnMut(u16, &[u8])) -> io::Result<bool> {
    let socket = open()?;
    rustix::io::write(&socket, &dump_request(request, family))?;
    let mut buffer = vec![0; ROOM];
    let mut whole = true;
    loop {
        if !sys::wait_readable(socket.as_fd(), Some(PATIENCE))? {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the kernel does not list its tables"));
        }
        let length = match rustix::io::read(&socket, &mut buffer) {
            Ok(length) => length,
            Err(Errno::NOBUFS) => return Ok(false),
            Err(Errno::AGAIN | Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        let mut rest = &buffer[..length];
        while let Some((kind, flags, body)) = message(&mut rest) {
            whole &= flags & libc::NLM_F_DUMP_INTR as u16 == 0;
            match i32::from(kind) {
                libc::NLMSG_DONE => return Ok(whole),
                libc::NLMSG_ERROR => {
                    refused(body)?;
                    return Ok(whole);
                }
                _ => each(kind, body),
            }
        }
    }
}

/// Sends a request that asks for an acknowledgement, on a socket of [`open`], and waits for that.
///
/// # Errors
/// What the kernel says against it, in its number.
pub(crate) fn ask(socket: &OwnedFd, request: &[u8]) -> io::Result<()> {
    rustix::io::write(socket, request)?;
    let number = word(request, 8);
    let mut buffer = [0; 4096];
    loop {
        if !sys::wait_readable(socket.as_fd(), Some(PATIENCE))? {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the kernel does not answer"));
        }
        let length = match rustix::io::read(socket, &mut buffer) {
            Ok(length) => length,
            Err(Errno::AGAIN | Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        let mut rest = &buffer[..length];
        while let Some((kind, _, body)) = message(&mut rest) {
            // The answer repeats the header of its request after the code: one that came too late is not ours.
            if i32::from(kind) == libc::NLMSG_ERROR && word(body, 4 + 8) == number {
                return refused(body);
            }
        }
    }
}

/// The error that a message of the kernel tells of; the code 0 says that all is well.
fn refused(body: &[u8]) -> io::Result<()> {
    match word(body, 0).map_or(libc::EIO, |code| code.cast_signed().wrapping_neg()) {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

fn dump_request(kind: u16, family: i32) -> Vec<u8> {
    let mut request = begin(kind, libc::NLM_F_DUMP, 0);
    request.push(family as u8);
    request.resize(HEADER + LINK, 0);
    end(request)
}

/// A request without its body. `number` tells its answer from that to another one.
pub(crate) fn begin(kind: u16, flags: i32, number: u32) -> Vec<u8> {
    let mut request = Vec::with_capacity(128);
    request.extend([0; 4]); // the length
    request.extend(kind.to_ne_bytes());
    request.extend(((libc::NLM_F_REQUEST | flags) as u16).to_ne_bytes());
    request.extend(number.to_ne_bytes());
    request.extend([0; 4]); // the kernel's port
    request
}

/// Adds an attribute of less than 64 KiB to a request.
pub(crate) fn attribute(request: &mut Vec<u8>, kind: u16, value: &[u8]) {
    request.extend((4 + value.len() as u16).to_ne_bytes());
    request.extend(kind.to_ne_bytes());
    request.extend(value);
    request.resize(request.len().next_multiple_of(4), 0);
}

/// The request with its length.
pub(crate) fn end(mut request: Vec<u8>) -> Vec<u8> {
    let length = request.len() as u32;
    request[..4].copy_from_slice(&length.to_ne_bytes());
    request
}

/// Takes the next message: its type, flags and body.
fn message<'a>(rest: &mut &'a [u8]) -> Option<(u16, u16, &'a [u8])> {
    let length = word(rest, 0)? as usize;
    let (kind, flags) = (half(rest, 4)?, half(rest, 6)?);
    let body = rest.get(HEADER..length)?;
    *rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some((kind, flags, body))
}

/// The attributes (`struct rtattr`) of a message: type and value.
pub(crate) fn attributes(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(half(rest, 0)?);
        let attribute = (half(rest, 2)?, rest.get(4..length)?);
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(attribute)
    })
}

fn link(body: &[u8]) -> Option<Interface> {
    // struct ifinfomsg { family, pad, type: u16, index: i32, flags: u32, change: u32 }
    let hardware = half(body, 2)?;
    let flags = word(body, 8)?.cast_signed();
    let mut interface = Interface {
        index: word(body, 4)?,
        name: String::new(),
        up: flags & libc::IFF_UP != 0,
        running: flags & libc::IFF_RUNNING != 0,
        loopback: flags & libc::IFF_LOOPBACK != 0,
        broadcast: flags & libc::IFF_BROADCAST != 0,
        multicast: flags & libc::IFF_MULTICAST != 0,
        hardware_type: hardware,
        ethernet: matches!(hardware, libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK),
        mac: None,
        mtu: 0,
        addresses: Vec::new(),
        addresses6: Vec::new(),
    };
    for (kind, value) in attributes(body.get(LINK..)?) {
        match kind {
            libc::IFLA_IFNAME => {
                let name = value.split(|byte| *byte == 0).next().unwrap_or_default();
                interface.name = String::from_utf8_lossy(name).into_owned();
            }
            libc::IFLA_ADDRESS => interface.mac = value.try_into().ok(),
            libc::IFLA_MTU => interface.mtu = word(value, 0)?,
            _ => {}
        }
    }
    (interface.index != 0 && !interface.name.is_empty()).then_some(interface)
}

fn address4(body: &[u8]) -> Option<InterfaceAddress4> {
    let (prefix_len, address, broadcast) = address(body, libc::AF_INET)?;
    Some(InterfaceAddress4 {
        address: <[u8; 4]>::try_from(address).ok()?.into(),
        prefix_len,
        broadcast: <[u8; 4]>::try_from(broadcast).ok().map(Ipv4Addr::from),
    })
}

fn address6(body: &[u8]) -> Option<Ipv6Addr> {
    let (_, address, _) = address(body, libc::AF_INET6)?;
    <[u8; 16]>::try_from(address).ok().map(Ipv6Addr::from)
}

/// Prefix length, address and broadcast address, if they are of this family.
fn address(body: &[u8], family: i32) -> Option<(u8, &[u8], &[u8])> {
    // struct ifaddrmsg { family, prefixlen, flags, scope: u8, index: u32 }
    if i32::from(*body.first()?) != family {
        return None;
    }
    let prefix_len = *body.get(1)?;
    let (mut local, mut peer, mut broadcast) = (None, None, &[][..]);
    for (kind, value) in attributes(body.get(ADDRESS..)?) {
        match kind {
            libc::IFA_LOCAL => local = Some(value),
            libc::IFA_ADDRESS => peer = Some(value),
            libc::IFA_BROADCAST => broadcast = value,
            _ => {}
        }
    }
    // On a point-to-point link IFA_ADDRESS is the other end.
    Some((prefix_len, local.or(peer)?, broadcast))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(crate) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel would have to say wrongly is left out, and never read past its end.
    #[test]
    fn a_cut_or_damaged_message_is_left_out() {
        let mut message_bytes = dump_request(libc::RTM_NEWLINK, libc::AF_UNSPEC);
        message_bytes[HEADER + 4] = 7; // index
        attribute(&mut message_bytes, libc::IFLA_IFNAME, b"eth0\0");
        attribute(&mut message_bytes, libc::IFLA_MTU, &1500_u32.to_ne_bytes());
        let message_bytes = end(message_bytes);
        let length = message_bytes.len();
        let read = |mut bytes: &[u8]| {
            message(&mut bytes).and_then(|(_, _, body)| Some((link(body)?, address4(body))))
        };
        let (interface, _) = read(&message_bytes).expect("a whole message is read");
        assert_eq!((interface.index, interface.name.as_str(), interface.mtu), (7, "eth0", 1500));
        for end in 0..length {
            assert_eq!(read(&message_bytes[..end]), None);
        }
        for place in 0..length {
            for value in [0, 1, 3, 0x7f, 0xff] {
                let mut damaged = message_bytes.clone();
                damaged[place] = value;
                read(&damaged);
            }
        }
    }
}
