//! The tables in which reservations are found.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::net::Ipv4Addr;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use kotare_model::SubnetId;
use smallvec::{SmallVec, smallvec};

use super::hosts::{Host4, HostId};

/// The reservations that have a client or an address in common, by subnet, so that global ones come first; those of one
/// subnet in the order in which they were added. Nearly always there is one.
type Run = SmallVec<[Arc<Host4>; 1]>;

/// Reservations by client, by address, and in the order in which they were added. Keys are read from the reservations.
#[derive(Debug, Default)]
pub(super) struct Index {
    hasher: FixedState,
    by_id: HashTable<Run>,
    by_address: HashTable<Run>,
    by_number: BTreeMap<u64, Arc<Host4>>,
    /// The number of the last one added.
    last: u64,
}

impl Index {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Adds one.
    pub(super) fn insert(&mut self, mut host: Host4) {
        self.last += 1;
        host.number = self.last;
        let host = Arc::new(host);
        let Self { hasher, by_id, by_address, by_number, .. } = self;
        let hash = hasher.hash_one(host.id());
        put(by_id.entry(hash, |run| run[0].id() == host.id(), |run| hasher.hash_one(run[0].id())), &host);
        if let Some(address) = host.address {
            let hash = hasher.hash_one(address);
            let same = |run: &Run| run[0].address == Some(address);
            put(by_address.entry(hash, same, |run| hasher.hash_one(address_of(run))), &host);
        }
        by_number.insert(self.last, host);
    }

    /// Removes that of a client in a subnet.
    pub(super) fn remove(&mut self, id: HostId<'_>, subnet: SubnetId) -> Option<Arc<Host4>> {
        let removed = self.get(id, subnet)?.clone();
        let Self { hasher, by_id, by_address, by_number, .. } = self;
        take(by_id.find_entry(hasher.hash_one(id), |run| run[0].id() == id).ok(), &removed);
        if let Some(address) = removed.address {
            let same = |run: &Run| run[0].address == Some(address);
            take(by_address.find_entry(hasher.hash_one(address), same).ok(), &removed);
        }
        by_number.remove(&removed.number);
        Some(removed)
    }

    /// That of a client in a subnet.
    pub(super) fn get(&self, id: HostId<'_>, subnet: SubnetId) -> Option<&Arc<Host4>> {
        in_subnet(self.of_id(id), subnet).first()
    }

    /// Those of a client.
    pub(super) fn of_id(&self, id: HostId<'_>) -> &[Arc<Host4>] {
        self.by_id.find(self.hasher.hash_one(id), |run| run[0].id() == id).map_or(&[], |run| run)
    }

    /// Those of an address, in all subnets.
    pub(super) fn everywhere(&self, address: Ipv4Addr) -> &[Arc<Host4>] {
        let same = |run: &Run| run[0].address == Some(address);
        self.by_address.find(self.hasher.hash_one(address), same).map_or(&[], |run| run)
    }

    /// Those of an address in a subnet.
    pub(super) fn of_address(&self, subnet: SubnetId, address: Ipv4Addr) -> &[Arc<Host4>] {
        in_subnet(self.everywhere(address), subnet)
    }

    /// Visits those of a client in these subnets, which are ascending.
    pub(super) fn on_link(&self, id: HostId<'_>, link: &[SubnetId], mut visit: impl FnMut(&Arc<Host4>)) {
        let run = self.of_id(id);
        // What is shorter is walked, what is longer is searched.
        if run.len() <= link.len() {
            run.iter().filter(|host| link.binary_search(&host.subnet).is_ok()).for_each(visit);
        } else {
            link.iter().filter_map(|subnet| in_subnet(run, *subnet).first()).for_each(&mut visit);
        }
    }

    /// Those whose numbers are above this one.
    pub(super) fn after(&self, number: u64) -> impl Iterator<Item = &Arc<Host4>> {
        self.by_number.range(number.saturating_add(1)..).map(|(_, host)| host)
    }
}

/// The part of a run that is of one subnet.
fn in_subnet(run: &[Arc<Host4>], subnet: SubnetId) -> &[Arc<Host4>] {
    let start = run.partition_point(|host| host.subnet < subnet);
    let end = start + run[start..].partition_point(|host| host.subnet == subnet);
    &run[start..end]
}

/// Adds a reservation to its run.
fn put(entry: Entry<'_, Run>, host: &Arc<Host4>) {
    match entry {
        Entry::Occupied(mut run) => {
            let run = run.get_mut();
            run.insert(run.partition_point(|other| other.subnet <= host.subnet), host.clone());
        }
        Entry::Vacant(place) => {
            place.insert(smallvec![host.clone()]);
        }
    }
}

/// Removes a reservation from its run, and the run with the last one.
fn take(entry: Option<hashbrown::hash_table::OccupiedEntry<'_, Run>>, host: &Arc<Host4>) {
    if let Some(mut entry) = entry {
        entry.get_mut().retain(|other| !Arc::ptr_eq(other, host));
        if entry.get().is_empty() {
            entry.remove();
        }
    }
}

fn address_of(run: &Run) -> Ipv4Addr {
    run[0].address.unwrap_or(Ipv4Addr::UNSPECIFIED)
}
