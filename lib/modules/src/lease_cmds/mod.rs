//! `libdhcp_lease_cmds.so`: commands that look at leases and change them (manual, "Lease Commands for Easier Lease
//! Management").
//!
//! - `commands`: their table.
//! - `scene`: what a command works on, and where it runs.
//! - `find`, `list`: commands that look at one lease, and at many.
//! - `given`: a lease as a command gives it.
//! - `change`, `wipe`: commands that change one lease, and many.
//! - `shown`: a lease as answers show it.

mod change;
mod commands;
mod find;
mod given;
mod list;
mod messages;
mod parameters;
mod scene;
mod shown;
mod wipe;

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_control::Bound;

use self::messages::{LEASE_CMDS_DEINIT_OK, LEASE_CMDS_INIT_OK, LEASE_CMDS_LOAD_ERROR, MESSAGES};
use crate::{Around4, Entry4, Library, Module4, Modules4, ServerLink4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "lease_cmds",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| LEASE_CMDS_LOAD_ERROR(reason),
    v4: Some(Module4 { judge: judge4, build: build4 }),
};

/// The module of one configuration.
#[derive(Debug)]
struct LeaseCmds {
    server: ServerLink4,
}

fn judge4(_: &Entry4<'_>, _: &mut Diagnostics) {}

fn build4(_: &Entry4<'_>, around: &Around4<'_>, modules: &mut Modules4, _: &mut Diagnostics) {
    let module = Arc::new(LeaseCmds { server: around.environment.server.clone() });
    LEASE_CMDS_INIT_OK();
    modules.commands.push(Bound::new(commands::COMMANDS, &module));
}

impl Drop for LeaseCmds {
    fn drop(&mut self) {
        LEASE_CMDS_DEINIT_OK();
    }
}
