//! The store: what the server opens, asks and rotates.

mod lookup;
pub(crate) mod lookup4;
mod lookup6;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use kotare_model::{Durability, Lease4, Lease6, LeaseType, Lifetime, SubnetId, Timestamp};
use kotare_store::{Ahead, Change, Found, LeaseStore, PageFilter, Put, Relayed, StoreError, Tally};
use parking_lot::{Mutex, MutexGuard};

use crate::clients::ClientIndex;
use crate::disk::{Disk, System};
use crate::dump::dump;
use crate::files::Reserve;
use crate::journal::Journal;
use crate::kept::{Kept, Places, Told, Unit};
use crate::messages::{
    DHCPSRV_MEMFILE_DB, DHCPSRV_MEMFILE_DELETE_EXPIRED_RECLAIMED_START, DHCPSRV_MEMFILE_FAILED_TO_OPEN,
    DHCPSRV_MEMFILE_NO_STORAGE,
};
use crate::open::{Loaded, Options, index, open_files};
use crate::relayed::RelayIndex;
use crate::table::{Class, SHARDS, Shard};
use crate::view::View;

/// How many units of leases are looked for at once in a shard when leases are read page by page.
const AHEAD: usize = 32;

/// What [`Memfile::rotate`] found. Start `kea-lfc` after either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The lease file is now the cleanup's input; a new one is being written.
    Rotated,
    /// An earlier cleanup did not finish; the files are as it left them, so it can go on.
    Unfinished,
}

/// How the journal is doing, for `status-get` and statistics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Leases in memory, in any state.
    pub leases: u64,
    /// Rows appended since the store was opened.
    pub rows: u64,
    /// Bytes of rows that wait for a flush.
    pub pending_bytes: u64,
    /// Size of the lease file in bytes, without rows that were not written whole.
    pub file_bytes: u64,
    /// Flushes that failed since the store was opened.
    pub failed_flushes: u64,
    /// Why the last flush failed; `None` when it did not.
    pub failure: Option<String>,
}

/// The `memfile` lease backend for DHCPv4.
pub type Memfile4 = Memfile<Lease4>;

/// The `memfile` lease backend for DHCPv6.
pub type Memfile6 = Memfile<Lease6>;

/// The `memfile` lease backend.
///
/// Leases are in shards by address, each with one lock. A client's leases are found through indexes that name
/// them; a shard's lock is taken before an index's, never after. There is none of host names, which clients choose
/// and nobody waits for: looking for one looks at all leases. A put compares, adds its row to the journal
/// and changes the lease under the shard's lock, so rows of one address are in the order of its changes.
#[derive(Debug)]
pub struct Memfile<L: Kept> {
    shards: [Mutex<Shard<L>>; SHARDS],
    /// One for each of [`Kept::KEYS`].
    indexes: Vec<ClientIndex<L>>,
    /// Which leases came through which relay agent, once somebody asked.
    relayed: OnceLock<Box<RelayIndex<L>>>,
    seed: u64,
    journal: Option<Journal>,
    loaded: Loaded,
}

impl<L: Kept> Memfile<L> {
    /// Loads the lease files and opens the lease file for writing.
    ///
    /// Never for a configuration check: a torn last row is set aside, a missing file is made. Fails if the file
    /// cannot be written, is no lease file, is used by another server or is being cleaned up.
    pub fn open(options: Options) -> Result<Self, StoreError> {
        Self::open_on(options, Arc::new(System))
    }

    /// Opens on a disk that may fail.
    pub(crate) fn open_on(options: Options, disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        let mut shards: [Shard<L>; SHARDS] = Default::default();
        let mut loaded = Loaded::default();
        let journal = match &options.path {
            Some(path) => {
                DHCPSRV_MEMFILE_DB(format_args!(
                    "name={} type=memfile universe={}",
                    path.display(),
                    L::FORMAT.universe
                ));
                let journal = open_files(path.clone(), &options, disk, &mut shards, &mut loaded);
                Some(journal.inspect_err(|error| DHCPSRV_MEMFILE_FAILED_TO_OPEN(error))?)
            }
            None => {
                DHCPSRV_MEMFILE_NO_STORAGE();
                None
            }
        };
        loaded.leases = shards.iter().map(|shard| shard.len() as u64).sum();
        let indexes = index(&mut shards, options.seed);
        let (shards, relayed, seed) = (shards.map(Mutex::new), OnceLock::new(), options.seed);
        let store = Self { shards, indexes, relayed, seed, journal, loaded };
        store.settle();
        Ok(store)
    }

