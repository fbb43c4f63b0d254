//! What stands in the files: introductions, lengths, left-over work, invisible characters.

use kotare_tests::tell;

use crate::Findings;
use crate::sources::{ending_in, rust};

/// A file longer than this is too much for one idea.
const MAX_LINES: usize = 800;
/// A file longer than this is told, so that somebody looks.
const MANY_LINES: usize = 400;
/// The only place of code the compiler cannot vouch for.
const RAW: &str = "lib/net/";

/// What a finished tree does not contain, in pieces so that this file does not contain it either.
const LEFT_OVER: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "do it, or open an issue"),
    (concat!("FIX", "ME"), "fix it, or open an issue"),
    (concat!("unimplemented", "!"), "implement it, or refuse the case with an error"),
    (concat!("to", "do!"), "write it"),
    (concat!("#[", "ignore"), "make the test run, or say at run time why it cannot and return"),
];

/// Every file says first what it is for.
#[test]
fn every_rust_file_begins_with_its_purpose() {
    let mut findings = Findings::default();
    for source in rust() {
        let first = source.text.lines().find(|line| !line.starts_with("#!["));
        let purpose = first.and_then(|line| line.strip_prefix("//! ")).unwrap_or_default();
        if purpose.trim().len() < 5 {
            findings.add(&source.path, "begin with a `//!` line that says what the file is for");
        }
    }
    findings.conclude("a reader learns from the first line what a file is for:");
}

/// Files stay small enough to be read from the top.
#[test]
fn files_stay_readable() {
    let mut findings = Findings::default();
    for source in rust() {
        let lines = source.text.lines().count();
        if lines > MAX_LINES {
            findings.add(
                &source.path,
                format_args!("{lines} lines; split it where a second idea begins (limit {MAX_LINES})"),
            );
        } else if lines > MANY_LINES {
            tell(&format!("{}: {lines} lines, more than {MANY_LINES}", source.path));
        }
    }
    findings.conclude("a file holds one idea:");
}

/// Only lib/net talks to the kernel in the raw.
#[test]
fn only_lib_net_steps_out_of_the_language() {
    let word = concat!("un", "safe");
    let mut findings = Findings::default();
    for source in rust().into_iter().filter(|source| !source.path.starts_with(RAW)) {
        for (place, line) in source.lines() {
            let code = line.split("//").next().unwrap_or_default();
            let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.clone().any(|other| other == word) || code.contains(concat!("allow(un", "safe_code")) {
                findings.add(place, format_args!("`{word}`; do without, or wrap it in {RAW}"));
            }
        }
    }
    findings.conclude(&format!("`{word}` is for {RAW} only:"));
}

/// Nothing is left for later without anybody knowing.
#[test]
fn nothing_is_left_half_done() {
    let mut findings = Findings::default();
    for source in ending_in(&[".rs", ".toml", ".md", ".conf", ".service", ".sh"]) {
        for (place, line) in source.lines() {
            for (left_over, advice) in LEFT_OVER {
                if line.contains(left_over) {
                    findings.add(&place, format_args!("`{left_over}`; {advice}"));
                }
            }
        }
    }
    findings.conclude("what is in the tree is finished:");
}

/// What is seen is what is there: no tabs, no blanks at the end of a line, no characters that hide.
#[test]
fn no_invisible_characters() {
    let mut findings = Findings::default();
    for source in ending_in(&[".rs", ".toml", ".md", ".conf", ".service", ".sh"]) {
        for (place, line) in source.lines() {
            if line.contains('\t') {
                findings.add(&place, "a tab; write blanks, or an escape");
            }
            if line.ends_with([' ', '\r']) {
                findings.add(&place, "ends in a blank; remove it");
            }
            if let Some(hidden) = line.chars().find(|&c| hides(c)) {
                findings.add(&place, format_args!("U+{:04X}; write it as an escape", u32::from(hidden)));
            }
        }
        if !source.text.is_empty() && !source.text.ends_with('\n') {
            findings.add(&source.path, "end the last line with a line feed");
        }
    }
    findings.conclude("text contains nothing that cannot be seen:");
}

/// Control characters, and those that turn or join text without being seen.
fn hides(c: char) -> bool {
    let seen = matches!(c, '\t' | '\r');
    !seen
        && (c.is_control()
            || matches!(c, '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'))
}
