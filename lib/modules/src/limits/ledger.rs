//! How many leases there are of what is limited, where no database counts them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use foldhash::fast::FixedState;
use kotare_model::{LeaseState, LeaseType, SubnetId};
use kotare_store::Lease;
use parking_lot::Mutex;
use serde_json::Value as Json;
use smallvec::SmallVec;

/// So many user contexts are known without reading them again, none of them longer than that.
const MOST_KNOWN: usize = 1024;
const LONGEST_KNOWN: usize = 1024;

/// With as many groups, at least, it is looked for those without leases: templates make ever new ones.
const MANY: usize = 4096;

/// Leases that are counted together: those of addresses, or of prefixes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Group {
    /// Of the clients of a class.
    Class(Arc<str>, LeaseType),
    /// Of a subnet.
    Subnet(SubnetId, LeaseType),
}

/// What leases are counted of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Interest {
    /// Classes by name.
    pub(super) classes: Vec<(Arc<str>, LeaseType)>,
    /// How the names begin of the classes that templates make.
    pub(super) templates: Vec<(Arc<str>, LeaseType)>,
    /// Subnets, in their order.
    pub(super) subnets: Vec<(SubnetId, LeaseType)>,
}

/// The counts. What a lease counts for is kept with its address, so that it is never counted twice, and what is told of it once
/// more sets right what was told wrong.
pub(super) struct Ledger<L: Lease> {
    interest: Interest,
    books: Mutex<Books<L>>,
}

/// The numbers of groups that a lease counts for.
type Numbers = SmallVec<[u32; 2]>;

struct Books<L: Lease> {
    /// What leases count for, by address.
    entries: HashMap<L::Address, Numbers, FixedState>,
    /// The numbers of groups.
    groups: HashMap<Group, u32>,
    /// What user contexts say of the classes of their leases, by the kind of lease: most are one of few.
    contexts: [HashMap<Box<str>, Numbers>; 2],
    /// How many leases there are of each.
    counts: Vec<u64>,
    /// Numbers that no group has.
    free: Vec<u32>,
    /// With so many groups it is looked for those without leases.
    many: usize,
    /// The leases that were there before are being gone through.
    is_recounting: bool,
}

impl Interest {
    /// Whether there is nothing to count.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether leases of a kind count for classes.
    fn has_classes(&self, kind: LeaseType) -> bool {
        self.classes.iter().chain(&self.templates).any(|(_, of)| *of == kind)
    }

    /// The classes that a lease with this user context counts for.
    fn classes_of(&self, context: &str, kind: LeaseType) -> impl Iterator<Item = Group> {
        let of_kind = move |(_, of): &&(Arc<str>, LeaseType)| *of == kind;
        classes_of(context).into_iter().filter_map(move |name| {
            let is_limited = self.classes.iter().filter(of_kind).any(|(class, _)| **class == *name)
                || self.templates.iter().filter(of_kind).any(|(begin, _)| name.starts_with(&**begin));
            is_limited.then(|| Group::Class(name.into(), kind))
        })
    }
}