    /// What was found in the files when the store was opened.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The lease file, or `None` if leases are only in memory.
    pub fn path(&self) -> Option<&Path> {
        self.journal.as_ref().map(Journal::path)
    }

    /// Changes when a row counts as kept, from the next flush on.
    pub fn set_durability(&self, durability: Durability) {
        if let Some(journal) = &self.journal {
            journal.set_durability(durability);
        }
    }

    /// How many leases there are, in any state.
    pub fn len(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().len() as u64).sum()
    }

    /// Whether there are no leases at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The addresses, in order, of leases that are `wanted` by their address, type, subnet and user context. All are looked
    /// at, on several threads.
    pub fn select(
        &self,
        wanted: impl Fn(L::Address, LeaseType, SubnetId, Option<&[u8]>) -> bool + Sync,
    ) -> Vec<L::Address> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        let look = |shards: &[Mutex<Shard<L>>]| {
            let mut found = Vec::new();
            for shard in shards {
                let shard = shard.lock();
                let leases = shard
                    .iter()
                    .filter(|it| wanted(it.address, L::kind(&it.own), it.subnet_id, it.user_context));
                found.extend(leases.map(|lease| lease.address));
            }
            found
        };
        let mut found: Vec<_> = std::thread::scope(|scope| {
            let parts = self.shards.chunks(SHARDS.div_ceil(threads)).map(|part| scope.spawn(|| look(part)));
            let parts: Vec<_> = parts.collect();
            let join = |part: std::thread::ScopedJoinHandle<'_, _>| {
                part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            parts.into_iter().flat_map(join).collect()
        });
        found.sort_unstable();
        found
    }

    /// How the journal is doing. Does not wait for a flush under way, as one that writes the file anew may take long.
    pub fn status(&self) -> Status {
        let leases = self.len();
        let Some(journal) = &self.journal else { return Status { leases, ..Status::default() } };
        let journal = journal.status();
        Status {
            leases,
            rows: journal.rows,
            pending_bytes: journal.pending_bytes,
            file_bytes: journal.file_bytes,
            failed_flushes: journal.failures.count,
            failure: journal.failures.last,
        }
    }

    /// Whether a cleanup is due, whenever the last one was: the lease file grew far beyond what its leases need, or
    /// there was no room for it, and a cleanup would make some.
    pub fn cleanup_due(&self) -> bool {
        self.journal.as_ref().is_some_and(Journal::cleanup_due)
    }

    /// Makes use of the room that a cleanup made: keeps some for the next one, writes what waits. What cannot be done
    /// now is tried again by the next flush.
    pub fn settle(&self) {
        if let Some(journal) = &self.journal {
            Reserve::of(journal.path()).keep(self.len());
            journal.settle(&self.shards);
        }
    }

    /// Writes all leases to the lease file `path`, as one row each. What was called so before, the lease file in use or
    /// another one that nobody uses, is `path.bak` with the number of this process from now on, or the first of
    /// `-2`, `-3`, … behind it that is free.
    ///
    /// # Errors
    /// Why not, which is also that `path` is there and no lease file of these leases; what was called so before is called
    /// so still.
    pub fn write_to(&self, path: &Path) -> Result<(), StoreError> {
        match &self.journal {
            Some(journal) if journal.path() == path => journal.write_all_anew(&self.shards),
            _ => dump(&self.shards, path),
        }
    }

    /// Starts a cleanup: writes what waits, makes the lease file the cleanup's input and opens a new one. Where there is
    /// no room for what waits it goes on waiting.
    ///
    /// On an error nothing has changed and the store goes on with the file it had. With leases only in memory
    /// it is an error.
    pub fn rotate(&self) -> Result<Rotation, StoreError> {
        match &self.journal {
            Some(journal) => journal.rotate(&self.shards),
            None => Err(StoreError::refused(
                "clean up the lease file",
                "there is none: 'persist' of the lease database is false",
            )),
        }
    }

    fn shard(&self, address: L::Address) -> MutexGuard<'_, Shard<L>> {
        self.shards[L::shard_of(address)].lock()
    }

    /// Makes the change from `old`, which is in `shard`, to `new`: in the journal, the indexes and the shard.
    fn change(
        &self,
        shard: &mut MutexGuard<'_, Shard<L>>,
        address: L::Address,
        new: Option<&View<'_, L>>,
    ) -> Result<(), StoreError> {
        let old = shard.find(address);
        let row = match (old, new) {
            (_, Some(new)) => *new,
            (Some(old), None) => View { valid_lifetime: Lifetime(0), ..old },
            (None, None) => return Ok(()),
        };
        if let Some(journal) = &self.journal {
            journal.append(&row)?;
        }
        // A renewal changes nothing that an index notes: that is one look instead of one for each.
        let same = |old: &View<'_, L>, new: &View<'_, L>| {
            (old.client_id, old.hwaddr, L::order(old)) == (new.client_id, new.hwaddr, L::order(new))
        };
        let noted = !old.zip(new).is_some_and(|(old, new)| same(&old, new));
        let outside = |shard: &Shard<L>| Some(L::outside(shard.handle(address)?, L::shard_of(address)));
        if noted && let (Some(old), Some(handle)) = (&old, outside(shard)) {
            self.indexes.iter().for_each(|index| index.remove(old, handle));
        }
        if let Some(relayed) = self.relayed.get()
            && old.map(|old| old.user_context) != new.map(|new| new.user_context)
        {
            old.iter().for_each(|old| relayed.remove(old));
            new.into_iter().for_each(|new| relayed.insert(new));
        }
        match new {
            Some(new) => shard.set(new),
            None => shard.remove(address),
        }
        if noted && let (Some(new), Some(handle)) = (new, outside(shard)) {
            self.indexes.iter().for_each(|index| index.insert(new, handle));
        }
        Ok(())
    }

    /// The index of what relay agents said, which is made if there is none yet. A change of a lease that goes on meanwhile is
    /// noted, or is made before its shard is looked through.
    fn relayed(&self) -> &RelayIndex<L> {
        let index = self.relayed.get_or_init(|| Box::new(RelayIndex::new(self.seed)));
        index.fill(|| {
            for shard in &self.shards {
                shard.lock().iter().for_each(|lease| index.insert(&lease));
            }
        });
        index
    }

    /// Up to `limit` leases above `after` whose relay agents said so.
    fn page_relayed(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
        wanted: Relayed<'_>,
    ) -> Vec<L> {
        let (index, mut after, mut page) = (self.relayed(), after, Vec::new());
        while page.len() < limit {
            let addresses = index.after(wanted, after, limit - page.len());
            let Some(last) = addresses.last() else { break };
            after = Some(*last);
            let found = addresses.into_iter().filter_map(|at| self.shard(at).find(at).map(View::to_lease));
            page.extend(found.filter(|lease| filter.admits(lease)));
        }
        page
    }

    /// Up to `limit` leases of a kind, of one subnet or of all, that ended at or before `now`, the longest ended first.
    fn due(
        &self,
        class: Class,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Vec<(Timestamp, L::Address)> {
        let shards = self.shards.iter();
        let mut due: Vec<_> = shards.flat_map(|shard| shard.lock().due(class, subnet, now, limit)).collect();
        due.sort_unstable();
        due.truncate(limit);
        due
    }
}

