//! DHCPv6, as it is told.

use kotare_config::v6::{Config6, Host6, SubnetAt};
use kotare_engine::v6::select::Criterion;
use kotare_engine::v6::trace::{Denial, Own, Step, Traced6};
use kotare_engine::v6::{Answer, Given, Outcome, Place, Rehearsed, Reply};
use kotare_server::explain::{self, Explained, seconds};
use serde_json::{Value as Json, json};

use super::{leases, outcome, subnet};

/// The words for what its decisions speak of.
#[derive(Debug)]
pub(super) enum Words6 {}

/// What would become of a message, and what is around it.
pub(super) type Told<'a> = explain::Told<'a, Words6>;

impl Explained for Words6 {
    type Traced = Traced6;
    type Config = Config6;

    const KEYWORDS: (&'static str, &'static str) = ("Dhcp6", "subnet6");
    const VENDOR_CLASS: u16 = 16;
    const LATE: &'static str = "when its subnet and pools were known";
    const NOTHING: &'static str = "nothing";

    fn given_from(rehearsed: &Rehearsed) -> Option<SubnetAt> {
        answers(rehearsed).iter().flat_map(|answer| &answer.granted).map(|granted| granted.subnet).next()
    }

    fn member_of(told: &Told<'_>) -> Vec<String> {
        let query = told.rehearsed.query.iter();
        query.flat_map(|query| query.classes.in_order()).map(|id| told.class(id).to_owned()).collect()
    }

    fn outcome(told: &Told<'_>) -> String {
        outcome::of(told)
    }

    fn is_met(config: &Config6, at: SubnetAt, by: &Criterion) -> bool {
        by.is_met_by(&config[at])
    }

    fn criterion(by: &Criterion) -> String {
        subnet::criterion(by)
    }

    fn met(by: &Criterion, is_met: bool) -> String {
        if is_met { subnet::met(by) } else { subnet::unmet(by) }
    }

    fn reservation(host: &Host6) -> String {
        reservation(host)
    }

    fn reserved(told: &Told<'_>) -> Json {
        let counts = told.steps().filter_map(|step| match step {
            Step::Own(Own::Assigning { reserved, home, .. }) => Some((reserved, home)),
            _ => None,
        });
        let mut reserved: Vec<Json> = Vec::new();
        for (places, home) in counts {
            let of = |at: SubnetAt, place: Option<String>| json!({"subnet-id": told.config[at].id.0, "reserved": place});
            let all = places.iter().map(|(place, at)| of(*at, Some(shown(*place))));
            for one in all.chain(home.map(|at| of(at, None))) {
                if !reserved.contains(&one) {
                    reserved.push(one);
                }
            }
        }
        reserved.into()
    }

    fn place(place: Place) -> String {
        shown(place)
    }

    fn denial(why: &Denial) -> String {
        leases::denial(why)
    }

    fn sentence(told: &Told<'_>, step: &Own) -> Option<String> {
        Some(match step {
            Own::Assigning { kind, iaid, own, reserved, home, .. } => {
                let own: Vec<_> = own.iter().map(leases::held).collect();
                let own = match own.is_empty() {
                    true => "the client has no lease of it".to_owned(),
                    false => format!("the client has {}", own.join(", ")),
                };
                let places: Vec<_> = reserved.iter().map(|(place, _)| shown(*place)).collect();
                let reserved = match (places.is_empty(), home) {
                    (false, _) => format!("reserved: {}", places.join(", ")),
                    (true, Some(at)) => format!("anything of subnet {} is reserved for it", told.subnet(*at)),
                    (true, None) => "nothing is reserved for it".to_owned(),
                };
                format!("{} {iaid}: {own}; {reserved}", leases::name(*kind))
            }
            Own::Lifetimes { place, told: lifetimes, why, wish, .. } => format!(
                "lifetimes of {}: preferred {}, valid {} ({})",
                shown(*place),
                seconds(lifetimes.preferred),
                seconds(lifetimes.valid),
                leases::because(*why, *wish)
            ),
            Own::Revoked(place) => format!("{} is taken from the client", shown(*place)),
        })
    }

    fn remarks(told: &Told<'_>) -> Vec<String> {
        let asked = told.steps().filter_map(|step| match step {
            Step::NotAsked(point) => Some(format!(
                "modules at {point} were not asked: they may have to wait for somebody, or no lease changes"
            )),
            _ => None,
        });
        let freed = answers(told.rehearsed).iter().filter(|answer| leases::may_get_freed(told, answer)).map(
            |answer| {
                let association = format!("{} {}", leases::name(answer.kind), answer.iaid);
                format!(
                    "{association} may get what is taken from the client before, which is not looked at here"
                )
            },
        );
        asked.chain(freed).collect()
    }
}

/// What the reply says of each association.
pub(super) fn answers(rehearsed: &Rehearsed) -> &[Answer] {
    match &rehearsed.outcome {
        Ok(Outcome::Reply(Reply { given: Given::Associations { answers, .. }, .. })) => answers,
        _ => &[],
    }
}

/// An address, or a prefix with its length.
pub(super) fn shown(place: Place) -> String {
    match place.len {
        128 => place.address.to_string(),
        len => format!("{}/{len}", place.address),
    }
}

/// What is reserved, in words.
pub(super) fn reservation(host: &Host6) -> String {
    let prefixes = host.prefixes().iter().map(|it| it.prefix.to_string());
    let mut all: Vec<_> = host.addresses.iter().map(ToString::to_string).chain(prefixes).collect();
    let name = host.hostname();
    all.extend(name.map(|name| format!("hostname {name}")));
    match all.is_empty() {
        true => "neither an address nor a prefix".to_owned(),
        false => all.join(", "),
    }
}
