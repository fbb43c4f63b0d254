//! The commands that Kea's manual shows are understood.

use kotare_config::json::{Diagnostics, Value, parse};
use kotare_tests::manual::{Block, blocks, blocks6};
use kotare_tests::tell;
use serde_json::{Value as Json, json};

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::server::ServerOf;
use crate::store::Database;

/// Commands that would end the test or look for files, and one that stands for any.
const LEFT_ALONE: &[&str] = &["shutdown", "config-write", "config-reload", "cache-write", "foo"];

/// What a command is about, when the number of a protocol stands behind it.
const ABOUT_ONE: [&str; 5] = ["lease", "subnet", "network", "sflq-pool", "extended-info"];

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

/// Whether a command is about the other protocol or for another daemon.
fn is_of_others<P: Protocol>(request: &Json) -> bool {
    let command = request["command"].as_str().unwrap_or_default();
    let service = request["service"].as_array();
    service.is_some_and(|service| !service.contains(&json!(P::SERVICE)))
        || ABOUT_ONE.iter().any(|noun| {
            let end = command.split_once(noun).and_then(|(_, end)| end.bytes().next());
            end.is_some_and(|digit| b"46".contains(&digit) && !P::SERVICE.as_bytes().ends_with(&[digit]))
        })
}

/// A server with every hook library.
fn server<P: Protocol>(link: &LinkOf<P>) -> ServerOf<P> {
    let mut written = P::config(1, 1);
    // One has a socket of its own and no commands, one partners, one a directory of the installation, one a script, two files.
    let others = ["ping_check", "ha", "legal_log", "run_script", "user_chk", "wasm"];
    let libraries = kotare_modules::LIBRARIES.iter().filter(|library| !others.contains(&library.name));
    let libraries = libraries.filter(|library| P::commands(library).is_some());
    let entries = libraries.map(|library| json!({"library": format!("libdhcp_{}.so", library.name), "parameters": parameters::<P>(library.name)}));
    written[P::MAP]["hooks-libraries"] = entries.collect();
    ServerOf::with_database(link, written, &Database::new())
}

/// What a library does not do without.
fn parameters<P: Protocol>(library: &str) -> Json {
    match library {
        "flex_option" => json!({"options": []}),
        "flex_id" => json!({"identifier-expression": "hexstring(0x01, '')"}),
        "lease_query" if P::MAP == "Dhcp4" => json!({"requesters": ["192.0.2.250"]}),
        "lease_query" => json!({"requesters": ["2001:db8::250"]}),
        "rbac" => json!({"assign-role-method": "remote-address"}),
        _ => json!({}),
    }
}

/// The text of an answer; an error if the command is not known, or did not end.
fn ask<P: Protocol>(server: &ServerOf<P>, command: &str, arguments: Option<Json>) -> Result<String, String> {
    let answer = server.answer(command, arguments);
    let text = answer["text"].as_str().unwrap_or_default().to_owned();
    let is_unknown = answer["result"] == 2 && text.contains("not supported");
    if is_unknown || text.contains("internal server error") { Err(text) } else { Ok(text) }
}

/// Every command of the chapters is one of ours, and none is more than our server can bear.
fn commands_are_known<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let written = server.ask("config-get", json!({}));
    let mut seen = Vec::new();
    let mut unknown = Vec::new();
    for block in blocks().into_iter().chain(blocks6()) {
        for request in requests(&block).into_iter().filter(|request| !is_of_others::<P>(request)) {
            let command = request["command"].as_str().unwrap_or_default().to_owned();
            // What has partners is asked for where these are: `netns_ha_commands.rs`.
            if LEFT_ALONE.contains(&&*command) || command.starts_with("ha-") {
                continue;
            }
            let answer = ask(&server, &command, request.get("arguments").cloned());
            if command == "config-set" {
                server.answer("config-set", Some(written.clone()));
            }
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

both! { commands_are_known }
