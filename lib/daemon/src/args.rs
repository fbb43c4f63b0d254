//! What the command line of a server asks for.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgMatches, Command};
use kotare_command_line::{daemon, options, server};

use crate::{Environment, Installation, PathKind, Paths};

/// The version of Kea whose behaviour, configuration and API this is: tools choose by it what they may ask for.
pub const KEA_VERSION: &str = "3.3.1";

/// What `-V` of a program without leases of its own says, and where that of a server begins.
pub fn full_version() -> String {
    format!("{KEA_VERSION} (Kotare {})", env!("CARGO_PKG_VERSION"))
}

/// What is wrong with a command line, in clap's words without its usage: each program tells its own.
pub fn reason(error: &clap::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// Who parses: what usage, version and report say.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// `kea-dhcp4`.
    pub name: &'static str,
    /// `DHCPv4 server`.
    pub title: &'static str,
    /// Our own version.
    pub version: &'static str,
    /// What leases can be kept in, each with the version of its schema; nothing for a daemon that is no DHCP server, which has
    /// fewer options.
    pub lease_backends: &'static [&'static str],
    /// Whether `-F` is one of its options.
    pub may_fail: bool,
}

impl Program {
    /// Whether it is a DHCP server: those have leases, and options about ports and repairs.
    fn serves_dhcp(&self) -> bool {
        !self.lease_backends.is_empty()
    }

    fn command(&self) -> Command {
        match self.serves_dhcp() {
            true => server::command(self.name, self.title),
            false if self.may_fail => daemon::command_that_may_fail(self.name, self.title),
            false => daemon::command(self.name, self.title),
        }
    }
}

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Serve.
    Serve(ServerArgs),
    /// Check the configuration and exit.
    Check {
        /// The other arguments; [`ServerArgs::config`] is the file to check.
        args: ServerArgs,
        /// `-T`: with everything that serving would prepare; `-t`: what stands in the file.
        full: bool,
        /// `--lint`: with what may be used and is perhaps not meant.
        lint: Option<Lint>,
    },
    /// Print `text` to standard output and exit with success (`-v`, `-V`, `-W`).
    Print(String),
}

/// What findings of `--lint` do to the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lint {
    /// Nothing.
    Warn,
    /// `--lint=deny`: a warning makes it a failure.
    Deny,
}

/// The arguments of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerArgs {
    /// `-c`, `-t`, `-T`: the configuration file.
    pub config: PathBuf,
    /// `-d`: every logger at `DEBUG` 99.
    pub verbose: bool,
    /// `-X`: security restrictions on paths are warnings.
    pub relaxed: bool,
    /// `-F`: end with failure on a fatal error of a command.
    pub ends_on_fatal: bool,
    /// `-R`: repair mode: answer commands, and let leases and clients alone.
    pub repairs: bool,
    /// `-p`: the port to serve at instead of the protocol's.
    pub server_port: Option<u16>,
    /// `-P`: the port to answer to instead of the client's.
    pub client_port: Option<u16>,
}

/// A command line that cannot be served: the text belongs on standard error, the process ends with failure (1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

