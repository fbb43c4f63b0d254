//! The command lines of the programs: options and arguments, and what each is for, in clap's words.
//!
//! Each is declared here and nowhere else: a program parses by it and tells its usage from it, and manual pages and
//! completions are made of it. What options mean is the programs' own business.

pub mod admin;
pub mod daemon;
pub mod explain;
pub mod keactrl;
pub mod lfc;
pub mod server;
pub mod shell;
mod suggested;
mod usage;

use clap::{Command, CommandFactory};

pub use suggested::{Suggested, Word};
pub use usage::options;

/// All of them, sorted by name.
pub fn all() -> Vec<Command> {
    vec![
        admin::Letters::command(),
        daemon::command("kea-ctrl-agent", "Control Agent"),
        daemon::command_that_may_fail("kea-dhcp-ddns", "DHCP-DDNS server"),
        server::command("kea-dhcp4", "DHCPv4 server"),
        server::command("kea-dhcp6", "DHCPv6 server"),
        lfc::Letters::command(),
        shell::Args::command(),
        keactrl::command(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// clap's own checks of each, and what a manual page is made of: every option says what it is for.
    #[test]
    fn every_command_line_is_sound() {
        for command in all() {
            let name = command.get_name().to_owned();
            assert!(command.get_about().is_some(), "{name} says what it is for");
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{name}: {arg} says what it is for");
            }
            command.debug_assert();
        }
    }

    /// Whoever looks for a program finds it.
    #[test]
    fn programs_are_sorted() {
        let names: Vec<String> = all().iter().map(|command| command.get_name().to_owned()).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}
