//! The command line, as upstream's script has it.

use std::path::PathBuf;

use kotare_daemon::args::{KEA_VERSION, full_version};

use crate::server::KINDS;

pub(crate) const USAGE: &str = "\
usage: keactrl command [-c keactrl-config-file] [-s server[,server,...]] [-- server-options]

commands: start stop reload status version
servers: all dhcp4 dhcp6 dhcp_ddns
server-options: options for the servers that are started, beside those of keactrl.conf
                example: -- -X
";

/// What to do with servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Start,
    Stop,
    Reload,
    Status,
    Version,
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invocation {
    /// Do something with servers.
    Act {
        action: Action,
        /// `-c`: another keactrl.conf.
        configuration: Option<PathBuf>,
        /// `-s`: their names; empty for all.
        servers: Vec<&'static str>,
        /// What is behind `--`.
        options: Vec<String>,
    },
    /// Print this to standard output and exit with success.
    Print(String),
}

/// Reads a command line without the program's own name.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Invocation, String> {
    let action = match words.next().as_deref() {
        None => return Err("missing command".to_owned()),
        Some("-h" | "--help") => return Ok(Invocation::Print(USAGE.to_owned())),
        Some("-v" | "--version") => return Ok(Invocation::Print(KEA_VERSION.to_owned())),
        Some("-V") => return Ok(Invocation::Print(full_version())),
        Some("start") => Action::Start,
        Some("stop") => Action::Stop,
        Some("reload") => Action::Reload,
        Some("status") => Action::Status,
        Some("version") => Action::Version,
        Some(other) => return Err(format!("invalid command: {other}")),
    };
    let (mut configuration, mut servers) = (None, Vec::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "-c" | "--ctrl-config" => {
                let file = words.next().filter(|file| !file.is_empty());
                configuration = Some(file.ok_or("keactrl-config-file not specified")?.into());
            }
            "-s" | "--server" => {
                let names = words.next().filter(|names| !names.is_empty());
                servers = chosen(&names.ok_or("servers not specified")?)?;
            }
            "--" => {
                let options = words.collect();
                return Ok(Invocation::Act { action, configuration, servers, options });
            }
            other => return Err(format!("invalid option: {other}")),
        }
    }
    Ok(Invocation::Act { action, configuration, servers, options: Vec::new() })
}

fn chosen(names: &str) -> Result<Vec<&'static str>, String> {
    let mut servers = Vec::new();
    for name in names.split(',') {
        match KINDS.iter().find(|kind| kind.name == name) {
            Some(kind) => servers.push(kind.name),
            None if name == "all" => servers.extend(KINDS.each_ref().map(|kind| kind.name)),
            None => return Err(format!("invalid server name: {name}")),
        }
    }
    Ok(servers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Result<Invocation, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    /// Kea's manual, "Command Line Options".
    #[test]
    fn servers_and_options_are_chosen() {
        assert_eq!(
            run("start -s dhcp4,dhcp_ddns -c /x -- -F -X"),
            Ok(Invocation::Act {
                action: Action::Start,
                configuration: Some("/x".into()),
                servers: vec!["dhcp4", "dhcp_ddns"],
                options: vec!["-F".to_owned(), "-X".to_owned()],
            })
        );
        let Ok(Invocation::Act { servers, .. }) = run("stop --server all") else {
            panic!("it is understood")
        };
        assert_eq!(servers.len(), KINDS.len());
        assert_eq!(run("-v"), Ok(Invocation::Print("3.3.1".to_owned())));
    }

    /// What is wrong is named.
    #[test]
    fn what_is_wrong_is_named() {
        for (line, error) in [
            ("", "missing command"),
            ("halt", "invalid command: halt"),
            ("stop -s", "servers not specified"),
            ("stop -s dhcp5", "invalid server name: dhcp5"),
            ("stop -c", "keactrl-config-file not specified"),
            ("stop now", "invalid option: now"),
        ] {
            assert_eq!(run(line), Err(error.to_owned()));
        }
    }
}
