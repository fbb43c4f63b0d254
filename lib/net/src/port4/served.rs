//! How sockets of DHCPv4 come to serve.

use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_model::Arrival4;

use super::{Arrivals4, Socket4, SocketOptions4, Spec4, extend4, open4};
use crate::error::SocketError;
use crate::port::Served;

impl Served for Socket4 {
    type Arrival = Arrival4;
    const SERVER_PORT: u16 = SocketOptions4::DEFAULT.server_port;

    fn open(spec: &Spec4, server_port: u16, workers: usize) -> Result<Vec<Self>, SocketError> {
        open4(spec, &SocketOptions4 { server_port, ..SocketOptions4::DEFAULT }, workers)
    }

    fn extend(sockets: &mut Vec<Self>, server_port: u16, workers: usize) -> Result<(), SocketError> {
        extend4(sockets, &SocketOptions4 { server_port, ..SocketOptions4::DEFAULT }, workers)
    }

    fn is_orphaned(&self) -> bool {
        Self::is_orphaned(self)
    }

    fn located(spec: &Spec4) -> (u32, &str, Ipv4Addr) {
        (spec.ifindex, &spec.interface, spec.local)
    }

    fn each(arrivals: &Arrivals4, mut take: impl FnMut(Arrival4, &[u8], Option<Duration>)) {
        arrivals.stamped().for_each(|(arrival, datagram, came)| take(arrival, datagram, came));
    }
}
