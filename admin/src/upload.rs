//! `lease-upload`: leases of a CSV file for a lease file that nobody uses, or for a running server.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use kotare_control::Request;
use kotare_store::{Change, LeaseStore, Put};
use kotare_store_memfile::{FileSet, Memfile, Options, Snapshot};

use crate::args::Task;
use crate::dump::read;
use crate::leases::Leases;
use crate::place::Place;
use crate::server::{Failed, Server};
use crate::{Done, say};

/// How many conflicts are named.
pub(crate) const SHOWN: usize = 10;

/// Rows are written to the file after this many leases.
const FLUSH: usize = 10_000;

pub(crate) fn upload<L: Leases>(task: &Task, place: &Place<L>) -> Done {
    let snapshot = sound::<L>(task)?;
    match &task.socket {
        Some(socket) => to_server(&snapshot, socket, task.replaces),
        None => to_file(&snapshot, &place.file, task.replaces),
    }
}

/// The leases of the input, of which every row has to be sound.
pub(crate) fn sound<L: Leases>(task: &Task) -> Result<Snapshot<L>, String> {
    let input = task.input.as_deref().unwrap_or(Path::new(""));
    let set = FileSet::<L>::single(input).map_err(|error| error.to_string())?;
    let (snapshot, damaged) = read(&set)?;
    if damaged > 0 {
        return Err(format!(
            "{}: {damaged} rows are damaged; nothing was uploaded. Mend them, or set them aside with `kea-admin repair \
             memfile -{} -n {}`",
            input.display(),
            L::NAME.trim_start_matches("lease"),
            input.display()
        ));
    }
    if snapshot.is_empty() {
        return Err(format!("{}: CSV file has no leases", input.display()));
    }
    Ok(snapshot)
}

/// Into the lease file, as a server would write it, which none does meanwhile. What was written before something failed
/// stays there; the same upload goes on.
fn to_file<L: Leases>(snapshot: &Snapshot<L>, file: &Path, replaces: bool) -> Done {
    let error = |error: kotare_store::StoreError| error.to_string();
    let own = if file.exists() { None } else { Some(file) };
    let seed = kotare_daemon::seed().map_err(|error| error.to_string())?;
    let store = Memfile::<L>::open(Options::new(Some(file.to_owned()), seed)).map_err(|error| {
        format!("{error}. With --socket leases are uploaded to a running server (lease_cmds)")
    })?;
    if let Some(torn) = &store.loaded().torn {
        say::warning(format_args!(
            "{} ended in the middle of a row, which is in {} now",
            file.display(),
            torn.display()
        ));
    }
    own.map(give_to_owner_of_folder).transpose()?;
    if store.loaded().errors > 0 {
        return Err(format!(
            "{}: {} rows are damaged; nothing was uploaded. `kea-admin repair` sets them aside",
            file.display(),
            store.loaded().errors
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| format!("cannot write leases: {error}"))?;
    runtime.block_on(async {
        if !replaces {
            refuse_conflicts(snapshot, &store).await?;
        }
        if store.loaded().needs_conversion {
            // Rows of today have columns that its header does not name.
            store.write_to(file).map_err(error)?;
            say::info(format_args!(
                "{} has the schema of today now; the former one is beside it",
                file.display()
            ));
        }
        let mut count = 0_u64;
        for lease in snapshot.leases() {
            let found = store.get(L::by_address(lease.address())).await.map_err(error)?;
            let there = found.first();
            if there == Some(&lease) {
                continue;
            }
            let change = Change { address: lease.address(), from: there, to: Some(&lease) };
            match store.put(change).await.map_err(error)? {
                Put::Done => count += 1,
                Put::Conflict(_) => {
                    return Err(format!("the lease of {} changed meanwhile", lease.address()));
                }
            }
            if count.is_multiple_of(FLUSH as u64) {
                store.flush().await.map_err(error)?;
            }
        }
        store.flush().await.map_err(error)?;
        let all = snapshot.len();
        say::info(format_args!(
            "Successfully uploaded {all} leases to {}: {count} are new or changed.",
            file.display()
        ));
        Ok(())
    })
}

async fn refuse_conflicts<L: Leases>(snapshot: &Snapshot<L>, store: &Memfile<L>) -> Done {
    let (mut conflicts, mut count) = (Vec::new(), 0_u64);
    for lease in snapshot.leases() {
        let found = store.get(L::by_address(lease.address())).await.map_err(|error| error.to_string())?;
        if found.first().is_some_and(|there| *there != lease) {
            count += 1;
            if conflicts.len() < SHOWN {
                conflicts.push(lease.address().to_string());
            }
        }
    }
    no_conflicts(count, &conflicts)
}

/// Refuses leases in place of others, of which the first few are named.
pub(crate) fn no_conflicts(count: u64, named: &[String]) -> Done {
    match count {
        0 => Ok(()),
        _ => Err(format!(
            "{count} addresses have another lease already ({}{}); nothing was uploaded. With --replace those that are \
             uploaded replace them",
            named.join(", "),
            if count > named.len() as u64 { ", …" } else { "" }
        )),
    }
}

/// A lease file that is new belongs to whom its folder does, often not to who uploads.
fn give_to_owner_of_folder(file: &Path) -> Done {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::metadata(folder)
        .and_then(|data| chown(file, Some(data.uid()), Some(data.gid())))
        .map_err(|error| format!("cannot give {} to the owner of its folder: {error}", file.display()))
}

/// To a running server, lease by lease: what it refuses is told.
fn to_server<L: Leases>(snapshot: &Snapshot<L>, socket: &Path, replaces: bool) -> Done {
    let server = Server::at(socket)?;
    let command = format!("{}-{}", L::NAME, if replaces { "update" } else { "add" });
    let all = snapshot.len();
    let (mut uploaded, mut refused) = (0_u64, 0_u64);
    for lease in snapshot.leases() {
        let mut arguments = lease.arguments();
        if replaces {
            arguments["force-create"] = true.into();
        }
        match server.ask(Request::new(command.as_str()).with(arguments)) {
            Ok(_) => uploaded += 1,
            Err(Failed::Refused(reason)) => {
                refused += 1;
                say::error(format_args!("{}: {reason}", lease.address()));
            }
            Err(Failed::Unable(reason)) => {
                return Err(format!("{reason}; {uploaded} of {all} leases were uploaded before"));
            }
        }
    }
    if refused > 0 {
        return Err(format!("{refused} of {all} leases were not uploaded"));
    }
    say::info(format_args!("Successfully uploaded {all} leases to the server at {}.", socket.display()));
    Ok(())
}
