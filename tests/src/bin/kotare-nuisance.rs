//! Clients that behave badly, at a steady rate, for tests of endurance: what a network with broken and with hostile hosts
//! sends a server, without waiting for an answer.
//!
//! - Bytes that are no message, and messages cut off anywhere.
//! - One hardware address that shows another client identifier with every message.
//! - A client that takes and releases one address without end, with a host name as long as one can be.
//! - Addresses declined and released by who does not have them.
//! - One DISCOVER sent over and over.
//! - Options of impossible lengths, and the longest that fit.

#![expect(clippy::disallowed_methods, reason = "who sends at a rate reads the clock")]
#![expect(clippy::print_stdout, reason = "the result is what is printed")]

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use clap::Parser;
use kotare_model::Chance;
use kotare_wire::v4::{MessageType, Op, OptionCode, Writer};
use kotare_wire::{HardwareType, NoRoom};

/// A steady rate of DHCPv4 messages that no good client sends.
#[derive(Parser)]
struct Arguments {
    /// The server.
    #[arg(long)]
    server: Ipv4Addr,
    /// Our address, the relay's `giaddr`.
    #[arg(long)]
    relay: Ipv4Addr,
    /// An address of the server's pool to quarrel about; the 255 above it, too.
    #[arg(long)]
    address: Ipv4Addr,
    /// Messages a second.
    #[arg(long, default_value_t = 2000)]
    rate: u32,
    /// How long, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

/// How often messages are sent: all that is due since the last time at once.
const PAUSE: Duration = Duration::from_millis(5);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let socket = UdpSocket::bind(SocketAddrV4::new(arguments.relay, 67))?;
    socket.connect(SocketAddrV4::new(arguments.server, 67))?;
    let mut nuisance =
        Nuisance { relay: arguments.relay, address: arguments.address, chance: Chance::new(1), number: 0 };
    let begin = Instant::now();
    let mut buffer = [0; 1400];
    while begin.elapsed().as_secs_f64() < arguments.seconds {
        let due = (begin.elapsed().as_secs_f64() * f64::from(arguments.rate)) as u32;
        while nuisance.number < due {
            let len = nuisance.message(&mut buffer)?;
            // What the kernel does not take is lost, and that the server is away is no reason to stop.
            let _ = socket.send(&buffer[..len]);
        }
        std::thread::sleep(PAUSE);
    }
    println!("{}", serde_json::json!({ "sent": nuisance.number }));
    Ok(())
}

struct Nuisance {
    relay: Ipv4Addr,
    address: Ipv4Addr,
    chance: Chance,
    number: u32,
}

impl Nuisance {
    /// Writes the next message; its length.
    fn message(&mut self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        self.number += 1;
        let round = self.number / 9;
        match self.number % 9 {
            0 => Ok(self.noise(buffer)),
            1 => {
                let len = self.written(buffer, MessageType::DISCOVER, 0, |_| Ok(()))?;
                Ok(self.chance.below(len + 1))
            }
            2 => self.written(buffer, MessageType::DISCOVER, 1, |writer| {
                writer.option(OptionCode::CLIENT_IDENTIFIER, &round.to_be_bytes()).map(drop)
            }),
            3 => self.of_address(buffer, MessageType::REQUEST, round, |writer, address| {
                writer.option(OptionCode::CLIENT_IDENTIFIER, &round.to_be_bytes())?;
                writer.option(OptionCode::REQUESTED_ADDRESS, &address.octets()).map(drop)
            }),
            4 => {
                let address = self.address;
                self.written(buffer, MessageType::REQUEST, 2, |writer| {
                    writer.option(OptionCode::REQUESTED_ADDRESS, &address.octets())?;
                    writer.option(OptionCode::HOST_NAME, &[b'a'; 63]).map(drop)
                })
            }
            5 => {
                let address = self.address;
                self.written(buffer, MessageType::RELEASE, 2, |writer| {
                    writer.ciaddr(address);
                    Ok(())
                })
            }
            6 => self.of_address(buffer, MessageType::DECLINE, round, |writer, address| {
                writer.option(OptionCode::REQUESTED_ADDRESS, &address.octets()).map(drop)
            }),
            7 => self.written(buffer, MessageType::DISCOVER, 3, |_| Ok(())),
            _ => {
                let code = OptionCode(self.chance.below(255) as u8);
                let bytes = [0xff; 255];
                let len = self.chance.below(bytes.len() + 1);
                self.written(buffer, MessageType::DISCOVER, 4, |writer| {
                    writer.option(code, &bytes[..len])?;
                    writer.option(code, &bytes).map(drop)
                })
            }
        }
    }

    fn noise(&mut self, buffer: &mut [u8]) -> usize {
        let len = self.chance.below(buffer.len());
        buffer[..len].fill_with(|| self.chance.below(256) as u8);
        len
    }

    /// A message about one of the addresses that are quarrelled about.
    fn of_address(
        &self,
        buffer: &mut [u8],
        kind: MessageType,
        client: u32,
        options: impl FnOnce(&mut Writer<'_>, Ipv4Addr) -> Result<(), NoRoom>,
    ) -> Result<usize, NoRoom> {
        let address = Ipv4Addr::from_bits(self.address.to_bits() + client % 256);
        self.written(buffer, kind, client, |writer| options(writer, address))
    }

    fn written(
        &self,
        buffer: &mut [u8],
        kind: MessageType,
        client: u32,
        options: impl FnOnce(&mut Writer<'_>) -> Result<(), NoRoom>,
    ) -> Result<usize, NoRoom> {
        let [a, b, c, d] = client.to_be_bytes();
        let mut writer = Writer::new(buffer)?;
        writer.op(Op::REQUEST).chaddr(HardwareType::ETHERNET, &[6, 6, a, b, c, d]);
        writer.hops(1).xid(self.number).giaddr(self.relay);
        writer.message_type(kind)?;
        options(&mut writer)?;
        Ok(writer.finish())
    }
}
