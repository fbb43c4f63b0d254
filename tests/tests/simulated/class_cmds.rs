//! `libdhcp_class_cmds.so`: what its commands answer, and what they change.

use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::server::ServerOf;
use crate::store::DatabaseOf;

/// A server with the library and these classes.
fn server<P: Protocol>(link: &LinkOf<P>, classes: Value) -> ServerOf<P> {
    let mut written = P::config(1, 1);
    written[P::MAP]["hooks-libraries"] = json!([{"library": "libdhcp_class_cmds.so"}]);
    written[P::MAP]["client-classes"] = classes;
    ServerOf::with_database(link, written, &DatabaseOf::<P>::new())
}

fn said<P: Protocol>(server: &ServerOf<P>, command: &str, arguments: Value) -> (i64, String) {
    let answer = server.answer(command, Some(arguments));
    let text = answer["text"].as_str().unwrap_or_default().to_owned();
    (answer["result"].as_i64().unwrap_or(-1), text)
}

fn class(class: Value) -> Value {
    json!({"client-classes": [class]})
}

/// A class of the protocol with these parts, too.
fn with<P: Protocol>(parts: &Value) -> Value {
    let mut class = P::class();
    class.as_object_mut().expect("a map").extend(parts.as_object().expect("a map").clone());
    class
}

/// Classes are listed and shown as `config-get` shows them, added at the end, replaced in their place, and removed.
fn classes_come_and_go<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link, json!([]));
    assert_eq!(
        server.answer("class-list", None),
        json!({"result": 3, "text": "0 classes found", "arguments": {"client-classes": []}})
    );
    let first =
        with::<P>(&json!({"name": "a", "test": "option[93].hex == 0x0009", "only-if-required": true}));
    assert_eq!(said(&server, "class-add", class(first)), (0, "Class 'a' added".into()));
    assert_eq!(server.answer("class-list", None)["text"], "1 class found");
    let second = json!({"name": "b", "test": "member('a') and not member('KNOWN')"});
    assert_eq!(said(&server, "class-add", class(second)), (0, "Class 'b' added".into()));
    assert_eq!(
        server.answer("class-list", None),
        json!({"result": 0, "text": "2 classes found", "arguments": {"client-classes": [{"name": "a"}, {"name": "b"}]}})
    );
    let got = server.answer("class-get", Some(json!({"name": "a"})));
    assert_eq!(got["text"], "Class 'a' definition returned");
    let config = server.ask("config-get", json!({}));
    assert_eq!(got["arguments"]["client-classes"][0], config[P::MAP]["client-classes"][0]);
    assert_eq!(got["arguments"]["client-classes"][0]["only-in-additional-list"], true);
    let other = with::<P>(&json!({"name": "a"}));
    assert_eq!(said(&server, "class-update", class(other)), (0, "Class 'a' updated".into()));
    let config = server.ask("config-get", json!({}));
    let updated = &config[P::MAP]["client-classes"][0];
    let scalars = P::class().as_object().expect("a map").clone().into_iter().filter(|(_, it)| !it.is_array());
    scalars.for_each(|(keyword, value)| assert_eq!(updated[&keyword], value));
    assert_eq!(updated.get("test"), None);
    assert_eq!(
        said(&server, "class-del", json!({"name": "a"})),
        (1, "Class 'a' is used by class 'b'".into())
    );
    assert_eq!(said(&server, "class-del", json!({"name": "b"})), (0, "Class 'b' deleted".into()));
    assert_eq!(said(&server, "class-del", json!({"name": "a"})), (0, "Class 'a' deleted".into()));
    assert_eq!(said(&server, "class-del", json!({"name": "a"})), (3, "Class 'a' not found".into()));
    assert_eq!(said(&server, "class-get", json!({"name": "a"})), (3, "Class 'a' not found".into()));
    let update = class(json!({"name": "a"}));
    assert_eq!(said(&server, "class-update", update), (3, "Class 'a' is not found".into()));
}

