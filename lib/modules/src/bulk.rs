//! What a command with many leases did (`lease4-bulk-apply`, `lease6-bulk-apply`), for whoever hears of commands.

use std::collections::HashSet;

use kotare_control::Response;
use kotare_store_memfile::{Kept, Sent, each_row};
use serde_json::Value as Json;

/// What was done to a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Kept,
    Deleted,
}

/// Hands on each lease of a list of the command that was applied, as it is written.
pub(crate) fn each_written(arguments: &Json, response: &Response, mut done: impl FnMut(Done, &Json)) {
    for (list, what) in [("deleted-leases", Done::Deleted), ("leases", Done::Kept)] {
        let failed = failed(response, list);
        for lease in arguments.get(list).and_then(Json::as_array).into_iter().flatten() {
            if address(lease).is_some_and(|address| !failed.contains(address)) {
                done(what, lease);
            }
        }
    }
}

/// The same of leases that a server of ours has sent in rows.
pub(crate) fn each_sent<L: Kept>(arguments: &Json, response: &Response, mut done: impl FnMut(Done, L))
where
    L::Address: ToString,
{
    let Some(rows) = arguments.get("rows").and_then(Json::as_str) else { return };
    let (gone, kept) = (failed(response, "deleted-leases"), failed(response, "leases"));
    // Rows that cannot be read were refused with all others.
    let _ = each_row::<L>(rows, |_, sent| {
        let Ok(Sent { lease, is_gone }) = sent else { return };
        let (what, failed) = if is_gone { (Done::Deleted, &gone) } else { (Done::Kept, &kept) };
        if failed.is_empty() || !failed.contains(&*lease.address().to_string()) {
            done(what, lease);
        }
    });
}

/// The addresses of a list that nothing was done about.
fn failed<'a>(response: &'a Response, list: &str) -> HashSet<&'a str> {
    let failed = response.arguments.as_ref().and_then(|answer| answer.get(format!("failed-{list}")));
    failed.and_then(Json::as_array).into_iter().flatten().filter_map(address).collect()
}

fn address(lease: &Json) -> Option<&str> {
    lease.get("ip-address").and_then(Json::as_str)
}
