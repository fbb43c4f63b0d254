//! Leases that stay as they are: what somebody would change is noted and goes no further.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::Ipv4Addr;

use kotare_model::{Lease4, SubnetId, Timestamp};
use kotare_stats::Counters4;
use kotare_store::{By4, Change, Found, Lease, LeaseStore, PageFilter, Put, StoreError, Tally};
use parking_lot::Mutex;

use super::Leases;

/// A view of a store: reads see what is there and, over it, what was put here. Nothing is put there.
#[derive(Debug)]
pub struct Rehearsal<'s, S> {
    store: &'s S,
    /// What each address would have.
    changes: Mutex<BTreeMap<Ipv4Addr, LeaseChanged>>,
}

/// A lease that would be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaseChanged {
    /// What is there.
    pub before: Option<Lease4>,
    /// What would be there.
    pub after: Option<Lease4>,
}

impl<S: LeaseStore<Lease4>> Leases<S> {
    /// The same leases for somebody who only wants to know what would happen: neither they, nor what is derived from them,
    /// nor who watches them sees any of it.
    pub fn rehearsal(&self) -> Leases<Rehearsal<'_, S>> {
        let view = Rehearsal { store: self.store(), changes: Mutex::default() };
        Leases::new(view, Counters4::unread())
    }
}

impl<S> Rehearsal<'_, S> {
    /// What would be changed, by address.
    pub fn into_changes(self) -> Vec<LeaseChanged> {
        self.changes.into_inner().into_values().collect()
    }

    /// What is found over what is there: leases that would be changed are as they would be. What a lease that would be
    /// there is looked for by is left to whoever judges it; nobody has many.
    fn over(&self, found: Found<Lease4>, fits: impl Fn(&Lease4) -> bool) -> Found<Lease4> {
        let changes = self.changes.lock();
        if changes.is_empty() {
            return found;
        }
        let unchanged = found.into_iter().filter(|lease| !changes.contains_key(&lease.address));
        let changed = changes.values().filter_map(|change| change.after.as_ref());
        unchanged.chain(changed.filter(|lease| fits(lease)).cloned()).collect()
    }
}

/// Whether a question is about a lease.
fn asks_for(by: By4<'_>, lease: &Lease4) -> bool {
    let of_client = |id: &[u8]| lease.client_id.as_ref().is_some_and(|it| it.as_bytes() == id);
    match by {
        By4::Address(address) => lease.address == address,
        By4::ClientId(id) => of_client(id),
        By4::HwAddr(hwaddr) => lease.hwaddr == *hwaddr,
        By4::ClientIdOn(id, subnets) => of_client(id) && subnets.contains(&lease.subnet_id),
        By4::HwAddrOn(hwaddr, subnets) => lease.hwaddr == *hwaddr && subnets.contains(&lease.subnet_id),
        By4::NamelessOn(hwaddr, subnets) => {
            lease.hwaddr == *hwaddr && lease.client_id.is_none() && subnets.contains(&lease.subnet_id)
        }
        By4::Hostname(name) => lease.hostname == *name,
    }
}

impl<S: LeaseStore<Lease4>> LeaseStore<Lease4> for Rehearsal<'_, S> {
    async fn get(&self, by: <Lease4 as Lease>::By<'_>) -> Result<Found<Lease4>, StoreError> {
        let found = self.store.get(by).await?;
        Ok(self.over(found, |lease| asks_for(by, lease)))
    }

    async fn put(&self, change: Change<'_, Lease4>) -> Result<Put<Lease4>, StoreError> {
        let there = self.get(By4::Address(change.address)).await?.into_iter().next();
        if there.as_ref() != change.from {
            return Ok(Put::Conflict(there.map(Box::new)));
        }
        let mut changes = self.changes.lock();
        let after = change.to.cloned();
        match changes.entry(change.address) {
            Entry::Occupied(mut entry) => entry.get_mut().after = after,
            Entry::Vacant(entry) => {
                entry.insert(LeaseChanged { before: there, after });
            }
        }
        Ok(Put::Done)
    }

    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Lease4>, StoreError> {
        let expired = self.store.expired(subnet, now, limit).await?;
        let changes = self.changes.lock();
        Ok(expired.into_iter().filter(|lease| !changes.contains_key(&lease.address)).collect())
    }

    async fn remove_reclaimed(&self, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        Ok(0)
    }

    async fn page(
        &self,
        after: Option<Ipv4Addr>,
        limit: usize,
        filter: PageFilter,
    ) -> Result<Vec<Lease4>, StoreError> {
        self.store.page(after, limit, filter).await
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        self.store.tally().await
    }

    async fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
