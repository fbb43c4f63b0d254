//! What a command line asks for.

use std::path::PathBuf;

use clap::{CommandFactory, Parser};
use kotare_command_line::lfc::Letters;
use kotare_command_line::options;
use kotare_daemon::args::{KEA_VERSION, full_version, reason};
use kotare_store_memfile::LfcFiles;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invocation {
    /// Clean up.
    Clean {
        /// Which protocol's files.
        family: Family,
        /// The files.
        files: LfcFiles,
        /// `-d`: say on standard output what is done.
        verbose: bool,
    },
    /// Print this to standard output and exit with success.
    Print(String),
}

/// Whose leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

/// How it is called.
fn usage() -> String {
    let command = Letters::command();
    format!("Usage: kea-lfc [-4|-6] -p file -x file -i file -o file -f file -c file\n{}", options(&command))
}

/// Reads a command line, which begins with the program's own name. On an error: what to tell, usage included.
pub(crate) fn parse(words: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Invocation, String> {
    let wrong = |text: &str| format!("Usage error: {text}\n{}", usage());
    let letters = Letters::try_parse_from(words).map_err(|error| wrong(&reason(&error)))?;
    if letters.help {
        return Ok(Invocation::Print(usage()));
    }
    if letters.version {
        return Ok(Invocation::Print(format!("{KEA_VERSION}\n")));
    }
    let extended = full_version() + "\n";
    if letters.extended {
        let backend = match (letters.v4, letters.v6) {
            (true, _) => "backend: Memfile backend 3.0\n",
            (false, true) => "backend: Memfile backend 5.0\n",
            (false, false) => "",
        };
        return Ok(Invocation::Print(format!("{extended}{backend}")));
    }
    if letters.report {
        let (arch, system) = (std::env::consts::ARCH, std::env::consts::OS);
        return Ok(Invocation::Print(format!(
            "Package:\n  Name:                    kotare\n  Version:                 {}\n  \
             Compatible with Kea:     {KEA_VERSION}\n  Architecture:            {arch}-{system}\n",
            env!("CARGO_PKG_VERSION")
        )));
    }
    let family = match (letters.v4, letters.v6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        (false, false) => return Err(wrong("DHCP version required: -4 or -6")),
    };
    let file = |path: Option<PathBuf>, what: &str| {
        path.filter(|path| !path.as_os_str().is_empty())
            .ok_or_else(|| wrong(&format!("{what} not specified")))
    };
    let files = LfcFiles {
        pid: file(letters.pid, "PID file (-p)")?,
        previous: file(letters.previous, "Previous file (-x)")?,
        copy: file(letters.copy, "Copy file (-i)")?,
        output: file(letters.output, "Output file (-o)")?,
        finish: file(letters.finish, "Finish file (-f)")?,
    };
    file(letters.config, "Config file (-c)")?;
    Ok(Invocation::Clean { family, files, verbose: letters.verbose })
}

#[cfg(test)]
mod tests {
    use kotare_model::{Lease4, Lease6};

    use super::*;

    fn run(line: &str) -> Result<Invocation, String> {
        parse(line.split(' ').map(Into::into))
    }

    /// What a server gives is what is understood, and letters may be joined and repeated.
    #[test]
    fn the_arguments_of_servers_are_understood() {
        let files = LfcFiles::of("/var/lib/kea/kea-leases4.csv".as_ref());
        let words = std::iter::once("kea-lfc".into()).chain(files.arguments::<Lease4>());
        assert_eq!(
            parse(words),
            Ok(Invocation::Clean { family: Family::V4, files: files.clone(), verbose: false })
        );
        let words = std::iter::once("kea-lfc".into()).chain(files.arguments::<Lease6>());
        assert_eq!(parse(words), Ok(Invocation::Clean { family: Family::V6, files, verbose: false }));
        let invocation = run("kea-lfc -64d -pa -x b -ic -o d -f old -f e -cx");
        let files = LfcFiles {
            previous: "b".into(),
            copy: "c".into(),
            output: "d".into(),
            finish: "e".into(),
            pid: "a".into(),
        };
        assert_eq!(invocation, Ok(Invocation::Clean { family: Family::V4, files, verbose: true }));
    }

    /// What is missing or too much is named, with the usage.
    #[test]
    fn what_is_missing_is_named() {
        for (line, reason) in [
            ("kea-lfc", "DHCP version required"),
            ("kea-lfc -4 -x b -i c -o d -f e -c x", "PID file (-p) not specified"),
            ("kea-lfc -4 -p a -i c -o d -f e -c x", "Previous file (-x) not specified"),
            ("kea-lfc -6 -p a -x b -o d -f e -c x", "Copy file (-i) not specified"),
            ("kea-lfc -4 -p a -x b -i c -f e -c x", "Output file (-o) not specified"),
            ("kea-lfc -4 -p a -x b -i c -o d -c x", "Finish file (-f) not specified"),
            ("kea-lfc -4 -p a -x b -i c -o d -f e", "Config file (-c) not specified"),
            ("kea-lfc -4 -p a -x b -i c -o d -f e -c x more", "unexpected argument 'more' found"),
            ("kea-lfc -4 -z", "unexpected argument '-z' found"),
            ("kea-lfc -4 -p", "a value is required for '-p"),
        ] {
            let error = run(line).unwrap_err();
            assert!(error.starts_with("Usage error: ") && error.contains(reason), "{line}: {error}");
            assert!(error.ends_with(&usage()));
        }
    }

    /// Versions are Kea's, and ours when asked for more.
    #[test]
    fn versions_are_printed() {
        let print = |line| match run(line) {
            Ok(Invocation::Print(text)) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(print("kea-lfc -v"), "3.3.1\n");
        assert!(print("kea-lfc -4V").starts_with("3.3.1 (Kotare 0."));
        assert!(print("kea-lfc -4V").ends_with("\nbackend: Memfile backend 3.0\n"));
        assert!(print("kea-lfc -6V").ends_with("\nbackend: Memfile backend 5.0\n"));
        assert!(print("kea-lfc -W").contains("Compatible with Kea"));
        assert_eq!(print("kea-lfc -h"), usage());
    }
}
