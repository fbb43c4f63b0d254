//! The commands of a DHCPv6 server.

use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

fn server() -> TestServer6 {
    TestServer6::new(json!({}), &["class_cmds"])
}

fn said(server: &TestServer6, command: &str, arguments: Json) -> (i64, String) {
    let answer = server.answer(command, Some(arguments));
    (answer["result"].as_i64().unwrap(), answer["text"].as_str().unwrap_or_default().to_owned())
}

fn class(class: Json) -> Json {
    json!({"client-classes": [class]})
}

/// Classes are listed and shown, added at the end, replaced in their place, and removed.
#[test]
fn classes_come_and_go() {
    let server = server();
    let list = || server.answer("class-list", None);
    let nothing = json!({"result": 3, "text": "0 classes found", "arguments": {"client-classes": []}});
    assert_eq!(list(), nothing);
    let first = json!({"name": "a", "test": "option[16].exists",
        "option-data": [{"name": "dns-servers", "data": "2001:db8::53"}], "preferred-lifetime": 60});
    assert_eq!(said(&server, "class-add", class(first.clone())), (0, "Class 'a' added".into()));
    let again = said(&server, "class-add", class(first));
    assert_eq!(again, (1, "Client Class: a has already been defined".into()));
    let second = json!({"name": "b", "test": "member('a')"});
    assert_eq!(said(&server, "class-add", class(second)), (0, "Class 'b' added".into()));
    assert_eq!(list()["arguments"]["client-classes"], json!([{"name": "a"}, {"name": "b"}]));
    let got = server.answer("class-get", Some(json!({"name": "a"})));
    let got = &got["arguments"]["client-classes"][0];
    assert_eq!((&got["test"], &got["preferred-lifetime"]), (&json!("option[16].exists"), &json!(60)));
    assert_eq!(
        (&got["option-data"][0]["code"], &got["option-data"][0]["space"]),
        (&json!(23), &json!("dhcp6"))
    );
    let used = said(&server, "class-del", json!({"name": "a"}));
    assert_eq!(used, (1, "Class 'a' is used by class 'b'".into()));
    let other = json!({"name": "b", "test": "relay6[0].option[37].exists"});
    assert_eq!(said(&server, "class-update", class(other)), (0, "Class 'b' updated".into()));
    assert_eq!(said(&server, "class-del", json!({"name": "a"})), (0, "Class 'a' deleted".into()));
    assert_eq!(list()["arguments"]["client-classes"], json!([{"name": "b"}]));
    assert_eq!(said(&server, "class-get", json!({"name": "a"})), (3, "Class 'a' not found".into()));
    assert_eq!(said(&server, "class-del", json!({"name": "a"})), (3, "Class 'a' not found".into()));
}

/// What is of DHCPv4 alone, or wrong by the checks of the configuration, changes nothing.
#[test]
fn what_is_wrong_changes_nothing() {
    let server = server();
    let refused = |written: Json| {
        let (result, text) = said(&server, "class-add", class(written));
        assert_eq!((result, &server.answer("class-list", None)["result"]), (1, &json!(3)), "{text}");
        text
    };
    let text = refused(json!({"name": "a", "next-server": "192.0.2.1"}));
    assert_eq!(text, "unsupported client class parameter 'next-server'");
    assert!(refused(json!({"name": "a", "test": "pkt4.mac == 1"})).contains("test"));
    assert!(refused(json!({"test": "option[16].exists"})).contains("'name'"));
}
