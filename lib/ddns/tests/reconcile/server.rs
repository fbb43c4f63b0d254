//! A DNS server in memory: takes updates as RFC 2136 has it (section 3) and has its zones copied.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use domain::base::iana::{Class, Opcode, Rcode, Rtype};
use domain::base::message::Message;
use domain::base::message_builder::MessageBuilder;
use domain::base::name::ToName;
use domain::base::rdata::UnknownRecordData;
use domain::base::{Name as Inner, ParsedRecord};
use kotare_ddns::{Action, ChangeRequest, Contents, Copies, Name, Transfer, Zone, Zones};

/// A record without its name: its type and its data.
pub(crate) type Data = (u16, Vec<u8>);

/// The zones by their names, with what is at each name in canonical form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) zones: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, BTreeSet<Data>>>,
}

impl Server {
    pub(crate) fn new(zones: &Zones) -> Self {
        let all = zones.all_forward().chain(zones.all_reverse());
        Self { zones: all.map(|zone| (zone.name.canonical(), BTreeMap::new())).collect() }
    }

    /// Puts a record where it belongs.
    pub(crate) fn put(&mut self, name: &Name, data: Data) {
        let zones = self.zones.iter_mut();
        let zone =
            zones.filter(|(zone, _)| name.canonical().ends_with(zone)).max_by_key(|(zone, _)| zone.len());
        zone.expect("a zone").1.entry(name.canonical()).or_default().insert(data);
    }

    /// What is at a name of any zone.
    pub(crate) fn at(&self, name: &Name) -> BTreeSet<Data> {
        self.zones.values().filter_map(|zone| zone.get(&name.canonical())).flatten().cloned().collect()
    }

    /// Carries a request out as `kea-dhcp-ddns` does.
    pub(crate) fn carry_out(&mut self, zones: &Zones, request: &ChangeRequest) -> Action {
        let mut transaction = zones.place(request.clone()).expect("a zone");
        let mut action = transaction.begin();
        while action == Action::Send {
            let attempt = transaction.attempt(7, 0).expect("a message");
            let answer = self.update(&attempt.message);
            action = transaction.heard(attempt.read(&answer, 0).expect("an answer"));
        }
        action
    }

    /// Makes an update; the answer.
    pub(crate) fn update(&mut self, message: &[u8]) -> Vec<u8> {
        let message = Message::from_slice(message).expect("a message");
        let asked = message.zone().next().expect("a zone").expect("whole");
        let zone = asked.qname().to_vec().as_slice().to_ascii_lowercase();
        let zone = self.zones.get_mut(&zone).expect("a zone of ours");
        let records = |section: Vec<ParsedRecord<'_, [u8]>>| -> Vec<(Vec<u8>, Class, Data)> {
            section.iter().map(|record| (key(record), record.class(), data(record))).collect()
        };
        let section = |name: &str| match name {
            "answer" => message.answer().expect("whole").map(|record| record.expect("whole")).collect(),
            _ => message.authority().expect("whole").map(|record| record.expect("whole")).collect(),
        };
        let needs = records(section("answer"));
        let rcode = needs.iter().find_map(|need| missed(zone, need)).unwrap_or(Rcode::NOERROR);
        if rcode == Rcode::NOERROR {
            for (name, class, (kind, data)) in records(section("authority")) {
                let there = zone.entry(name.clone()).or_default();
                match class {
                    Class::IN => _ = there.insert((kind, data)),
                    Class::NONE => _ = there.remove(&(kind, data)),
                    _ if kind == Rtype::ANY.to_int() => there.clear(),
                    _ => there.retain(|(other, _)| *other != kind),
                }
                if there.is_empty() {
                    zone.remove(&name);
                }
            }
        }
        let mut answer = MessageBuilder::new_vec();
        answer.header_mut().set_id(message.header().id());
        answer.header_mut().set_qr(true);
        answer.header_mut().set_opcode(Opcode::UPDATE);
        answer.header_mut().set_rcode(rcode);
        answer.finish()
    }

    /// All zones, copied in messages of so many records.
    pub(crate) fn copies(&self, zones: &Zones, at_once: usize) -> Copies {
        let mut copies = Copies::default();
        zones.all_forward().for_each(|zone| copies.add_forward(zone, self.copy(zone, at_once)));
        zones.all_reverse().for_each(|zone| copies.add_reverse(zone, self.copy(zone, at_once)));
        copies
    }

    fn copy(&self, zone: &Zone, at_once: usize) -> Contents {
        let (mut transfer, _) = Transfer::begin(&zone.name, None, 9, 0).expect("a question");
        let soa = (zone.name.canonical(), (Rtype::SOA.to_int(), vec![0; 22]));
        let mut records = vec![soa.clone()];
        for (name, there) in &self.zones[&zone.name.canonical()] {
            records.extend(there.iter().map(|data| (name.clone(), data.clone())));
        }
        records.push(soa);
        let messages: Vec<Vec<u8>> = records.chunks(at_once).map(message).collect();
        let ends: Vec<bool> =
            messages.iter().map(|message| transfer.read(message, 0).expect("a zone")).collect();
        let (last, before) = ends.split_last().expect("a message");
        assert!(*last && !before.contains(&true), "the zone is whole with the last message");
        transfer.into_contents()
    }
}

