//! The commands that Kea's manual shows are understood.

use std::fs;

use kotare_config::json::{Diagnostics, Value, parse};
use kotare_tests::manual::{Block, blocks, descriptions};
use kotare_tests::tell;
use serde_json::{Value as Json, json};

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

/// Commands that would end the test, or look for files.
const LEFT_ALONE: &[&str] = &["shutdown", "config-write", "config-reload"];

/// The commands that a block shows; none if it shows something else.
fn requests(block: &Block) -> Vec<Json> {
    let mut diagnostics = Diagnostics::new();
    let text = [block.text.clone(), format!("[{}]", block.text)];
    let read = text.iter().find_map(|text| parse(&block.place, text.as_bytes(), &mut diagnostics));
    let all = match read {
        Some(list) if list.is_list() => list.items().to_vec(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let is_request = |value: &&Value| value.get("command").is_some();
    all.iter().filter(is_request).map(Value::to_json).collect()
}

/// Whether a command is about DHCPv6 or for another daemon.
fn is_of_others(request: &Json) -> bool {
    let command = request["command"].as_str().unwrap_or_default();
    let service = request["service"].as_array();
    let v6 = ["lease6-", "subnet6-", "network6-", "stat-lease6-", "sflq-pool6-"];
    service.is_some_and(|service| !service.contains(&json!("dhcp4")))
        || v6.iter().any(|prefix| command.starts_with(prefix))
}

/// A server with every hook library.
fn server(link: &Link) -> Server {
    let mut written = config(1, 1);
    // It has a socket of its own, and no commands.
    let libraries = kotare_modules::LIBRARIES.iter().filter(|library| library.name != "ping_check");
    let entries = libraries.map(|library| json!({"library": format!("libdhcp_{}.so", library.name), "parameters": parameters(library.name)}));
    written["Dhcp4"]["hooks-libraries"] = entries.collect();
    Server::with_database(link, written, &Database::new())
}

/// What a library does not do without.
fn parameters(library: &str) -> Json {
    match library {
        "flex_option" => json!({"options": []}),
        "flex_id" => json!({"identifier-expression": "pkt4.mac"}),
        _ => json!({}),
    }
}

/// The text of an answer; an error if the command is not known, or did not end.
fn ask(server: &Server, command: &str, arguments: Option<Json>) -> Result<String, String> {
    let answer = server.answer(command, arguments);
    let text = answer["text"].as_str().unwrap_or_default().to_owned();
    let is_unknown = answer["result"] == 2 && text.contains("not supported");
    if is_unknown || text.contains("internal server error") { Err(text) } else { Ok(text) }
}

/// Every command of the chapters is one of ours, and none is more than our server can bear.
#[test]
fn commands_are_known() {
    let link = Link::default();
    let server = server(&link);
    let mut seen = Vec::new();
    let mut unknown = Vec::new();
    for block in blocks() {
        for request in requests(&block).into_iter().filter(|request| !is_of_others(request)) {
            let command = request["command"].as_str().unwrap_or_default().to_owned();
            if LEFT_ALONE.contains(&&*command) {
                continue;
            }
            let answer = ask(&server, &command, request.get("arguments").cloned());
            seen.push(format!("{command}: {answer:?}"));
            if let Err(text) = answer {
                unknown.push(format!("{}: {command}: {text}", block.place));
            }
        }
    }
    seen.sort();
    seen.dedup();
    tell(&seen.join("\n"));
    assert!(seen.len() >= 3, "only {} commands are recognised", seen.len());
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

/// Every command that Kea's own descriptions know for this server and its hook libraries is one of ours.
#[test]
fn described_commands_are_known() {
    let Some(folder) = descriptions() else {
        return tell("skipped: there are no descriptions of commands beside the manual");
    };
    let link = Link::default();
    let server = server(&link);
    let (mut known, mut unknown) = (0, Vec::new());
    for entry in fs::read_dir(&folder).expect("the folder of descriptions can be listed") {
        let path = entry.expect("and its entries").path();
        let text = fs::read_to_string(&path).expect("a description can be read");
        let Ok(described) = serde_json::from_str::<Json>(&text) else { continue };
        let library = described["hook"].as_str();
        let is_ours = library.is_none_or(|name| kotare_modules::LIBRARIES.iter().any(|it| it.name == name));
        let supports = described["support"].as_array();
        let command = described["name"].as_str().unwrap_or_default();
        if is_of_others(&json!({"command": command})) {
            continue;
        }
        if !is_ours
            || !supports.is_some_and(|it| it.contains(&json!("kea-dhcp4")))
            || LEFT_ALONE.contains(&command)
        {
            continue;
        }
        known += 1;
        if let Err(text) = ask(&server, command, None) {
            unknown.push(text);
        }
    }
    assert!(known > 40, "only {known} commands are described in {}", folder.display());
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}
