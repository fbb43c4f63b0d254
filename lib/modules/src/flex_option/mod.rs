//! `libdhcp_flex_option.so`: options of replies and queries from expressions (manual, "Flexible Option Actions for
//! Option Value Settings").
//!
//! Rules add, supersede and remove options, or sub-options of them. Their values come from expressions about the query
//! or the response. Those about replies run when a reply is written (`pkt4_send`), those that change a query before a
//! subnet is selected for it (`pkt4_receive`).

mod apply;
mod container;
mod messages;
mod parameters;
mod rules;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::v4::Config4;
use kotare_engine::hooks::Verdict;
use kotare_engine::hooks::v4::{Asked4, Pkt4Receive, Pkt4Send, Sending4};
use kotare_engine::v4::{Edited4, Query4};
use kotare_options::Definitions;

use self::apply::Scene;
use self::messages::{FLEX_OPTION_LOAD_ERROR, FLEX_OPTION_PROCESS_ERROR, FLEX_OPTION_UNLOAD, MESSAGES};
use self::rules::{Reader, Rules, Side};
use crate::{Around4, Entry4, Library, Module4, Modules4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "flex_option",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| FLEX_OPTION_LOAD_ERROR(reason),
    loaded: || (),
    unloaded: || FLEX_OPTION_UNLOAD(),
    v4: Some(Module4 { judge: judge4, build: build4, commands: Vec::new }),
    v6: None,
};

/// The module of one configuration.
struct FlexOption {
    rules: Rules,
    /// Those of the configuration.
    definitions: Definitions,
}

fn judge4(entry: &Entry4<'_>, diagnostics: &mut Diagnostics) {
    rules4(entry, diagnostics);
}

/// The rules of an entry.
fn rules4(entry: &Entry4<'_>, diagnostics: &mut Diagnostics) -> Rules {
    let Config4 { definitions, classes, .. } = entry.config;
    Reader { definitions, classes, diagnostics }.rules(entry.parameters())
}

fn build4(entry: &Entry4<'_>, _: &Around4<'_>, modules: &mut Modules4, diagnostics: &mut Diagnostics) {
    let rules = rules4(entry, diagnostics);
    let (for_queries, for_responses) = (rules.are_for(Side::Query), rules.are_for(Side::Response));
    let module = Arc::new(FlexOption { rules, definitions: entry.config.definitions.clone() });
    if for_queries {
        modules.hooks.pkt4_receive.push(module.clone());
    }
    if for_responses {
        modules.hooks.pkt4_send.push(module);
    }
}

impl FlexOption {
    fn apply(&self, scene: Scene<'_>, message: &mut Edited4<'_>) {
        if let Err(failure) = self.rules.apply(scene, message) {
            FLEX_OPTION_PROCESS_ERROR(scene.query, failure);
        }
    }
}

impl Pkt4Receive for FlexOption {
    fn pkt4_receive(&self, query: &mut Query4, message: &mut Edited4<'_>) -> Verdict {
        let query = &*query;
        let definitions = &self.definitions;
        // Of no use: nothing here is about a response.
        let client = Ipv4Addr::UNSPECIFIED;
        let destination = Side::Query;
        let scene = Scene { destination, message: message.message(), query, client, definitions };
        self.apply(scene, message);
        Verdict::Continue
    }
}

impl Pkt4Send for FlexOption {
    fn pkt4_send(&self, asked: Asked4<'_>, sending: Sending4, reply: &mut Edited4<'_>) {
        let Asked4 { message, query, .. } = asked;
        let client = *sending.departure.destination.ip();
        let definitions = &self.definitions;
        self.apply(Scene { destination: Side::Response, message, query, client, definitions }, reply);
    }
}
