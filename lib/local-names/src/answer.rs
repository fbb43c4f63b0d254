//! Questions of the DNS and what is answered: as a server that knows its own zones and nobody else's (RFC 1034, section 4.3.2).

use std::net::IpAddr;

use domain::base::iana::{Class, Opcode, OptRcode, Rtype};
use domain::base::message_builder::PushError;
use domain::base::name::{Name as Wire, ParsedName, ToName};
use domain::base::opt::{Opt, OptRecord};
use domain::base::wire::ParseError;
use domain::base::{Message, MessageBuilder, Question, Serial, StaticCompressor, Ttl};
use domain::rdata::{A, Aaaa, Ns, Ptr, Soa};
use kotare_ddns::Name;

use crate::zones::{is_reverse, meant};
use crate::{Table, Zones};

/// The longest question that is read.
pub const LONGEST_QUESTION: usize = 4096;
/// What every network carries in one piece: no answer over UDP is longer.
const LONGEST_DATAGRAM: u16 = 1232;
/// What everybody understands over UDP (RFC 1035, section 4.2.1).
const SHORT_DATAGRAM: u16 = 512;
/// How many addresses of a name are told.
const MOST_RECORDS: usize = 64;

/// How a question came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In a datagram, as the answer has to go.
    Udp,
    /// Over a connection.
    Tcp,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The message.
    pub message: Vec<u8>,
    /// Its code: 0 if there is what was asked for, 3 if there is no such name (RFC 1035, section 4.1.1).
    pub rcode: u8,
}

type Asked<'a> = Question<ParsedName<&'a [u8]>>;

/// What a record says.
enum Data {
    Address(IpAddr),
    Pointer(Name),
    /// What the zone says of itself.
    Authority,
    /// Who answers for it.
    Server,
}

/// Answers a question; `None`, if what came is none.
#[must_use]
pub fn answer(table: &Table, zones: &Zones, question: &[u8], transport: Transport) -> Option<Answered> {
    let message = Message::from_slice(question).ok()?;
    // Who answers answers could be made to do so for ever.
    if message.header().qr() || question.len() > LONGEST_QUESTION {
        return None;
    }
    let mut reply = Reply::to(message, zones, transport);
    if message.header().opcode() != Opcode::QUERY {
        reply.rcode = OptRcode::NOTIMP;
        return reply.answered();
    }
    let (Ok(asked), Ok(edns)) = (message.sole_question(), edns(message)) else {
        reply.rcode = OptRcode::FORMERR;
        return reply.answered();
    };
    reply.asked = Some(&asked);
    reply.room = edns.as_ref().map(OptRecord::udp_payload_size);
    let is_of_another_version = edns.as_ref().is_some_and(|edns| edns.version() > 0);
    let is_transfer = matches!(asked.qtype(), Rtype::AXFR | Rtype::IXFR);
    let name = Name::from_wire(asked.qname().to_vec().as_slice())?;
    reply.rcode = match zones.find(&name) {
        _ if is_of_another_version => OptRcode::BADVERS,
        Some(zone) if !is_transfer && matches!(asked.qclass(), Class::IN | Class::ANY) => {
            reply.is_authoritative = true;
            let (is_known, records) = find(table, zones, zone, &name, asked.qtype());
            reply.nothing_in = records.is_empty().then_some(zone);
            reply.records = records;
            if is_known { OptRcode::NOERROR } else { OptRcode::NXDOMAIN }
        }
        _ => OptRcode::REFUSED,
    };
    reply.answered()
}

/// The record that speaks of extensions (RFC 6891), of which there may be one.
fn edns(message: &Message<[u8]>) -> Result<Option<OptRecord<&[u8]>>, ParseError> {
    let mut found = None;
    for record in message.additional()? {
        let record = record?;
        if record.rtype() != Rtype::OPT {
            continue;
        }
        let Some(record) = record.to_record::<Opt<_>>()? else { continue };
        if found.replace(OptRecord::from(record)).is_some() {
            return Err(ParseError::form_error("several OPT records"));
        }
    }
    Ok(found)
}

/// Whether there is this name or one below it, and its records of this type.
fn find(table: &Table, zones: &Zones, zone: &Name, name: &Name, kind: Rtype) -> (bool, Vec<Data>) {
    let any = kind == Rtype::ANY;
    let is_apex = name.labels() == zone.labels();
    match kind {
        Rtype::SOA | Rtype::ANY if is_apex => return (true, vec![Data::Authority]),
        Rtype::NS if is_apex => return (true, vec![Data::Server]),
        _ => {}
    }
    if is_reverse(zone) {
        let Some((first, last)) = meant(name) else { return (is_apex, Vec::new()) };
        let wanted = first == last && (kind == Rtype::PTR || any);
        let names = wanted.then(|| table.names(first).take(MOST_RECORDS).cloned());
        let records = names.into_iter().flatten().map(Data::Pointer).collect();
        return (is_apex || table.is_known_between(first, last), records);
    }
    let is_server = *name == zones.server;
    let addresses = |is_v6: bool| -> Vec<Data> {
        let own = zones.addresses.iter().copied().filter(|own| is_server && own.is_ipv6() == is_v6);
        let all = own.chain(table.addresses(name, is_v6).filter(|_| !is_server));
        all.take(MOST_RECORDS).map(Data::Address).collect()
    };
    let mut records = match kind {
        Rtype::A | Rtype::ANY => addresses(false),
        _ => Vec::new(),
    };
    // Of all types one is enough (RFC 8482).
    if kind == Rtype::AAAA || any && records.is_empty() {
        records = addresses(true);
    }
    (is_apex || is_server || table.is_known(name), records)
}

