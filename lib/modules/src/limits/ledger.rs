//! How many leases there are of what is limited, where no database counts them.

use std::collections::HashMap;
use std::fmt;

use kotare_model::{LeaseState, LeaseType, SubnetId};
use kotare_store::Lease;
use parking_lot::Mutex;
use serde_json::Value as Json;
use smallvec::SmallVec;

/// Leases that are counted together: those of addresses, or of prefixes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Group {
    /// Of the clients of a class.
    Class(Box<str>, LeaseType),
    /// Of a subnet.
    Subnet(SubnetId, LeaseType),
}

/// What leases are counted of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Interest {
    /// Classes by name.
    pub(super) classes: Vec<(Box<str>, LeaseType)>,
    /// How the names begin of the classes that templates make.
    pub(super) templates: Vec<(Box<str>, LeaseType)>,
    /// Subnets.
    pub(super) subnets: Vec<(SubnetId, LeaseType)>,
}

/// The counts. What a lease counts for is kept with its address, so that it is never counted twice, and what is told of it once
/// more sets right what was told wrong.
pub(super) struct Ledger<L: Lease> {
    interest: Interest,
    books: Mutex<Books<L>>,
}

struct Books<L: Lease> {
    /// What leases count for, by address.
    entries: HashMap<L::Address, SmallVec<[u32; 2]>>,
    /// The numbers of groups.
    groups: HashMap<Group, u32>,
    /// How many leases there are of each.
    counts: Vec<u64>,
    /// The leases that were there before are being gone through.
    is_recounting: bool,
}

impl Interest {
    /// Whether there is nothing to count.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What a lease counts for.
    fn groups<L: Lease>(&self, lease: &L) -> SmallVec<[Group; 2]> {
        let mut groups = SmallVec::new();
        if lease.state() != LeaseState::Assigned {
            return groups;
        }
        let (subnet, kind) = (lease.subnet_id(), lease.lease_type());
        if self.subnets.contains(&(subnet, kind)) {
            groups.push(Group::Subnet(subnet, kind));
        }
        let of_kind = |(_, of): &&(Box<str>, LeaseType)| *of == kind;
        let mut limited = self.classes.iter().chain(&self.templates).filter(of_kind);
        if limited.next().is_some() {
            for name in classes_of(lease.user_context()) {
                let is_limited = self.classes.iter().filter(of_kind).any(|(class, _)| **class == *name)
                    || self.templates.iter().filter(of_kind).any(|(begin, _)| name.starts_with(&**begin));
                if is_limited {
                    groups.push(Group::Class(name, kind));
                }
            }
        }
        groups
    }
}

/// The classes that a lease was given for, as its user context has them.
fn classes_of(context: Option<&str>) -> Vec<Box<str>> {
    // Most contexts are told apart without reading them.
    let Some(context) = context.filter(|context| context.contains("client-classes")) else {
        return Vec::new();
    };
    let Ok(read) = serde_json::from_str::<Json>(context) else { return Vec::new() };
    let classes = read["ISC"]["client-classes"].as_array();
    let names = classes.into_iter().flatten().filter_map(Json::as_str);
    let mut names: Vec<Box<str>> = names.map(Into::into).collect();
    names.sort();
    names.dedup();
    names
}

impl<L: Lease> Ledger<L> {
    /// One without leases.
    pub(super) fn new(interest: Interest) -> Self {
        let books = Books {
            entries: HashMap::new(),
            groups: HashMap::new(),
            counts: Vec::new(),
            is_recounting: false,
        };
        Self { interest, books: Mutex::new(books) }
    }

    /// What it counts leases of.
    pub(super) fn interest(&self) -> &Interest {
        &self.interest
    }

    /// How many leases there are of a group.
    pub(super) fn count(&self, group: &Group) -> u64 {
        let books = self.books.lock();
        books.groups.get(group).map_or(0, |number| books.counts[*number as usize])
    }

    /// The lease of an address is another one now, or there is none.
    pub(super) fn changed(&self, address: L::Address, lease: Option<&L>) {
        let groups = lease.map(|lease| self.interest.groups(lease)).unwrap_or_default();
        self.books.lock().set(address, groups);
    }

    /// From now on until [`Ledger::recounted`], leases that were there before are told.
    pub(super) fn recount(&self) {
        self.books.lock().is_recounting = true;
    }

    /// A lease was there. If it was changed since, that counts.
    pub(super) fn found(&self, lease: &L) {
        let groups = self.interest.groups(lease);
        let mut books = self.books.lock();
        if !books.entries.contains_key(&lease.address()) {
            books.set(lease.address(), groups);
        }
    }

    /// All that were there before were told.
    pub(super) fn recounted(&self) {
        let mut books = self.books.lock();
        books.is_recounting = false;
        books.entries.retain(|_, groups| !groups.is_empty());
    }
}

impl<L: Lease> Books<L> {
    fn set(&mut self, address: L::Address, groups: SmallVec<[Group; 2]>) {
        let mut numbers: SmallVec<[u32; 2]> = SmallVec::new();
        for group in groups {
            let next = self.counts.len() as u32;
            let number = *self.groups.entry(group).or_insert(next);
            if number == next {
                self.counts.push(0);
            }
            numbers.push(number);
        }
        numbers.iter().for_each(|number| self.counts[*number as usize] += 1);
        // While others are told of what was there before, that nothing is there any more has to be known.
        let before = match numbers.is_empty() && !self.is_recounting {
            true => self.entries.remove(&address),
            false => self.entries.insert(address, numbers),
        };
        before.into_iter().flatten().for_each(|number| self.counts[number as usize] -= 1);
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(name, _) => write!(f, "client class \"{name}\""),
            Self::Subnet(id, _) => write!(f, "subnet ID {id}"),
        }
    }
}

impl<L: Lease> fmt::Debug for Ledger<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("interest", &self.interest).finish_non_exhaustive()
    }
}
