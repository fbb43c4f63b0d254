//! What the client gets for each of its associations, why, from which pool, and for how long.

use kotare_config::v6::{Allocator, SubnetAt};
use kotare_engine::trace::{Claim, Span};
use kotare_engine::v6::trace::{Denial, Own, Step};
use kotare_engine::v6::{Answer, Granted, Lifetimes, NotTheirs, Place, Returned};
use kotare_expr::ClassSet;
use kotare_model::{Lease6, LeaseType, Lifetime};
use kotare_modules::lease_cmds::shown_lease6;
use kotare_server::explain::seconds;
use serde_json::{Value as Json, json};

use super::told::{Told, answers, shown};

/// How many associations, and how many attempts and pools of each, are told of.
const MAX_ASSOCIATIONS: usize = 100;
const MAX_ATTEMPTS: usize = 100;

/// The associations, in the order in which they stand in the reply.
pub(super) fn of(told: &Told<'_>) -> Vec<Json> {
    answers(told.rehearsed).iter().take(MAX_ASSOCIATIONS).map(|answer| association(told, answer)).collect()
}

fn association(told: &Told<'_>, answer: &Answer) -> Json {
    let attempts = attempts(told, answer);
    let count = attempts.len();
    json!({
        "type": name(answer.kind),
        "iaid": answer.iaid,
        "t1": seconds(answer.t1),
        "t2": seconds(answer.t2),
        "granted": answer.granted.iter().map(|it| granted(told, answer, it)).collect::<Vec<_>>(),
        "no-more": answer.gone.iter().map(|place| shown(*place)).collect::<Vec<_>>(),
        "given-back": answer.given_back.iter().map(|it| json!({
            "lease": shown(it.place),
            "result": returned(&it.what),
        })).collect::<Vec<_>>(),
        "status": answer.status.map(|status| json!({"code": status.code.to_string(), "text": status.text})),
        "attempts": attempts.into_iter().take(MAX_ATTEMPTS).collect::<Vec<_>>(),
        "further-attempts": count.saturating_sub(MAX_ATTEMPTS),
        "pools": pools(told, answer),
    })
}

/// Something that the client gets.
fn granted(told: &Told<'_>, answer: &Answer, granted: &Granted) -> Json {
    let claim = of_association(told, answer).iter().rev().find_map(|step| match step {
        Step::Trying(claim, place) if *place == granted.place => Some(*claim),
        _ => None,
    });
    let is_certain = match claim {
        Some(Claim::Free) => is_in_turn(told, answer.kind, granted.subnet) && !may_get_freed(told, answer),
        Some(Claim::Expired) => !may_get_freed(told, answer),
        _ => true,
    };
    json!({
        "lease": shown(granted.place),
        "because": claim.map(|claim| claim.to_string()),
        "certain": is_certain,
        "subnet": told.subnet(granted.subnet),
        "excluded": granted.excluded.map(|prefix| prefix.to_string()),
        "lifetime": lifetime(told, answer, granted),
    })
}

/// Whether the next message gets the same, if nobody comes before it.
fn is_in_turn(told: &Told<'_>, kind: LeaseType, at: SubnetAt) -> bool {
    let params = &told.config[at].params;
    let allocator = if kind == LeaseType::Pd { params.pd_allocator } else { params.allocator };
    allocator == Allocator::Iterative
}

/// Whether something free was looked for after the message had freed something: the allocators of a rehearsal do not know
/// of that, those of the server do.
pub(super) fn may_get_freed(told: &Told<'_>, answer: &Answer) -> bool {
    let changes = &told.rehearsed.changes;
    let is_removed = |place: Place| {
        let mut removed = changes.iter().filter(|it| it.after.is_none()).filter_map(|it| it.before.as_ref());
        removed.any(|lease| lease.address == place.address)
    };
    let (mut is_freed, mut is_its_turn) = (false, false);
    for step in told.steps() {
        match step {
            Step::Own(Own::Assigning { kind, iaid, .. }) => {
                is_its_turn = (*kind, *iaid) == (answer.kind, answer.iaid)
            }
            Step::Own(Own::Revoked(place)) => is_freed |= is_removed(*place),
            Step::Trying(Claim::Free, _) | Step::Exhausted(_) if is_its_turn => return is_freed,
            _ => {}
        }
    }
    false
}

