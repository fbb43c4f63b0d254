//! The command line of `keactrl`, as upstream's script has it.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use crate::{Suggested, Word};

/// What can be done with servers.
pub const COMMANDS: &[Word] = &[
    ("start", "starts the servers that keactrl.conf says are to run"),
    ("stop", "stops the servers"),
    ("reload", "lets the servers read their configuration anew"),
    ("status", "says which servers run, and where their configuration is"),
    ("version", "prints the versions of keactrl and the servers"),
];

/// Which servers there are.
pub const SERVERS: &[Word] = &[
    ("all", "all of them"),
    ("dhcp4", "the DHCPv4 server"),
    ("dhcp6", "the DHCPv6 server"),
    ("dhcp_ddns", "the DHCP DDNS server"),
    ("ctrl_agent", "the control agent"),
];

/// All of it.
pub fn command() -> Command {
    let flag = |id: &'static str, short, help: &'static str| {
        Arg::new(id).short(short).help(help).action(ArgAction::SetTrue)
    };
    Command::new("keactrl")
        .about("Starts, stops and looks after the servers of an installation")
        .override_usage(
            "keactrl command [-c keactrl-config-file] [-s server[,server,...]] [-- server-options]",
        )
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args_override_self(true)
        .args([
            Arg::new("command").value_name("command").value_parser(Suggested(COMMANDS)).help("what to do"),
            Arg::new("config")
                .short('c')
                .long("ctrl-config")
                .value_name("keactrl-config-file")
                .value_parser(value_parser!(PathBuf))
                .help("another keactrl.conf"),
            Arg::new("servers")
                .short('s')
                .long("server")
                .value_name("server[,server,...]")
                .value_parser(Suggested(SERVERS))
                .help("only these servers"),
            flag("help", 'h', "print this help and exit").long("help"),
            flag("version", 'v', "print the version number and exit").long("version"),
            flag("extended", 'V', "print the extended version and exit"),
            Arg::new("options")
                .value_name("server-options")
                .last(true)
                .num_args(0..)
                .allow_hyphen_values(true)
                .help("options for the servers that are started, beside those of keactrl.conf, such as -X"),
        ])
}
