//! Very many clients of DHCPv6 behind one relay agent, some of them always in the middle of an exchange.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv6Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kotare_ha::hash;
use kotare_wire::v6::{Association, IaAddress, Index, Message, MessageType, OptionCode, Writer};

use super::{Host, Port6};

/// How many clients are in the middle of an exchange.
const IN_FLIGHT: u32 = 64;

/// Clients that take turns in obtaining an address each, and once all have one, in renewing it.
#[derive(Debug)]
pub struct Load6 {
    enough: Arc<AtomicBool>,
    given_up: Arc<AtomicBool>,
    thread: JoinHandle<Counted6>,
}

/// What became of a load.
#[derive(Debug, Default)]
pub struct Counted6 {
    /// The address that was acknowledged last, by the number of the client.
    pub acknowledged: BTreeMap<u32, Ipv6Addr>,
    /// How many replies there were.
    pub replies: u64,
    /// How many messages had to be sent again, because nothing was heard for the time they were given.
    pub resent: u64,
    /// How many exchanges ended without the address that was asked for.
    pub refused: u64,
}

/// How a load goes on, and when it ends by itself.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// How many clients take turns.
    pub clients: u32,
    /// Of them only those whose half of a load-balancing pair's clients this is, 0 or 1.
    pub half: Option<u8>,
    /// How many exchanges there are; `None` is until told that it was enough.
    pub exchanges: Option<u32>,
    /// After so long without an answer all messages under way are sent again,
    pub silence: Duration,
    /// or the load ends.
    pub until_silent: bool,
}

impl Load6 {
    /// Starts it as a relay agent on `host`, at the address `link`.
    pub fn start(host: &Host, server: Ipv6Addr, link: Ipv6Addr, turns: Turns) -> Self {
        let [enough, given_up] = <[Arc<AtomicBool>; 2]>::default();
        let mut running = Running {
            port: host.port6(547),
            server,
            link,
            turns,
            begun: 0,
            under_way: HashMap::new(),
            server_id: Vec::new(),
            counted: Counted6::default(),
        };
        let told = [&enough, &given_up].map(Arc::clone);
        let thread = thread::spawn(move || {
            running.run(&told[0], &told[1]);
            running.counted
        });
        Self { enough, given_up, thread }
    }

    /// Tells it that it was enough, waits for what is under way, and says what became of it.
    ///
    /// # Panics
    /// If the load did.
    pub fn finish(self) -> Counted6 {
        self.enough.store(true, Ordering::Relaxed);
        self.ended()
    }

    /// Tells it that the server is gone for good: as [`Self::finish`], but what is under way is given up at the first silence.
    ///
    /// # Panics
    /// If the load did.
    pub fn give_up(self) -> Counted6 {
        self.given_up.store(true, Ordering::Relaxed);
        self.finish()
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// If the load did.
    pub fn ended(self) -> Counted6 {
        self.thread.join().expect("the load does not panic")
    }
}

/// The DUID of a client.
pub fn load6_duid(client: u32) -> Vec<u8> {
    [&[0, 3, 0, 1, 2, 0][..], &client.to_be_bytes()].concat()
}

struct Running {
    port: Port6,
    server: Ipv6Addr,
    link: Ipv6Addr,
    turns: Turns,
    /// How many exchanges were begun.
    begun: u32,
    /// What each client asked for last.
    under_way: HashMap<u32, MessageType>,
    server_id: Vec<u8>,
    counted: Counted6,
}

impl Running {
    fn run(&mut self, enough: &AtomicBool, given_up: &AtomicBool) {
        for _ in 0..IN_FLIGHT.min(self.turns.clients) {
            self.begin();
        }
        while !self.under_way.is_empty() {
            match self.port.receive_within(self.turns.silence) {
                Some(datagram) => {
                    if let Some(client) = self.answered(&datagram)
                        && self.under_way.remove(&client).is_some()
                        && !enough.load(Ordering::Relaxed)
                    {
                        self.begin();
                    }
                }
                None if self.turns.until_silent || given_up.load(Ordering::Relaxed) => return,
                None => {
                    let under_way: Vec<_> =
                        self.under_way.iter().map(|(client, kind)| (*client, *kind)).collect();
                    self.counted.resent += under_way.len() as u64;
                    under_way.into_iter().for_each(|(client, kind)| self.send(client, kind));
                }
            }
        }
    }

