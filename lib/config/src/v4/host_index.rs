//! The tables in which reservations are found.

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

/// Reservations by client, by address, and all of them. Keys are read from the reservations.
#[derive(Debug, Default)]
pub(super) struct Index {
    hasher: FixedState,
    by_id: HashTable<Run>,
    by_address: HashTable<Run>,
    all: Vec<Arc<Host4>>,
}

impl Index {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Adds one.
    pub(super) fn insert(&mut self, host: Host4) {
        let host = Arc::new(host);
        let Self { hasher, by_id, by_address, all } = self;
        let hash = hasher.hash_one(host.id());
        put(by_id.entry(hash, |run| run[0].id() == host.id(), |run| hasher.hash_one(run[0].id())), &host);
        if let Some(address) = host.address {
            let hash = hasher.hash_one(address);
            let same = |run: &Run| run[0].address == Some(address);
            put(by_address.entry(hash, same, |run| hasher.hash_one(address_of(run))), &host);
        }
        all.push(host);
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

    /// All of them.
    pub(super) fn all(&self) -> &[Arc<Host4>] {
        &self.all
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

fn address_of(run: &Run) -> Ipv4Addr {
    run[0].address.unwrap_or(Ipv4Addr::UNSPECIFIED)
}
