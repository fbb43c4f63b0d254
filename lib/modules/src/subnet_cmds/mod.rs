//! `libdhcp_subnet_cmds.so`: commands that show and change subnets and shared networks.
//!
//! Whoever changes something edits what is written of the configuration, and the server serves from what comes of that,
//! as if all of it had been sent with `config-set`: what is wrong is found by the same checks, and if anything is, nothing
//! changes. Subnets that a command does not name keep their leases and statistics.
//!
//! - `arguments`: what the commands are given, with Kea's words for what is wrong with it.
//! - `shown`: lists, and subnets and shared networks as `config-get` shows them.
//! - `subnets`, `networks`: the commands that change something.
//! - `delta`: subnets that are changed in parts.

mod arguments;
mod delta;
mod messages;
mod networks;
mod shown;
mod subnets;

use std::fmt::Display;
use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::schema::Table;
use kotare_control::{
    Access, Argument, ArgumentType, Bound, Command, Facts, Reply, Response, Run, blocking, now,
};
use serde_json::{Value as Json, json};

use self::subnets::Part;
use crate::edit::gone;
use crate::tree::{NETWORKS, SUBNETS};
use crate::{Around4, Entry4, Library, Module4, Modules4, ServerLink4, Serving4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "subnet_cmds",
    parameters: &PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::SUBNET_CMDS_INIT_FAILED(reason),
    loaded: || messages::SUBNET_CMDS_INIT_OK(),
    unloaded: || messages::SUBNET_CMDS_DEINIT_OK(),
    v4: Some(Module4 { judge: |_, _| {}, build, commands: || Facts::of(COMMANDS) }),
    v6: None,
};

/// It has none, and like Kea does not look at what is there.
static PARAMETERS: Table = Table { name: "parameters", open: true, ..Table::EMPTY };

/// The protocol, in sentences.
const PROTOCOL: &str = "IPv4";

/// The module of one configuration.
#[derive(Debug)]
struct SubnetCmds {
    server: ServerLink4,
}

/// Builds the module and registers its commands.
fn build(_: &Entry4<'_>, around: &Around4<'_>, modules: &mut Modules4, _: &mut Diagnostics) {
    let module = Arc::new(SubnetCmds { server: around.environment.server.clone() });
    modules.commands.push(Bound::new(COMMANDS, &module));
}

const COMMANDS: &[Command<SubnetCmds>] = &[
    read("subnet4-list", "1.3.0", "Returns id and prefix of every subnet.", &[], |module, _| {
        show(module, |server| Ok(shown::subnet_list(server)))
    }),
    read(
        "subnet4-get",
        "1.3.0",
        "Returns a subnet, found by id or prefix.",
        &[
            Argument::own("id", &ArgumentType::Integer, "The id of the subnet."),
            Argument::own("subnet", &ArgumentType::String, "The prefix of the subnet, where no id is given."),
        ],
        |module, request| show(module, move |server| shown::subnet(server, &request)),
    ),
    edit("subnet4-add", "1.3.0", "Adds a subnet.", &[SUBNET], |module, request| {
        Box::pin(subnets::add(module, request))
    }),
    edit(
        "subnet4-update",
        "1.6.0",
        "Puts another subnet in the place of one.",
        &[SUBNET],
        |module, request| Box::pin(subnets::update(module, request)),
    ),
    edit("subnet4-del", "1.3.0", "Removes a subnet; its leases stay.", &[ID], |module, request| {
        Box::pin(subnets::delete(module, request))
    }),
    edit(
        "subnet4-delta-add",
        "2.1.7",
        "Adds parts to a subnet, or changes them.",
        &[PARTS],
        |module, request| Box::pin(subnets::update_parts(module, request, Part::Added)),
    ),
    edit("subnet4-delta-del", "2.1.7", "Removes parts of a subnet.", &[PARTS], |module, request| {
        Box::pin(subnets::update_parts(module, request, Part::Removed))
    }),
    read("network4-list", "1.3.0", "Returns the names of the shared networks.", &[], |module, _| {
        show(module, |server| Ok(shown::network_list(server)))
    }),
    read(
        "network4-get",
        "1.3.0",
        "Returns a shared network with its subnets.",
        &[NAME],
        |module, request| show(module, move |server| shown::network(server, &request)),
    ),
    edit(
        "network4-add",
        "1.3.0",
        "Adds a shared network, with subnets or without.",
        &[NETWORK],
        |module, request| Box::pin(networks::add(module, request)),
    ),
    edit(
        "network4-del",
        "1.3.0",
        "Removes a shared network; its subnets stay unless told.",
        &[NAME, ACTION],
        |module, request| Box::pin(networks::delete(module, request)),
    ),
    edit(
        "network4-subnet-add",
        "1.3.0",
        "Makes a subnet part of a shared network.",
        &[NAME, ID],
        |module, request| Box::pin(networks::subnet_add(module, request)),
    ),
    edit(
        "network4-subnet-del",
        "1.3.0",
        "Takes a subnet out of its shared network.",
        &[NAME, ID],
        |module, request| Box::pin(networks::subnet_del(module, request)),
    ),
];

const ID: Argument = Argument::own("id", &ArgumentType::Integer, "The id of the subnet.").required();
const NAME: Argument =
    Argument::own("name", &ArgumentType::String, "The name of the shared network.").required();
const SUBNET: Argument =
    Argument::own(SUBNETS, &ArgumentType::List, "A list of one subnet, as in the configuration.").required();
const PARTS: Argument = Argument::own(
    SUBNETS,
    &ArgumentType::List,
    "A list of one subnet: its `id`, its prefix, and those of its parts that are meant.",
)
.required();
const NETWORK: Argument =
    Argument::own(NETWORKS, &ArgumentType::List, "A list of one shared network, as in the configuration.")
        .required();
const ACTION: Argument = Argument::own(
    "subnets-action",
    &ArgumentType::String,
    "What becomes of its subnets: `keep` (as without it) or `delete`.",
);

/// A command that shows something. Arguments are checked by it itself, in the words clients match.
const fn read(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<SubnetCmds>,
) -> Command<SubnetCmds> {
    Command { name, access: Access::Read, exclusive: false, since, help, args, run }
}

/// A command that changes something: one at a time.
const fn edit(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<SubnetCmds>,
) -> Command<SubnetCmds> {
    Command { name, access: Access::Write, exclusive: true, since, help, args, run }
}

/// Shows what a server serves from, on a thread for what takes a while.
fn show(
    module: &SubnetCmds,
    shown: impl FnOnce(&Serving4) -> Result<Response, Response> + Send + 'static,
) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    blocking(move || shown(&*server.serving()).unwrap_or_else(|refused| refused))
}

/// A subnet in answers.
fn told(id: u32, prefix: impl Display) -> Json {
    json!({"subnets": [{"id": id, "subnet": prefix.to_string()}]})
}
