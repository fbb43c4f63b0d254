//! The command line: Kea's commands, backends and options, and those of lease files.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use kotare_daemon::args::{KEA_VERSION, full_version, reason};

const USAGE: &str = "\
Usage: kea-admin COMMAND BACKEND [options]

COMMAND
 - lease-dump: writes the leases to a CSV file, one row each
 - lease-upload: adds the leases of a CSV file
 - check: looks for damaged rows, and leases outside of their subnets; changes nothing
 - repair: sets damaged rows aside
 - stats-recount: lets a running server count its leases anew
 - db-version: prints the schema version of the lease file
 - db-init, db-upgrade: for databases; servers do it for lease files

BACKEND: memfile, mysql or pgsql; the latter two are not part of this version yet

OPTIONS
 -4 or -6: leases of DHCPv4 or of DHCPv6
 -i, --input FILE: what is uploaded
 -o, --output FILE: where leases are dumped
 -n, --name FILE: the lease file
 --config FILE: the server's configuration, which names its lease file and its control socket
 --socket FILE: the control socket of a running server
 --replace: leases that are there already are replaced by those that are uploaded
 -y, --yes: overwrite without a question
 -v, --version: print the version and exit
 -V: print the extended version and exit
 --help: print this help and exit
 -h, --host; -P, --port; -u, --user; -p, --password [PASSWORD]; -n, --name; -d, --directory;
 -x, --extra: for databases
";

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

/// All of them, by name.
const COMMANDS: [(&str, Command); 8] = [
    ("db-init", Command::DbInit),
    ("db-version", Command::DbVersion),
    ("db-upgrade", Command::DbUpgrade),
    ("lease-dump", Command::LeaseDump),
    ("lease-upload", Command::LeaseUpload),
    ("stats-recount", Command::StatsRecount),
    ("check", Command::Check),
    ("repair", Command::Repair),
];

/// Where leases are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Memfile,
    /// A database, by its name here.
    Sql(&'static str),
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
}

/// As clap reads them.
#[derive(Debug, Parser)]
#[allow(dead_code, reason = "options of databases are understood, and no database is asked yet")]
#[command(
    name = "kea-admin",
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true
)]
struct Letters {
    command: Option<String>,
    backend: Option<String>,
    #[arg(short = '4')]
    v4: bool,
    #[arg(short = '6')]
    v6: bool,
    #[arg(short = 'i', long)]
    input: Option<PathBuf>,
    #[arg(short = 'o', long)]
    output: Option<PathBuf>,
    #[arg(short = 'n', long)]
    name: Option<PathBuf>,
    #[arg(long)]
    config: Option<PathBuf>,
    #[arg(long)]
    socket: Option<PathBuf>,
    #[arg(long)]
    replace: bool,
    #[arg(short = 'y', long)]
    yes: bool,
    #[arg(short = 'v', long)]
    version: bool,
    #[arg(short = 'V')]
    extended: bool,
    #[arg(long)]
    help: bool,
    #[arg(short = 'h', long, value_name = "HOST")]
    host: Option<String>,
    #[arg(short = 'P', long)]
    port: Option<String>,
    #[arg(short = 'u', long)]
    user: Option<String>,
    #[arg(short = 'p', long, num_args = 0..=1, allow_hyphen_values = true)]
    password: Option<Option<String>>,
    #[arg(short = 'd', long)]
    directory: Option<PathBuf>,
    #[arg(short = 'x', long, allow_hyphen_values = true, action = clap::ArgAction::Append)]
    extra: Vec<String>,
}

/// Reads a command line, which begins with the program's own name. On an error: what to tell, usage included.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Invocation, String> {
    let wrong = |text: &str| format!("{text}\n{USAGE}");
    let letters = Letters::try_parse_from(words).map_err(|error| wrong(&reason(&error)))?;
    if letters.help {
        return Ok(Invocation::Print(USAGE.into()));
    }
    if letters.version {
        return Ok(Invocation::Print(format!("{KEA_VERSION}\n")));
    }
    if letters.extended {
        return Ok(Invocation::Print(full_version() + "\n"));
    }
    let name = letters.command.as_deref().ok_or_else(|| wrong("missing command"))?;
    let command = COMMANDS.into_iter().find(|(known, _)| *known == name).map(|(_, command)| command);
    let command = command.ok_or_else(|| wrong(&format!("invalid command: {name}")))?;
    let backend = match letters.backend.as_deref() {
        Some("memfile") => Backend::Memfile,
        Some("mysql") => Backend::Sql("mysql"),
        Some("pgsql") => Backend::Sql("pgsql"),
        Some(other) => return Err(wrong(&format!("invalid backend: {other}"))),
        None => return Err(wrong("missing backend")),
    };
    let protocol = match (letters.v4, letters.v6) {
        (true, true) => return Err(wrong("you may not specify both -4 and -6")),
        (true, false) => Some(Protocol::V4),
        (false, true) => Some(Protocol::V6),
        (false, false) => None,
    };
    let lacks = |option: &Option<PathBuf>| option.is_none() && backend == Backend::Memfile;
    match command {
        Command::LeaseDump | Command::LeaseUpload if protocol.is_none() => {
            return Err(wrong(&format!("{name}: lease type ( -4 or -6 ) needs to be specified")));
        }
        Command::LeaseDump if lacks(&letters.output) => {
            return Err(wrong("you must specify an output file with -o or --output for lease-dump"));
        }
        Command::LeaseUpload if lacks(&letters.input) => {
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
            ("db-init mysql -h", "a value is required for '--host"),
        ] {
            let error = run(line).unwrap_err();
            assert!(error.starts_with(reason), "{line}: {error}");
            assert!(error.ends_with(USAGE));
        }
    }

    /// Versions and help need no command.
    #[test]
    fn versions_are_printed() {
        for (line, text) in [("-v", "3.3.1\n"), ("--version", "3.3.1\n"), ("--help", USAGE)] {
            assert_eq!(run(line), Ok(Invocation::Print(text.into())));
        }
        assert!(matches!(run("-V"), Ok(Invocation::Print(text)) if text.starts_with("3.3.1 (Kotare ")));
    }
}
