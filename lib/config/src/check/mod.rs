//! What the tables cannot say: values that contradict each other.
//!
//! Judged before anything is resolved, so that every error names what the operator wrote. Options and class expressions
//! are judged where they are made ([`crate::Configuration::resolve`]).

mod agent;
mod clients;
mod networks;
mod pools;
mod server;
mod timers;

use crate::Level;
use crate::json::Diagnostics;

/// Judges the global map of a control agent.
pub(crate) fn agent(global: Level<'_>, diagnostics: &mut Diagnostics) {
    agent::check(global, diagnostics);
}

/// Judges the global map of a DHCPv4 server, in the keywords of today. Contradictions are looked for only in what has
/// the right form.
pub(crate) fn dhcp4(global: Level<'_>, diagnostics: &mut Diagnostics) {
    server::check(global, diagnostics);
    networks::check(global, diagnostics);
    clients::check(global, diagnostics);
}
