//! The kernel's network, as a DHCPv6 server uses it.

use std::io;
use std::net::Ipv6Addr;
use std::time::Duration;

use kotare_model::{Arrival6, Departure6};
use kotare_net::{
    Arrivals6, BATCH, HeldPrefix, Interface, Port6, Ready, Socket6, SocketError, SocketOptions6, Spec6,
    Tally, Waker, extend6, open6,
};
use kotare_server::{InterfaceChanges, Network, Port, Where};

/// The kernel's network.
#[derive(Debug)]
pub struct Kernel6 {
    options: SocketOptions6,
}

/// One worker's sockets, and the batch that it received last.
#[derive(Debug)]
pub struct KernelPort6 {
    port: Port6,
    arrivals: Arrivals6,
}

impl Kernel6 {
    /// Serves this port, or the protocol's.
    pub fn new(server_port: Option<u16>) -> Self {
        let usual = SocketOptions6::default();
        Self { options: SocketOptions6 { server_port: server_port.unwrap_or(usual.server_port), ..usual } }
    }
}

impl Network for Kernel6 {
    type Spec = Spec6;
    type Address = Ipv6Addr;
    type Socket = Socket6;
    type Port = KernelPort6;
    type Changes = InterfaceChanges;

    fn interfaces(&self) -> io::Result<Vec<Interface>> {
        kotare_net::interfaces()
    }

    fn changes(&self) -> io::Result<InterfaceChanges> {
        InterfaceChanges::listen()
    }

    fn held_prefixes(&self) -> io::Result<Vec<HeldPrefix>> {
        kotare_net::held_prefixes()
    }

    fn prefix_changes(&self) -> io::Result<Option<InterfaceChanges>> {
        InterfaceChanges::of_prefixes().map(Some)
    }

    fn port(&self) -> io::Result<KernelPort6> {
        Ok(KernelPort6 { port: Port6::new()?, arrivals: Arrivals6::new() })
    }

    fn open(&self, spec: &Spec6, workers: usize) -> Result<Vec<Socket6>, SocketError> {
        open6(spec, &self.options, workers)
    }

    fn extend(&self, sockets: &mut Vec<Socket6>, workers: usize) -> Result<(), SocketError> {
        extend6(sockets, &self.options, workers)
    }

    fn spec(socket: &Socket6) -> &Spec6 {
        socket.spec()
    }

    fn is_orphaned(_: &Socket6) -> bool {
        // A UDP socket is bound to an index, and an interface that comes anew has another one.
        false
    }

    fn locate(spec: &Spec6) -> Where<'_, Ipv6Addr> {
        Where { ifindex: spec.ifindex, interface: &spec.interface, address: spec.local }
    }

    fn server_port(&self) -> u16 {
        self.options.server_port
    }
}

impl Port for KernelPort6 {
    type Spec = Spec6;
    type Socket = Socket6;
    type Arrival = Arrival6;
    type Departure = Departure6;
    type Error = SocketError;

    fn waker(&self) -> Waker {
        self.port.waker()
    }

    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Ready> {
        self.port.wait(timeout)
    }

    fn receive(&mut self, mut take: impl FnMut(Arrival6, &[u8])) -> Result<bool, SocketError> {
        let received = self.port.recv(&mut self.arrivals)?;
        self.arrivals.iter().for_each(|(arrival, datagram)| take(arrival, datagram));
        Ok(received == BATCH)
    }

    fn send<'a>(
        &mut self,
        replies: impl IntoIterator<Item = (Departure6, &'a [u8])>,
        unsent: impl FnMut(usize, io::Error),
    ) {
        self.port.send(replies, unsent);
    }

    fn tally(&mut self) -> Tally {
        self.port.tally()
    }

    fn is_crowded(&self) -> bool {
        self.port.is_crowded()
    }

    fn add(&mut self, socket: Socket6) -> Result<(), SocketError> {
        self.port.add(socket)
    }

    fn retain(&mut self, keep: impl FnMut(&Spec6) -> bool) {
        self.port.retain(keep);
    }

    fn hand_over(&mut self) -> Vec<Socket6> {
        self.port.hand_over()
    }
}
