//! From a decision to the bytes of a reply.

use std::net::Ipv4Addr;

use kotare_config::v4::Params4;
use kotare_model::{Departure4, Lifetime};
use kotare_wire::NoRoom;
use kotare_wire::v4::{BROADCAST, Codes, Message, Op, OptionValue, Writer};

use super::client_params::Boot;
use super::contents::Contents;
use super::layers::Layers;
use super::name::ClientName;
use super::trace::Step;
use super::vendor::Vivso;
use super::{Query4, QueryKind, ReplyKind, Server};

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
    /// For clients that load a system.
    pub(super) boot: Boot<'d>,
}

impl<'d> Draft<'d> {
    /// A refusal: RFC 2131 §4.3.1, table 3 leaves nearly everything out of it.
    pub(super) fn nak(options: Layers<'d>) -> Self {
        Self {
            kind: ReplyKind::Nak,
            yiaddr: Ipv4Addr::UNSPECIFIED,
            lease: None,
            name: NAMELESS,
            options,
            params: None,
            boot: Boot::NONE,
        }
    }

    /// Writes the reply that leaves by `departure`; says how long it is, and which options had to be left out.
    ///
    /// Options stand in Kea's order: the message type, the others by code, relay agent information.
    pub(super) fn write(
        &self,
        server: &Server,
        message: Message<'_>,
        query: &Query4,
        departure: &Departure4,
        buffer: &mut [u8],
    ) -> Result<(usize, Codes), NoRoom> {
        let mut vivso = Vivso::default();
        let mut contents = Contents::new(self, server, message, query, &mut vivso);
        let mut writer = self.begin(message, query, departure, buffer)?;
        if contents.write(&mut writer).is_ok() {
            query.trace.note(|| Step::Options(contents.scopes()));
            return Ok((writer.finish(), Codes::default()));
        }
        let mut writer = self.begin(message, query, departure, buffer)?;
        let left_out = contents.fit(writer.room());
        query.trace.note(|| Step::Options(contents.scopes()));
        contents.write(&mut writer)?;
        Ok((writer.finish(), left_out))
    }

    /// Begins the reply, up to its message type.
    fn begin<'w>(
        &self,
        message: Message<'w>,
        query: &'w Query4,
        departure: &Departure4,
        buffer: &'w mut [u8],
    ) -> Result<Writer<'w>, NoRoom> {
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
        writer.siaddr(self.boot.next_server);
        writer.sname(self.boot.server_hostname.as_bytes())?;
        writer.file(self.boot.file_name.as_bytes())?;
        // RFC 3046 §2.2: given back as it came, last.
        let echo = query.relay_agent(message).filter(|_| relayed.is_some() || !inform);
        if let Some(agent) = echo {
            writer.relay_agent(OptionValue::new(agent.as_bytes()))?;
        }
        writer.message_type(self.kind.message_type())?;
        Ok(writer)
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
}
