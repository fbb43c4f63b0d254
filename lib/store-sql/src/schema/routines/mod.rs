//! Procedures and functions that MySQL and PostgreSQL keep, and the triggers of the configuration's tables.
//!
//! The texts are in files beside this one, of each engine its own: what writers of the configuration call
//! (`configuration`), what is called of leases (`leases`), free addresses that servers share (`free`), and what
//! PostgreSQL keeps values of a session with (`session`). Statements are divided by lines of hyphens; in those of the
//! configuration `#` stands for the protocol, and what is between `{6:` and `}` is of DHCPv6.

mod triggers;

use super::plan::Step;
use crate::engine::Engine;

/// What a file of texts is of.
struct File {
    what: &'static str,
    text: &'static str,
}

const MYSQL: &[File] = &[
    File { what: "the configuration", text: include_str!("configuration.mysql.sql") },
    File { what: "leases", text: include_str!("leases.mysql.sql") },
    File { what: "free addresses", text: include_str!("free.mysql.sql") },
];

const POSTGRES: &[File] = &[
    File { what: "sessions", text: include_str!("session.postgres.sql") },
    File { what: "the configuration", text: include_str!("configuration.postgres.sql") },
    File { what: "leases", text: include_str!("leases.postgres.sql") },
    File { what: "free addresses", text: include_str!("free.postgres.sql") },
];

/// Makes all of them, in place of those that may be there.
pub(super) fn steps(engine: Engine) -> Vec<Step> {
    let files = match engine {
        Engine::MySql => MYSQL,
        Engine::Postgres => POSTGRES,
        Engine::Sqlite => &[],
    };
    let routines = files.iter().map(|file| {
        let routines =
            file.text.split("\n----\n").filter(|text| text.contains("CREATE ")).flat_map(of_protocols);
        let statements = routines.flat_map(|routine| [gone(&routine, engine), routine]).collect();
        Step::new(format!("procedures of {}", file.what), statements)
    });
    let mut steps: Vec<Step> = routines.collect();
    steps.extend(
        ["4", "6"].map(|protocol| {
            Step::new(format!("triggers of DHCPv{protocol}"), triggers::all(engine, protocol))
        }),
    );
    steps
}

/// A text for each protocol; one that does not name it is there once.
fn of_protocols(text: &str) -> Vec<String> {
    match text.contains("DHCP#") || text.contains("DHCPv#") || text.contains("dhcp#") {
        true => ["4", "6"].map(|protocol| of_protocol(text, protocol)).to_vec(),
        false => vec![text.to_owned()],
    }
}

/// A text as it is of a protocol.
fn of_protocol(text: &str, protocol: &str) -> String {
    let mut of = String::new();
    for (at, part) in text.split("{6:").enumerate() {
        match part.split_once('}') {
            Some((inner, rest)) if at > 0 => {
                if protocol == "6" {
                    of.push_str(inner);
                }
                of.push_str(rest);
            }
            _ => of.push_str(part),
        }
    }
    of.replace('#', protocol)
}

/// What takes a routine of that name away. PostgreSQL tells those apart that have other arguments, as some had in earlier
/// versions: of several that are made here with one name, the first takes all away.
fn gone(routine: &str, engine: Engine) -> String {
    let mut words =
        routine.lines().skip_while(|line| !line.starts_with("CREATE ")).flat_map(str::split_whitespace);
    let (kind, name) = (words.nth(1).unwrap_or_default(), words.next().unwrap_or_default());
    match engine {
        Engine::MySql | Engine::Sqlite => format!("DROP {kind} IF EXISTS {name}"),
        Engine::Postgres if routine.contains("value BIGINT") || routine.contains("value BOOLEAN") => {
            "SELECT 1".to_owned()
        }
        Engine::Postgres => format!(
            "DO $$ DECLARE it REGPROCEDURE; BEGIN FOR it IN SELECT p.oid FROM pg_proc p \
             WHERE p.proname = '{}' AND p.pronamespace = current_schema()::TEXT::REGNAMESPACE \
             LOOP EXECUTE 'DROP FUNCTION ' || it || ' CASCADE'; END LOOP; END $$",
            name.to_lowercase()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_of_either_protocol() {
        let text = "dhcp# (a,{6: b,} c)";
        assert_eq!(of_protocol(text, "4"), "dhcp4 (a, c)");
        assert_eq!(of_protocol(text, "6"), "dhcp6 (a, b, c)");
        assert_eq!(of_protocols("lease4 '&#x2c'"), ["lease4 '&#x2c'"]);
    }

    /// Nothing is left of what stands for something else, and a name is said before it is made.
    #[test]
    fn every_text_is_whole() {
        for engine in [Engine::MySql, Engine::Postgres, Engine::Sqlite] {
            for step in steps(engine) {
                for statement in step.statements() {
                    assert!(!statement.contains("{6:") && !statement.contains("dhcp#"), "{statement}");
                    assert!(!statement.contains("IF EXISTS  "), "{statement}");
                }
            }
        }
    }
}
