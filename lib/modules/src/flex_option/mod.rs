//! `libdhcp_flex_option.so`: options of replies and queries from expressions (manual, "Flexible Option Actions for
//! Option Value Settings").
//!
//! Rules add, supersede and remove options, or sub-options of them. Their values come from expressions about the query
//! or the response. Those about replies run when a reply is written (`pkt4_send`, `pkt6_send`), those that change a query
//! before a subnet is selected for it (`pkt4_receive`, `pkt6_receive`).
//!
//! - `rules`: from parameters to rules; `apply`: what they do to a message; `container`: options with sub-options.
//! - `v4`, `v6`: the messages of either family.

mod apply;
mod container;
mod messages;
mod parameters;
mod rules;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests6;
mod v4;
mod v6;

use std::fmt::Display;

use kotare_config::json::Diagnostics;
use kotare_options::Definitions;

use self::apply::Subject;
use self::messages::{FLEX_OPTION_LOAD_ERROR, FLEX_OPTION_PROCESS_ERROR, FLEX_OPTION_UNLOAD, MESSAGES};
use self::rules::{Reader, Rules};
use crate::spoken::Spoken;
use crate::{Entry, Library};

/// The module.
pub const LIBRARY: Library = Library {
    name: "flex_option",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| FLEX_OPTION_LOAD_ERROR(reason),
    loaded: || (),
    unloaded: || FLEX_OPTION_UNLOAD(),
    v4: Some(v4::MODULE),
    v6: Some(v6::MODULE),
};

/// A family whose messages rules change. There are two of them.
trait Flexible: Spoken {
    /// The option whose sub-options are those of vendors.
    const OF_VENDORS: u16;

    /// Why there can be no option of a code in a space, if there cannot be.
    fn reserved(space: &str, code: u16) -> Option<&'static str>;
}

/// The module of one configuration.
struct FlexOption {
    rules: Rules,
    /// Those of the configuration.
    definitions: Definitions,
}

impl FlexOption {
    /// The module of an entry. What is wrong with it goes to `diagnostics`.
    fn read<L: Flexible>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Self {
        let rules = Reader::<L> { config: entry.config, diagnostics }.rules(entry.parameters());
        Self { rules, definitions: L::options(entry.config).clone() }
    }

    /// Changes a message; `query` is it, or what it answers, in the log.
    fn apply(&self, subject: &mut impl Subject, query: &dyn Display) {
        if let Err(failure) = self.rules.apply(subject) {
            FLEX_OPTION_PROCESS_ERROR(query, failure);
        }
    }
}
