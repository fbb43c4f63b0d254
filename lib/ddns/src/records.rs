//! What each step of a transaction asks a DNS server: prerequisites and updates (RFC 2136, sections 2.4 and 2.5).

use std::net::IpAddr;

use domain::base::iana::{Class, Opcode, Rtype};
use domain::base::message_builder::{AdditionalBuilder, MessageBuilder, PushError, TreeCompressor};
use domain::base::rdata::UnknownRecordData;

use crate::name::Name;
use crate::next::{Plan, Step};
use crate::request::{Change, ChangeRequest, ConflictResolution};

/// What must be so.
#[derive(Clone, Copy)]
enum Need {
    /// The name has no records.
    NotInUse,
    /// The name has records.
    InUse,
    /// The name belongs to somebody.
    Owned,
    /// The name belongs to the client.
    Own,
    /// The name has no A records.
    NoA,
    /// The name has no AAAA records.
    NoAaaa,
    /// The address has the name.
    Named,
}

/// What is changed then.
#[derive(Clone, Copy)]
enum Edit {
    /// The address is put beside those that the name has.
    AddAddress,
    /// The name is the client's.
    AddDhcid,
    /// The address has the name.
    AddPtr,
    /// The name has none of the addresses of this kind any more.
    DropAddresses,
    /// The name has this address no more.
    DropAddress,
    /// The name is nobody's.
    DropDhcid,
    /// The address has no names.
    DropPtr,
    /// There is nothing at the name.
    DropAll,
}

/// What a step asks.
fn asked(plan: Plan, step: Step) -> (&'static [Need], &'static [Edit]) {
    use ConflictResolution::*;
    use Edit::*;
    use Need::*;
    match (step, plan.way) {
        (Step::AddForward, CheckWithDhcid | CheckExistsWithDhcid) => (&[NotInUse], &[AddAddress, AddDhcid]),
        (Step::AddForward, NoCheckWithDhcid) => (&[], &[DropAddresses, DropDhcid, AddAddress, AddDhcid]),
        (Step::AddForward, NoCheckWithoutDhcid) => (&[], &[DropAddresses, AddAddress]),
        (Step::ReplaceForward, CheckExistsWithDhcid) => {
            (&[Owned], &[DropAddresses, DropDhcid, AddAddress, AddDhcid])
        }
        (Step::ReplaceForward, _) => (&[InUse, Own], &[DropAddresses, AddAddress]),
        (Step::RemoveAddress, CheckExistsWithDhcid) => (&[Owned], &[DropAddress]),
        (Step::RemoveAddress, _) => (&[Own], &[DropAddress]),
        (Step::RemoveName, CheckWithDhcid) => (&[Own, NoA, NoAaaa], &[DropAll]),
        (Step::RemoveName, CheckExistsWithDhcid) => (&[NoA, NoAaaa], &[DropDhcid]),
        (Step::RemoveName, NoCheckWithDhcid) => (&[], &[DropAddresses, DropDhcid]),
        (Step::RemoveName, NoCheckWithoutDhcid) => (&[], &[DropAddresses]),
        (Step::Reverse, way) => match (plan.change, way) {
            (Change::Add, NoCheckWithoutDhcid) => (&[], &[DropPtr, AddPtr]),
            (Change::Add, _) => (&[], &[DropPtr, DropDhcid, AddPtr, AddDhcid]),
            (Change::Remove, CheckWithDhcid | CheckExistsWithDhcid) => (&[Named], &[DropAll]),
            (Change::Remove, NoCheckWithDhcid) => (&[], &[DropPtr, DropDhcid]),
            (Change::Remove, NoCheckWithoutDhcid) => (&[], &[DropPtr]),
        },
    }
}

/// A message under way; names that come again are short.
pub(crate) type Unsigned = AdditionalBuilder<TreeCompressor<Vec<u8>>>;

