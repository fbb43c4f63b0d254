//! `ddns-reconcile`: zones are compared with the leases of DHCP servers, and what is missing or stale is asked for.
//!
//! Zones are copied first and leases are asked for after, so a lease that ends meanwhile is removed once more, which changes
//! nothing. What DHCP servers ask for meanwhile is newer than what was seen: its names and addresses are passed over
//! (`watched.rs`). What is asked for waits in the queue with all else and never takes more than half of it.

mod leases;
mod transfer;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use kotare_control::{Items, Request, Response, ResultCode, aside};
use kotare_ddns::{ChangeRequest, Copies, Repair, repair};
use serde_json::{Value as Json, json};

use crate::daemon::Daemon;
use crate::messages::*;

pub(crate) use leases::DhcpServer;
use watched::Watching;
pub(crate) use watched::{Taken, Watched};

/// How many changes are listed where the request does not say, and at most.
const LISTED: u64 = 1000;
const MOST_LISTED: u64 = 10_000;

/// How many requests are handed over at once, how long it takes until there is room for more, and how often that is waited for
/// in a row until the rest is left.
const AT_ONCE: usize = 256;
const PAUSE: Duration = Duration::from_millis(100);
const PAUSES: usize = 600;

/// What the command answers.
pub(crate) async fn answer(daemon: &Arc<Daemon>, request: Request) -> Response {
    let is_dry = request.argument("dry-run").and_then(Json::as_bool).unwrap_or(false);
    let limit = match request.argument("limit").map(Json::as_u64) {
        None => LISTED,
        Some(Some(limit)) if limit <= MOST_LISTED => limit,
        Some(_) => {
            return Response::error(format!(
                "'limit' parameter expected to be a number of at most {MOST_LISTED}."
            ));
        }
    };
    let Ok(_turn) = daemon.reconciling.try_lock() else {
        return Response::failed(ResultCode::Conflict, "zones are being compared with leases already");
    };
    match reconcile(daemon, is_dry, usize::try_from(limit).unwrap_or(usize::MAX)).await {
        Ok(response) => response,
        Err(reason) => {
            KOTARE_DDNS_RECONCILE_FAILED(&reason);
            Response::error(reason)
        }
    }
}

async fn reconcile(daemon: &Arc<Daemon>, is_dry: bool, limit: usize) -> Result<Response, String> {
    let generation = daemon.generation();
    if generation.dhcp_servers.is_empty() {
        let hint = "name the control sockets of the DHCP servers whose leases zones are compared with";
        return Err(format!("there is no \"dhcp-servers\" in the configuration; {hint}"));
    }
    let watching = Watching::begin(daemon).await?;
    let (mut copies, mut zones, mut is_any_known) = (Copies::default(), Vec::new(), false);
    let forward = generation.zones.all_forward().map(|zone| (zone, true));
    for (zone, is_forward) in forward.chain(generation.zones.all_reverse().map(|zone| (zone, false))) {
        let name = zone.name.to_string();
        match transfer::copy(daemon, zone, generation.config.patience).await {
            Ok(contents) => {
                is_any_known = true;
                zones.push(json!({"name": name, "records": contents.len()}));
                match is_forward {
                    true => copies.add_forward(zone, contents),
                    false => copies.add_reverse(zone, contents),
                }
            }
            Err(reason) => {
                KOTARE_DDNS_RECONCILE_ZONE_NOT_COPIED(&name, &reason);
                zones.push(json!({"name": name, "error": reason}));
            }
        }
    }
    if !is_any_known {
        let reasons: Vec<String> =
            zones.iter().map(|zone| format!("{}: {}", zone["name"], zone["error"])).collect();
        return Err(format!("no zone can be copied: {}", reasons.join("; ")));
    }
    let wanted = leases::wanted(&generation.dhcp_servers).await?;
    let count = wanted.requests.len();
    let of = generation.clone();
    let found = aside(move || repair(&of.zones, &copies, &wanted.requests, &wanted.subnets)).await;
    let Repair { stale, missing, conflicts } = found;
    let (removed, added) = (stale.len(), missing.len());
    let changes: Vec<ChangeRequest> = stale.into_iter().chain(missing).collect();
    let outcome = hand_over(&watching, &changes, is_dry).await?;
    drop(watching);

    let mut listed = Items::of("changes");
    changes.iter().take(limit).filter_map(shown).for_each(|change| listed.push(&change));
    let contested: Vec<Json> = conflicts.iter().take(limit).filter_map(shown).collect();
    let (queued, under_way, left) = (outcome.queued, outcome.passed_over, outcome.left);
    KOTARE_DDNS_RECONCILED(added, removed, conflicts.len(), queued);
    let what = format!("{added} changes are missing and {removed} are stale in the DNS");
    let done =
        if is_dry { "nothing was changed".to_owned() } else { format!("{queued} requests were queued") };
    let arguments = json!({
        "dry-run": is_dry,
        "leases": count,
        "zones": zones,
        "missing": added,
        "stale": removed,
        "conflicts": conflicts.len(),
        "queued": queued,
        "under-way": under_way,
        "left": left,
        "conflicting": contested,
    });
    let response = Response::success(format!("{what}; {done}.")).with(arguments);
    Ok(Response { list: Some(listed.into()), ..response })
}

/// What became of requests.
#[derive(Default)]
struct Outcome {
    queued: usize,
    /// Those of which something newer is under way.
    passed_over: usize,
    /// Those that there was no room for.
    left: usize,
}

/// Has requests queued, as there is room; with `is_dry` only what would become of them.
async fn hand_over(
    watching: &Watching<'_>,
    changes: &[ChangeRequest],
    is_dry: bool,
) -> Result<Outcome, String> {
    let (mut outcome, mut at, mut pauses) = (Outcome::default(), 0, 0);
    while at < changes.len() && pauses < PAUSES {
        let next = &changes[at..changes.len().min(at + AT_ONCE)];
        let Taken { queued, passed_over } = watching.hand_over(next.to_vec(), is_dry).await?;
        outcome.queued += queued;
        outcome.passed_over += passed_over;
        at += queued + passed_over;
        pauses = if queued + passed_over > 0 { 0 } else { pauses + 1 };
        if pauses > 0 {
            watching.pause(PAUSE).await;
        }
    }
    outcome.left = changes.len() - at;
    if is_dry {
        outcome.queued = 0;
    }
    Ok(outcome)
}

/// A request as answers show it.
fn shown(request: &ChangeRequest) -> Option<Json> {
    serde_json::from_str(&request.to_json()).ok()
}
