//! The HTTP control socket: requests that are none, that hide another, or that do not end, and clients that stay.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use kotare_model::Chance;
use kotare_tests::world::{World, eventually, sandboxed};
use serde_json::{Value, json};

use crate::commands::{peak_kib, resident_kib};
use crate::scene::{Scene, bytes, on};

/// Where the server listens, on its host.
const AT: &str = "127.0.0.1:8000";

/// The user that may send commands, as the header has it: `admin`, `correct horse`.
const ADMIN: &str = "Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZQ==";

fn scene(world: &World) -> Scene<'_> {
    let control = world.path("server/control");
    Scene::with(
        world,
        json!({"control-sockets": [
            {"socket-type": "unix", "socket-name": control},
            {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8000, "authentication":
                {"type": "basic", "clients": [{"user": "admin", "password": "correct horse"}]}},
        ]}),
    )
}

fn connect(scene: &Scene<'_>) -> TcpStream {
    connect_all(scene, 1).remove(0)
}

fn connect_all(scene: &Scene<'_>, count: usize) -> Vec<TcpStream> {
    on(&scene.host, move || {
        let connect = |_| {
            let stream = TcpStream::connect(AT).expect("the server listens");
            stream.set_read_timeout(Some(Duration::from_secs(90))).expect("not zero");
            stream
        };
        (0..count).map(connect).collect()
    })
}

