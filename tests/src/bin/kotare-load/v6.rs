//! DHCPv6.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};

use kotare_model::Duid;
use kotare_wire::NoRoom;
use kotare_wire::v6::{
    Association, IaAddress, IaPrefix, Index, Message, MessageType, OPTION_HEADER_LEN, OptionCode,
    SERVER_PORT, Writer,
};

use crate::arguments::{Arguments, Prefix};
use crate::protocol::{Answer, Protocol, Said, Step, mac};

/// Clients of DHCPv6, each with an association for addresses and, where wanted, one for prefixes.
pub(crate) struct V6 {
    relay: Ipv6Addr,
    /// Whom leases are renewed of, and the first of the addresses.
    renew: Option<(Duid, Ipv6Addr)>,
    prefixes: Option<Prefix>,
    described: bool,
}

/// What a client has, or is offered.
#[derive(Clone)]
pub(crate) struct Given {
    address: Ipv6Addr,
    prefix: Option<(Ipv6Addr, u8)>,
}

/// Room for the longest message with an address alone, and for what a prefix and a description add to it. A relay agent's
/// interface identifier makes each message as long.
const LENGTH: usize = 160;
const WITH_PREFIX: usize = 48;
const WITH_DESCRIPTION: usize = 20;

/// An association of addresses and one of prefixes are two, whatever they are called (RFC 9915 §12).
const IAID: u32 = 1;

/// Microsoft's enterprise number, and the length and the name of a class.
const VENDOR_CLASS: &[u8] = b"\0\0\x01\x37\0\x08MSFT 5.0";

impl Protocol for V6 {
    type Ends = SocketAddrV6;
    type Offer = (Duid, Given);
    type Given = Given;

    const TRANSACTION: u32 = 0x00ff_ffff;

    fn new(arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let renew = match (arguments.renew, &arguments.server_duid) {
            (None, _) => None,
            (Some(first), Some(server)) => Some((Duid::new(&server.0)?, address(first)?)),
            (Some(_), None) => return Err("who renews leases says whose: --server-duid".into()),
        };
        let described = arguments.described;
        Ok(Self { relay: address(arguments.relay)?, renew, prefixes: arguments.prefixes, described })
    }

    fn end(end: IpAddr) -> Result<SocketAddrV6, Box<dyn Error>> {
        Ok(SocketAddrV6::new(address(end)?, SERVER_PORT, 0, 0))
    }

    fn length(&self) -> usize {
        let prefix = self.prefixes.map_or(0, |_| WITH_PREFIX);
        LENGTH + prefix + if self.described { WITH_DESCRIPTION } else { 0 }
    }

    fn write(&self, step: Step<'_, Self>, buffer: &mut [u8]) -> Result<(), NoRoom> {
        let mac @ [a, b, c, d, e, f] = mac(step.client);
        let peer = Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
        let mut writer = Writer::new(buffer);
        writer.relay_header(MessageType::RELAY_FORW, 0, self.relay, peer)?;
        let inner = writer.open(OptionCode::RELAY_MSG)?;
        let renewed = self.renewed(&step);
        let (kind, known) = match (&renewed, step.offer) {
            (Some(lease), _) => (MessageType::RENEW, Some(lease)),
            (None, None) => (MessageType::SOLICIT, None),
            (None, offer) => (MessageType::REQUEST, offer),
        };
        writer.header(kind, step.transaction)?;
        // DUID-LL (RFC 9915 §11.4).
        let mut client_id = [0, 3, 0, 1, 0, 0, 0, 0, 0, 0];
        client_id[4..].copy_from_slice(&mac);
        writer.option(OptionCode::CLIENTID, &client_id)?;
        if let Some((server, _)) = known {
            writer.option(OptionCode::SERVERID, server.as_bytes())?;
        }
        writer.option(OptionCode::ORO, &[0, 23, 0, 24])?;
        writer.option(OptionCode::ELAPSED_TIME, &[0, 0])?;
        if self.described {
            writer.option(OptionCode::VENDOR_CLASS, VENDOR_CLASS)?;
        }
        let given = known.map(|(_, given)| given);
        associate(
            &mut writer,
            OptionCode::IA_NA,
            given.map(|given| (OptionCode::IAADDR, leased_address(given))),
        )?;
        if self.prefixes.is_some() {
            let prefix = given.and_then(|given| given.prefix);
            associate(
                &mut writer,
                OptionCode::IA_PD,
                prefix.map(|prefix| (OptionCode::IAPREFIX, leased_prefix(prefix))),
            )?;
        }
        writer.close(inner);
        let rest = writer.room().saturating_sub(OPTION_HEADER_LEN);
        let interface = writer.open(OptionCode::INTERFACE_ID)?;
        writer.bytes(&[b'e'; LENGTH + WITH_PREFIX + WITH_DESCRIPTION][..rest])?;
        writer.close(interface);
        Ok(())
    }

