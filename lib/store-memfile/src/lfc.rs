//! Cleanup of lease files (LFC): the files of its protocol, and the algorithm.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use kotare_pid_file::{PidFile, Wait};
use kotare_store::{Failure, StoreError};

use crate::files::{Reserve, exists, remove, rename, sync_folder, with_suffix};
use crate::kept::Kept;
use crate::load::{is_lease_file, load};
use crate::messages::KOTARE_LEASE_FILE_IGNORED;
use crate::schema::Format;
use crate::table::{SHARDS, Shard};

/// A cleanup gives up after more bad rows than this in one file, as Kea's does.
const MAX_ROW_ERRORS: u32 = 100;

/// The program that cleans up, whose pid is in the pid file.
pub const PROGRAM: &str = "kea-lfc";

/// How much is written at once.
pub(crate) const WRITE_SIZE: usize = 1 << 20;

/// The files of one lease file's cleanup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LfcFiles {
    /// `-x`, `….2`: the result of the previous cleanup.
    pub previous: PathBuf,
    /// `-i`, `….1`: the former lease file, this cleanup's input.
    pub copy: PathBuf,
    /// `-o`, `….output`: the result while it is written.
    pub output: PathBuf,
    /// `-f`, `….completed`: the result once it is whole.
    pub finish: PathBuf,
    /// `-p`, `….pid`: who cleans up.
    pub pid: PathBuf,
}

impl LfcFiles {
    /// Kea's names for the cleanup of `lease_file`.
    pub fn of(lease_file: &Path) -> Self {
        let with = |suffix| with_suffix(lease_file, suffix);
        Self {
            previous: with(".2"),
            copy: with(".1"),
            output: with(".output"),
            finish: with(".completed"),
            pid: with(".pid"),
        }
    }

    /// The arguments Kea's servers give `kea-lfc` for these leases, without the program's name.
    pub fn arguments<L: Kept>(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = vec![format!("-{}", L::FORMAT.universe).into()];
        for (flag, file) in [
            ("-x", &self.previous),
            ("-i", &self.copy),
            ("-o", &self.output),
            ("-f", &self.finish),
            ("-p", &self.pid),
        ] {
            arguments.push(flag.into());
            arguments.push(file.into());
        }
        // Required by the command line, read by nobody.
        arguments.extend(["-c".into(), "ignored-path".into()]);
        arguments
    }
}

impl LfcFiles {
    /// What is to be read of an earlier cleanup, in this order.
    ///
    /// As long as the result lies beside something that it was made from, it is read after that. If it is whole, it says
    /// the same or more; if it is not, because the system stopped before all of it was on the disk, nothing is lost.
    pub(crate) fn sources(&self, format: &Format) -> Result<Vec<PathBuf>, StoreError> {
        let mut sources = vec![self.previous.clone(), self.copy.clone()];
        match is_lease_file(&self.finish, format) {
            Err(reason) if !self.is_finished()? && reason.failure == Failure::Refused => {
                KOTARE_LEASE_FILE_IGNORED(self.finish.display(), reason);
            }
            _ => sources.push(self.finish.clone()),
        }
        Ok(sources)
    }

    /// Whether a cleanup came so far that nothing but its result is left.
    pub fn is_finished(&self) -> Result<bool, StoreError> {
        Ok(exists(&self.finish)? && !exists(&self.previous)? && !exists(&self.copy)?)
    }

    /// The room that a server keeps for a cleanup, if the files have the names that servers give them.
    fn reserve(&self) -> Option<Reserve> {
        Some(Reserve::of(Path::new(self.copy.to_str()?.strip_suffix(".1")?)))
    }
}

/// Whose the files of a cleanup are.
pub(crate) enum Claim {
    /// Ours as long as this is kept: no cleanup begins. `None` where the folder does not exist or cannot be written, so
    /// that there is nothing to protect.
    Ours(Option<PidFile>),
    /// A cleanup's; this is who.
    Cleaning(String),
}

