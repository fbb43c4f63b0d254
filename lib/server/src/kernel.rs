//! The kernel's network, of either protocol.

use std::io;
use std::marker::PhantomData;
use std::time::Duration;

use kotare_net::{BATCH, HeldPrefix, Interface, Ready, Served, SocketError, Tally, Waker};

use crate::network::{InterfaceChanges, Network, Port, Where};

/// The kernel's network, with sockets `S`.
#[derive(Debug)]
pub struct Kernel<S> {
    server_port: u16,
    sockets: PhantomData<fn() -> S>,
}

/// One worker's sockets, and the batch that it received last.
#[derive(Debug)]
pub struct KernelPort<S: Served> {
    port: kotare_net::Port<S>,
    arrivals: S::Arrivals,
}

impl<S: Served> Kernel<S> {
    /// Serves this port, or the protocol's.
    pub fn new(server_port: Option<u16>) -> Self {
        Self { server_port: server_port.unwrap_or(S::SERVER_PORT), sockets: PhantomData }
    }
}

impl<S: Served> Network for Kernel<S> {
    type Spec = S::Spec;
    type Address = S::Address;
    type Socket = S;
    type Port = KernelPort<S>;
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

    fn port(&self) -> io::Result<KernelPort<S>> {
        Ok(KernelPort { port: kotare_net::Port::new()?, arrivals: S::Arrivals::default() })
    }

    fn open(&self, spec: &S::Spec, workers: usize) -> Result<Vec<S>, SocketError> {
        S::open(spec, self.server_port, workers)
    }

    fn extend(&self, sockets: &mut Vec<S>, workers: usize) -> Result<(), SocketError> {
        S::extend(sockets, self.server_port, workers)
    }

    fn spec(socket: &S) -> &S::Spec {
        socket.spec()
    }

    fn is_orphaned(socket: &S) -> bool {
        socket.is_orphaned()
    }

    fn locate(spec: &S::Spec) -> Where<'_, S::Address> {
        let (ifindex, interface, address) = S::located(spec);
        Where { ifindex, interface, address }
    }

    fn server_port(&self) -> u16 {
        self.server_port
    }
}

impl<S: Served> Port for KernelPort<S> {
    type Spec = S::Spec;
    type Socket = S;
    type Arrival = S::Arrival;
    type Departure = S::Departure;
    type Error = SocketError;

    fn waker(&self) -> Waker {
        self.port.waker()
    }

    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Ready> {
        self.port.wait(timeout)
    }

    fn receive(
        &mut self,
        take: impl FnMut(S::Arrival, &[u8], Option<Duration>),
    ) -> Result<bool, SocketError> {
        let received = self.port.recv(&mut self.arrivals)?;
        S::each(&self.arrivals, take);
        Ok(received == BATCH)
    }

    fn stamp(&mut self, tells: bool) {
        self.port.stamp(tells);
    }

    fn send<'a>(
        &mut self,
        replies: impl IntoIterator<Item = (S::Departure, &'a [u8])>,
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

    fn add(&mut self, socket: S) -> Result<(), SocketError> {
        self.port.add(socket)
    }

    fn retain(&mut self, keep: impl FnMut(&S::Spec) -> bool) {
        self.port.retain(keep);
    }

    fn hand_over(&mut self) -> Vec<S> {
        self.port.hand_over()
    }
}
