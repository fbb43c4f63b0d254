//! The tables of log messages, read as text: identifiers are what tools of operators look for.

use std::collections::HashMap;

use crate::Findings;
use crate::sources::{Source, rust};

/// The tables; other files only have examples of the macro.
fn tables() -> Vec<Source> {
    let mut sources = rust();
    sources.retain(|source| source.path.ends_with("/messages.rs"));
    assert!(!sources.is_empty(), "no messages.rs is found");
    sources
}

/// The identifier of a row `Severity "logger" IDENTIFIER(arguments) = …`.
fn identifier(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let severities = ["Debug(", "Info ", "Warn ", "Error ", "Fatal "];
    severities.iter().any(|severity| line.starts_with(severity)).then_some(())?;
    let (_, rest) = line.split_once("\" ")?;
    let (identifier, _) = rest.split_once('(')?;
    Some(identifier)
}

/// One identifier, one meaning: no two rows share it.
#[test]
fn identifiers_are_unique() {
    let mut findings = Findings::default();
    let sources = tables();
    let mut seen: HashMap<&str, String> = HashMap::new();
    for source in &sources {
        for (place, line) in source.lines() {
            let Some(identifier) = identifier(line) else { continue };
            if let Some(before) = seen.insert(identifier, place.to_string()) {
                findings.add(place, format_args!("{identifier} is declared at {before} already; keep one"));
            }
        }
    }
    assert!(seen.len() > 50, "only {} rows are recognised; has the form of the tables changed?", seen.len());
    findings.conclude("a log message identifier is declared once:");
}

/// A message that nothing logs is a promise not kept.
#[test]
fn every_message_is_logged_somewhere() {
    let mut findings = Findings::default();
    let sources = rust();
    let code: Vec<&Source> = sources.iter().filter(|source| !source.path.ends_with("/messages.rs")).collect();
    for source in tables() {
        for (place, line) in source.lines() {
            let Some(identifier) = identifier(line) else { continue };
            if !code.iter().any(|source| source.text.contains(identifier)) {
                findings.add(place, format_args!("nothing logs {identifier}; log it, or remove the row"));
            }
        }
    }
    findings.conclude("every message of a table is logged:");
}