/// A template stays one when only other things are said of it.
fn templates_stay_templates<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link, json!([{"name": "t", "template-test": "option[12].text"}]));
    let update = class(json!({"name": "t", "valid-lifetime": 7}));
    assert_eq!(said(&server, "class-update", update).0, 0);
    let got = server.ask("class-get", json!({"name": "t"}));
    let got = &got["client-classes"][0];
    assert_eq!((&got["template-test"], &got["valid-lifetime"]), (&json!("option[12].text"), &json!(7)));
}

/// What is wrong is told in the words of Kea, and nothing changes.
fn wrong_commands_change_nothing<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link, json!([{"name": "a"}]));
    let before = server.ask("config-get", json!({}));
    for command in ["class-add", "class-update"] {
        for (arguments, text) in [
            (
                json!([]),
                format!("invalid command '{command}': expected 'arguments' to be a map, got list instead"),
            ),
            (json!({}), format!("invalid command '{command}': 'arguments' is empty")),
            (
                json!({"client-classes": [], "x": 1}),
                format!(
                    "invalid number of arguments 2 for the '{command}' command. Expecting 'client-classes' list"
                ),
            ),
            (json!({"x": 1}), format!("missing 'client-classes' argument for the '{command}' command")),
            (
                json!({"client-classes": 1}),
                format!("'client-classes' argument specified for the '{command}' command is not a list"),
            ),
            (
                json!({"client-classes": []}),
                format!(
                    "invalid number of classes specified for the '{command}' command. Expected one class"
                ),
            ),
            (
                class(json!(1)),
                format!("invalid class definition specified for the '{command}' command. Expected a map"),
            ),
            (class(json!({"name": "a", "x": 1})), "unsupported client class parameter 'x'".into()),
        ] {
            assert_eq!(said(&server, command, arguments), (1, text));
        }
    }
    for command in ["class-get", "class-del"] {
        for (arguments, text) in [
            (
                json!({"name": "a", "x": 1}),
                format!("invalid number of arguments 2 for the '{command}' command. Expecting 'name' string"),
            ),
            (json!({"x": 1}), format!("missing 'name' argument for the '{command}' command")),
            (
                json!({"name": 1}),
                format!("'name' argument specified for the '{command}' command is not a string"),
            ),
        ] {
            assert_eq!(said(&server, command, arguments), (1, text));
        }
        let none = server.answer(command, None);
        assert_eq!(none["text"], format!("invalid command '{command}': no arguments specified"));
    }
    let twice = class(json!({"name": "a"}));
    assert_eq!(said(&server, "class-add", twice), (1, "Client Class: a has already been defined".into()));
    // What only the whole configuration shows to be wrong, with its place.
    for (command, given, told) in [
        ("class-add", json!({"name": "b", "test": "member("}), "<class-add b>: {}/client-classes[1]/test: "),
        (
            "class-add",
            json!({"name": "b", "test": "member('c')"}),
            "<class-add b>: {}/client-classes[1]/test: ",
        ),
        (
            "class-update",
            json!({"name": "a", "valid-lifetime": "x"}),
            "<class-update a>: {}/client-classes[0]/valid-lifetime: ",
        ),
    ] {
        let (result, text) = said(&server, command, class(given));
        assert!(result == 1 && text.starts_with(&told.replace("{}", P::MAP)), "{text}");
    }
    assert_eq!(server.ask("config-get", json!({})), before);
}

/// What is shown can be sent back: then it is as it was.
fn what_is_shown_can_be_sent_back<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(
        &link,
        json!([
            with::<P>(&json!({"name": "a", "test": "option[60].exists", "comment": "c", "valid-lifetime": 7,
                "max-valid-lifetime": 9})),
            {"name": "b", "test": "member('a')", "only-in-additional-list": true},
            {"name": "t", "template-test": "option[12].text"},
        ]),
    );
    let before = server.ask("config-get", json!({}));
    for name in ["a", "b", "t"] {
        let class = server.ask("class-get", json!({"name": name}));
        assert_eq!(said(&server, "class-update", class), (0, format!("Class '{name}' updated")));
    }
    assert_eq!(server.ask("config-get", json!({})), before);
}

both! {
    classes_come_and_go,
    templates_stay_templates,
    wrong_commands_change_nothing,
    what_is_shown_can_be_sent_back,
}
