//! A message to a server of DHCPv6, made byte by byte so that every nonsense can be said.

use std::net::Ipv6Addr;

use kotare_wire::v6::{MessageType, OptionCode};

/// The Ethernet address of the client of that number.
pub(crate) fn mac(client: u16) -> [u8; 6] {
    let [high, low] = client.to_be_bytes();
    [2, 0, 0, 0, high, low]
}

/// The link-local address that the client of that number makes of its Ethernet address (RFC 4291 §2.5.1).
pub(crate) fn link_local(client: u16) -> Ipv6Addr {
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0xff, 0xfe00, client)
}

/// The DUID of the client of that number: made of its Ethernet address, or a number of an enterprise for every third.
pub(crate) fn duid(client: u16) -> Vec<u8> {
    match client % 3 {
        2 => [&[0, 2, 0, 0, 0x7e, 0xd9][..], format!("client{client}").as_bytes()].concat(),
        _ => [&[0, 3, 0, 1][..], &mac(client)].concat(),
    }
}

/// A message and how it travels; at first from the link-local address of a client to all servers.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    kind: MessageType,
    transaction: u32,
    options: Options,
    relays: Vec<Relay>,
    pub(super) source: Ipv6Addr,
    /// Whether it comes from the port of relay agents.
    pub(super) from_relay: bool,
}

/// Options one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options(Vec<u8>);

/// What a relay agent puts around a message.
#[derive(Clone, Debug)]
struct Relay {
    link: Ipv6Addr,
    peer: Ipv6Addr,
    options: Options,
}

impl Options {
    /// Appends an option.
    pub(crate) fn option(mut self, code: OptionCode, value: &[u8]) -> Self {
        let len = u16::try_from(value.len()).expect("an option has at most 65535 bytes");
        self.0.extend(code.0.to_be_bytes());
        self.0.extend(len.to_be_bytes());
        self.0.extend(value);
        self
    }

    /// Appends bytes as they are.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// All of them.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// An address of an IA_NA or IA_TA.
    pub(crate) fn address(self, address: Ipv6Addr, [preferred, valid]: [u32; 2]) -> Self {
        let value = [&address.octets()[..], &preferred.to_be_bytes(), &valid.to_be_bytes()].concat();
        self.option(OptionCode::IAADDR, &value)
    }

    /// A prefix of an IA_PD.
    pub(crate) fn prefix(self, (prefix, len): (Ipv6Addr, u8), [preferred, valid]: [u32; 2]) -> Self {
        let value = [&preferred.to_be_bytes()[..], &valid.to_be_bytes(), &[len], &prefix.octets()].concat();
        self.option(OptionCode::IAPREFIX, &value)
    }
}

impl Query {
    /// A message of this type from the client of this number, which names itself.
    pub(crate) fn new(kind: MessageType, client: u16) -> Self {
        Self::anonymous(kind, client).option(OptionCode::CLIENTID, &duid(client))
    }

    /// A message without options.
    pub(crate) fn anonymous(kind: MessageType, client: u16) -> Self {
        Self {
            kind,
            transaction: 0x0012_0000 | u32::from(client),
            options: Options::default(),
            relays: Vec::new(),
            source: link_local(client),
            from_relay: false,
        }
    }

    /// The type of the client's message.
    pub(crate) fn kind(&self) -> MessageType {
        self.kind
    }

    /// Sets the transaction.
    pub(crate) fn transaction(mut self, transaction: u32) -> Self {
        self.transaction = transaction;
        self
    }

    /// Appends an option.
    pub(crate) fn option(mut self, code: OptionCode, value: &[u8]) -> Self {
        self.options = self.options.option(code, value);
        self
    }

    /// Appends bytes as they are.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.options = self.options.raw(bytes);
        self
    }

    /// Names the server it is for.
    pub(crate) fn server(self, duid: &[u8]) -> Self {
        self.option(OptionCode::SERVERID, duid)
    }

    /// Asks for options.
    pub(crate) fn wishes(self, codes: &[u16]) -> Self {
        let value: Vec<u8> = codes.iter().flat_map(|code| code.to_be_bytes()).collect();
        self.option(OptionCode::ORO, &value)
    }

    /// An IA_NA or IA_PD with this in it.
    pub(crate) fn association(self, code: OptionCode, iaid: u32, within: Options) -> Self {
        let head = match code {
            OptionCode::IA_TA => iaid.to_be_bytes().to_vec(),
            _ => [&iaid.to_be_bytes()[..], &[0; 8]].concat(),
        };
        self.option(code, &[head, within.0].concat())
    }

    /// An IA_NA that wants these addresses.
    pub(crate) fn addresses(self, iaid: u32, addresses: &[Ipv6Addr]) -> Self {
        let within = addresses.iter().fold(Options::default(), |all, it| all.address(*it, [0, 0]));
        self.association(OptionCode::IA_NA, iaid, within)
    }

    /// An IA_PD that wants these prefixes.
    pub(crate) fn prefixes(self, iaid: u32, prefixes: &[(Ipv6Addr, u8)]) -> Self {
        let within = prefixes.iter().fold(Options::default(), |all, it| all.prefix(*it, [0, 0]));
        self.association(OptionCode::IA_PD, iaid, within)
    }

    /// Comes through one more relay agent, which calls the link so and adds these options.
    pub(crate) fn relayed(mut self, link: Ipv6Addr, options: Options) -> Self {
        // The next one has it from this one's address.
        let peer = if self.relays.is_empty() { self.source } else { super::link::RELAY };
        self.relays.push(Relay { link, peer, options });
        self.source = super::link::RELAY;
        self.from_relay = true;
        self
    }

    /// The datagram.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let [_, transaction @ ..] = self.transaction.to_be_bytes();
        let message = [&[self.kind.0][..], &transaction, &self.options.0].concat();
        self.relays.iter().zip(0..).fold(message, |inner, (relay, hops)| {
            let head = [MessageType::RELAY_FORW.0, hops];
            let options = relay.options.clone().option(OptionCode::RELAY_MSG, &inner);
            [&head[..], &relay.link.octets(), &relay.peer.octets(), &options.0].concat()
        })
    }
}
