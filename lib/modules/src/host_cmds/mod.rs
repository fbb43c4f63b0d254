//! `libdhcp_host_cmds.so`: commands that show and change host reservations.
//!
//! Reservations are where they are written: in the configuration. Whoever changes one edits that, and the server serves
//! from what comes of it, as if all of it had been sent with `config-set`: what is wrong is found by the same checks, and
//! `config-get` and `config-write` have what was changed. That is the operation target `memory`. The target `database`, which
//! is that of changes by default, are the databases of `hosts-databases`, each of them; without any it is refused as Kea
//! refuses it. `all` is both.
//!
//! - `arguments`: what the commands are given, with Kea's words for what is wrong with it.
//! - `written`: reservations in what is written.
//! - `family`: what differs between the families.
//! - `numbers`: what pages go on behind.
//! - `elsewhere`: reservations in databases.
//! - `change`, `shown`: the commands.

mod arguments;
mod change;
mod elsewhere;
mod family;
mod messages;
mod numbers;
mod shown;
#[cfg(test)]
mod tests6;
mod written;

use std::sync::Arc;

use kotare_config::schema::Table;
use kotare_control::{Access, Argument, ArgumentType, Bound, Command, Facts, Run};

use kotare_model::{Lease4, Lease6};

use self::family::Hosted;
use self::numbers::Numbers;
use crate::{Around, Entry, Hooked, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "host_cmds",
    parameters: &PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::HOST_CMDS_INIT_FAILED(reason),
    loaded: || messages::HOST_CMDS_INIT_OK(),
    unloaded: || messages::HOST_CMDS_DEINIT_OK(),
    v4: Some(module::<Lease4>()),
    v6: Some(module::<Lease6>()),
};

/// It has none, and like Kea does not look at what is there.
static PARAMETERS: Table = Table { name: "parameters", open: true, ..Table::EMPTY };

/// The module of one configuration.
#[derive(Debug)]
struct HostCmds<L: Hooked> {
    server: ServerLink<L, L::Engine>,
    /// Those of the configuration before, if there was one.
    numbers: Arc<Numbers<L::Config>>,
}

const fn module<L: Hosted>() -> Module<L> {
    Module {
        build: |entry, around, modules, _| build(entry, around, modules),
        commands: || Facts::of(L::COMMANDS),
        ..Module::NOTHING
    }
}

/// Builds the module and registers its commands.
fn build<L: Hosted>(entry: &Entry<'_, L>, around: &Around<'_, L>, modules: &mut Modules<L>) {
    let former = around.former::<HostCmds<L>>(entry);
    let numbers = former.map(|former| former.numbers.clone()).unwrap_or_default();
    let module = Arc::new(HostCmds { server: around.environment.server.clone(), numbers });
    modules.commands.push(Bound::new(L::COMMANDS, &module));
    modules.keep(entry, module);
}

const COMMANDS4: &[Command<HostCmds<Lease4>>] = &commands();
const COMMANDS6: &[Command<HostCmds<Lease6>>] = &commands();