/// The steps that were made for an association: those behind where it was begun, up to the next one.
fn of_association<'a>(told: &Told<'a>, answer: &Answer) -> Vec<&'a Step> {
    let is_begun = |step: &&Step| match step {
        Step::Own(Own::Assigning { kind, iaid, .. }) => (*kind, *iaid) == (answer.kind, answer.iaid),
        _ => false,
    };
    let mut steps = told.steps().skip_while(|step| !is_begun(step));
    let first = steps.next();
    let rest = steps.take_while(|step| !matches!(step, Step::Own(Own::Assigning { .. })));
    first.into_iter().chain(rest).collect()
}

/// What was tried, and what came of it.
fn attempts(told: &Told<'_>, answer: &Answer) -> Vec<Json> {
    let mut attempts: Vec<(Place, Option<String>, Option<String>)> = Vec::new();
    for step in of_association(told, answer) {
        match step {
            Step::Trying(claim, place) => attempts.push((*place, Some(claim.to_string()), None)),
            Step::Denied(place, why) => end(&mut attempts, *place, denial(why)),
            Step::Granted { place, renews: true } => {
                end(&mut attempts, *place, "its lease is extended".into())
            }
            Step::Granted { place, renews: false } => end(&mut attempts, *place, "it is the client's".into()),
            Step::AsItIs(place) => end(&mut attempts, *place, "its lease is left as it is".into()),
            Step::Own(Own::Revoked(place)) => {
                end(&mut attempts, *place, "it is taken from the client".into())
            }
            _ => {}
        }
    }
    let attempts = attempts.into_iter();
    attempts
        .map(|(place, claim, end)| json!({"lease": shown(place), "claim": claim, "result": end}))
        .collect()
}

fn end(attempts: &mut Vec<(Place, Option<String>, Option<String>)>, place: Place, what: String) {
    match attempts.last_mut() {
        Some((tried, _, result @ None)) if *tried == place => *result = Some(what),
        _ => attempts.push((place, None, Some(what))),
    }
}

/// Why something is not for the client.
pub(super) fn denial(why: &Denial) -> String {
    match why {
        Denial::Held(None) => "somebody has it".to_owned(),
        Denial::Held(Some(lease)) => {
            format!("{}, until {}, of the client {}", lease.state.name(), lease.expires(), lease.duid)
        }
        Denial::ForOthers => "it is reserved for somebody else".to_owned(),
        Denial::NoPool => "it is in no pool that is for the client".to_owned(),
        Denial::Module => "a module says no".to_owned(),
    }
}

/// A lease that the client has.
pub(super) fn held(lease: &Lease6) -> String {
    let place = Place { address: lease.address, len: lease.prefix_len };
    format!(
        "a lease of {} (subnet id {}, {}, until {})",
        shown(place),
        lease.subnet_id,
        lease.state.name(),
        lease.expires()
    )
}

/// The pools of the link for such an association, and whether they are for the client.
fn pools(told: &Told<'_>, answer: &Answer) -> Vec<Json> {
    let steps = of_association(told, answer);
    let classes = steps.iter().find_map(|step| match step {
        Step::Own(Own::Assigning { classes, .. }) => Some(classes),
        _ => None,
    });
    let (Some(selected), Some(classes)) = (told.selected(), classes) else { return Vec::new() };
    let link = told.config.link(selected).iter().filter_map(|id| told.config.subnet_at(*id));
    let mut pools = Vec::new();
    for at in link {
        let subnet = &told.config[at];
        let is_full = steps.iter().any(|step| matches!(step, Step::Exhausted(it) if *it == at));
        let mut add = |text: String, refusal: Option<String>, is_used: bool| {
            let why = match refusal.or_else(|| refused_subnet(told, at, classes)) {
                Some(why) => why,
                None if is_used => "what is granted is of this pool".to_owned(),
                None if is_full => "it has nothing free".to_owned(),
                None => "it is for the client, but nothing of it is needed".to_owned(),
            };
            pools.push(json!({"subnet-id": subnet.id.0, "pool": text, "used": is_used, "why": why}));
        };
        let places = answer.granted.iter().filter(|granted| granted.subnet == at).map(|it| it.place.address);
        match answer.kind {
            LeaseType::Pd => subnet.pd_pools.iter().for_each(|pool| {
                let text = format!("{} delegated-len {}", pool.prefix, pool.delegated_len);
                let is_used = places.clone().any(|place| pool.prefix.contains(place));
                add(text, told.refusal(&pool.guard, classes), is_used);
            }),
            _ => subnet.pools.iter().for_each(|pool| {
                let is_used = places.clone().any(|place| pool.contains(place));
                add(format!("{} - {}", pool.first, pool.last), told.refusal(&pool.guard, classes), is_used);
            }),
        }
    }
    pools.truncate(MAX_ATTEMPTS);
    pools
}

