//! Over HTTP.

use std::net::TcpListener;

use crate::peer::{server, success};
use crate::{said, shell};

const DONE: &str = r#"[ { "result": 0, "text": "Done." } ]"#;

/// Kea's manual, "Shell Usage": the command, the arguments from standard input, what is answered as it came.
#[test]
fn a_command_is_posted_and_its_answer_shown() {
    let (port, received) = server(success(DONE));
    let output = shell(&["--port", &port, "config-write"], "\"filename\": \"a.json\"\n");
    assert_eq!(said(&output), (format!("{DONE}\n"), String::new(), 0));
    let received = received.join().unwrap();
    assert_eq!(received.first, "POST / HTTP/1.1\r\n");
    assert_eq!(received.body, r#"{ "command": "config-write", "arguments": { "filename": "a.json" } }"#);
    for header in [
        "user-agent: Kea-shell/3.3.1",
        "accept: */*",
        "content-type: application/json",
        &format!("host: 127.0.0.1:{port}"),
    ] {
        assert!(received.headers.iter().any(|one| one == header), "{header}: {:?}", received.headers);
    }
    assert!(!received.headers.iter().any(|one| one.starts_with("authorization")));
}

/// Path, user, password and services go where they belong; without a command it is `list-commands`.
#[test]
fn options_shape_the_request() {
    let (port, received) = server(success(DONE));
    let options = [
        "--port",
        &port,
        "--path",
        "kea",
        "--auth-user",
        "foo",
        "--auth-password",
        "bar",
        "--service",
        "dhcp4",
    ];
    assert_eq!(said(&shell(&options, "")).2, 0);
    let received = received.join().unwrap();
    assert_eq!(received.first, "POST /kea HTTP/1.1\r\n");
    assert_eq!(received.body, r#"{ "command": "list-commands", "service": [ "dhcp4" ] }"#);
    assert!(received.headers.iter().any(|one| one == "authorization: Basic Zm9vOmJhcg=="));
}

/// A command that the server refused was answered all the same: success, as upstream's. Only where a table of what it
/// lists was wanted, there is none.
#[test]
fn a_refusal_is_an_answer() {
    let refusal = r#"[{"result": 1, "text": "no"}]"#;
    let (port, _) = server(success(refusal));
    assert_eq!(said(&shell(&["--port", &port, "x"], "")), (format!("{refusal}\n"), String::new(), 0));
    let (port, _) = server(success(refusal));
    let output = shell(&["--port", &port, "--output", "csv", "x"], "");
    assert_eq!(said(&output), (String::new(), "The server answers with result 1: no\n".to_owned(), 1));
}

/// Lists are tables where that is asked for.
#[test]
fn lists_are_tables() {
    let answer = r#"[{"result": 0, "arguments": {"leases": [{"ip-address": "192.0.2.1", "state": 0}]}}]"#;
    for (format, shown) in
        [("table", "ip-address  state\n192.0.2.1   0\n"), ("csv", "ip-address,state\n192.0.2.1,0\n")]
    {
        let (port, _) = server(success(answer));
        let output = shell(&["--port", &port, "--output", format, "lease4-get-all"], "");
        assert_eq!(said(&output), (shown.to_owned(), String::new(), 0));
    }
}

/// What is no answer to a command is a failure that says what to do.
#[test]
fn failures_say_what_to_do() {
    for (answer, text) in [
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP Error 401: Unauthorized; --auth-user",
        ),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP Error 404: Not Found; --path"),
        (
            "HTTP/1.1 302 Found\r\nLocation: file:///etc/shadow\r\nContent-Length: 0\r\n\r\n",
            "HTTP Error 302: Found",
        ),
        ("SSH-2.0-OpenSSH_9.2\r\n", "does not answer in HTTP"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[", "cannot be read"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n[", "is longer than 1024 MiB"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\u{e9}", "is not UTF-8"),
        ("", "does not answer in HTTP"),
    ] {
        let (port, _) = server(answer);
        let (shown, error, code) = said(&shell(&["--port", &port, "x"], ""));
        assert!(error.starts_with("Failed to run: ") && error.contains(text), "{answer}: {error}");
        assert_eq!((&*shown, code), ("", 1));
    }
}

/// Nobody there, nobody who answers: both end.
#[test]
fn waiting_ends() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let (_, error, code) = said(&shell(&["--port", &port, "--timeout", "1", "x"], ""));
    assert!(code == 1 && error.contains("Connection timeout"), "{error}");
    drop(silent);
    let (_, error, code) = said(&shell(&["--port", &port, "x"], ""));
    assert!(code == 1 && error.contains(&format!("cannot connect to http://127.0.0.1:{port}/")), "{error}");
    assert!(error.contains("--socket"), "{error}");
}

/// Arguments that are none are told with their place, and nothing is sent.
#[test]
fn wrong_arguments_are_not_sent() {
    let (_, error, code) = said(&shell(&["--port", "1", "x"], "\"a\": 1,\n\"b\" 2\n"));
    assert!(code == 1 && error.starts_with("Failed to run: arguments:2:5: "), "{error}");
}
