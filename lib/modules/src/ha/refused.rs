//! What of a command that tells of leases was not taken, by its answer.

use std::fmt::Display;
use std::net::IpAddr;

use kotare_ha::{Refusal, result};
use serde_json::Value as Json;

use super::messages::*;
use super::peer::Failure;
use super::update::Update;

/// Why no lease that updates give was taken, if so, by the list of what was not: an error goes before a conflict. That another one
/// is no more says nothing of it.
pub(super) fn refusal(updates: &[Update], arguments: Option<&Json>) -> Option<Refusal> {
    let mut refused: Option<Refusal> = None;
    for update in updates.iter().filter(|update| !update.is_deleted) {
        let is_it = |failed: &&Json| address(failed) == Some(update.address());
        // One of them was.
        let failed = list_of(arguments, "failed-leases").find(is_it)?;
        if refused.as_ref().is_none_or(Refusal::is_conflict) {
            refused = Some(refusal_of(failed));
        }
    }
    refused
}

/// The address of an entry of a list of leases.
pub(super) fn address(failed: &Json) -> Option<IpAddr> {
    text(failed, "ip-address")?.parse().ok()
}

fn list_of<'a>(arguments: Option<&'a Json>, list: &str) -> impl Iterator<Item = &'a Json> {
    arguments.and_then(|it| it.get(list)).and_then(Json::as_array).into_iter().flatten()
}

fn text<'a>(lease: &'a Json, key: &str) -> Option<&'a str> {
    lease.get(key).and_then(Json::as_str)
}

/// Whether the partner has taken all leases of a command, none refused for reasons of its own.
pub(super) fn all_taken(arguments: Option<&Json>) -> Result<(), Failure> {
    match list_of(arguments, "failed-leases").next() {
        None => Ok(()),
        Some(failed) => Err(Failure::Refused(refusal_of(failed))),
    }
}

/// Why a lease of a list was not taken.
fn refusal_of(failed: &Json) -> Refusal {
    let code = failed.get("result").and_then(Json::as_i64).unwrap_or(result::ERROR);
    let why = text(failed, "error-message").unwrap_or_default();
    Refusal { code, reason: format!("{why} (error code {code})") }
}

/// Tells which leases of a list were not taken although others were, and of which message each comes.
pub(super) fn tell_failed<'a>(arguments: Option<&Json>, query: impl Fn(&Json) -> Option<&'a dyn Display>) {
    let said = |failed: &Json| {
        let [kind, address, why] = ["type", "ip-address", "error-message"]
            .map(|key| text(failed, key).unwrap_or(UNKNOWN).to_owned());
        (query(failed).unwrap_or(&UNKNOWN), kind, address, why)
    };
    for (query, kind, address, why) in list_of(arguments, "failed-deleted-leases").map(said) {
        HA_LEASE_UPDATE_DELETE_FAILED_ON_PEER(query, kind, address, why);
    }
    for (query, kind, address, why) in list_of(arguments, "failed-leases").map(said) {
        HA_LEASE_UPDATE_CREATE_UPDATE_FAILED_ON_PEER(query, kind, address, why);
    }
}

/// What is told of a lease instead of what its entry does not say.
const UNKNOWN: &str = "(unknown)";
