//! What a command line asks for.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use kotare_command_line::keactrl::{COMMANDS, SERVERS, command};
use kotare_command_line::{Word, options};
use kotare_daemon::args::{KEA_VERSION, full_version, reason};

use crate::server::KINDS;

/// How it is called.
pub(crate) fn usage() -> String {
    let list = |words: &[Word]| words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
    format!(
        "usage: keactrl command [-c keactrl-config-file] [-s server[,server,...]] [-- server-options]\n\n\
         commands: {}\nservers: {}\n{}  -- server-options: options for the servers that are started, beside those \
         of keactrl.conf, such as -X",
        list(COMMANDS),
        list(SERVERS),
        options(&command())
    )
}

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

/// Reads a command line, which begins with the program's own name.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Invocation, String> {
    let matches = command().try_get_matches_from(words).map_err(|error| wrong(&error))?;
    let texts: [(&str, &dyn Fn() -> String); 3] =
        [("help", &usage), ("version", &|| KEA_VERSION.to_owned()), ("extended", &full_version)];
    if let Some((_, text)) = texts.into_iter().find(|(option, _)| matches.get_flag(option)) {
        return Ok(Invocation::Print(text()));
    }
    let action = match matches.get_one::<String>("command").map(String::as_str) {
        None => return Err("missing command".to_owned()),
        Some("start") => Action::Start,
        Some("stop") => Action::Stop,
        Some("reload") => Action::Reload,
        Some("status") => Action::Status,
        Some("version") => Action::Version,
        Some(other) => return Err(format!("invalid command: {other}")),
    };
    let configuration = matches.get_one::<PathBuf>("config").cloned();
    let servers = match matches.get_one::<String>("servers").map(String::as_str) {
        None => Vec::new(),
        Some("") => return Err("servers not specified".to_owned()),
        Some(names) => chosen(names)?,
    };
    let options = matches.get_many("options").into_iter().flatten().cloned().collect();
    Ok(Invocation::Act { action, configuration, servers, options })
}

/// What is wrong with a command line, in the words of upstream's script.
fn wrong(error: &clap::Error) -> String {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let option = named(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument => format!("invalid option: {option}"),
        ErrorKind::InvalidValue if option.starts_with("--ctrl-config") => {
            "keactrl-config-file not specified".to_owned()
        }
        ErrorKind::InvalidValue if option.starts_with("--server") => "servers not specified".to_owned(),
        _ => reason(error),
    }
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
        parse(std::iter::once("keactrl").chain(line.split_whitespace()).map(Into::into))
    }

    /// Kea's manual, "Command Line Options".
    #[test]
    fn servers_and_options_are_chosen() {
        assert_eq!(
            run("start -s dhcp4,ctrl_agent -c /x -- -F -X"),
            Ok(Invocation::Act {
                action: Action::Start,
                configuration: Some("/x".into()),
                servers: vec!["dhcp4", "ctrl_agent"],
                options: vec!["-F".to_owned(), "-X".to_owned()],
            })
        );
        let Ok(Invocation::Act { servers, .. }) = run("stop --server all") else {
            panic!("it is understood")
        };
        assert_eq!(servers.len(), KINDS.len());
        assert_eq!(run("-v"), Ok(Invocation::Print("3.3.1".to_owned())));
    }

    /// What is suggested is understood.
    #[test]
    fn every_server_is_known() {
        assert!(SERVERS.iter().all(|(name, _)| chosen(name).is_ok()));
        assert_eq!(SERVERS.len(), KINDS.len() + 1);
        assert!(COMMANDS.iter().all(|(name, _)| matches!(run(name), Ok(Invocation::Act { .. }))));
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
            ("stop -z", "invalid option: -z"),
        ] {
            assert_eq!(run(line), Err(error.to_owned()));
        }
    }
}
