//! The whole configurations of the DHCPv6 server that the manual shows, in its own chapter and in those of both servers.

use kotare_config::json::{Diagnostics, Value, from_json};
use kotare_config::schema::File;
use kotare_config::v6::{Config6, FILE};
use kotare_config::{Candidate, Document};
use kotare_modules::Modules6;
use kotare_tests::manual::{Block, blocks, blocks6};
use kotare_tests::tell;

use crate::places::Places;
use crate::read;

/// The file of a server with all its hook libraries.
const WHOLE: File = FILE.with_libraries(kotare_modules::SCHEMAS);

/// What is wrong with a configuration, line by line.
fn errors(root: Value) -> Vec<String> {
    let judged: Result<Candidate<Config6>, Diagnostics> = Document::of(root, &WHOLE).judge();
    let judged = judged.and_then(|mut candidate| {
        candidate.judge(|config, diagnostics| Modules6::judge(config, &[], None, diagnostics))
    });
    judged.err().map(|refused| refused.error_lines()).unwrap_or_default()
}

/// What the manual shows and Kea itself refuses: a part of the block, and what is said of it.
const WRONG: &[(&str, &str)] = &[
    ("2001:db8:1:05::/80", "is not within its subnet 2001:db8:1::/64"),
    ("\"ip-address\"", "this is for DHCPv4"),
    ("\"<limit>\": \"<limit-value>\"", "\"name\" is missing in shared-networks"),
    ("method1", "it must be one of \"any\", \"raw\""),
    ("shared-flq", "is only supported by MySQL and PostgreSQL lease databases"),
    ("\"identifier-expression\": \"expression\"", "'expression' is not a word of the expression language"),
    ("\"client-classes\": \"Client_enterprise\"", "must be a list"),
];

/// Whether this may be said of a block: the manual leaves something out, or Kea refuses it, too.
fn is_excused(block: &Block, line: &str) -> bool {
    let is_left_out = block.is_shortened && line.contains(" is missing in ");
    // A database whose type the manual leaves out.
    let is_untyped = line.contains("-timeout\", this is \"\"");
    let is_wrong = WRONG.iter().any(|(part, told)| block.text.contains(part) && line.contains(told));
    is_left_out || is_untyped || is_wrong
}

/// Every whole configuration is taken, but for what the manual leaves out of it.
#[test]
fn configurations_of_dhcp6_are_good() {
    let (mut good, mut wrong) = (0, Vec::new());
    let mut places = Places::default();
    for block in blocks6().into_iter().chain(blocks()) {
        let Some(value) = read(&block).filter(|value| value.get("Dhcp6").is_some()) else { continue };
        // A section may speak of options that an earlier one defined.
        let mut json = value.to_json();
        places.learn(&json["Dhcp6"]);
        let mut told = errors(value);
        if !told.is_empty() {
            places.define(&mut json["Dhcp6"]);
            let whole =
                from_json(&block.place, &json, &mut Diagnostics::new()).expect("values that were read");
            told = errors(whole);
        }
        told.retain(|line| !is_excused(&block, line));
        match told.is_empty() {
            true => good += 1,
            false => wrong.push(format!("{}: {}", block.place, told.join("\n"))),
        }
    }
    tell(&format!("{good} configurations are good"));
    assert!(good > 1, "only {good} configurations are recognised");
    assert!(wrong.is_empty(), "{} are refused:\n{}", wrong.len(), wrong.join("\n"));
}