/// The classes that a lease was given for, as its user context has them.
fn classes_of(context: &str) -> Vec<Box<str>> {
    // Most contexts are told apart without reading them.
    if !context.contains("client-classes") {
        return Vec::new();
    }
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
        let (entries, groups, contexts, counts, free, is_recounting) = Default::default();
        let books = Books { entries, groups, contexts, counts, free, many: MANY, is_recounting };
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
        let mut books = self.books.lock();
        let numbers = lease.map(|lease| books.numbers(&self.interest, lease)).unwrap_or_default();
        books.set(address, numbers);
    }

    /// From now on until [`Ledger::recounted`], leases that were there before are told.
    pub(super) fn recount(&self) {
        self.books.lock().is_recounting = true;
    }

    /// A lease was there. If it was changed since, that counts.
    pub(super) fn found(&self, lease: &L) {
        let mut books = self.books.lock();
        if !books.entries.contains_key(&lease.address()) {
            let numbers = books.numbers(&self.interest, lease);
            books.set(lease.address(), numbers);
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
    /// The number of a group, for as long as it has leases.
    fn number(&mut self, group: Group) -> u32 {
        let next = self.free.last().copied().unwrap_or(self.counts.len() as u32);
        let number = *self.groups.entry(group).or_insert(next);
        if number == next && self.free.pop().is_none() {
            self.counts.push(0);
        }
        number
    }

    /// Forgets the groups that have no leases any more, when there are many. No numbers may be at hand.
    fn tidy(&mut self) {
        if self.groups.len() < self.many {
            return;
        }
        let Self { groups, counts, free, contexts, .. } = self;
        groups.retain(|_, number| {
            let has_leases = counts[*number as usize] > 0;
            if !has_leases {
                free.push(*number);
            }
            has_leases
        });
        contexts.iter_mut().for_each(HashMap::clear);
        self.many = MANY.max(2 * self.groups.len());
    }

    /// What a lease counts for.
    fn numbers(&mut self, interest: &Interest, lease: &L) -> Numbers {
        self.tidy();
        let mut numbers = Numbers::new();
        if lease.state() != LeaseState::Assigned {
            return numbers;
        }
        let (subnet, kind) = (lease.subnet_id(), lease.lease_type());
        if interest.subnets.binary_search(&(subnet, kind)).is_ok() {
            numbers.push(self.number(Group::Subnet(subnet, kind)));
        }
        if let Some(context) = lease.user_context().filter(|_| interest.has_classes(kind)) {
            numbers.extend(self.of_context(interest, context, kind));
        }
        numbers
    }

    /// What a lease with this user context counts for beside its subnet.
    fn of_context(&mut self, interest: &Interest, context: &str, kind: LeaseType) -> Numbers {
        let known = usize::from(kind == LeaseType::Pd);
        if let Some(numbers) = self.contexts[known].get(context) {
            return numbers.clone();
        }
        let numbers: Numbers = interest.classes_of(context, kind).map(|group| self.number(group)).collect();
        // What relay agents say, which may be in it, makes contexts that are not met again.
        if context.len() <= LONGEST_KNOWN {
            let contexts = &mut self.contexts[known];
            if contexts.len() >= MOST_KNOWN {
                contexts.clear();
            }
            contexts.insert(context.into(), numbers.clone());
        }
        numbers
    }

    fn set(&mut self, address: L::Address, numbers: Numbers) {
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

#[cfg(test)]
mod tests {
    use kotare_model::{HostName, HwAddr, Lease4, Lifetime, Timestamp};

    use super::*;

    /// Classes that a template made and that have no leases any more are forgotten, whoever makes up ever new ones.
    #[test]
    fn classes_without_leases_are_forgotten() {
        let templates = vec![("SPAWN_x_".into(), LeaseType::Na)];
        let ledger = Ledger::new(Interest { templates, ..Interest::default() });
        let lease = |number: usize| {
            let context = format!(r#"{{"ISC": {{"client-classes": ["SPAWN_x_{number}"]}}}}"#);
            Lease4 {
                address: [192, 0, 2, 1].into(),
                hwaddr: HwAddr::empty(1),
                client_id: None,
                valid_lifetime: Lifetime(3600),
                cltt: Timestamp(0),
                subnet_id: SubnetId(1),
                fqdn_fwd: false,
                fqdn_rev: false,
                hostname: HostName::default(),
                state: LeaseState::Assigned,
                user_context: Some(context.into()),
                pool_id: 0,
            }
        };
        for number in 0..4 * MANY {
            let lease = lease(number);
            ledger.changed(lease.address, Some(&lease));
        }
        let count =
            |number: usize| ledger.count(&Group::Class(format!("SPAWN_x_{number}").into(), LeaseType::Na));
        assert_eq!([count(4 * MANY - 1), count(4 * MANY - 2), count(0)], [1, 0, 0]);
        let books = ledger.books.lock();
        assert!(books.groups.len() <= MANY && books.counts.len() <= MANY, "{}", books.counts.len());
    }
}