/// The message of steps of requests for different names, not signed: what all of them need, then what all of them change.
///
/// # Errors
/// When it has no room, which no request that came as a datagram brings about.
pub(crate) fn message<'a>(
    changes: impl Iterator<Item = (&'a ChangeRequest, Step)>,
    zone: &Name,
    id: u16,
) -> Result<Unsigned, PushError> {
    let changes: Vec<_> = changes.map(|(request, step)| (request, step, owner(request, step))).collect();
    let target = TreeCompressor::new(Vec::new());
    let mut builder = MessageBuilder::from_target(target).map_err(|_| PushError::ShortBuf)?;
    builder.header_mut().set_id(id);
    builder.header_mut().set_opcode(Opcode::UPDATE);
    let mut section = builder.question();
    section.push((zone.inner(), Rtype::SOA, Class::IN))?;
    let mut section = section.answer();
    for (request, step, name) in &changes {
        for need in asked(Plan::of(request), *step).0 {
            let (class, data) = need.record(request);
            section.push((name.inner(), class, 0u32, data.record()?))?;
        }
    }
    let mut section = section.authority();
    for (request, step, name) in &changes {
        for edit in asked(Plan::of(request), *step).1 {
            let (class, data) = edit.record(request);
            let ttl = if class == Class::IN { request.lease_length } else { 0 };
            section.push((name.inner(), class, ttl, data.record()?))?;
        }
    }
    Ok(section.additional())
}

/// The name whose records a step changes.
fn owner(request: &ChangeRequest, step: Step) -> Name {
    match step {
        Step::Reverse => Name::reverse(request.address),
        _ => request.fqdn.clone(),
    }
}

/// How many bytes a step makes a message about this zone longer, where all names are written in the same case.
pub(crate) fn length(request: &ChangeRequest, step: Step, zone: &Name) -> usize {
    let (needs, edits) = asked(Plan::of(request), step);
    let name = owner(request, step);
    let is_short = name.is_in(zone) && zone.labels() > 1;
    let written = name.as_wire().len();
    let first = if is_short { written - zone.as_wire().len() + POINTER } else { written };
    let needs = needs.iter().map(|need| need.record(request).1);
    let records = needs.chain(edits.iter().map(|edit| edit.record(request).1));
    let lengths = records.map(|Data(_, data)| POINTER + FIXED + data.len());
    lengths.sum::<usize>() + first.saturating_sub(POINTER)
}

/// A name that was there before.
const POINTER: usize = 2;

/// What of a record is not its name and its data: type, class, TTL and length.
const FIXED: usize = 10;

/// The type of a record and its data, which is empty where only the type matters.
struct Data(Rtype, Vec<u8>);

impl Data {
    fn record(self) -> Result<UnknownRecordData<Vec<u8>>, PushError> {
        UnknownRecordData::from_octets(self.0, self.1).map_err(|_| PushError::ShortBuf)
    }

    fn none(kind: Rtype) -> Self {
        Self(kind, Vec::new())
    }

    fn dhcid(request: &ChangeRequest) -> Self {
        Self(Rtype::DHCID, request.dhcid.as_bytes().to_vec())
    }

    fn ptr(request: &ChangeRequest) -> Self {
        Self(Rtype::PTR, request.fqdn.as_wire().to_vec())
    }

    fn address(request: &ChangeRequest) -> Self {
        let bytes = match request.address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        Self(kind(request), bytes)
    }
}

/// The type of records that the address stands in.
fn kind(request: &ChangeRequest) -> Rtype {
    if request.address.is_ipv4() { Rtype::A } else { Rtype::AAAA }
}

impl Need {
    fn record(self, request: &ChangeRequest) -> (Class, Data) {
        match self {
            Self::NotInUse => (Class::NONE, Data::none(Rtype::ANY)),
            Self::InUse => (Class::ANY, Data::none(Rtype::ANY)),
            Self::Owned => (Class::ANY, Data::none(Rtype::DHCID)),
            Self::Own => (Class::IN, Data::dhcid(request)),
            Self::NoA => (Class::NONE, Data::none(Rtype::A)),
            Self::NoAaaa => (Class::NONE, Data::none(Rtype::AAAA)),
            Self::Named => (Class::IN, Data::ptr(request)),
        }
    }
}

impl Edit {
    fn record(self, request: &ChangeRequest) -> (Class, Data) {
        match self {
            Self::AddAddress => (Class::IN, Data::address(request)),
            Self::AddDhcid => (Class::IN, Data::dhcid(request)),
            Self::AddPtr => (Class::IN, Data::ptr(request)),
            Self::DropAddresses => (Class::ANY, Data::none(kind(request))),
            Self::DropAddress => (Class::NONE, Data::address(request)),
            Self::DropDhcid => (Class::ANY, Data::none(Rtype::DHCID)),
            Self::DropPtr => (Class::ANY, Data::none(Rtype::PTR)),
            Self::DropAll => (Class::ANY, Data::none(Rtype::ANY)),
        }
    }
}
