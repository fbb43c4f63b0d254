//! Which address the client gets, why, from which pool, and for how long.

use std::net::Ipv4Addr;

use kotare_config::v4::{Allocator, SubnetAt};
use kotare_engine::v4::trace::{Denial, Own, Span, Step};
use kotare_engine::v4::{Given, LeaseGiven, Outcome};
use kotare_modules::lease_cmds::shown_lease;
use kotare_server::explain::seconds;
use serde_json::{Map, Value as Json, json};

use super::told::Told;

/// How many attempts, and how many pools, are told of.
const MAX_ATTEMPTS: usize = 100;

/// The address.
pub(super) fn of(told: &Told<'_>) -> Json {
    let given = given(told);
    let attempts = attempts(told);
    let count = attempts.len();
    let because = given.and_then(|given| because(told, given.address));
    let mut map = Map::new();
    map.insert("ip-address".into(), given.map(|given| given.address.to_string()).into());
    map.insert("because".into(), because.into());
    map.insert("certain".into(), given.map(|given| is_certain(told, &given)).into());
    map.insert("attempts".into(), attempts.into_iter().take(MAX_ATTEMPTS).collect());
    map.insert("further-attempts".into(), count.saturating_sub(MAX_ATTEMPTS).into());
    map.insert("pools".into(), pools(told, given.map(|given| given.address)).into());
    map.insert("lifetime".into(), given.map(|given| lifetime(told, &given)).unwrap_or(Json::Null));
    Json::Object(map)
}

fn given(told: &Told<'_>) -> Option<LeaseGiven> {
    match &told.rehearsed.outcome {
        Ok(Outcome::Reply(reply)) => match &reply.given {
            Given::Lease(given) => Some(*given),
            _ => None,
        },
        _ => None,
    }
}

/// Why it is this address.
fn because(told: &Told<'_>, address: Ipv4Addr) -> Option<String> {
    let claim = told.steps().rev().find_map(|step| match step {
        Step::Trying(claim, tried) if *tried == address => Some(claim),
        _ => None,
    });
    claim.map(ToString::to_string)
}

/// Whether the next message gets the same address, if nobody comes before it.
fn is_certain(told: &Told<'_>, given: &LeaseGiven) -> bool {
    use kotare_engine::v4::trace::Claim;
    let claim = told.steps().rev().find_map(|step| match step {
        Step::Trying(claim, address) if *address == given.address => Some(*claim),
        _ => None,
    });
    claim != Some(Claim::Free) || told.config[given.subnet].params.allocator == Allocator::Iterative
}

/// What was tried, and what came of it.
fn attempts(told: &Told<'_>) -> Vec<Json> {
    let mut attempts: Vec<(Ipv4Addr, Option<String>, Option<String>)> = Vec::new();
    for step in told.steps() {
        match step {
            Step::Trying(claim, address) => attempts.push((*address, Some(claim.to_string()), None)),
            Step::Denied(address, why) => end(&mut attempts, *address, denial(why)),
            Step::Granted { place: address, renews: true } => {
                end(&mut attempts, *address, "its lease is extended".into())
            }
            Step::Granted { place: address, renews: false } => {
                end(&mut attempts, *address, "it is the client's".into())
            }
            Step::AsItIs(address) => end(&mut attempts, *address, "its lease is left as it is".into()),
            _ => {}
        }
    }
    let attempts = attempts.into_iter();
    attempts
        .map(
            |(address, claim, end)| json!({"ip-address": address.to_string(), "claim": claim, "result": end}),
        )
        .collect()
}

fn end(attempts: &mut Vec<(Ipv4Addr, Option<String>, Option<String>)>, address: Ipv4Addr, what: String) {
    match attempts.last_mut() {
        Some((tried, _, result @ None)) if *tried == address => *result = Some(what),
        _ => attempts.push((address, None, Some(what))),
    }
}

