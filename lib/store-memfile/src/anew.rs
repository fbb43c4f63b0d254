//! Writing the lease file anew from memory, when it was deleted, replaced or changed under the server.

use std::fs::File;
use std::path::Path;

use kotare_store::StoreError;
use parking_lot::Mutex;

use crate::disk::Disk;
use crate::files::{Reserve, is_full, make_room, open_locked, remove, sync_folder, with_suffix};
use crate::kept::Kept;
use crate::table::{SHARDS, Shard};
use crate::writer::{Lost, Writer};

/// All leases, as the journal sees them.
pub(crate) type Leases<L> = [Mutex<Shard<L>>; SHARDS];

/// The shortest row of a lease.
const SHORTEST: u64 = 50;

/// Makes `writer` go on with a new lease file `path` that has a row of every lease, on the disk; says how many. What is to be
/// written before leases are is written by `write_ahead`.
///
/// Leases may change meanwhile, each shard being locked only while its rows are made: the row of a change that is made
/// while this goes on waits in the journal and follows, and the last row of an address counts. Without room it is seen
/// at once whether there is some by now.
pub(crate) fn write_anew<L: Kept>(
    writer: &mut Writer,
    path: &Path,
    leases: &Leases<L>,
    disk: &dyn Disk,
    write_ahead: &dyn Fn(),
) -> Result<u64, StoreError> {
    let new = with_suffix(path, ".new");
    let failed =
        |error| StoreError::unavailable(format!("write all leases anew to {}", path.display()), error);
    remove(&new)?;
    Reserve::of(path).become_file(&new);
    let file = open_locked(&new)?;
    // Lets go of the former file at once: if it was deleted, its room is free only then.
    file.try_clone().and_then(|file| writer.change_file(file)).map_err(failed)?;
    let count: u64 = leases.iter().map(|shard| shard.lock().len() as u64).sum();
    let mut written = 0;
    let mut write = || {
        make_room(&file, writer.room.max(count * SHORTEST))?;
        append(&file, L::FORMAT.header, disk, &mut written)?;
        let mut rows = Vec::new();
        for shard in leases {
            rows.clear();
            for lease in shard.lock().iter() {
                L::render(&lease, &mut rows);
            }
            append(&file, &rows, disk, &mut written)?;
        }
        // What was set aside and is not needed.
        file.set_len(written)?;
        disk.sync(&file)?;
        // What precedes changes that were made meanwhile.
        write_ahead();
        if writer.astray != Some(Lost::Unwanted) {
            keep_replaced(path);
        }
        disk.rename(&new, path)
    };
    if let Err(error) = write() {
        if is_full(&error) {
            writer.room = writer.room.max(written + SHORTEST);
        }
        // If that fails, it is done before the next attempt.
        drop(std::fs::remove_file(&new));
        return Err(failed(error));
    }
    writer.begin_whole(written);
    sync_folder(path)?;
    Ok(count)
}

fn append(file: &File, mut bytes: &[u8], disk: &dyn Disk, written: &mut u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match disk.append(file, bytes) {
            Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                *written += count as u64;
                bytes = &bytes[count..];
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What somebody put in the place of the lease file may be all they have: it stays, under another name.
fn keep_replaced(path: &Path) {
    let replaced = with_suffix(path, ".replaced");
    drop(remove(&replaced));
    drop(std::fs::hard_link(path, &replaced));
}
