//! The command line of Kea's DHCP servers, which is the same for either family.
//!
//! ```text
//! kea-dhcp4 -[v|V|W] [-d|F|R|X] [-{c|t|T} cfgfile] [--lint[=deny]] [-p number] [-P number]
//! ```

use clap::{Arg, Command};

use crate::daemon::{empty, fail, file, first, flag, last};

/// What stands behind the name of the program.
pub const USAGE: &str = "-[v|V|W] [-d|F|R|X] [-{c|t|T} cfgfile] [--lint[=deny]] [-p number] [-P number]";

/// What every daemon has, what is about leases and ports, and `--lint`, which Kea does not have.
pub fn command(name: &'static str, title: &'static str) -> Command {
    let number = |id: &'static str, short, help: &'static str| {
        Arg::new(id).short(short).help(help).value_name("number").allow_hyphen_values(true)
    };
    empty(name, title, USAGE)
        .args(first())
        .args([
            fail(),
            flag(
                "repair",
                'R',
                "repair mode: answer commands only, neither serve clients nor reclaim leases",
            ),
        ])
        .args(last())
        .args([
            file("check-full", 'T', "check the configuration file and everything it refers to, and exit"),
            Arg::new("lint")
                .long("lint")
                .value_name("how")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("warn")
                .value_parser(["warn", "deny"])
                .help("with -t or -T, also say what is valid and perhaps not meant; with =deny, fail if there are warnings"),
            number(
                "server-port",
                'p',
                "serve at this port, 1-65535, instead of the standard one (for tests)",
            ),
            number(
                "client-port",
                'P',
                "answer to this port, 1-65535, instead of the standard one (for tests)",
            ),
        ])
}
