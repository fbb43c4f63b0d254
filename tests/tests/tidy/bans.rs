//! What few places may do: ask the system for time, chance or the environment, and name what makes a family.

use std::fs;

use crate::Findings;
use crate::sources::{Source, rust, top};

/// Who may step over the bans of `clippy.toml`, and why. What does not serve anybody may measure: tests, chores,
/// examples.
const EXEMPT: &[(&str, &str)] = &[
    ("lib/daemon/src/clock.rs", "the daemon's clock"),
    ("lib/daemon/src/chance.rs", "the daemon's seed"),
    ("lib/net/src/poller.rs", "the moment of looking out for a packet before sleeping"),
];

/// Where nothing is served.
const UNSERVING: &[&str] = &["tests/", "xtask/", "fuzz/"];

/// What `clippy.toml` must go on banning.
const BANNED: &[&str] = &[
    "std::time::SystemTime::now",
    "std::time::SystemTime::elapsed",
    "std::time::Instant::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "std::thread::sleep",
    "std::hash::RandomState::new",
    "rustix::rand::getrandom",
];

/// What clippy does not see, and what to do instead.
const WORDS: &[(&str, &str)] = &[
    ("thread_rng", "take a `Chance` as argument"),
    ("fastrand", "take a `Chance` as argument"),
    ("OsRng", "take a seed as argument"),
    ("/dev/random", "take a seed as argument"),
    ("/dev/urandom", "take a seed as argument"),
    ("DefaultHasher", "hash with a seed that is an argument"),
    ("DefaultHashBuilder", "hash with a seed that is an argument"),
];

/// How statements ask a database what time it is.
const CLOCKS: &[&str] = &[
    "now()",
    "current_timestamp",
    "localtime",
    "clock_timestamp",
    "unix_timestamp()",
    "sysdate",
    "utc_timestamp",
    "curdate",
    "curtime",
    "'now'",
];

/// Where they may: what databases write into rows of the configuration by themselves is for those who look at it. Servers go
/// by numbers there, and elsewhere by their own clocks.
const DATABASE_CLOCKS: &[&str] = &[
    "lib/store-sql/src/schema/",
    "lib/store-sql/src/objects/",
    // When a queue that several servers share was used last: one clock for all of them.
    "lib/store-sql/src/leases/shared.rs",
];

/// What reads the environment, and the one place that does.
const ENVIRONMENT: (&str, &str) = ("env::var", "lib/daemon/src/environment.rs");

/// Where the parts of a family are put together; a decision takes values, not a family.
const FAMILY: &[&str] = &["lib/server/", "dhcp4d/", "dhcp6d/", "lfc/"];

/// The sources of what serves somebody.
fn serving() -> Vec<Source> {
    let mut sources = rust();
    sources.retain(|source| {
        let elsewhere = source.path.contains("/examples/") || source.path.contains("/tests/");
        !elsewhere && !UNSERVING.iter().any(|folder| source.path.starts_with(folder))
    });
    sources
}

/// Time and chance are arguments, so that a test can choose them: clippy enforces it, and nobody steps over it but
/// those who own the clock and the seed.
#[test]
fn time_and_chance_are_arguments() {
    let mut findings = Findings::default();
    let bans = fs::read_to_string(top().join("clippy.toml")).expect("clippy.toml can be read");
    for method in BANNED.iter().filter(|method| !bans.contains(&format!("path = \"{method}\""))) {
        findings.add("clippy.toml", format_args!("does not ban `{method}` any more"));
    }
    let lint = concat!("clippy::disallowed_", "methods");
    for source in serving() {
        let is_exempt = EXEMPT.iter().any(|(path, _)| source.path == *path);
        for (place, line) in source.lines() {
            if line.contains(lint) && !is_exempt {
                findings.add(&place, format_args!("steps over `{lint}`; take what is needed as an argument"));
            }
            if line.contains(ENVIRONMENT.0) && source.path != ENVIRONMENT.1 {
                findings.add(&place, "reads the environment; take the daemon's `Environment` as argument");
            }
            for (word, advice) in WORDS.iter().filter(|(word, _)| line.contains(word)) {
                findings.add(&place, format_args!("`{word}`; {advice}"));
            }
        }
    }
    for (path, reason) in EXEMPT {
        let text = fs::read_to_string(top().join(path)).unwrap_or_default();
        if !text.contains(lint) {
            findings
                .add(path, format_args!("needs no exemption for {reason} any more; take it off the list"));
        }
    }
    findings.conclude("only the owners of clock, chance and environment ask the system:");
}

/// The trait that makes a server of one family is composition: what decides about packets never names it.
#[test]
fn families_are_named_where_servers_are_composed() {
    let name = concat!("Fam", "ily");
    let mut findings = Findings::default();
    for source in serving() {
        if FAMILY.iter().any(|folder| source.path.starts_with(folder)) {
            continue;
        }
        for (place, line) in source.lines() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.any(|word| word == name) {
                findings.add(place, format_args!("`{name}`; take the values that are needed instead"));
            }
        }
    }
    findings.conclude(&format!("`{name}` is named in lib/server and in programs only:"));
}

/// No lease, reservation or line of the log depends on the clock of a database.
#[test]
fn databases_are_not_asked_for_the_time() {
    let mut findings = Findings::default();
    let mut seen = false;
    for source in serving() {
        let may = DATABASE_CLOCKS.iter().any(|folder| source.path.starts_with(folder));
        for (place, line) in source.lines() {
            let line = line.to_lowercase();
            let asks = line.contains('"') && CLOCKS.iter().any(|clock| line.contains(clock));
            seen |= asks && may;
            if asks && !may {
                findings.add(&place, "asks a database what time it is; take the time as argument");
            }
        }
    }
    assert!(seen, "the rule does not see what is allowed any more");
    findings.conclude("statements take the time from the server:");
}
