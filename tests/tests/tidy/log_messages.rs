//! The tables of log messages: identifiers are what tools of operators look for.

use std::collections::HashMap;

use crate::Findings;
use crate::message_tables::rows;
use crate::sources::{Source, rust};

/// One identifier, one meaning: no two rows share it.
#[test]
fn identifiers_are_unique() {
    let mut findings = Findings::default();
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for row in rows() {
        if let Some(before) = seen.insert(&row.id, &row.place) {
            findings.add(&row.place, format_args!("{} is declared at {before} already; keep one", row.id));
        }
    }
    findings.conclude("a log message identifier is declared once:");
}

/// A message that nothing logs is a promise not kept.
#[test]
fn every_message_is_logged_somewhere() {
    let mut findings = Findings::default();
    let sources = rust();
    let code: Vec<&Source> = sources.iter().filter(|source| !source.path.ends_with("/messages.rs")).collect();
    for row in rows() {
        if !code.iter().any(|source| source.text.contains(&row.id)) {
            findings.add(&row.place, format_args!("nothing logs {}; log it, or remove the row", row.id));
        }
    }
    findings.conclude("every message of a table is logged:");
}
