//! Clients that behave badly, at a steady rate, for tests of endurance: what a network with broken and with hostile hosts
//! sends a server, without waiting for an answer.
//!
//! - Bytes that are no message, and messages cut off anywhere.
//! - One client that shows another identifier (DHCPv6: another association) with every message.
//! - A client that takes and releases one address without end, with a host name as long as one can be.
//! - Addresses declined and released by who does not have them.
//! - One DISCOVER or SOLICIT sent over and over.
//! - Options of impossible lengths, and the longest that fit.

#![expect(clippy::disallowed_methods, reason = "who sends at a rate reads the clock")]
#![expect(clippy::print_stdout, reason = "the result is what is printed")]

mod v4;
mod v6;

use std::error::Error;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use clap::Parser;

/// A steady rate of messages that no good client sends.
#[derive(Parser)]
struct Arguments {
    /// The server.
    #[arg(long)]
    server: IpAddr,
    /// Our address, that of a relay agent.
    #[arg(long)]
    relay: IpAddr,
    /// An address of the server's pool to quarrel about; the 255 above it, too.
    #[arg(long)]
    address: IpAddr,
    /// Messages a second.
    #[arg(long, default_value_t = 2000)]
    rate: u32,
    /// How long, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

/// How often messages are sent: all that is due since the last time at once.
const PAUSE: Duration = Duration::from_millis(5);
/// How long it is waited for what a server calls itself.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let port = if arguments.server.is_ipv4() { 67 } else { 547 };
    let socket = UdpSocket::bind(SocketAddr::new(arguments.relay, port))?;
    socket.connect(SocketAddr::new(arguments.server, port))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let sent = match (arguments.relay, arguments.address) {
        (IpAddr::V4(relay), IpAddr::V4(address)) => {
            let mut nuisance = v4::Nuisance::new(relay, address);
            send(&arguments, &socket, |buffer| Ok(nuisance.message(buffer)?))?
        }
        (IpAddr::V6(relay), IpAddr::V6(address)) => {
            let mut nuisance = v6::Nuisance::new(relay, address, &socket)?;
            send(&arguments, &socket, |buffer| Ok(nuisance.message(buffer)))?
        }
        _ => return Err("the addresses are of two families".into()),
    };
    println!("{}", serde_json::json!({ "sent": sent }));
    Ok(())
}

/// Sends messages at the rate until the time is over; how many there were.
fn send(
    arguments: &Arguments,
    socket: &UdpSocket,
    mut message: impl FnMut(&mut [u8]) -> Result<usize, Box<dyn Error>>,
) -> Result<u32, Box<dyn Error>> {
    let begin = Instant::now();
    let (mut buffer, mut number) = ([0; 1400], 0);
    while begin.elapsed().as_secs_f64() < arguments.seconds {
        let due = (begin.elapsed().as_secs_f64() * f64::from(arguments.rate)) as u32;
        while number < due {
            let len = message(&mut buffer)?;
            number += 1;
            // What the kernel does not take is lost, and that the server is away is no reason to stop.
            let _ = socket.send(&buffer[..len]);
        }
        std::thread::sleep(PAUSE);
    }
    Ok(number)
}
