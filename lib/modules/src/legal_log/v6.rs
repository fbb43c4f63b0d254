//! Leases of DHCPv6.

use std::collections::HashSet;
use std::fmt::{self, Display, Write};
use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_config::v6::Config6;
use kotare_engine::hooks::v6::{Asked6, Committed6, Hooks6, Leases6Told, Sent6};
use kotare_engine::v6::Packet;
use kotare_expr::{ClassId, Packet6, V6};
use kotare_model::{HwAddrSource, Lease6, LeaseState, LeaseType, Lifetime, SubnetId};
use kotare_wire::v6::{Association, OptionCode, Relay};

use super::messages::{LEGAL_LOG_LEASE6_RENDER_ERROR, LEGAL_LOG_LEASE6_WRITE_ERROR};
use super::words::{Typed, Verb, contextualize, identify};
use super::{LegalLog, Logged};
use crate::gathered::Text;

impl Logged for Lease6 {
    const COMMANDS: &str = "lease6-";

    fn silent(config: &Config6) -> HashSet<SubnetId> {
        super::silent(config.subnets.iter().map(|subnet| (subnet.id, subnet.user_context.as_ref())))
    }

    fn write_error(reason: &dyn Display) {
        LEGAL_LOG_LEASE6_WRITE_ERROR(reason);
    }

    fn register(hooks: &mut Hooks6, module: Arc<LegalLog<Self>>) {
        hooks.leases6_told.push(module);
    }
}

impl Leases6Told for LegalLog<Lease6> {
    fn leases6_told(&self, asked: Asked6<'_>, sent: Sent6<'_>, committed: Committed6<'_>) {
        // An assigned lease of no time at all was not given; what was removed is the client's no more.
        let was_given = |lease: &&Lease6| {
            lease.valid_lifetime != Lifetime(0)
                || !matches!(lease.state, LeaseState::Assigned | LeaseState::Registered)
        };
        let given = committed.leases.iter().filter(was_given).map(|lease| (lease, lease.state));
        let changed = given.chain(committed.deleted.iter().map(|lease| (lease, LeaseState::Released)));
        for (lease, state) in changed.filter(|(lease, _)| !self.silent.contains(&lease.subnet_id)) {
            let mut text = Text::default();
            self.line(asked, sent, (lease, state), &mut text);
            self.write(Some(&About(lease)), &text.0, asked.now);
        }
    }
}

impl LegalLog<Lease6> {
    fn line(
        &self,
        asked: Asked6<'_>,
        sent: Sent6<'_>,
        (lease, state): (&Lease6, LeaseState),
        text: &mut Text,
    ) {
        if self.formats.are_none() {
            return usual(asked, lease, state, text);
        }
        let query = asked.query;
        let request = OfLease::new(Packet::of_query(asked.message, query), lease);
        let response = OfLease::new(Packet::of_edited(sent.reply, query), lease);
        match self.say(&request, Some(&response), text) {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                LEGAL_LOG_LEASE6_RENDER_ERROR(lease.address, &lease.duid, error);
                text.0.clear();
            }
        }
        usual(asked, lease, state, text);
    }
}

/// The line of a lease unless another format is configured.
fn usual(asked: Asked6<'_>, lease: &Lease6, state: LeaseState, line: &mut Text) {
    let what = Verb(state, lease.valid_lifetime);
    let kind = if lease.lease_type == LeaseType::Pd { "Prefix" } else { "Address" };
    // Writing to a text does not fail.
    let _ = write!(line, "{kind}: {} has been {what}", About(lease));
    // A lease in probation is nobody's: who had it is who says so.
    let duid = asked.query.duid().filter(|_| state == LeaseState::Declined).unwrap_or(&lease.duid);
    let _ = write!(line, " a device with DUID: {duid}");
    if let Some(hwaddr) = &lease.hwaddr {
        let (address, source) = (Typed(&hwaddr.address), source(hwaddr.source));
        let _ = write!(line, " and hardware address: {address} (from {source})");
    }
    if let Some(server_side) = asked.message.relay(0) {
        let (peer, link) = (server_side.peer_address(), server_side.link_address());
        let hops = server_side.hop_count();
        let _ = write!(
            line,
            " connected via relay at address: {peer} for client on link address: {link}, hop count: {hops}"
        );
        let said = |code| asked.message.relays().rev().find_map(|relay| relay.option(code));
        let remote = ("remote-id", said(OptionCode::REMOTE_ID));
        identify(line, ", identified by ", &[remote, ("subscriber-id", said(OptionCode::SUBSCRIBER_ID))]);
        let interface = ("interface-id", said(OptionCode::INTERFACE_ID));
        identify(line, ", connected at location ", &[interface]);
    }
    contextualize(line, lease.user_context.as_deref());
}

