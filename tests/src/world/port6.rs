//! A UDP port of a host, for what no client and no relay agent there is would say in DHCPv6.

use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddrV6, UdpSocket};
use std::time::Duration;

use nix::net::if_::if_nametoindex;

use super::{Host, PATIENCE};

/// The port of servers and relay agents.
const SERVER_PORT: u16 = 547;

/// A socket at a port of a host; it speaks and hears through the host's `eth0`.
#[derive(Debug)]
pub struct Port6 {
    socket: UdpSocket,
    ifindex: u32,
}

impl Host {
    /// Opens a port: 546 is a client's, 547 a relay agent's.
    ///
    /// # Panics
    /// If it is in use, or there is no `eth0`.
    pub fn port6(&self, port: u16) -> Port6 {
        self.inside(move || {
            let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, port)).expect("the port is free");
            let ifindex = if_nametoindex("eth0").expect("there is eth0");
            Port6 { socket, ifindex }
        })
    }
}

impl Port6 {
    /// Sends to the servers at an address; what the link does not take is lost, as on any link.
    pub fn send(&self, to: Ipv6Addr, datagram: &[u8]) {
        self.send_to_port(to, SERVER_PORT, datagram);
    }

    /// The same to another port than that of servers.
    pub fn send_to_port(&self, to: Ipv6Addr, port: u16, datagram: &[u8]) {
        let _ = self.socket.send_to(datagram, SocketAddrV6::new(to, port, 0, self.ifindex));
    }

    /// The next datagram for this port.
    ///
    /// # Panics
    /// If there is none for too long.
    pub fn receive(&self) -> Vec<u8> {
        self.receive_within(PATIENCE).expect("a datagram comes")
    }

    /// The next datagram for this port, if one comes in this time.
    pub fn receive_within(&self, limit: Duration) -> Option<Vec<u8>> {
        self.socket.set_read_timeout(Some(limit)).expect("a time limit");
        let mut buffer = vec![0; 1 << 16];
        loop {
            match self.socket.recv(&mut buffer) {
                Ok(len) => {
                    buffer.truncate(len);
                    return Some(buffer);
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return None;
                }
                // That a former datagram reached nobody, or that a signal came.
                Err(_) => {}
            }
        }
    }
}
