//! The kernel's network, as a DHCPv4 server uses it.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_model::{Arrival4, Departure4};
use kotare_net::{
    Arrivals4, BATCH, Interface, Port4, Ready, Socket4, SocketError, SocketOptions4, Spec4, Tally, Waker,
    extend4, open4,
};
use kotare_server::{InterfaceChanges, Network, Port, Where};

/// The kernel's network.
#[derive(Debug)]
pub struct Kernel4 {
    options: SocketOptions4,
}

/// One worker's sockets, and the batch that it received last.
#[derive(Debug)]
pub struct KernelPort4 {
    port: Port4,
    arrivals: Arrivals4,
}

impl Kernel4 {
    /// Serves this port, or the protocol's.
    pub fn new(server_port: Option<u16>) -> Self {
        let usual = SocketOptions4::default();
        Self { options: SocketOptions4 { server_port: server_port.unwrap_or(usual.server_port), ..usual } }
    }
}

impl Network for Kernel4 {
    type Spec = Spec4;
    type Address = Ipv4Addr;
    type Socket = Socket4;
    type Port = KernelPort4;
    type Changes = InterfaceChanges;

    fn interfaces(&self) -> io::Result<Vec<Interface>> {
        kotare_net::interfaces()
    }

    fn changes(&self) -> io::Result<InterfaceChanges> {
        InterfaceChanges::listen()
    }

    fn port(&self) -> io::Result<KernelPort4> {
        Ok(KernelPort4 { port: Port4::new()?, arrivals: Arrivals4::new() })
    }

    fn open(&self, spec: &Spec4, workers: usize) -> Result<Vec<Socket4>, SocketError> {
        open4(spec, &self.options, workers)
    }

    fn extend(&self, sockets: &mut Vec<Socket4>, workers: usize) -> Result<(), SocketError> {
        extend4(sockets, &self.options, workers)
    }

    fn spec(socket: &Socket4) -> &Spec4 {
        socket.spec()
    }

    fn is_orphaned(socket: &Socket4) -> bool {
        socket.is_orphaned()
    }

    fn locate(spec: &Spec4) -> Where<'_, Ipv4Addr> {
        Where { ifindex: spec.ifindex, interface: &spec.interface, address: spec.local }
    }

    fn server_port(&self) -> u16 {
        self.options.server_port
    }
}

impl Port for KernelPort4 {
    type Spec = Spec4;
    type Socket = Socket4;
    type Arrival = Arrival4;
    type Departure = Departure4;
    type Error = SocketError;

    fn waker(&self) -> Waker {
        self.port.waker()
    }

    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Ready> {
        self.port.wait(timeout)
    }

    fn receive(&mut self, mut take: impl FnMut(Arrival4, &[u8])) -> Result<bool, SocketError> {
        let received = self.port.recv(&mut self.arrivals)?;
        self.arrivals.iter().for_each(|(arrival, datagram)| take(arrival, datagram));
        Ok(received == BATCH)
    }

    fn send<'a>(
        &mut self,
        replies: impl IntoIterator<Item = (Departure4, &'a [u8])>,
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

    fn add(&mut self, socket: Socket4) -> Result<(), SocketError> {
        self.port.add(socket)
    }

    fn retain(&mut self, keep: impl FnMut(&Spec4) -> bool) {
        self.port.retain(keep);
    }

    fn hand_over(&mut self) -> Vec<Socket4> {
        self.port.hand_over()
    }
}
