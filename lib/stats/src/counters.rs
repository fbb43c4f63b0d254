//! What workers add to.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kotare_model::SubnetId;

use crate::changed::{Changed, Place, PoolKey, Watched};
use crate::histogram::Histogram;
use crate::statistic::{Array, PoolKind};
use crate::{Stat4, Stat6, Statistic};

/// Those of a DHCPv4 server.
pub type Counters4 = Counters<Stat4>;
/// Those of a DHCPv6 server.
pub type Counters6 = Counters<Stat6>;

/// One worker's counters of the whole server, on cache lines of their own.
///
/// Several threads may share one (additions are atomic), but a worker that has its own never waits for
/// another's cache line. When it is dropped, what it counted stays in the totals.
#[derive(Debug)]
pub struct Counters<S: Statistic>(pub(crate) Arc<Cells<S>>);

/// The statistics of one subnet, shared by all workers. Cheap to clone; survives a reconfiguration that keeps the
/// subnet's id.
#[derive(Debug)]
pub struct SubnetStats<S: Statistic = Stat4> {
    pub(crate) id: SubnetId,
    pub(crate) cells: Arc<Watched<S::OfSubnet<AtomicI64>>>,
    pub(crate) pools: Arc<[PoolStats<S>]>,
}

/// The statistics of all pools of one kind and one subnet with the same `pool-id`. Cheap to clone.
#[derive(Debug)]
pub struct PoolStats<S: Statistic = Stat4> {
    pub(crate) pool: PoolKey,
    pub(crate) cells: Arc<Watched<S::OfPool<AtomicI64>>>,
}

/// Counters of the whole server, and how long exchanges take, aligned so that two workers' never share a cache line (pairs of lines are fetched together).
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Cells<S: Statistic>(S::OfServer<AtomicI64>, pub(crate) Histogram);

impl<S: Statistic> Cells<S> {
    pub(crate) fn new() -> Self {
        Self(S::OfServer::from_fn(|_| AtomicI64::new(0)), Histogram::default())
    }

    /// Of each statistic that the server as a whole has.
    pub(crate) fn counts(&self) -> &[AtomicI64] {
        self.0.as_ref()
    }

    pub(crate) fn count(&self, place: usize) -> i64 {
        self.counts()[place].load(Ordering::Relaxed)
    }
}

impl<S: Statistic> Counters<S> {
    /// Counters that nobody reads.
    pub fn unread() -> Self {
        Self(Arc::new(Cells::new()))
    }

    /// Counts one for the server.
    ///
    /// # Panics
    /// If the server as a whole has no such statistic ([`Statistic::is_global`]).
    #[inline]
    pub fn count(&self, stat: S) {
        self.add(stat, 1);
    }

    /// Adds `delta` (which may be negative) for the server; panics as [`Counters::count`] does.
    #[inline]
    pub fn add(&self, stat: S, delta: i64) {
        self.0.counts()[stat.place()].fetch_add(delta, Ordering::Relaxed);
    }

    /// Counts `count` exchanges whose reply was sent so long after their message had been received.
    #[inline]
    pub fn exchanged(&self, took: Duration, count: u64) {
        self.0.1.add(took, count);
    }

    /// Adds `delta` on every level that has the statistic: server, subnet, pool.
    #[inline]
    pub fn add_in(&self, stat: S, delta: i64, subnet: Option<&SubnetStats<S>>, pool: Option<&PoolStats<S>>) {
        if stat.is_global() {
            self.add(stat, delta);
        }
        if let Some(subnet) = subnet.filter(|_| stat.is_of_subnet()) {
            subnet.add(stat, delta);
        }
        if let Some(pool) = pool {
            pool.add(stat, delta);
        }
    }
}

impl<S: Statistic> Clone for SubnetStats<S> {
    fn clone(&self) -> Self {
        Self { id: self.id, cells: self.cells.clone(), pools: self.pools.clone() }
    }
}

impl<S: Statistic> Clone for PoolStats<S> {
    fn clone(&self) -> Self {
        Self { pool: self.pool, cells: self.cells.clone() }
    }
}

impl<S: Statistic> SubnetStats<S> {
    /// The subnet's id.
    pub fn id(&self) -> SubnetId {
        self.id
    }

    /// The statistics of the pools of addresses with this `pool-id` (0: pools without one), if the subnet has any.
    pub fn pool(&self, id: u32) -> Option<&PoolStats<S>> {
        self.pool_of(PoolKind::Addresses, id)
    }

    /// The statistics of the pools of this kind with this `pool-id`, if the subnet has any.
    pub fn pool_of(&self, kind: PoolKind, id: u32) -> Option<&PoolStats<S>> {
        let key = PoolKey { kind, id };
        self.pools.iter().find(|pool| pool.pool == key)
    }

    /// Whether these are the same statistics of the same pools.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cells, &other.cells) && Arc::ptr_eq(&self.pools, &other.pools)
    }

    /// The same, with those pools of `older` that are not known here: of the same subnet under an older configuration, by
    /// which leases may still be given.
    pub fn with_pools_of(&self, older: &Self) -> Self {
        let is_same = Arc::ptr_eq(&self.cells, &older.cells);
        let is_new = |old: &&PoolStats<S>| is_same && self.pool_of(old.kind(), old.id()).is_none();
        let more = older.pools.iter().filter(is_new);
        match more.clone().next() {
            None => self.clone(),
            Some(_) => Self { pools: self.pools.iter().chain(more).cloned().collect(), ..self.clone() },
        }
    }

    /// Adds `delta` (which may be negative) for the subnet alone.
    ///
    /// # Panics
    /// If a subnet has no such statistic ([`Statistic::is_of_subnet`]).
    #[inline]
    pub fn add(&self, stat: S, delta: i64) {
        self.cells.add(stat.place() - S::FIRST_OF_SUBNET, delta);
    }

    /// How much was added; panics as [`SubnetStats::add`] does.
    pub fn value(&self, stat: S) -> i64 {
        self.cells.cells()[stat.place() - S::FIRST_OF_SUBNET].load(Ordering::Relaxed)
    }

    pub(crate) fn place(stat: S) -> Option<usize> {
        stat.place().checked_sub(S::FIRST_OF_SUBNET)
    }
}

impl<S: Statistic> PoolStats<S> {
    pub(crate) fn new(subnet: SubnetId, pool: PoolKey, changed: &Arc<Changed>) -> Self {
        Self { pool, cells: Arc::new(Watched::new(Place { subnet, pool: Some(pool) }, changed)) }
    }

    /// The `pool-id`.
    pub fn id(&self) -> u32 {
        self.pool.id
    }

    /// What the pools are of.
    pub fn kind(&self) -> PoolKind {
        self.pool.kind
    }

    /// Adds `delta` (which may be negative) for the pool alone, if it has such a statistic.
    #[inline]
    pub fn add(&self, stat: S, delta: i64) {
        if let Some(place) = self.place(stat) {
            self.cells.add(place, delta);
        }
    }

    /// How much was added; 0 of what it does not have.
    pub fn value(&self, stat: S) -> i64 {
        self.place(stat).map_or(0, |place| self.cells.cells()[place].load(Ordering::Relaxed))
    }

    pub(crate) fn place(&self, stat: S) -> Option<usize> {
        stat.place_in_pool(self.pool.kind)
    }
}
