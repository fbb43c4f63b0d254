//! The steps as sentences, in the order in which they were made.

use kotare_config::common::HostId;
use kotare_engine::trace::{Said, Step};

use super::explained::StepOf;
use super::{Explained, Told, because, classes, in_words, named_by};

/// How many sentences there are at most, and how many of the values that an expression saw are in one.
const MAX_SENTENCES: usize = 1000;
const MAX_VALUES: usize = 8;

/// The way to what would come of it.
pub(super) fn of<E: Explained>(told: &Told<'_, E>) -> Vec<String> {
    let mut sentences: Vec<_> = told.steps().filter_map(|step| sentence(told, step)).collect();
    if sentences.len() > MAX_SENTENCES {
        let further = sentences.len() - MAX_SENTENCES;
        sentences.truncate(MAX_SENTENCES);
        sentences.push(format!("… and {further} further steps"));
    }
    sentences.push(E::outcome(told));
    sentences
}

fn sentence<E: Explained>(told: &Told<'_, E>, step: &StepOf<E>) -> Option<String> {
    Some(match step {
        Step::Joined(class, why) => {
            format!("class {}: {}", told.class(*class), because(*why, E::VENDOR_CLASS))
        }
        Step::ClassesAnew => "a reservation gives classes, so expressions are evaluated anew".to_owned(),
        Step::Evaluated { class, stage, said: result, parts } => {
            let shown = parts.iter().take(MAX_VALUES).filter(|heard| !matches!(heard.value, Said::Truth(_)));
            let values: Vec<_> =
                shown.map(|heard| format!("{} = {}", heard.part, value(&heard.value))).collect();
            let values = match values.is_empty() {
                true => String::new(),
                false => format!(" ({})", values.join("; ")),
            };
            let when = classes::when::<E>(*stage);
            format!("class {}, {when}: {}{values}", told.class(*class), value(result))
        }
        Step::Selecting { by, found, .. } => {
            let found = found.map_or_else(|| "none".to_owned(), |at| told.subnet(at));
            format!("looking for a subnet by {}: {found}", E::criterion(by))
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
                Some(host) => format!("reservation for {id} in {home}: {}", E::reservation(host)),
                None => format!("no reservation for {id} in {home}"),
            }
        }
        Step::Belongs(_) | Step::Options(_) => return None,
        Step::Trying(claim, place) => format!("trying {}: {claim}", E::place(*place)),
        Step::Denied(place, why) => format!("not {}: {}", E::place(*place), E::denial(why)),
        Step::Exhausted(at) => {
            format!("{} of a pool of subnet {} is free for the client", E::NOTHING, told.subnet(*at))
        }
        Step::AsItIs(place) => format!("the lease of {} is left as it is", E::place(*place)),
        Step::Granted { place, renews: true } => format!("the lease of {} is extended", E::place(*place)),
        Step::Granted { place, renews: false } => format!("{} is the client's", E::place(*place)),
        Step::Name { text, .. } if text.is_empty() => "the client has no name".to_owned(),
        Step::Name { text, by } => format!("the client's name is {text}: {}", named_by(*by)),
        Step::QueryEdited(codes) if codes.is_empty() => return None,
        Step::QueryEdited(codes) => format!("modules change options {codes:?} of the message"),
        Step::ReplyEdited(codes) if codes.is_empty() => return None,
        Step::ReplyEdited(codes) => format!("modules change options {codes:?} of the reply"),
        Step::NotAsked(point) => format!("modules at {point} would be asked, and are not for an explanation"),
        Step::Own(step) => return E::sentence(told, step),
    })
}

fn value(said: &Said) -> String {
    match said {
        Said::Truth(truth) => truth.to_string(),
        Said::Value(value) => in_words(value),
        Said::Failure(why) => format!("cannot be evaluated: {why}"),
    }
}
