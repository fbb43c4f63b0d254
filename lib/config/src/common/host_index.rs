//! The tables in which reservations are found.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use kotare_model::SubnetId;
use smallvec::{SmallVec, smallvec};

use super::HostId;
use super::tables::Tables;
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

/// Reservations by client and by address. Where one is added or taken out, another index is made that shares with this one
/// all tables but those that it stands in.
#[derive(Debug)]
pub struct HostIndex<H: Reservation> {
    hasher: FixedState,
    /// The client is read from the reservations.
    by_id: Tables<Run<H>>,
    by_address: Tables<(H::Address, Run<H>)>,
    len: usize,
}

impl<H: Reservation> Default for HostIndex<H> {
    fn default() -> Self {
        let (by_id, by_address) = (Tables::default(), Tables::default());
        Self { hasher: FixedState::default(), by_id, by_address, len: 0 }
    }
}

impl<H: Reservation> Clone for HostIndex<H> {
    fn clone(&self) -> Self {
        let Self { hasher, by_id, by_address, len } = self;
        Self { hasher: hasher.clone(), by_id: by_id.clone(), by_address: by_address.clone(), len: *len }
    }
}

impl<H: Reservation> HostIndex<H> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds one.
    pub fn insert(&mut self, host: H) {
        let host = Arc::new(host);
        let Self { hasher, by_id, by_address, len } = self;
        let hash = hasher.hash_one(host.id());
        let rehash = |run: &Run<H>| hasher.hash_one(run[0].id());
        match by_id.of(hash, rehash).entry(hash, |run| run[0].id() == host.id(), rehash) {
            Entry::Occupied(mut run) => put(run.get_mut(), &host),
            Entry::Vacant(place) => _ = place.insert(smallvec![host.clone()]),
        }
        for address in host.addresses() {
            let hash = hasher.hash_one(address);
            let rehash = |(of, _): &(H::Address, Run<H>)| hasher.hash_one(of);
            match by_address.of(hash, rehash).entry(hash, |(of, _)| *of == address, rehash) {
                Entry::Occupied(mut run) => put(&mut run.get_mut().1, &host),
                Entry::Vacant(place) => _ = place.insert((address, smallvec![host.clone()])),
            }
        }
        *len += 1;
    }

    /// Takes that of a client in a subnet out.
    pub fn remove(&mut self, id: HostId<'_>, subnet: SubnetId) -> Option<Arc<H>> {
        let host = self.get(id, subnet)?.clone();
        let Self { hasher, by_id, by_address, len } = self;
        let hash = hasher.hash_one(id);
        let table = by_id.of(hash, |run| hasher.hash_one(run[0].id()));
        if let Ok(mut run) = table.find_entry(hash, |run| run[0].id() == id) {
            run.get_mut().retain(|other| !Arc::ptr_eq(other, &host));
            if run.get().is_empty() {
                run.remove();
            }
        }
        for address in host.addresses() {
            let hash = hasher.hash_one(address);
            let table = by_address.of(hash, |(of, _)| hasher.hash_one(of));
            if let Ok(mut run) = table.find_entry(hash, |(of, _)| *of == address) {
                run.get_mut().1.retain(|other| !Arc::ptr_eq(other, &host));
                if run.get().1.is_empty() {
                    run.remove();
                }
            }
        }
        *len -= 1;
        Some(host)
    }

    /// That of a client in a subnet.
    pub fn get(&self, id: HostId<'_>, subnet: SubnetId) -> Option<&Arc<H>> {
        in_subnet(self.of_id(id), subnet).first()
    }

    /// Those of a client.
    pub fn of_id(&self, id: HostId<'_>) -> &[Arc<H>] {
        let hash = self.hasher.hash_one(id);
        self.by_id.at(hash).find(hash, |run| run[0].id() == id).map_or(&[], |run| run)
    }

    /// Those of an address, in all subnets.
    pub fn everywhere(&self, address: H::Address) -> &[Arc<H>] {
        let hash = self.hasher.hash_one(address);
        let found = self.by_address.at(hash).find(hash, |(of, _)| *of == address);
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

    /// All of them, in parts.
    pub fn parts(&self) -> impl Iterator<Item = HostPart<H>> {
        self.by_id.all().map(|table| HostPart(table.clone()))
    }
}

/// A part of all reservations, which several indexes may have in common.
#[derive(Clone, Debug)]
pub struct HostPart<H: Reservation>(Arc<HashTable<Run<H>>>);

impl<H: Reservation> HostPart<H> {
    /// Whether it is the same one, and not one that only has the same reservations.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The reservations, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<H>> {
        self.0.iter().flatten()
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