/// The address or the prefix of a lease.
struct About<'a>(&'a Lease6);

impl fmt::Display for About<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.lease_type {
            LeaseType::Pd => write!(f, "{}/{}", self.0.address, self.0.prefix_len),
            _ => self.0.address.fmt(f),
        }
    }
}

fn source(source: HwAddrSource) -> &'static str {
    match source {
        HwAddrSource::Unknown => "UNKNOWN",
        HwAddrSource::Raw => "Raw Socket",
        HwAddrSource::Duid => "DUID",
        HwAddrSource::Ipv6LinkLocal => "IPv6 Link Local",
        HwAddrSource::ClientAddrRelayOption => "Client Address Relay Option",
        HwAddrSource::RemoteId => "Remote ID",
        HwAddrSource::SubscriberId => "Subscriber ID",
        HwAddrSource::DocsisCmts => "DOCSIS CMTS",
        HwAddrSource::DocsisModem => "DOCSIS MODEM",
    }
}

/// A message of which of all associations only that of one lease is seen, and in it only this lease.
struct OfLease<'a> {
    packet: Packet<'a>,
    /// The code of associations of its kind, and that of the other.
    codes: (OptionCode, OptionCode),
    association: Option<Vec<u8>>,
}

impl<'a> OfLease<'a> {
    fn new(packet: Packet<'a>, lease: &Lease6) -> Self {
        let codes = match lease.lease_type {
            LeaseType::Pd => (OptionCode::IA_PD, OptionCode::IA_NA),
            _ => (OptionCode::IA_NA, OptionCode::IA_PD),
        };
        let association = packet.options(codes.0).find_map(|value| only(value, lease));
        Self { packet, codes, association }
    }
}

/// The association with nothing else in it but the lease and what is said of all, if the lease is in it.
fn only(value: &[u8], lease: &Lease6) -> Option<Vec<u8>> {
    let association = Association::read(value).filter(|association| association.iaid == lease.iaid)?;
    let is_lease = |code, value: &[u8]| match code {
        OptionCode::IAADDR => address(value) == Some(lease.address),
        OptionCode::IAPREFIX => {
            value.get(8) == Some(&lease.prefix_len) && value.get(9..).and_then(address) == Some(lease.address)
        }
        _ => false,
    };
    let options = association.options;
    let (code, found) = options.clone().find(|(code, value)| is_lease(*code, value))?;
    let others = options.filter(|(code, _)| !matches!(*code, OptionCode::IAADDR | OptionCode::IAPREFIX));
    let mut only = lease.iaid.to_be_bytes().to_vec();
    only.extend([0; 8]);
    for (code, value) in std::iter::once((code, found)).chain(others) {
        only.extend(code.0.to_be_bytes());
        // It comes from an option, whose length has two bytes.
        only.extend((value.len() as u16).to_be_bytes());
        only.extend(value);
    }
    Some(only)
}

fn address(value: &[u8]) -> Option<Ipv6Addr> {
    value.first_chunk::<16>().map(|bytes| Ipv6Addr::from(*bytes))
}

impl kotare_expr::Packet for OfLease<'_> {
    type Protocol = V6;

    fn label(&self) -> &dyn fmt::Display {
        self.packet.label()
    }

    fn is_member(&self, class: ClassId) -> bool {
        self.packet.is_member(class)
    }

    fn interface(&self) -> &str {
        self.packet.interface()
    }

    fn length(&self) -> u32 {
        self.packet.length()
    }
}

impl Packet6 for OfLease<'_> {
    fn options(&self, code: OptionCode) -> impl Iterator<Item = &[u8]> {
        let (own, other) = self.codes;
        let is_passed = code != own && code != other;
        let association = self.association.as_deref().filter(|_| code == own);
        association.into_iter().chain(self.packet.options(code).filter(move |_| is_passed))
    }

    fn source(&self) -> Ipv6Addr {
        self.packet.source()
    }

    fn destination(&self) -> Ipv6Addr {
        self.packet.destination()
    }

    fn message_type(&self) -> u8 {
        self.packet.message_type()
    }

    fn transaction_id(&self) -> u32 {
        self.packet.transaction_id()
    }

    fn relays(&self) -> usize {
        self.packet.relays()
    }

    fn relay(&self, number: usize) -> Option<Relay<'_>> {
        self.packet.relay(number)
    }
}
