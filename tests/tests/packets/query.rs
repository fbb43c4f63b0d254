//! A message to a server, made byte by byte so that every nonsense can be said.

use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_wire::frame::{Addresses, BROADCAST_MAC, Mac};
use kotare_wire::v4::{CLIENT_PORT, HEADER_LEN, MAGIC_COOKIE, MessageType, OptionCode, SERVER_PORT};

use super::link::{RELAY, SERVER, SERVER_MAC};

/// The Ethernet address of the client of that number.
pub(crate) fn mac(client: u16) -> Mac {
    let [high, low] = client.to_be_bytes();
    [2, 0, 0, 0, high, low]
}

/// A message and how it travels; at first a broadcast of a client without an address.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    header: Vec<u8>,
    cookie: Vec<u8>,
    options: Vec<u8>,
    end: Vec<u8>,
    destination_mac: Mac,
    source_mac: Option<Mac>,
    source: SocketAddrV4,
    destination: SocketAddrV4,
}

impl Query {
    /// A message of this type from this client.
    pub(crate) fn new(kind: MessageType, client: Mac) -> Self {
        Self::bootp(client).option(OptionCode::MESSAGE_TYPE, &[kind.0])
    }

    /// A message without options.
    pub(crate) fn bootp(client: Mac) -> Self {
        let mut header = vec![0; HEADER_LEN];
        header[..3].copy_from_slice(&[1, 1, 6]);
        header[4..8].copy_from_slice(&[0x12, 0x34, client[4], client[5]]);
        header[28..34].copy_from_slice(&client);
        Self {
            header,
            cookie: MAGIC_COOKIE.to_vec(),
            options: Vec::new(),
            end: vec![OptionCode::END.0],
            destination_mac: BROADCAST_MAC,
            source_mac: Some(client),
            source: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, CLIENT_PORT),
            destination: SocketAddrV4::new(Ipv4Addr::BROADCAST, SERVER_PORT),
        }
    }

    /// A DISCOVER of this client.
    pub(crate) fn discover(client: u16) -> Self {
        Self::new(MessageType::DISCOVER, mac(client))
    }

    /// A REQUEST of this client.
    pub(crate) fn request(client: u16) -> Self {
        Self::new(MessageType::REQUEST, mac(client))
    }

    /// Appends an option, also one longer than its length can say.
    pub(crate) fn option(self, code: OptionCode, value: &[u8]) -> Self {
        self.raw(&[code.0, value.len() as u8]).raw(value)
    }

    /// Appends bytes to the options.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.options.extend_from_slice(bytes);
        self
    }

    /// Sets bytes of the header.
    pub(crate) fn header(mut self, at: usize, bytes: &[u8]) -> Self {
        self.header[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Sets the transaction.
    pub(crate) fn xid(self, xid: u32) -> Self {
        self.header(4, &xid.to_be_bytes())
    }

    /// Names the server it is for.
    pub(crate) fn server_id(self, server: Ipv4Addr) -> Self {
        self.option(OptionCode::SERVER_IDENTIFIER, &server.octets())
    }

    /// Asks for an address.
    pub(crate) fn requested(self, address: Ipv4Addr) -> Self {
        self.option(OptionCode::REQUESTED_ADDRESS, &address.octets())
    }

    /// Names the client.
    pub(crate) fn client_id(self, id: &[u8]) -> Self {
        self.option(OptionCode::CLIENT_IDENTIFIER, id)
    }

    /// Speaks from an address the client has: `ciaddr`, the IP source, unicast to the server.
    pub(crate) fn holding(self, address: Ipv4Addr) -> Self {
        let mut query = self.header(12, &address.octets()).unicast();
        query.source = SocketAddrV4::new(address, CLIENT_PORT);
        query
    }

    /// Goes to the server alone.
    pub(crate) fn unicast(mut self) -> Self {
        self.destination_mac = SERVER_MAC;
        self.destination = SocketAddrV4::new(SERVER, SERVER_PORT);
        self
    }

    /// Comes through the relay that `giaddr` names.
    pub(crate) fn relayed(self, giaddr: Ipv4Addr) -> Self {
        let mut query = self.header(24, &giaddr.octets()).header(3, &[1]).unicast();
        query.source = SocketAddrV4::new(RELAY, SERVER_PORT);
        query.source_mac = None;
        query
    }

    /// Comes from this address and port.
    pub(crate) fn source(mut self, source: SocketAddrV4) -> Self {
        self.source = source;
        self
    }

    /// Goes to this address and port.
    pub(crate) fn destination(mut self, destination: SocketAddrV4) -> Self {
        self.destination = destination;
        self
    }

    /// Ends with these bytes instead of the END option.
    pub(crate) fn end(mut self, end: &[u8]) -> Self {
        self.end = end.to_vec();
        self
    }

    /// Has these bytes instead of the magic cookie.
    pub(crate) fn cookie(mut self, cookie: &[u8]) -> Self {
        self.cookie = cookie.to_vec();
        self
    }

    /// The message.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.header[..], &self.cookie, &self.options, &self.end].concat()
    }

    /// How it travels; what comes through a relay comes from the host `ours`.
    pub(crate) fn addresses(&self, ours: Mac) -> Addresses {
        Addresses {
            source_mac: self.source_mac.unwrap_or(ours),
            destination_mac: self.destination_mac,
            source: self.source,
            destination: self.destination,
        }
    }
}