/// Reads a command line; `words` begins with the program's own name. The build report (`-W`) tells the directories
/// that `environment` leads to.
pub fn parse(
    program: &Program,
    environment: &Environment,
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Invocation, UsageError> {
    let matches = program.command().try_get_matches_from(words).map_err(|_| usage_error(program, None))?;
    let texts: [(&str, &dyn Fn() -> String); 3] = [
        ("version", &|| KEA_VERSION.to_owned()),
        ("extended", &|| extended_version(program)),
        ("report", &|| report(program, environment)),
    ];
    if let Some((_, text)) = texts.into_iter().find(|(option, _)| matches.get_flag(option)) {
        return Ok(Invocation::Print(text()));
    }
    let Some(config) = last_config(&matches) else {
        return Err(usage_error(program, Some("Configuration file not specified.")));
    };
    let args = ServerArgs {
        config,
        verbose: matches.get_flag("debug"),
        relaxed: matches.get_flag("relax"),
        ends_on_fatal: flag(&matches, "fail"),
        repairs: flag(&matches, "repair"),
        server_port: port(program, &matches, "server-port", "server")?,
        client_port: port(program, &matches, "client-port", "client")?,
    };
    let lint = matches.try_get_one::<String>("lint").ok().flatten();
    let lint = lint.map(|how| if how == "deny" { Lint::Deny } else { Lint::Warn });
    let full = matches!(matches.try_contains_id("check-full"), Ok(true));
    if full || matches.contains_id("check") {
        return Ok(Invocation::Check { args, full, lint });
    }
    if lint.is_some() {
        return Err(usage_error(program, Some("--lint goes with -t or -T.")));
    }
    Ok(Invocation::Serve(args))
}

/// Whether a flag is given, of a program that may not have it.
fn flag(matches: &ArgMatches, id: &str) -> bool {
    matches!(matches.try_get_one::<bool>(id), Ok(Some(true)))
}

/// The file of the last of `-c`, `-t`, `-T`; a check stays a check.
fn last_config(matches: &ArgMatches) -> Option<PathBuf> {
    let last = ["config", "check", "check-full"]
        .into_iter()
        .filter_map(|id| {
            let path = matches.try_get_one::<PathBuf>(id).ok()??;
            Some((matches.indices_of(id)?.next_back()?, path))
        })
        .max_by_key(|&(index, _)| index);
    last.map(|(_, path)| path.clone()).filter(|path| !path.as_os_str().is_empty())
}

fn port(program: &Program, matches: &ArgMatches, id: &str, whose: &str) -> Result<Option<u16>, UsageError> {
    let Ok(Some(text)) = matches.try_get_one::<String>(id) else { return Ok(None) };
    match text.parse() {
        Ok(port) if port > 0 => Ok(Some(port)),
        _ => {
            let error = format!("Failed to parse {whose} port number: [{text}], 1-65535 allowed.");
            Err(usage_error(program, Some(&error)))
        }
    }
}

fn usage_error(program: &Program, error: Option<&str>) -> UsageError {
    let usage = usage(program);
    UsageError(error.map_or_else(|| usage.clone(), |error| format!("{error}\n{usage}")))
}

fn usage(program: &Program) -> String {
    let Program { name, title, version, .. } = program;
    let usage = match program.serves_dhcp() {
        true => server::USAGE,
        false if program.may_fail => daemon::USAGE_WITH_FAIL,
        false => daemon::USAGE,
    };
    let options = options(&program.command());
    format!(
        "Kea {title}, version {KEA_VERSION} (Kotare {version})\n\nUsage: {name} {usage}\n{}",
        options.trim_end()
    )
}

/// What `-V` and `version-get` say, in the lines that Kea has: the version of Kea this is like, and what it is made of.
pub fn extended_version(program: &Program) -> String {
    let Program { version, lease_backends, .. } = program;
    let general = format!("{KEA_VERSION} (Kotare {version})\npremium: no\nlinked with:\n- Kotare {version}");
    match program.serves_dhcp() {
        true => format!("{general}\nlease backends:\n- {}", lease_backends.join("\n- ")),
        false => general,
    }
}

/// What `-W` and `build-report` say: whose program this is, and the directories it uses.
pub fn report(program: &Program, environment: &Environment) -> String {
    let installation = Installation::of(environment);
    let paths = Paths::new(environment, true);
    let directories = PathKind::ALL.map(|kind| (kind.variable(), paths.directory(kind)));
    let directories = directories.into_iter().chain([(Paths::PID_FILES, paths.pid_files.as_path())]);
    let directories: Vec<_> = directories
        .map(|(variable, directory)| format!("  {:<24} {}", format!("{variable}:"), directory.display()))
        .collect();
    format!(
        "Package:\n  Name:                    kotare\n  Version:                 {}\n  \
         Compatible with Kea:     {KEA_VERSION}\n  Architecture:            {}-{}\n\n  \
         Prefix:                  {}\n  Hooks directory:         {}\n\n\
         Directories (each can be set by the variable of that name):\n{}",
        program.version,
        std::env::consts::ARCH,
        std::env::consts::OS,
        installation.prefix.display(),
        installation.hooks.display(),
        directories.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: Program = Program {
        name: "kea-dhcp4",
        title: "DHCPv4 server",
        version: "0.1.0",
        lease_backends: &["Memfile backend 3.0"],
        may_fail: true,
    };

    fn run(line: &str) -> Result<Invocation, UsageError> {
        parse(&PROGRAM, &Environment::default(), line.split(' '))
    }

    fn serve(line: &str) -> ServerArgs {
        match run(line) {
            Ok(Invocation::Serve(args)) => args,
            other => panic!("{line}: {other:?}"),
        }
    }

    /// Letters may be joined, values may follow at once, repetition is allowed and the last one counts.
    #[test]
    fn options_are_taken_as_getopt_takes_them() {
        let args = serve("kea-dhcp4 -dX -c/etc/a.conf -c /etc/b.conf -p 6767 -P6868 -d -F -R");
        let expected = ServerArgs {
            config: "/etc/b.conf".into(),
            verbose: true,
            relaxed: true,
            ends_on_fatal: true,
            repairs: true,
            server_port: Some(6767),
            client_port: Some(6868),
        };
        assert_eq!(args, expected);
        let plain = ServerArgs { config: "k.conf".into(), ..ServerArgs::default() };
        assert_eq!(serve("kea-dhcp4 -c k.conf"), plain);
    }

    /// `-t` and `-T` check; whichever file is named last is the one, and `-T` goes further.
    #[test]
    fn checks_name_their_file() {
        for (line, file, is_full) in [
            ("kea-dhcp4 -t a", "a", false),
            ("kea-dhcp4 -T a", "a", true),
            ("kea-dhcp4 -t a -c b", "b", false),
            ("kea-dhcp4 -c a -t b", "b", false),
            ("kea-dhcp4 -T a -t b", "b", true),
        ] {
            let Ok(Invocation::Check { args, full, lint }) = run(line) else { panic!("{line}") };
            assert_eq!((args.config, full, lint), (file.into(), is_full, None), "{line}");
        }
    }

    /// `--lint` adds to a check and means nothing without one.
    #[test]
    fn a_check_may_lint() {
        for (line, how) in [
            ("kea-dhcp4 -t a --lint", Lint::Warn),
            ("kea-dhcp4 --lint=warn -T a", Lint::Warn),
            ("kea-dhcp4 --lint -t a --lint=deny", Lint::Deny),
        ] {
            let Ok(Invocation::Check { args, lint, .. }) = run(line) else { panic!("{line}") };
            assert_eq!((args.config, lint), ("a".into(), Some(how)), "{line}");
        }
        assert!(run("kea-dhcp4 -t a --lint=x").is_err());
        assert!(run("kea-dhcp4 -c a --lint").unwrap_err().0.starts_with("--lint goes with -t or -T."));
    }

    /// The version is Kea's, one line; the extended one names us; both win over what else is asked.
    #[test]
    fn versions_are_printed() {
        assert_eq!(run("kea-dhcp4 -v"), Ok(Invocation::Print("3.3.1".into())));
        assert_eq!(run("kea-dhcp4 -c x -v"), Ok(Invocation::Print("3.3.1".into())));
        let Ok(Invocation::Print(text)) = run("kea-dhcp4 -V") else { panic!() };
        let lines = "3.3.1 (Kotare 0.1.0)\npremium: no\nlinked with:\n- Kotare 0.1.0\nlease backends:\n- Memfile backend 3.0";
        assert_eq!(text, lines);
        let Ok(Invocation::Print(text)) = run("kea-dhcp4 -W") else { panic!() };
        assert!(text.contains("/var/lib/kea"), "{text}");
    }

    /// The report tells the directories that are used: those of the installation, or what a variable names.
    #[test]
    fn the_report_tells_the_directories_in_use() {
        let environment = Environment::from_iter([("KEA_LOG_FILE_DIR", "/srv/log")]);
        let environment = environment.with_program("/opt/kea/sbin/kea-dhcp4");
        let Ok(Invocation::Print(text)) = parse(&PROGRAM, &environment, ["kea-dhcp4", "-W"]) else {
            panic!()
        };
        for line in [
            "  Prefix:                  /opt/kea",
            "  KEA_DHCP_DATA_DIR:       /opt/kea/var/lib/kea",
            "  KEA_LOG_FILE_DIR:        /srv/log",
            "  KEA_PIDFILE_DIR:         /opt/kea/var/run/kea",
        ] {
            assert!(text.lines().any(|other| other == line), "{line:?} is missing in\n{text}");
        }
    }

    /// A daemon that is no DHCP server has neither leases nor ports.
    #[test]
    fn other_daemons_have_fewer_options() {
        let program = Program {
            name: "kea-ctrl-agent",
            title: "Control Agent",
            lease_backends: &[],
            may_fail: false,
            ..PROGRAM
        };
        let run = |line: &str| parse(&program, &Environment::default(), line.split(' '));
        let args = ServerArgs { config: "a".into(), verbose: true, ..ServerArgs::default() };
        assert_eq!(run("kea-ctrl-agent -d -c a"), Ok(Invocation::Serve(args.clone())));
        assert_eq!(run("kea-ctrl-agent -d -t a"), Ok(Invocation::Check { args, full: false, lint: None }));
        for option in ["-T a", "-p 1", "-P 1", "-F", "-R", "--lint"] {
            let error = run(&format!("kea-ctrl-agent -c a {option}")).unwrap_err().0;
            assert!(error.contains("Usage: kea-ctrl-agent -[v|V|W] [-d|X]"), "{error}");
        }
        let Ok(Invocation::Print(text)) = run("kea-ctrl-agent -V") else { panic!() };
        assert!(text.ends_with("linked with:\n- Kotare 0.1.0"), "{text}");
    }

    /// Kea's texts for what scripts get wrong, followed by the usage.
    #[test]
    fn errors_are_kea_s_words_and_the_usage() {
        let error = |line: &str| run(line).unwrap_err().0;
        for (line, first) in [
            ("kea-dhcp4", "Configuration file not specified."),
            ("kea-dhcp4 -d", "Configuration file not specified."),
            ("kea-dhcp4 -c x -p 0", "Failed to parse server port number: [0], 1-65535 allowed."),
            ("kea-dhcp4 -c x -p 65536", "Failed to parse server port number: [65536], 1-65535 allowed."),
            ("kea-dhcp4 -c x -p -1", "Failed to parse server port number: [-1], 1-65535 allowed."),
            ("kea-dhcp4 -c x -P abc", "Failed to parse client port number: [abc], 1-65535 allowed."),
            ("kea-dhcp4 -c x extra", "Kea DHCPv4 server, version 3.3.1 (Kotare 0.1.0)"),
            ("kea-dhcp4 -z", "Kea DHCPv4 server, version 3.3.1 (Kotare 0.1.0)"),
            ("kea-dhcp4 -h", "Kea DHCPv4 server, version 3.3.1 (Kotare 0.1.0)"),
            ("kea-dhcp4 --help", "Kea DHCPv4 server, version 3.3.1 (Kotare 0.1.0)"),
            ("kea-dhcp4 -c", "Kea DHCPv4 server, version 3.3.1 (Kotare 0.1.0)"),
        ] {
            let text = error(line);
            assert_eq!(text.lines().next(), Some(first), "{line}");
            assert!(text.contains("Usage: kea-dhcp4"), "{line}");
        }
    }
}
