//! `libdhcp_subnet_cmds.so`: commands that show and change subnets and shared networks.
//!
//! Whoever changes something edits what is written of the configuration, and the server serves from what comes of that,
//! as if all of it had been sent with `config-set`: what is wrong is found by the same checks, and if anything is, nothing
//! changes. Subnets that a command does not name keep their leases and statistics.
//!
//! - `arguments`: what the commands are given, with Kea's words for what is wrong with it.
//! - `shown`: lists, and subnets and shared networks as `config-get` shows them.
//! - `subnets`, `networks`: the commands that change something.
//! - `family`: what the commands of each family are.
//! - `delta`: subnets that are changed in parts.

mod arguments;
mod delta;
mod family;
mod messages;
mod networks;
mod shown;
mod subnets;
#[cfg(test)]
mod tests6;

use std::fmt::Display;
use std::marker::PhantomData;
use std::sync::Arc;

use kotare_config::schema::Table;
use kotare_control::{
    Access, Argument, ArgumentType, Bound, Command, Facts, Reply, Response, Run, blocking, now,
};
use kotare_model::{Lease4, Lease6};
use serde_json::{Value as Json, json};

use self::family::Changed;
use self::subnets::Part;
use crate::edit::gone;
use crate::tree::NETWORKS;
use crate::{Around, Hooked, Library, Module, Modules, ServerLink, Serving};

/// The module.
pub const LIBRARY: Library = Library {
    name: "subnet_cmds",
    parameters: &PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::SUBNET_CMDS_INIT_FAILED(reason),
    loaded: || messages::SUBNET_CMDS_INIT_OK(),
    unloaded: || messages::SUBNET_CMDS_DEINIT_OK(),
    v4: Some(module::<Lease4>()),
    v6: Some(module::<Lease6>()),
};

/// It has none, and like Kea does not look at what is there.
static PARAMETERS: Table = Table { name: "parameters", open: true, ..Table::EMPTY };

/// The module of one configuration.
#[derive(Debug)]
struct SubnetCmds<L: Hooked> {
    server: ServerLink<L, L::Engine>,
}

const fn module<L: Changed>() -> Module<L> {
    Module {
        build: |_, around, modules, _| build(around, modules),
        commands: || Facts::of(L::COMMANDS),
        ..Module::NOTHING
    }
}

/// Builds the module and registers its commands.
fn build<L: Changed>(around: &Around<'_, L>, modules: &mut Modules<L>) {
    let module = Arc::new(SubnetCmds { server: around.environment.server.clone() });
    modules.commands.push(Bound::new(L::COMMANDS, &module));
}

const COMMANDS4: &[Command<SubnetCmds<Lease4>>] = &commands([
    "subnet4-list",
    "subnet4-get",
    "subnet4-add",
    "subnet4-update",
    "subnet4-del",
    "subnet4-delta-add",
    "subnet4-delta-del",
    "network4-list",
    "network4-get",
    "network4-add",
    "network4-del",
    "network4-subnet-add",
    "network4-subnet-del",
]);
const COMMANDS6: &[Command<SubnetCmds<Lease6>>] = &commands([
    "subnet6-list",
    "subnet6-get",
    "subnet6-add",
    "subnet6-update",
    "subnet6-del",
    "subnet6-delta-add",
    "subnet6-delta-del",
    "network6-list",
    "network6-get",
    "network6-add",
    "network6-del",
    "network6-subnet-add",
    "network6-subnet-del",
]);

