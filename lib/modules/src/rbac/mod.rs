//! `libdhcp_rbac.so`: who may send which command through HTTP and HTTPS sockets, by roles.
//!
//! A request is assigned a role by what is known of who sent it; the role accepts the command or rejects it, and may take
//! out of the answer to `list-commands` what it would reject. UNIX sockets are not its business.
//!
//! - `parameters`: what may be configured.
//! - `catalogue`: which commands there are, what each does to the server and which hook library it is of.
//! - `lists`: access lists: sets of commands.
//! - `roles`: what a role may do.
//! - `control`: from a request to its role and the verdict.

mod catalogue;
mod control;
mod lists;
mod messages;
mod parameters;
mod roles;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_control::Facts;

use crate::{Around, Entry, Hooked, LIBRARIES, Library, Module, Modules};
pub use catalogue::Declared;
pub use control::Rbac;

/// The module.
pub const LIBRARY: Library = Library {
    name: "rbac",
    parameters: &parameters::PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::RBAC_LOAD_FAILED(reason),
    loaded: || messages::RBAC_LOAD_OK(),
    unloaded: || messages::RBAC_UNLOAD_OK(),
    v4: Some(module()),
    v6: Some(module()),
};

/// It is the same for servers of either family.
const fn module<L: Hooked>() -> Module<L> {
    Module { judge, build, ..Module::NOTHING }
}

fn judge<L: Hooked>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    Rbac::read(entry.parameters(), declared::<L>(entry.own), diagnostics);
}

/// The commands of a server: its own, and those of all hook libraries there are.
fn declared<L: Hooked>(own: &[Facts]) -> impl Iterator<Item = Declared<'static>> {
    let own = own.iter().map(|facts| Declared::of(facts, ""));
    let libraries = LIBRARIES.iter().flat_map(|library| {
        let commands = L::module(library).into_iter().flat_map(|module| (module.commands)());
        commands.map(|facts| Declared::of(&facts, library.name))
    });
    own.chain(libraries)
}

/// Builds the module and lets it judge requests.
fn build<L: Hooked>(
    entry: &Entry<'_, L>,
    _: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let rbac = Rbac::read(entry.parameters(), declared::<L>(entry.own), diagnostics);
    rbac.announce();
    modules.guards.push(Arc::new(rbac));
}
