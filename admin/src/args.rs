//! What a command line asks for.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, Parser};
use kotare_command_line::admin::{BACKENDS, COMMANDS, Letters};
use kotare_command_line::{Word, options};
use kotare_daemon::args::{KEA_VERSION, full_version, reason};
use kotare_store_sql::Engine;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    DbInit,
    DbVersion,
    DbUpgrade,
    LeaseDump,
    LeaseUpload,
    StatsRecount,
    Check,
    Repair,
}

/// The one that is called this.
fn named(name: &str) -> Option<Command> {
    Some(match name {
        "db-init" => Command::DbInit,
        "db-version" => Command::DbVersion,
        "db-upgrade" => Command::DbUpgrade,
        "lease-dump" => Command::LeaseDump,
        "lease-upload" => Command::LeaseUpload,
        "stats-recount" => Command::StatsRecount,
        "check" => Command::Check,
        "repair" => Command::Repair,
        _ => return None,
    })
}

/// Where leases are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Memfile,
    Sql(Engine),
}

/// Whose leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    V4,
    V6,
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invocation {
    Run(Box<Task>),
    /// Print this and exit with success.
    Print(String),
}

/// A command with its options.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) command: Command,
    pub(crate) backend: Backend,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) input: Option<PathBuf>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) name: Option<PathBuf>,
    pub(crate) config: Option<PathBuf>,
    pub(crate) socket: Option<PathBuf>,
    pub(crate) replaces: bool,
    pub(crate) yes: bool,
    pub(crate) dry_run: bool,
    /// Where the database is, and who asks it.
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Password>,
    /// For the client of the database that Kea's script runs.
    pub(crate) extra: Vec<String>,
}

/// A password that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Password {
    Is(String),
    /// It is asked for.
    Asked,
}

/// How it is called.
fn usage() -> String {
    let list = |words: &[Word]| -> String {
        words.iter().map(|(word, help)| format!(" - {word}: {help}\n")).collect()
    };
    format!(
        "Usage: kea-admin COMMAND BACKEND [options]\n\nCOMMAND\n{}\nBACKEND\n{}\nOPTIONS\n{}",
        list(COMMANDS),
        list(BACKENDS),
        options(&Letters::command())
    )
}

