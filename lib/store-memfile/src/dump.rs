//! Writing all leases to a file that is not the lease file in use.

use std::fs::File;
use std::io::{Error, Write};
use std::path::Path;

use kotare_store::StoreError;

use crate::anew::Leases;
use crate::files::{remove, rename, sync_folder, with_suffix};
use crate::kept::Kept;

/// Writes a row of every lease to `path`. A file that is called so already is called `backup` then. Leases may change
/// meanwhile: each shard is locked while its rows are made.
pub(crate) fn dump<L: Kept>(leases: &Leases<L>, path: &Path, backup: &Path) -> Result<(), StoreError> {
    let draft = with_suffix(path, &format!(".tmp{}", std::process::id()));
    remove(&draft)?;
    if let Err(error) = write(leases, &draft) {
        drop(std::fs::remove_file(&draft));
        return Err(StoreError::unavailable(format!("write all leases to {}", path.display()), error));
    }
    if path.exists() {
        rename(path, backup)?;
    }
    rename(&draft, path)?;
    sync_folder(path)
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
