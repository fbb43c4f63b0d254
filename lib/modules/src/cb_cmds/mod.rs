//! `libdhcp_cb_cmds.so`: commands that show and change the configuration in databases (manual, "Configuration Backend
//! Commands").
//!
//! The databases are those under `config-control`. What is set is judged as a configuration with it would be, with the
//! definitions and classes that are in the database, and goes there as one change; servers fetch it when they look next.
//!
//! - `arguments`: what the commands are given.
//! - `judged`: what is set, by the tables and checks of a configuration.
//! - `objects`, `options`: what the commands do; `shown`: what is shown beside what is kept;
//!   `failed`: what is logged when they fail.

mod arguments;
mod failed;
mod judged;
mod messages;
mod objects;
mod options;
mod shown;
#[cfg(test)]
mod tests6;

use std::sync::Arc;

use kotare_config::schema::Table;
use kotare_control::{Access as May, Argument, ArgumentType, Bound, Command, Facts, Response, Run};
use kotare_model::{Lease4, Lease6};
use kotare_store_sql::objects::{self as stored, Objects};
use kotare_store_sql::{Access, Connection};

use self::arguments::Asked;
use self::judged::Remoted;
use crate::{Around, Hooked, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "cb_cmds",
    parameters: &PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::KOTARE_CB_CMDS_INIT_FAILED(reason),
    loaded: || messages::CB_CMDS_INIT_OK(),
    unloaded: || messages::CB_CMDS_DEINIT_OK(),
    v4: Some(module::<Lease4>()),
    v6: Some(module::<Lease6>()),
};

/// It has none.
static PARAMETERS: Table = Table { name: "parameters", open: true, ..Table::EMPTY };

/// The module of one configuration.
#[derive(Debug)]
struct CbCmds<L: Hooked> {
    server: ServerLink<L, L::Engine>,
    databases: Arc<[Access]>,
}

const fn module<L: Remoted>() -> Module<L> {
    Module {
        build: |_, around, modules, _| build(around, modules),
        commands: || Facts::of(L::COMMANDS),
        ..Module::NOTHING
    }
}

/// Builds the module and registers its commands.
fn build<L: Remoted>(around: &Around<'_, L>, modules: &mut Modules<L>) {
    let environment = around.environment;
    let (server, databases) = (environment.server.clone(), environment.config_databases.clone());
    modules.commands.push(Bound::new(L::COMMANDS, &Arc::new(CbCmds::<L> { server, databases })));
}

impl<L: Remoted> CbCmds<L> {
    /// Connects to the database that is meant.
    async fn connect(&self, asked: Asked<'_>) -> Result<Connection, String> {
        let access = asked.database(&self.databases)?;
        stored::connect(access).await.map_err(|error| error.to_string())
    }
}

/// The objects of a family in a database.
fn of<L: Remoted>(connection: &mut Connection) -> Objects<'_> {
    Objects::of(connection, L::TABLES)
}

/// The answer of what is right or wrong; what is wrong is logged.
fn answered(command: &str, done: Result<Response, String>) -> Response {
    done.unwrap_or_else(|reason| {
        failed::tell(command, &reason);
        Response::error(reason)
    })
}

/// What a command does with a request.
macro_rules! run {
    ($what:path) => {
        |module, request| Box::pin(async move { answered(&request.command, $what(module, &request).await) })
    };
}

const REMOTE: Argument = Argument::own(
    "remote",
    &ArgumentType::Map,
    "Which database of `config-control`: `type`, `host` and `port`; the first without it.",
);
const TAGS: Argument = Argument::own(
    "server-tags",
    &ArgumentType::List,
    "The tags of the servers that are meant, or `all`; `null` where what is for nobody is meant.",
)
.required();

const fn list(name: &'static str, help: &'static str) -> Argument {
    Argument::own(name, &ArgumentType::List, help).required()
}

const SERVERS: Argument =
    list("servers", "A list of one map with `server-tag`, and `description` where one is set.");
const NAMES: Argument =
    list("parameters", "A list of the name of one parameter; of one in a map with the map's and a dot.");
const PARAMETERS_SET: Argument = Argument::own(
    "parameters",
    &ArgumentType::Map,
    "Parameters as in the configuration: strings, numbers, truth values.",
)
.required();
const NETWORK: Argument =
    list("shared-networks", "A list of one shared network: its `name`, or all of it where it is set.");