/// A request that the server answers, with this body.
fn post(body: &str) -> String {
    let length = body.len();
    format!(
        "POST / HTTP/1.1\r\nHost: a\r\n{ADMIN}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Everything that is said until the server closes the connection. It may close while there is more for it.
fn rest(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8(said).expect("the server answers in UTF-8")
}

/// What is said to these bytes, behind which nothing comes.
fn say(scene: &Scene<'_>, bytes: &[u8]) -> String {
    let mut stream = connect(scene);
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    rest(&mut stream)
}

/// The server does what this command says.
fn assert_obeys(scene: &Scene<'_>, command: &str) {
    let said = say(scene, post(&json!({"command": command}).to_string()).as_bytes());
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{command}: {said}");
}

/// Brackets without end, very many values and more bytes than any configuration has are refused before anything is built
/// from them, and the client comes to read why.
#[test]
fn bodies_without_end() {
    sandboxed("http::bodies_without_end", |world| {
        let mut scene = scene(world);
        for open in ["[", "{\"a\":", "[{\"a\":"] {
            let said = say(&scene, post(&open.repeat(65536 / open.len())).as_bytes());
            assert!(said.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{open}: {said}");
            scene
                .server
                .await_log(&["HTTP_BAD_CLIENT_REQUEST_RECEIVED ", "nested more than 100 levels deep"]);
        }
        let said = say(&scene, post(&format!("[{}", "{},".repeat(3 << 20))).as_bytes());
        assert!(said.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{said}");
        scene.server.await_log(&["HTTP_BAD_CLIENT_REQUEST_RECEIVED ", "more than 2097152 values"]);

        // Nothing of a body that is too long is waited for.
        let mut stream = connect(&scene);
        let head = post("").replace("Content-Length: 0", &format!("Content-Length: {}", 1_u64 << 40));
        stream.write_all(head.as_bytes()).expect("the server reads");
        let chunk = vec![b' '; 1 << 20];
        let _ = (0..64).try_for_each(|_| stream.write_all(&chunk));
        let said = rest(&mut stream);
        assert!(said.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{said}");

        // A body in parts is refused at once, however many there are to come.
        let mut stream = connect(&scene);
        let head = post("").replace("Content-Length: 0", "Transfer-Encoding: chunked");
        stream.write_all(head.as_bytes()).expect("the server reads");
        let _ = (0..1 << 20).try_for_each(|_| stream.write_all(b"1\r\n{\r\n"));
        let said = rest(&mut stream);
        assert!(said.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{said}");

        // So are headers.
        let mut stream = connect(&scene);
        let _ = stream.write_all(b"POST / HTTP/1.1\r\n");
        let _ = (0..1 << 20).try_for_each(|number| stream.write_all(format!("X-{number}: x\r\n").as_bytes()));
        let said = rest(&mut stream);
        assert!(said.starts_with("HTTP/1.1 431 ") || said.is_empty(), "{said}");
        let line = format!("POST /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
        let said = say(&scene, line.as_bytes());
        assert!(said.starts_with("HTTP/1.1 4") || said.is_empty(), "{said}");

        scene.assert_serves();
        assert!(peak_kib(scene.server.pid()) < 192 << 10, "{} KiB", peak_kib(scene.server.pid()));
        eventually("the memory is given back", || {
            (resident_kib(scene.server.pid()) < 128 << 10).then_some(())
        });
    });
}

/// Whatever could be understood by somebody before us in another way than by us hides no command.
#[test]
fn no_command_is_smuggled() {
    sandboxed("http::no_command_is_smuggled", |world| {
        let mut scene = scene(world);
        let inner = post(r#"{"command": "smuggled"}"#);
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{ADMIN}\r\nContent-Type: application/json\r\n");
        let long = inner.len();
        for lengths in [
            format!("Content-Length: {long}\r\nTransfer-Encoding: chunked\r\n"),
            format!("Transfer-Encoding: chunked\r\nContent-Length: {long}\r\n"),
            format!("Transfer-Encoding: xchunked\r\nContent-Length: {long}\r\n"),
            format!("Transfer-Encoding : chunked\r\nContent-Length: {long}\r\n"),
            format!("Transfer-Encoding:\tchunked, identity\r\nContent-Length: {long}\r\n"),
            format!(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: {long}\r\n"
            ),
            format!("A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: {long}\r\n"),
            format!("Content-Length: 0\r\nContent-Length: {long}\r\n"),
            format!("Content-Length: {long}\r\nContent-Length: 5\r\n"),
            format!("Content-Length: 0\r\n {long}\r\n"),
            format!("Content-Length: 5, {long}\r\n"),
            format!("Content-Length : 0\r\nContent-Length: {long}\r\n"),
            "Content-Length: +5\r\n".to_owned(),
            "Content-Length: 0x5\r\n".to_owned(),
            "Content-Length: -1\r\n".to_owned(),
            "Content-Length: 18446744073709551621\r\n".to_owned(),
            "Content-Length:\x0b5\r\n".to_owned(),
            "Content-Length: 5\rA: b\r\n".to_owned(),
        ] {
            let said = say(&scene, format!("{head}{lengths}\r\n0\r\n\r\n{inner}").as_bytes());
            assert!(said.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{lengths:?}: {said}");
            assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{lengths:?}: {said}");
        }
        // A line that ends early is a line; the body is as long as it is said to be, whoever reads it.
        let bare = format!("{head}Content-Length: {long}\r\n\r\n{inner}").replace("\r\n", "\n");
        let said = say(&scene, bare.as_bytes());
        assert!(said.matches("HTTP/1.1 ").count() <= 1 && !said.contains("200 OK"), "{said}");
        // What follows a command is another one, or nothing.
        let command = post(r#"{"command": "version-get"}"#);
        for garbage in ["\0\0\0\0\r\n\r\n", "garbage\r\n\r\n", "POST\r\n\r\n", "{\"command\": \"smuggled\"}"]
        {
            let said = say(&scene, format!("{command}{command}{garbage}{inner}").as_bytes());
            assert_eq!(said.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{garbage:?}: {said}");
        }
        assert_obeys(&scene, "the-last-one");
        scene.server.await_log(&["COMMAND_RECEIVED", "'the-last-one'"]);
        let log = scene.server.log();
        assert!(!log.contains("'smuggled'"), "{log}");
        scene.assert_serves();
    });
}

/// What is no request for a command is refused with the status that says so, and whoever asks as of old is served.
#[test]
fn wrong_requests() {
    sandboxed("http::wrong_requests", |world| {
        let mut scene = scene(world);
        let good = post(r#"{"command": "version-get"}"#);
        for method in ["GET", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "TRACE", "x"] {
            let said = say(&scene, good.replace("POST", method).as_bytes());
            assert!(said.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{method}: {said}");
        }
        for kind in ["text/plain", "application/json; charset=utf-8", "", "multipart/form-data", "\u{fffd}"] {
            let said = say(&scene, good.replace("application/json", kind).as_bytes());
            assert!(said.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{kind}: {said}");
        }
        for path in ["/x", "/../../etc/passwd", "/%00", "http://elsewhere/", "*"] {
            // As in Kea, the path means nothing.
            let said = say(&scene, good.replace("POST /", &format!("POST {path}")).as_bytes());
            assert!(
                said.starts_with("HTTP/1.1 200 OK\r\n") || said.starts_with("HTTP/1.1 400 "),
                "{path}: {said}"
            );
        }
        for version in ["HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/11", "ICY"] {
            let said = say(&scene, good.replace("HTTP/1.1", version).as_bytes());
            assert!(!said.contains("200 OK"), "{version}: {said}");
        }
        // HTTP/1.0 closes after the answer, unless the client asks for more; here nothing is shut by the client.
        let old = good.replace("HTTP/1.1", "HTTP/1.0");
        let mut stream = connect(&scene);
        stream.write_all(old.as_bytes()).expect("the server reads");
        assert!(rest(&mut stream).starts_with("HTTP/1.0 200 OK\r\n"));
        let kept = old.replace("Host: a", "Connection: keep-alive");
        let said = say(&scene, format!("{kept}{kept}").as_bytes());
        assert_eq!(said.matches("HTTP/1.0 200 OK\r\n").count(), 2, "{said}");
        scene.assert_serves();
    });
}

/// Who has not the name and the password gets nothing but 401, always the same, and nobody reads a password in the log or
/// in what the log shows of requests and answers.
#[test]
fn wrong_credentials() {
    sandboxed("http::wrong_credentials", |world| {
        let mut scene = scene(world);
        let good = post(r#"{"command": "version-get"}"#);
        let mut told = Vec::new();
        for header in [
            "A: b",
            "Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZA==",
            "Authorization: Basic YWRtaW46",
            "Authorization: Basic bm9ib2R5OmNvcnJlY3QgaG9yc2U=",
            "Authorization: Basic Og==",
            "Authorization: Basic !!!!!!!!",
            "Authorization: Basic",
            "Authorization: Bearer YWRtaW46Y29ycmVjdCBob3JzZQ==",
            "Authorization: \u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            "Authorization: Basic x\r\nAuthorization: Basic YWRtaW46Y29ycmVjdCBob3JzZQ==",
            "Proxy-Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZQ==",
        ] {
            let said = say(&scene, good.replace(ADMIN, header).as_bytes());
            assert!(said.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{header}: {said}");
            told.push(said.lines().filter(|line| !line.starts_with("Date: ")).collect::<String>());
        }
        told.dedup();
        assert_eq!(told.len(), 1, "{told:?}");
        // A body that is no command is not looked at.
        let said = say(&scene, post("[[[[").replace(ADMIN, "A: b").as_bytes());
        assert!(said.starts_with("HTTP/1.1 401 "), "{said}");

        let told = say(&scene, post(r#"{"command": "config-get"}"#).as_bytes());
        let (_, body) = told.split_once("\r\n\r\n").expect("a body");
        let mut told: Value = serde_json::from_str(body).expect("JSON");
        let arguments = told[0]["arguments"].take();
        // The hash is for readers.
        let arguments = json!({"Dhcp4": arguments["Dhcp4"]});
        let again = json!({"command": "config-set", "arguments": arguments}).to_string();
        let said = say(&scene, post(&again).as_bytes());
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && said.contains("\"result\": 0"), "{said}");
        let broken = post(r#"{"command": "config-set", "arguments": {"password": "correct horse"#);
        assert!(say(&scene, broken.as_bytes()).starts_with("HTTP/1.1 400 "));
        let _ = say(&scene, post("").replace("POST", "\0").as_bytes());
        assert_obeys(&scene, "the-last-one");
        scene.server.await_log(&["'the-last-one' command not supported"]);
        let log = scene.server.log();
        for secret in ["correct horse", "Y29ycmVjdCBob3JzZ", "correct"] {
            let leak = log.lines().find(|line| line.contains(secret));
            assert_eq!(leak, None, "{secret}");
        }
        scene.assert_serves();
    });
}

/// How many files this program may have open from now on. Few shells let it have many at first.
fn most_open_files() -> usize {
    let prlimit = |arguments: &[&str]| {
        let mut command = Command::new("prlimit");
        let output = command.args(["--pid", &std::process::id().to_string()]).args(arguments).output();
        output.expect("prlimit can be run")
    };
    let told = prlimit(&["--nofile", "--raw", "--noheadings", "--output", "HARD"]).stdout;
    let most = String::from_utf8_lossy(&told).trim().to_owned();
    assert!(prlimit(&[&format!("--nofile={most}:{most}")]).status.success(), "open files: {most}");
    most.parse().unwrap_or(usize::MAX)
}

/// 5 000 connections that say nothing keep nobody waiting, and cost no more than the 256 that may stay.
#[test]
fn five_thousand_silent_clients() {
    sandboxed("http::five_thousand_silent_clients", |world| {
        let mut scene = scene(world);
        let some = most_open_files().saturating_sub(500).min(5000) / 10;
        let before = resident_kib(scene.server.pid());
        let silent: Vec<TcpStream> = (0..10).flat_map(|_| connect_all(&scene, some)).collect();
        for mut stream in silent.iter().rev().take(100) {
            let _ = stream.write_all(b"POST / HTTP/1.1\r\nHost");
        }
        for _ in 0..20 {
            assert_obeys(&scene, "version-get");
            assert_eq!(scene.server.command("version-get", None)["result"], 0);
        }
        let open =
            std::fs::read_dir(format!("/proc/{}/fd", scene.server.pid())).expect("the server runs").count();
        assert!(open < 400, "{open} files are open");
        let grown = resident_kib(scene.server.pid()).saturating_sub(before);
        assert!(grown < 64 << 10, "{grown} KiB more");
        scene.assert_serves();
        drop(silent);
    });
}

/// Who sends a byte now and then, its head or its body, is let go after half a minute; and who reads nothing of a long
/// answer. All the while others are served.
#[test]
fn slow_clients() {
    sandboxed("http::slow_clients", |world| {
        let mut scene = scene(world);
        let long = post(r#"{"command": "config-get"}"#);
        let mut slow = connect_all(&scene, 4);
        let (head, body) = (long.as_bytes(), post(&format!("{{\"{}", "x".repeat(100))));
        let (mut reader, mut silent) = (slow.remove(0), slow.remove(0));
        // More than the kernel takes for somebody who reads nothing.
        let many = long.repeat(5000);
        reader.set_nonblocking(true).expect("a socket");
        let mut asked = many.as_bytes();
        thread::scope(|scope| {
            for (mut stream, bytes) in slow.into_iter().zip([head, body.as_bytes()]) {
                scope.spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(1))).expect("not zero");
                    let start = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |end| end + 4);
                    let start = if bytes.len() > start + 50 { start } else { 0 };
                    stream.write_all(&bytes[..start]).expect("the server reads");
                    // It is closed long before all of it is sent.
                    let ended = bytes[start..].iter().any(|byte| {
                        let is_gone = stream.write_all(&[*byte]).is_err();
                        is_gone || !matches!(stream.read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
                    });
                    assert!(ended, "a client that sends a byte a second is let go");
                });
            }
            eventually("who reads nothing is let go", || {
                assert_obeys(&scene, "version-get");
                while let Ok(count @ 1..) = reader.write(asked) {
                    asked = &asked[count..];
                }
                scene.server.log().contains("HTTP_CLIENT_REQUEST_TIMEOUT_OCCURRED").then_some(())
            });
        });
        assert_eq!(rest(&mut silent), "");
        scene.assert_serves();
    });
}

/// Bytes without meaning, and requests with some of them changed.
#[test]
fn noise() {
    sandboxed("http::noise", |world| {
        let mut scene = scene(world);
        let mut noise = Chance::new(7);
        let request = post(r#"{"command": "subnet4-select-test", "arguments": {"address": "192.0.2.7"}}"#);
        for round in 0..400 {
            let bytes = if round % 2 == 0 {
                let len = noise.below(300);
                bytes(&mut noise, len)
            } else {
                let mut bytes = request.clone().into_bytes();
                for _ in 0..=noise.below(3) {
                    let at = noise.below(bytes.len());
                    bytes[at] = noise.below(256) as u8;
                }
                bytes
            };
            let said = say(&scene, &bytes);
            assert!(said.is_empty() || said.starts_with("HTTP/1."), "{said:?}");
        }
        assert_obeys(&scene, "version-get");
        scene.assert_serves();
    });
}
