//! `check`, `repair` and `db-version`: what is wrong with lease files, and how it is mended.

use std::collections::BTreeMap;

use kotare_store_memfile::{FileSet, Row, Snapshot};

use crate::leases::Leases;
use crate::place::Place;
use crate::{Done, say};

/// Reads everything and changes nothing. Damage, and leases outside of the configuration's subnets, are no success.
pub(crate) fn check<L: Leases>(place: &Place<L>) -> Done {
    let set = FileSet::<L>::open(&place.file).map_err(|error| error.to_string())?;
    let mut snapshot = Snapshot::default();
    let (mut rows, mut damaged, mut removals) = (0_u64, 0_u64, 0_u64);
    let mut outside = BTreeMap::new();
    set.rows(|row| {
        rows += 1;
        snapshot.take(row);
        let lease = match row.lease() {
            Ok(lease) => lease,
            Err(reason) => {
                damaged += 1;
                tell_damaged(row, &reason);
                return;
            }
        };
        removals += u64::from(lease.removes);
        // The last row of an address counts.
        outside.remove(&lease.address);
        if let Some(config) = place.config.as_deref().filter(|_| !lease.removes)
            && let Err(reason) = L::in_subnet(config, &lease)
        {
            outside.insert(lease.address, format!("{}:{}: {reason}", row.file.display(), row.line));
        }
    })
    .map_err(|error| error.to_string())?;
    outside.values().for_each(say::line);
    let leases = snapshot.len();
    let duplicates = rows - damaged - removals - leases;
    let files = set.files().count();
    say::info(format_args!(
        "{leases} leases in {files} files of {rows} rows: {duplicates} were followed by a later row of the same \
         address, {removals} remove a lease, {damaged} are damaged"
    ));
    let mut wrong = Vec::new();
    if damaged > 0 {
        wrong.push(format!("{damaged} damaged rows, which `kea-admin repair` sets aside"));
    }
    if !outside.is_empty() {
        let count = outside.len();
        wrong.push(format!(
            "{count} leases outside of their subnets, which nobody can renew: remove them, or mend \
                            the configuration"
        ));
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}: {}", place.file.display(), wrong.join("; "))) }
}

/// Sets damaged rows aside.
pub(crate) fn repair<L: Leases>(place: &Place<L>) -> Done {
    let tell = |row: &Row<'_, L>| {
        if let Err(reason) = row.lease() {
            tell_damaged(row, &reason);
        }
    };
    let repaired = kotare_store_memfile::repair(&place.file, tell).map_err(|error| error.to_string())?;
    for one in &repaired {
        say::info(format_args!(
            "{}: {} damaged rows are in {} now, {} rows are kept",
            one.file.display(),
            one.damaged,
            one.aside.display(),
            one.kept
        ));
    }
    if repaired.is_empty() {
        say::info(format_args!("{}: no row is damaged, nothing was changed", place.file.display()));
    }
    Ok(())
}

/// Prints the version of the schema of each file.
pub(crate) fn version<L: Leases>(place: &Place<L>) -> Done {
    let set = FileSet::<L>::open(&place.file).map_err(|error| error.to_string())?;
    let versions = set.versions().map_err(|error| error.to_string())?;
    match versions.as_slice() {
        [(_, Some(version))] => say::line(version),
        several => several.iter().for_each(|(file, version)| {
            say::line(format_args!("{}: {}", file.display(), version.as_deref().unwrap_or("empty")));
        }),
    }
    Ok(())
}

fn tell_damaged<L: Leases>(row: &Row<'_, L>, reason: &str) {
    say::line(format_args!("{}:{}: {reason}", row.file.display(), row.line));
}
