//! The commands that only DHCPv6 has.

use kotare_control::{Access, Argument, ArgumentType, Command, OURS, Response, now};
use kotare_model::Lease6;
use kotare_server::{Daemon, Store};

use crate::Dhcp6;
use crate::explain;
use crate::family::Network6;
use crate::learned::commands;
use crate::select_test;

/// The commands that only this family has.
pub(crate) const fn table<N: Network6, S: Store<Lease6>>() -> [Command<Daemon<Dhcp6<N, S>>>; 5] {
    let explain: Command<Daemon<Dhcp6<N, S>>> = Command {
        name: "subnet6-explain",
        access: Access::Read,
        exclusive: false,
        since: OURS,
        help: "Tells what would become of a client's message, and why; nothing changes.",
        args: explain::ARGUMENTS,
        run: |daemon, request| Box::pin(explain::subnet6(daemon.clone(), request)),
    };
    let select_test: Command<Daemon<Dhcp6<N, S>>> = Command {
        name: "subnet6-select-test",
        access: Access::Read,
        exclusive: false,
        since: "2.7.0",
        help: "Returns the subnet that a client at this place would be on.",
        args: PLACE,
        run: |daemon, request| {
            let generation = daemon.generation();
            now(select_test::subnet6(generation.config(), &request).unwrap_or_else(Response::error))
        },
    };
    [explain, select_test, commands::set(), commands::del(), commands::list()]
}

/// Where a client is.
const PLACE: &[Argument] = &[
    Argument::own("interface", &ArgumentType::String, "The interface that its message came in by."),
    Argument::own("interface-id", &ArgumentType::String, "The `interface-id` that its relay added."),
    Argument::own("remote", &ArgumentType::String, "The address that its message came from."),
    Argument::own("link", &ArgumentType::String, "The address of its link that its relay added."),
    Argument::own("classes", &ArgumentType::List, "The names of the classes that it belongs to."),
];