    /// The next client begins an exchange, if there shall be one more.
    fn begin(&mut self) {
        if self.turns.exchanges.is_some_and(|exchanges| self.begun >= exchanges) {
            return;
        }
        let mut client = self.begun % self.turns.clients;
        self.begun += 1;
        while self.turns.half.is_some_and(|half| hash(&load6_duid(client)) % 2 != half) {
            client = self.begun % self.turns.clients;
            self.begun += 1;
        }
        let known = self.counted.acknowledged.contains_key(&client);
        self.send(client, if known { MessageType::RENEW } else { MessageType::SOLICIT });
    }

    /// Takes an answer; the client whose exchange it ends.
    fn answered(&mut self, datagram: &[u8]) -> Option<u32> {
        let mut index = Index::new();
        let message = Message::parse(datagram, &mut index).ok()?;
        let client = message.transaction_id();
        let asked = *self.under_way.get(&client)?;
        if asked == MessageType::SOLICIT && message.message_type() == MessageType::ADVERTISE {
            self.server_id = message.option(OptionCode::SERVERID)?.to_vec();
            self.send_with(client, MessageType::REQUEST, address(&message));
            return None;
        }
        if message.message_type() != MessageType::REPLY || asked == MessageType::SOLICIT {
            return None;
        }
        self.counted.replies += 1;
        match address(&message) {
            Some(address) => _ = self.counted.acknowledged.insert(client, address),
            None => self.counted.refused += 1,
        }
        Some(client)
    }

    fn send(&mut self, client: u32, kind: MessageType) {
        let address = self.counted.acknowledged.get(&client).copied();
        self.send_with(client, kind, address);
    }

    fn send_with(&mut self, client: u32, kind: MessageType, address: Option<Ipv6Addr>) {
        self.under_way.insert(client, kind);
        let mut buffer = [0; 512];
        let datagram = self.write(&mut buffer, client, kind, address);
        self.port.send(self.server, datagram.expect("it has room"));
    }

    /// A message of a client, as a relay agent passes it on.
    fn write<'a>(
        &self,
        buffer: &'a mut [u8],
        client: u32,
        kind: MessageType,
        address: Option<Ipv6Addr>,
    ) -> Option<&'a [u8]> {
        let len = {
            let mut writer = Writer::new(buffer);
            let [.., a, b, c] = client.to_be_bytes();
            let peer = Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0xff, 0xfe, a, b, c]);
            writer.relay_header(MessageType::RELAY_FORW, 0, self.link, peer).ok()?;
            let relayed = writer.open(OptionCode::RELAY_MSG).ok()?;
            // The transaction is the number of the client.
            writer.header(kind, client).ok()?;
            writer.option(OptionCode::CLIENTID, &load6_duid(client)).ok()?;
            if kind != MessageType::SOLICIT {
                writer.option(OptionCode::SERVERID, &self.server_id).ok()?;
            }
            let association = writer.open(OptionCode::IA_NA).ok()?;
            writer.bytes(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]).ok()?;
            if let Some(address) = address {
                writer.option(OptionCode::IAADDR, &[&address.octets()[..], &[0; 8]].concat()).ok()?;
            }
            writer.close(association);
            writer.close(relayed);
            writer.len()
        };
        Some(&buffer[..len])
    }
}

/// The address that a message gives.
fn address(message: &Message<'_>) -> Option<Ipv6Addr> {
    let association = Association::read(message.option(OptionCode::IA_NA)?)?;
    let address = IaAddress::read(association.options.find_code(OptionCode::IAADDR)?)?;
    (address.valid > 0).then_some(address.address)
}