impl LfcFiles {
    /// Keeps a cleanup from beginning, unless one is at work.
    pub(crate) fn claim(&self) -> Result<Claim, StoreError> {
        let failed = |error| StoreError::unavailable("find out who cleans up", error);
        match PidFile::lock(&self.pid, Wait::No) {
            Ok(Some(pid_file)) => Ok(match pid_file.holder(PROGRAM).map_err(failed)? {
                Some(pid) => Claim::Cleaning(format!("process {pid}")),
                None => Claim::Ours(Some(pid_file)),
            }),
            Ok(None) => Ok(Claim::Cleaning(format!("whoever has {} locked", self.pid.display()))),
            // Without the right to write there, no cleanup can begin either.
            Err(error) if is_no_place(error.source.kind()) => Ok(Claim::Ours(None)),
            Err(error) => Err(failed(error)),
        }
    }

    /// Whether a cleanup is at work. What cannot be found out is left to [`Memfile4::open`](crate::Memfile::open) to
    /// report.
    pub fn in_use(&self) -> bool {
        matches!(self.claim(), Ok(Claim::Cleaning(_)))
    }
}

fn is_no_place(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// What a cleanup did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Rows understood.
    pub read: u64,
    /// Rows read, good and bad.
    pub rows: u64,
    /// Rows that were not understood and left out.
    pub errors: u64,
    /// Leases written.
    pub written: u64,
}

/// A whole result, which waits to take the place of what it was made from.
#[derive(Debug)]
#[must_use = "the result only counts after `rotate`"]
pub struct Finish<'a>(&'a LfcFiles);

/// Makes a whole result: reads the previous result and the copy, keeps each address's last row and writes them,
/// by address, to `output`, which becomes `finish`. `None` if an earlier cleanup came so far that it is all there is.
///
/// Whenever this stops, the server and the next cleanup find every lease: the inputs are only removed by
/// [`Finish::rotate`], once the result is whole and on the disk.
pub fn cleanup<L: Kept>(files: &LfcFiles) -> Result<(Option<Cleaned>, Finish<'_>), StoreError> {
    if files.is_finished()? {
        return Ok((None, Finish(files)));
    }
    let mut shards: [Shard<L>; SHARDS] = Default::default();
    let read = load(&files.sources(&L::FORMAT)?, MAX_ROW_ERRORS, &mut shards)?;
    if let Some(reserve) = files.reserve() {
        reserve.become_file(&files.output);
    }
    let written = write(&shards, &files.output)?;
    rename(&files.output, &files.finish)?;
    sync_folder(&files.finish)?;
    let cleaned = Cleaned { read: read.rows - read.errors, rows: read.rows, errors: read.errors, written };
    Ok((Some(cleaned), Finish(files)))
}

impl Finish<'_> {
    /// Removes the two inputs and makes the result the previous one.
    pub fn rotate(self) -> Result<(), StoreError> {
        remove(&self.0.previous)?;
        remove(&self.0.copy)?;
        rename(&self.0.finish, &self.0.previous)?;
        sync_folder(&self.0.previous)
    }
}

/// Writes all leases by address to the file `path`; says how many.
fn write<L: Kept>(shards: &[Shard<L>; SHARDS], path: &Path) -> Result<u64, StoreError> {
    let failed = |error| StoreError::unavailable(format!("write {}", path.display()), error);
    // What an earlier cleanup left is only a part. It is written over, so that nobody else gets its room meanwhile.
    let mut file = File::options().write(true).create(true).truncate(false).open(path).map_err(failed)?;
    let (written, length) = write_rows(shards, &mut file).map_err(failed)?;
    file.set_len(length).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(written)
}

/// Writes the header and all leases by address; says how many leases, and how many bytes.
pub(crate) fn write_rows<L: Kept>(
    shards: &[Shard<L>; SHARDS],
    out: &mut impl Write,
) -> std::io::Result<(u64, u64)> {
    let mut units: Vec<_> =
        shards.iter().flat_map(|shard| shard.all_units().map(move |unit| (unit, shard))).collect();
    units.sort_unstable_by_key(|&(unit, _)| unit);
    let mut rows = Vec::with_capacity(2 * WRITE_SIZE);
    rows.extend_from_slice(L::FORMAT.header);
    let mut written = 0;
    let mut length = 0;
    for (unit, shard) in units {
        for lease in shard.unit(unit) {
            L::render(&lease, &mut rows);
            written += 1;
        }
        if rows.len() >= WRITE_SIZE {
            out.write_all(&rows)?;
            length += rows.len() as u64;
            rows.clear();
        }
    }
    out.write_all(&rows)?;
    length += rows.len() as u64;
    Ok((written, length))
}
