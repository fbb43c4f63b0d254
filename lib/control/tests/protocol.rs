//! The control channel's protocol, over real sockets. Answers are those that Kea 2.2 gave to the same bytes, but for
//! texts that Kea 3 changed or that are our own.

mod common;

use std::path::Path;
use std::time::Duration;

use common::{Fixture, ask, rest, send};
use kotare_control::Request;
use kotare_control::client::{self, ClientError};
use kotare_control::unix::Limits;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{Instant, timeout};

const UNKNOWN: &str = r#"{ "result": 2, "text": "'nope' command not supported." }"#;

/// Kea's spacing, order and result codes, byte for byte.
#[tokio::test]
async fn answers_are_keas() {
    let (_server, path) = Fixture::serving(Limits::default());
    let list = r#"{ "arguments": [ "blocking-bug", "bug", "echo", "list-commands", "lock", "module-remove", "statistic-get", "statistic-get-all", "statistic-global-get-all", "statistic-remove", "statistic-remove-all", "statistic-reset", "statistic-reset-all", "statistic-sample-age-set", "statistic-sample-age-set-all", "statistic-sample-count-set", "statistic-sample-count-set-all", "unlock", "version-get", "wait", "wait-beside", "wreck" ], "result": 0 }"#;
    for (sent, answer) in [
        (r#"{"command":"list-commands"}"#, list),
        (r#"{"command":"list-commands","arguments":"x"}"#, list),
        (r#"{"command":"list-commands","arguments":null}"#, list),
        (r#"{"command":"list-commands","service":["dhcp4"]}"#, list),
        (r#"{"command":"list-commands","service":5,"remote-address":7}"#, list),
        (r#"{"command":"version-get"}"#, r#"{ "result": 0, "text": "3.2.0" }"#),
        (r#"{"command":"nope"}"#, UNKNOWN),
        ("# hi\n{\"command\": /* x */ \"nope\"}", UNKNOWN),
        (r#"{"command":"nope"}{"command":"version-get"}"#, UNKNOWN),
        ("x", r#"{ "result": 1, "text": "invalid first character x" }"#),
        ("{/x", r#"{ "result": 1, "text": "invalid characters /x" }"#),
        (
            r#"{"cmd":1}"#,
            r#"{ "result": 1, "text": "Error during command processing: invalid command: does not contain mandatory 'command'" }"#,
        ),
        (
            r#"["a",]"#,
            r#"{ "result": 1, "text": "Error during command processing: invalid command: expected toplevel entry to be a map, got list instead" }"#,
        ),
        (
            r#"{"command":1}"#,
            r#"{ "result": 1, "text": "Error during command processing: invalid command: expected 'command' to be a string, got integer instead" }"#,
        ),
        (
            r#"{"command":"list-commands","extra":1}"#,
            r#"{ "result": 1, "text": "Error during command processing: invalid command: unsupported parameter 'extra'" }"#,
        ),
    ] {
        assert_eq!(ask(&path, sent.as_bytes()).await, answer, "{sent}");
    }
}

/// The server acts on the last bracket, whatever the pieces, and wants neither a newline nor the end.
#[tokio::test]
async fn a_command_may_come_byte_by_byte() {
    let (_server, path) = Fixture::serving(Limits::default());
    let mut stream = UnixStream::connect(&path).await.unwrap();
    for byte in br#" {"command": "no\u0070e", /* } */ "arguments": {"a": ["}"]}}"# {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(rest(&mut stream).await, UNKNOWN);
}

/// Text that is not JSON is refused with the place.
#[tokio::test]
async fn malformed_json_is_refused_with_its_place() {
    let (_server, path) = Fixture::serving(Limits::default());
    for (sent, place) in [
        (&b"{\"command\":\"nope\",}"[..], "line 1 column 19"),
        (b"# x\n{\"command\" \"nope\"}", "line 2 column 12"),
        (b"{ /* x */ \"command\":nope}", "line 1 column 22"),
        (b"[}", "line 1 column 2"),
        (b"[\"\xe9\"]", "column 3"),
        (b"[01]", "column 3"),
    ] {
        let answer = ask(&path, sent).await;
        let text = String::from_utf8_lossy(sent);
        assert!(
            answer.starts_with(r#"{ "result": 1, "text": "the command is not valid JSON: "#),
            "{text}: {answer}"
        );
        assert!(answer.contains(place), "{text}: {answer}");
    }
}

/// 64 KiB of opening brackets are answered, not recursed into.
#[tokio::test]
async fn deep_nesting_is_refused() {
    let (_server, path) = Fixture::serving(Limits::default());
    for bracket in [&b"["[..], b"{\"a\":"] {
        let answer = ask(&path, &bracket.repeat((64 << 10) / bracket.len())).await;
        assert_eq!(answer, r#"{ "result": 1, "text": "the command is nested more than 100 levels deep" }"#);
    }
    assert_eq!(send(&path, Request::new("version-get")).await["result"], 0);
}

/// A command of more than the bound is refused while it still comes; its client gets to read why.
#[tokio::test]
async fn a_huge_command_is_refused() {
    let (_server, path) = Fixture::serving(Limits { size: 1 << 20, ..Limits::default() });
    let answer = send(&path, Request::new("echo").with("x".repeat(8 << 20))).await;
    assert_eq!(answer, json!({"result": 1, "text": "the command is longer than 1048576 bytes"}));
}

/// Large commands and answers arrive whole.
#[tokio::test]
async fn large_commands_and_answers_arrive_whole() {
    let (_server, path) = Fixture::serving(Limits::default());
    let arguments = json!({"list": vec!["0123456789/\\\n"; 300_000]});
    let answer = send(&path, Request::new("echo").with(arguments.clone())).await;
    assert_eq!(answer, json!({"result": 0, "arguments": arguments}));
}

/// A client that sends nothing, or not enough, is told so and let go after 10 seconds.
#[tokio::test(start_paused = true)]
async fn a_silent_client_is_let_go() {
    let (_server, path) = Fixture::serving(Limits::default());
    for (sent, answer) in [
        ("", r#"{ "result": 1, "text": "Connection over control channel timed out" }"#),
        (
            r#"{"co"#,
            r#"{ "result": 1, "text": "Connection over control channel timed out, discarded partial command of 4 bytes" }"#,
        ),
    ] {
        let start = tokio::time::Instant::now();
        assert_eq!(ask(&path, sent.as_bytes()).await, answer);
        assert_eq!(start.elapsed().as_secs(), 10);
    }
}

/// A client that sends its command byte by byte is let go after 30 seconds altogether.
#[tokio::test(start_paused = true)]
async fn a_dripping_client_is_let_go() {
    let (_server, path) = Fixture::serving(Limits::default());
    let mut stream = UnixStream::connect(&path).await.unwrap();
    let start = Instant::now();
    let text = loop {
        // Nobody reads any more once the answer is there.
        let _ = stream.write_all(b"[").await;
        match timeout(Duration::from_secs(2), rest(&mut stream)).await {
            Ok(text) => break text,
            Err(_) => assert!(start.elapsed().as_secs() < 40),
        }
    };
    let answer = r#"{ "result": 1, "text": "Connection over control channel timed out, discarded partial command of 15 bytes" }"#;
    assert_eq!((text.as_str(), start.elapsed().as_secs()), (answer, 30));
}

/// Sends a command with an answer of so many bytes.
async fn deaf(path: &Path, bytes: usize) -> UnixStream {
    let mut stream = UnixStream::connect(path).await.unwrap();
    let sent = format!(r#"{{"command":"echo","arguments":"{}"}}"#, "x".repeat(bytes));
    stream.write_all(sent.as_bytes()).await.unwrap();
    stream
}

/// What a client that was slow can still read; the end comes after it.
async fn left_over(stream: &mut UnixStream) -> usize {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer.len()
}

/// A client that does not read its answer is let go after 10 seconds, one that reads slowly after 30, and the answer
/// with it.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_let_go() {
    let (fixture, path) = Fixture::serving(Limits { size: 64 << 20, ..Limits::default() });
    let size = 32 << 20;
    let mut silent = deaf(&path, size).await;
    let mut slow = deaf(&path, size).await;
    while fixture.server.echoed() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let start = Instant::now();
    let mut taken = 0;
    while start.elapsed().as_secs() < 35 {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let mut part = vec![0; 512 << 10];
        taken += slow.read(&mut part).await.unwrap_or(0);
    }
    assert!(left_over(&mut silent).await < size);
    assert!(taken + left_over(&mut slow).await < size);
}

/// Clients that say nothing, that say too little and that do not read keep no newcomer waiting, however many there are;
/// those that were let go for it are told.
#[tokio::test]
async fn newcomers_do_not_wait() {
    let limits = Limits { connections: 8, ..Limits::default() };
    let (fixture, path) = Fixture::serving(limits);
    for kind in 0..3 {
        let mut open = Vec::new();
        for number in 0..100 {
            let mut stream = match kind {
                2 if number < 10 => deaf(&path, 1 << 20).await,
                _ => UnixStream::connect(&path).await.unwrap(),
            };
            if kind == 1 {
                stream.write_all(b"{").await.unwrap();
            }
            open.push(stream);
        }
        while kind == 2 && fixture.server.echoed() < 10 {
            tokio::task::yield_now().await;
        }
        for _ in 0..20 {
            assert_eq!(send(&path, Request::new("version-get")).await["text"], "3.2.0");
        }
        if kind == 0 {
            let told = rest(&mut open[0]).await;
            assert_eq!(told, r#"{ "result": 1, "text": "Connection over control channel timed out" }"#);
        }
    }
}

/// What is kept for all clients together is bounded: those that read least make room for others.
#[tokio::test]
async fn answers_share_the_memory() {
    let limits = Limits { memory: 4 << 20, ..Limits::default() };
    let (_fixture, path) = Fixture::serving(limits);
    let size = 3 << 20;
    let mut slow = deaf(&path, size).await;
    // Its answer is being sent, and no longer made.
    slow.readable().await.unwrap();
    let arguments = json!("y".repeat(size));
    let answer = send(&path, Request::new("echo").with(arguments.clone())).await;
    assert_eq!(answer, json!({"result": 0, "arguments": arguments}));
    assert!(left_over(&mut slow).await < size);
}

/// Sixty megabytes of empty maps are refused before anything is built from them.
#[tokio::test]
async fn too_many_values_are_refused() {
    let (_server, path) = Fixture::serving(Limits { values: 1000, ..Limits::default() });
    let answer = ask(&path, &[b"[".as_slice(), &b"{},".repeat(1000)].concat()).await;
    assert_eq!(answer, r#"{ "result": 1, "text": "the command has more than 1000 values" }"#);
}

/// A name that no command can have is not repeated at length.
#[tokio::test]
async fn long_names_are_cut() {
    let (_server, path) = Fixture::serving(Limits::default());
    let name = "ä".repeat(100) + &"b".repeat(1 << 20);
    let sent = [format!(r#"{{"command":"{name}"}}"#), format!(r#"{{"command":"x","{name}":1}}"#)];
    let cut = format!("'{}… (1048776 bytes)'", "ä".repeat(100));
    for (sent, told) in sent.iter().zip([
        format!("{cut} command not supported."),
        format!("Error during command processing: invalid command: unsupported parameter {cut}"),
    ]) {
        let answer: Value = serde_json::from_str(&ask(&path, sent.as_bytes()).await).unwrap();
        assert_eq!(answer["text"], told);
    }
}

/// A client that leaves before its command is complete, or before its answer, harms nobody.
#[tokio::test]
async fn clients_may_leave_at_any_time() {
    let (_server, path) = Fixture::serving(Limits::default());
    drop(UnixStream::connect(&path).await.unwrap());
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"{").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(br#"{"command":"list-commands"}"#).await.unwrap();
    drop(stream);
    assert_eq!(ask(&path, br#"{"command":"nope"}"#).await, UNKNOWN);
}

/// A client may close its sending side after the command, as `echo | socat` does.
#[tokio::test]
async fn a_half_closed_client_is_answered() {
    let (_server, path) = Fixture::serving(Limits::default());
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"{\"command\":\"nope\"}\n").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await, UNKNOWN);
}

/// The client says why there is no answer.
#[tokio::test]
async fn the_client_explains_failures() {
    let (fixture, path) = Fixture::serving(Limits::default());
    let missing = client::send(&fixture.path("none"), Request::new("x"), Duration::from_secs(9)).await;
    assert!(matches!(missing, Err(ClientError::Connect(_))));
    let slow = client::send(&path, Request::new("wait"), Duration::from_millis(20)).await;
    assert!(matches!(slow, Err(ClientError::Timeout(_))));
    let other = UnixListener::bind(fixture.path("other")).unwrap();
    tokio::spawn(async move { other.accept().await.unwrap().0.write_all(b"no JSON").await });
    let garbage = client::send(&fixture.path("other"), Request::new("x"), Duration::from_secs(9)).await;
    assert!(matches!(garbage, Err(ClientError::Answer(_))));
}
