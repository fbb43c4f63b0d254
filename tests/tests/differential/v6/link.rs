//! The cable between a server of DHCPv6 and a host that plays all clients and relay agents.
//!
//! That *nothing* is answered is seen without waiting: each query is followed by one that is always answered, and servers
//! that work on one packet at a time answer in order.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv6Addr, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;
use std::thread;

use kotare_tests::world::{Host, World, eventually};
use kotare_wire::v6::{CLIENT_PORT, MessageType, SERVER_PORT};
use nix::libc::{in6_addr, in6_pktinfo};
use nix::net::if_::if_nametoindex;
use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn6, cmsg_space, recvmsg, sendmsg, setsockopt,
    sockopt,
};
use nix::sys::time::TimeVal;

use super::query::{Query, link_local};

/// All_DHCP_Relay_Agents_and_Servers (RFC 9915 §7.1).
pub(crate) const ALL_SERVERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
/// The server's address on its end of the cable.
pub(crate) const SERVER: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1);
/// The address of relay agents on the other end.
pub(crate) const RELAY: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 2);
/// The Ethernet address of the server's end.
const SERVER_MAC: &str = "02:00:5e:00:00:01";

/// The DUID that the servers are configured with.
pub(crate) const SERVER_ID: &[u8] = b"\0\x02\0\0\x7e\xd9server";

/// How many clients there are.
pub(crate) const CLIENTS: u16 = 40;
/// Who sends the queries that are always answered.
const SENTINEL: u16 = CLIENTS;
/// How long a server may take to answer one, in seconds.
const PATIENCE: i64 = 90;

/// The clients' end of a cable.
pub(crate) struct Link {
    clients: UdpSocket,
    relays: UdpSocket,
    interface: u32,
    sentinels: u32,
}

/// A reply with its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) source: SocketAddrV6,
    pub(crate) destination: Ipv6Addr,
    pub(crate) port: u16,
    pub(crate) payload: Vec<u8>,
}

impl Link {
    /// A host for a server, with `eth0` at 2001:db8:1::1/64, and the other end of its cable.
    pub(crate) fn new(world: &World, name: &str) -> (Host, Self) {
        let (server, clients) = (world.host(&format!("s{name}")), world.host(&format!("c{name}")));
        for host in [&server, &clients] {
            host.trust_addresses();
        }
        world.cable((&server, "eth0"), (&clients, "eth0"));
        server.ip("link set eth0 down");
        server.ip(&format!("link set eth0 address {SERVER_MAC}"));
        server.ip("link set eth0 up");
        server.link_local("eth0");
        clients.link_local("eth0");
        server.address("eth0", &format!("{SERVER}/64"));
        clients.address("eth0", &format!("{RELAY}/64"));
        for client in 0..=SENTINEL {
            clients.address("eth0", &format!("{}/64", link_local(client)));
        }
        for host in [&server, &clients] {
            eventually("addresses are usable", || {
                host.ip("-6 -oneline address show dev eth0 tentative").trim().is_empty().then_some(())
            });
        }
        (server, Self::open(&clients))
    }

    fn open(host: &Host) -> Self {
        let namespace = File::open(format!("/run/netns/{}", host.name())).expect("a host has a namespace");
        // A thread of its own enters the namespace and ends; the sockets stay there.
        let opened = thread::spawn(move || {
            setns(&namespace, CloneFlags::CLONE_NEWNET).expect("the namespace can be entered");
            let [clients, relays] = [CLIENT_PORT, SERVER_PORT].map(|port| {
                let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, port)).expect("the port is free");
                setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true).expect("addresses can be told");
                socket
            });
            let interface = if_nametoindex("eth0").expect("there is eth0");
            Self { clients, relays, interface, sentinels: 0 }
        });
        opened.join().expect("the thread does not panic")
    }

    /// Sends a query and returns what the server says to it: all replies until the sentinel's.
    pub(crate) fn ask(&mut self, query: &Query) -> Vec<Answer> {
        self.send(query);
        self.replies().expect("the server answers the sentinel that follows every query")
    }

    /// Whether the server answers.
    pub(crate) fn is_served(&mut self) -> bool {
        self.replies().is_some()
    }

    /// Sends a query, whatever is said to it.
    fn send(&self, query: &Query) {
        let socket = if query.from_relay { &self.relays } else { &self.clients };
        let source = in6_pktinfo {
            ipi6_addr: in6_addr { s6_addr: query.source.octets() },
            ipi6_ifindex: self.interface,
        };
        let to = SockaddrIn6::from(SocketAddrV6::new(ALL_SERVERS, SERVER_PORT, 0, self.interface));
        let bytes = query.bytes();
        let source = [ControlMessage::Ipv6PacketInfo(&source)];
        let parts = [IoSlice::new(&bytes)];
        let sent = sendmsg(socket.as_raw_fd(), &parts, &source, MsgFlags::empty(), Some(&to));
        assert_eq!(sent, Ok(bytes.len()), "the cable takes a datagram");
    }

    /// All replies until that to a sentinel sent now; `None` when it does not come for too long.
    fn replies(&mut self) -> Option<Vec<Answer>> {
        self.sentinels += 1;
        let transaction = 0x00ff_0000 | (self.sentinels & 0xffff);
        let sentinel = Query::anonymous(MessageType::INFORMATION_REQUEST, SENTINEL);
        self.send(&sentinel.transaction(transaction));
        let mut answers = Vec::new();
        let [_, id @ ..] = transaction.to_be_bytes();
        loop {
            let answer = self.receive(&self.clients, true)?;
            if answer.payload.get(1..4) == Some(&id) {
                break;
            }
            answers.push(answer);
        }
        while let Some(answer) = self.receive(&self.relays, false) {
            answers.push(answer);
        }
        Some(answers)
    }

    /// The next datagram from the server; `None` when there is none, for too long if it `waits`.
    fn receive(&self, socket: &UdpSocket, waits: bool) -> Option<Answer> {
        setsockopt(socket, sockopt::ReceiveTimeout, &TimeVal::new(PATIENCE, 0)).expect("a time limit");
        let flags = if waits { MsgFlags::empty() } else { MsgFlags::MSG_DONTWAIT };
        let mut buffer = vec![0; 65536];
        let mut space = vec![0; cmsg_space::<in6_pktinfo>()];
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let received =
            recvmsg::<SockaddrIn6>(socket.as_raw_fd(), &mut parts, Some(&mut space), flags).ok()?;
        let (length, source) = (received.bytes, received.address.expect("a sender has an address"));
        let destination = received.cmsgs().expect("a destination is told").find_map(|told| match told {
            ControlMessageOwned::Ipv6PacketInfo(info) => Some(Ipv6Addr::from(info.ipi6_addr.s6_addr)),
            _ => None,
        });
        let source = SocketAddrV6::new(source.ip(), source.port(), 0, 0);
        let port = socket.local_addr().expect("a bound socket").port();
        let destination = destination.expect("a destination is told");
        buffer.truncate(length);
        Some(Answer { source, destination, port, payload: buffer })
    }
}
