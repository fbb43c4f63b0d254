//! What the client belongs to, and what is reserved for it.

use kotare_config::common::{HostId, Overview, Stage};
use kotare_engine::trace::Step;
use kotare_model::SubnetId;
use serde_json::{Value as Json, json};

use super::{Explained, Told, because, is_no_member, said};

/// How many evaluations are told of; those that make a member come first.
const MAX_EVALUATIONS: usize = 500;

/// The classes, and why.
pub(super) fn of<E: Explained>(told: &Told<'_, E>) -> Json {
    let mut evaluated: Vec<_> = told
        .steps()
        .filter_map(|step| match step {
            Step::Evaluated { class, stage, said: result, parts } => {
                let parts =
                    parts.iter().map(|heard| json!({"expression": heard.part, "value": said(&heard.value)}));
                let json = json!({
                    "class": told.class(*class),
                    "stage": when::<E>(*stage),
                    "result": said(result),
                    "values": parts.collect::<Vec<_>>(),
                });
                Some((is_no_member(result), json))
            }
            _ => None,
        })
        .collect();
    let count = evaluated.len();
    if count > MAX_EVALUATIONS {
        evaluated.sort_by_key(|(is_no_member, _)| *is_no_member);
        evaluated.truncate(MAX_EVALUATIONS);
    }
    let joined = told.steps().filter_map(|step| match step {
        Step::Joined(class, why) => {
            Some(json!({"class": told.class(*class), "because": because(*why, E::VENDOR_CLASS)}))
        }
        _ => None,
    });
    json!({
        "member-of": E::member_of(told),
        "joined": joined.collect::<Vec<_>>(),
        "evaluated": evaluated.into_iter().map(|(_, json)| json).collect::<Vec<_>>(),
        "further-evaluated": count.saturating_sub(MAX_EVALUATIONS),
    })
}

/// When a class is evaluated.
pub(super) fn when<E: Explained>(stage: Stage) -> &'static str {
    match stage {
        Stage::First => "when the message came",
        Stage::Second => "when reservations were known",
        Stage::Late => E::LATE,
    }
}

/// The reservations.
pub(super) fn reservations<E: Explained>(told: &Told<'_, E>) -> Json {
    let lookups: Vec<_> = told
        .steps()
        .filter_map(|step| match step {
            Step::HostLookup { subnet, kind, id, found } => Some(json!({
                "identifier": HostId { kind: *kind, bytes: id }.to_string(),
                "scope": told.home(*subnet),
                "subnet-id": subnet.0,
                "found": found.as_ref().map(|host| E::reservation(host)),
            })),
            _ => None,
        })
        .collect();
    json!({"lookups": lookups, "counts": E::reserved(told), "why": why(told, lookups.is_empty())})
}

/// Why there is no reservation, where it was not even looked for, and which do not count.
fn why<E: Explained>(told: &Told<'_, E>, none: bool) -> Vec<String> {
    let mut reasons = Vec::new();
    if !told.config.reserves() && told.config.as_ref().hosts_databases.is_empty() {
        reasons.push("nothing is reserved for anybody".to_owned());
        return reasons;
    }
    let Some(selected) = told.selected() else {
        if none {
            reasons.push("no subnet is selected, so nothing was looked for".to_owned());
        }
        return reasons;
    };
    let modes = told.config.overview(selected).reservations;
    if !modes.global {
        reasons.push("global reservations do not count in this subnet (reservations-global)".to_owned());
    }
    if !modes.in_subnet {
        reasons.push("the subnet's own reservations do not count (reservations-in-subnet)".to_owned());
    }
    let found = |global: bool| {
        told.steps().any(|step| match step {
            Step::HostLookup { subnet, found, .. } => {
                found.is_some() && (*subnet == SubnetId::GLOBAL) == global
            }
            _ => false,
        })
    };
    if !found(true) && !found(false) && !none {
        reasons.push("nothing is reserved for any identifier of this client here".to_owned());
    }
    reasons
}