const fn commands<L: Hosted>() -> [Command<HostCmds<L>>; 9] {
    [
        edit(
            "reservation-add",
            "1.2.0",
            "Adds a reservation.",
            &[RESERVATION, CHANGED],
            |module, request| Box::pin(change::add(module, request)),
        ),
        edit(
            "reservation-update",
            "2.3.7",
            "Puts another reservation in the place of one.",
            &[RESERVATION, CHANGED],
            |module, request| Box::pin(change::update(module, request)),
        ),
        edit(
            "reservation-del",
            "1.2.0",
            "Removes a reservation, named by its address or its client.",
            &[SUBNET_OF_ONE, ADDRESS, IDENTIFIER_TYPE, IDENTIFIER, CHANGED],
            |module, request| Box::pin(change::delete(module, request)),
        ),
        read(
            "reservation-get",
            "1.2.0",
            "Returns a reservation of a subnet, named by its address or its client.",
            &[SUBNET_OF_ONE, ADDRESS, IDENTIFIER_TYPE, IDENTIFIER, SHOWN],
            |module, request| shown::one(module, request),
        ),
        read(
            "reservation-get-all",
            "1.6.0",
            "Returns the reservations of a subnet.",
            &[WHOLE_SUBNET, SHOWN],
            |module, request| shown::all(module, request),
        ),
        read(
            "reservation-get-page",
            "1.6.0",
            "Returns reservations, page by page.",
            &[LIMIT, SUBNET, SOURCE_INDEX, FROM],
            |module, request| shown::page(module, request),
        ),
        read(
            "reservation-get-by-address",
            "2.4.0",
            "Returns the reservations of an address.",
            &[ONE_ADDRESS, SUBNET, SHOWN],
            |module, request| shown::by_address(module, request),
        ),
        read(
            "reservation-get-by-hostname",
            "1.7.1",
            "Returns the reservations of a name.",
            &[HOSTNAME, SUBNET, SHOWN],
            |module, request| shown::by_hostname(module, request),
        ),
        read(
            "reservation-get-by-id",
            "1.9.0",
            "Returns the reservations of a client, in all subnets.",
            &[OF_TYPE, NAMED, SHOWN],
            |module, request| shown::by_id(module, request),
        ),
    ]
}

const RESERVATION: Argument = Argument::own(
    "reservation",
    &ArgumentType::Map,
    "The reservation as in the configuration, with the `subnet-id` that it is for; 0 is for all.",
)
.required();
const CHANGED: Argument = Argument::own(
    "operation-target",
    &ArgumentType::String,
    "Where it is changed: `memory` (the configuration), `database`, `all`, or `default` (as without it), the databases.",
);
const SHOWN: Argument = Argument::own(
    "operation-target",
    &ArgumentType::String,
    "Where is looked: `memory` (the configuration), `database`, `all`, or `default` (as without it), everywhere.",
);
const SUBNET_OF_ONE: Argument =
    Argument::own("subnet-id", &ArgumentType::Integer, "The id of the subnet; 0 for global reservations.");
const SUBNET: Argument =
    Argument::own("subnet-id", &ArgumentType::Integer, "The id of the only subnet that is looked into.");
const ADDRESS: Argument = Argument::own(
    "ip-address",
    &ArgumentType::String,
    "The reserved address, or the first of a reserved prefix.",
);
const IDENTIFIER_TYPE: Argument = Argument::own(
    "identifier-type",
    &ArgumentType::String,
    "What the client is named by: `hw-address`, `duid`, `flex-id`, of DHCPv4 also `circuit-id` and `client-id`.",
);
const IDENTIFIER: Argument = Argument::own(
    "identifier",
    &ArgumentType::String,
    "The client's identifier, in hexadecimal digits or as text in quotes.",
);
const WHOLE_SUBNET: Argument = SUBNET_OF_ONE.required();
const ONE_ADDRESS: Argument = ADDRESS.required();
const OF_TYPE: Argument = IDENTIFIER_TYPE.required();
const NAMED: Argument = IDENTIFIER.required();
const HOSTNAME: Argument =
    Argument::own("hostname", &ArgumentType::String, "The reserved name, in any case.").required();
const LIMIT: Argument =
    Argument::own("limit", &ArgumentType::Integer, "The most reservations that are returned.").required();
const SOURCE_INDEX: Argument = Argument::own(
    "source-index",
    &ArgumentType::Integer,
    "The `source-index` of the page before, 0 without it.",
);
const FROM: Argument =
    Argument::own("from", &ArgumentType::Integer, "The `from` of the page before, 0 without it.");

/// A command that shows something. Arguments are checked by it itself, in the words clients match.
const fn read<L: Hosted>(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<HostCmds<L>>,
) -> Command<HostCmds<L>> {
    Command { name, access: Access::Read, exclusive: false, since, help, args, run }
}

/// A command that changes something: one at a time.
const fn edit<L: Hosted>(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<HostCmds<L>>,
) -> Command<HostCmds<L>> {
    Command { name, access: Access::Write, exclusive: true, since, help, args, run }
}
