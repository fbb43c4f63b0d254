//! Reading lease files into the table.
//!
//! Several threads read the same files, each on its own, and each takes the rows of its own shards: rows of one
//! address are seen in order by one thread, and threads share nothing but a count of errors.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kotare_model::Lifetime;
use kotare_store::StoreError;

use crate::kept::Kept;
use crate::lines::{LONGEST, Line, Lines};
use crate::messages::{
    DHCPSRV_MEMFILE_LEASE_FILE_LOAD, DHCPSRV_MEMFILE_LEASE_LOAD, DHCPSRV_MEMFILE_LEASE_LOAD_ROW_ERROR,
    DHCPSRV_MEMFILE_NEEDS_DOWNGRADING, DHCPSRV_MEMFILE_NEEDS_UPGRADING,
};
use crate::row::{RowError, Scratch};
use crate::schema::{Format, Schema};
use crate::table::{SHARDS, Shard};

/// Files smaller than this are not worth a second thread.
const SMALL: u64 = 1 << 20;

/// What was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) rows: u64,
    pub(crate) errors: u64,
    pub(crate) needs_conversion: bool,
}

/// Reads `files` one after the other into `shards`, which are left unsettled. Files that do not exist are skipped.
/// More than `max_row_errors` bad rows in one file are an error, unless it is 0.
pub(crate) fn load<L: Kept>(
    files: &[PathBuf],
    max_row_errors: u32,
    shards: &mut [Shard<L>; SHARDS],
) -> Result<Counts, StoreError> {
    let size: u64 = files.iter().filter_map(|file| Some(file.metadata().ok()?.len())).sum();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let readers = if size < SMALL { 1 } else { processors.min(4) };
    let shared = Shared {
        files,
        max_row_errors: u64::from(max_row_errors),
        errors: files.iter().map(|_| AtomicU64::new(0)).collect(),
        failed: AtomicBool::new(false),
    };
    let mut own: Vec<Vec<&mut Shard<L>>> = (0..readers).map(|_| Vec::new()).collect();
    for (i, shard) in shards.iter_mut().enumerate() {
        own[i % readers].push(shard);
    }
    let results: Vec<Result<Counts, StoreError>> = std::thread::scope(|scope| {
        let mut own = own.into_iter().enumerate();
        let first = own.next();
        let others: Vec<_> = own
            .map(|(number, shards)| {
                let shared = &shared;
                scope.spawn(move || Reader { shared, number, readers, shards }.read())
            })
            .collect();
        let first = first.map(|(number, shards)| Reader { shared: &shared, number, readers, shards }.read());
        first
            .into_iter()
            .chain(
                others
                    .into_iter()
                    .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            )
            .collect()
    });
    let mut counts = Counts::default();
    for (i, result) in results.into_iter().enumerate() {
        let read = result?;
        if i == 0 {
            counts = read;
        }
    }
    counts.errors = shared.errors.iter().map(|errors| errors.load(Ordering::Relaxed)).sum();
    Ok(counts)
}

struct Shared<'a> {
    files: &'a [PathBuf],
    max_row_errors: u64,
    /// Bad rows of each file.
    errors: Vec<AtomicU64>,
    /// Some reader gave up: the others need not go on.
    failed: AtomicBool,
}

/// One of `readers` threads. The first also takes the rows whose address cannot be read, and speaks for all.
struct Reader<'a, L: Kept> {
    shared: &'a Shared<'a>,
    number: usize,
    readers: usize,
    shards: Vec<&'a mut Shard<L>>,
}

