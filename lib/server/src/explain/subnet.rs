//! Which subnet the client is on, and what spoke against the others.

use kotare_config::common::{Overview, SubnetAt};
use kotare_engine::trace::Step;
use kotare_expr::ClassSet;
use serde_json::{Value as Json, json};

use super::explained::CriterionOf;
use super::{Explained, Told};

/// How many subnets are told of. Those that nearly were it come first.
const MAX_CANDIDATES: usize = 50;

/// What was tried, and what was found.
struct Tried<'a, E: Explained> {
    by: &'a CriterionOf<E>,
    found: Option<SubnetAt>,
    classes: &'a ClassSet,
}

/// The subnet, and the candidates.
pub(super) fn of<E: Explained>(told: &Told<'_, E>) -> Json {
    let tried: Vec<_> = told
        .steps()
        .filter_map(|step| match step {
            Step::Selecting { by, found, classes } => Some(Tried::<E> { by, found: *found, classes }),
            _ => None,
        })
        .collect();
    let selected = told.selected();
    let served = told.served_from();
    let place = |at: SubnetAt| {
        let subnet = told.config.overview(at);
        let network = subnet.network.map(|network| told.config.network_name(network));
        json!({"id": subnet.id.0, "subnet": subnet.prefix.to_string(), "shared-network": network})
    };
    let tries = tried
        .iter()
        .map(|it| json!({"by": E::criterion(it.by), "found": it.found.map(|at| told.subnet(at))}));
    let mut all: Vec<_> = (0..told.config.subnet_count()).map(SubnetAt::new).collect();
    // Those that only classes speak against, and those of the same network, before those that are elsewhere.
    let network = selected.and_then(|at| told.config.overview(at).network);
    all.sort_by_cached_key(|&at| {
        let subnet = told.config.overview(at);
        let is_near = tried.iter().any(|it| E::is_met(told.config, at, it.by));
        let is_beside = network.is_some() && subnet.network == network;
        (selected != Some(at), !is_near, !is_beside, at)
    });
    let candidates = all.iter().take(MAX_CANDIDATES).map(|&at| {
        let subnet = told.config.overview(at);
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
fn why<E: Explained>(
    told: &Told<'_, E>,
    tried: &[Tried<'_, E>],
    selected: Option<SubnetAt>,
    at: SubnetAt,
) -> Vec<String> {
    let subnet = told.config.overview(at);
    let found_by = tried.iter().find(|it| it.found == Some(at));
    let mut reasons = Vec::new();
    if let Some(it) = found_by {
        reasons.push(E::met(it.by, true));
        if selected != Some(at) {
            reasons.push("but a module says otherwise".to_owned());
        }
        return reasons;
    }
    if selected == Some(at) {
        return vec!["a module says so".to_owned()];
    }
    for it in tried {
        match (E::is_met(told.config, at, it.by), told.refusal(subnet.guard, it.classes)) {
            (false, _) => reasons.push(E::met(it.by, false)),
            (true, Some(refusal)) => reasons.push(format!("{}, but {refusal}", E::met(it.by, true))),
            (true, None) => match it.found {
                Some(other) => {
                    reasons.push(format!(
                        "{}, but so does subnet {}, which comes first",
                        E::met(it.by, true),
                        told.subnet(other)
                    ));
                }
                None => reasons.push(E::met(it.by, true)),
            },
        }
    }
    let network = selected.and_then(|at| told.config.overview(at).network);
    let fits = tried.last().is_none_or(|it| told.refusal(subnet.guard, it.classes).is_none());
    if fits && network.is_some() && subnet.network == network {
        reasons.push("it is in the same shared network, so addresses may come from it".to_owned());
    }
    reasons
}
