//! `libdhcp_class_cmds.so`: commands that show and change client classes.
//!
//! Whoever changes one edits what is written of the configuration, and the server serves from what comes of that, as if
//! all of it had been sent with `config-set`: expressions are compiled anew, what is wrong is found by the same checks,
//! and if anything is, nothing changes.
//!
//! - `arguments`: what the commands are given, with Kea's words for what is wrong with it.
//! - `commands`: what they do.
//! - `family`: what there is to know of the classes of each family.

mod arguments;
mod commands;
mod family;
mod messages;
#[cfg(test)]
mod tests6;

use std::sync::Arc;

use kotare_config::schema::Table;
use kotare_control::{Access, Argument, ArgumentType, Bound, Command, Facts, now};
use kotare_model::{Lease4, Lease6};

use self::family::Classed;
use crate::{Around, Hooked, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "class_cmds",
    parameters: &PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::CLASS_CMDS_INIT_FAILED(reason),
    loaded: || messages::CLASS_CMDS_INIT_OK(),
    unloaded: || messages::CLASS_CMDS_DEINIT_OK(),
    v4: Some(module::<Lease4>()),
    v6: Some(module::<Lease6>()),
};

/// It has none, and like Kea does not look at what is there.
static PARAMETERS: Table = Table { name: "parameters", open: true, ..Table::EMPTY };

/// The module of one configuration.
#[derive(Debug)]
struct ClassCmds<L: Hooked> {
    server: ServerLink<L, L::Engine>,
}

const fn module<L: Classed>() -> Module<L> {
    Module {
        build: |_, around, modules, _| build(around, modules),
        commands: || Facts::of(L::COMMANDS),
        ..Module::NOTHING
    }
}

/// Builds the module and registers its commands.
fn build<L: Classed>(around: &Around<'_, L>, modules: &mut Modules<L>) {
    let module = Arc::new(ClassCmds { server: around.environment.server.clone() });
    modules.commands.push(Bound::new(L::COMMANDS, &module));
}

const NAME: Argument = Argument::own("name", &ArgumentType::String, "The name of the class.").required();
const CLASS: Argument =
    Argument::own(commands::CLASSES, &ArgumentType::List, "A list of one class, as in the configuration.")
        .required();

const COMMANDS4: &[Command<ClassCmds<Lease4>>] = &commands();
const COMMANDS6: &[Command<ClassCmds<Lease6>>] = &commands();

const fn commands<L: Classed>() -> [Command<ClassCmds<L>>; 5] {
    [
        Command {
            name: "class-list",
            access: Access::Read,
            exclusive: false,
            since: SINCE,
            help: "Returns the names of the classes.",
            args: &[],
            run: |module, _| now(commands::list(module)),
        },
        Command {
            name: "class-get",
            access: Access::Read,
            exclusive: false,
            since: SINCE,
            help: "Returns a class.",
            args: &[NAME],
            run: |module, request| now(commands::get(module, &request)),
        },
        Command {
            name: "class-add",
            access: Access::Write,
            exclusive: true,
            since: SINCE,
            help: "Adds a class behind all others.",
            args: &[CLASS],
            run: |module, request| Box::pin(commands::add(module, request)),
        },
        Command {
            name: "class-update",
            access: Access::Write,
            exclusive: true,
            since: SINCE,
            help: "Puts another class in the place of the one of that name.",
            args: &[CLASS],
            run: |module, request| Box::pin(commands::update(module, request)),
        },
        Command {
            name: "class-del",
            access: Access::Write,
            exclusive: true,
            since: SINCE,
            help: "Removes a class, if no other class asks for it.",
            args: &[NAME],
            run: |module, request| Box::pin(commands::delete(module, request)),
        },
    ]
}

const SINCE: &str = "1.5.0";