impl<L: Kept> Reader<'_, L> {
    fn read(mut self) -> Result<Counts, StoreError> {
        let mut counts = Counts::default();
        for file in 0..self.shared.files.len() {
            self.read_file(file, &mut counts)
                .inspect_err(|_| self.shared.failed.store(true, Ordering::Relaxed))?;
        }
        Ok(counts)
    }

    fn read_file(&mut self, file: usize, counts: &mut Counts) -> Result<(), StoreError> {
        let path = &self.shared.files[file];
        let Some(mut lines) = Lines::open(path)? else { return Ok(()) };
        if self.number == 0 {
            DHCPSRV_MEMFILE_LEASE_FILE_LOAD(path.display());
        }
        let Some(schema) = read_header(&mut lines, path, &L::FORMAT)? else { return Ok(()) };
        let mut room = Scratch::default();
        let mut row = 0;
        while let Some(line) = lines.next()? {
            let parsed = match line {
                Line::Whole(line) | Line::Torn(line) => {
                    let line = line.strip_suffix(b"\r").unwrap_or(line);
                    if line.is_empty() {
                        continue;
                    }
                    row += 1;
                    let shard = L::address_of(line).map_or(0, L::shard_of);
                    if shard % self.readers != self.number {
                        continue;
                    }
                    L::parse(line, schema.columns(&L::FORMAT), &mut room).map(|lease| (shard, lease))
                }
                Line::TooLong => {
                    row += 1;
                    if self.number != 0 {
                        continue;
                    }
                    Err(RowError::TooLong { limit: LONGEST })
                }
            };
            match parsed {
                Ok((shard, lease)) => {
                    DHCPSRV_MEMFILE_LEASE_LOAD(lease);
                    let shard = &mut *self.shards[shard / self.readers];
                    if lease.valid_lifetime == Lifetime(0) {
                        shard.take(lease.address);
                    } else {
                        shard.set_unsettled(&lease);
                    }
                }
                Err(error) => {
                    DHCPSRV_MEMFILE_LEASE_LOAD_ROW_ERROR(row, error);
                    self.count_error(file)?;
                }
            }
            if self.shared.failed.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
        counts.rows += row;
        counts.needs_conversion |= schema != Schema::Current;
        if self.number == 0 {
            match schema {
                Schema::Current => {}
                Schema::Older(_) => DHCPSRV_MEMFILE_NEEDS_UPGRADING(path.display(), L::FORMAT.version()),
                Schema::Newer => DHCPSRV_MEMFILE_NEEDS_DOWNGRADING(path.display(), L::FORMAT.version()),
            }
        }
        Ok(())
    }

    fn count_error(&self, file: usize) -> Result<(), StoreError> {
        let errors = self.shared.errors[file].fetch_add(1, Ordering::Relaxed) + 1;
        let limit = self.shared.max_row_errors;
        if limit != 0 && errors > limit {
            return Err(StoreError::refused(
                format!("read leases from {}", self.shared.files[file].display()),
                format!("more than {limit} rows are bad (max-row-errors); each is in the log"),
            ));
        }
        Ok(())
    }
}

/// Whether a file that is there is one of leases, or empty.
pub(crate) fn is_lease_file(path: &Path, format: &Format) -> Result<(), StoreError> {
    match Lines::open(path)? {
        Some(mut lines) => read_header(&mut lines, path, format).map(drop),
        None => Ok(()),
    }
}

/// The schema of a file from its first line that is not blank; `None` if there is none.
pub(crate) fn read_header(
    lines: &mut Lines,
    path: &Path,
    format: &Format,
) -> Result<Option<Schema>, StoreError> {
    loop {
        let header = match lines.next()? {
            None => return Ok(None),
            Some(Line::Whole(b"")) => continue,
            // A file whose making was cut off.
            Some(Line::Torn(start)) if format.header.starts_with(start) => return Ok(None),
            Some(Line::Whole(header) | Line::Torn(header)) => Schema::of(header, format),
            Some(Line::TooLong) => Err(format!("its first line is longer than {LONGEST} bytes")),
        };
        return header.map(Some).map_err(|reason| {
            StoreError::refused(
                format!("read leases from {}", path.display()),
                format!("{reason}; this is no lease file of {}", format.family),
            )
        });
    }
}