fn refused_subnet(told: &Told<'_>, at: SubnetAt, classes: &ClassSet) -> Option<String> {
    told.refusal(&told.config[at].guard, classes).map(|why| format!("its subnet: {why}"))
}

/// How long a lease lasts, and why.
fn lifetime(told: &Told<'_>, answer: &Answer, granted: &Granted) -> Json {
    let decided = of_association(told, answer).into_iter().rev().find_map(|step| match step {
        Step::Own(Own::Lifetimes { place, ranges, scopes, wish, why, .. }) if *place == granted.place => {
            Some((ranges, scopes, *wish, *why))
        }
        _ => None,
    });
    let mut json = json!({
        "preferred-lifetime": seconds(granted.lifetimes.preferred),
        "valid-lifetime": seconds(granted.lifetimes.valid),
    });
    if let Some((ranges, scopes, wish, why)) = decided {
        let from = |scope, keyword| told.scope_at(scope, keyword, Some(granted.subnet));
        json["preferred-from"] = from(scopes.preferred, "preferred-lifetime").into();
        json["valid-from"] = from(scopes.valid, "valid-lifetime").into();
        json["because"] = because(why, wish).into();
        json["min-valid-lifetime"] = seconds(ranges.valid.min).into();
        json["max-valid-lifetime"] = seconds(ranges.valid.max).into();
    }
    if granted.reused {
        json["because"] = "its lease is left as it is (cache-threshold): this is what is left of it".into();
    }
    json
}

/// Why something lasts as long as it does.
pub(super) fn because(why: Span, wish: Lifetimes) -> String {
    match why {
        Span::Scarce => "little is free (adaptive-lease-time-threshold)".to_owned(),
        _ if wish.preferred == Lifetime(0) && wish.valid == Lifetime(0) => {
            "the client asks for nothing else".to_owned()
        }
        _ => format!(
            "the client asks for preferred {} and valid {}, as far as that is allowed",
            seconds(wish.preferred),
            seconds(wish.valid)
        ),
    }
}

/// An association, as RFC 9915 calls it.
pub(super) fn name(kind: LeaseType) -> &'static str {
    match kind {
        LeaseType::Na => "IA_NA",
        LeaseType::Ta => "IA_TA",
        LeaseType::Pd => "IA_PD",
    }
}

/// What became of what the client gives back.
fn returned(what: &Returned) -> String {
    match what {
        Returned::Kept => "released, and its lease kept for the client".to_owned(),
        Returned::Removed => "released, and its lease removed".to_owned(),
        Returned::NotReleased => "not released: its lease changed meanwhile".to_owned(),
        Returned::Declined(span) => format!("put in probation for {span} seconds"),
        Returned::NotToRelease(why) | Returned::NotToDecline(why) => {
            format!("not the client's to give back: {}", not_theirs(why))
        }
    }
}

fn not_theirs(why: &NotTheirs) -> String {
    match why {
        NotTheirs::NoLease => "there is no lease of it".to_owned(),
        NotTheirs::OfClient(duid) => format!("it is of the client {duid}"),
        NotTheirs::OfAssociation(iaid) => format!("it is of the association {iaid}"),
    }
}

/// The leases that would be changed.
pub(super) fn changes(told: &Told<'_>) -> Vec<Json> {
    let changes = told.rehearsed.changes.iter();
    changes
        .map(|change| {
            json!({"before": change.before.as_ref().map(shown_lease6), "after": change.after.as_ref().map(shown_lease6)})
        })
        .collect()
}