/// The commands by their names.
const fn commands<L: Changed>(names: [&'static str; 13]) -> [Command<SubnetCmds<L>>; 13] {
    let [
        subnet_list,
        subnet_get,
        subnet_add,
        subnet_update,
        subnet_del,
        subnet_delta_add,
        subnet_delta_del,
        network_list,
        network_get,
        network_add,
        network_del,
        network_subnet_add,
        network_subnet_del,
    ] = names;
    [
        read(subnet_list, "1.3.0", "Returns id and prefix of every subnet.", &[], |module, _| {
            show(module, |server| Ok(shown::subnet_list(server)))
        }),
        read(subnet_get, "1.3.0", "Returns a subnet, found by id or prefix.", GIVEN, |module, request| {
            show(module, move |server| shown::subnet(server, &request))
        }),
        edit(subnet_add, "1.3.0", "Adds a subnet.", Lists::<L>::SUBNET, |module, request| {
            Box::pin(subnets::add(module, request))
        }),
        edit(
            subnet_update,
            "1.6.0",
            "Puts another subnet in the place of one.",
            Lists::<L>::SUBNET,
            |module, request| Box::pin(subnets::update(module, request)),
        ),
        edit(subnet_del, "1.3.0", "Removes a subnet; its leases stay.", &[ID], |module, request| {
            Box::pin(subnets::delete(module, request))
        }),
        edit(
            subnet_delta_add,
            "2.1.7",
            "Adds parts to a subnet, or changes them.",
            Lists::<L>::PARTS,
            |module, request| Box::pin(subnets::update_parts(module, request, Part::Added)),
        ),
        edit(
            subnet_delta_del,
            "2.1.7",
            "Removes parts of a subnet.",
            Lists::<L>::PARTS,
            |module, request| Box::pin(subnets::update_parts(module, request, Part::Removed)),
        ),
        read(network_list, "1.3.0", "Returns the names of the shared networks.", &[], |module, _| {
            show(module, |server| Ok(shown::network_list(server)))
        }),
        read(
            network_get,
            "1.3.0",
            "Returns a shared network with its subnets.",
            &[NAME],
            |module, request| show(module, move |server| shown::network(server, &request)),
        ),
        edit(
            network_add,
            "1.3.0",
            "Adds a shared network, with subnets or without.",
            &[NETWORK],
            |module, request| Box::pin(networks::add(module, request)),
        ),
        edit(
            network_del,
            "1.3.0",
            "Removes a shared network; its subnets stay unless told.",
            &[NAME, ACTION],
            |module, request| Box::pin(networks::delete(module, request)),
        ),
        edit(
            network_subnet_add,
            "1.3.0",
            "Makes a subnet part of a shared network.",
            &[NAME, ID],
            |module, request| Box::pin(networks::subnet_add(module, request)),
        ),
        edit(
            network_subnet_del,
            "1.3.0",
            "Takes a subnet out of its shared network.",
            &[NAME, ID],
            |module, request| Box::pin(networks::subnet_del(module, request)),
        ),
    ]
}

const GIVEN: &[Argument] = &[
    Argument::own("id", &ArgumentType::Integer, "The id of the subnet."),
    Argument::own("subnet", &ArgumentType::String, "The prefix of the subnet, where no id is given."),
];
const ID: Argument = Argument::own("id", &ArgumentType::Integer, "The id of the subnet.").required();
const NAME: Argument =
    Argument::own("name", &ArgumentType::String, "The name of the shared network.").required();
const NETWORK: Argument =
    Argument::own(NETWORKS, &ArgumentType::List, "A list of one shared network, as in the configuration.")
        .required();
const ACTION: Argument = Argument::own(
    "subnets-action",
    &ArgumentType::String,
    "What becomes of its subnets: `keep` (as without it) or `delete`.",
);

/// The arguments of commands that bring a subnet.
struct Lists<L>(PhantomData<L>);

impl<L: Changed> Lists<L> {
    const SUBNET: &'static [Argument] =
        &[Argument::own(L::SUBNETS, &ArgumentType::List, "A list of one subnet, as in the configuration.")
            .required()];
    const PARTS: &'static [Argument] = &[Argument::own(
        L::SUBNETS,
        &ArgumentType::List,
        "A list of one subnet: its `id`, its prefix, and those of its parts that are meant.",
    )
    .required()];
}

/// A command that shows something. Arguments are checked by it itself, in the words clients match.
const fn read<L: Changed>(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<SubnetCmds<L>>,
) -> Command<SubnetCmds<L>> {
    Command { name, access: Access::Read, exclusive: false, since, help, args, run }
}

/// A command that changes something: one at a time.
const fn edit<L: Changed>(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<SubnetCmds<L>>,
) -> Command<SubnetCmds<L>> {
    Command { name, access: Access::Write, exclusive: true, since, help, args, run }
}

/// Shows what a server serves from, on a thread for what takes a while.
fn show<L: Changed>(
    module: &SubnetCmds<L>,
    shown: impl FnOnce(&dyn Serving<L, L::Engine>) -> Result<Response, Response> + Send + 'static,
) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    blocking(move || shown(&*server.serving()).unwrap_or_else(|refused| refused))
}

/// A subnet in answers.
fn told(id: u32, prefix: impl Display) -> Json {
    json!({"subnets": [{"id": id, "subnet": prefix.to_string()}]})
}
