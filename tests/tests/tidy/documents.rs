//! What the documents say of the tree: the map of crates, files and names that a reader goes on to look for, and tests.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use crate::Findings;
use crate::layers::{folder, layer, packages};
use crate::sources::{Source, ending_in, rust, top};

/// The map of the source tree.
const MAP: &str = "ARCHITECTURE.md";

fn map() -> Source {
    let text = fs::read_to_string(top().join(MAP)).expect("the map can be read");
    Source { path: MAP.to_owned(), text }
}

/// The words of a line between backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Every package is on the map, in the layer that its manifest says, and the map shows no other.
#[test]
fn the_map_shows_every_package_in_its_layer() {
    let mut findings = Findings::default();
    let mut shown: BTreeMap<String, (String, u64)> = BTreeMap::new();
    let source = map();
    for (place, line) in source.lines() {
        let Some((first, rest)) = line.strip_prefix("| ").and_then(|row| row.split_once(" | ")) else {
            continue;
        };
        let (Ok(layer), Some((crates, _))) = (first.parse(), rest.split_once(" | ")) else { continue };
        for name in quoted(crates) {
            shown.insert(name.trim_end_matches('/').to_owned(), (place.to_string(), layer));
        }
    }
    for package in &packages() {
        let folder = folder(package);
        match shown.remove(&folder) {
            None => findings.add(MAP, format_args!("`{folder}` is not on the map; add what it is")),
            Some((place, said)) if layer(package).is_some_and(|layer| layer != said) => {
                findings
                    .add(place, format_args!("`{folder}` is not of layer {said}; its manifest says another"));
            }
            Some(_) => {}
        }
    }
    for (folder, (place, _)) in shown {
        findings.add(place, format_args!("no package is in `{folder}`; remove it"));
    }
    findings.conclude("the map of ARCHITECTURE.md is that of the tree:");
}

/// Folders and files that the map names are there.
#[test]
fn files_that_the_map_names_are_there() {
    let mut findings = Findings::default();
    let source = map();
    for (place, line) in source.lines() {
        for name in quoted(line) {
            if name.contains('/') && !name.contains(' ') && !top().join(name).exists() {
                findings.add(&place, format_args!("`{name}` is not there; say where it is now"));
            }
        }
    }
    findings.conclude("a reader finds the files that ARCHITECTURE.md names:");
}

/// Types and functions that the map names exist, and are still called that.
#[test]
fn names_that_the_map_mentions_exist() {
    let mut findings = Findings::default();
    let sources = rust();
    let words: HashSet<&str> = sources
        .iter()
        .flat_map(|source| source.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .collect();
    let source = map();
    for (place, line) in source.lines() {
        for name in quoted(line).filter(|name| is_of_the_code(name)) {
            for part in name.split("::").filter(|part| !words.contains(part)) {
                findings.add(
                    &place,
                    format_args!("`{name}`: nothing is called {part}; say what it is called now"),
                );
            }
        }
    }
    findings.conclude("ARCHITECTURE.md calls things what the code calls them:");
}

/// Whether a word is the name of a type, or the path of something: `Generation`, `v4::Server::intake`.
fn is_of_the_code(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    plain && (name.contains("::") || name.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// What proves a section of the manual is there: the tests that the tables name, by file and by function.
#[test]
fn tests_that_prove_a_section_are_there() {
    let mut findings = Findings::default();
    let sources = rust();
    let functions: HashSet<&str> =
        sources.iter().flat_map(|source| source.text.split("fn ").skip(1)).filter_map(function).collect();
    for source in ending_in(&["kea-compatibility.md"]) {
        for (place, line) in source.lines() {
            for name in quoted(line) {
                let is_there = if name.ends_with(".rs") {
                    let end = format!("/{name}");
                    sources.iter().any(|it| it.path == name || it.path.ends_with(&end))
                } else if ["lib/", "tests/", "lfc/"].iter().any(|folder| name.starts_with(folder)) {
                    top().join(name).exists()
                } else if name.matches('_').count() > 1 && function(name) == Some(name) {
                    functions.contains(name)
                } else {
                    true
                };
                if !is_there {
                    findings.add(&place, format_args!("`{name}` is not there; say what proves it now"));
                }
            }
        }
    }
    findings.conclude("a reader finds the tests that docs/kea-compatibility.md names:");
}

/// The name that a text begins with, if it is one of a function.
fn function(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
    Some(&text[..end.unwrap_or(text.len())]).filter(|name| !name.is_empty())
}

/// Links between the documents lead somewhere.
#[test]
fn links_lead_to_files() {
    let mut findings = Findings::default();
    let mut links = 0;
    for source in ending_in(&[".md"]) {
        let folder = top().join(&source.path).parent().map(Path::to_owned).unwrap_or_default();
        for (place, line) in source.lines() {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            for target in targets.filter(|target| !target.contains("://")) {
                links += 1;
                let file = target.split('#').next().unwrap_or_default();
                if !file.is_empty() && !folder.join(file).exists() {
                    findings.add(&place, format_args!("the link leads to {file}, which is not there"));
                }
            }
        }
    }
    assert!(links > 0, "no links are recognised");
    findings.conclude("a link between documents leads to a file:");
}
