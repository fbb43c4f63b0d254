//! One message, from intake to outcome.

use std::net::Ipv4Addr;

use kotare_config::v4::{Classes, Host4, SubnetAt};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Lease4, Timestamp};
use kotare_store::LeaseStore;
use kotare_wire::NoRoom;
use kotare_wire::v4::{Index, Message, OptionCode};
use smallvec::SmallVec;

use super::assign::{Assigned, Assignment, Changes, Grant, siblings};
use super::classify::{self, ClassesText};
use super::client_params::Boot;
use super::destination::{departure, in_fragments, longest};
use super::hosts::Found;
use super::layers::Layers;
use super::messages::*;
use super::name::{ClientName, Naming};
use super::respond::Draft;
use super::select::select_for;
use super::text::Or;
use super::trace::{Because, NamedBy, Own, Step, changed};
use super::{
    AllocationFailure, Dropped, Edited4, Given, LeaseGiven, NakReason, Outcome, Query4, QueryKind, Reply,
    ReplyKind, Server, Silence, give_back,
};
use crate::Leases;
use crate::hooks::v4::{Asked4, Committed4, Link4, Sending4};
use crate::hooks::{Point, Verdict};
use crate::messages::{ALLOC_ENGINE_V4_ALLOC_ERROR, DHCP4_HOOK_SUBNET4_SELECT_SKIP, DHCP4_INIT_REBOOT};

/// One exchange.
pub(super) struct Exchange<'e, S> {
    pub(super) server: &'e Server,
    pub(super) leases: &'e Leases<S>,
    pub(super) message: Message<'e>,
    pub(super) query: &'e mut Query4,
    pub(super) now: Timestamp,
    pub(super) seed: u64,
}

