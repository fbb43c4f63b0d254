//! Commands for daemons: passed on, answered, or refused in Kea's words.

use std::io::Write;
use std::thread;

use kotare_control::Request;
use serde_json::{Value, json};

use crate::daemons::{answering, command, http, unix};
use crate::{Scene, answered, asked};

/// Kea's sentence for a daemon that gives no answer.
fn offline(service: &str, reason: &str) -> Value {
    let text = format!(
        "unable to forward command to the {service} service: {reason}. The server is likely to be offline"
    );
    json!({"result": 1, "text": text})
}

/// A command reaches its daemon whole, and the answer comes back as it is, in a list.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_passed_on_and_its_answer_comes_back() {
    let scene = Scene::new();
    let answer = "{ \"arguments\": { \"big\": 18446744073709551616, \"small\": 1e-3 }, \"result\": 0 }";
    let commands = answering(&scene.path("four"), answer);
    let agent = scene.agent(json!({"dhcp4": scene.unix("four")})).await;
    let request = Request::new("lease4-get").with(json!({"a": ["b", {}]}));
    let request = Request { service: Some(json!(["dhcp4"])), remote: Some("192.0.2.7".into()), ..request };
    assert_eq!(agent.answer(request).await, format!("[ {answer} ]"), "numbers stay as they were written");
    let sent: Value = serde_json::from_str(&commands.recv().unwrap()).unwrap();
    let expected = json!({"command": "lease4-get", "arguments": {"a": ["b", {}]}, "service": ["dhcp4"],
        "remote-address": "192.0.2.7"});
    assert_eq!(sent, expected);
}

/// Several daemons are answered for in the order asked, those that are not there with the reason.
#[tokio::test(flavor = "multi_thread")]
async fn several_daemons_are_answered_for_in_order() {
    let scene = Scene::new();
    let _four = answering(&scene.path("four"), "{ \"result\": 0, \"text\": \"four\" }");
    let _ddns = answering(&scene.path("ddns"), "{ \"result\": 3, \"text\": \"ddns\" }");
    let daemons = json!({"dhcp4": scene.unix("four"), "dhcp6": scene.unix("six"), "d2": scene.unix("ddns")});
    let agent = scene.agent(daemons).await;
    let (four, ddns) = (json!({"result": 0, "text": "four"}), json!({"result": 3, "text": "ddns"}));
    let answers = asked(&agent, "version-get", json!(["d2", "dhcp6", "dhcp4", "d2"])).await;
    assert_eq!(answers, json!([ddns, offline("dhcp6", "No such file or directory"), four, ddns]));

    let agent = scene.agent(json!({"dhcp4": scene.unix("four")})).await;
    let unknown = |name: &str| json!({"result": 1, "text": format!("forwarding socket is not configured for the server type {name}")});
    let answers = asked(&agent, "version-get", json!(["dhcp6", "dhcp4", "x"])).await;
    assert_eq!(answers, json!([unknown("dhcp6"), four, unknown("x")]));
}

/// Without a service, and with an empty list of them, a command is the agent's own; what is no list of names is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_a_service_is_the_agents_own() {
    let scene = Scene::new();
    let agent = scene.agent(json!({})).await;
    for request in
        [Request::new("version-get"), Request { service: Some(json!([])), ..Request::new("version-get") }]
    {
        let answers = answered(&agent, request).await;
        assert_eq!((&answers[0]["result"], &answers[0]["text"]), (&json!(0), &json!("3.3.1")));
    }
    let answers = answered(&agent, Request::new("lease4-get")).await;
    let text = answers[0]["text"].as_str().unwrap();
    assert_eq!(answers[0]["result"], 2);
    assert!(
        text.starts_with("'lease4-get' command not supported. You did not include \"service\" parameter"),
        "{text}"
    );
    for (service, told) in [
        (json!("dhcp4"), "service value must be a list"),
        (json!(null), "service value must be a list"),
        (json!([7]), "Error during command processing: stringValue() called on non-string Element"),
        (json!(vec!["dhcp4"; 17]), "service value has 17 items, more than 16"),
    ] {
        assert_eq!(asked(&agent, "version-get", service).await, json!([{"result": 1, "text": told}]));
    }
}

/// A daemon that accepts and says nothing, never ends, or ends too early, is an error in time; another one is answered for
/// meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_misbehaves_is_an_error() {
    let scene = Scene::new();
    unix(&scene.path("silent"), |client| {
        thread::park();
        drop(client);
    });
    unix(&scene.path("endless"), |mut client| while client.write_all(&[b' '; 4096]).is_ok() {});
    unix(&scene.path("short"), |mut client| {
        command(&mut client);
        let _ = client.write_all(b"{ \"result\": 0, ");
    });
    unix(&scene.path("deaf"), drop);
    let timed = |name: &str| {
        let mut entry = scene.unix(name);
        entry["timeout"] = 1.into();
        entry
    };
    for (name, entry, reason) in [
        ("silent", timed("silent"), "Connection timed out"),
        ("endless", timed("endless"), "Connection timed out"),
        // Here the time must not come first.
        ("short", scene.unix("short"), "End of file"),
    ] {
        let agent = scene.agent(json!({"dhcp4": entry})).await;
        assert_eq!(
            asked(&agent, "status-get", json!(["dhcp4"])).await,
            json!([offline("dhcp4", reason)]),
            "{name}"
        );
    }
    let agent = scene.agent(json!({"dhcp4": scene.unix("deaf")})).await;
    let answer = asked(&agent, "status-get", json!(["dhcp4"])).await;
    let text = answer[0]["text"].as_str().unwrap();
    assert!(text.starts_with("unable to forward command to the dhcp4 service: "), "{text}");

    std::fs::write(scene.path("file"), "").unwrap();
    let agent = scene.agent(json!({"dhcp4": scene.unix("file")})).await;
    assert_eq!(
        asked(&agent, "status-get", json!(["dhcp4"])).await,
        json!([offline("dhcp4", "Connection refused")])
    );
}

