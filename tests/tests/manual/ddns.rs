//! The configurations of the server that updates the DNS that the manual shows, with those of GSS-TSIG.

use kotare_config::ddns::ConfigDdns;
use kotare_config::json::{Diagnostics, Value};
use kotare_config::{Candidate, Document};
use kotare_dhcp_ddns::FILE;
use kotare_tests::manual::{Block, blocks_of_ddns};
use kotare_tests::tell;

use crate::read;

/// What is wrong with a configuration, line by line.
fn errors(root: Value) -> Vec<String> {
    let judged: Result<Candidate<ConfigDdns>, Diagnostics> = Document::of(root, FILE).judge();
    judged.err().map(|refused| refused.error_lines()).unwrap_or_default()
}

/// Whether this may be said of a block: a domain whose servers are in the next one, which Kea refuses, too, or a key that the
/// manual leaves out.
fn is_excused(block: &Block, line: &str) -> bool {
    let text: String = block.text.split_whitespace().collect();
    text.contains("\"dns-servers\":[]") && line.contains("dns-servers")
        || block.is_shortened && (line.contains(" is missing in ") || line.contains("key-name"))
}

#[test]
fn configurations_of_ddns_are_good() {
    let (mut good, mut wrong) = (0, Vec::new());
    for block in blocks_of_ddns() {
        let Some(value) = read(&block).filter(|value| value.get("DhcpDdns").is_some()) else { continue };
        let mut told = errors(value);
        told.retain(|line| !is_excused(&block, line));
        match told.is_empty() {
            true => good += 1,
            false => wrong.push(format!("{}: {}", block.place, told.join("\n"))),
        }
    }
    tell(&format!("{good} configurations are good"));
    assert!(good > 2, "only {good} configurations are recognised");
    assert!(wrong.is_empty(), "{} are refused:\n{}", wrong.len(), wrong.join("\n"));
}