impl<S: LeaseStore<Lease4>> Exchange<'_, S> {
    /// Runs it.
    pub(super) async fn run(&mut self, reply: &mut [u8]) -> Outcome {
        let found = match self.look_early().await {
            Ok(found) => found,
            Err(dropped) => return Outcome::Dropped(dropped),
        };
        let outcome = match self.query.kind {
            QueryKind::Discover => self.discover(found, reply).await,
            QueryKind::Request => self.request(found, reply).await,
            QueryKind::Release => self.release().await,
            QueryKind::Decline => self.decline().await,
            QueryKind::Inform => self.inform(found, reply).await,
            // Answered before ([`Server::exchange`]).
            QueryKind::LeaseQuery => Err(Dropped::NoMessageType),
        };
        outcome.unwrap_or_else(Outcome::Dropped)
    }

    /// RFC 2131 §4.3.1.
    async fn discover(&mut self, mut found: Found, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let selected = self.locate(&mut found).await?;
        if self.query.classes.contains(Classes::REJECT) {
            DHCP4_PACKET_NAK_0005(&*self.query, self.server.text(self.message, self.query));
            return Ok(Outcome::Silent(Silence::Rejected));
        }
        if let Some(subnet) = selected.and_then(|selected| self.ipv6_only(selected)) {
            return Ok(self.without_address(ReplyKind::Offer, Given::Ipv6Only, Some(subnet), &found, reply));
        }
        let wish = self.query.wish();
        DHCP4_DISCOVER(&*self.query, Or(wish, "(no hint)"));
        let Some(selected) = selected else { return Ok(Outcome::Silent(Silence::NoSubnet)) };
        let naming = self.naming(selected, None, &found);
        let mut name = self.name(naming);
        let Some(admitted) = self.admitted(selected) else {
            return Ok(Outcome::Silent(Silence::NothingToOffer(None)));
        };
        let assigned = self.assignment(admitted, (&name, naming), &found).discover(wish).await?;
        Ok(match assigned {
            Assigned::Lease(mut grant) => {
                let changes = grant.changes.take();
                let made = (&mut name, naming);
                let outcome = self.grant(ReplyKind::Offer, grant, selected, made, &found, reply);
                self.note(changes, &outcome, reply).await?;
                outcome
            }
            Assigned::UnknownAddress => Outcome::Silent(Silence::NothingToOffer(None)),
            Assigned::Nothing(failure) => Outcome::Silent(Silence::NothingToOffer(self.failed(failure))),
        })
    }

    /// RFC 2131 §4.3.2: from a client that selects, reboots, renews or rebinds.
    async fn request(&mut self, mut found: Found, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let selected = self.locate(&mut found).await?;
        if self.query.classes.contains(Classes::REJECT) {
            DHCP4_PACKET_NAK_0005(&*self.query, self.server.text(self.message, self.query));
            return Ok(self.nak(NakReason::Rejected, reply));
        }
        if let Some(subnet) = selected.and_then(|selected| self.ipv6_only(selected)) {
            return Ok(self.without_address(ReplyKind::Ack, Given::Ipv6Only, Some(subnet), &found, reply));
        }
        let query = &*self.query;
        match query.rebooting() {
            Some(address) => DHCP4_INIT_REBOOT(query, address),
            None => DHCP4_REQUEST(query, Or(query.wish(), "(no hint)")),
        }
        let Some(selected) = selected else { return Ok(self.on_no_subnet(reply)) };
        let naming = self.naming(selected, None, &found);
        let mut name = self.name(naming);
        if let Some(address) = query.rebooting() {
            // "If the network is correct, then the DHCP server should check if the client's notion of its IP address
            // is correct. If not, then the server SHOULD send a DHCPNAK message to the client. If the DHCP server has
            // no record of this client, then it MUST remain silent": unless it is authoritative.
            let lease = self.assignment(selected, (&name, naming), &found).rebooting_lease().await?;
            let known = lease.first().filter(|lease| query.client.owns(lease, true));
            query.trace.note(|| Step::Own(Own::Rebooting(address, known.cloned().map(Box::new))));
            match known {
                Some(lease) if lease.address == address => {}
                None if !self.server.config[selected].params.authoritative => {
                    return Ok(Outcome::Silent(Silence::UnknownRebooting(address)));
                }
                _ => return Ok(self.nak(NakReason::WrongAddress(address), reply)),
            }
        }
        let Some(admitted) = self.admitted(selected) else {
            return Ok(self.nak(NakReason::NotGranted(None), reply));
        };
        let assigned = self.assignment(admitted, (&name, naming), &found).request(query.wish()).await?;
        Ok(match assigned {
            Assigned::Lease(mut grant) => {
                let changes = grant.changes.take();
                if let Some(changes) = &changes {
                    self.committed(changes).await?;
                }
                let made = (&mut name, naming);
                let outcome = self.grant(ReplyKind::Ack, grant, selected, made, &found, reply);
                self.note(changes, &outcome, reply).await?;
                outcome
            }
            // An address of a pool that is for others is known to be none of the client's.
            Assigned::UnknownAddress if self.is_of_any_pool(selected) => {
                self.nak(NakReason::NotGranted(None), reply)
            }
            Assigned::UnknownAddress => Outcome::Silent(Silence::UnknownAddress),
            Assigned::Nothing(failure) => self.nak(NakReason::NotGranted(self.failed(failure)), reply),
        })
    }

    /// Whether the address that is asked for is of a pool on this link, whoever that is for.
    fn is_of_any_pool(&self, selected: SubnetAt) -> bool {
        let config = &self.server.config;
        let of_pool = |wish| {
            config
                .link(selected)
                .iter()
                .any(|id| config.subnet(*id).is_some_and(|subnet| subnet.pool_of(wish).is_some()))
        };
        self.query.wish().is_some_and(of_pool)
    }

    /// A DHCPREQUEST from a place that no subnet is configured for.
    fn on_no_subnet(&self, reply: &mut [u8]) -> Outcome {
        let query = &*self.query;
        let rebooting = query.rebooting();
        // Everybody hears a client that rebinds; the server that knows its network will answer.
        let rebinds =
            !query.names_server && rebooting.is_none() && query.ciaddr.is_some() && query.was_broadcast();
        match rebooting {
            _ if rebinds => Outcome::Silent(Silence::RebindElsewhere),
            Some(address) if !self.server.config.params.authoritative => {
                Outcome::Silent(Silence::UnknownRebooting(address))
            }
            _ => self.nak(NakReason::NoSubnet, reply),
        }
    }

    /// RFC 2131 §4.3.4.
    async fn release(&self) -> Result<Outcome, Dropped> {
        let (released, changes) = give_back::release(self.leases, self.server, self.asked()).await?;
        self.committed(&changes).await?;
        self.tell(None, &changes);
        Ok(Outcome::Silent(Silence::Release(self.message.ciaddr(), released)))
    }

    /// RFC 2131 §4.3.3.
    async fn decline(&self) -> Result<Outcome, Dropped> {
        // Intake made sure of the option.
        let address = self.query.requested.unwrap_or(Ipv4Addr::UNSPECIFIED);
        let (declined, changes) = give_back::decline(self.leases, self.server, self.asked(), address).await?;
        self.committed(&changes).await?;
        self.tell(None, &changes);
        Ok(Outcome::Silent(Silence::Decline(address, declined)))
    }

    /// RFC 2131 §4.3.5: no lease is looked at, no address and no lease time is sent.
    async fn inform(&mut self, mut found: Found, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let selected = self.locate(&mut found).await?;
        Ok(self.without_address(ReplyKind::Ack, Given::Configuration, selected, &found, reply))
    }

    fn assignment<'a>(
        &'a self,
        selected: SubnetAt,
        (name, naming): (&'a ClientName, Naming<'a>),
        found: &'a Found,
    ) -> Assignment<'a, S> {
        let Self { server, leases, message, ref query, now, seed } = *self;
        let stashed = query.stash.is_some();
        let rights = self.rights(found);
        Assignment { server, leases, message, query, now, seed, name, naming, stashed, selected, rights }
    }

    /// Finds out where the client is, and all that it belongs to before it is known what it gets.
    async fn locate(&mut self, found: &mut Found) -> Result<Option<SubnetAt>, Dropped> {
        let selected = self.subnet().await?;
        self.look_up(selected, found).await?;
        classify::known(self.query, found.is_known());
        classify::second(&self.server.config, self.message, self.query);
        DHCP4_CLASSES_ASSIGNED_AFTER_SUBNET_SELECTION(&*self.query, self.classes());
        if self.query.classes.contains(Classes::DROP) {
            DHCP4_PACKET_DROP_0013(self.query.client.hwaddr, self.server.text(self.message, self.query));
            return Err(Dropped::ByClass);
        }
        Ok(selected)
    }

    /// Evaluates the classes that the places ask for which a client is served from.
    fn classify_late(&mut self, subnet: Option<SubnetAt>, pool: Option<usize>, found: &Found) {
        let config = &self.server.config;
        if let Some(at) = subnet {
            let subnet = &config[at];
            // What a subnet alone reserves counts once it is known that the client is served from it.
            if let Some(host) = found.local(config, at).filter(|_| subnet.network.is_some()) {
                let classes = host.classes().iter().copied();
                classes.for_each(|class| classify::join(self.query, class, Because::Reservation));
            }
            let pool: &[ClassId] = pool.map_or(&[], |pool| &subnet.pools[pool].additional);
            let network: &[ClassId] = subnet.network.map_or(&[], |network| &config[network].additional);
            classify::late(config, self.message, self.query, [pool, &subnet.additional, network]);
        }
        self.query.trace.note(|| Step::Belongs(ClassSet::clone(&self.query.classes)));
        DHCP4_CLASSES_ASSIGNED(&*self.query, self.query.kind.message_type(), self.classes());
        let unconfigured = config.classes.unconfigured();
        if self.query.classes.intersects(unconfigured) {
            let unconfigured = self.query.classes.in_order().filter(|id| unconfigured.contains(*id));
            for class in unconfigured.filter_map(|id| config.classes.get(id)) {
                DHCP4_CLASS_UNCONFIGURED(&*self.query, &class.name);
            }
        }
    }

    /// Where an address is looked for: the subnet that was selected or, if reservations put the client into classes that it
    /// does not serve, the next one of its shared network.
    fn admitted(&self, selected: SubnetAt) -> Option<SubnetAt> {
        let (config, classes) = (&*self.server.config, &self.query.classes);
        let admitted = siblings(config, selected, classes).find(|at| config[*at].fits(classes));
        if admitted.is_none() {
            ALLOC_ENGINE_V4_ALLOC_ERROR(&*self.query, "no subnet of its link is for its classes");
        }
        admitted
    }

    /// What the message belongs to, in words.
    fn classes(&self) -> ClassesText<'_> {
        ClassesText { config: &self.server.config, message: self.message, query: self.query }
    }

    /// Why there is no lease, with the classes of the client: they may be the reason.
    fn failed(&self, failure: Option<AllocationFailure>) -> Option<AllocationFailure> {
        failure.map(|failure| AllocationFailure { classes: self.classes().to_string().into(), ..failure })
    }

    /// What the client's name is made by.
    fn naming<'a>(&self, subnet: SubnetAt, address: Option<Ipv4Addr>, found: &'a Found) -> Naming<'a>
    where
        Self: 'a,
    {
        let config = &self.server.config;
        let reserved = found.current(config, subnet).and_then(Host4::hostname);
        Naming::at(config, subnet, address, reserved)
    }

    /// The client's name.
    fn name(&self, naming: Naming<'_>) -> ClientName {
        ClientName::of(self.asked(), self.server, naming)
    }

    /// The subnet the client is on, if modules agree.
    async fn subnet(&mut self) -> Result<Option<SubnetAt>, Dropped> {
        let config = &self.server.config;
        let of = (self.message, &*self.query);
        let mut link = Link4::new(config, select_for(config, of, &self.query.classes, |_| true));
        let by_address = link.selected;
        for module in &self.server.hooks.subnet4_select {
            let step = module.subnet4_select(self.asked(), &mut link);
            match self.server.step(Point::Subnet4Select, self.query, step).await? {
                Verdict::Continue => {}
                Verdict::Skip => {
                    match self.query.over6 {
                        None => DHCP4_HOOK_SUBNET4_SELECT_SKIP(&*self.query),
                        Some(_) => DHCP4_DHCP4O6_HOOK_SUBNET4_SELECT_SKIP(&*self.query),
                    }
                    self.query.trace.note(|| Step::SelectedByModule(None));
                    return Ok(None);
                }
                Verdict::Drop(counts) => {
                    return Err(Dropped::ByModule { point: Point::Subnet4Select, counts });
                }
            }
        }
        let (selected, joined) = (link.selected, link.joined);
        if selected != by_address {
            self.query.trace.note(|| Step::SelectedByModule(selected));
        }
        joined.into_iter().for_each(|class| classify::join(self.query, class, Because::Module));
        match selected {
            Some(selected) if self.query.over6.is_some() => {
                DHCP4_DHCP4O6_SUBNET_SELECTED(&*self.query, config[selected].id);
                DHCP4_DHCP4O6_SUBNET_DATA(&*self.query, config[selected].prefix);
            }
            None if self.query.over6.is_some() => DHCP4_DHCP4O6_SUBNET_SELECTION_FAILED(&*self.query),
            Some(selected) => {
                DHCP4_SUBNET_SELECTED(&*self.query, config[selected].id);
                DHCP4_SUBNET_DATA(&*self.query, config[selected].prefix);
            }
            None => DHCP4_SUBNET_SELECTION_FAILED(&*self.query),
        }
        Ok(selected)
    }

    /// Tells modules what was done to leases.
    async fn committed(&self, changes: &Changes) -> Result<(), Dropped> {
        let committed = Committed4 { lease: changes.lease.as_ref(), deleted: changes.deleted.as_ref() };
        if committed.lease.is_none() && committed.deleted.is_none() {
            return Ok(());
        }
        for module in &self.server.hooks.leases4_committed {
            let step = module.leases4_committed(self.asked(), committed);
            let verdict = self.server.step(Point::Leases4Committed, self.query, step).await?;
            if let Verdict::Drop(counts) = verdict {
                return Err(Dropped::ByModule { point: Point::Leases4Committed, counts });
            }
        }
        Ok(())
    }

    pub(super) fn asked(&self) -> Asked4<'_> {
        Asked4 { message: self.message, query: self.query, now: self.now }
    }

    /// RFC 8925 §3.3: a client that can do without IPv4 asks for option 108. The subnet that it is told to from, if one on
    /// its link has that.
    fn ipv6_only(&self, selected: SubnetAt) -> Option<SubnetAt> {
        let subnet = self.server.ipv6_only.of(&self.server.config, selected, &self.query.classes)?;
        requests(self.message, OptionCode::V6_ONLY_PREFERRED).then_some(subnet)
    }

    /// An offer or an acknowledgement of a lease.
    fn grant(
        &mut self,
        kind: ReplyKind,
        grant: Grant,
        selected: SubnetAt,
        (name, naming): (&mut ClientName, Naming<'_>),
        found: &Found,
        reply: &mut [u8],
    ) -> Outcome {
        let Grant { address, lifetime, subnet: at, reused, changes: _ } = grant;
        let subnet = &self.server.config[at];
        let pool = subnet.pools.iter().position(|pool| pool.contains(address));
        self.classify_late(Some(at), pool, found);
        let here = self.naming(at, Some(address), found);
        if !here.is(&naming) {
            *name = self.name(here);
        }
        let reserved = found.current(&self.server.config, at).and_then(Host4::details);
        let made_up = name.complete(address, here);
        name.tell(made_up, &*self.query, &self.server.config.definitions);
        self.query.trace.note(|| Step::Name {
            text: name.text.to_string(),
            by: match (made_up, here.reserved) {
                (Ok(false), Some(_)) => NamedBy::Reservation,
                (Ok(false), None) => NamedBy::Client,
                _ => NamedBy::Server,
            },
        });
        let draft = Draft {
            kind,
            yiaddr: address,
            lease: Some((lifetime, subnet.prefix.netmask())),
            name,
            options: Layers::of(&self.server.config, at, pool, reserved, &self.query.classes),
            params: Some(&subnet.params),
            boot: Boot::of(&self.server.config, self.query, Some(&subnet.params), reserved),
        };
        let given = LeaseGiven { address, lifetime, subnet: at, selected, reused };
        self.reply(&draft, Given::Lease(given), reply)
    }

    /// A reply with configuration and no address.
    fn without_address(
        &mut self,
        kind: ReplyKind,
        given: Given,
        subnet: Option<SubnetAt>,
        found: &Found,
        reply: &mut [u8],
    ) -> Outcome {
        self.classify_late(subnet, None, found);
        let host = subnet.and_then(|subnet| found.current(&self.server.config, subnet));
        let reserved = host.and_then(Host4::details);
        let options = match subnet {
            Some(subnet) => Layers::of(&self.server.config, subnet, None, reserved, &self.query.classes),
            None => Layers::new(&self.query.classes),
        };
        let params = subnet.map(|subnet| &self.server.config[subnet].params);
        let boot = Boot::of(&self.server.config, self.query, params, reserved);
        let draft = Draft { kind, params, boot, ..Draft::nak(options) };
        self.reply(&draft, given, reply)
    }

    fn nak(&self, reason: NakReason, reply: &mut [u8]) -> Outcome {
        // BOOTP knows no refusal; without its message type it would be an answer.
        if self.query.is_bootp() {
            return Outcome::Silent(match reason {
                NakReason::NoSubnet => Silence::NoSubnet,
                NakReason::WrongAddress(address) => Silence::UnknownRebooting(address),
                NakReason::Rejected => Silence::Rejected,
                NakReason::NotGranted(failure) => Silence::NothingToOffer(failure),
            });
        }
        self.reply(&Draft::nak(Layers::new(&self.query.classes)), Given::Refused(reason), reply)
    }

    fn reply(&self, draft: &Draft<'_>, given: Given, buffer: &mut [u8]) -> Outcome {
        let (server, message, query) = (self.server, self.message, &*self.query);
        DHCP4_PACKET_PACK(query);
        let departure = departure(server, message, query, draft.kind, draft.yiaddr);
        let room = longest(query, &departure).min(buffer.len());
        let buffer = &mut buffer[..room];
        let written = draft.write(server, message, query, &departure, buffer);
        let sending = Sending4 { kind: draft.kind, departure };
        match written.and_then(|(len, left_out)| Ok((self.edited(sending, len, buffer)?, left_out))) {
            Ok((len, left_out)) => {
                let departure = in_fragments(query, len, departure);
                Outcome::Reply(Reply { len, departure, kind: draft.kind, given, left_out })
            }
            Err(_) => Outcome::Dropped(Dropped::TooBig),
        }
    }

    /// Shows a reply of `len` bytes to modules and writes it anew if they change it; says how long it is then.
    fn edited(&self, sending: Sending4, len: usize, reply: &mut [u8]) -> Result<usize, NoRoom> {
        if self.server.hooks.pkt4_send.is_empty() {
            return Ok(len);
        }
        let written: SmallVec<[u8; 1500]> = SmallVec::from_slice(&reply[..len]);
        let mut index = Index::new();
        let Ok(message) = Message::parse(&written, &mut index) else { return Ok(len) };
        let mut edited = Edited4::new(message, reply.len());
        for module in &self.server.hooks.pkt4_send {
            module.pkt4_send(self.asked(), sending, &mut edited);
        }
        self.query.trace.note(|| Step::ReplyEdited(changed(&edited)));
        if edited.is_changed() { edited.write(reply) } else { Ok(len) }
    }
}

/// Whether a client asks for an option (55).
fn requests(message: Message<'_>, code: OptionCode) -> bool {
    let list = message.option(OptionCode::PARAMETER_REQUEST_LIST);
    list.is_some_and(|list| list.bytes().any(|requested| requested == code.0))
}
