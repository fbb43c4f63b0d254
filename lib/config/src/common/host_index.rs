//! The tables in which reservations are found.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use kotare_model::SubnetId;
use smallvec::{SmallVec, smallvec};

use super::HostId;
use crate::Address;

/// A reservation, as it is found.
pub trait Reservation: std::fmt::Debug {
    /// What is reserved is found by this: the address, of a prefix the first one.
    type Address: Address;

    /// What names its client.
    fn id(&self) -> HostId<'_>;

    /// The subnet it is for.
    fn subnet(&self) -> SubnetId;

    /// What it reserves.
    fn addresses(&self) -> impl Iterator<Item = Self::Address>;
}

/// The reservations that have a client or an address in common, by subnet, so that global ones come first; those of one
/// subnet in the order in which they were added. Nearly always there is one.
type Run<H> = SmallVec<[Arc<H>; 1]>;

/// Reservations by client, by address, and all of them.
#[derive(Debug)]
pub struct HostIndex<H: Reservation> {
    hasher: FixedState,
    /// The client is read from the reservations.
    by_id: HashTable<Run<H>>,
    by_address: HashTable<(H::Address, Run<H>)>,
    all: Vec<Arc<H>>,
}

impl<H: Reservation> Default for HostIndex<H> {
    fn default() -> Self {
        let (by_id, by_address) = (HashTable::new(), HashTable::new());
        Self { hasher: FixedState::default(), by_id, by_address, all: Vec::new() }
    }
}

impl<H: Reservation> HostIndex<H> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds one.
    pub fn insert(&mut self, host: H) {
        let host = Arc::new(host);
        let Self { hasher, by_id, by_address, all } = self;
        let hash = hasher.hash_one(host.id());
        match by_id.entry(hash, |run| run[0].id() == host.id(), |run| hasher.hash_one(run[0].id())) {
            Entry::Occupied(mut run) => put(run.get_mut(), &host),
            Entry::Vacant(place) => _ = place.insert(smallvec![host.clone()]),
        }
        for address in host.addresses() {
            let hash = hasher.hash_one(address);
            match by_address.entry(hash, |(of, _)| *of == address, |(of, _)| hasher.hash_one(of)) {
                Entry::Occupied(mut run) => put(&mut run.get_mut().1, &host),
                Entry::Vacant(place) => _ = place.insert((address, smallvec![host.clone()])),
            }
        }
        all.push(host);
    }

    /// That of a client in a subnet.
    pub fn get(&self, id: HostId<'_>, subnet: SubnetId) -> Option<&Arc<H>> {
        in_subnet(self.of_id(id), subnet).first()
    }

    /// Those of a client.
    pub fn of_id(&self, id: HostId<'_>) -> &[Arc<H>] {
        self.by_id.find(self.hasher.hash_one(id), |run| run[0].id() == id).map_or(&[], |run| run)
    }

    /// Those of an address, in all subnets.
    pub fn everywhere(&self, address: H::Address) -> &[Arc<H>] {
        let found = self.by_address.find(self.hasher.hash_one(address), |(of, _)| *of == address);
        found.map_or(&[], |(_, run)| run)
    }

    /// Those of an address in a subnet.
    pub fn of_address(&self, subnet: SubnetId, address: H::Address) -> &[Arc<H>] {
        in_subnet(self.everywhere(address), subnet)
    }

    /// Visits those of a client in these subnets, which are ascending.
    pub fn on_link(&self, id: HostId<'_>, link: &[SubnetId], mut visit: impl FnMut(&Arc<H>)) {
        let run = self.of_id(id);
        // What is shorter is walked, what is longer is searched.
        if run.len() <= link.len() {
            run.iter().filter(|host| link.binary_search(&host.subnet()).is_ok()).for_each(visit);
        } else {
            link.iter().filter_map(|subnet| in_subnet(run, *subnet).first()).for_each(&mut visit);
        }
    }

    /// All of them.
    pub fn all(&self) -> &[Arc<H>] {
        &self.all
    }
}

/// The part of a run that is of one subnet.
fn in_subnet<H: Reservation>(run: &[Arc<H>], subnet: SubnetId) -> &[Arc<H>] {
    let start = run.partition_point(|host| host.subnet() < subnet);
    let end = start + run[start..].partition_point(|host| host.subnet() == subnet);
    &run[start..end]
}

/// Adds a reservation to its run.
fn put<H: Reservation>(run: &mut Run<H>, host: &Arc<H>) {
    run.insert(run.partition_point(|other| other.subnet() <= host.subnet()), host.clone());
}
