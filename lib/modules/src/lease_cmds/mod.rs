//! `libdhcp_lease_cmds.so`: commands that look at leases and change them (manual, "Lease Commands for Easier Lease
//! Management").
//!
//! - `commands4`, `commands6`: their tables; `parts`: arguments of either.
//! - `family`: what differs between the two families; `v4`, `v6`: how.
//! - `binding`: values of expressions that are kept with leases.
//! - `scene`: what a command works on, and where it runs.
//! - `find`, `list`: commands that look at one lease, and at many.
//! - `dump`: the command that writes them all to a file.
//! - `given`: a lease as a command gives it.
//! - `change`, `bulk`, `wipe`: commands that change one lease, some, and many; `rows`: some as servers of ours tell of them.
//! - `queues`: commands about queues of free leases that servers share.

mod binding;
mod bulk;
mod change;
mod commands4;
mod commands6;
mod dump;
mod family;
mod find;
mod given;
mod list;
mod messages;
mod parameters;
mod parts;
mod queues;
mod rows;
mod scene;
#[cfg(test)]
mod tests6;
#[cfg(test)]
mod tests6_binding;
#[cfg(test)]
mod tests6_rows;
mod v4;
mod v6;
mod wipe;

pub use v4::lease as shown_lease;
pub use v6::lease as shown_lease6;

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_control::{Bound, Facts};
use kotare_model::{Lease4, Lease6};

use self::binding::Variables;
use self::family::Commanded;
use self::messages::{LEASE_CMDS_DEINIT_OK, LEASE_CMDS_INIT_OK, LEASE_CMDS_LOAD_ERROR, MESSAGES};
use crate::dns_updates::Updates;
use crate::spoken::Spoken;
use crate::{
    Around, Around4, Around6, Entry, Entry4, Entry6, Hooked, Library, Module, Modules, Modules4, Modules6,
    ServerLink,
};

/// The module.
pub const LIBRARY: Library = Library {
    name: "lease_cmds",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| LEASE_CMDS_LOAD_ERROR(reason),
    loaded: || LEASE_CMDS_INIT_OK(),
    unloaded: || LEASE_CMDS_DEINIT_OK(),
    v4: Some(Module { judge, build: build4, commands: || Facts::of(Lease4::COMMANDS), ..Module::NOTHING }),
    v6: Some(Module { judge, build: build6, commands: || Facts::of(Lease6::COMMANDS), ..Module::NOTHING }),
};

/// The module of one configuration.
#[derive(Debug)]
struct LeaseCmds<L: Hooked> {
    server: ServerLink<L, L::Engine>,
    /// What has names changed in the DNS, if anything does.
    updates: Option<Arc<Updates<L>>>,
}

fn judge<L: Spoken>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    Variables::read(entry, diagnostics);
}

fn build4(entry: &Entry4<'_>, around: &Around4<'_>, modules: &mut Modules4, diagnostics: &mut Diagnostics) {
    let variables = Variables::read(entry, diagnostics);
    if !variables.is_empty() {
        modules.hooks.lease4_note.push(Arc::new(variables));
    }
    add_commands(around, modules);
}

fn build6(entry: &Entry6<'_>, around: &Around6<'_>, modules: &mut Modules6, diagnostics: &mut Diagnostics) {
    let variables = Variables::read(entry, diagnostics);
    if !variables.is_empty() {
        modules.hooks.leases6_note.push(Arc::new(variables));
    }
    add_commands(around, modules);
}

fn add_commands<L: Commanded>(around: &Around<'_, L>, modules: &mut Modules<L>) {
    let (server, updates) = (around.environment.server.clone(), modules.updates.clone());
    let module = Arc::new(LeaseCmds { server, updates });
    modules.commands.push(Bound::new(L::COMMANDS, &module));
}
