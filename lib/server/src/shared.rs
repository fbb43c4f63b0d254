//! What all workers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kotare_daemon::{Clock, Published};
use kotare_engine::InFlight;
use kotare_net::Interface;

use crate::family::{AddressOf, Flow};
use crate::generation::Generation;
use crate::network::{Network, Where};
use crate::over6::Way;
use crate::worker::Place;

/// What all workers share.
#[derive(Debug)]
pub(crate) struct Shared<F: Flow> {
    pub(crate) clock: Clock,
    pub(crate) generation: Published<Generation<F>>,
    pub(crate) listening: Published<Listening<AddressOf<F>>>,
    /// The clients with a message under way, and the messages that wait for them.
    pub(crate) in_flight: InFlight<Box<Place<F>>>,
    /// Whether clients must be guarded by [`Shared::in_flight`].
    guarded: AtomicBool,
    /// Whether packets are answered (`dhcp-disable`).
    pub(crate) enabled: Arc<AtomicBool>,
    /// The packets that were lost before anybody could read a message in them.
    pub(crate) lost: Lost,
    /// The way to the server of the other protocol (DHCPv4 over DHCPv6).
    pub(crate) over6: Way,
    /// Whether the last flush failed: leases cannot be kept, replies are withheld.
    pub(crate) failing: AtomicBool,
}

/// Packets that were lost before anybody could read a message in them, since the start.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    /// No valid datagrams.
    pub(crate) malformed: AtomicU64,
    /// Dropped by the system because they were not read in time.
    pub(crate) overflowed: AtomicU64,
}

impl Lost {
    pub(crate) fn add(&self, malformed: u64, overflowed: u64) {
        self.malformed.fetch_add(malformed, Ordering::Relaxed);
        self.overflowed.fetch_add(overflowed, Ordering::Relaxed);
    }
}

/// Where sockets are open now.
#[derive(Debug)]
pub struct Listening<A> {
    /// Interfaces by index, with their names.
    links: Vec<Link<A>>,
    addresses: Vec<A>,
    /// The interface of each address.
    at: Vec<u32>,
}

/// An interface with sockets.
#[derive(Debug)]
struct Link<A> {
    index: u32,
    name: String,
    mtu: u32,
    address: A,
}

impl<F: Flow> Shared<F> {
    pub(crate) fn new(clock: Clock, first: Arc<Generation<F>>, in_flight: InFlight<Box<Place<F>>>) -> Self {
        Self {
            clock,
            generation: Published::new(first),
            listening: Published::new(Arc::new(Listening {
                links: Vec::new(),
                addresses: Vec::new(),
                at: Vec::new(),
            })),
            in_flight,
            guarded: AtomicBool::new(false),
            enabled: Arc::new(AtomicBool::new(true)),
            lost: Lost::default(),
            over6: Way::default(),
            failing: AtomicBool::new(false),
        }
    }

    /// Whether the DHCP service is enabled.
    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    /// Whether two messages of one client could be under way at the same time.
    pub(crate) fn is_guarded(&self) -> bool {
        self.guarded.load(Ordering::Acquire)
    }

    /// From now on two messages of one client could be under way at the same time: there is a second worker, or
    /// something an exchange may have to wait for. It is never taken back, because what began under a former
    /// configuration may last. Who says it first does so before the second worker has a socket, and the first one ends
    /// what it is at before it gives one away, or sees a generation that waits.
    pub(crate) fn guard(&self) {
        self.guarded.store(true, Ordering::Release);
    }
}

impl<A: Copy> Listening<A> {
    /// Where the sockets of `open` are, on the interfaces `present`.
    pub(crate) fn new<'a, N: Network<Address = A>>(
        open: impl Iterator<Item = &'a N::Spec>,
        present: &[Interface],
    ) -> Self {
        let mtu = |index| present.iter().find(|link| link.index == index).map_or(u32::MAX, |link| link.mtu);
        let link = |spec| {
            let Where { ifindex, interface, address } = N::locate(spec);
            (Link { index: ifindex, name: interface.to_owned(), mtu: mtu(ifindex), address }, address)
        };
        let (mut links, addresses): (Vec<_>, _) = open.map(link).unzip();
        let at = links.iter().map(|link: &Link<A>| link.index).collect();
        links.sort_by_key(|link| link.index);
        links.dedup_by_key(|link| link.index);
        Self { links, addresses, at }
    }

    /// The name of an interface, and its largest IP packet: no name and [`u32::MAX`] where no socket is open.
    pub fn link(&self, ifindex: u32) -> (&str, u32) {
        match self.links.binary_search_by_key(&ifindex, |link| link.index) {
            Ok(at) => (&self.links[at].name, self.links[at].mtu),
            Err(_) => ("", u32::MAX),
        }
    }

    /// The interfaces with their indexes, and the first address that is listened on there.
    pub fn links(&self) -> impl Iterator<Item = (u32, &str, A)> {
        self.links.iter().map(|link| (link.index, &*link.name, link.address))
    }

    /// The addresses that are listened on at an interface.
    pub fn addresses_at(&self, ifindex: u32) -> impl Iterator<Item = A> {
        let all = self.at.iter().zip(&self.addresses);
        all.filter(move |(at, _)| **at == ifindex).map(|(_, address)| *address)
    }

    /// All addresses listened on.
    pub fn addresses(&self) -> &[A] {
        &self.addresses
    }
}
