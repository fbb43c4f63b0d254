//! What a server of DHCPv6 and one of DHCPv4 tell each other of a client that uses DHCPv4 over DHCPv6 (RFC 7341).
//!
//! They hand its messages to each other as they are, DHCPV4-QUERY and DHCPV4-RESPONSE with what relay agents put around
//! them. What the network says of a message besides stands in a vendor option of it, as in Kea:
//!
//! ```text
//!   +---------------+---------------+-----------------------------------+
//!   |  option (17)  |      len      |       enterprise number 2495      |
//!   +---------------+---------------+-----------------------------------+
//!   | 60000 | len | name of the interface | 60001 | 16 | source address |
//!   | 60002 |  2  | source port | what else a client said to this vendor |
//! ```

use std::fmt;
use std::net::Ipv6Addr;

use super::{Message, OptionCode, Options, Writer, vendor_options};
use crate::NoRoom;

/// The enterprise number of ISC.
const ISC: u32 = 2495;
const INTERFACE: OptionCode = OptionCode(60_000);
const SOURCE_ADDRESS: OptionCode = OptionCode(60_001);
const SOURCE_PORT: OptionCode = OptionCode(60_002);

/// Where a client's message came from, and where what answers it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Name of the interface that it came in on.
    pub interface: &'a str,
    /// Its IP source.
    pub source: Ipv6Addr,
    /// Its UDP source port.
    pub port: u16,
}

/// Why a message does not say where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOrigin {
    /// There is no vendor option of ISC.
    Vendor,
    /// It does not name the interface.
    Interface,
    /// It has no source address.
    Source,
    /// It has no source port.
    Port,
}

impl fmt::Display for NoOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vendor => "no ISC vendor option",
            Self::Interface => "no interface suboption",
            Self::Source => "no source address suboption",
            Self::Port => "no source port suboption",
        })
    }
}

impl std::error::Error for NoOrigin {}

impl<'a> Origin<'a> {
    /// What a message says of where it came from.
    ///
    /// # Errors
    /// [`NoOrigin`] when it does not say that: no server of the other protocol sent it.
    pub fn of(message: Message<'a>) -> Result<Self, NoOrigin> {
        let said = message.all(OptionCode::VENDOR_OPTS).find_map(of_isc).ok_or(NoOrigin::Vendor)?;
        let interface = said.clone().find_code(INTERFACE).and_then(|name| str::from_utf8(name).ok());
        let source = said.clone().find_code(SOURCE_ADDRESS).and_then(|octets| octets.first_chunk::<16>());
        let port = said.find_code(SOURCE_PORT).and_then(|octets| octets.first_chunk());
        Ok(Self {
            interface: interface.filter(|name| !name.is_empty()).ok_or(NoOrigin::Interface)?,
            source: Ipv6Addr::from(*source.ok_or(NoOrigin::Source)?),
            port: u16::from_be_bytes(*port.ok_or(NoOrigin::Port)?),
        })
    }

    /// Writes it as an option of its own.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit.
    pub fn write(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        let option = writer.open(OptionCode::VENDOR_OPTS)?;
        writer.bytes(&ISC.to_be_bytes())?;
        self.write_parts(writer)?;
        writer.close(option);
        Ok(())
    }

    fn write_parts(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        writer.option(INTERFACE, self.interface.as_bytes())?;
        writer.option(SOURCE_ADDRESS, &self.source.octets())?;
        writer.option(SOURCE_PORT, &self.port.to_be_bytes())
    }
}

/// Writes a client's message with its `origin`, for the server of DHCPv4. What the message itself says of that is left
/// out: nobody but a server is to be believed.
///
/// # Errors
/// [`NoRoom`] when it does not fit.
pub fn with_origin(message: Message<'_>, origin: &Origin<'_>, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
    copy(message, Some(origin), writer)
}

/// Writes a message of the server of DHCPv4 without its origin, for the client.
///
/// # Errors
/// [`NoRoom`] when it does not fit.
pub fn without_origin(message: Message<'_>, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
    copy(message, None, writer)
}

/// Copies a message with all that relay agents put around it; with this origin in place of the one it has.
fn copy(message: Message<'_>, origin: Option<&Origin<'_>>, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
    let mut wrapped = [const { None }; super::MAX_RELAYS];
    for (relay, open) in message.relays().zip(&mut wrapped) {
        let (hops, link, peer) = (relay.hop_count(), relay.link_address(), relay.peer_address());
        writer.relay_header(relay.message_type(), hops, link, peer)?;
        for (code, value) in relay.options().filter(|(code, _)| *code != OptionCode::RELAY_MSG) {
            writer.option(code, value)?;
        }
        *open = Some(writer.open(OptionCode::RELAY_MSG)?);
    }
    writer.header(message.message_type(), message.transaction_id())?;
    let mut origin = origin;
    for (code, value) in message.options() {
        match of_isc(value).filter(|_| code == OptionCode::VENDOR_OPTS) {
            None => writer.option(code, value)?,
            Some(said) => rewrite(said, origin.take(), writer)?,
        }
    }
    if let Some(origin) = origin {
        origin.write(writer)?;
    }
    wrapped.into_iter().rev().flatten().for_each(|open| writer.close(open));
    Ok(())
}

