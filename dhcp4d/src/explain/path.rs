//! The steps as sentences, in the order in which they were made.

use kotare_config::v4::HostId;
use kotare_engine::v4::trace::{Said, Step};
use kotare_server::explain::{because, in_words, named_by};

use super::told::Told;
use super::{address, classes, outcome, subnet};

/// How many sentences there are at most, and how many of the values that an expression saw are in one.
const MAX_SENTENCES: usize = 1000;
const MAX_VALUES: usize = 8;

/// The way to what would come of it.
pub(super) fn of(told: &Told<'_>) -> Vec<String> {
    let mut sentences: Vec<_> = told.steps().filter_map(|step| sentence(told, step)).collect();
    if sentences.len() > MAX_SENTENCES {
        let further = sentences.len() - MAX_SENTENCES;
        sentences.truncate(MAX_SENTENCES);
        sentences.push(format!("… and {further} further steps"));
    }
    sentences.push(outcome::of(told));
    sentences
}

fn sentence(told: &Told<'_>, step: &Step) -> Option<String> {
    Some(match step {
        Step::Joined(class, why) => format!("class {}: {}", told.class(*class), because(*why, 60)),
        Step::ClassesAnew => "a reservation gives classes, so expressions are evaluated anew".to_owned(),
        Step::Evaluated { class, stage, said: result, parts } => {
            let shown = parts.iter().take(MAX_VALUES).filter(|heard| !matches!(heard.value, Said::Truth(_)));
            let values: Vec<_> =
                shown.map(|heard| format!("{} = {}", heard.part, value(&heard.value))).collect();
            let values = match values.is_empty() {
                true => String::new(),
                false => format!(" ({})", values.join("; ")),
            };
            format!("class {}, {}: {}{values}", told.class(*class), classes::when(*stage), value(result))
        }
        Step::Selecting { by, found, .. } => {
            let found = found.map_or_else(|| "none".to_owned(), |at| told.subnet(at));
            format!("looking for a subnet by {}: {found}", subnet::criterion(by))
        }
        Step::SelectedByModule(Some(at)) => {
            format!("a module puts the client into subnet {}", told.subnet(*at))
        }
        Step::SelectedByModule(None) => "a module says that the client is on no subnet".to_owned(),
        Step::FlexId(id) => format!("a module names the client {} (flex-id)", in_words(id)),
        Step::HostLookup { subnet, kind, id, found } => {
            let id = HostId { kind: *kind, bytes: id };
            let home = told.home(*subnet);
            match found {
                Some(host) => format!("reservation for {id} in {home}: {host}"),
                None => format!("no reservation for {id} in {home}"),
            }
        }
        Step::Rebooting(wish, Some(lease)) => {
            format!("the client reboots with {wish}, and has a lease of {}", lease.address)
        }
        Step::Rebooting(wish, None) => format!("the client reboots with {wish}, and has no lease here"),
        Step::Belongs(_) | Step::Options(_) | Step::Boot { .. } => return None,
        Step::Assigning { own, home, reserved, .. } => {
            let own = match own {
                Some(lease) => format!(
                    "the client has a lease of {} (subnet id {}, {}, until {})",
                    lease.address,
                    lease.subnet_id,
                    lease.state.name(),
                    lease.expires()
                ),
                None => "the client has no lease on this link".to_owned(),
            };
            let reserved = match (home, reserved) {
                (Some(at), Some(address)) => {
                    format!("{address} is reserved for it in subnet {}", told.subnet(*at))
                }
                (Some(at), None) => format!("an address of subnet {} is reserved for it", told.subnet(*at)),
                (None, _) => "no address is reserved for it".to_owned(),
            };
            format!("{own}; {reserved}")
        }
        Step::Trying(claim, address) => format!("trying {address}: {claim}"),
        Step::Denied(address, why) => format!("not {address}: {}", address::denial(why)),
        Step::Exhausted(at) => {
            format!("no address of a pool of subnet {} is free for the client", told.subnet(*at))
        }
        Step::Lifetime { told: lifetime, scope, .. } => {
            format!("lifetime {lifetime} s, by valid-lifetime of: {}", told.scope(*scope, "valid-lifetime"))
        }
        Step::AsItIs(address) => format!("the lease of {address} is left as it is"),
        Step::Granted { address, renews: true } => format!("the lease of {address} is extended"),
        Step::Granted { address, renews: false } => format!("{address} is the client's"),
        Step::Name { text, .. } if text.is_empty() => "the client has no name".to_owned(),
        Step::Name { text, by } => format!("the client's name is {text}: {}", named_by(*by)),
        Step::QueryEdited(codes) if codes.is_empty() => return None,
        Step::QueryEdited(codes) => format!("modules change options {codes:?} of the message"),
        Step::ReplyEdited(codes) if codes.is_empty() => return None,
        Step::ReplyEdited(codes) => format!("modules change options {codes:?} of the reply"),
        Step::NotAsked(point) => format!("modules at {point} would be asked, and are not for an explanation"),
    })
}

fn value(said: &Said) -> String {
    match said {
        Said::Truth(truth) => truth.to_string(),
        Said::Value(value) => in_words(value),
        Said::Failure(why) => format!("cannot be evaluated: {why}"),
    }
}
