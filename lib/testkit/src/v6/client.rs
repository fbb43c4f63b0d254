//! Simulated clients and relay agents.

use std::net::Ipv6Addr;

use kotare_wire::v6::{MessageType, OptionCode, Writer};

/// A DHCPv6 client: who it is, and what it puts into all its messages. It writes the messages of RFC 9915 §18.2; a test
/// changes them as it likes.
#[derive(Clone, Debug)]
pub struct Client {
    /// Option 1; without bytes it names itself nowhere.
    pub duid: Vec<u8>,
    /// Its link-local address, made of its hardware address.
    pub address: Ipv6Addr,
    /// Option 6.
    pub wants: Vec<u16>,
    /// The transaction of its messages.
    pub transaction: u32,
}

/// A message that is still being written.
#[derive(Clone, Debug)]
pub struct Message {
    /// What it is.
    pub kind: MessageType,
    /// Its transaction.
    pub transaction: u32,
    /// Options, in order.
    pub options: Vec<(u16, Vec<u8>)>,
    /// The relay agents that it passes, that nearest to the client first.
    pub relays: Vec<Relay>,
}

/// A relay agent.
#[derive(Clone, Debug)]
pub struct Relay {
    /// How many others the message passed before.
    pub hops: u8,
    /// The address of the link it has the message from.
    pub link: Ipv6Addr,
    /// Whom it has the message from.
    pub peer: Ipv6Addr,
    /// Its options, which stand before the message.
    pub options: Vec<(u16, Vec<u8>)>,
}

/// What a client names in an association: addresses, or prefixes with their lengths.
#[derive(Clone, Copy, Debug)]
pub enum Associated<'a> {
    /// IA_NA.
    Addresses(&'a [Ipv6Addr]),
    /// IA_PD.
    Prefixes(&'a [(Ipv6Addr, u8)]),
}

impl Client {
    /// The client with this number: its DUID is its hardware address (type 3), and it wants DNS servers and domains to
    /// search in.
    pub fn new(number: u32) -> Self {
        let [a, b, c, d] = number.to_be_bytes();
        Self {
            duid: vec![0, 3, 0, 1, 0x00, 0x0c, a, b, c, d],
            address: Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x02, 0x0c, a, 0xff, 0xfe, b, c, d]),
            wants: vec![OptionCode::NAME_SERVERS.0, OptionCode::DOMAIN_SEARCH.0],
            transaction: number & 0x00ff_ffff,
        }
    }

    /// The same client with another DUID.
    pub fn with_duid(mut self, duid: &[u8]) -> Self {
        self.duid = duid.to_vec();
        self
    }

    /// A message of this type with what all the client's messages have: who it is, what it wants and, first, which server
    /// it is for.
    pub fn message(&self, kind: MessageType, server: Option<&[u8]>) -> Message {
        let mut message =
            Message { kind, transaction: self.transaction, options: Vec::new(), relays: Vec::new() };
        if !self.duid.is_empty() {
            message = message.option(OptionCode::CLIENTID, &self.duid);
        }
        if let Some(server) = server {
            message = message.option(OptionCode::SERVERID, server);
        }
        if !self.wants.is_empty() {
            let wants: Vec<_> = self.wants.iter().flat_map(|code| code.to_be_bytes()).collect();
            message = message.option(OptionCode::ORO, &wants);
        }
        message.option(OptionCode::ELAPSED_TIME, &[0, 0])
    }

    /// RFC 9915 §18.2.1: looks for servers that give an address to association 1.
    pub fn solicit(&self) -> Message {
        self.message(MessageType::SOLICIT, None).ia(1, Associated::Addresses(&[]))
    }

    /// RFC 9915 §18.2.2: asks a server for an address.
    pub fn request(&self, server: &[u8], addresses: &[Ipv6Addr]) -> Message {
        self.message(MessageType::REQUEST, Some(server)).ia(1, Associated::Addresses(addresses))
    }

    /// RFC 9915 §18.2.3: asks whether its addresses fit the link.
    pub fn confirm(&self, addresses: &[Ipv6Addr]) -> Message {
        self.message(MessageType::CONFIRM, None).ia(1, Associated::Addresses(addresses))
    }

    /// RFC 9915 §18.2.4: asks its server for more time.
    pub fn renew(&self, server: &[u8], addresses: &[Ipv6Addr]) -> Message {
        self.message(MessageType::RENEW, Some(server)).ia(1, Associated::Addresses(addresses))
    }

    /// RFC 9915 §18.2.5: asks any server for more time.
    pub fn rebind(&self, addresses: &[Ipv6Addr]) -> Message {
        self.message(MessageType::REBIND, None).ia(1, Associated::Addresses(addresses))
    }

    /// RFC 9915 §18.2.6: asks for configuration alone.
    pub fn information_request(&self) -> Message {
        self.message(MessageType::INFORMATION_REQUEST, None)
    }

    /// RFC 9915 §18.2.7: gives addresses back.
    pub fn release(&self, server: &[u8], addresses: &[Ipv6Addr]) -> Message {
        self.message(MessageType::RELEASE, Some(server)).ia(1, Associated::Addresses(addresses))
    }

    /// RFC 9915 §18.2.8: found that somebody else has the addresses.
    pub fn decline(&self, server: &[u8], addresses: &[Ipv6Addr]) -> Message {
        self.message(MessageType::DECLINE, Some(server)).ia(1, Associated::Addresses(addresses))
    }

    /// RFC 9686 §4.2: tells of an address that it made itself.
    pub fn register(&self, address: Ipv6Addr, preferred: u32, valid: u32) -> Message {
        let value = [&address.octets()[..], &preferred.to_be_bytes(), &valid.to_be_bytes()].concat();
        self.message(MessageType::ADDR_REG_INFORM, None)
            .without(OptionCode::ORO)
            .option(OptionCode::IAADDR, &value)
    }
}

