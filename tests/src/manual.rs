//! The literal blocks of Kea's manual: configurations and commands that an operator copies.

use std::fs;
use std::path::{Path, PathBuf};

/// Names the folder with the manual's `.rst` files.
const MANUAL: &str = "KOTARE_KEA_MANUAL";

/// The chapters about what is built: the DHCPv4 server, classification, and hook libraries.
const CHAPTERS: &[&str] = &[
    "dhcp4-srv",
    "classify",
    "ctrl-channel",
    "lease-expiration",
    "stats",
    "congestion-handling",
    "config-templates",
    "hooks-lease-cmds",
    "hooks-host-cmds",
    "hooks-class-cmds",
    "hooks-subnet-cmds",
    "hooks-stat-cmds",
    "hooks-flex-id",
    "hooks-flex-option",
    "hooks-ping-check",
    "hooks-bootp",
    "hooks-ha",
    "hooks-run-script",
    "hooks-limits",
    "hooks-lease-query",
    "hooks-legal-log",
    "hooks-user-chk",
    "hooks-host-cache",
    "hooks-perfmon",
    "hooks-ddns-tuning",
    "ext-radius",
];

/// The chapters about the DHCPv6 server.
const CHAPTERS6: &[&str] = &["dhcp6-srv"];

/// The chapters about the server that updates the DNS.
const CHAPTERS_OF_DDNS: &[&str] = &["ddns", "ext-gss-tsig"];

/// A literal block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Where it begins: `dhcp4-srv.rst:120`.
    pub place: String,
    /// The chapter it is part of.
    pub chapter: String,
    /// Its lines without the indentation that they have in common, and without what is left out (`...`).
    pub text: String,
    /// Whether the manual leaves something out of it.
    pub is_shortened: bool,
}

/// The blocks of the manual's chapters. Without the manual, of one that tells some of it in our words.
///
/// # Panics
/// When a chapter cannot be read, or has hardly any block.
#[must_use]
pub fn blocks() -> Vec<Block> {
    of_chapters(CHAPTERS, "retold.rst", 300)
}

/// The same of the chapters about the DHCPv6 server.
///
/// # Panics
/// As [`blocks`].
#[must_use]
pub fn blocks6() -> Vec<Block> {
    of_chapters(CHAPTERS6, "retold6.rst", 100)
}

/// The same of the chapters about the server that updates the DNS.
///
/// # Panics
/// As [`blocks`].
#[must_use]
pub fn blocks_of_ddns() -> Vec<Block> {
    of_chapters(CHAPTERS_OF_DDNS, "retold_ddns.rst", 15)
}

/// The blocks of some chapters, more than `least`; without the manual, those of what is `retold`.
fn of_chapters(chapters: &[&str], retold: &str, least: usize) -> Vec<Block> {
    let retold = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/manual")).join(retold);
    let manual = std::env::var_os(MANUAL).map(PathBuf::from);
    let files: Vec<PathBuf> = match &manual {
        Some(folder) => chapters.iter().map(|chapter| folder.join(format!("{chapter}.rst"))).collect(),
        None => {
            crate::tell(&format!("{MANUAL} does not name the manual: its examples as they are retold here"));
            vec![retold]
        }
    };
    let mut blocks = Vec::new();
    for file in &files {
        let text =
            fs::read_to_string(file).unwrap_or_else(|error| panic!("read {}: {error}", file.display()));
        blocks.extend(of_chapter(file, &text));
    }
    let enough = if manual.is_some() { least } else { 2 };
    assert!(blocks.len() > enough, "only {} blocks are recognised in {files:?}", blocks.len());
    blocks
}

/// The blocks of one chapter that are JSON by their first character.
fn of_chapter(file: &Path, text: &str) -> Vec<Block> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let chapter = name.trim_end_matches(".rst");
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((_, line)) = lines.next() {
        let begins = line.ends_with("::") || line.trim_start().starts_with(".. code-block::");
        if !begins {
            continue;
        }
        let outer = indentation(line);
        let mut inside = Vec::new();
        let mut first = 0;
        while let Some((number, line)) =
            lines.next_if(|(_, line)| line.trim().is_empty() || indentation(line) > outer)
        {
            let is_directive = inside.is_empty() && line.trim_start().starts_with(':');
            if is_directive || inside.is_empty() && line.trim().is_empty() {
                continue;
            }
            if inside.is_empty() {
                first = number + 1;
            }
            inside.push(line);
        }
        let text = inside.join("\n");
        if !text.trim_start().starts_with(['{', '"', '#', '/', '[']) {
            continue;
        }
        let (text, is_shortened) = without_ellipses(&text);
        blocks.push(Block {
            place: format!("{name}:{first}"),
            chapter: chapter.to_owned(),
            text,
            is_shortened,
        });
    }
    blocks
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The text without the dots that stand for what is left out; whether there were any. Dots in strings and comments stay.
fn without_ellipses(text: &str) -> (String, bool) {
    let mut kept = String::new();
    let mut found = false;
    for line in text.lines() {
        let mut in_string = false;
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            if !in_string && (rest.starts_with('#') || rest.starts_with("//")) {
                kept.push_str(rest);
                break;
            }
            if !in_string && rest.starts_with("...") {
                found = true;
                rest = rest.trim_start_matches('.');
                continue;
            }
            in_string ^= c == '"';
            kept.push(c);
            rest = &rest[c.len_utf8()..];
        }
        kept.push('\n');
    }
    (kept, found)
}
