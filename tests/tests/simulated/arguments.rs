//! Every command of a server with all its modules of commands, asked with arguments that are right, wrong, missing and
//! unknown, as its row of the table declares them.

use std::collections::BTreeSet;

use kotare_control::{Argument, ArgumentType, Facts, HasCommands};
use kotare_modules::{LIBRARIES, Library};
use serde_json::{Map, Value, json};

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::server::ServerOf;
use crate::store::{Database, DatabaseOf};

/// What Kea says where its code takes a number or a text out of what is none; it does not say which one.
const NAMELESS: [&str; 3] = [
    "Error during command processing: intValue() called on non-integer Element",
    "Error during command processing: size() called on a non-list Element",
    "stringValue() called on non-string Element",
];
/// What it says when one is missing or wrong that it calls otherwise, by the end of the text.
const NAMED_OTHERWISE: [(&str, &str); 3] = [
    ("class-", "'arguments' is empty"),
    ("-subnet-add", "-subnet-add' command is not an integer"),
    ("-subnet-del", "-subnet-del' command is not an integer"),
];
/// What is said when a command ran into a bug.
const BUG: &str = "internal server error: no response generated";

/// The libraries that have nothing but commands.
fn libraries<P: Protocol>() -> impl Iterator<Item = &'static Library> {
    let libraries = LIBRARIES.iter().copied();
    libraries.filter(|library| {
        (library.name.ends_with("_cmds") || library.name == "host_cache") && P::commands(library).is_some()
    })
}

/// What a server with every module that has nothing but commands is configured with.
fn configuration<P: Protocol>() -> Value {
    let mut config = P::config(1, 53);
    let libraries =
        libraries::<P>().map(|library| json!({"library": format!("libdhcp_{}.so", library.name)}));
    config[P::MAP]["hooks-libraries"] = libraries.collect();
    config
}

fn server<P: Protocol>(link: &LinkOf<P>) -> ServerOf<P> {
    ServerOf::with_database(link, configuration::<P>(), &Database::new())
}

/// All commands.
fn commands<P: Protocol>(server: &ServerOf<P>) -> Vec<Facts> {
    let facts: Vec<_> = server.daemon.commands().facts().copied().collect();
    assert!(facts.len() > 70, "only {} commands; are the modules loaded?", facts.len());
    facts
}

/// The commands of a server are those that its tables and those of its modules declare, and it lists them all.
fn what_is_declared_is_there<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let of_modules = libraries::<P>().filter_map(P::commands).flatten();
    let own = kotare_server::commands::facts::<P::On<DatabaseOf<P>>>().expect("names differ");
    let declared: BTreeSet<_> = own.into_iter().chain(of_modules).map(|facts| facts.name).collect();
    let there: BTreeSet<_> = commands(&server).iter().map(|facts| facts.name).collect();
    assert_eq!(declared, there);
    assert_eq!(server.answer("list-commands", None)["arguments"], json!(there));
}

fn kind(argument: &Argument) -> ArgumentType {
    match argument.kind {
        ArgumentType::Own(kind) => *kind,
        kind => kind,
    }
}

/// A value that the argument may have.
fn right<P: Protocol>(argument: &Argument) -> Value {
    match (argument.name, kind(argument)) {
        ("ip-address", _) => json!(P::FREE),
        ("start-address" | "end-address", _) => json!(P::IN_POOL),
        ("from", ArgumentType::String) => json!("start"),
        (map, _) if map == P::MAP => configuration::<P>()[P::MAP].clone(),
        ("identifier-type", _) => json!("hw-address"),
        ("prefix", _) => json!("2001:db8:4000::/48"),
        ("state", _) => json!(0),
        ("type", _) => json!(P::TYPE),
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

/// Whether a command looks at an argument only beside another: a lease or a reservation is named by its address, or by
/// these together, and only a prefix has a length.
fn goes_with(argument: &Argument, other: &Argument) -> bool {
    let together = ["subnet-id", "identifier-type", "identifier"];
    let names = [argument, other].map(|it| it.name);
    other.required
        || names.iter().all(|name| together.contains(name))
        || names == ["operation-target", "subnet-id"]
        || names == ["prefix-len", "type"]
        || argument.name == "iaid" && together.contains(&other.name)
}

/// What a command needs for it to look at `argument`, but that one.
fn beside<P: Protocol>(facts: &Facts, argument: &Argument) -> Map<String, Value> {
    let others = facts.args.iter().filter(|other| other.name != argument.name && goes_with(argument, other));
    others.map(|other| (other.name.to_owned(), right::<P>(other))).collect()
}

fn ask<P: Protocol>(server: &ServerOf<P>, facts: &Facts, arguments: impl Into<Value>) -> (i64, String) {
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
fn wrong_arguments_are_named<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let mut asked = 0;
    // Without a database `remote-*` commands look at the objects that they are given before the rest; what they refuse is in
    // the tests of `cb_cmds`.
    for facts in commands(&server).into_iter().filter(|facts| !facts.name.starts_with("remote-")) {
        for argument in facts.args {
            let beside = beside::<P>(&facts, argument);
            let mut refused = |arguments: Map<String, Value>| {
                asked += 1;
                let (result, text) = ask(&server, &facts, arguments.clone());
                let in_words = argument.name.replace('-', " ");
                let otherwise = NAMED_OTHERWISE
                    .iter()
                    .any(|(command, end)| facts.name.contains(command) && text.ends_with(end));
                let named = otherwise || [argument.name, &in_words].iter().any(|name| text.contains(name));
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
fn other_arguments_harm_nobody<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    for facts in commands(&server) {
        if facts.name == "shutdown" {
            continue;
        }
        let required = facts.args.iter().filter(|argument| argument.required);
        let required: Map<_, _> =
            required.map(|argument| (argument.name.to_owned(), right::<P>(argument))).collect();
        for argument in facts.args {
            let mut arguments = required.clone();
            arguments.insert(argument.name.to_owned(), right::<P>(argument));
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

both! {
    what_is_declared_is_there,
    wrong_arguments_are_named,
    other_arguments_harm_nobody,
}
