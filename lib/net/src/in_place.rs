//! A UDP socket that takes the place of another one.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};

use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{AddressFamily, SocketType, bind};

use crate::sys;

/// A UDP socket at this address, which may be part of that of the `former` one or the other way round: either is heard until that
/// one is closed. Nobody else can have the address.
///
/// # Errors
/// When it cannot be had; the former one is as it was.
pub fn bind_in_place_of(former: BorrowedFd<'_>, at: SocketAddr) -> io::Result<UdpSocket> {
    let family = match at {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let socket = sys::socket(family, SocketType::DGRAM, None)?;
    let share = |shares| {
        set_socket_reuseaddr(former, shares)?;
        set_socket_reuseaddr(socket.as_fd(), shares)
    };
    share(true)?;
    let bound = bind(&socket, &at);
    share(false)?;
    bound?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    /// The whole machine takes the place of one address and the other way round; nobody else gets the port, or is put aside.
    #[test]
    fn one_takes_the_place_of_the_other() {
        let (one, all) = (Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED);
        let first = UdpSocket::bind((one, 0)).expect("a socket");
        let port = first.local_addr().expect("an address").port();
        UdpSocket::bind((all, port)).expect_err("it is in use");
        let second = bind_in_place_of(first.as_fd(), (all, port).into()).expect("it takes its place");
        for address in [one, all] {
            UdpSocket::bind((address, port)).expect_err("it is in use");
        }
        drop(first);
        let sender = UdpSocket::bind((one, 0)).expect("a socket");
        sender.send_to(b"!", (one, port)).expect("it is sent");
        let mut datagram = [0; 2];
        assert_eq!(second.recv(&mut datagram).expect("it came"), 1);
        let third = bind_in_place_of(second.as_fd(), (one, port).into()).expect("it takes its place");
        drop(second);
        // Another one has a part of what is wanted.
        let other = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), port)).expect("it is free");
        bind_in_place_of(third.as_fd(), (all, port).into()).expect_err("it is another's");
        drop(other);
        bind_in_place_of(third.as_fd(), (all, port).into()).expect("it is nobody's any more");
    }
}
