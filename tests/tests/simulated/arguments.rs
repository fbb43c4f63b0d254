//! Every command of a server with all its modules of commands, asked with arguments that are right, wrong, missing and
//! unknown, as its row of the table declares them.

use kotare_control::{Argument, ArgumentType, Facts, HasCommands};
use kotare_modules::LIBRARIES;
use serde_json::{Map, Value, json};

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

/// What Kea says where its code takes a number or a text out of what is none; it does not say which one.
const NAMELESS: [&str; 2] = [
    "Error during command processing: intValue() called on non-integer Element",
    "stringValue() called on non-string Element",
];
/// What is said when a command ran into a bug.
const BUG: &str = "internal server error: no response generated";

/// A server with every module that has nothing but commands.
fn server(link: &Link) -> Server {
    let mut config = config(1, 53);
    let libraries = LIBRARIES.iter().filter(|library| library.name.ends_with("_cmds"));
    let libraries = libraries.map(|library| json!({"library": format!("libdhcp_{}.so", library.name)}));
    config["Dhcp4"]["hooks-libraries"] = libraries.collect();
    Server::with_database(link, config, &Database::new())
}

/// All commands with declared arguments.
fn commands(server: &Server) -> Vec<Facts> {
    let table = server.daemon.commands();
    let names = server.answer("list-commands", None);
    let names = names["arguments"].as_array().expect("a list").iter().filter_map(Value::as_str);
    let facts: Vec<_> = names.map(|name| *table.find(name).expect("a command that is listed")).collect();
    assert!(facts.len() > 40, "only {} commands; are the modules loaded?", facts.len());
    facts
}

fn kind(argument: &Argument) -> ArgumentType {
    match argument.kind {
        ArgumentType::Own(kind) => *kind,
        kind => kind,
    }
}

/// A value that the argument may have.
fn right(argument: &Argument) -> Value {
    match (argument.name, kind(argument)) {
        ("ip-address", _) => json!("192.0.2.77"),
        ("start-address" | "end-address", _) => json!("192.0.8.0"),
        ("from", _) => json!("start"),
        ("identifier-type", _) => json!("hw-address"),
        ("state", _) => json!(0),
        ("type", _) => json!("V4"),
        ("expire", _) => json!(2_000_000_000),
        ("subnet-range", _) => json!({"first-subnet-id": 1, "last-subnet-id": 1}),
        (_, ArgumentType::String) => json!("01:02:03"),
        (_, ArgumentType::Integer | ArgumentType::Low32) => json!(1),
        (_, ArgumentType::Boolean) => json!(true),
        (_, ArgumentType::List) => json!([]),
        (_, ArgumentType::Map) => json!({}),
        (_, ArgumentType::Any | ArgumentType::Own(_)) => json!("any"),
    }
}

/// Values that it may not have.
fn wrong(argument: &Argument) -> Vec<Value> {
    let all = [json!("text"), json!(7), json!(1.5), json!(true), json!([1]), json!({"a": 1}), Value::Null];
    let fits = |value: &Value| match kind(argument) {
        ArgumentType::String => value.is_string(),
        ArgumentType::Integer | ArgumentType::Low32 => value.is_i64(),
        ArgumentType::Boolean => value.is_boolean(),
        ArgumentType::List => value.is_array(),
        ArgumentType::Map => value.is_object(),
        ArgumentType::Any | ArgumentType::Own(_) => true,
    };
    all.into_iter().filter(|value| !fits(value)).collect()
}

/// Whether a command looks at an argument only beside another: a lease is named by its address, or by these together.
fn goes_with(argument: &Argument, other: &Argument) -> bool {
    let together = ["subnet-id", "identifier-type", "identifier"];
    other.required || [argument, other].iter().all(|it| together.contains(&it.name))
}

/// What a command needs for it to look at `argument`, but that one.
fn beside(facts: &Facts, argument: &Argument) -> Map<String, Value> {
    let others = facts.args.iter().filter(|other| other.name != argument.name && goes_with(argument, other));
    others.map(|other| (other.name.to_owned(), right(other))).collect()
}

fn ask(server: &Server, facts: &Facts, arguments: impl Into<Value>) -> (i64, String) {
    let arguments = arguments.into();
    let answer = server.answer(facts.name, Some(arguments.clone()));
    let (result, text) =
        (answer["result"].as_i64().expect("a result"), answer["text"].as_str().unwrap_or(""));
    assert!((0..=4).contains(&result), "{} {arguments}: {answer}", facts.name);
    assert_ne!(text, BUG, "{} {arguments}", facts.name);
    assert!(result == 0 || !text.is_empty(), "{} {arguments}: no reason in {answer}", facts.name);
    (result, text.to_owned())
}

/// What is wrong or missing is refused, and named.
#[test]
fn wrong_arguments_are_named() {
    let link = Link::default();
    let server = server(&link);
    let mut asked = 0;
    for facts in commands(&server) {
        for argument in facts.args {
            let beside = beside(&facts, argument);
            let mut refused = |arguments: Map<String, Value>| {
                asked += 1;
                let (result, text) = ask(&server, &facts, arguments.clone());
                let in_words = argument.name.replace('-', " ");
                let named = [argument.name, &in_words].iter().any(|name| text.contains(name));
                assert!(
                    result == 1 && (named || NAMELESS.contains(&&*text)),
                    "{} {}: result {result}, \"{text}\"",
                    facts.name,
                    Value::from(arguments)
                );
            };
            if argument.required {
                refused(beside.clone());
            }
            for value in wrong(argument) {
                let mut arguments = beside.clone();
                arguments.insert(argument.name.to_owned(), value);
                refused(arguments);
            }
        }
    }
    assert!(asked > 300, "only {asked} requests");
}

/// What is right is not said to be wrong; what is unknown, or no map at all, harms nobody.
#[test]
fn other_arguments_harm_nobody() {
    let link = Link::default();
    let server = server(&link);
    for facts in commands(&server) {
        if facts.name == "shutdown" {
            continue;
        }
        let required = facts.args.iter().filter(|argument| argument.required);
        let required: Map<_, _> =
            required.map(|argument| (argument.name.to_owned(), right(argument))).collect();
        for argument in facts.args {
            let mut arguments = required.clone();
            arguments.insert(argument.name.to_owned(), right(argument));
            ask(&server, &facts, arguments.clone());
        }
        let mut unknown = required.clone();
        unknown.insert("no-such-argument".to_owned(), json!([{"a": [1.5, null]}]));
        ask(&server, &facts, unknown);
        for no_map in [json!([]), json!("text"), json!(5), json!(true), Value::Null] {
            ask(&server, &facts, no_map);
        }
    }
    assert_eq!(server.answer("status-get", None)["result"], 0, "it serves");
}
