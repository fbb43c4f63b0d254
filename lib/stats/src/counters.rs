//! What workers add to.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kotare_model::SubnetId;

use crate::Stat4;
use crate::changed::{Changed, Place, Watched};
use crate::histogram::Histogram;

/// One worker's counters of the whole server, on cache lines of their own.
///
/// Several threads may share one (additions are atomic), but a worker that has its own never waits for
/// another's cache line. When it is dropped, what it counted stays in the totals.
#[derive(Debug)]
pub struct Counters4(pub(crate) Arc<Cells<{ Stat4::GLOBALS }>>);

/// The statistics of one subnet, shared by all workers. Cheap to clone; survives a reconfiguration that keeps the
/// subnet's id.
#[derive(Clone, Debug)]
pub struct SubnetStats {
    pub(crate) id: SubnetId,
    pub(crate) cells: Arc<Watched<{ Stat4::SUBNETS }>>,
    pub(crate) pools: Arc<[PoolStats]>,
}

/// The statistics of all pools of one subnet with the same `pool-id`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PoolStats {
    pub(crate) id: u32,
    pub(crate) cells: Arc<Watched<{ Stat4::POOLS }>>,
}

/// Counters of the whole server, and how long exchanges take, aligned so that two workers' never share a cache line (pairs of lines are fetched together).
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Cells<const N: usize>(pub(crate) [AtomicI64; N], pub(crate) Histogram);

impl Counters4 {
    /// Counters that nobody reads.
    pub fn unread() -> Self {
        Self(Arc::new(Cells([const { AtomicI64::new(0) }; Stat4::GLOBALS], Histogram::default())))
    }

    /// Counts one for the server.
    ///
    /// # Panics
    /// If the server as a whole has no such statistic (only [`Stat4::TotalAddresses`]).
    #[inline]
    pub fn count(&self, stat: Stat4) {
        self.add(stat, 1);
    }

    /// Adds `delta` (which may be negative) for the server; panics as [`Counters4::count`] does.
    #[inline]
    pub fn add(&self, stat: Stat4, delta: i64) {
        self.0.0[stat as usize].fetch_add(delta, Ordering::Relaxed);
    }

    /// Counts `count` exchanges whose reply was sent so long after their message had been received.
    #[inline]
    pub fn exchanged(&self, took: Duration, count: u64) {
        self.0.1.add(took, count);
    }

    /// Adds `delta` on every level that has the statistic: server, subnet, pool.
    #[inline]
    pub fn add_in(&self, stat: Stat4, delta: i64, subnet: Option<&SubnetStats>, pool: Option<&PoolStats>) {
        if stat.is_global() {
            self.add(stat, delta);
        }
        if let Some(subnet) = subnet.filter(|_| stat.is_of_subnet()) {
            subnet.add(stat, delta);
        }
        if let Some(pool) = pool.filter(|_| stat.is_of_pool()) {
            pool.add(stat, delta);
        }
    }
}

impl SubnetStats {
    /// The subnet's id.
    pub fn id(&self) -> SubnetId {
        self.id
    }

    /// The pool's statistics, if the subnet has a pool with this `pool-id` (0: pools without one).
    pub fn pool(&self, id: u32) -> Option<&PoolStats> {
        self.pools.iter().find(|pool| pool.id() == id)
    }

    /// The same, with those pools of `older` that are not known here: of the same subnet under an older configuration, by
    /// which leases may still be given.
    pub fn with_pools_of(&self, older: &Self) -> Self {
        let is_same = Arc::ptr_eq(&self.cells, &older.cells);
        let more = older.pools.iter().filter(|old| is_same && self.pool(old.id).is_none());
        match more.clone().next() {
            None => self.clone(),
            Some(_) => Self { pools: self.pools.iter().chain(more).cloned().collect(), ..self.clone() },
        }
    }

    /// Adds `delta` (which may be negative) for the subnet alone.
    ///
    /// # Panics
    /// If a subnet has no such statistic ([`Stat4::is_of_subnet`]).
    #[inline]
    pub fn add(&self, stat: Stat4, delta: i64) {
        self.cells.add(stat as usize - Stat4::FIRST_OF_SUBNET, delta);
    }

    pub(crate) fn set(&self, stat: Stat4, value: i64) {
        self.cells.cells()[stat as usize - Stat4::FIRST_OF_SUBNET].store(value, Ordering::Relaxed);
    }

    /// The value now; panics as [`SubnetStats::add`] does.
    pub fn value(&self, stat: Stat4) -> i64 {
        self.cells.cells()[stat as usize - Stat4::FIRST_OF_SUBNET].load(Ordering::Relaxed)
    }
}

impl PoolStats {
    pub(crate) fn new(subnet: SubnetId, id: u32, changed: &Arc<Changed>) -> Self {
        Self { id, cells: Arc::new(Watched::new(Place { subnet, pool: Some(id) }, changed)) }
    }

    /// The `pool-id`.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Adds `delta` (which may be negative) for the pool alone.
    ///
    /// # Panics
    /// If a pool has no such statistic ([`Stat4::is_of_pool`]).
    #[inline]
    pub fn add(&self, stat: Stat4, delta: i64) {
        self.cells.add(stat as usize - Stat4::FIRST_OF_POOL, delta);
    }

    pub(crate) fn set(&self, stat: Stat4, value: i64) {
        self.cells.cells()[stat as usize - Stat4::FIRST_OF_POOL].store(value, Ordering::Relaxed);
    }

    /// The value now; panics as [`PoolStats::add`] does.
    pub fn value(&self, stat: Stat4) -> i64 {
        self.cells.cells()[stat as usize - Stat4::FIRST_OF_POOL].load(Ordering::Relaxed)
    }
}

pub(crate) fn cells<const N: usize>() -> [AtomicI64; N] {
    [const { AtomicI64::new(0) }; N]
}
