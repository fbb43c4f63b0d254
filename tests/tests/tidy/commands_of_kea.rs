//! Commands are an interface: what Kea's API files describe is here.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::PathBuf;

use kotare_control::{Access, OURS};
use kotare_tests::tell;
use serde_json::Value;

use crate::Findings;
use crate::catalogue::{Entry, entries};

/// Names the folder of the sources of a Kea.
const SOURCES: &str = "KOTARE_KEA_MESSAGES";
/// Where they describe the commands, a file each.
const API: &str = "src/share/api";

/// A library that the API files call otherwise than its file.
const CALLED: (&str, &str) = ("high_availability", "ha");

/// Arguments of Kea's examples that no Kea looks at.
const UNUSED: [(&str, &str); 1] = [("ha-sync-complete-notify", "max-period")];

/// Arguments of Kea's examples that stand for others.
const PLACEHOLDERS: [(&str, &str); 2] = [("'<server>'", "Dhcp4"), ("client-class", "client-classes")];

/// What a file says of a command.
struct Described {
    name: String,
    library: Option<String>,
    access: String,
    since: String,
    arguments: BTreeSet<String>,
}

/// Every command of Kea is there, with its arguments; no other pretends to be Kea's.
#[test]
fn commands_are_those_that_kea_describes() {
    let Some(sources) = env::var_os(SOURCES).map(PathBuf::from) else {
        return tell(&format!("skipped: {SOURCES} does not name the folder of Kea's sources"));
    };
    let described = described(&sources.join(API));
    assert!(described.len() > 200, "only {} commands are described", described.len());
    let ours: BTreeMap<_, _> = entries().into_iter().map(|entry| (entry.facts.name, entry)).collect();
    let mut findings = Findings::default();
    for command in &described {
        match ours.get(&*command.name) {
            None => findings.add(&command.name, "Kea has it, no table does"),
            Some(entry) => {
                differences(command, entry).into_iter().for_each(|it| findings.add(&command.name, it))
            }
        }
    }
    let known: BTreeSet<_> = described.iter().map(|command| &*command.name).collect();
    for entry in ours.values() {
        if !known.contains(entry.facts.name) && entry.facts.since != OURS {
            findings.add(entry.facts.name, format_args!("Kea has none; it is since {OURS:?}"));
        }
    }
    findings.conclude("commands are as Kea describes them:");
}

/// What a row does not say as Kea's file does.
fn differences(command: &Described, entry: &Entry) -> Vec<String> {
    let facts = &entry.facts;
    let mut found = Vec::new();
    let library = command.library.as_deref();
    if entry.library != library {
        found.push(format!("is of {library:?}, not of {:?}", entry.library));
    }
    let access = match facts.access {
        Access::Read => "read",
        Access::Write => "write",
    };
    if access != command.access {
        found.push(format!("its access is {}", command.access));
    }
    if facts.since != command.since {
        found.push(format!("is since {}, not {}", command.since, facts.since));
    }
    let declared: BTreeSet<_> = entry.arguments.iter().map(|taken| taken.argument.name).collect();
    let is_unused = |name: &String| UNUSED.contains(&(&command.name, name));
    let arguments = command.arguments.iter().filter(|name| !is_unused(name));
    for argument in arguments.filter(|name| !declared.contains(&***name)) {
        found.push(format!("has an argument \"{argument}\""));
    }
    found
}

/// What the files of a folder describe.
fn described(folder: &std::path::Path) -> Vec<Described> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.sort();
    let files = paths.iter().filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".json") && !name.starts_with('_')
    });
    files
        .map(|path| {
            let text = fs::read_to_string(path).expect("a file of the API can be read");
            let file: Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let text = |key: &str| file[key].as_str().map(str::to_owned);
            let lines = |key: &str| -> String {
                file[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
            };
            Described {
                name: text("name").expect("a command has a name"),
                library: text("hook").map(|name| if name == CALLED.0 { CALLED.1.to_owned() } else { name }),
                access: text("access").expect("a command has an access"),
                since: text("avail").expect("a command has a version"),
                arguments: arguments(&lines("cmd-syntax")),
            }
        })
        .collect()
}

/// The keys of the map `arguments` in an example, which need not be JSON.
fn arguments(example: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Some((_, rest)) = example.split_once("\"arguments\"") else { return found };
    let (mut depth, mut quoted, mut word) = (0, false, String::new());
    for character in rest.chars() {
        match character {
            '"' => {
                quoted = !quoted;
                if quoted {
                    word.clear();
                }
            }
            character if quoted => word.push(character),
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ':' if depth == 1 && !word.is_empty() => {
                let real = PLACEHOLDERS.iter().find(|(placeholder, _)| *placeholder == word);
                found.insert(real.map_or_else(|| std::mem::take(&mut word), |(_, name)| (*name).to_owned()));
            }
            _ => {}
        }
    }
    found
}

/// The examples are read whether or not they are JSON.
#[test]
fn arguments_are_found_in_examples() {
    let found =
        arguments(r#"{"command": "x", "arguments": {"a": <one of 'b'>, "c": [{"d": 1}], "e": {"f": "g"}}}"#);
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "c", "e"]);
    assert!(arguments(r#"{"command": "x"}"#).is_empty());
}