impl Message {
    /// Adds an option.
    pub fn option(mut self, code: OptionCode, value: &[u8]) -> Self {
        self.options.push((code.0, value.to_vec()));
        self
    }

    /// Removes the options of a code.
    pub fn without(mut self, code: OptionCode) -> Self {
        self.options.retain(|(there, _)| *there != code.0);
        self
    }

    /// Adds an association, which leaves all times to the server.
    pub fn ia(self, iaid: u32, associated: Associated<'_>) -> Self {
        let mut value = iaid.to_be_bytes().to_vec();
        value.extend([0; 8]);
        let mut add = |code: OptionCode, inner: &[u8]| put(&mut value, code.0, inner);
        let code = match associated {
            Associated::Addresses(addresses) => {
                for address in addresses {
                    add(OptionCode::IAADDR, &[&address.octets()[..], &[0; 8]].concat());
                }
                OptionCode::IA_NA
            }
            Associated::Prefixes(prefixes) => {
                for (prefix, len) in prefixes {
                    add(OptionCode::IAPREFIX, &[&[0; 8][..], &[*len], &prefix.octets()].concat());
                }
                OptionCode::IA_PD
            }
        };
        self.option(code, &value)
    }

    /// Has it pass one more relay agent, which counts those before it.
    pub fn through(mut self, relay: Relay) -> Self {
        self.relays.push(Relay { hops: self.relays.len() as u8, ..relay });
        self
    }

    /// The bytes of the message, in what its relay agents make of it.
    ///
    /// # Panics
    /// If it is longer than 64 KiB.
    pub fn bytes(&self) -> Vec<u8> {
        let mut buffer = vec![0; 1 << 16];
        let mut writer = Writer::new(&mut buffer);
        writer.header(self.kind, self.transaction).expect("a header fits");
        for (code, value) in &self.options {
            writer.option(OptionCode(*code), value).expect("a test's message fits");
        }
        let message = writer.as_bytes().to_vec();
        self.relays.iter().fold(message, |message, relay| relayed(&message, relay))
    }
}

impl Relay {
    /// The agent nearest to a client with this address, on this link.
    pub fn new(link: Ipv6Addr, peer: Ipv6Addr) -> Self {
        Self { hops: 0, link, peer, options: Vec::new() }
    }

    /// Adds an option.
    pub fn option(mut self, code: OptionCode, value: &[u8]) -> Self {
        self.options.push((code.0, value.to_vec()));
        self
    }
}

/// What a relay agent makes of the bytes of a message (RFC 9915 §19.1).
///
/// # Panics
/// If they are longer than an option can be.
pub fn relayed(message: &[u8], relay: &Relay) -> Vec<u8> {
    let mut bytes = vec![MessageType::RELAY_FORW.0, relay.hops];
    bytes.extend(relay.link.octets());
    bytes.extend(relay.peer.octets());
    for (code, value) in &relay.options {
        put(&mut bytes, *code, value);
    }
    put(&mut bytes, OptionCode::RELAY_MSG.0, message);
    bytes
}

fn put(bytes: &mut Vec<u8>, code: u16, value: &[u8]) {
    bytes.extend(code.to_be_bytes());
    bytes.extend(u16::try_from(value.len()).expect("a test's option fits").to_be_bytes());
    bytes.extend(value);
}
