//! What subnets are looked up by, in words.

use kotare_engine::v4::select::{Clue, Criterion};

/// What was looked for.
pub(super) fn criterion(by: &Criterion) -> String {
    match by {
        Criterion::Holds(address, clue) => format!("{} {address} in the subnet", clue_words(*clue)),
        Criterion::NamesRelay(relay) => format!("the relay {relay} named by the subnet (relay)"),
        Criterion::NamesInterface(name) => format!("the interface {name} named by the subnet (interface)"),
    }
}

/// That a subnet is that.
pub(super) fn met(by: &Criterion) -> String {
    match by {
        Criterion::Holds(address, clue) => format!("it holds {} {address}", clue_words(*clue)),
        Criterion::NamesRelay(relay) => format!("it names the relay {relay}"),
        Criterion::NamesInterface(name) => format!("it names the interface {name}"),
    }
}

/// That it is not.
pub(super) fn unmet(by: &Criterion) -> String {
    match by {
        Criterion::Holds(address, clue) => format!("it does not hold {} {address}", clue_words(*clue)),
        Criterion::NamesRelay(relay) => format!("it does not name the relay {relay}"),
        Criterion::NamesInterface(name) => format!("it does not name the interface {name}"),
    }
}

fn clue_words(clue: Clue) -> &'static str {
    match clue {
        Clue::Link => "the selected link (option 82.5 or 118)",
        Clue::Relay => "the relay's address",
        Clue::Client => "the client's address",
        Clue::Source => "the source address",
        Clue::Interface => "the interface's address",
    }
}
