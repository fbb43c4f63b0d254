//! The cable between a server and a host that plays all clients and relays.
//!
//! Frames are written and read as they are, so a test sees each reply with all its addresses. That *nothing* is
//! answered is seen too, without waiting: each query is followed by one that is always answered, and servers
//! that work on one packet at a time answer in order.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;

use kotare_tests::world::{Host, World};
use kotare_wire::frame::{Addresses, Frame, HEADROOM, Mac};
use kotare_wire::v4::{Index, Message, MessageType, OptionCode};
use nix::ifaddrs::getifaddrs;
use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, recv, sendto, setsockopt, socket,
    sockopt,
};
use nix::sys::time::TimeVal;

use super::query::Query;

/// The server's address on its end of the cable.
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// The address of a relay on the other end.
pub(crate) const RELAY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
/// The Ethernet address of the server's end.
pub(crate) const SERVER_MAC: Mac = [2, 0, 0x5e, 0, 0, 1];
/// The Ethernet address of the other end.
const OUR_MAC: Mac = [2, 0, 0x5e, 0, 0, 2];

/// Who sends the queries that are always answered.
const SENTINEL: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 250);
const SENTINEL_MAC: Mac = [2, 0, 0x5e, 0xff, 0xff, 0xff];
/// How long a server may take to answer one, in seconds.
const PATIENCE: i64 = 90;

/// The clients' end of a cable.
pub(crate) struct Link {
    socket: OwnedFd,
    wire: LinkAddr,
    sentinels: u32,
}

/// A reply with its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) destination_mac: Mac,
    pub(crate) source: SocketAddrV4,
    pub(crate) destination: SocketAddrV4,
    pub(crate) payload: Vec<u8>,
}

impl Link {
    /// A host for a server, with `eth0` at 192.0.2.1/24, and the other end of its cable. Its host answers for
    /// every address of the subnet but the server's.
    pub(crate) fn new(world: &World, name: &str) -> (Host, Self) {
        let (server, clients) = (world.host(&format!("s{name}")), world.host(&format!("c{name}")));
        world.cable((&server, "eth0"), (&clients, "eth0"));
        for (host, mac) in [(&server, SERVER_MAC), (&clients, OUR_MAC)] {
            host.ip(&format!("link set eth0 address {}", shown(mac)));
        }
        server.address("eth0", &format!("{SERVER}/24"));
        clients.address("eth0", &format!("{RELAY}/24"));
        // All but the server's, whose ARP requests would else seem to come from ourselves.
        for addresses in ["2/31", "4/30", "8/29", "16/28", "32/27", "64/26", "128/25"] {
            clients.ip(&format!("route add local 192.0.2.{addresses} dev lo"));
        }
        server.ip("route add default dev eth0");
        (server, Self::open(&clients))
    }

    fn open(host: &Host) -> Self {
        let namespace = File::open(format!("/run/netns/{}", host.name())).expect("a host has a namespace");
        // A thread of its own enters the namespace and ends; the socket stays there.
        let opened = thread::spawn(move || {
            setns(&namespace, CloneFlags::CLONE_NEWNET).expect("the namespace can be entered");
            let socket =
                socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::EthAll)
                    .expect("raw sockets are allowed in a sandbox");
            let wire = getifaddrs()
                .expect("interfaces can be listed")
                .filter(|interface| interface.interface_name == "eth0")
                .find_map(|interface| interface.address?.as_link_addr().copied())
                .expect("the cable has an Ethernet address");
            Self { socket, wire, sentinels: 0 }
        });
        opened.join().expect("the thread does not panic")
    }

    /// Sends a query and returns what the server says to it: all replies until the sentinel's.
    pub(crate) fn ask(&mut self, query: &Query) -> Vec<Answer> {
        self.try_ask(query, PATIENCE).expect("the server answers the sentinel that follows every query")
    }

    /// The same; `None` when even the sentinel is not answered within so many seconds.
    pub(crate) fn try_ask(&mut self, query: &Query, seconds: i64) -> Option<Vec<Answer>> {
        self.say(query);
        self.replies(seconds)
    }

    /// Sends a query, whatever is said to it.
    pub(crate) fn say(&self, query: &Query) {
        self.send(query.addresses(OUR_MAC), &query.bytes());
    }

    /// Whether the server answers.
    pub(crate) fn is_served(&mut self) -> bool {
        self.replies(PATIENCE).is_some()
    }

    /// Sends a datagram.
    pub(crate) fn send(&self, addresses: Addresses, payload: &[u8]) {
        let mut frame = vec![0; HEADROOM + payload.len()];
        frame[HEADROOM..].copy_from_slice(payload);
        addresses.enclose(&mut frame, payload.len()).expect("the frame has room");
        self.send_frame(&frame);
    }

    /// Sends a frame as it is.
    pub(crate) fn send_frame(&self, frame: &[u8]) {
        let sent = sendto(self.socket.as_raw_fd(), frame, &self.wire, MsgFlags::empty());
        assert_eq!(sent, Ok(frame.len()), "the cable takes a frame");
    }

    /// All replies until that to a sentinel sent now; `None` when nothing comes for so many seconds.
    fn replies(&mut self, seconds: i64) -> Option<Vec<Answer>> {
        setsockopt(&self.socket, sockopt::ReceiveTimeout, &TimeVal::new(seconds, 0)).expect("a time limit");
        self.sentinels += 1;
        let xid = 0xffff_0000 | self.sentinels;
        let sentinel = Query::new(MessageType::INFORM, SENTINEL_MAC).xid(xid).holding(SENTINEL);
        self.send(sentinel.addresses(OUR_MAC), &sentinel.bytes());
        let mut answers = Vec::new();
        loop {
            let answer = self.receive()?;
            let is = |message: Message<'_>| message.xid() == xid;
            if Message::parse(&answer.payload, &mut Index::new()).is_ok_and(is) {
                return Some(answers);
            }
            answers.push(answer);
        }
    }

    /// The next datagram from the server; `None` when there is none for too long.
    fn receive(&self) -> Option<Answer> {
        let mut buffer = [0; 65536];
        loop {
            let length = recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::empty()).ok()?;
            let Ok(frame) = Frame::parse(&buffer[..length], false) else { continue };
            if frame.source_mac == SERVER_MAC {
                return Some(Answer {
                    destination_mac: frame.destination_mac,
                    source: frame.source,
                    destination: frame.destination,
                    payload: frame.payload.to_vec(),
                });
            }
        }
    }
}

impl Answer {
    /// The address it gives.
    pub(crate) fn yiaddr(&self) -> Ipv4Addr {
        Message::parse(&self.payload, &mut Index::new())
            .map_or(Ipv4Addr::UNSPECIFIED, |message| message.yiaddr())
    }

    /// What it is.
    pub(crate) fn message_type(&self) -> Option<MessageType> {
        Message::parse(&self.payload, &mut Index::new()).ok()?.message_type()
    }

    /// The server it names.
    pub(crate) fn server_id(&self) -> Option<Ipv4Addr> {
        Message::parse(&self.payload, &mut Index::new()).ok()?.option(OptionCode::SERVER_IDENTIFIER)?.ipv4()
    }
}

fn shown(mac: Mac) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}
