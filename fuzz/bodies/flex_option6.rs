//! Any rules of flex_option, followed for any message of DHCPv6, which is taken for the query and for the response.
//!
//! Up to the first zero byte stand lines of text, a rule each: what is done, to which option and to which sub-option of it, in
//! a byte each, none of them a zero or a line feed, then the expression. Behind it stands the message.

use std::net::{Ipv6Addr, SocketAddrV6};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::json::Diagnostics;
use kotare_config::v6::{Config6, FILE};
use kotare_config::{Input, read};
use kotare_engine::hooks::v6::{Asked6, Hooks6, Sending6};
use kotare_engine::v6::{Edited6, Query6, Received, ReplyKind, Server};
use kotare_engine::{Leases6, Ports};
use kotare_model::{Arrival6, Departure6, Duid, Timestamp};
use kotare_modules::{Environment, Modules6, SCHEMAS, ServerLink};
use kotare_stats::Statistics6;
use kotare_testkit::{MemoryStore6, logged, run};
use kotare_wire::v6::{Index, Message};
use serde_json::{Value, json};

/// Options that rules are about: plain ones, associations, containers, one that no message has.
const OPTIONS: [u16; 12] = [1, 2, 3, 6, 16, 17, 23, 25, 39, 94, 1000, 65_000];
/// Sub-options that they are about.
const SUB_OPTIONS: [u16; 8] = [0, 1, 2, 5, 13, 26, 89, 65_535];

/// Panics when a message with edits is not as long as it says or too long, is no message any more, has lost anything that no
/// rule is about, or a client has its way with the log.
pub(crate) fn check(input: &[u8]) {
    let mut parts = input.splitn(2, |&byte| byte == 0);
    let rules = parts.next().unwrap_or_default();
    let datagram = parts.next().unwrap_or_default();
    let ((), lines) = logged(|| follow(&entries(rules), datagram));
    for line in &lines {
        assert!(!line.text.chars().any(|char| char.is_control() && char != '\n'), "{line:?}");
    }
}

/// What the lines stand for: entries of `options`, not too many.
pub(crate) fn entries(rules: &[u8]) -> Vec<Value> {
    rules.split(|&byte| byte == b'\n').filter_map(rule).take(8).collect()
}

/// The entry of `options` that a line stands for.
fn rule(line: &[u8]) -> Option<Value> {
    let (&[how, code, sub], expression) = line.split_first_chunk()?;
    let bit = |number: u8| how >> number & 1 == 1;
    let action = ["add", "supersede", "remove", "remove"][usize::from(how & 3)];
    let code = OPTIONS[usize::from(code) % OPTIONS.len()];
    // What the operator writes may be told as it is.
    let expression = String::from_utf8_lossy(expression).replace(char::is_control, " ");
    let mut rule = json!({action: expression, "csv-format": bit(2)});
    if bit(5) {
        let space = match (code, bit(6)) {
            (17, false) => "vendor-9",
            (17, true) => "vendor-4491",
            (3 | 25, _) => "dhcp6",
            _ => "inside",
        };
        rule["code"] = SUB_OPTIONS[usize::from(sub) % SUB_OPTIONS.len()].into();
        rule["space"] = space.into();
        rule[if action == "remove" { "container-remove" } else { "container-add" }] = bit(7).into();
        rule = json!({"sub-options": [rule]});
    }
    rule["code"] = code.into();
    if bit(3) {
        rule["destination"] = "query".into();
    } else if bit(4) {
        rule["source"] = "response".into();
    }
    Some(rule)
}

