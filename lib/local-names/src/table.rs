//! Which addresses have which names.
//!
//! A name that an operator gave is for whom it was given to. Any other is for the client that had it first, for as long as
//! it has a lease with it: a second client that calls itself the same is not heard before. IPv4 and IPv6 are apart: what
//! tells a client from others is not the same there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use kotare_ddns::Name;

use crate::Fixed;

/// So many leases have names at most; others are left out.
pub const MOST: usize = 1 << 20;

/// A client, by what tells it from others.
pub type Owner = Arc<[u8]>;

/// What a lease says: its client calls itself this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The name.
    pub name: Name,
    /// The client.
    pub owner: Owner,
}

/// Addresses and names.
#[derive(Debug, Default)]
pub struct Table {
    names: BTreeMap<Key, Record>,
    leases: BTreeMap<IpAddr, Leased>,
    fixed: BTreeMap<IpAddr, Vec<Name>>,
    reserved: HashMap<Key, Vec<Owner>>,
    written: Vec<Fixed>,
    /// The order of the newest lease.
    newest: u64,
    changes: u64,
    left_out: bool,
}

/// The labels of a name from the last one on, in lower case, with a zero behind each: names below another one follow it.
type Key = Box<[u8]>;

#[derive(Debug)]
struct Leased {
    held: Held,
    /// Whose client claimed the name before has a lower one.
    order: u64,
    /// What the claim counts as: the order, or 0 for whom operators gave the name; `None` if they gave it to others.
    rank: Option<u64>,
}

/// Who claims a name.
#[derive(Debug, Default)]
struct Record {
    v4: Claims,
    v6: Claims,
}

/// Claims to a name, of one family of addresses.
#[derive(Debug, Default)]
struct Claims {
    /// Those of the lowest rank count; several have the same if they are of one client, or of operators.
    by_rank: BTreeMap<(u64, IpAddr), Claim>,
    /// The rank of each client and how many claims it has, but for those whom operators gave the name.
    clients: HashMap<Owner, (u64, usize)>,
}

#[derive(Debug, Default)]
struct Claim {
    is_fixed: bool,
    is_leased: bool,
}

impl Record {
    fn of(&self, is_v6: bool) -> &Claims {
        if is_v6 { &self.v6 } else { &self.v4 }
    }

    fn of_mut(&mut self, is_v6: bool) -> &mut Claims {
        if is_v6 { &mut self.v6 } else { &mut self.v4 }
    }
}

impl Table {
    /// A table without names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How often it has changed: who has seen it at the same count knows it.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// How many addresses there are something about.
    #[must_use]
    pub fn len(&self) -> usize {
        self.leases.len() + self.fixed.keys().filter(|address| !self.leases.contains_key(address)).count()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leases.is_empty() && self.fixed.is_empty()
    }

    /// Whether leases are left out, as there are too many.
    #[must_use]
    pub fn leaves_out(&self) -> bool {
        self.left_out
    }

    /// The lease of this address says this, or there is none with a name.
    pub fn lease(&mut self, address: IpAddr, held: Option<Held>) {
        if self.leases.get(&address).map(|lease| &lease.held) == held.as_ref() {
            return;
        }
        if let Some(Leased { held, rank: Some(rank), .. }) = self.leases.remove(&address) {
            self.give_up(&held, (rank, address));
        }
        self.changes += 1;
        let Some(held) = held else { return };
        if self.leases.len() >= MOST {
            self.left_out = true;
            return;
        }
        self.newest += 1;
        self.claim(address, held, self.newest);
    }

    /// These are all leases with names, in the order in which clients got them.
    pub fn all_leases(&mut self, leases: impl IntoIterator<Item = (IpAddr, Held)>) {
        self.left_out = false;
        let leases: Vec<_> = leases.into_iter().collect();
        let kept: BTreeSet<_> = leases.iter().map(|(address, _)| *address).collect();
        let gone: Vec<_> = self.leases.keys().filter(|address| !kept.contains(address)).copied().collect();
        gone.into_iter().for_each(|address| self.lease(address, None));
        leases.into_iter().for_each(|(address, held)| self.lease(address, Some(held)));
    }

    /// These are all names that operators gave.
    pub fn fix(&mut self, all: Vec<Fixed>) {
        if self.written == all {
            return;
        }
        self.names.clear();
        self.fixed.clear();
        self.reserved.clear();
        for Fixed { name, addresses, owner } in &all {
            if let Some(owner) = owner {
                self.reserved.entry(key(name)).or_default().push(owner.clone());
            }
            for &address in addresses {
                let names = self.fixed.entry(address).or_default();
                if !names.contains(name) {
                    names.push(name.clone());
                }
                let claims = self.names.entry(key(name)).or_default().of_mut(address.is_ipv6());
                claims.by_rank.insert((0, address), Claim { is_fixed: true, is_leased: false });
            }
        }
        self.written = all;
        self.changes += 1;
        // Who came before others still did.
        let mut leases: Vec<_> = std::mem::take(&mut self.leases).into_iter().collect();
        leases.sort_by_key(|(_, lease)| lease.order);
        leases.into_iter().for_each(|(address, lease)| self.claim(address, lease.held, lease.order));
    }