/// What an answer is made of.
struct Reply<'a> {
    message: &'a Message<[u8]>,
    zones: &'a Zones,
    transport: Transport,
    rcode: OptRcode,
    asked: Option<&'a Asked<'a>>,
    /// How long a datagram may be for whoever speaks of extensions.
    room: Option<u16>,
    is_authoritative: bool,
    is_truncated: bool,
    records: Vec<Data>,
    /// The zone that says that there is nothing.
    nothing_in: Option<&'a Name>,
}

impl<'a> Reply<'a> {
    fn to(message: &'a Message<[u8]>, zones: &'a Zones, transport: Transport) -> Self {
        Self {
            message,
            zones,
            transport,
            rcode: OptRcode::NOERROR,
            asked: None,
            room: None,
            is_authoritative: false,
            is_truncated: false,
            records: Vec::new(),
            nothing_in: None,
        }
    }

    fn answered(mut self) -> Option<Answered> {
        let composed = self.composed().or_else(|_| {
            // Whoever wants to know asks again over a connection.
            (self.is_truncated, self.records, self.nothing_in) = (true, Vec::new(), None);
            self.composed()
        });
        Some(Answered { message: composed.ok()?, rcode: self.rcode.rcode().to_int() })
    }

    /// The message, if there is room for it.
    fn composed(&self) -> Result<Vec<u8>, PushError> {
        let target = StaticCompressor::new(Vec::with_capacity(usize::from(SHORT_DATAGRAM)));
        let mut builder = MessageBuilder::from_target(target).map_err(|_| PushError::ShortBuf)?;
        builder.set_push_limit(match self.transport {
            Transport::Udp => self.room.unwrap_or_default().clamp(SHORT_DATAGRAM, LONGEST_DATAGRAM).into(),
            Transport::Tcp => u16::MAX.into(),
        });
        let question = self.message.header();
        let header = builder.header_mut();
        header.set_id(question.id());
        header.set_qr(true);
        header.set_opcode(question.opcode());
        header.set_rd(question.rd());
        header.set_aa(self.is_authoritative);
        header.set_tc(self.is_truncated);
        header.set_rcode(self.rcode.rcode());
        let mut section = builder.question();
        if let Some(asked) = self.asked {
            // In the case that it was asked in.
            section.push(asked)?;
        }
        let mut section = section.answer();
        if let Some(asked) = self.asked {
            let (owner, class, ttl) = (asked.qname(), Class::IN, Ttl::from_secs(self.zones.ttl));
            for record in &self.records {
                match record {
                    Data::Address(IpAddr::V4(address)) => {
                        section.push((owner, class, ttl, A::new(*address)))?
                    }
                    Data::Address(IpAddr::V6(address)) => {
                        section.push((owner, class, ttl, Aaaa::new(*address)))?;
                    }
                    Data::Pointer(name) => section.push((owner, class, ttl, Ptr::new(wire(name))))?,
                    Data::Authority => section.push((owner, class, ttl, self.soa()))?,
                    Data::Server => section.push((owner, class, ttl, Ns::new(wire(&self.zones.server))))?,
                }
            }
        }
        let mut section = section.authority();
        if let Some(zone) = self.nothing_in {
            section.push((wire(zone), Class::IN, Ttl::from_secs(self.zones.ttl), self.soa()))?;
        }
        let mut section = section.additional();
        if self.room.is_some() {
            section.opt(|opt| {
                opt.set_udp_payload_size(LONGEST_DATAGRAM);
                opt.set_rcode(self.rcode);
                Ok(())
            })?;
        }
        Ok(section.finish().into_target())
    }

    fn soa(&self) -> Soa<Wire<&'a [u8]>> {
        let Zones { server, contact, ttl, serial, .. } = self.zones;
        // Nobody else has a copy to bring up to date.
        let [refresh, retry, expire] = [3600, 600, 86_400].map(Ttl::from_secs);
        Soa::new(wire(server), wire(contact), Serial(*serial), refresh, retry, expire, Ttl::from_secs(*ttl))
    }
}

/// A name in the form of the library that writes messages.
fn wire(name: &Name) -> Wire<&[u8]> {
    // It is one, whoever has read it.
    Wire::from_octets(name.as_wire()).unwrap_or_else(|_| Wire::root_slice().for_ref())
}
