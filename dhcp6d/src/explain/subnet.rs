//! Which subnet the client is on, and what spoke against the others.

use kotare_config::v6::SubnetAt;
use kotare_engine::v6::select::{Clue, Criterion};
use kotare_engine::v6::trace::Step;
use kotare_expr::ClassSet;
use kotare_server::explain::in_words;
use serde_json::{Value as Json, json};

use super::told::Told;

/// How many subnets are told of. Those that nearly were it come first.
const MAX_CANDIDATES: usize = 50;

/// What was tried, and what was found.
struct Tried<'a> {
    by: &'a Criterion,
    found: Option<SubnetAt>,
    classes: &'a ClassSet,
}

/// The subnet, and the candidates.
pub(super) fn of(told: &Told<'_>) -> Json {
    let tried: Vec<_> = told
        .steps()
        .filter_map(|step| match step {
            Step::Selecting { by, found, classes } => Some(Tried { by, found: *found, classes }),
            _ => None,
        })
        .collect();
    let selected = told.selected();
    let served = told.served_from();
    let place = |at: SubnetAt| {
        let subnet = &told.config[at];
        let network = subnet.network.map(|network| &*told.config[network].name);
        json!({"id": subnet.id.0, "subnet": subnet.prefix.to_string(), "shared-network": network})
    };
    let tries =
        tried.iter().map(|it| json!({"by": criterion(it.by), "found": it.found.map(|at| told.subnet(at))}));
    let mut all: Vec<_> = (0..told.config.subnets.len()).map(SubnetAt::new).collect();
    // Those that only classes speak against, and those of the same network, before those that are elsewhere.
    let network = selected.and_then(|at| told.config[at].network);
    all.sort_by_cached_key(|&at| {
        let subnet = &told.config[at];
        let is_near = tried.iter().any(|it| it.by.is_met_by(subnet));
        let is_beside = network.is_some() && subnet.network == network;
        (selected != Some(at), !is_near, !is_beside, at)
    });
    let candidates = all.iter().take(MAX_CANDIDATES).map(|&at| {
        let subnet = &told.config[at];
        json!({
            "id": subnet.id.0,
            "subnet": subnet.prefix.to_string(),
            "selected": selected == Some(at),
            "why": why(told, &tried, selected, at),
        })
    });
    json!({
        "selected": selected.map(place),
        "served-from": served.map(place),
        "tried": tries.collect::<Vec<_>>(),
        "candidates": candidates.collect::<Vec<_>>(),
        "further-candidates": all.len().saturating_sub(MAX_CANDIDATES),
    })
}

/// What spoke for a subnet, or against it.
fn why(told: &Told<'_>, tried: &[Tried<'_>], selected: Option<SubnetAt>, at: SubnetAt) -> Vec<String> {
    let subnet = &told.config[at];
    let found_by = tried.iter().find(|it| it.found == Some(at));
    let mut reasons = Vec::new();
    if let Some(it) = found_by {
        reasons.push(met(it.by));
        if selected != Some(at) {
            reasons.push("but a module says otherwise".to_owned());
        }
        return reasons;
    }
    if selected == Some(at) {
        return vec!["a module says so".to_owned()];
    }
    for it in tried {
        match (it.by.is_met_by(subnet), told.refusal(&subnet.guard, it.classes)) {
            (false, _) => reasons.push(unmet(it.by)),
            (true, Some(refusal)) => reasons.push(format!("{}, but {refusal}", met(it.by))),
            (true, None) => match it.found {
                Some(other) => {
                    reasons.push(format!(
                        "{}, but so does subnet {}, which comes first",
                        met(it.by),
                        told.subnet(other)
                    ));
                }
                None => reasons.push(met(it.by)),
            },
        }
    }
    let network = selected.and_then(|at| told.config[at].network);
    let fits = tried.last().is_none_or(|it| told.refusal(&subnet.guard, it.classes).is_none());
    if fits && network.is_some() && subnet.network == network {
        reasons.push("it is in the same shared network, so addresses may come from it".to_owned());
    }
    reasons
}

/// What was looked for.
pub(super) fn criterion(by: &Criterion) -> String {
    match by {
        Criterion::Holds(address, clue) => format!("{} {address} in the subnet", clue_words(*clue)),
        Criterion::NamesRelay(relay) => format!("the relay agent {relay} named by the subnet (relay)"),
        Criterion::NamesInterfaceId(id) => {
            format!("the link {} named by the subnet (interface-id)", in_words(id))
        }
        Criterion::NamesInterface(name) => format!("the interface {name} named by the subnet (interface)"),
    }
}

fn met(by: &Criterion) -> String {
    match by {
        Criterion::Holds(address, clue) => format!("it holds {} {address}", clue_words(*clue)),
        by => format!("it names {}", named(by)),
    }
}

fn unmet(by: &Criterion) -> String {
    match by {
        Criterion::Holds(address, clue) => format!("it does not hold {} {address}", clue_words(*clue)),
        by => format!("it does not name {}", named(by)),
    }
}

/// What a subnet names.
fn named(by: &Criterion) -> String {
    match by {
        Criterion::Holds(address, _) => address.to_string(),
        Criterion::NamesRelay(relay) => format!("the relay agent {relay}"),
        Criterion::NamesInterfaceId(id) => format!("the link {} (interface-id)", in_words(id)),
        Criterion::NamesInterface(name) => format!("the interface {name}"),
    }
}

fn clue_words(clue: Clue) -> &'static str {
    match clue {
        Clue::Link => "the link address of a relay agent",
        Clue::Source => "the source address",
    }
}
