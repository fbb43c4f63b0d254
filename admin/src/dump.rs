//! `lease-dump`: all leases of a lease file as one file, beside a server and cleanups that go on.

use std::path::{Path, PathBuf};

use kotare_store_memfile::{FileSet, LfcFiles, Snapshot};

use crate::args::Task;
use crate::leases::Leases;
use crate::place::Place;
use crate::{Done, say};

pub(crate) fn dump<L: Leases>(task: &Task, place: &Place<L>) -> Done {
    let output = task.output.as_deref().unwrap_or(Path::new(""));
    not_of_the_set(output, &place.file)?;
    let set = FileSet::<L>::open(&place.file).map_err(|error| error.to_string())?;
    agreed(task, output)?;
    let (snapshot, damaged) = read(&set)?;
    if damaged > 0 {
        let advice = "a server leaves them out, and so does the dump; `kea-admin repair` sets them aside";
        say::warning(format_args!("{damaged} damaged rows in {}: {advice}", place.file.display()));
    }
    let count = snapshot.write_to(output).map_err(|error| error.to_string())?;
    say::info(format_args!("Successfully dumped {} to {} ({count} leases).", L::NAME, output.display()));
    Ok(())
}

/// Whether a file may be written over.
pub(crate) fn agreed(task: &Task, output: &Path) -> Done {
    if output.exists() && !task.yes {
        let question = format!("Output file, {}, exists and will be overwritten.", output.display());
        if !say::agrees(question) {
            return Err("lease-dump aborted by user.".into());
        }
    }
    Ok(())
}

/// The leases of these files, and how many rows are damaged; each is told.
pub(crate) fn read<L: Leases>(set: &FileSet<L>) -> Result<(Snapshot<L>, u64), String> {
    let mut snapshot = Snapshot::default();
    let mut damaged = 0;
    set.rows(|row| {
        snapshot.take(row);
        if let Err(reason) = row.lease() {
            damaged += 1;
            say::warning(format_args!("{}:{}: {reason}", row.file.display(), row.line));
        }
    })
    .map_err(|error| error.to_string())?;
    Ok((snapshot, damaged))
}

/// What a server or a cleanup reads or writes by its name must not be overwritten.
fn not_of_the_set(output: &Path, lease_file: &Path) -> Done {
    let files = LfcFiles::of(lease_file);
    let taken =
        [&files.previous, &files.copy, &files.output, &files.finish, &files.pid].map(PathBuf::as_path);
    match taken.into_iter().chain([lease_file]).find(|taken| real(taken) == real(output)) {
        Some(_) => Err(format!(
            "leases cannot be dumped to {}: it is one of the files of {}; name another output file",
            output.display(),
            lease_file.display()
        )),
        None => Ok(()),
    }
}

/// The path without links and detours, as far as there is one.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
