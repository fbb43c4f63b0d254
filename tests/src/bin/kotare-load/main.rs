//! A closed-loop load: a relay with many clients, of which a fixed number is always in the middle of an exchange.
//!
//! Each place in flight takes a client through DISCOVER, OFFER, REQUEST, ACK, in DHCPv6 through SOLICIT, ADVERTISE,
//! REQUEST, REPLY (or only to the offer, or through a renewal) and goes on to the next client. What is printed at the end is
//! one JSON map: exchanges a second, the latency of an exchange, and how busy this program was itself; near 1 it, not the
//! server, was what was measured.

mod arguments;
mod bare;
mod load;
mod protocol;
mod v4;
mod v6;

use std::error::Error;

use clap::Parser;

use arguments::Arguments;
use protocol::Protocol;
use v4::V4;
use v6::V6;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    match arguments.server.is_ipv4() {
        true => run::<V4>(arguments),
        false => run::<V6>(arguments),
    }
}

fn run<P: Protocol>(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    match arguments.bare {
        true => bare::answer::<P>(&arguments),
        false => load::run::<P>(arguments),
    }
}