/// An answer with these records.
pub(crate) fn message(records: &[(Vec<u8>, Data)]) -> Vec<u8> {
    let mut builder = MessageBuilder::new_vec();
    builder.header_mut().set_id(9);
    builder.header_mut().set_qr(true);
    let mut section = builder.answer();
    for (name, (kind, data)) in records {
        let name = Inner::from_octets(name.as_slice()).expect("a name");
        let data = UnknownRecordData::from_octets(Rtype::from_int(*kind), data.as_slice()).expect("short");
        section.push((name, Class::IN, 300u32, data)).expect("room");
    }
    section.finish()
}

fn key(record: &ParsedRecord<'_, [u8]>) -> Vec<u8> {
    record.owner().to_vec().as_slice().to_ascii_lowercase()
}

fn data(record: &ParsedRecord<'_, [u8]>) -> Data {
    let raw = record.to_record::<UnknownRecordData<_>>().expect("whole").expect("any");
    (record.rtype().to_int(), raw.data().data().to_vec())
}

/// What a prerequisite that does not hold is answered with (RFC 2136, section 3.2).
fn missed(
    zone: &BTreeMap<Vec<u8>, BTreeSet<Data>>,
    (name, class, (kind, data)): &(Vec<u8>, Class, Data),
) -> Option<Rcode> {
    let there = zone.get(name).cloned().unwrap_or_default();
    let is_any = *kind == Rtype::ANY.to_int();
    let has_kind = there.iter().any(|(other, _)| other == kind);
    match *class {
        Class::ANY if is_any => there.is_empty().then_some(Rcode::NXDOMAIN),
        Class::ANY => (!has_kind).then_some(Rcode::NXRRSET),
        Class::NONE if is_any => (!there.is_empty()).then_some(Rcode::YXDOMAIN),
        Class::NONE => has_kind.then_some(Rcode::YXRRSET),
        // The records of the type are these and no others.
        _ => {
            let same = there.contains(&(*kind, data.clone()))
                && there.iter().filter(|(other, _)| other == kind).count() == 1;
            (!same).then_some(Rcode::NXRRSET)
        }
    }
}

/// The data of an address.
pub(crate) fn address(address: IpAddr) -> Data {
    match address {
        IpAddr::V4(address) => (Rtype::A.to_int(), address.octets().to_vec()),
        IpAddr::V6(address) => (Rtype::AAAA.to_int(), address.octets().to_vec()),
    }
}

/// The data of the owner of a name.
pub(crate) fn dhcid(client: u8) -> Data {
    (Rtype::DHCID.to_int(), vec![client])
}

/// The data of the name of an address.
pub(crate) fn pointer(name: &Name) -> Data {
    (Rtype::PTR.to_int(), name.as_wire().to_vec())
}

/// The data of something else.
pub(crate) fn text() -> Data {
    (Rtype::TXT.to_int(), b"\x03abc".to_vec())
}
