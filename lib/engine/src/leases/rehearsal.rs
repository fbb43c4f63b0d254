//! Leases that stay as they are: what somebody would change is noted and goes no further.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use kotare_model::{Lease4, SubnetId, Timestamp};
use kotare_stats::Counters;
use kotare_store::{Change, Found, LeaseStore, PageFilter, Put, StoreError, Tally};
use parking_lot::Mutex;

use super::Leases;
use super::leased::Leased;

/// A view of a store: reads see what is there and, over it, what was put here. Nothing is put there.
#[derive(Debug)]
pub struct Rehearsal<'s, S, L: Leased = Lease4> {
    store: &'s S,
    /// What each address would have.
    changes: Mutex<BTreeMap<L::Address, LeaseChanged<L>>>,
}

/// A lease that would be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaseChanged<L = Lease4> {
    /// What is there.
    pub before: Option<L>,
    /// What would be there.
    pub after: Option<L>,
}

impl<L: Leased, S: LeaseStore<L>> Leases<S, L> {
    /// The same leases for somebody who only wants to know what would happen: neither they, nor what is derived from them,
    /// nor who watches them sees any of it.
    pub fn rehearsal(&self) -> Leases<Rehearsal<'_, S, L>, L> {
        let view = Rehearsal { store: self.store(), changes: Mutex::default() };
        Leases::new(view, Counters::unread())
    }
}

impl<L: Leased, S> Rehearsal<'_, S, L> {
    /// What would be changed, by address.
    pub fn into_changes(self) -> Vec<LeaseChanged<L>> {
        self.changes.into_inner().into_values().collect()
    }

    /// What is found over what is there: leases that would be changed are as they would be. What a lease that would be
    /// there is looked for by is left to whoever judges it; nobody has many.
    fn over(&self, found: Found<L>, fits: impl Fn(&L) -> bool) -> Found<L> {
        let changes = self.changes.lock();
        if changes.is_empty() {
            return found;
        }
        let unchanged = found.into_iter().filter(|lease| !changes.contains_key(&lease.address()));
        let changed = changes.values().filter_map(|change| change.after.as_ref());
        unchanged.chain(changed.filter(|lease| fits(lease)).cloned()).collect()
    }
}

impl<L: Leased, S: LeaseStore<L>> LeaseStore<L> for Rehearsal<'_, S, L> {
    fn is_far(&self) -> bool {
        self.store.is_far()
    }

    async fn get(&self, by: L::By<'_>) -> Result<Found<L>, StoreError> {
        let found = self.store.get(by).await?;
        Ok(self.over(found, |lease| lease.asked_for(by)))
    }

    async fn put(&self, change: Change<'_, L>) -> Result<Put<L>, StoreError> {
        let there = self.get(L::by_address(change.address)).await?.into_iter().next();
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
    ) -> Result<Vec<L>, StoreError> {
        // Fewer than the limit are all there are, so those that would be changed must not take the places of others.
        let changed = self.changes.lock().len();
        let expired = self.store.expired(subnet, now, limit.saturating_add(changed)).await?;
        let changes = self.changes.lock();
        let others = expired.into_iter().filter(|lease| !changes.contains_key(&lease.address()));
        Ok(others.take(limit).collect())
    }

    async fn remove_reclaimed(&self, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        Ok(0)
    }

    async fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> Result<Vec<L>, StoreError> {
        self.store.page(after, limit, filter).await
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        self.store.tally().await
    }

    async fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
