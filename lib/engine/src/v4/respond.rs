//! From a decision to the bytes of a reply.

use std::net::Ipv4Addr;

use kotare_config::v4::Params4;
use kotare_model::{Departure4, Lifetime};
use kotare_wire::NoRoom;
use kotare_wire::v4::{BROADCAST, Message, MessageType, Op, OptionCode, OptionValue, Writer, encoded_len};

use super::destination::departure;
use super::lifetime::tee_times;
use super::name::ClientName;
use super::options::Layers;
use super::vendor::vivso;
use super::{Query4, QueryKind, ReplyKind, Server};
use crate::layers::Codes;

/// Of a reply that names nobody.
const NAMELESS: &ClientName = &ClientName::NONE;

/// What a reply says.
pub(super) struct Draft<'d> {
    pub(super) kind: ReplyKind,
    /// The client's address, unspecified if it gets none.
    pub(super) yiaddr: Ipv4Addr,
    /// The lease time and the netmask, with an address.
    pub(super) lease: Option<(Lifetime, Ipv4Addr)>,
    /// The client's name.
    pub(super) name: &'d ClientName,
    /// The options to choose from.
    pub(super) options: Layers<'d>,
    /// The parameters of the subnet.
    pub(super) params: Option<&'d Params4>,
}

impl<'d> Draft<'d> {
    /// A refusal: RFC 2131 §4.3.1, table 3 leaves nearly everything out of it.
    pub(super) fn nak() -> Self {
        Self {
            kind: ReplyKind::Nak,
            yiaddr: Ipv4Addr::UNSPECIFIED,
            lease: None,
            name: NAMELESS,
            options: Layers::default(),
            params: None,
        }
    }

    /// Writes the reply; says how long it is and where it goes.
    ///
    /// Options stand in Kea's order: the message type, the others by code, relay agent information. Configured ones
    /// that do not fit are left out.
    pub(super) fn write(
        &self,
        server: &Server,
        message: Message<'_>,
        query: &Query4,
        buffer: &mut [u8],
    ) -> Result<(usize, Departure4), NoRoom> {
        let departure = departure(server, message, query, self.kind, self.yiaddr);
        // A direct answer to a message that came through a relay shows no sign of the relay.
        let inform = query.kind == QueryKind::Inform;
        let relayed = query.relay.filter(|relay| relay == departure.destination.ip() || !inform);
        let mut writer = Writer::new(buffer)?;
        writer.op(Op::REPLY).chaddr(message.htype(), message.chaddr()).xid(message.xid());
        writer.flags(self.flags(message, query));
        writer.yiaddr(self.yiaddr);
        if relayed.is_some() || !inform {
            writer.hops(message.hops()).giaddr(message.giaddr());
        }
        if self.kind == ReplyKind::Ack {
            writer.ciaddr(message.ciaddr());
        }
        if let Some(params) = self.params {
            writer.siaddr(params.next_server);
            writer.sname(params.server_hostname.as_bytes())?;
            writer.file(params.boot_file_name.as_bytes())?;
        }
        // RFC 3046 §2.2: given back as it came, last.
        let echo = query.relay_agent(message).filter(|_| relayed.is_some() || !inform);
        if let Some(agent) = echo {
            writer.relay_agent(OptionValue::new(agent.as_bytes()))?;
        }
        writer.message_type(match self.kind {
            ReplyKind::Offer => MessageType::OFFER,
            ReplyKind::Ack => MessageType::ACK,
            ReplyKind::Nak => MessageType::NAK,
        })?;
        self.write_options(server, message, query, &mut writer)?;
        Ok((writer.finish(), departure))
    }

    /// The client's flags, and broadcast where a relay could not reach the client otherwise.
    fn flags(&self, message: Message<'_>, query: &Query4) -> u16 {
        let flags = message.flags();
        let relayed = query.relay.is_some();
        match query.kind {
            // RFC 2131 §4.3.2: a client on another network than it thinks cannot be reached by unicast.
            QueryKind::Request if relayed && self.kind == ReplyKind::Nak => BROADCAST,
            QueryKind::Inform if relayed && query.ciaddr.is_none() => flags | BROADCAST,
            _ => flags,
        }
    }

