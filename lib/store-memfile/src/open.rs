//! Opening a store: what it is asked for, what it finds, and the making of it.

use std::path::PathBuf;
use std::sync::Arc;

use kotare_model::Durability;
use kotare_store::StoreError;

use crate::clients::ClientIndex;
use crate::disk::Disk;
use crate::files::{open_locked, sync_folder};
use crate::journal::{Journal, Limits};
use crate::kept::Kept;
use crate::lfc::{Claim, LfcFiles};
use crate::load::load;
use crate::messages::DHCPSRV_MEMFILE_CONVERTING_LEASE_FILES;
use crate::table::{SHARDS, Shard};
use crate::tail::make_appendable;
use crate::writer::Writer;

/// How to open a [`Memfile4`](crate::Memfile).
#[derive(Clone, Debug)]
pub struct Options {
    /// The lease file (`lease-database/name`), or `None` to keep leases in memory only (`persist: false`).
    pub path: Option<PathBuf>,
    /// `max-row-errors`: give up loading after more bad rows than this in one file; 0 is no limit.
    pub max_row_errors: u32,
    /// When a row counts as kept.
    pub durability: Durability,
    /// Seed of the hash tables; unpredictable, so that clients cannot choose identifiers that collide.
    pub seed: u64,
    /// The most bytes of rows that wait for a flush; a [`put`](kotare_store::LeaseStore::put) fails rather than
    /// exceed it.
    pub buffer_limit: usize,
    /// How long the lease file may become before a [cleanup is due](crate::Memfile::cleanup_due), however few leases
    /// there are.
    pub file_limit: u64,
}

impl Options {
    /// Kea's defaults for this file, room for 64 MiB of unwritten rows, and a lease file of at least 64 MiB.
    pub fn new(path: Option<PathBuf>, seed: u64) -> Self {
        Self {
            path,
            max_row_errors: 0,
            durability: Durability::default(),
            seed,
            buffer_limit: 64 << 20,
            file_limit: 64 << 20,
        }
    }
}

/// What was found in the lease files at [`Memfile4::open`](crate::Memfile::open).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Leases now in memory.
    pub leases: u64,
    /// Rows read, good and bad, of all files.
    pub rows: u64,
    /// Rows that were not understood and left out.
    pub errors: u64,
    /// Whether a file has an older or newer schema: the server should rotate and clean up at once, as Kea does.
    pub needs_conversion: bool,
    /// Where an incomplete last row of the lease file was set aside.
    pub torn: Option<PathBuf>,
}

/// Makes the lease file fit for appending and loads all files of its set.
pub(crate) fn open_files<L: Kept>(
    path: PathBuf,
    options: &Options,
    disk: Arc<dyn Disk>,
    shards: &mut [Shard<L>; SHARDS],
    loaded: &mut Loaded,
) -> Result<Journal, StoreError> {
    let files = LfcFiles::of(&path);
    // Held until everything is loaded, so that no cleanup begins meanwhile.
    let _claim = match files.claim()? {
        Claim::Ours(pid_file) => pid_file,
        Claim::Cleaning(who) => {
            return Err(StoreError::unavailable(
                format!("read leases from {}", path.display()),
                format!("{who} is cleaning up its files; try again when that is finished"),
            ));
        }
    };
    let file = open_locked(&path)?;
    let appendable = make_appendable::<L>(&file, &path)?;
    let mut sources = files.sources(&L::FORMAT)?;
    sources.push(path.clone());
    let counts = load(&sources, options.max_row_errors, shards)?;
    if counts.needs_conversion {
        let (major, minor) = L::FORMAT.version().split_once('.').unwrap_or_default();
        DHCPSRV_MEMFILE_CONVERTING_LEASE_FILES(major, minor);
    }
    *loaded = Loaded {
        leases: 0,
        rows: counts.rows,
        errors: counts.errors,
        needs_conversion: counts.needs_conversion,
        torn: appendable.torn,
    };
    if options.durability == Durability::System {
        // A new file has a name only once its folder is on the disk.
        sync_folder(&path)?;
    }
    let writer = Writer::new(file, appendable.length, appendable.lead, L::FORMAT.header)
        .map_err(|error| StoreError::unavailable(format!("look at {}", path.display()), error))?;
    let limits = Limits { buffer: options.buffer_limit as u64, file: options.file_limit };
    Ok(Journal::new(path, writer, options.durability, limits, disk))
}

/// Settles the shards and makes the indexes.
pub(crate) fn index<L: Kept>(shards: &mut [Shard<L>; SHARDS], seed: u64) -> Vec<ClientIndex<L>> {
    let (low, high) = shards.split_at_mut(SHARDS / 2);
    let settle = |shards: &mut [Shard<L>]| shards.iter_mut().for_each(Shard::settle);
    std::thread::scope(|scope| {
        scope.spawn(|| settle(low));
        settle(high);
    });
    let shards = &*shards;
    let index = move |(number, key)| {
        let leases = shards.iter().enumerate().flat_map(|(number, shard)| {
            shard.iter_with_handles().map(move |(handle, lease)| (L::outside(handle, number), lease))
        });
        let at = |handle| {
            let (shard, handle) = L::inside(handle);
            shards[shard].at(handle)
        };
        ClientIndex::new(seed.wrapping_add(number), key, leases, at)
    };
    std::thread::scope(|scope| {
        let made: Vec<_> =
            (0..).zip(L::KEYS.iter().copied()).map(|each| scope.spawn(move || index(each))).collect();
        made.into_iter()
            .map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
