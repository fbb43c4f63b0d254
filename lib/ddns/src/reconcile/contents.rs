//! What is in a zone, as far as it matters to who puts leases there.

use std::collections::BTreeMap;
use std::net::IpAddr;

use domain::base::iana::Rtype;

use crate::dhcid::Dhcid;
use crate::name::Name;
use crate::zones::Zone;

/// So many records of a zone are looked at; a zone with more is not compared.
pub const MOST_RECORDS: usize = 4_000_000;

/// The records of a zone, by their names in canonical form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    names: BTreeMap<Box<[u8]>, AtName>,
    records: usize,
}

/// What is at a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AtName {
    /// A and AAAA records.
    pub(super) addresses: Vec<IpAddr>,
    /// PTR records.
    pub(super) pointers: Vec<Name>,
    /// Whose it is.
    pub(super) dhcids: Vec<Dhcid>,
    /// Whether there is anything else.
    pub(super) others: bool,
}

/// The zones that could be copied.
#[derive(Clone, Debug, Default)]
pub struct Copies {
    forward: BTreeMap<Vec<u8>, Contents>,
    reverse: BTreeMap<Vec<u8>, Contents>,
}

impl Contents {
    /// Takes in a record; whether there was room. `data` has no compressed names.
    pub(super) fn add(&mut self, owner: &Name, kind: Rtype, data: &[u8]) -> bool {
        // What a server signs with comes and goes with what is signed.
        if [Rtype::RRSIG, Rtype::NSEC, Rtype::NSEC3].contains(&kind) {
            return true;
        }
        self.records += 1;
        if self.records > MOST_RECORDS {
            return false;
        }
        let there = self.names.entry(owner.canonical().into()).or_default();
        match (kind, data.len()) {
            (Rtype::A, 4) => there.addresses.extend(data.try_into().ok().map(|it: [u8; 4]| IpAddr::from(it))),
            (Rtype::AAAA, 16) => {
                there.addresses.extend(data.try_into().ok().map(|it: [u8; 16]| IpAddr::from(it)));
            }
            (Rtype::PTR, _) => there.pointers.extend(Name::from_wire(data)),
            (Rtype::DHCID, _) => there.dhcids.extend(Dhcid::of_bytes(data)),
            _ => there.others = true,
        }
        true
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// What is at each name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Name, &AtName)> {
        self.names.iter().filter_map(|(name, there)| Some((Name::from_wire(name)?, there)))
    }

    /// What is at a name; nothing if nothing is.
    pub(super) fn at(&self, name: &Name) -> AtName {
        self.names.get(&name.canonical()[..]).cloned().unwrap_or_default()
    }
}

impl AtName {
    /// Whether there is anything.
    pub(super) fn is_in_use(&self) -> bool {
        self.others || !self.addresses.is_empty() || !self.pointers.is_empty() || !self.dhcids.is_empty()
    }
}

impl Copies {
    /// Takes in what a zone of names has.
    pub fn add_forward(&mut self, zone: &Zone, contents: Contents) {
        self.forward.insert(zone.name.canonical(), contents);
    }

    /// Takes in what a zone of addresses has.
    pub fn add_reverse(&mut self, zone: &Zone, contents: Contents) {
        self.reverse.insert(zone.name.canonical(), contents);
    }

    pub(super) fn forward(&self, zone: &Zone) -> Option<&Contents> {
        self.forward.get(&zone.name.canonical())
    }

    pub(super) fn reverse(&self, zone: &Zone) -> Option<&Contents> {
        self.reverse.get(&zone.name.canonical())
    }
}