/// Reads a command line, which begins with the program's own name. On an error: what to tell, usage included.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Invocation, String> {
    let wrong = |text: &str| format!("{text}\n{}", usage());
    let letters = Letters::try_parse_from(words).map_err(|error| wrong(&reason(&error)))?;
    if letters.help {
        return Ok(Invocation::Print(usage()));
    }
    if letters.version {
        return Ok(Invocation::Print(format!("{KEA_VERSION}\n")));
    }
    if letters.extended {
        return Ok(Invocation::Print(full_version() + "\n"));
    }
    let name = letters.command.as_deref().ok_or_else(|| wrong("missing command"))?;
    let command = named(name).ok_or_else(|| wrong(&format!("invalid command: {name}")))?;
    let backend = match letters.backend.as_deref() {
        Some("memfile") => Backend::Memfile,
        Some("mysql") => Backend::Sql(Engine::MySql),
        Some("pgsql") => Backend::Sql(Engine::Postgres),
        Some("sqlite") => Backend::Sql(Engine::Sqlite),
        Some(other) => return Err(wrong(&format!("invalid backend: {other}"))),
        None => return Err(wrong("missing backend")),
    };
    let protocol = match (letters.v4, letters.v6) {
        (true, true) => return Err(wrong("you may not specify both -4 and -6")),
        (true, false) => Some(Protocol::V4),
        (false, true) => Some(Protocol::V6),
        (false, false) => None,
    };
    let port = match letters.port.as_deref().map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port > 0 => Some(port),
        Some(_) => return Err(wrong("-P or --port requires the number of a port, 1 to 65535")),
    };
    let has_dry_run = match command {
        Command::DbInit | Command::DbUpgrade => true,
        Command::StatsRecount | Command::LeaseUpload => backend != Backend::Memfile,
        _ => false,
    };
    match command {
        // Better nothing than what shall not be done.
        _ if letters.dry_run && !has_dry_run => {
            let able = "db-init and db-upgrade, and of stats-recount and lease-upload of databases";
            return Err(wrong(&format!("there is a --dry-run of {able} only")));
        }
        Command::Check | Command::Repair if backend != Backend::Memfile => {
            return Err(wrong(&format!("{name} is for lease files: memfile")));
        }
        _ if backend == Backend::Sql(Engine::Sqlite) && letters.name.is_none() => {
            return Err(wrong("you must specify the file of the database with -n or --name"));
        }
        Command::LeaseDump | Command::LeaseUpload if protocol.is_none() => {
            return Err(wrong(&format!("{name}: lease type ( -4 or -6 ) needs to be specified")));
        }
        Command::LeaseDump if letters.output.is_none() => {
            return Err(wrong("you must specify an output file with -o or --output for lease-dump"));
        }
        Command::LeaseUpload if letters.input.is_none() => {
            return Err(wrong("you must specify an input file with -i or --input for lease-upload"));
        }
        _ => {}
    }
    Ok(Invocation::Run(Box::new(Task {
        command,
        backend,
        protocol,
        input: letters.input,
        output: letters.output,
        name: letters.name,
        config: letters.config,
        socket: letters.socket,
        replaces: letters.replace,
        yes: letters.yes,
        dry_run: letters.dry_run,
        host: letters.host,
        port,
        user: letters.user,
        password: letters.password.map(|given| given.map_or(Password::Asked, Password::Is)),
        extra: letters.extra,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Result<Invocation, String> {
        parse(
            std::iter::once("kea-admin")
                .chain(line.split(' ').filter(|word| !word.is_empty()))
                .map(Into::into),
        )
    }

    /// Kea's options are understood where Kea's scripts put them.
    #[test]
    fn options_of_scripts_are_understood() {
        let Ok(Invocation::Run(task)) = run("lease-dump memfile -4 --output /tmp/a -y -n leases.csv") else {
            panic!("no command")
        };
        assert_eq!(
            (task.command, task.backend, task.protocol),
            (Command::LeaseDump, Backend::Memfile, Some(Protocol::V4))
        );
        assert_eq!(task.output, Some("/tmp/a".into()));
        assert_eq!((task.name, task.yes, task.replaces), (Some("leases.csv".into()), true, false));
        for line in [
            "db-init mysql -h localhost -P 3306 -u kea -p secret -n kea -d /tmp -x --ssl -x --other",
            "db-version pgsql --host ::1 --port 5 --user kea --name kea -p",
            "lease-upload mysql -4 -i leases.csv -p -secret",
            "lease-dump sqlite -6 -n leases.db -o leases.csv",
        ] {
            let Ok(Invocation::Run(task)) = run(line) else { panic!("{line}: {:?}", run(line)) };
            assert!(matches!(task.backend, Backend::Sql(_)), "{line}");
        }
    }

    /// What is missing or wrong is named, with the usage.
    #[test]
    fn what_is_missing_is_named() {
        for (line, reason) in [
            ("", "missing command"),
            ("dump", "invalid command: dump"),
            ("db-init", "missing backend"),
            ("db-init cql", "invalid backend: cql"),
            ("lease-dump memfile -o a", "lease-dump: lease type ( -4 or -6 ) needs to be specified"),
            ("lease-dump memfile -4", "you must specify an output file"),
            ("lease-upload memfile -4", "you must specify an input file"),
            ("lease-dump memfile -4 -6", "you may not specify both -4 and -6"),
            ("lease-dump memfile -4 -z", "unexpected argument '-z' found"),
            ("db-init mysql -P kea", "-P or --port requires"),
            ("repair mysql", "repair is for lease files"),
            ("repair memfile --dry-run", "there is a --dry-run of db-init"),
            ("stats-recount memfile --dry-run", "there is a --dry-run of db-init"),
            ("lease-upload memfile -4 -i a --dry-run", "there is a --dry-run of db-init"),
            ("db-init sqlite", "you must specify the file of the database"),
            ("db-init mysql -h", "a value is required for '--host"),
        ] {
            let error = run(line).unwrap_err();
            assert!(error.starts_with(reason), "{line}: {error}");
            assert!(error.ends_with(&usage()));
        }
    }

    /// What is suggested is understood.
    #[test]
    fn every_command_is_known() {
        assert!(COMMANDS.iter().all(|(name, _)| named(name).is_some()));
    }

    /// Versions and help need no command.
    #[test]
    fn versions_are_printed() {
        for (line, text) in [("-v", "3.3.1\n"), ("--version", "3.3.1\n"), ("--help", &usage())] {
            assert_eq!(run(line), Ok(Invocation::Print(text.into())));
        }
        assert!(matches!(run("-V"), Ok(Invocation::Print(text)) if text.starts_with("3.3.1 (Kotare ")));
    }
}
