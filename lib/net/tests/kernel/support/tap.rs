//! A client's network card: sends frames as they are and sees every frame.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};

use kotare_model::MacAddr;
use kotare_wire::frame::{Addresses, BROADCAST_MAC, HEADROOM};
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, recv, sendto, setsockopt, socket,
    sockopt,
};
use nix::sys::time::TimeVal;

use super::{CLIENT_PORT, Namespace, PATIENCE, SERVER_PORT};

/// All Ethernet frames of a namespace, in both directions.
pub(crate) struct Tap {
    socket: OwnedFd,
    wire: LinkAddr,
    /// The card's own address.
    pub(crate) mac: MacAddr,
}

impl Tap {
    pub(crate) fn new(namespace: &Namespace) -> Self {
        namespace.run(|| {
            let socket =
                socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::EthAll)
                    .expect("raw sockets are allowed in a namespace of one's own");
            let patience = TimeVal::new(i64::try_from(PATIENCE.as_secs()).expect("it is short"), 0);
            setsockopt(&socket, sockopt::ReceiveTimeout, &patience).expect("a socket has a time limit");
            let wire = getifaddrs()
                .expect("interfaces can be listed")
                .filter(|interface| interface.interface_name == "wire")
                .find_map(|interface| interface.address?.as_link_addr().copied())
                .expect("the cable has an Ethernet address");
            Self { socket, wire, mac: wire.addr().expect("Ethernet has addresses") }
        })
    }

    /// Sends a frame.
    pub(crate) fn send(&self, frame: &[u8]) {
        let sent = sendto(self.socket.as_raw_fd(), frame, &self.wire, MsgFlags::empty());
        assert_eq!(sent, Ok(frame.len()), "the cable takes a frame");
    }

    /// Broadcasts a message of a client that has no address yet.
    pub(crate) fn broadcast(&self, message: &[u8]) {
        self.send(&self.frame(Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST, SERVER_PORT, message));
    }

    /// A broadcast frame with a UDP datagram from the client's port.
    pub(crate) fn frame(
        &self,
        source: Ipv4Addr,
        destination: Ipv4Addr,
        port: u16,
        message: &[u8],
    ) -> Vec<u8> {
        let mut frame = vec![0; HEADROOM + message.len()];
        frame[HEADROOM..].copy_from_slice(message);
        Addresses {
            source_mac: self.mac,
            destination_mac: BROADCAST_MAC,
            source: SocketAddrV4::new(source, CLIENT_PORT),
            destination: SocketAddrV4::new(destination, port),
        }
        .enclose(&mut frame, message.len())
        .expect("the frame has room");
        frame
    }

    /// The next frame that is `wanted`; those before it are shown to `others`.
    pub(crate) fn receive(&self, wanted: impl Fn(&[u8]) -> bool, mut others: impl FnMut(&[u8])) -> Vec<u8> {
        let mut buffer = [0; 2048];
        loop {
            let length =
                recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::empty()).expect("a frame arrives");
            let frame = &buffer[..length];
            if wanted(frame) {
                return frame.to_vec();
            }
            others(frame);
        }
    }
}
