//! A released Kea as the judge: what `-t` of the servers of Kea 2.2 accepts is accepted, what it refuses is refused, and the
//! place of the error is said.

mod v4;
mod v6;

use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_config::json::{Diagnostics, Value, parse};

/// What a server of Kea and ours make of parts of a configuration.
struct Judged {
    /// The server's program.
    server: &'static str,
    /// The map of its configuration, which the rows are the content of.
    map: &'static str,
    /// Both accept these.
    good: &'static [&'static str],
    /// Both refuse these.
    bad: &'static [&'static str],
    /// Ours refuses these.
    worse: &'static [&'static str],
    /// Our judgement.
    judge: fn(Value, &mut Diagnostics),
}

const SERVERS: [Judged; 2] = [v4::ROWS, v6::ROWS];

impl Judged {
    fn whole(&self, text: &str) -> String {
        format!("{{ \"{}\": {{ {text} }} }}", self.map)
    }

    /// The first error of this server's judgement, if there is one.
    fn ours(&self, text: &str) -> Option<String> {
        let mut diagnostics = Diagnostics::new();
        if let Some(root) = parse("c", self.whole(text).as_bytes(), &mut diagnostics) {
            (self.judge)(root, &mut diagnostics);
        }
        diagnostics.errors().next().map(ToString::to_string)
    }

    /// Kea's judgement of a configuration: what it says when it refuses.
    fn kea(&self, partners: &Path, dir: &Path, text: &str) -> Result<(), String> {
        let file = dir.join("kea.conf");
        std::fs::write(&file, self.whole(text)).expect("a file in the temporary directory");
        let output = Command::new(partners.join("usr/sbin").join(self.server))
            .arg("-t")
            .arg(&file)
            .env("LD_LIBRARY_PATH", partners.join("usr/lib/x86_64-linux-gnu"))
            .env("KEA_LOCKFILE_DIR", "none")
            .env("KEA_PIDFILE_DIR", dir)
            .output()
            .expect("kea-dhcp4 runs");
        let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        match output.status.success() {
            true => Ok(()),
            false => Err(said.lines().last().unwrap_or_default().to_owned()),
        }
    }
}

/// The tables say what our servers do, whether a Kea is there to compare or not; an error has a place.
#[test]
fn good_and_bad_are_told_apart() {
    for server in &SERVERS {
        for text in server.good {
            assert_eq!(server.ours(text), None, "{text}");
        }
        for text in server.bad.iter().chain(server.worse) {
            let error = server.ours(text).unwrap_or_else(|| panic!("nothing is wrong with {text}"));
            let place = error.strip_prefix("c:").and_then(|rest| rest.chars().next());
            assert!(place.is_some_and(|digit| digit.is_ascii_digit()), "{text}: {error}");
        }
    }
}

/// Kea 2.2 agrees with every row.
#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn kea_agrees() {
    let Some(partners) = std::env::var_os("KOTARE_PARTNERS").map(PathBuf::from) else {
        eprintln!("skipped: KOTARE_PARTNERS does not name a folder with usr/sbin/kea-dhcp4");
        return;
    };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut surprises = Vec::new();
    for server in &SERVERS {
        for (texts, expected) in [(server.good, true), (server.bad, false)] {
            for text in texts {
                let said = server.kea(&partners, dir.path(), text);
                if said.is_ok() != expected {
                    surprises.push(format!("{text}\n  {}", said.err().unwrap_or_default()));
                }
            }
        }
    }
    assert!(surprises.is_empty(), "Kea judges differently:\n{}", surprises.join("\n"));
}
