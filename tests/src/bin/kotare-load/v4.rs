//! DHCPv4.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use kotare_wire::v4::{Index, Message, MessageType, Op, OptionCode, Writer};
use kotare_wire::{HardwareType, NoRoom};

use crate::arguments::Arguments;
use crate::protocol::{Answer, Protocol, Said, Step, client_id, mac};

/// Clients of DHCPv4.
pub(crate) struct V4 {
    relay: Ipv4Addr,
    renew: Option<Ipv4Addr>,
    described: bool,
}

/// The length of every message: the least that any BOOTP relay agent or server must take (RFC 1542 section 2.1).
const LENGTH: usize = 300;

/// RFC 2132 section 9.13.
const VENDOR_CLASS: OptionCode = OptionCode(60);
/// Sub-option 1 of RFC 3046.
const CIRCUIT: &[u8] = b"\x01\x04e0/1";

impl Protocol for V4 {
    type Ends = SocketAddrV4;
    /// The server and the address.
    type Offer = (Ipv4Addr, Ipv4Addr);
    type Given = Ipv4Addr;

    const TRANSACTION: u32 = u32::MAX;

    fn new(arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let renew = arguments.renew.map(address).transpose()?;
        Ok(Self { relay: address(arguments.relay)?, renew, described: arguments.described })
    }

    fn end(end: IpAddr) -> Result<SocketAddrV4, Box<dyn Error>> {
        Ok(SocketAddrV4::new(address(end)?, 67))
    }

    fn length(&self) -> usize {
        LENGTH
    }

    fn write(&self, step: Step<'_, Self>, buffer: &mut [u8]) -> Result<(), NoRoom> {
        let mac = mac(step.client);
        let mut writer = Writer::new(buffer)?;
        writer.op(Op::REQUEST).chaddr(HardwareType::ETHERNET, &mac);
        writer.hops(1).xid(step.transaction).giaddr(self.relay);
        match (self.renew, step.offer) {
            (Some(first), _) => {
                writer.ciaddr(Ipv4Addr::from_bits(first.to_bits().wrapping_add(step.place)));
                writer.message_type(MessageType::REQUEST)?;
            }
            (None, None) => writer.message_type(MessageType::DISCOVER)?,
            (None, Some((server, address))) => {
                writer.message_type(MessageType::REQUEST)?;
                writer.option(OptionCode::REQUESTED_ADDRESS, &address.octets())?;
                writer.option(OptionCode::SERVER_IDENTIFIER, &server.octets())?;
            }
        }
        writer.option(OptionCode::CLIENT_IDENTIFIER, &client_id(step.client))?;
        writer.option(OptionCode::PARAMETER_REQUEST_LIST, &[1, 3, 6, 12, 15, 28, 42])?;
        if self.described {
            writer.option(VENDOR_CLASS, b"MSFT 5.0")?;
            writer.option(OptionCode::RELAY_AGENT_INFORMATION, CIRCUIT)?;
        }
        writer.finish_padded(LENGTH);
        Ok(())
    }

    fn read(&self, datagram: &[u8]) -> Option<Answer<Self>> {
        let mut index = Index::new();
        let message = Message::parse(datagram, &mut index).ok()?;
        let said = match message.message_type()? {
            MessageType::OFFER => {
                let mut server = [0; 4];
                message.option(OptionCode::SERVER_IDENTIFIER)?.copy_to(&mut server).ok()?;
                Said::Offered((server.into(), message.yiaddr()))
            }
            MessageType::ACK => Said::Acknowledged(message.yiaddr()),
            MessageType::NAK => Said::Refused,
            _ => return None,
        };
        Some(Answer { transaction: message.xid(), said })
    }

    /// Answers DISCOVER with OFFER and all else with ACK, each with an address made of the transaction id.
    fn reply(server: SocketAddrV4, query: &[u8], buffer: &mut [u8]) -> Result<usize, Box<dyn Error>> {
        let mut index = Index::new();
        let query = Message::parse(query, &mut index)?;
        let mut writer = Writer::new(buffer)?;
        writer.op(Op::REPLY).chaddr(query.htype(), query.chaddr()).xid(query.xid());
        writer.giaddr(query.giaddr()).yiaddr(Ipv4Addr::from_bits(query.xid()));
        writer.message_type(match query.message_type() {
            Some(MessageType::DISCOVER) => MessageType::OFFER,
            _ => MessageType::ACK,
        })?;
        writer.option(OptionCode::SERVER_IDENTIFIER, &server.ip().octets())?;
        writer.finish_padded(LENGTH);
        Ok(LENGTH)
    }
}

fn address(address: IpAddr) -> Result<Ipv4Addr, String> {
    match address {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(address) => Err(format!("{address} is no address of IPv4, and the server's is")),
    }
}