    fn write_options(
        &self,
        server: &Server,
        message: Message<'_>,
        query: &Query4,
        writer: &mut Writer<'_>,
    ) -> Result<(), NoRoom> {
        let (t1, t2) = match (self.lease, self.params) {
            (Some((lifetime, _)), Some(params)) => tee_times(&params.tee_times, lifetime),
            _ => (None, None),
        };
        let present = |code: OptionCode, there: bool| there.then_some(code.0);
        // What the server makes itself; configured options of these codes give way.
        let own: Codes = [
            present(OptionCode::SUBNET_MASK, self.lease.is_some()),
            self.name.option().map(|code| code.0),
            present(OptionCode::LEASE_TIME, self.lease.is_some()),
            present(OptionCode::RENEWAL_TIME, t1.is_some()),
            present(OptionCode::REBINDING_TIME, t2.is_some()),
            // RFC 6842, unless `echo-client-id` is off.
            present(
                OptionCode::CLIENT_IDENTIFIER,
                server.config.echo_client_id && message.has(OptionCode::CLIENT_IDENTIFIER),
            ),
            // RFC 3011 §2.
            present(OptionCode::SUBNET_SELECTION, message.has(OptionCode::SUBNET_SELECTION)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let configured = self.options.chosen(message).without(own);
        let value_of = |code| self.options.find(code).unwrap_or_default();
        let sent_anyway =
            if configured.contains(OptionCode::VIVSO.0) { value_of(OptionCode::VIVSO.0) } else { &[] };
        let vivso = vivso(&self.options, message, sent_anyway);
        let mut all = own.union(configured);
        if vivso.is_some() {
            all.insert(OptionCode::VIVSO.0);
        }
        all.insert(OptionCode::SERVER_IDENTIFIER.0);
        // Room for the server's own options, whatever is configured.
        let echoed = [OptionCode::CLIENT_IDENTIFIER, OptionCode::SUBNET_SELECTION]
            .map(|code| message.option(code).map_or(0, |value| encoded_len(value.len())));
        let reserve = 5 * encoded_len(4) + encoded_len(self.name.text.len() + 4) + echoed[0] + echoed[1];
        for code in all.iter() {
            let by_vendor = vivso.as_deref().filter(|_| code == OptionCode::VIVSO.0);
            if by_vendor.is_some() || configured.contains(code) {
                let value = by_vendor.unwrap_or_else(|| value_of(code));
                if encoded_len(value.len()) + reserve <= writer.room() {
                    writer.option(OptionCode(code), value)?;
                    continue;
                }
                if OptionCode(code) != OptionCode::SERVER_IDENTIFIER {
                    continue;
                }
            }
            match OptionCode(code) {
                code @ OptionCode::SUBNET_MASK => {
                    writer
                        .option(code, &self.lease.map_or(Ipv4Addr::UNSPECIFIED, |(_, mask)| mask).octets())?;
                }
                code @ OptionCode::LEASE_TIME => {
                    writer.option(code, &self.lease.map_or(0, |(lifetime, _)| lifetime.0).to_be_bytes())?;
                }
                code @ OptionCode::RENEWAL_TIME => {
                    writer.option(code, &t1.unwrap_or_default().0.to_be_bytes())?
                }
                code @ OptionCode::REBINDING_TIME => {
                    writer.option(code, &t2.unwrap_or_default().0.to_be_bytes())?
                }
                code @ OptionCode::SERVER_IDENTIFIER => {
                    writer.option(code, &query.arrival.local.octets())?;
                }
                OptionCode::HOST_NAME | OptionCode::FQDN => self.name.write(writer)?,
                code => {
                    if let Some(value) = message.option(code) {
                        writer.option_value(code, value)?;
                    }
                }
            }
        }
        Ok(())
    }
}