/// Follows the rules, if there is nothing wrong with them and the message is one that a server answers.
fn follow(options: &[Value], datagram: &[u8]) {
    let Some((server, hooks)) = server(options) else { return };
    let source = SocketAddrV6::new(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1), 546, 0, 2);
    let all = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
    let arrival = Arrival6 { ifindex: 2, local: *source.ip(), destination: all, source };
    let mut index = Index::new();
    let received = Received { datagram, arrival, interface: "eth0" };
    let Ok(mut query) = server.intake(&received, &mut index) else { return };
    let message = Message::new(datagram, &index).expect("it was just read");
    let touched: Vec<u16> =
        options.iter().filter_map(|rule| rule["code"].as_u64()).map(|code| code as u16).collect();
    let mut edited = Edited6::new(message, usize::from(u16::MAX));
    for module in &hooks.pkt6_receive {
        let _ = module.pkt6_receive(&mut query, &mut edited);
    }
    judge(message, &edited, usize::from(u16::MAX), &touched);
    // The same as if it were the response, in which there is little room left.
    let limit = datagram.len() + 100;
    let mut edited = Edited6::new(message, limit);
    reply(&hooks, message, &query, &mut edited);
    judge(message, &edited, limit, &touched);
}

fn reply(hooks: &Hooks6, message: Message<'_>, query: &Query6, edited: &mut Edited6<'_>) {
    let asked = Asked6 { message, query, now: Timestamp(1_700_000_000) };
    let Arrival6 { ifindex, local, source, .. } = query.arrival;
    let departure = Departure6 { ifindex, source: local, destination: source };
    for module in &hooks.pkt6_send {
        module.pkt6_send(asked, Sending6 { kind: ReplyKind::Reply, departure }, edited);
    }
}

/// Whether what was made of a message is one.
fn judge(message: Message<'_>, edited: &Edited6<'_>, limit: usize, touched: &[u16]) {
    if !edited.is_changed() {
        return;
    }
    let mut bytes = vec![0; edited.len()];
    assert!(edited.len() <= limit.max(message.as_bytes().len()));
    let len = edited.write(&mut bytes).expect("it is as long as it says");
    assert!(len <= edited.len());
    let mut index = Index::new();
    let after = Message::parse(&bytes[..len], &mut index).expect("a message");
    assert!(!after.cut_short());
    assert_eq!(
        (after.message_type(), after.transaction_id(), after.relays().len()),
        (message.message_type(), message.transaction_id(), message.relays().len())
    );
    let others = |message: &Message<'_>| -> Vec<_> {
        let options = message.options().filter(|(code, _)| !touched.contains(&code.0));
        options.map(|(code, value)| (code, value.to_vec())).collect()
    };
    assert_eq!(others(&after), others(&message));
    for code in OPTIONS.map(kotare_wire::v6::OptionCode) {
        assert!(after.all(code).eq(edited.all(code)), "{code:?}");
    }
}

/// A server and its modules, if there is nothing wrong with the rules.
pub(crate) fn server(options: &[Value]) -> Option<(Server, Hooks6)> {
    let written = json!({"Dhcp6": {
        "option-def": [
            {"name": "outer", "code": 1000, "type": "uint16", "encapsulate": "inside"},
            {"name": "number", "code": 2, "space": "inside", "type": "uint16"},
            {"name": "names", "code": 5, "space": "inside", "type": "fqdn", "array": true},
        ],
        "client-classes": [{"name": "phones", "test": "option[16].exists"}],
        "hooks-libraries": [{"library": "libdhcp_flex_option.so", "parameters": {"options": options}}],
    }});
    let candidate =
        read::<Config6>(Input::Command("config-set", &written), &FILE.with_libraries(SCHEMAS)).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let environment = Environment {
        runtime: runtime.handle().clone(),
        seed: 1,
        server: ServerLink::new(),
        commands: Arc::default(),
        config_databases: Arc::default(),
        places: Arc::new(kotare_modules::Anywhere),
    };
    let (config, mut diagnostics) = (Arc::new(candidate.config), Diagnostics::new());
    let modules = Modules6::build(&config, &environment, None, &mut diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    let statistics = Statistics6::new(TimeZone::UTC, Duration::ZERO);
    let leases = Leases6::new(MemoryStore6::new(), statistics.worker());
    let plan = run(leases.plan(&config, &[])).expect("there are no leases");
    let ports = Ports { server: None, client: None };
    let duid = Duid::new(&[0, 3, 0, 1, 2, 3]).expect("a DUID");
    let hooks = modules.hooks.clone();
    Some((Server::new(config, plan, ports, hooks.clone(), duid), hooks))
}