/// Why an address is not for the client.
pub(super) fn denial(why: &Denial) -> String {
    match why {
        Denial::Held(None) => "somebody has it".to_owned(),
        Denial::Held(Some(lease)) => match lease.hwaddr.is_empty() {
            true => format!("its lease is {}, until {}", lease.state.name(), lease.expires()),
            false => format!("{} has it, until {}", lease.hwaddr, lease.expires()),
        },
        Denial::ForOthers => "it is reserved for somebody else".to_owned(),
        Denial::NotTheReserved(reserved) => format!("{reserved} is reserved for the client, and free"),
        Denial::NoPool => "it is in no pool that is for the client".to_owned(),
        Denial::Module => "a module says no".to_owned(),
    }
}

/// The pools of the link, and whether they are for the client.
fn pools(told: &Told<'_>, address: Option<Ipv4Addr>) -> Vec<Json> {
    let classes = told.steps().rev().find_map(|step| match step {
        Step::Own(Own::Assigning { classes, .. }) => Some(classes),
        _ => None,
    });
    let (Some(selected), Some(classes)) = (told.selected(), classes) else { return Vec::new() };
    let link = told.config.link(selected).iter().filter_map(|id| told.config.subnet_at(*id));
    let exhausted = |at: SubnetAt| told.steps().any(|step| matches!(step, Step::Exhausted(it) if *it == at));
    let served = told.served_from();
    let of_subnet = link.flat_map(|at| told.config[at].pools.iter().map(move |pool| (at, pool)));
    let pools = of_subnet.take(MAX_ATTEMPTS).map(|(at, pool)| {
        let subnet = &told.config[at];
        let refusal = told.refusal(&subnet.guard, classes).map(|why| format!("its subnet: {why}"));
        let refusal = refusal.or_else(|| told.refusal(&pool.guard, classes));
        let is_used = address.is_some_and(|address| pool.contains(address) && served == Some(at));
        let why = match refusal {
            Some(why) => why,
            None if is_used => "the address is of this pool".to_owned(),
            None if exhausted(at) => "it has no free address".to_owned(),
            None => "it is for the client, but the address is found elsewhere".to_owned(),
        };
        json!({
            "subnet-id": subnet.id.0,
            "pool": format!("{} - {}", pool.first, pool.last),
            "used": is_used,
            "why": why,
        })
    });
    pools.collect()
}

/// How long the lease lasts, and why.
fn lifetime(told: &Told<'_>, given: &LeaseGiven) -> Json {
    let decided = told.steps().rev().find_map(|step| match step {
        Step::Own(Own::Lifetime { told, range, scope, wish, why }) => Some((told, range, scope, wish, why)),
        _ => None,
    });
    let mut json = json!({"valid-lifetime": seconds(given.lifetime)});
    if given.reused.is_some() {
        json["because"] = "its lease is left as it is (cache-threshold): this is what is left of it".into();
    }
    if let Some((_, range, scope, wish, why)) = decided {
        let because = match (why, wish) {
            (Span::Bootp, _) => "BOOTP knows of no end".to_owned(),
            (Span::Scarce, _) => "addresses are scarce (adaptive-lease-time-threshold)".to_owned(),
            (Span::Usual, Some(wish)) => {
                format!(
                    "the client asks for {} (option 51), from {} to {} are allowed",
                    seconds(*wish),
                    seconds(range.min),
                    seconds(range.max)
                )
            }
            (Span::Usual, None) => "the client asks for nothing else".to_owned(),
        };
        if given.reused.is_none() {
            json["because"] = because.into();
        }
        json["from"] = told.scope(*scope, "valid-lifetime").into();
        json["min-valid-lifetime"] = seconds(range.min).into();
        json["max-valid-lifetime"] = seconds(range.max).into();
    }
    json
}

/// The leases that would be changed.
pub(super) fn changes(told: &Told<'_>) -> Vec<Json> {
    let changes = told.rehearsed.changes.iter();
    changes
        .map(|change| {
            json!({"before": change.before.as_ref().map(shown_lease), "after": change.after.as_ref().map(shown_lease)})
        })
        .collect()
}
