//! Repair of lease files: damaged rows are set aside, everything else stays as it is.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use kotare_store::StoreError;

use crate::files::{
    exists, open_locked, open_locked_unless, open_regular, remove, rename, sync_folder, with_suffix,
};
use crate::kept::Kept;
use crate::lfc::{Claim, LfcFiles};
use crate::rows::{Row, Rows};
use crate::set::FileSet;

/// What was done to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The file.
    pub file: PathBuf,
    /// How many sound rows it has now.
    pub kept: u64,
    /// How many damaged rows were taken out of it.
    pub damaged: u64,
    /// Where they are now, below what was there before.
    pub aside: PathBuf,
}

/// Takes the damaged rows out of the lease file `path` and what its cleanups left, and tells each. Files without any are
/// not touched. A file is replaced by a whole one, after its damaged rows are safe in the file `….damaged` beside it.
///
/// No server opens the files and no cleanup begins meanwhile.
///
/// # Errors
/// If a server or a cleanup uses the files, if a file is no lease file of these leases, or if something cannot be written; a
/// file that was not replaced is as it was.
pub fn repair<L: Kept>(path: &Path, mut tell: impl FnMut(&Row<'_, L>)) -> Result<Vec<Repaired>, StoreError> {
    let files = LfcFiles::of(path);
    let attempted = || format!("repair {}", path.display());
    let _claim = match files.claim()? {
        Claim::Ours(pid_file) => pid_file,
        Claim::Cleaning(who) => {
            let reason = format!("{who} is cleaning up its files; try again when that is finished");
            return Err(StoreError::unavailable(attempted(), reason));
        }
    };
    // A server that runs has it locked; one that starts finds the cleanup's files claimed.
    let used = "a server is using it; stop the server, and try again";
    let _locked = if exists(path)? { Some(open_locked_unless(path, used)?) } else { None };
    let mut repaired = Vec::new();
    for file in FileSet::<L>::open(path)?.files() {
        repaired.extend(repair_file(file, &mut tell)?);
    }
    Ok(repaired)
}

fn repair_file<L: Kept>(
    path: &Path,
    tell: &mut impl FnMut(&Row<'_, L>),
) -> Result<Option<Repaired>, StoreError> {
    let failed = |error| StoreError::unavailable(format!("repair {}", path.display()), error);
    let mut file = open_regular(File::options().read(true), path).map_err(failed)?;
    let mut rows = Rows::<L>::of(file.try_clone().map_err(failed)?, path)?;
    let mut damaged: Vec<Range<u64>> = Vec::new();
    let mut kept = 0;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        if row.is_sound() {
            kept += 1;
            continue;
        }
        tell(&row);
        count += 1;
        match damaged.last_mut() {
            Some(last) if last.end == row.bytes.start => last.end = row.bytes.end,
            _ => damaged.push(row.bytes),
        }
    }
    if damaged.is_empty() {
        return Ok(None);
    }
    let aside = with_suffix(path, ".damaged");
    let draft = with_suffix(path, ".repaired");
    set_aside(&mut file, &damaged, &aside)
        .map_err(|error| StoreError::unavailable(format!("set rows aside in {}", aside.display()), error))?;
    sync_folder(&aside)?;
    remove(&draft)?;
    // Locked, so that no server opens what is called like the lease file from now on until all is done.
    let mut sound = open_locked(&draft)?;
    if let Err(error) = write_sound(&mut file, &damaged, &mut sound) {
        drop(fs::remove_file(&draft));
        return Err(StoreError::unavailable(format!("write {}", draft.display()), error));
    }
    rename(&draft, path)?;
    sync_folder(path)?;
    Ok(Some(Repaired { file: path.to_owned(), kept, damaged: count, aside }))
}

/// Appends these parts of `file` to the file `aside`.
fn set_aside(file: &mut File, parts: &[Range<u64>], aside: &Path) -> io::Result<()> {
    let mut to = open_regular(File::options().append(true).create(true), aside)?;
    belong_to_the_same(file, &to)?;
    for part in parts {
        copy(file, part.clone(), &mut to)?;
        end_line(file, part, &mut to)?;
    }
    to.sync_all()
}

/// Writes `file` without these parts to the file `to`.
fn write_sound(file: &mut File, without: &[Range<u64>], to: &mut File) -> io::Result<()> {
    belong_to_the_same(file, to)?;
    let length = file.metadata()?.len();
    let starts = std::iter::once(0).chain(without.iter().map(|part| part.end));
    let ends = without.iter().map(|part| part.start).chain([length]);
    for (start, end) in starts.zip(ends) {
        copy(file, start..end, to)?;
        end_line(file, &(start..end), to)?;
    }
    to.sync_all()
}

fn copy(file: &mut File, part: Range<u64>, to: &mut File) -> io::Result<()> {
    file.seek(SeekFrom::Start(part.start))?;
    let length = part.end - part.start;
    match io::copy(&mut file.take(length), to)? {
        copied if copied == length => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// A last row may lack its newline.
fn end_line(file: &mut File, part: &Range<u64>, to: &mut File) -> io::Result<()> {
    if part.is_empty() {
        return Ok(());
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(part.end - 1))?;
    file.read_exact(&mut last)?;
    if last != *b"\n" { to.write_all(b"\n") } else { Ok(()) }
}

/// Whoever repairs is often not the user that the server runs as.
fn belong_to_the_same(file: &File, new: &File) -> io::Result<()> {
    let (like, is) = (file.metadata()?, new.metadata()?);
    if (like.uid(), like.gid()) != (is.uid(), is.gid()) {
        fchown(new, Some(like.uid()), Some(like.gid()))?;
    }
    new.set_permissions(like.permissions())
}
