//! Log lines are an interface: what Kea says at a severity, in a logger, in a sentence, is said the same way here.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use kotare_tests::tell;

use crate::Findings;
use crate::message_tables::{Row, rows};
use crate::sources::top;

/// What messages are called that Kea does not have.
const OURS: &str = "KOTARE_";
/// The page that names those.
const PAGE: &str = "docs/differences.md";
/// Names the folder of the sources of a Kea, whose catalogues the list is compared with.
const SOURCES: &str = "KOTARE_KEA_MESSAGES";
/// Where they list all messages.
const MANUAL: &str = "doc/sphinx/kea-messages.rst";
/// What Kea says at INFO for every packet, besides what became of it: here at a debug level, as the page says.
const QUIETER: [&str; 6] = [
    "DHCP4_PACKET_RECEIVED",
    "DHCP4_PACKET_SEND",
    "DHCP4_QUERY_LABEL",
    "DHCP6_PACKET_RECEIVED",
    "DHCP6_PACKET_SEND",
    "DHCP6_QUERY_LABEL",
];

/// Whose arguments are threads of Kea's: here a message that waits is no thread's.
const WITHOUT_THREADS: [&str; 3] =
    ["DHCP4_PACKET_DROP_0011", "DHCP4_PACKET_DROP_0012", "DHCP6_PACKET_DROP_DUPLICATE"];

/// What the messages of the control agent begin with, which Kea has no more.
const OF_KEA_3_0: &str = "CTRL_AGENT_";

/// A message of Kea, as a line of the list has it.
struct Known {
    severity: &'static str,
    logger: &'static str,
    said: Said,
}

/// What is said.
enum Said {
    /// This format.
    Format(&'static str),
    /// Something with so many arguments; the words are ours.
    Arguments(usize),
}

/// The list, by identifier.
fn known() -> BTreeMap<&'static str, Known> {
    let lines = include_str!("kea-messages.list").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| entry(line).unwrap_or_else(|| panic!("not a line of the list: {line}"))).collect()
}

fn entry(line: &'static str) -> Option<(&'static str, Known)> {
    let mut words = line.splitn(4, ' ');
    let (severity, logger, id, text) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let count = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).map(str::parse);
    let said = match count {
        Some(Ok(count)) => Said::Arguments(count),
        _ => Said::Format(text),
    };
    Some((id, Known { severity, logger, said }))
}

/// What a row of ours does not do as Kea does.
fn differences(row: &Row, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    if row.logger != known.logger {
        found.push(format!("Kea's logger is \"{}\"", known.logger));
    }
    if row.severity != known.severity && !(QUIETER.contains(&&*row.id) && row.severity.starts_with("Debug")) {
        found.push(format!("Kea's severity is {}", known.severity));
    }
    match known.said {
        Said::Format(format) if row.format != format => {
            found.push(format!("Kea says \"{format}\", the row \"{}\"", row.format));
        }
        Said::Arguments(count) if row.args != count && !WITHOUT_THREADS.contains(&&*row.id) => {
            found.push(format!("Kea gives {count} arguments, the row {}", row.args));
        }
        _ => {}
    }
    found
}

/// Every row is Kea's to the letter, or of a name that nobody looks for in Kea's manual.
#[test]
fn messages_are_keas_or_of_a_name_of_their_own() {
    let mut findings = Findings::default();
    let known = known();
    for row in rows() {
        match known.get(&*row.id) {
            Some(known) => {
                for difference in differences(row, known) {
                    findings.add(&row.place, format_args!("{}: {difference}", row.id));
                }
            }
            None if row.id.starts_with(OURS) => {}
            None => findings.add(
                &row.place,
                format_args!(
                    "{} is not in kea-messages.list; add Kea's line of it there, or begin its name with {OURS}",
                    row.id
                ),
            ),
        }
    }
    findings.conclude("a log message that Kea has is Kea's:");
}

/// Who writes alerts learns of the names that Kea does not have.
#[test]
fn names_of_our_own_are_documented() {
    let page = fs::read_to_string(top().join(PAGE)).expect("the page of differences can be read");
    let words = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let named: BTreeSet<_> = words.filter(|word| word.starts_with(OURS) && word.len() > OURS.len()).collect();
    let logged: BTreeSet<_> = rows().iter().map(|row| &*row.id).filter(|id| id.starts_with(OURS)).collect();
    assert_eq!(named, logged, "{PAGE} names the log messages that Kea does not have, and no others");
}

/// The list is what Kea's catalogues have, where they are at hand.
#[test]
fn the_list_is_what_the_catalogues_have() {
    let Some(sources) = env::var_os(SOURCES).map(PathBuf::from) else {
        return tell(&format!("skipped: {SOURCES} does not name the folder of Kea's sources"));
    };
    let mut catalogues = BTreeMap::new();
    read_catalogues(&sources, &mut catalogues);
    read_manual(&sources.join(MANUAL), &mut catalogues);
    assert!(!catalogues.is_empty(), "no catalogue (*.mes) is below {}", sources.display());
    let mut findings = Findings::default();
    for (id, known) in known() {
        match (catalogues.get(id), known.said) {
            (None, _) if id.starts_with(OF_KEA_3_0) => {}
            (None, _) => findings.add(id, "is in no catalogue"),
            (Some(there), Said::Format(here)) if there != here => {
                findings.add(id, format_args!("\"{there}\" in the catalogue, \"{here}\" in the list"));
            }
            (Some(there), Said::Arguments(count)) if arguments(there) != count => {
                findings.add(id, format_args!("\"{there}\" has not {count} arguments"));
            }
            _ => {}
        }
    }
    findings.conclude("the list of Kea's messages is true:");
}

/// Reads the first line of each message of all catalogues below a folder.
fn read_catalogues(folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources can be listed") {
        let path = entry.expect("and its entries").path();
        if path.is_dir() {
            read_catalogues(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "mes") {
            let text = fs::read_to_string(&path).expect("a catalogue can be read");
            let messages = text.lines().filter_map(|line| line.strip_prefix('%'));
            let messages = messages.filter_map(|line| line.trim().split_once(char::is_whitespace));
            into.extend(messages.map(|(id, text)| (id.to_owned(), text.trim().to_owned())));
        }
    }
}

/// Reads what the manual of messages has beyond the catalogues: those of libraries whose sources are not published.
fn read_manual(page: &Path, into: &mut BTreeMap<String, String>) {
    let text = fs::read_to_string(page).expect("the manual of messages can be read");
    let lines: Vec<_> = text.lines().collect();
    for (at, pair) in lines.windows(2).enumerate() {
        let is_heading =
            !pair[0].is_empty() && pair[1].len() == pair[0].len() && pair[1].chars().all(|c| c == '=');
        let format = lines[at..].iter().take(6).find_map(|line| line.strip_prefix("    "));
        if let Some(format) = format.filter(|_| is_heading) {
            into.entry(pair[0].to_owned()).or_insert_with(|| format.trim().to_owned());
        }
    }
}

/// How many arguments a format has.
fn arguments(format: &str) -> usize {
    (1..=9).rev().find(|number| format.contains(&format!("%{number}"))).unwrap_or(0)
}