/// An answer is complete with its last bracket, also from a daemon that leaves the connection open; one that is no JSON is
/// not passed on.
#[tokio::test(flavor = "multi_thread")]
async fn answers_are_json_and_end_with_their_last_bracket() {
    let scene = Scene::new();
    unix(&scene.path("open"), |mut client| {
        command(&mut client);
        let _ = client.write_all(b"{ \"result\": 0 }");
        thread::park();
    });
    let agent = scene.agent(json!({"dhcp4": scene.unix("open")})).await;
    assert_eq!(asked(&agent, "status-get", json!(["dhcp4"])).await, json!([{"result": 0}]));

    for (name, answer) in
        [("a", "hello"), ("b", "{ \"result\": }"), ("c", "{ \"result\": 0, \"text\": \"\u{1}\" }")]
    {
        let _commands = answering(&scene.path(name), answer);
        let agent = scene.agent(json!({"dhcp4": scene.unix(name)})).await;
        let answers = asked(&agent, "status-get", json!(["dhcp4"])).await;
        let text = answers[0]["text"].as_str().unwrap();
        let start = "internal server error: unable to parse server's answer to the forwarded message: ";
        assert!(answers[0]["result"] == 1 && text.starts_with(start), "{answer}: {text}");
    }
}

/// However many commands wait for a daemon that hangs, the agent has room for the others, and says so to who comes too
/// many.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_one_daemon_keeps_no_room_of_others() {
    let scene = Scene::new();
    unix(&scene.path("silent"), |client| {
        thread::park();
        drop(client);
    });
    let _four = answering(&scene.path("four"), "{ \"result\": 0 }");
    let mut silent = scene.unix("silent");
    silent["timeout"] = 3600.into();
    let agent = scene.agent(json!({"dhcp4": scene.unix("four"), "dhcp6": silent})).await;
    for _ in 0..64 {
        let agent = agent.clone();
        tokio::spawn(async move { asked(&agent, "status-get", json!(["dhcp6"])).await });
    }
    let too_many = offline("dhcp6", "64 commands wait for its answer already");
    // All of them wait at some time; until then one more waits with them, and takes a place.
    loop {
        let more = asked(&agent, "status-get", json!(["dhcp6"]));
        match tokio::time::timeout(std::time::Duration::from_millis(50), more).await {
            Ok(answers) => {
                assert_eq!(answers, json!([too_many]));
                break;
            }
            Err(_) => tokio::task::yield_now().await,
        }
    }
    let answers = asked(&agent, "status-get", json!(["dhcp6", "dhcp4"])).await;
    assert_eq!(answers, json!([too_many, {"result": 0}]));
    assert_eq!(answered(&agent, Request::new("version-get")).await[0]["result"], 0);
}

/// A daemon may be reached over HTTP, by its name and password.
#[tokio::test(flavor = "multi_thread")]
async fn daemons_are_reached_over_http() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n[ { \"result\": 0 }";
    let (port, requests) = http(Box::leak(format!("{answer} ]").replace("17", "19").into_boxed_str()));
    let scene = Scene::new();
    let entry = |port: u16| {
        json!({"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": port, "timeout": 60,
            "authentication": {"user": "agent", "password": "word"}})
    };
    let agent = scene.agent(json!({"dhcp4": entry(port)})).await;
    assert_eq!(asked(&agent, "status-get", json!(["dhcp4"])).await, json!([{"result": 0}]));
    let request = requests.recv().unwrap();
    assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
    assert!(request.to_lowercase().contains("\r\nauthorization: basic ywdlbnq6d29yza==\r\n"), "{request}");
    assert!(request.contains("\"service\": [ \"dhcp4\" ]"), "{request}");

    for (answer, told) in [
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "HTTP Error 401: Unauthorized"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "no HTTP comes back"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "a list of 0 answers"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "unable to parse server's answer"),
    ] {
        let (port, _requests) = http(answer);
        let agent = scene.agent(json!({"dhcp4": entry(port)})).await;
        let answers = asked(&agent, "status-get", json!(["dhcp4"])).await;
        let text = answers[0]["text"].as_str().unwrap();
        assert!(answers[0]["result"] == 1 && text.contains(told), "{answer:?}: {text}");
    }
}
