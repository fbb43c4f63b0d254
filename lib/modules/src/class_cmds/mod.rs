//! `libdhcp_class_cmds.so`: commands that show and change client classes.
//!
//! Whoever changes one edits what is written of the configuration, and the server serves from what comes of that, as if
//! all of it had been sent with `config-set`: expressions are compiled anew, what is wrong is found by the same checks,
//! and if anything is, nothing changes.
//!
//! - `arguments`: what the commands are given, with Kea's words for what is wrong with it.
//! - `commands`: what they do.

mod arguments;
mod commands;
mod messages;

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::schema::Table;
use kotare_control::{Access, Argument, ArgumentType, Bound, Command, Facts, now};

use crate::{Around4, Entry4, Library, Module4, Modules4, ServerLink4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "class_cmds",
    parameters: &PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::CLASS_CMDS_INIT_FAILED(reason),
    loaded: || messages::CLASS_CMDS_INIT_OK(),
    unloaded: || messages::CLASS_CMDS_DEINIT_OK(),
    v4: Some(Module4 { judge: |_, _| {}, build, commands: || Facts::of(COMMANDS) }),
    v6: None,
};

/// It has none, and like Kea does not look at what is there.
static PARAMETERS: Table = Table { name: "parameters", open: true, ..Table::EMPTY };

/// The module of one configuration.
#[derive(Debug)]
struct ClassCmds {
    server: ServerLink4,
}

/// Builds the module and registers its commands.
fn build(_: &Entry4<'_>, around: &Around4<'_>, modules: &mut Modules4, _: &mut Diagnostics) {
    let module = Arc::new(ClassCmds { server: around.environment.server.clone() });
    modules.commands.push(Bound::new(COMMANDS, &module));
}

/// What the rows have in common.
const ROW: Command<ClassCmds> = Command {
    name: "class-list",
    access: Access::Read,
    exclusive: false,
    since: "1.5.0",
    help: "Returns the names of the classes.",
    args: &[],
    run: |module, _| now(commands::list(module)),
};

const NAME: Argument = Argument::own("name", &ArgumentType::String, "The name of the class.").required();
const CLASS: Argument =
    Argument::own(commands::CLASSES, &ArgumentType::List, "A list of one class, as in the configuration.")
        .required();

const COMMANDS: &[Command<ClassCmds>] = &[
    ROW,
    Command {
        name: "class-get",
        help: "Returns a class.",
        args: &[NAME],
        run: |module, request| now(commands::get(module, &request)),
        ..ROW
    },
    Command {
        name: "class-add",
        access: Access::Write,
        exclusive: true,
        help: "Adds a class behind all others.",
        args: &[CLASS],
        run: |module, request| Box::pin(commands::add(module, request)),
        ..ROW
    },
    Command {
        name: "class-update",
        access: Access::Write,
        exclusive: true,
        help: "Puts another class in the place of the one of that name.",
        args: &[CLASS],
        run: |module, request| Box::pin(commands::update(module, request)),
        ..ROW
    },
    Command {
        name: "class-del",
        access: Access::Write,
        exclusive: true,
        help: "Removes a class, if no other class asks for it.",
        args: &[NAME],
        run: |module, request| Box::pin(commands::delete(module, request)),
        ..ROW
    },
];
