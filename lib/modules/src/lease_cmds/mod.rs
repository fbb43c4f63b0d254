//! `libdhcp_lease_cmds.so`: commands that look at leases and change them (manual, "Lease Commands for Easier Lease
//! Management").
//!
//! - `commands`: their table.
//! - `binding`: values of expressions that are kept with leases.
//! - `scene`: what a command works on, and where it runs.
//! - `find`, `list`: commands that look at one lease, and at many.
//! - `dump`: the command that writes them all to a file.
//! - `given`: a lease as a command gives it.
//! - `change`, `wipe`: commands that change one lease, and many.
//! - `info`: the command that brings what relays said into today's form.
//! - `queues`: commands about queues of free leases that servers share.
//! - `shown`: a lease as answers show it.

mod binding;
mod change;
mod commands;
mod dump;
mod find;
mod given;
mod info;
mod list;
mod messages;
mod parameters;
mod queues;
mod scene;
mod shown;
mod wipe;

pub use shown::lease as shown_lease;

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_control::{Bound, Facts};

use self::binding::Variables;
use self::messages::{LEASE_CMDS_DEINIT_OK, LEASE_CMDS_INIT_OK, LEASE_CMDS_LOAD_ERROR, MESSAGES};
use crate::{Around4, Entry4, Library, Module4, Modules4, ServerLink4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "lease_cmds",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| LEASE_CMDS_LOAD_ERROR(reason),
    loaded: || LEASE_CMDS_INIT_OK(),
    unloaded: || LEASE_CMDS_DEINIT_OK(),
    v4: Some(Module4 { judge: judge4, build: build4, commands: || Facts::of(commands::COMMANDS) }),
    v6: None,
};

/// The module of one configuration.
#[derive(Debug)]
struct LeaseCmds {
    server: ServerLink4,
}

fn judge4(entry: &Entry4<'_>, diagnostics: &mut Diagnostics) {
    Variables::read(entry.parameters(), entry.config, diagnostics);
}

fn build4(entry: &Entry4<'_>, around: &Around4<'_>, modules: &mut Modules4, diagnostics: &mut Diagnostics) {
    let variables = Variables::read(entry.parameters(), entry.config, diagnostics);
    if !variables.is_empty() {
        modules.hooks.lease4_note.push(Arc::new(variables));
    }
    let module = Arc::new(LeaseCmds { server: around.environment.server.clone() });
    modules.commands.push(Bound::new(commands::COMMANDS, &module));
}
