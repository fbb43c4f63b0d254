//! The configurations that Kea's manual shows are good here, too.
//!
//! A block of the manual is a whole configuration, or the part that a section is about: an entry of a list, some
//! parameters of a map. Such a part is good if it is in one of the places that it may be meant for.

mod ddns;
mod dhcp6;
mod places;

use kotare_config::json::{Diagnostics, Value, parse};
use kotare_config::schema::File;
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Candidate, Document};
use kotare_modules::Modules4;
use kotare_tests::manual::{Block, blocks};
use kotare_tests::tell;

use places::Places;

/// The file of a server with all its hook libraries.
const WHOLE: File = FILE.with_libraries(kotare_modules::SCHEMAS);

/// Blocks that are no configuration of the DHCPv4 server.
fn is_of_others(value: &Value) -> bool {
    let others = [
        "Dhcp6",
        "DhcpDdns",
        "Control-agent",
        "Netconf",
        "command",
        "result",
        "arguments",
        "text",
        "service",
    ];
    others.iter().any(|keyword| value.get(keyword).is_some())
        || value.items().iter().any(|item| item.get("result").is_some() || item.get("command").is_some())
}

/// What is wrong with a configuration.
fn judge(root: Value) -> Result<(), String> {
    let judged: Result<Candidate<Config4>, Diagnostics> = Document::of(root, &WHOLE).judge();
    let mut candidate = judged.map_err(|refused| refused.error_lines().join("\n"))?;
    let judged = candidate.judge(|config, diagnostics| Modules4::judge(config, &[], None, diagnostics));
    judged.map_err(|refused| refused.error_lines().join("\n"))
}

/// The block as JSON, with braces around it if it has none; `None` if it is none.
fn read(block: &Block) -> Option<Value> {
    let text = &block.text;
    let tries = [text.clone(), format!("{{\n{text}\n}}"), format!("[\n{text}\n]")];
    tries.iter().find_map(|text| {
        let mut diagnostics = Diagnostics::new();
        parse(&block.place, text.as_bytes(), &mut diagnostics).filter(|_| !diagnostics.has_errors())
    })
}

/// What the manual shows and Kea itself refuses: a part of the block, and what is said of it.
const WRONG: &[(&str, &str)] = &[
    ("192.0.2.23-192.0.2.87", "is not within its subnet 192.0.10.0/24"),
    ("configfile", "a client class may only define the options 43 and 224 to 254"),
    ("\"identifier-expression\": \"expression\"", "'expression' is not a word of the expression language"),
    // The manual leaves the relationship out.
    ("laptops_server1", "is missing in high-availability"),
    // Where there is none; without the line, what is built in counts.
    ("\"dictionary\": \"/etc/kea/radius/dictionary\"", "can't read radius dictionary"),
    ("shared-flq", "is only supported by MySQL and PostgreSQL lease databases"),
];

/// Whether a block can be refused for this: the manual leaves something out, or Kea refuses it, too.
fn is_excused(block: &Block, reason: &str) -> bool {
    let is_left_out = |line: &str| block.is_shortened && line.contains(" is missing in ");
    WRONG.iter().any(|(part, told)| block.text.contains(part) && reason.contains(told))
        || reason.lines().all(is_left_out)
}

/// Every configuration of the chapters is taken.
#[test]
fn configurations_are_good() {
    let mut places = Places::default();
    let (mut good, mut excused, mut unread) = (0, Vec::new(), Vec::new());
    let mut wrong = Vec::new();
    for block in blocks() {
        let Some(value) = read(&block) else {
            unread.push(block.place);
            continue;
        };
        if is_of_others(&value) {
            continue;
        }
        match places.judge(&block, &value) {
            Ok(()) => good += 1,
            Err(reason) if is_excused(&block, &reason) => excused.push(reason),
            Err(reason) => wrong.push(format!("{}: {reason}", block.place)),
        }
    }
    let excused = excused.join("\n");
    tell(&format!(
        "{good} configurations are good; {unread:?} are no JSON; expected to be refused:\n{excused}"
    ));
    assert!(good > 5, "only {good} configurations are recognised");
    assert!(wrong.is_empty(), "{} are refused:\n{}", wrong.len(), wrong.join("\n"));
}
