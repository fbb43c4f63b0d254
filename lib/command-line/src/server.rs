//! The command line of Kea's servers.
//!
//! ```text
//! kea-dhcp4 -[v|V|W] [-d|F|R|X] [-{c|t|T} cfgfile] [-p number] [-P number]
//! ```

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

/// What stands behind the name of the program.
pub const USAGE: &str = "-[v|V|W] [-d|F|R|X] [-{c|t|T} cfgfile] [-p number] [-P number]";

/// Short options only and nothing else, each as often as one likes, as getopt takes them. There is none for help: as with
/// Kea, whatever is no option leads to the usage on standard error, and to failure.
pub fn command(name: &'static str, title: &'static str) -> Command {
    let flag = |id: &'static str, short, help: &'static str| {
        Arg::new(id).short(short).help(help).action(ArgAction::SetTrue)
    };
    let file = |id: &'static str, short, help: &'static str| {
        Arg::new(id).short(short).help(help).value_name("file").value_parser(value_parser!(PathBuf))
    };
    let number = |id: &'static str, short, help: &'static str| {
        Arg::new(id).short(short).help(help).value_name("number").allow_hyphen_values(true)
    };
    Command::new(name)
        .about(title)
        .override_usage(format!("{name} {USAGE}"))
        .no_binary_name(false)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args_override_self(true)
        .args([
            flag("version", 'v', "print the version number and exit"),
            flag("extended", 'V', "print the extended version and exit"),
            flag("report", 'W', "print the build report and exit"),
            flag("debug", 'd', "log everything, DEBUG level 99"),
            flag(
                "fail",
                'F',
                "exit with failure when a command meets a fatal error, rather than log it and go on",
            ),
            flag(
                "repair",
                'R',
                "repair mode: answer commands only, neither serve clients nor reclaim leases",
            ),
            flag("relax", 'X', "do not enforce security restrictions, only warn"),
            file("config", 'c', "serve with this configuration file"),
            file("check", 't', "check the configuration file and exit"),
            file("check-full", 'T', "check the configuration file and everything it refers to, and exit"),
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
