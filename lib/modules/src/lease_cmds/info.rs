//! `extended-info4-upgrade` and `extended-info6-upgrade`: bring what relays said, as leases keep it, into the form that `extended-info-checks` asks
//! for.
//!
//! It does to the leases that there are what is done to those of a lease file when it is loaded; so it is of use after
//! the configuration asks for more.

use kotare_config::process::ExtendedInfoChecks;
use kotare_control::{Request, Response};
use kotare_engine::{Sane, correct_extended_info};
use kotare_store::{Change, Put};

use super::family::Commanded;
use super::scene::{Done, Scene};
use crate::arguments::Refused;

/// `extended-info4-upgrade` and `extended-info6-upgrade`.
pub(super) fn upgrade<L: Commanded + Sane>(scene: &Scene<L>, _: &Request) -> Done {
    let level = scene.config().as_ref().sanity_checks.extended_info;
    let mut count = 0_usize;
    let upgraded = scene.each(None, None, |lease| {
        count += usize::from(upgrade_one(scene, lease, level)?);
        Ok(true)
    });
    // What was changed until something failed is changed.
    let flushed = scene.flush();
    upgraded.and(flushed)?;
    Ok(Response::success(format!("Upgraded {count} lease{}", if count == 1 { "" } else { "s" })))
}

/// Corrects one lease, whatever it is by then; whether there was anything to correct.
fn upgrade_one<L: Commanded + Sane>(
    scene: &Scene<L>,
    lease: L,
    level: ExtendedInfoChecks,
) -> Result<bool, Refused> {
    let mut lease = lease;
    loop {
        let mut to = lease.clone();
        if !correct_extended_info(&mut to, level) {
            return Ok(false);
        }
        match scene.put(Change { address: lease.address(), from: Some(&lease), to: Some(&to) })? {
            Put::Done => return Ok(true),
            Put::Conflict(None) => return Ok(false),
            // Its client was faster. It writes what its relay says in today's form, so this ends.
            Put::Conflict(Some(there)) => lease = *there,
        }
    }
}
