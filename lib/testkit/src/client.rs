//! Simulated clients and relays.

use std::net::Ipv4Addr;

use kotare_wire::HardwareType;
use kotare_wire::v4::{MessageType, Op, OptionCode, Writer};

use crate::Answer;

/// A DHCPv4 client: who it is, and what it puts into all its messages. It writes the messages of RFC 2131 §4.4, table
/// 5; a test changes them as it likes.
#[derive(Clone, Debug)]
pub struct Client {
    /// `chaddr`.
    pub hwaddr: Vec<u8>,
    /// Option 61.
    pub id: Option<Vec<u8>>,
    /// Whether it wants replies broadcast.
    pub broadcast: bool,
    /// Option 55.
    pub wants: Vec<u8>,
    /// Transaction of the next message; each exchange has its own.
    pub xid: u32,
}

/// A message that is still being written.
#[derive(Clone, Debug)]
pub struct Message {
    /// `op`.
    pub op: u8,
    /// `htype`.
    pub htype: u8,
    /// `hops`.
    pub hops: u8,
    /// `xid`.
    pub xid: u32,
    /// `flags`.
    pub flags: u16,
    /// `ciaddr`.
    pub ciaddr: Ipv4Addr,
    /// `giaddr`.
    pub giaddr: Ipv4Addr,
    /// `chaddr`, at most 16 bytes.
    pub chaddr: Vec<u8>,
    /// Options, in order.
    pub options: Vec<(u8, Vec<u8>)>,
}

impl Client {
    /// The client with this number: it sends its hardware address and no client identifier, and wants a netmask,
    /// routers, DNS servers and a domain name.
    pub fn new(number: u32) -> Self {
        let [a, b, c, d] = number.to_be_bytes();
        Self {
            hwaddr: vec![0x02, 0x00, a, b, c, d],
            id: None,
            broadcast: false,
            wants: vec![1, 3, 6, 15],
            xid: number << 8,
        }
    }

    /// The same client with a client identifier.
    pub fn with_id(mut self, id: &[u8]) -> Self {
        self.id = Some(id.to_vec());
        self
    }

    /// A message of this type with what all the client's messages have.
    pub fn message(&self, kind: MessageType) -> Message {
        let mut options = vec![(OptionCode::MESSAGE_TYPE.0, vec![kind.0])];
        if let Some(id) = &self.id {
            options.push((OptionCode::CLIENT_IDENTIFIER.0, id.clone()));
        }
        if !matches!(kind, MessageType::DECLINE | MessageType::RELEASE) && !self.wants.is_empty() {
            options.push((OptionCode::PARAMETER_REQUEST_LIST.0, self.wants.clone()));
        }
        Message {
            op: Op::REQUEST.0,
            htype: 1,
            hops: 0,
            xid: self.xid,
            flags: if self.broadcast { 0x8000 } else { 0 },
            ciaddr: Ipv4Addr::UNSPECIFIED,
            giaddr: Ipv4Addr::UNSPECIFIED,
            chaddr: self.hwaddr.clone(),
            options,
        }
    }

    /// RFC 2131 §4.4.1: looks for servers.
    pub fn discover(&self) -> Message {
        self.message(MessageType::DISCOVER)
    }

    /// RFC 2131 §4.3.2, SELECTING: takes an offer.
    pub fn select(&self, offer: &Answer) -> Message {
        let server = offer.option(OptionCode::SERVER_IDENTIFIER).unwrap_or_default();
        self.request()
            .address(OptionCode::REQUESTED_ADDRESS, offer.yiaddr())
            .option(OptionCode::SERVER_IDENTIFIER, &server)
    }

    /// RFC 2131 §4.3.2, INIT-REBOOT: asks to keep an address.
    pub fn reboot(&self, address: Ipv4Addr) -> Message {
        self.request().address(OptionCode::REQUESTED_ADDRESS, address)
    }

    /// RFC 2131 §4.3.2, RENEWING or REBINDING: the message is the same, it is sent to the server or to all.
    pub fn renew(&self, address: Ipv4Addr) -> Message {
        Message { ciaddr: address, ..self.request() }
    }

    /// A DHCPREQUEST without any address.
    pub fn request(&self) -> Message {
        self.message(MessageType::REQUEST)
    }

    /// RFC 2131 §4.4.1: the address is in use by somebody else.
    pub fn decline(&self, address: Ipv4Addr, server: Ipv4Addr) -> Message {
        self.message(MessageType::DECLINE)
            .address(OptionCode::REQUESTED_ADDRESS, address)
            .address(OptionCode::SERVER_IDENTIFIER, server)
    }

    /// RFC 2131 §4.4.6: the address is not needed any more.
    pub fn release(&self, address: Ipv4Addr, server: Ipv4Addr) -> Message {
        let message = self.message(MessageType::RELEASE).address(OptionCode::SERVER_IDENTIFIER, server);
        Message { ciaddr: address, ..message }
    }

    /// RFC 2131 §4.4.3: has an address, asks for configuration.
    pub fn inform(&self, address: Ipv4Addr) -> Message {
        Message { ciaddr: address, ..self.message(MessageType::INFORM) }
    }
}

impl Message {
    /// Adds an option.
    pub fn option(mut self, code: OptionCode, value: &[u8]) -> Self {
        self.options.push((code.0, value.to_vec()));
        self
    }

    /// Adds an option that is an address.
    pub fn address(self, code: OptionCode, address: Ipv4Addr) -> Self {
        self.option(code, &address.octets())
    }

    /// Removes an option.
    pub fn without(mut self, code: OptionCode) -> Self {
        self.options.retain(|(there, _)| *there != code.0);
        self
    }

    /// The bytes of the message.
    ///
    /// # Panics
    /// If it is longer than 64 KiB.
    pub fn bytes(&self) -> Vec<u8> {
        let mut buffer = vec![0; 1 << 16];
        let mut writer = Writer::new(&mut buffer).expect("a header fits");
        writer.op(Op(self.op)).chaddr(HardwareType(self.htype.into()), &self.chaddr);
        writer.hops(self.hops).xid(self.xid).flags(self.flags).ciaddr(self.ciaddr).giaddr(self.giaddr);
        for (code, value) in &self.options {
            writer.option(OptionCode(*code), value).expect("a test's message fits");
        }
        let len = writer.finish();
        buffer[..len].to_vec()
    }
}

/// What a relay makes of a message: its address and one hop more, and relay agent information if it has any to add
/// (RFC 1542 §4.1, RFC 3046 §2.1).
pub fn relayed(message: Message, relay: Ipv4Addr, agent: &[u8]) -> Message {
    let message = Message { giaddr: relay, hops: message.hops + 1, ..message };
    if agent.is_empty() { message } else { message.option(OptionCode::RELAY_AGENT_INFORMATION, agent) }
}
