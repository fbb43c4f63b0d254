//! The commands that only DHCPv4 has.

use kotare_control::{Access, Argument, ArgumentType, Command, OURS, Response, now};
use kotare_model::Lease4;
use kotare_server::{Daemon, Store};

use crate::Dhcp4;
use crate::explain;
use crate::family::Network4;
use crate::select_test;

/// The commands that only this family has.
pub(crate) const fn table<N: Network4, S: Store<Lease4>>() -> [Command<Daemon<Dhcp4<N, S>>>; 3] {
    [
        Command {
            name: "subnet4-explain",
            access: Access::Read,
            exclusive: false,
            since: OURS,
            help: "Tells what would become of a client's message, and why; nothing changes.",
            args: explain::ARGUMENTS,
            run: |daemon, request| Box::pin(explain::subnet4(daemon.clone(), request)),
        },
        Command {
            name: "subnet4-select-test",
            access: Access::Read,
            exclusive: false,
            since: "2.7.0",
            help: "Returns the subnet that a client at this place would be on.",
            args: PLACE,
            run: |daemon, request| now(select_test::subnet4(daemon, &request).unwrap_or_else(Response::error)),
        },
        Command {
            name: "subnet4o6-select-test",
            access: Access::Read,
            exclusive: false,
            since: "2.7.0",
            help: "Returns the subnet that a client of DHCPv4 over DHCPv6 would be on.",
            args: PLACE_OVER_6,
            run: |daemon, request| {
                let generation = daemon.generation();
                let config = generation.config();
                now(select_test::subnet4o6(config, &request).unwrap_or_else(Response::error))
            },
        },
    ]
}

/// Where a client is.
const PLACE: &[Argument] = &[
    Argument::own("interface", &ArgumentType::String, "The interface that its message came in by."),
    Argument::own("address", &ArgumentType::String, "Its own address (`ciaddr`)."),
    Argument::own("relay", &ArgumentType::String, "The address of its relay (`giaddr`)."),
    Argument::own("local", &ArgumentType::String, "The address that its message was sent to."),
    Argument::own("remote", &ArgumentType::String, "The address that its message came from."),
    Argument::own("link", &ArgumentType::String, "What its relay selected as its link (RFC 3527)."),
    Argument::own("subnet", &ArgumentType::String, "The subnet that it selected (RFC 3011)."),
    CLASSES,
];

/// Where a client of DHCPv4 over DHCPv6 is.
const PLACE_OVER_6: &[Argument] = &[
    Argument::own("interface", &ArgumentType::String, "The interface that the DHCPv6 server heard it by."),
    Argument::own("interface-id", &ArgumentType::String, "The `interface-id` that its relay added."),
    Argument::own("address", &ArgumentType::String, "Its own address; nothing goes by it."),
    Argument::own("relay", &ArgumentType::String, "The address of its DHCPv4 relay; nothing goes by it."),
    Argument::own(
        "local",
        &ArgumentType::String,
        "The address that its message was sent to; nothing goes by it.",
    ),
    Argument::own("remote", &ArgumentType::String, "The address that its message came from."),
    Argument::own("link", &ArgumentType::String, "The address of its link; nothing goes by it."),
    Argument::own("subnet", &ArgumentType::String, "The subnet that it selected; nothing goes by it."),
    CLASSES,
];

const CLASSES: Argument =
    Argument::own("classes", &ArgumentType::List, "The names of the classes that it belongs to.");