    fn read(&self, datagram: &[u8]) -> Option<Answer<Self>> {
        let mut index = Index::new();
        let message = Message::parse(datagram, &mut index).ok()?;
        let said = match (message.message_type(), self.given(&message)) {
            (MessageType::ADVERTISE, Some(given)) => {
                Said::Offered((Duid::new(message.option(OptionCode::SERVERID)?).ok()?, given))
            }
            (MessageType::REPLY, Some(given)) => Said::Acknowledged(given),
            (MessageType::ADVERTISE | MessageType::REPLY, None) => Said::Refused,
            _ => return None,
        };
        Some(Answer { transaction: message.transaction_id(), said })
    }

    /// Answers SOLICIT with ADVERTISE and all else with REPLY, each with an address made of the transaction id.
    fn reply(server: SocketAddrV6, query: &[u8], buffer: &mut [u8]) -> Result<usize, Box<dyn Error>> {
        let mut index = Index::new();
        let query = Message::parse(query, &mut index)?;
        let relay = query.relay(0).ok_or("only a relay agent is answered")?;
        let mut writer = Writer::new(buffer);
        writer.relay_header(MessageType::RELAY_REPL, 0, relay.link_address(), relay.peer_address())?;
        let inner = writer.open(OptionCode::RELAY_MSG)?;
        let kind = match query.message_type() {
            MessageType::SOLICIT => MessageType::ADVERTISE,
            _ => MessageType::REPLY,
        };
        writer.header(kind, query.transaction_id())?;
        writer.option(OptionCode::SERVERID, &server.ip().octets())?;
        let transaction = query.transaction_id();
        let given = Given {
            address: u128::from(transaction).into(),
            prefix: Some((u128::from(transaction).into(), 128)),
        };
        associate(&mut writer, OptionCode::IA_NA, Some((OptionCode::IAADDR, leased_address(&given))))?;
        if query.has(OptionCode::IA_PD) {
            let prefix = given.prefix.map(|prefix| (OptionCode::IAPREFIX, leased_prefix(prefix)));
            associate(&mut writer, OptionCode::IA_PD, prefix)?;
        }
        writer.close(inner);
        Ok(writer.len())
    }
}

impl V6 {
    /// What a client that renews has, and whom it has it from.
    fn renewed(&self, step: &Step<'_, Self>) -> Option<(Duid, Given)> {
        let (server, first) = self.renew.as_ref()?;
        let place = u128::from(step.place);
        let prefix = self.prefixes.map(|Prefix { address, length }| {
            let offset = place.checked_shl(128 - u32::from(length)).unwrap_or(0);
            (Ipv6Addr::from_bits(address.to_bits().wrapping_add(offset)), length)
        });
        let address = Ipv6Addr::from_bits(first.to_bits().wrapping_add(place));
        Some((server.clone(), Given { address, prefix }))
    }

    /// What a server gives; `None` if that is less than was asked for.
    fn given(&self, message: &Message<'_>) -> Option<Given> {
        let within =
            |association, inner| Association::read(message.option(association)?)?.options.find_code(inner);
        let address = IaAddress::read(within(OptionCode::IA_NA, OptionCode::IAADDR)?)?.address;
        let prefix = match self.prefixes {
            Some(_) => {
                let prefix = IaPrefix::read(within(OptionCode::IA_PD, OptionCode::IAPREFIX)?)?;
                Some((prefix.prefix, prefix.length))
            }
            None => None,
        };
        Some(Given { address, prefix })
    }
}

/// Writes an association, with what is known of it in an option.
fn associate<const N: usize>(
    writer: &mut Writer<'_>,
    code: OptionCode,
    inner: Option<(OptionCode, [u8; N])>,
) -> Result<(), NoRoom> {
    let association = writer.open(code)?;
    writer.bytes(&IAID.to_be_bytes())?;
    writer.bytes(&[0; 8])?;
    if let Some((code, value)) = inner {
        writer.option(code, &value)?;
    }
    writer.close(association);
    Ok(())
}

/// The value of an IAADDR, without lifetimes.
fn leased_address(given: &Given) -> [u8; IaAddress::LEN] {
    let mut value = [0; IaAddress::LEN];
    value[..16].copy_from_slice(&given.address.octets());
    value
}

/// The value of an IAPREFIX, without lifetimes.
fn leased_prefix((prefix, length): (Ipv6Addr, u8)) -> [u8; IaPrefix::LEN] {
    let mut value = [0; IaPrefix::LEN];
    value[8] = length;
    value[9..].copy_from_slice(&prefix.octets());
    value
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix {
            Some((prefix, length)) => write!(f, "{},{prefix}/{length}", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

fn address(address: IpAddr) -> Result<Ipv6Addr, String> {
    match address {
        IpAddr::V6(address) => Ok(address),
        IpAddr::V4(address) => Err(format!("{address} is no address of IPv6, and the server's is")),
    }
}
