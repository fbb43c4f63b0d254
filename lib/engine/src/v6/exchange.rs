//! One message, from intake to outcome.

use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_config::v6::{Classes, Codes6, Config6, Host6, SubnetAt};
use kotare_expr::ClassId;
use kotare_model::{Departure6, Lease6, LeaseType, Timestamp};
use kotare_store::LeaseStore;
use kotare_wire::v6::{Message, OptionCode};
use smallvec::SmallVec;

use super::assign::{Assignment, Changes, Rights};
use super::associations::{Asked, Room};
use super::contents::{Made, Overall};
use super::destination::departure;
use super::exchange_messages::*;
use super::hosts::Found;
use super::layers::Layers;
use super::name::{ClientName, Naming};
use super::trace::{NamedBy, Step};
use super::{
    Answer, Dropped, Given, Granted, Located, Outcome, Query6, QueryKind, Reply, ReplyKind, Server, Silence,
    Status, respond,
};
use crate::Leases6;
use crate::hooks::v6::Sending6;
use crate::text::Or;

/// One exchange.
pub(super) struct Exchange<'e, S> {
    pub(super) server: &'e Server,
    pub(super) leases: &'e Leases6<S>,
    pub(super) message: Message<'e>,
    pub(super) query: &'e mut Query6,
    pub(super) now: Timestamp,
    pub(super) seed: u64,
}

/// The answers to the associations of a message.
pub(super) type Answers = SmallVec<[Answer; 2]>;

