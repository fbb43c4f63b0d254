//! `libdhcp_host_cmds.so`: commands that show and change host reservations.
//!
//! Reservations are where they are written: in the configuration. Whoever changes one edits that, and the server serves
//! from what comes of it, as if all of it had been sent with `config-set`: what is wrong is found by the same checks, and
//! `config-get` and `config-write` have what was changed. That is the operation target `memory` (and `all`). There are no
//! databases, so the target `database`, which is that of changes by default, is refused as Kea refuses it without.
//!
//! - `arguments`: what the commands are given, with Kea's words for what is wrong with it.
//! - `written`: reservations in what is written.
//! - `change`, `shown`: the commands.

mod arguments;
mod change;
mod messages;
mod shown;
mod written;

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::schema::Table;
use kotare_control::{Access, Bound, Command, Run};

use crate::{Around4, Entry4, Library, Module4, Modules4, ServerLink4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "host_cmds",
    parameters: &PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::HOST_CMDS_INIT_FAILED(reason),
    loaded: || messages::HOST_CMDS_INIT_OK(),
    unloaded: || messages::HOST_CMDS_DEINIT_OK(),
    v4: Some(Module4 { judge: |_, _| {}, build }),
};

/// It has none, and like Kea does not look at what is there.
static PARAMETERS: Table = Table { name: "parameters", open: true, ..Table::EMPTY };

/// The module of one configuration.
#[derive(Debug)]
struct HostCmds {
    server: ServerLink4,
}

/// Builds the module and registers its commands.
fn build(_: &Entry4<'_>, around: &Around4<'_>, modules: &mut Modules4, _: &mut Diagnostics) {
    let module = Arc::new(HostCmds { server: around.environment.server.clone() });
    modules.commands.push(Bound::new(COMMANDS, &module));
}

const COMMANDS: &[Command<HostCmds>] = &[
    edit("reservation-add", "1.2.0", "Adds a reservation.", |module, request| {
        Box::pin(change::add(module, request))
    }),
    edit(
        "reservation-update",
        "2.3.6",
        "Puts another reservation in the place of one.",
        |module, request| Box::pin(change::update(module, request)),
    ),
    edit("reservation-del", "1.2.0", "Removes a reservation.", |module, request| {
        Box::pin(change::delete(module, request))
    }),
    read("reservation-get", "1.2.0", "Returns a reservation of a subnet.", |module, request| {
        shown::one(module, request)
    }),
    read("reservation-get-all", "1.6.0", "Returns the reservations of a subnet.", |module, request| {
        shown::all(module, request)
    }),
    read("reservation-get-page", "1.6.0", "Returns reservations, page by page.", |module, request| {
        shown::page(module, request)
    }),
    read(
        "reservation-get-by-address",
        "2.1.7",
        "Returns the reservations of an address.",
        |module, request| shown::by_address(module, request),
    ),
    read("reservation-get-by-hostname", "1.7.1", "Returns the reservations of a name.", |module, request| {
        shown::by_hostname(module, request)
    }),
    read("reservation-get-by-id", "1.9.0", "Returns the reservations of a client.", |module, request| {
        shown::by_id(module, request)
    }),
];

/// A command that shows something. Arguments are checked by it itself, in the words clients match.
const fn read(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    run: Run<HostCmds>,
) -> Command<HostCmds> {
    Command { name, access: Access::Read, exclusive: false, since, help, args: &[], run }
}

/// A command that changes something: one at a time.
const fn edit(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    run: Run<HostCmds>,
) -> Command<HostCmds> {
    Command { name, access: Access::Write, exclusive: true, since, help, args: &[], run }
}
