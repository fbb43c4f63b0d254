//! `extended-info4-upgrade` and `extended-info6-upgrade`: bring what relays said, as leases keep it, into the form that
//! `extended-info-checks` asks for.
//!
//! They do to the leases that there are what is done to those of a lease file when it is loaded; so they are of use after
//! the configuration asks for more.

use kotare_config::Process;
use kotare_config::process::ExtendedInfoChecks;
use kotare_control::{Access, Command, Reply, Response, blocking};
use kotare_engine::hooks::Cause;
use kotare_engine::{AnyLeases, Sane, correct_extended_info};
use kotare_model::Timestamp;
use kotare_store::{Change, PageFilter, Put, StoreError};
use tokio::runtime::Handle;

use super::Built;
use super::bulk::Bulked;
use crate::{Server, Serving};

/// How many leases are asked for at once, so that a client's exchange never waits for more than that.
const SLICE: usize = 512;

/// The command of this name.
pub(super) const fn command<L: Bulked + Sane>(name: &'static str, since: &'static str) -> Command<Built<L>> {
    Command {
        name,
        access: Access::Write,
        exclusive: false,
        since,
        help: "Brings what relays said, as leases keep it, into today's form.",
        args: &[],
        run: |module, _| upgrade(module),
    }
}

fn upgrade<L: Bulked + Sane>(module: &Built<L>) -> Reply<'static> {
    let (server, runtime) = (module.server.get(), Handle::current());
    blocking(move || {
        let Some(server) = server else { return Response::error("the server is about to end") };
        match runtime.block_on(upgrade_all::<L>(&*server, &*server.serving())) {
            Ok(count) => {
                Response::success(format!("Upgraded {count} lease{}", if count == 1 { "" } else { "s" }))
            }
            Err(error) => Response::error(error.to_string()),
        }
    })
}

/// Corrects all leases; how many there were to correct. Of one that is changed by its client at the same time, the client
/// writes what its relay says in today's form.
async fn upgrade_all<L: Bulked + Sane>(
    server: &dyn Server<L, L::Engine>,
    serving: &dyn Serving<L, L::Engine>,
) -> Result<u64, StoreError> {
    let (leases, now) = (serving.leases(), server.now());
    let process: &Process = serving.config().as_ref().as_ref();
    let level = process.sanity_checks.extended_info;
    let (mut count, mut pages, mut after) = (0, 0, None);
    let upgraded = loop {
        let page = match leases.page(after, SLICE, PageFilter::default()).await {
            Ok(page) => page,
            Err(error) => break Err(error),
        };
        let Some(last) = page.last() else { break Ok(()) };
        (after, pages) = (Some(last.address()), pages + 1);
        let (mut failed, mut same) = (None, Vec::new());
        for lease in page {
            match upgrade_one(leases, lease.clone(), level, now).await {
                Ok(true) => count += 1,
                Ok(false) => same.push(lease),
                Err(error) => failed = Some(error),
            }
        }
        // A lease that was corrected is found by what it says; of the others that is not known.
        match leases.index_relayed(&same).await {
            Ok(indexed) => count += indexed,
            Err(error) => failed = Some(error),
        }
        if let Some(error) = failed {
            break Err(error);
        }
    };
    // What was changed until something failed is changed.
    let flushed = leases.flush().await;
    upgraded.and(flushed)?;
    if let Some(database) = process.lease_database.database() {
        L::upgraded(database.kind, pages, count);
    }
    Ok(count)
}

/// Corrects one lease, whatever it is by then; whether there was anything to correct.
async fn upgrade_one<L: Sane>(
    leases: &dyn AnyLeases<L>,
    mut lease: L,
    level: ExtendedInfoChecks,
    now: Timestamp,
) -> Result<bool, StoreError> {
    loop {
        let mut to = lease.clone();
        if !correct_extended_info(&mut to, level) {
            return Ok(false);
        }
        let change = Change { address: lease.address(), from: Some(&lease), to: Some(&to) };
        match leases.put(change, Cause::Command, now).await? {
            Put::Done => return Ok(true),
            Put::Conflict(None) => return Ok(false),
            Put::Conflict(Some(there)) => lease = *there,
        }
    }
}

#[cfg(test)]
mod tests {
    use kotare_config::process::DatabaseKind;
    use kotare_model::{Lease4, Lease6};
    use kotare_testkit::logged;

    use super::*;

    /// The library of the database tells what was done, as in Kea; SQLite has none.
    #[test]
    fn databases_tell_of_it() {
        let told = |upgraded: fn(DatabaseKind, u64, u64)| {
            let kinds = [DatabaseKind::MySql, DatabaseKind::Sqlite, DatabaseKind::Postgres];
            let ((), lines) = logged(|| kinds.into_iter().for_each(|kind| upgraded(kind, 3, 40)));
            lines.into_iter().map(|line| format!("{} {}", line.id, line.text)).collect::<Vec<_>>()
        };
        let said = |protocol| {
            ["MYSQL", "PGSQL"].map(|library| {
                format!(
                    "{library}_LB_UPGRADE_EXTENDED_INFO{protocol} \
                     upgrading IPv{protocol} leases done in 3 pages with 40 updated leases"
                )
            })
        };
        assert_eq!(told(Lease4::upgraded), said(4));
        assert_eq!(told(Lease6::upgraded), said(6));
    }
}