impl<S: LeaseStore<Lease6>> Exchange<'_, S> {
    /// Runs it.
    pub(super) async fn run(&mut self, reply: &mut [u8]) -> Outcome {
        self.try_run(reply).await.unwrap_or_else(Outcome::Dropped)
    }

    async fn try_run(&mut self, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        if self.query.kind == QueryKind::Dhcpv4Query {
            return self.pass_on(reply);
        }
        let located = &self.server.locate(self.message, self.query, self.now).await?;
        match self.query.kind {
            QueryKind::Solicit | QueryKind::Request | QueryKind::Renew | QueryKind::Rebind => {
                self.lease(located, reply).await
            }
            QueryKind::Confirm => self.confirm(located, reply),
            QueryKind::Release => self.release(located, reply).await,
            QueryKind::Decline => self.decline(located, reply).await,
            QueryKind::InformationRequest => {
                let (kind, given) = (ReplyKind::Reply, Given::Configuration);
                self.reply(kind, Made::default(), located, given, reply)
            }
            QueryKind::AddrRegInform => self.register(located, reply).await,
            // Handled before.
            QueryKind::Dhcpv4Query | QueryKind::LeaseQuery => self.pass_on(reply),
        }
    }

    /// RFC 9915 §18.3.1 to §18.3.5, but for Confirm.
    async fn lease(&mut self, located: &Located, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let (server, Located { selected, found }) = (self.server, located);
        let (config, selected) = (&*server.config, *selected);
        let solicits = self.query.kind == QueryKind::Solicit;
        let offers_rapid = solicits && self.message.has(OptionCode::RAPID_COMMIT);
        let rapid_commit = offers_rapid && selected.is_some_and(|at| config[at].params.rapid_commit);
        if rapid_commit {
            DHCP6_RAPID_COMMIT(&*self.query);
        }
        let keep = !solicits || rapid_commit;
        let kind = if keep { ReplyKind::Reply } else { ReplyKind::Advertise };
        let (asked, mut room) = (Asked::of(self.message), Room::of(self.message, reply.len()));
        let Some(selected) = selected.filter(|_| !self.query.classes.contains(Classes::REJECT)) else {
            let rejected = selected.is_some();
            return self.refuse(&asked, rejected, (kind, rapid_commit), located, reply);
        };
        let naming = self.naming(selected, None, found);
        let mut name = ClientName::of(self.asked(), server, naming);
        let mut answers = Answers::new();
        let (at, named, changes) = {
            let mut assignment = Assignment {
                server,
                leases: self.leases,
                message: self.message,
                query: self.query,
                now: self.now,
                seed: self.seed,
                keep,
                name: &name,
                naming,
                at: selected,
                rights: Rights { config, sources: &server.sources, query: self.query, found },
                given: SmallVec::new(),
                named: None,
                changes: Changes::of(server),
                refused: false,
            };
            for asked in &asked {
                // What does not fit any more the client asks for in another message.
                if !room.has(asked) {
                    continue;
                }
                self.tell_asked(asked);
                let assigned = assignment.assign(asked).await?;
                let mut answer = Answer::empty(asked);
                assigned.into_answer(config, &mut answer);
                self.complete(asked, &mut answer);
                room.take(&answer);
                answers.push(answer);
            }
            (assignment.at, assignment.named, assignment.changes)
        };
        if keep {
            self.committed(&changes).await?;
        }
        if let Some((subnet, address)) = named {
            let here = self.naming(subnet, Some(address), found);
            if !here.is(&naming) {
                name = ClientName::of(self.asked(), server, here);
            }
            let is_made_up = keep && name.is_made_up();
            if keep {
                name.complete(address, self.query, here);
            }
            self.query.trace.note(|| Step::Name {
                text: name.text.to_string(),
                by: match (is_made_up, here.is_reserved()) {
                    (true, _) => NamedBy::Server,
                    (false, true) => NamedBy::Reservation,
                    (false, false) => NamedBy::Client,
                },
            });
        }
        let made = Made { answers: &answers, rapid_commit, name: Some(&name), ..Made::default() };
        let (len, departure, left_out) = self.write(kind, made, Some(at), located, reply)?;
        self.note(changes, Sending6 { kind, departure }, &reply[..len]).await?;
        let given = Given::Associations { answers, selected: Some(selected) };
        Ok(Outcome::Reply(Reply { len, departure, kind, given, left_out }))
    }

    /// Nothing for any association: the client is `rejected`, or on no subnet.
    fn refuse(
        &mut self,
        asked: &[Asked<'_>],
        rejected: bool,
        (kind, rapid_commit): (ReplyKind, bool),
        located: &Located,
        reply: &mut [u8],
    ) -> Result<Outcome, Dropped> {
        let extends = matches!(self.query.kind, QueryKind::Renew | QueryKind::Rebind);
        // RFC 9915 §18.3.5: whether a prefix fits the client's link is not known, and another server may know.
        if self.query.kind == QueryKind::Rebind
            && !rejected
            && asked.iter().any(|asked| asked.kind == LeaseType::Pd)
        {
            return Ok(Outcome::Silent(Silence::NothingToRebind));
        }
        let status = |asked: &Asked<'_>| match (asked.kind, rejected, extends) {
            (LeaseType::Pd, true, _) => Status::PREFIX_REJECTED,
            (_, true, _) => Status::ADDRESS_REJECTED,
            (LeaseType::Pd, false, true) => Status::UNKNOWN_PREFIX,
            (_, false, true) => Status::UNKNOWN_ADDRESS,
            (LeaseType::Pd, false, false) => Status::NO_SUBNET_FOR_PREFIX,
            (_, false, false) => Status::NO_SUBNET_FOR_ADDRESS,
        };
        if rejected {
            DHCP6_PACKET_REJECT_CLASS(self.query.client_label(), self.server.text(self.message, self.query));
        }
        let answers: Answers = asked.iter().map(|asked| Answer::refusal(asked, status(asked))).collect();
        let told = Room::of(self.message, reply.len()).fitting(&answers);
        let nowhere = Arc::default();
        let naming = match located.selected {
            Some(at) => self.naming(at, None, &located.found),
            None => Naming::nowhere(&nowhere),
        };
        let name = ClientName::of(self.asked(), self.server, naming);
        let made = Made { answers: told, rapid_commit, name: Some(&name), ..Made::default() };
        let (len, departure, left_out) = self.write(kind, made, None, located, reply)?;
        let given = if rejected { Given::Rejected } else { Given::Associations { answers, selected: None } };
        Ok(Outcome::Reply(Reply { len, departure, kind, given, left_out }))
    }

    /// Tells that an association is looked at.
    fn tell_asked(&self, asked: &Asked<'_>) {
        let (query, iaid) = (&*self.query, asked.iaid);
        let hint = Or(asked.wishes().next().map(|wish| wish.place.address), "(no hint)");
        match (query.kind, asked.kind) {
            (QueryKind::Solicit, LeaseType::Pd) => DHCP6_PROCESS_IA_PD_SOLICIT(query, iaid, hint),
            (QueryKind::Solicit, _) => DHCP6_PROCESS_IA_NA_SOLICIT(query, iaid, hint),
            (QueryKind::Request, LeaseType::Pd) => DHCP6_PROCESS_IA_PD_REQUEST(query, iaid, hint),
            (QueryKind::Request, _) => DHCP6_PROCESS_IA_NA_REQUEST(query, iaid, hint),
            (_, LeaseType::Pd) => DHCP6_PROCESS_IA_PD_EXTEND(query, iaid),
            (_, _) => DHCP6_PROCESS_IA_NA_EXTEND(query, iaid),
        }
    }

    /// Says of an association what the client does not know yet: that it got nothing, or what it must not use any more.
    fn complete(&self, asked: &Asked<'_>, answer: &mut Answer) {
        let is_prefix = answer.kind == LeaseType::Pd;
        if !matches!(self.query.kind, QueryKind::Renew | QueryKind::Rebind) {
            answer.gone.clear();
            if answer.granted.is_empty() {
                answer.status = Some(if is_prefix { Status::NO_PREFIX } else { Status::NO_ADDRESS });
            }
            return;
        }
        // RFC 9915 §18.3.4: what it thinks it has and has not is not valid any more.
        for wish in asked.wishes() {
            let place = wish.place;
            let is_granted = answer.granted.iter().any(|granted| granted.place == place);
            let names_a_length = is_prefix && place.address.is_unspecified();
            if !is_granted && !names_a_length && !answer.gone.contains(&place) {
                answer.gone.push(place);
            }
        }
        if answer.granted.is_empty() {
            answer.status = Some(if is_prefix { Status::NO_PREFIX_NOW } else { Status::NO_ADDRESS_NOW });
        }
    }

    /// RFC 9915 §18.3.3: whether all addresses of the client are of its link.
    fn confirm(&mut self, located: &Located, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let asked = Asked::of(self.message);
        let of_addresses = asked.iter().filter(|asked| asked.kind == LeaseType::Na);
        let mut addresses = of_addresses.flat_map(Asked::wishes).map(|wish| wish.place.address).peekable();
        if addresses.peek().is_none() {
            return Ok(Outcome::Silent(Silence::NothingToConfirm));
        }
        let prefix = located.selected.map(|at| self.server.config[at].prefix);
        let status = match prefix {
            None => Overall::Status(Status::NO_LINK),
            Some(prefix) => match addresses.find(|address| !prefix.contains(*address)) {
                Some(address) => Overall::OffLink(address),
                None => Overall::Status(Status::ON_LINK),
            },
        };
        let is_on_link = matches!(&status, Overall::Status(status) if status.is_success());
        let made = Made { status: Some(status), ..Made::default() };
        self.reply(ReplyKind::Reply, made, located, Given::OnLink(is_on_link), reply)
    }

    /// A reply to a client on the subnet that was selected, if one was.
    pub(super) fn reply(
        &mut self,
        kind: ReplyKind,
        made: Made<'_>,
        located: &Located,
        given: Given,
        reply: &mut [u8],
    ) -> Result<Outcome, Dropped> {
        let (len, departure, left_out) = self.write(kind, made, located.selected, located, reply)?;
        Ok(Outcome::Reply(Reply { len, departure, kind, given, left_out }))
    }

    /// Writes a reply with the options of a client that is served from this subnet.
    pub(super) fn write(
        &mut self,
        kind: ReplyKind,
        made: Made<'_>,
        at: Option<SubnetAt>,
        located: &Located,
        reply: &mut [u8],
    ) -> Result<(usize, Departure6, Codes6), Dropped> {
        let (server, message) = (self.server, self.message);
        let config = &*server.config;
        let all = made.answers.iter();
        let granted = all.flat_map(|answer| answer.granted.iter().map(|granted| (answer.kind, granted)));
        let pools = granted.flat_map(|(kind, granted)| additional(config, kind, granted)).copied();
        server.classify_late(message, self.query, located, at, pools);
        let query = &*self.query;
        let host = at.and_then(|at| located.found.current(config, at));
        let options = match made.bare {
            true => Layers::new(&query.classes),
            false => Layers::of(config, at, made.answers, host.and_then(Host6::details), &query.classes),
        };
        let made = Made { on_subnet: at.is_some(), ..made };
        let departure = departure(server, message, query);
        let written = respond::write(kind, &made, &options, server, query, message, reply);
        let sending = Sending6 { kind, departure };
        match written.and_then(|(len, left_out)| Ok((self.edited(sending, len, reply)?, left_out))) {
            Ok((len, left_out)) => Ok((len, departure, left_out)),
            Err(_) => Err(Dropped::TooBig),
        }
    }

    /// What the client's name is made by.
    pub(super) fn naming<'a>(
        &self,
        subnet: SubnetAt,
        address: Option<Ipv6Addr>,
        found: &'a Found,
    ) -> Naming<'a>
    where
        Self: 'a,
    {
        let config = &self.server.config;
        Naming::at(config, subnet, address, found.name(config, subnet, address))
    }
}

/// The classes that the pool of something granted asks for.
fn additional<'a>(config: &'a Config6, kind: LeaseType, granted: &Granted) -> &'a [ClassId] {
    let (subnet, address) = (&config[granted.subnet], granted.place.address);
    match kind {
        LeaseType::Pd => subnet.pd_pool_of(address).map_or(&[], |pool| &pool.additional),
        _ => subnet.pool_of(address).map_or(&[], |pool| &pool.additional),
    }
}
