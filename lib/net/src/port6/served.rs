//! How sockets of DHCPv6 come to serve.

use std::net::Ipv6Addr;
use std::time::Duration;

use kotare_model::Arrival6;

use super::{Arrivals6, Socket6, SocketOptions6, Spec6, extend6, open6};
use crate::error::SocketError;
use crate::port::Served;

impl Served for Socket6 {
    type Arrival = Arrival6;
    const SERVER_PORT: u16 = SocketOptions6::DEFAULT.server_port;

    fn open(spec: &Spec6, server_port: u16, workers: usize) -> Result<Vec<Self>, SocketError> {
        open6(spec, &SocketOptions6 { server_port, ..SocketOptions6::DEFAULT }, workers)
    }

    fn extend(sockets: &mut Vec<Self>, server_port: u16, workers: usize) -> Result<(), SocketError> {
        extend6(sockets, &SocketOptions6 { server_port, ..SocketOptions6::DEFAULT }, workers)
    }

    fn is_orphaned(&self) -> bool {
        // A UDP socket is bound to an index, and an interface that comes anew has another one.
        false
    }

    fn located(spec: &Spec6) -> (u32, &str, Ipv6Addr) {
        (spec.ifindex, &spec.interface, spec.local)
    }

    fn each(arrivals: &Arrivals6, mut take: impl FnMut(Arrival6, &[u8], Option<Duration>)) {
        arrivals.stamped().for_each(|(arrival, datagram, came)| take(arrival, datagram, came));
    }
}