    /// The lease of an address claims its name.
    fn claim(&mut self, address: IpAddr, held: Held, mut order: u64) {
        let key = key(&held.name);
        let is_given = self.fixed.get(&address).is_some_and(|names| names.contains(&held.name));
        let owners = self.reserved.get(&key);
        let rank = match owners {
            _ if is_given || owners.is_some_and(|owners| owners.contains(&held.owner)) => Some(0),
            Some(_) => None,
            None => {
                // Who has the name has it with all its leases.
                let claims = self.names.entry(key.clone()).or_default().of_mut(address.is_ipv6());
                let client = claims.clients.entry(held.owner.clone()).or_insert((order, 0));
                client.1 += 1;
                order = client.0;
                Some(order)
            }
        };
        if let Some(rank) = rank {
            let claims = self.names.entry(key).or_default().of_mut(address.is_ipv6());
            claims.by_rank.entry((rank, address)).or_default().is_leased = true;
        }
        self.leases.insert(address, Leased { held, order, rank });
    }

    /// The lease of an address does not claim its name any more.
    fn give_up(&mut self, held: &Held, (rank, address): (u64, IpAddr)) {
        let key = key(&held.name);
        let Some(record) = self.names.get_mut(&key) else { return };
        let Claims { by_rank, clients } = record.of_mut(address.is_ipv6());
        if let Some(claim) = by_rank.get_mut(&(rank, address)) {
            claim.is_leased = false;
            if !claim.is_fixed {
                by_rank.remove(&(rank, address));
            }
        }
        if let Some((of_client, count)) = clients.get_mut(&held.owner)
            && *of_client == rank
        {
            *count -= 1;
            if *count == 0 {
                clients.remove(&held.owner);
            }
        }
        if record.v4.by_rank.is_empty() && record.v6.by_rank.is_empty() {
            self.names.remove(&key);
        }
    }

    /// Whether operators gave the name to this address, or to this client.
    #[must_use]
    pub fn is_given(&self, name: &Name, address: IpAddr, owner: &Owner) -> bool {
        self.fixed.get(&address).is_some_and(|names| names.contains(name))
            || self.reserved.get(&key(name)).is_some_and(|owners| owners.contains(owner))
    }

    /// The addresses of a name.
    pub fn addresses(&self, name: &Name, is_v6: bool) -> impl Iterator<Item = IpAddr> {
        let claims = self.names.get(&key(name)).map(|record| record.of(is_v6));
        claims.into_iter().flat_map(winning)
    }

    /// The names of an address, the one that it is to be called first.
    pub fn names(&self, address: IpAddr) -> impl Iterator<Item = &Name> {
        let leased = self.leases.get(&address).filter(|lease| self.wins(lease, address));
        let leased = leased.map(|lease| &lease.held.name);
        let fixed = self.fixed.get(&address).into_iter().flatten();
        leased.into_iter().chain(fixed.filter(move |name| leased != Some(name)))
    }

    /// Whether the name of a lease is that of its client.
    fn wins(&self, lease: &Leased, address: IpAddr) -> bool {
        let record = self.names.get(&key(&lease.held.name));
        let first = record.and_then(|record| record.of(address.is_ipv6()).by_rank.first_key_value());
        first.is_some_and(|(&(rank, _), _)| lease.rank == Some(rank))
    }

    /// All addresses with their names, in order.
    pub fn all(&self) -> impl Iterator<Item = (IpAddr, &Name)> {
        let mut leases = self.leases.keys().copied().peekable();
        let mut fixed = self.fixed.keys().copied().peekable();
        let addresses = std::iter::from_fn(move || {
            let next = leases.peek().into_iter().chain(fixed.peek()).min().copied()?;
            leases.next_if_eq(&next);
            fixed.next_if_eq(&next);
            Some(next)
        });
        addresses.flat_map(|address| self.names(address).map(move |name| (address, name)))
    }

    /// Whether there is a name that is this one or below it.
    #[must_use]
    pub fn is_known(&self, name: &Name) -> bool {
        let key = key(name);
        self.names.range(key.clone()..).next().is_some_and(|(found, _)| found.starts_with(&key))
    }

    /// Whether there is something about an address between these two.
    #[must_use]
    pub fn is_known_between(&self, first: IpAddr, last: IpAddr) -> bool {
        self.leases.range(first..=last).next().is_some() || self.fixed.range(first..=last).next().is_some()
    }
}

/// The addresses whose claims count.
fn winning(claims: &Claims) -> impl Iterator<Item = IpAddr> {
    let lowest = claims.by_rank.keys().next().map(|&(rank, _)| rank);
    claims.by_rank.keys().take_while(move |(rank, _)| Some(*rank) == lowest).map(|&(_, address)| address)
}

fn key(name: &Name) -> Key {
    let mut labels: Vec<&[u8]> = Vec::new();
    let mut rest = name.as_wire();
    while let Some((&length, after)) = rest.split_first()
        && let Some((label, after)) = after.split_at_checked(usize::from(length))
        && length > 0
    {
        labels.push(label);
        rest = after;
    }
    let bytes = labels.iter().rev().flat_map(|label| label.iter().map(u8::to_ascii_lowercase).chain([0]));
    bytes.collect()
}