/// Writes an option of ISC anew, with this origin in place of the one it has; nothing, when that was all.
fn rewrite(said: Options<'_>, origin: Option<&Origin<'_>>, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
    let mut others =
        said.filter(|(code, _)| ![INTERFACE, SOURCE_ADDRESS, SOURCE_PORT].contains(code)).peekable();
    if others.peek().is_none() && origin.is_none() {
        return Ok(());
    }
    let option = writer.open(OptionCode::VENDOR_OPTS)?;
    writer.bytes(&ISC.to_be_bytes())?;
    if let Some(origin) = origin {
        origin.write_parts(writer)?;
    }
    for (code, value) in others {
        writer.option(code, value)?;
    }
    writer.close(option);
    Ok(())
}

/// What a vendor option says, if it is ISC's.
fn of_isc(value: &[u8]) -> Option<Options<'_>> {
    vendor_options(value).filter(|(number, _)| *number == ISC).map(|(_, options)| options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v6::{Index, MessageType};

    const ORIGIN: Origin<'_> =
        Origin { interface: "eth0", source: Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 9), port: 546 };

    /// A query through two relay agents with these options of ISC in it.
    fn query<'b>(isc: &[&[u8]], buffer: &'b mut [u8]) -> &'b [u8] {
        let mut writer = Writer::new(buffer);
        let (near, far): (Ipv6Addr, Ipv6Addr) = ("2001:db8::1".parse().unwrap(), "fe80::1".parse().unwrap());
        writer.relay_header(MessageType::RELAY_FORW, 1, near, far).unwrap();
        writer.option(OptionCode::INTERFACE_ID, b"vlan7").unwrap();
        let outer = writer.open(OptionCode::RELAY_MSG).unwrap();
        writer.relay_header(MessageType::RELAY_FORW, 0, far, near).unwrap();
        let inner = writer.open(OptionCode::RELAY_MSG).unwrap();
        writer.header(MessageType::DHCPV4_QUERY, 0x80_0000).unwrap();
        writer.option(OptionCode::DHCPV4_MSG, &[1, 2, 3]).unwrap();
        writer.option(OptionCode::VENDOR_OPTS, &[0, 0, 0, 9, 1]).unwrap();
        for said in isc {
            let option = writer.open(OptionCode::VENDOR_OPTS).unwrap();
            writer.bytes(&ISC.to_be_bytes()).unwrap();
            writer.bytes(said).unwrap();
            writer.close(option);
        }
        writer.close(inner);
        writer.close(outer);
        let len = writer.len();
        &buffer[..len]
    }

    fn copied(bytes: &[u8], origin: Option<&Origin<'_>>) -> Vec<u8> {
        let (mut index, mut buffer) = (Index::new(), [0; 600]);
        let mut writer = Writer::new(&mut buffer);
        copy(Message::parse(bytes, &mut index).unwrap(), origin, &mut writer).unwrap();
        writer.as_bytes().to_vec()
    }

    fn origin_of(bytes: &[u8]) -> Result<(String, Ipv6Addr, u16), NoOrigin> {
        let mut index = Index::new();
        let origin = Origin::of(Message::parse(bytes, &mut index).unwrap())?;
        Ok((origin.interface.to_owned(), origin.source, origin.port))
    }

    /// What was put around a message is read on the other side, and nothing of it is left for the client.
    #[test]
    fn an_origin_is_told_and_taken_out_again() {
        let (mut buffer, here) = ([0; 600], ("eth0".to_owned(), ORIGIN.source, ORIGIN.port));
        let message = query(&[], &mut buffer);
        let told = copied(message, Some(&ORIGIN));
        assert_eq!(origin_of(&told), Ok(here.clone()));
        assert_eq!(copied(&told, None), message);
        // What else the client said to the vendor stays; what it made up of where it is does not.
        let mut another = [0; 600];
        let made_up =
            query(&[&[0, 1, 0, 1, 7, 0xea, 0x60, 0, 1, b'x'], &[0xea, 0x60, 0, 1, b'y']], &mut another);
        let told = copied(made_up, Some(&ORIGIN));
        assert_eq!(origin_of(&told), Ok(here));
        let mut plain = [0; 600];
        assert_eq!(copied(&told, None), query(&[&[0, 1, 0, 1, 7]], &mut plain));
    }

    /// What is missing is said, in Kea's words.
    #[test]
    fn what_has_no_origin_is_not_of_a_server() {
        let parts: [&[u8]; 3] = [
            &[0xea, 0x60, 0, 1, b'x'],
            &[0xea, 0x61, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            &[0xea, 0x62, 0, 2, 2, 0x22],
        ];
        let of = |isc: &[&[u8]]| origin_of(query(isc, &mut [0; 600]));
        assert_eq!(of(&[]), Err(NoOrigin::Vendor));
        assert_eq!(of(&[&parts[1..].concat()]), Err(NoOrigin::Interface));
        assert_eq!(of(&[&[parts[0], parts[2]].concat()]), Err(NoOrigin::Source));
        assert_eq!(of(&[&parts[..2].concat()]), Err(NoOrigin::Port));
        assert_eq!(
            of(&[&[&[0xea, 0x60, 0, 1, 0xff], parts[1], parts[2]].concat()]),
            Err(NoOrigin::Interface)
        );
        assert_eq!(of(&[&parts.concat()]), Ok(("x".into(), Ipv6Addr::LOCALHOST, 546)));
    }

    /// There may be no room for it.
    #[test]
    fn what_does_not_fit_is_not_told() {
        let (mut buffer, mut index) = ([0; 600], Index::new());
        let message = query(&[], &mut buffer);
        let mut small = vec![0; message.len() + 10];
        let message = Message::parse(message, &mut index).unwrap();
        assert!(with_origin(message, &ORIGIN, &mut Writer::new(&mut small)).is_err());
        assert!(without_origin(message, &mut Writer::new(&mut small)).is_ok());
    }
}
