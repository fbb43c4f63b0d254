//! The commands that only DHCPv4 has.

use kotare_control::{Access, Command, Response, now};
use kotare_server::{Daemon, Store};

use crate::Dhcp4;
use crate::family::Network4;
use crate::select_test;

/// The commands that only this family has.
pub(crate) const fn table<N: Network4, S: Store>() -> [Command<Daemon<Dhcp4<N, S>>>; 2] {
    [
        Command {
            name: "subnet4-select-test",
            access: Access::Read,
            exclusive: false,
            since: "2.7.0",
            help: "Returns the subnet that a client at this place would be on.",
            args: &[],
            run: |daemon, request| now(select_test::subnet4(daemon, &request).unwrap_or_else(Response::error)),
        },
        Command {
            name: "subnet4o6-select-test",
            access: Access::Read,
            exclusive: false,
            since: "2.7.0",
            help: "Returns the subnet that a client of DHCPv4 over DHCPv6 would be on.",
            args: &[],
            run: |daemon, request| {
                let generation = daemon.generation();
                let config = generation.config();
                now(select_test::subnet4o6(config, &request).unwrap_or_else(Response::error))
            },
        },
    ]
}
