//! Writing all leases to a file that is not the lease file in use.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Write};
use std::path::Path;

use kotare_store::StoreError;

use crate::anew::Leases;
use crate::files::{open_locked, remove, rename, sync_folder, with_suffix};
use crate::kept::Kept;
use crate::load::is_lease_file;

/// How many former files are kept beside one, so that a command that comes every hour does not fill the disk unseen.
const BACKUPS: u32 = 1000;

/// Writes a row of every lease to `path`. A lease file that is called so already is kept beside it; anything else that
/// is called so is left alone. Leases may change meanwhile: each shard is locked while its rows are made.
pub(crate) fn dump<L: Kept>(leases: &Leases<L>, path: &Path) -> Result<(), StoreError> {
    let _former = former::<L>(path)?;
    let draft = with_suffix(path, &format!(".tmp{}", std::process::id()));
    remove(&draft)?;
    if let Err(error) = write(leases, &draft) {
        drop(std::fs::remove_file(&draft));
        return Err(StoreError::unavailable(format!("write all leases to {}", path.display()), error));
    }
    keep_beside(path).and_then(|()| rename(&draft, path)).inspect_err(|_| drop(fs::remove_file(&draft)))?;
    sync_folder(path)
}

/// The lease file `path`, if there is one, locked: no server uses it as long as this is there.
fn former<L: Kept>(path: &Path) -> Result<Option<File>, StoreError> {
    let refused =
        |reason| Err(StoreError::refused(format!("write all leases to {}", path.display()), reason));
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(there) if there.is_file() => {}
        Ok(_) => return refused("there is something else that is no file; name another file".to_owned()),
        Err(error) => return refused(error.to_string()),
    }
    match is_lease_file(path, &L::FORMAT) {
        Ok(()) => open_locked(path).map(Some),
        Err(error) => {
            refused(format!("it is there already, and {error}; name another file, or move it away"))
        }
    }
}

/// Keeps the file `path`, if there is one, under another name, which no file has yet: `….bak` with the number of this
/// process, then `-2` and so on behind it.
pub(crate) fn keep_beside(path: &Path) -> Result<(), StoreError> {
    let name = format!(".bak{}", std::process::id());
    for number in 1..=BACKUPS {
        let backup = match number {
            1 => with_suffix(path, &name),
            number => with_suffix(path, &format!("{name}-{number}")),
        };
        match fs::hard_link(path, &backup) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                let attempted = format!("keep as {} what {} was", backup.display(), path.display());
                return Err(StoreError::unavailable(attempted, error));
            }
        }
    }
    Err(StoreError::refused(
        format!("keep what {} was", path.display()),
        format!("there are {BACKUPS} of it beside it already ({name}, {name}-2, …); move them away"),
    ))
}

fn write<L: Kept>(leases: &Leases<L>, draft: &Path) -> Result<(), Error> {
    // Never what somebody else put there meanwhile, least of all a link to elsewhere.
    let mut file = File::options().write(true).create_new(true).open(draft)?;
    file.write_all(L::FORMAT.header)?;
    let mut rows = Vec::new();
    for shard in leases {
        rows.clear();
        for lease in shard.lock().iter() {
            L::render(&lease, &mut rows);
        }
        file.write_all(&rows)?;
    }
    file.sync_all()
}