const ACTION: Argument = Argument::own(
    "subnets-action",
    &ArgumentType::String,
    "What becomes of its subnets: `keep` (as without it) or `delete`.",
);
const INCLUDE: Argument = Argument::own(
    "subnets-include",
    &ArgumentType::String,
    "Whether its subnets are shown: `no` (as without it) or `full`.",
);
const DEFINITION: Argument = list(
    "option-defs",
    "A list of one definition: `code` and `space`, or all of it where it is set; `force` deletes what is in use.",
);
const OPTION: Argument = list(
    "options",
    "A list of one option: `code`, `space` and `client-classes`, or all of it where it is set.",
);
const SUBNET: Argument =
    list("subnets", "A list of one subnet: its `id` or `subnet`, or all of it where it is set.");
const POOL: Argument = list("pools", "A list of one map with the range or prefix of a `pool`.");
const PD_POOL: Argument = list("pd-pools", "A list of one map with `prefix` and `prefix-len` of a pool.");
const CLASS: Argument =
    list("client-classes", "A list of one class: its `name`, or all of it where it is set.");
const FOLLOWS: Argument = Argument::own(
    "follow-class-name",
    &ArgumentType::String,
    "The class that it comes after; `null` is as without it.",
);

/// Names a command of either family.
macro_rules! commands {
    ($name:ident, $lease:ty, $protocol:literal, [$($more:expr),*]) => {
        const $name: &[Command<CbCmds<$lease>>] = &[
            write(concat!("remote-server", $protocol, "-set"), "1.6.0", "Sets a server in a database.", &[SERVERS, REMOTE], run!(objects::set_server)),
            write(concat!("remote-server", $protocol, "-del"), "1.6.0", "Deletes a server and what is for it alone.", &[SERVERS, REMOTE], run!(objects::delete_server)),
            read(concat!("remote-server", $protocol, "-get"), "1.6.0", "Returns a server of a database.", &[SERVERS, REMOTE], run!(objects::get_server)),
            read(concat!("remote-server", $protocol, "-get-all"), "1.6.0", "Returns all servers of a database.", &[REMOTE], run!(objects::get_servers)),
            write(concat!("remote-global-parameter", $protocol, "-set"), "1.6.0", "Sets global parameters in a database.", &[PARAMETERS_SET, TAGS, REMOTE], run!(objects::set_globals)),
            write(concat!("remote-global-parameter", $protocol, "-del"), "1.6.0", "Deletes a global parameter from a database.", &[NAMES, TAGS, REMOTE], run!(objects::delete_global)),
            read(concat!("remote-global-parameter", $protocol, "-get"), "1.6.0", "Returns a global parameter of a database.", &[NAMES, TAGS, REMOTE], run!(objects::get_global)),
            read(concat!("remote-global-parameter", $protocol, "-get-all"), "1.6.0", "Returns the global parameters of a database.", &[TAGS, REMOTE], run!(objects::get_globals)),
            write(concat!("remote-network", $protocol, "-set"), "1.6.0", "Sets a shared network in a database.", &[NETWORK, TAGS, REMOTE], run!(objects::set_network)),
            write(concat!("remote-network", $protocol, "-del"), "1.6.0", "Deletes a shared network from a database.", &[NETWORK, ACTION, REMOTE], run!(objects::delete_network)),
            read(concat!("remote-network", $protocol, "-get"), "1.6.0", "Returns a shared network of a database.", &[NETWORK, INCLUDE, REMOTE], run!(objects::get_network)),
            read(concat!("remote-network", $protocol, "-list"), "1.6.0", "Returns the names of the shared networks of a database.", &[TAGS, REMOTE], run!(objects::list_networks)),
            write(concat!("remote-subnet", $protocol, "-set"), "1.6.0", "Sets a subnet in a database.", &[SUBNET, TAGS, REMOTE], run!(objects::set_subnet)),
            write(concat!("remote-subnet", $protocol, "-del-by-id"), "1.6.0", "Deletes a subnet from a database.", &[SUBNET, REMOTE], run!(objects::delete_subnet_by_id)),
            write(concat!("remote-subnet", $protocol, "-del-by-prefix"), "1.6.0", "Deletes a subnet from a database.", &[SUBNET, REMOTE], run!(objects::delete_subnet_by_prefix)),
            read(concat!("remote-subnet", $protocol, "-get-by-id"), "1.6.0", "Returns a subnet of a database.", &[SUBNET, REMOTE], run!(objects::get_subnet_by_id)),
            read(concat!("remote-subnet", $protocol, "-get-by-prefix"), "1.6.0", "Returns a subnet of a database.", &[SUBNET, REMOTE], run!(objects::get_subnet_by_prefix)),
            read(concat!("remote-subnet", $protocol, "-list"), "1.6.0", "Returns id and prefix of the subnets of a database.", &[TAGS, REMOTE], run!(objects::list_subnets)),
            write(concat!("remote-class", $protocol, "-set"), "1.9.10", "Sets a class in a database.", &[CLASS, FOLLOWS, TAGS, REMOTE], run!(objects::set_class)),
            write(concat!("remote-class", $protocol, "-del"), "1.9.10", "Deletes a class from a database.", &[CLASS, REMOTE], run!(objects::delete_class)),
            read(concat!("remote-class", $protocol, "-get"), "1.9.10", "Returns a class of a database.", &[CLASS, REMOTE], run!(objects::get_class)),
            read(concat!("remote-class", $protocol, "-get-all"), "1.9.10", "Returns the classes of a database.", &[TAGS, REMOTE], run!(objects::get_classes)),
            write(concat!("remote-option-def", $protocol, "-set"), "1.6.0", "Sets the definition of an option in a database.", &[DEFINITION, TAGS, REMOTE], run!(options::set_definition)),
            write(concat!("remote-option-def", $protocol, "-del"), "1.6.0", "Deletes the definition of an option from a database.", &[DEFINITION, TAGS, REMOTE], run!(options::delete_definition)),
            read(concat!("remote-option-def", $protocol, "-get"), "1.6.0", "Returns the definition of an option of a database.", &[DEFINITION, TAGS, REMOTE], run!(options::get_definition)),
            read(concat!("remote-option-def", $protocol, "-get-all"), "1.6.0", "Returns the definitions of options of a database.", &[TAGS, REMOTE], run!(options::get_definitions)),
            write(concat!("remote-option", $protocol, "-global-set"), "1.6.0", "Sets a global option in a database.", &[OPTION, TAGS, REMOTE], run!(options::set_global)),
            write(concat!("remote-option", $protocol, "-global-del"), "1.6.0", "Deletes a global option from a database.", &[OPTION, TAGS, REMOTE], run!(options::delete_global)),
            read(concat!("remote-option", $protocol, "-global-get"), "1.6.0", "Returns a global option of a database.", &[OPTION, TAGS, REMOTE], run!(options::get_global)),
            read(concat!("remote-option", $protocol, "-global-get-all"), "1.6.0", "Returns the global options of a database.", &[TAGS, REMOTE], run!(options::get_globals)),
            write(concat!("remote-option", $protocol, "-network-set"), "1.6.0", "Sets an option of a shared network in a database.", &[NETWORK, OPTION, REMOTE], run!(options::set_in_network)),
            write(concat!("remote-option", $protocol, "-network-del"), "1.6.0", "Deletes an option of a shared network from a database.", &[NETWORK, OPTION, REMOTE], run!(options::delete_in_network)),
            write(concat!("remote-option", $protocol, "-subnet-set"), "1.6.0", "Sets an option of a subnet in a database.", &[SUBNET, OPTION, REMOTE], run!(options::set_in_subnet)),
            write(concat!("remote-option", $protocol, "-subnet-del"), "1.6.0", "Deletes an option of a subnet from a database.", &[SUBNET, OPTION, REMOTE], run!(options::delete_in_subnet)),
            write(concat!("remote-option", $protocol, "-pool-set"), "1.6.0", "Sets an option of a pool in a database.", &[POOL, OPTION, REMOTE], run!(options::set_in_pool)),
            write(concat!("remote-option", $protocol, "-pool-del"), "1.6.0", "Deletes an option of a pool from a database.", &[POOL, OPTION, REMOTE], run!(options::delete_in_pool)),
            $($more),*
        ];
    };
}

commands!(COMMANDS4, Lease4, "4", []);
commands!(
    COMMANDS6,
    Lease6,
    "6",
    [
        write(
            "remote-option6-pd-pool-set",
            "1.6.0",
            "Sets an option of a pool of prefixes in a database.",
            &[PD_POOL, OPTION, REMOTE],
            run!(options::set_in_pd_pool)
        ),
        write(
            "remote-option6-pd-pool-del",
            "1.6.0",
            "Deletes an option of a pool of prefixes from a database.",
            &[PD_POOL, OPTION, REMOTE],
            run!(options::delete_in_pd_pool)
        )
    ]
);

/// A command that shows something. Arguments are checked by it itself.
const fn read<L: Hooked>(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<CbCmds<L>>,
) -> Command<CbCmds<L>> {
    Command { name, access: May::Read, exclusive: false, since, help, args, run }
}

/// A command that changes something: one at a time.
const fn write<L: Hooked>(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<CbCmds<L>>,
) -> Command<CbCmds<L>> {
    Command { name, access: May::Write, exclusive: true, since, help, args, run }
}
