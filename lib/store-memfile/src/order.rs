//! Leases of DHCPv6 by address, in order, without a copy of their addresses.
//!
//! Addresses of a subnet are too far apart for blocks of neighbours, and a tree of addresses and slots takes as much memory
//! for a lease as a quarter of its record. What is kept here are the slots alone, in runs; what they are in order of stands
//! in the records, which are looked at anyway.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;
use std::ops::Bound;

use kotare_model::Lease6;

use crate::kept::Places;
use crate::record::Record;

/// So many slots are in a run at most.
const FULL: usize = 64;

/// Slots in the order of the addresses that their records have.
#[derive(Debug, Default)]
pub struct Order {
    /// None is empty. What a run has is not before its key, and before the key of the next one.
    runs: BTreeMap<Number, Vec<u32>>,
}

/// An address as one number: compared at once, where addresses are compared group by group.
type Number = u128;

impl Order {
    /// The key of the run that has an address, if it is there.
    fn key(&self, address: Number) -> Option<Number> {
        self.runs.range(..=address).next_back().map(|(&key, _)| key)
    }

    /// Makes one run of a short one and a neighbour, if they are no more than half of one.
    fn join(&mut self, key: Number) {
        let Some(length) = self.runs.get(&key).map(Vec::len).filter(|&length| length < FULL / 4) else {
            return;
        };
        let fits = |(_, other): &(&Number, &Vec<u32>)| length + other.len() <= FULL / 2;
        let before = self.runs.range(..key).next_back().filter(fits).map(|(&before, _)| (before, key));
        let after = || {
            let mut after = self.runs.range((Bound::Excluded(key), Bound::Unbounded));
            after.next().filter(fits).map(|(&after, _)| (key, after))
        };
        let Some((to, from)) = before.or_else(after) else { return };
        let moved = self.runs.remove(&from);
        if let (Some(run), Some(moved)) = (self.runs.get_mut(&to), moved) {
            run.extend(moved);
        }
    }
}

/// A run that grows without asking for memory.
fn run() -> Vec<u32> {
    Vec::with_capacity(FULL)
}

/// The address of a slot that has a lease, as a number.
fn number(slots: &[Record<Lease6>], slot: u32) -> Number {
    address(slots, slot).into()
}

/// The address of a slot that has a lease.
fn address(slots: &[Record<Lease6>], slot: u32) -> Ipv6Addr {
    slots[slot as usize].named
}

impl Places<Lease6> for Order {
    /// An address.
    type Unit = Ipv6Addr;

    fn get(&self, wanted: Ipv6Addr, slots: &[Record<Lease6>]) -> Option<u32> {
        let wanted = wanted.into();
        let (_, run) = self.runs.range(..=wanted).next_back()?;
        let place = run.binary_search_by_key(&wanted, |&slot| number(slots, slot)).ok()?;
        Some(run[place])
    }

    fn insert(&mut self, new: Ipv6Addr, slot: u32, slots: &[Record<Lease6>]) {
        let new = new.into();
        let Some((_, run)) = self.runs.range_mut(..=new).next_back() else {
            // Before all others there may come more.
            let mut first = run();
            first.push(slot);
            self.runs.insert(0, first);
            return;
        };
        let place = run.partition_point(|&slot| number(slots, slot) < new);
        if run.len() < FULL {
            run.insert(place, slot);
            return;
        }
        let mut rest = self::run();
        if place == FULL {
            // Who comes in order leaves full runs behind.
            rest.push(slot);
            self.runs.insert(new, rest);
            return;
        }
        rest.extend(run.drain(FULL / 2..));
        match place.checked_sub(FULL / 2 + 1) {
            Some(_) => rest.insert(place - FULL / 2, slot),
            None => run.insert(place, slot),
        }
        self.runs.insert(number(slots, rest[0]), rest);
    }

    fn remove(&mut self, old: Ipv6Addr, slots: &[Record<Lease6>]) -> Option<u32> {
        let old = old.into();
        let key = self.key(old)?;
        let run = self.runs.get_mut(&key)?;
        let place = run.binary_search_by_key(&old, |&slot| number(slots, slot)).ok()?;
        let slot = run.remove(place);
        if run.is_empty() {
            self.runs.remove(&key);
        } else {
            self.join(key);
        }
        Some(slot)
    }

    fn unit_of(address: Ipv6Addr) -> Ipv6Addr {
        address
    }

    fn units(&self, from: Bound<Ipv6Addr>, slots: &[Record<Lease6>]) -> impl Iterator<Item = Ipv6Addr> {
        let key = match from {
            Bound::Included(from) | Bound::Excluded(from) => self.key(from.into()),
            Bound::Unbounded => None,
        };
        let runs = self.runs.range(key.unwrap_or_default()..).flat_map(|(_, run)| run);
        runs.map(|&slot| address(slots, slot)).skip_while(move |address| match from {
            Bound::Included(from) => *address < from,
            Bound::Excluded(from) => *address <= from,
            Bound::Unbounded => false,
        })
    }

    fn unit(&self, unit: Ipv6Addr, slots: &[Record<Lease6>]) -> impl Iterator<Item = (Ipv6Addr, u32)> {
        self.get(unit, slots).map(|slot| (unit, slot)).into_iter()
    }

    fn iter(&self, slots: &[Record<Lease6>]) -> impl Iterator<Item = (Ipv6Addr, u32)> {
        self.runs.values().flatten().map(|&slot| (address(slots, slot), slot))
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
