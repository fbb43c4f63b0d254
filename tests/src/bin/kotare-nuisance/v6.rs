//! What a broken or hostile host sends to a server of DHCPv6.

use std::io;
use std::net::{Ipv6Addr, UdpSocket};

use kotare_model::Chance;
use kotare_wire::v6::{Index, Message, MessageType, OptionCode};

/// The messages, one after the other.
pub(crate) struct Nuisance {
    relay: Ipv6Addr,
    address: Ipv6Addr,
    /// What the server calls itself.
    server: Vec<u8>,
    chance: Chance,
    number: u32,
}

impl Nuisance {
    /// Those of a relay agent, about this address and the 255 above it. The server is asked what it calls itself.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) fn new(relay: Ipv6Addr, address: Ipv6Addr, socket: &UdpSocket) -> io::Result<Self> {
        let (server, chance) = (Vec::new(), Chance::new(1));
        let mut nuisance = Self { relay, address, server, chance, number: 0 };
        socket.send(&nuisance.relayed(&nuisance.asking(MessageType::SOLICIT, 0, 1)))?;
        let mut reply = [0; 4096];
        let len = socket.recv(&mut reply)?;
        let mut index = Index::new();
        let reply = Message::parse(&reply[..len], &mut index).ok();
        let named = reply.and_then(|reply| reply.option(OptionCode::SERVERID));
        nuisance.server = named.ok_or(io::ErrorKind::InvalidData)?.to_vec();
        Ok(nuisance)
    }

    /// Writes the next message; its length.
    pub(crate) fn message(&mut self, buffer: &mut [u8]) -> usize {
        self.number += 1;
        let round = self.number / 9;
        let message = match self.number % 9 {
            0 => {
                let len = self.chance.below(buffer.len());
                buffer[..len].fill_with(|| self.chance.below(256) as u8);
                return len;
            }
            1 => {
                let mut message = self.relayed(&self.asking(MessageType::SOLICIT, 0, 1));
                message.truncate(self.chance.below(message.len() + 1));
                message
            }
            2 => self.relayed(&self.asking(MessageType::SOLICIT, 1, round)),
            3 => self.relayed(&self.about(MessageType::REQUEST, round, round % 256)),
            4 => {
                let mut within = self.about(MessageType::REQUEST, 2, 0);
                // A name of four labels as long as one can be.
                let label = [&[63][..], &[b'a'; 63]].concat();
                let name = [&[0][..], &label, &label, &label, &label[..62], &[0]].concat();
                option(&mut within, OptionCode::CLIENT_FQDN, &name);
                self.relayed(&within)
            }
            5 => self.relayed(&self.about(MessageType::RELEASE, 2, 0)),
            6 => self.relayed(&self.about(MessageType::DECLINE, round, round % 256)),
            7 => self.relayed(&self.asking(MessageType::SOLICIT, 3, 1)),
            _ => {
                let mut within = self.asking(MessageType::SOLICIT, 4, 1);
                let (code, bytes) = (OptionCode(self.chance.below(200) as u16), [0xff; 600]);
                option(&mut within, code, &bytes[..self.chance.below(bytes.len() + 1)]);
                // A length that goes beyond the end.
                within.extend([0, 21, 0xff, 0xff]);
                self.relayed(&within)
            }
        };
        let len = message.len().min(buffer.len());
        buffer[..len].copy_from_slice(&message[..len]);
        len
    }

    /// A message of a client that wants an address for an association.
    fn asking(&self, kind: MessageType, client: u32, iaid: u32) -> Vec<u8> {
        let mut message = vec![kind.0];
        message.extend(&self.number.to_be_bytes()[1..]);
        let [a, b, c, d] = client.to_be_bytes();
        option(&mut message, OptionCode::CLIENTID, &[0, 3, 0, 1, 6, 6, a, b, c, d]);
        option(&mut message, OptionCode::IA_NA, &[&iaid.to_be_bytes()[..], &[0; 8]].concat());
        message
    }

    /// A message of a client to the server about one of the addresses that are quarrelled about.
    fn about(&self, kind: MessageType, client: u32, which: u32) -> Vec<u8> {
        let mut message = vec![kind.0];
        message.extend(&self.number.to_be_bytes()[1..]);
        let [a, b, c, d] = client.to_be_bytes();
        option(&mut message, OptionCode::CLIENTID, &[0, 3, 0, 1, 6, 6, a, b, c, d]);
        option(&mut message, OptionCode::SERVERID, &self.server);
        let address = Ipv6Addr::from_bits(self.address.to_bits() + u128::from(which));
        let mut association = vec![0; 12];
        association[3] = 1;
        option(&mut association, OptionCode::IAADDR, &[&address.octets()[..], &[0; 8]].concat());
        option(&mut message, OptionCode::IA_NA, &association);
        message
    }

    /// What a relay agent makes of a message.
    fn relayed(&self, message: &[u8]) -> Vec<u8> {
        let mut relayed = vec![MessageType::RELAY_FORW.0, 0];
        relayed.extend(self.relay.octets());
        relayed.extend("fe80::6".parse::<Ipv6Addr>().map_or([0; 16], |peer| peer.octets()));
        option(&mut relayed, OptionCode::RELAY_MSG, message);
        relayed
    }
}

/// Adds an option.
fn option(message: &mut Vec<u8>, code: OptionCode, value: &[u8]) {
    message.extend(code.0.to_be_bytes());
    // No value here is longer than its length can say.
    message.extend((value.len() as u16).to_be_bytes());
    message.extend(value);
}