impl<L: Kept> LeaseStore<L> for Memfile<L> {
    async fn get(&self, by: L::By<'_>) -> Result<Found<L>, StoreError> {
        Ok(L::find(self, by))
    }

    async fn put(&self, change: Change<'_, L>) -> Result<Put<L>, StoreError> {
        let Change { address, from, to } = change;
        let new = to.map(L::view);
        if let Some(new) = &new {
            new.check().map_err(|unfit| unfit.error(address))?;
            if new.address != address {
                return Err(StoreError::refused(
                    format!("write the lease of {address}"),
                    format!("it is a lease of {}", new.address),
                ));
            }
        }
        let mut shard = self.shard(address);
        let old = shard.find(address);
        if old != from.map(L::view) {
            return Ok(Put::Conflict(old.map(|old| Box::new(old.to_lease()))));
        }
        match (&old, &new) {
            (None, Some(_)) => L::tell(Told::Add(address)),
            (Some(_), Some(_)) => L::tell(Told::Update(address)),
            (Some(_), None) => L::tell(Told::Delete(address)),
            (None, None) => {}
        }
        self.change(&mut shard, address, new.as_ref())?;
        Ok(Put::Done)
    }

    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<L>, StoreError> {
        L::tell(Told::Expired(limit));
        let due = self.due(Class::Unreclaimed, subnet, now, limit);
        Ok(due
            .into_iter()
            // Another thread may have renewed it meanwhile.
            .filter_map(|(end, address)| {
                self.shard(address).find(address).filter(|lease| lease.expires() == end).map(View::to_lease)
            })
            .collect())
    }

    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let due = self.due(Class::Reclaimed, None, before, limit);
        if !due.is_empty() {
            DHCPSRV_MEMFILE_DELETE_EXPIRED_RECLAIMED_START(due.len());
        }
        let mut removed = 0;
        for (end, address) in due {
            let mut shard = self.shard(address);
            // Its client may have got it again meanwhile.
            if shard
                .find(address)
                .is_some_and(|lease| lease.expires() == end && Class::of(lease.state) == Class::Reclaimed)
            {
                self.change(&mut shard, address, None)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    async fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> Result<Vec<L>, StoreError> {
        L::tell(Told::Page(limit, after));
        if let Some(wanted) = filter.relayed {
            return Ok(self.page_relayed(after, limit, filter, wanted));
        }
        let mut page = Vec::new();
        let mut next = after.map_or(Bound::Unbounded, |after| Bound::Included(L::Places::unit_of(after)));
        while page.len() < limit {
            // One look into each shard serves for many units, so that clients seldom meet whoever reads all.
            let (mut units, mut end) = (Vec::new(), None);
            for shard in &self.shards {
                let here = shard.lock().units(next, AHEAD);
                // Behind the last, this shard may have others.
                if let Some(&last) = here.get(AHEAD - 1) {
                    end = Some(end.map_or(last, |end: Unit<L>| end.min(last)));
                }
                units.extend(here.into_iter().map(|unit| (unit, shard)));
            }
            units.retain(|&(unit, _)| end.is_none_or(|end| unit <= end));
            units.sort_unstable_by_key(|&(unit, _)| unit);
            let Some(&(last, _)) = units.last() else { break };
            for (unit, shard) in units {
                page.extend(
                    shard
                        .lock()
                        .unit(unit)
                        .filter(|lease| after.is_none_or(|after| lease.address > after))
                        .filter(|lease| filter.subnet.is_none_or(|subnet| lease.subnet_id == subnet))
                        .map(View::to_lease)
                        .take(limit - page.len()),
                );
                if page.len() == limit {
                    break;
                }
            }
            next = Bound::Excluded(last);
        }
        Ok(page)
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        let mut sums: BTreeMap<_, Tally> = BTreeMap::new();
        for shard in &self.shards {
            for tally in shard.lock().tallies() {
                let Tally { subnet, lease_type, pool_id, .. } = tally;
                let none = Tally { subnet, lease_type, pool_id, ..Tally::default() };
                let sum = sums.entry((subnet, lease_type, pool_id)).or_insert(none);
                sum.assigned += tally.assigned;
                sum.declined += tally.declined;
                sum.registered += tally.registered;
            }
        }
        Ok(sums.into_values().collect())
    }

    fn precede(&self, ahead: &Arc<dyn Ahead>) -> bool {
        self.journal.as_ref().inspect(|journal| journal.precede(ahead)).is_some()
    }

    async fn flush(&self) -> Result<(), StoreError> {
        match &self.journal {
            Some(journal) => journal.flush(&self.shards),
            None => Ok(()),
        }
    }

    async fn flush_at_once(&self) -> Result<bool, StoreError> {
        self.journal.as_ref().map_or(Ok(true), Journal::flush_at_once)
    }
}

impl<L: Kept> Drop for Memfile<L> {
    /// Rows nobody waited for are written if it can be done.
    fn drop(&mut self) {
        if let Some(journal) = &self.journal {
            drop(journal.flush(&self.shards));
        }
    }
}
