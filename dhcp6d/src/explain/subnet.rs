//! What subnets are looked up by, in words.

use kotare_engine::v6::select::{Clue, Criterion};
use kotare_server::explain::in_words;

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

/// That a subnet is that.
pub(super) fn met(by: &Criterion) -> String {
    match by {
        Criterion::Holds(address, clue) => format!("it holds {} {address}", clue_words(*clue)),
        by => format!("it names {}", named(by)),
    }
}

/// That it is not.
pub(super) fn unmet(by: &Criterion) -> String {
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
