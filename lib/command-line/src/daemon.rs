//! What every daemon of Kea has on its command line, and all that those have that are no DHCP servers.
//!
//! ```text
//! kea-ctrl-agent -[v|V|W] [-d|X] [-{c|t} cfgfile]
//! kea-dhcp-ddns -[v|V|W] [-d|F|X] [-{c|t} cfgfile]
//! ```

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

/// What stands behind the name of the program.
pub const USAGE: &str = "-[v|V|W] [-d|X] [-{c|t} cfgfile]";

/// The same of a daemon that may be told to fail.
pub const USAGE_WITH_FAIL: &str = "-[v|V|W] [-d|F|X] [-{c|t} cfgfile]";

/// The command line of a daemon that is no DHCP server.
pub fn command(name: &'static str, title: &'static str) -> Command {
    let [version, extended, report, debug] = first();
    let [relax, config, check] = last();
    empty(name, title, USAGE).args([version, extended, report, debug, relax, config, check])
}

/// The same of one that may be told to end when a command meets what it cannot go on from.
pub fn command_that_may_fail(name: &'static str, title: &'static str) -> Command {
    let [version, extended, report, debug] = first();
    let [relax, config, check] = last();
    empty(name, title, USAGE_WITH_FAIL).args([version, extended, report, debug, fail(), relax, config, check])
}

/// Short options only and nothing else, each as often as one likes, as getopt takes them. There is none for help: as with
/// Kea, whatever is no option leads to the usage on standard error, and to failure.
pub(crate) fn empty(name: &'static str, title: &'static str, usage: &'static str) -> Command {
    Command::new(name)
        .about(title)
        .override_usage(format!("{name} {usage}"))
        .no_binary_name(false)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args_override_self(true)
}

/// The options that are told first.
pub(crate) fn first() -> [Arg; 4] {
    [
        flag("version", 'v', "print the version number and exit"),
        flag("extended", 'V', "print the extended version and exit"),
        flag("report", 'W', "print the build report and exit"),
        flag("debug", 'd', "log everything, DEBUG level 99"),
    ]
}

/// `-F`.
pub(crate) fn fail() -> Arg {
    flag("fail", 'F', "exit with failure when a command meets a fatal error, rather than log it and go on")
}

/// Those that are told last.
pub(crate) fn last() -> [Arg; 3] {
    [
        flag("relax", 'X', "do not enforce security restrictions, only warn"),
        file("config", 'c', "serve with this configuration file"),
        file("check", 't', "check the configuration file and exit"),
    ]
}

pub(crate) fn flag(id: &'static str, short: char, help: &'static str) -> Arg {
    Arg::new(id).short(short).help(help).action(ArgAction::SetTrue)
}

pub(crate) fn file(id: &'static str, short: char, help: &'static str) -> Arg {
    Arg::new(id).short(short).help(help).value_name("file").value_parser(value_parser!(PathBuf))
}
