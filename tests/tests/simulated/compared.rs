//! What commands tell of configurations without changing any.

use std::fs;

use serde_json::{Value, json};

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

fn server(link: &Link) -> Server {
    Server::with_database(link, config(1, 1), &Database::new())
}

fn text(answer: &Value) -> (i64, &str) {
    (answer["result"].as_i64().unwrap_or(-1), answer["text"].as_str().unwrap_or_default())
}

/// The running configuration is compared with what is sent, with a file beside its own, or with its own file.
#[test]
fn configurations_are_compared() {
    let link = Link::default();
    let server = server(&link);
    let folder = server.folder.path();
    fs::write(folder.join("kea.conf"), config(1, 1).to_string()).expect("a file can be written");
    let same = server.answer("config-diff", None);
    assert_eq!(
        (text(&same), &same["arguments"]),
        ((0, "There is no difference."), &json!({"count": 0, "changes": []}))
    );
    let shown = server.ask("config-get", json!({}));
    assert_eq!(server.ask("config-diff", shown)["count"], 0);

    let change = json!({"path": "Dhcp4/option-data[code=6]/data", "kind": "changed", "old": "192.0.2.1",
        "new": "192.0.2.2", "effect": "clients are told with the next reply that they get"});
    let told = server.answer("config-diff", Some(config(1, 2)));
    assert_eq!(
        (text(&told), &told["arguments"]),
        ((0, "1 change"), &json!({"count": 1, "changes": [change]}))
    );
    fs::write(folder.join("other.conf"), config(1, 2).to_string()).expect("a file can be written");
    assert_eq!(server.ask("config-diff", json!({"file": "other.conf"}))["changes"], json!([change]));

    let mut other = config(1, 2);
    other["Dhcp4"]["subnet4"] = json!([]);
    other["limit"] = 1.into();
    let told = server.answer("config-diff", Some(other));
    assert_eq!(text(&told), (0, "2 changes, 1 of them listed"));
    assert_eq!(told["arguments"]["changes"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.ask("config-get", json!({}))["Dhcp4"]["subnet4"].as_array().map(Vec::len), Some(1));
}

/// Only configurations that could be used are compared, from where `config-write` may write, too.
#[test]
fn what_cannot_be_compared_is_refused() {
    let link = Link::default();
    let server = server(&link);
    let elsewhere = tempfile::NamedTempFile::new().expect("a file can be made");
    let link_to = server.folder.path().join("link.conf");
    std::os::unix::fs::symlink(elsewhere.path(), &link_to).expect("a link can be made");
    let refused_by = |command: &str, arguments: Value| {
        let answer = server.answer(command, Some(arguments));
        assert_eq!(answer["result"], 1, "{answer}");
        text(&answer).1.to_owned()
    };
    let refused = |arguments: Value| refused_by("config-diff", arguments);
    assert!(
        refused(json!({"file": "/etc/passwd"})).starts_with("not allowed to read config from /etc/passwd: ")
    );
    assert!(refused(json!({"file": "link.conf"})).contains("it is a link to"));
    assert!(refused(json!({"file": 7})).contains("'file' parameter expected to be a string"));
    assert!(refused(json!({"file": "a", "Dhcp4": {}})).contains("cannot stand beside"));
    assert_eq!(refused(json!([])), "'arguments' parameter of config-diff expected to be a map.");
    assert_eq!(
        refused(json!({"x": 1})),
        "'x' is no parameter of config-diff: it has 'Dhcp4', 'file', 'limit'."
    );
    assert_eq!(refused(json!({"Dhcp4": 1})), "'Dhcp4' parameter expected to be a map.");
    for limit in [json!(-1), json!("5"), json!(1.5), Value::Null] {
        let told = refused(json!({"limit": limit}));
        assert_eq!(told, "'limit' parameter expected to be an integer from 0 to 10000.");
    }
    let of_lint = refused_by("config-lint", json!({"file": "a", "limit": -1}));
    assert_eq!(of_lint, "'limit' is no parameter of config-lint: it has 'Dhcp4', 'file'.");
    assert!(refused(json!({"Dhcp4": {"x": 1}})).contains("unknown keyword"));
    assert!(refused(json!({})).contains("cannot read"), "there is no file");
}

/// The running configuration is reviewed, or another one.
#[test]
fn configurations_are_reviewed() {
    let link = Link::default();
    let server = server(&link);
    let names = |answer: &Value| -> Vec<String> {
        let findings = answer["arguments"]["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().map(|finding| finding["review"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let running = server.answer("config-lint", None);
    assert_eq!(text(&running), (0, "1 warning, 2 notes"));
    let found = names(&running);
    for name in ["leases_forgotten", "lease_cmds_presence", "stat_cmds_presence"] {
        assert!(found.iter().any(|other| other == name), "{name} in {found:?}");
    }
    let mut other = config(1, 1);
    other["Dhcp4"]["subnet4"][0]["pools"][0]["pool"] = "192.0.0.0 - 192.0.0.9".into();
    let told = server.answer("config-lint", Some(other));
    let findings = told["arguments"]["findings"].as_array().cloned().unwrap_or_default();
    let edge =
        findings.iter().find(|finding| finding["review"] == "edge_address_in_pool").expect("it is found");
    let hint = "leave it out of the pool";
    let message = "the pool has 192.0.0.0, which names the subnet itself";
    assert_eq!(
        edge,
        &json!({"review": "edge_address_in_pool", "severity": "warning", "message": message, "hint": hint,
        "path": "Dhcp4/subnet4[0]/pools[0]/pool", "source": "<config-lint>"})
    );
}
