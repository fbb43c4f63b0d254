//! Commands over HTTP: what is answered, who is let in, how long a client may take, and listeners that are exchanged.

mod common;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::Fixture;
use kotare_config::json::Source;
use kotare_control::http::{
    Authentication, Header, ListenerConfig, Listeners, Quick, Settings, Turns, Words,
};
use kotare_control::unix::{Limits, SocketConfig};
use kotare_control::{AccessControl, Apart, Denied, Dispatcher, Execute, Peer, Reply, Request, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

struct Http {
    fixture: Fixture,
    listeners: Arc<Listeners>,
    at: SocketAddr,
}

/// What is said after a request.
#[derive(Debug)]
struct Said {
    status: u16,
    head: String,
    body: String,
}

impl Http {
    fn serving(limits: Limits, settings: Settings) -> Self {
        let fixture = Fixture::new(limits);
        let listeners = Listeners::new(
            Dispatcher::new(&fixture.server),
            limits,
            Some("dhcp4".to_owned()),
            &Words::CONTROL_SOCKETS,
        );
        let http = Self { fixture, listeners: Arc::new(listeners), at: free("127.0.0.1:0") };
        http.serve(&[config(http.at, settings)]);
        http
    }

    fn serve(&self, wanted: &[ListenerConfig]) {
        self.listeners.publish(self.listeners.prepare(wanted).unwrap());
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.at).await.unwrap()
    }

    /// Sends `text` over a connection of its own and reads until the server closes it.
    async fn say(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        rest(&mut stream).await
    }
}

/// An address that nobody has.
fn free(at: &str) -> SocketAddr {
    TcpListener::bind(at).unwrap().local_addr().unwrap()
}

fn config(at: SocketAddr, settings: Settings) -> ListenerConfig {
    let source = Source::new("test.conf".into(), 3, 7);
    ListenerConfig { at, settings: Arc::new(settings), source, quick: None }
}

fn post(body: &str) -> String {
    let length = body.len();
    format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn named(name: &str) -> String {
    post(&json!({"command": name}).to_string())
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// Reads one answer.
async fn said(stream: &mut TcpStream) -> Said {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Said { status, head, body: String::from_utf8(body).unwrap() }
}

async fn ask(stream: &mut TcpStream, text: &str) -> Said {
    stream.write_all(text.as_bytes()).await.unwrap();
    said(stream).await
}

/// An answer is a list of one, in JSON; the connection stays for the next command.
#[tokio::test]
async fn a_connection_is_kept() {
    let http = Http::serving(Limits::default(), Settings::default());
    let mut stream = http.connect().await;
    for _ in 0..3 {
        let said = ask(&mut stream, &named("version-get")).await;
        assert_eq!(said.body, r#"[ { "result": 0, "text": "3.2.0" } ]"#);
        assert!(said.head.starts_with("HTTP/1.1 200 OK\r\n"), "{}", said.head);
        for header in ["Content-Type: application/json\r\n", "Content-Length: 36\r\n", "Date: "] {
            assert!(said.head.contains(header), "{header} in {}", said.head);
        }
    }
    let unknown = ask(&mut stream, &named("no-such")).await;
    assert_eq!((unknown.status, unknown.body.contains("\"result\": 2")), (200, true));
}

/// Answers every command with the name of the thread that runs it, and with whether it is to be answered quickly.
struct Where;

impl Execute for Where {
    fn execute(self: Arc<Self>, request: Request) -> Reply<'static> {
        Box::pin(async move {
            let thread = thread::current().name().unwrap_or_default().to_owned();
            Response::data(json!([thread, request.is_quick]))
        })
    }

    fn judge(&self, _: &Request) -> Result<(), Denied> {
        Ok(())
    }
}

/// A listener that answers quickly runs the commands that are said in an event loop of its own, and others where all else is.
#[tokio::test]
async fn quick_commands_run_apart() {
    let listeners = Listeners::new(Arc::new(Where), Limits::default(), None, &Words::PARTNERS);
    let quick = Some(Quick { apart: Apart::new("apart", Handle::current()), commands: &["quick"] });
    let at = free("127.0.0.1:0");
    let wanted = ListenerConfig { quick, ..config(at, Settings::default()) };
    listeners.publish(listeners.prepare(&[wanted]).unwrap());
    let mut stream = TcpStream::connect(at).await.unwrap();
    for (command, runs_at) in [("quick", "apart"), ("other", thread::current().name().unwrap())] {
        let said = ask(&mut stream, &named(command)).await;
        let answer: Value = serde_json::from_str(&said.body).unwrap();
        assert_eq!(answer[0]["arguments"], json!([runs_at, true]), "{command}");
    }
    drop(stream);
    listeners.close(Duration::from_secs(5)).await;
}

/// Requests that come at once are answered in their order.
#[tokio::test]
async fn requests_are_taken_one_after_the_other() {
    let http = Http::serving(Limits::default(), Settings::default());
    let mut stream = http.connect().await;
    let echo = |number: u32| post(&json!({"command": "echo", "arguments": number}).to_string());
    let all: String = (0..5).map(echo).collect();
    stream.write_all(all.as_bytes()).await.unwrap();
    for number in 0..5 {
        assert_eq!(said(&mut stream).await.body, format!("[ {{ \"arguments\": {number}, \"result\": 0 }} ]"));
    }
    // HTTP/1.0 closes; whoever has said all of it may close its side first.
    let text = named("version-get").replace("HTTP/1.1", "HTTP/1.0");
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.0 200 OK\r\n"));
}

/// What is no request for a command is answered with the status, as Kea does.
#[tokio::test]
async fn what_brings_no_command_is_refused() {
    let http = Http::serving(Limits::default(), Settings::default());
    let body = r#"{ "result": 400, "text": "Bad Request" }"#;
    let good = named("version-get");
    for request in [
        good.replace("POST", "GET"),
        good.replace("POST", "PUT"),
        good.replace("application/json", "text/plain"),
        good.replace("Content-Type: application/json\r\n", ""),
        good.replace("Content-Length: 25", "Accept: 25"),
        post("{"),
        post("x"),
        post(r#"{"command": "version-get"} {}"#),
        post(r#"{"command": }"#),
        post(&"[".repeat(200)),
        good.replace("Content-Length: 25", "Transfer-Encoding: chunked").replace("{", "19\r\n{")
            + "\r\n0\r\n\r\n",
    ] {
        let mut stream = http.connect().await;
        let said = ask(&mut stream, &request).await;
        assert_eq!((said.status, said.body.as_str()), (400, body), "{request}");
    }
    assert_eq!(http.fixture.server.echoed(), 0);
}

/// What is no command, or for another server, is told in the answer.
#[tokio::test]
async fn what_is_no_command_is_told() {
    let http = Http::serving(Limits::default(), Settings::default());
    let mut stream = http.connect().await;
    let mut text = async |body: &str| {
        let said = ask(&mut stream, &post(body)).await;
        assert_eq!(said.status, 200, "{body}");
        let answer: Value = serde_json::from_str(&said.body).unwrap();
        answer[0]["text"].as_str().unwrap().to_owned()
    };
    for (services, answer) in [
        ("[\"dhcp4\"]", "3.2.0"),
        ("[]", "3.2.0"),
        ("[\"\"]", "3.2.0"),
        ("\"dhcp4\"", "service value must be a list"),
        ("[\"dhcp4\", \"dhcp6\"]", "service value has more than one item"),
        ("[4]", "service name must be a string"),
        ("[\"dhcp6\"]", "unsupported service 'dhcp6', expected 'dhcp4'"),
    ] {
        let body = format!(r#"{{"command": "version-get", "service": {services}}}"#);
        assert_eq!(text(&body).await, answer);
    }
    assert!(text("").await.ends_with("invalid command: no command specified"));
    assert!(text("[1]").await.ends_with("expected toplevel entry to be a map, got list instead"));
}

/// Whoever has no name and password gets none of the commands; extra headers go with every answer.
#[tokio::test]
async fn credentials_are_asked_for() {
    let mut authentication = Authentication::new("kea").unwrap();
    authentication.permit("admin", "secret");
    authentication.permit("guest", "");
    let headers =
        vec![Header::new("X-Frame-Options", "DENY").unwrap(), Header::new("Content-Length", "1").unwrap()];
    let settings = Settings { authentication: Some(authentication), headers, ..Settings::default() };
    let http = Http::serving(Limits::default(), settings);
    let with = |value: &str| named("version-get").replace("Host: a", &format!("Authorization: {value}"));
    let mut stream = http.connect().await;
    for (value, status) in [
        ("Basic YWRtaW46c2VjcmV0", 200),
        ("bAsIc   YWRtaW46c2VjcmV0  ", 200),
        ("Basic Z3Vlc3Q6", 200),
        ("Basic YWRtaW46c2VjcmV1", 401),
        ("Basic YWRtaW46c2VjcmV0YQ==", 401),
        ("Basic x", 401),
        ("Bearer YWRtaW46c2VjcmV0", 401),
    ] {
        let said = ask(&mut stream, &with(value)).await;
        assert_eq!(said.status, status, "{value}");
        assert!(said.head.contains("X-Frame-Options: DENY\r\n"), "{}", said.head);
    }
    let said = ask(&mut stream, &named("echo")).await;
    assert_eq!(said.body, r#"{ "result": 401, "text": "Unauthorized" }"#);
    assert!(said.head.contains("Www-Authenticate: Basic realm=\"kea\"\r\n"), "{}", said.head);
    assert_eq!(http.fixture.server.echoed(), 0);
}

/// A length that could be understood in two ways is not guessed at, and nothing that follows is taken for a request.
#[tokio::test(start_paused = true)]
async fn no_request_is_smuggled() {
    let http = Http::serving(Limits::default(), Settings::default());
    let inner = named("echo");
    let head = "POST / HTTP/1.1\r\nContent-Type: application/json\r\n";
    for lengths in [
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n",
        "Content-Length: 0, 5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x10\r\n",
        "Content-Length : 0\r\n",
        "Transfer-Encoding: identity\r\n",
    ] {
        let answer = http.say(&format!("{head}{lengths}\r\nx{inner}")).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{lengths}: {answer}");
    }
    // Where one who relays believes the length, and we the parts, there would be another request behind the last part.
    for lengths in ["Content-Length: 200\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\n"]
    {
        let answer = http.say(&format!("{head}{lengths}\r\n0\r\n\r\n{inner}")).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
    }
    assert_eq!(http.fixture.server.echoed(), 0);
}

/// What is too long, or no HTTP at all, is refused before it is read.
#[tokio::test(start_paused = true)]
async fn length_is_bounded() {
    let limits = Limits { size: 1000, ..Limits::default() };
    let http = Http::serving(limits, Settings::default());
    let answer = http.say(&named("echo").replace("Content-Length: 18", "Content-Length: 1001")).await;
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
    let huge = format!("POST / HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(100_000));
    let mut stream = http.connect().await;
    // It may close while we write.
    let _ = stream.write_all(huge.as_bytes()).await;
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told).await;
    for garbage in ["\0\0\0\0\r\n\r\n", "{\"command\": \"echo\"}\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let answer = http.say(garbage).await;
        assert!(answer.is_empty() || answer.contains(" 400 Bad Request\r\n"), "{garbage}: {answer}");
    }
    assert_eq!(http.fixture.server.echoed(), 0);
    assert_eq!(ask(&mut http.connect().await, &named("version-get")).await.status, 200);
}

/// Who says too little in time is let go: before a request without a word, within one with the reason.
#[tokio::test(start_paused = true)]
async fn time_is_bounded() {
    let http = Http::serving(Limits::default(), Settings::default());
    assert_eq!(http.say("").await, "");
    assert_eq!(http.say("POST / HTTP/1.1\r\nConte").await, "");
    let text = named("echo");
    let answer = http.say(&text[..text.len() - 1]).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.ends_with(r#"{ "result": 408, "text": "Request Timeout" }"#), "{answer}");
    let mut kept = http.connect().await;
    assert_eq!(ask(&mut kept, &named("version-get")).await.status, 200);
    assert_eq!(rest(&mut kept).await, "");
    assert_eq!(http.fixture.server.echoed(), 0);
}

/// A newcomer does not wait for those who say nothing.
#[tokio::test]
async fn the_silent_make_room() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let http = Http::serving(limits, Settings::default());
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(http.connect().await);
    }
    assert_eq!(ask(&mut http.connect().await, &named("version-get")).await.status, 200);
}

/// New listeners open, IPv6 too; those that stay go on with new settings; those that are gone answer what is under way.
#[tokio::test]
async fn listeners_are_exchanged() {
    let http = Http::serving(Limits::default(), Settings::default());
    let (gone, stays) = (http.at, free("[::1]:0"));
    http.serve(&[config(gone, Settings::default()), config(stays, Settings::default())]);
    let mut kept = TcpStream::connect(stays).await.unwrap();
    assert_eq!(ask(&mut kept, &named("version-get")).await.status, 200);
    let (mut waiting, mut silent) = (http.connect().await, http.connect().await);
    waiting.write_all(named("wait").as_bytes()).await.unwrap();
    while http.fixture.server.running() == 0 {
        tokio::task::yield_now().await;
    }
    let mut authentication = Authentication::new("kea").unwrap();
    authentication.permit("admin", "secret");
    http.serve(&[config(stays, Settings { authentication: Some(authentication), ..Settings::default() })]);
    assert_eq!(http.listeners.addresses(), [stays]);
    assert_eq!(rest(&mut silent).await, "");
    http.fixture.server.go.notify_one();
    assert!(rest(&mut waiting).await.ends_with(r#"[ { "result": 0, "text": "0 others" } ]"#));
    assert_eq!(ask(&mut kept, &named("version-get")).await.status, 401);
}

/// Where commands take turns, none runs beside another.
#[tokio::test]
async fn commands_take_turns() {
    let settings = Settings { turns: Some(Turns::new(1)), ..Settings::default() };
    let http = Http::serving(Limits::default(), settings);
    let (mut first, mut second) = (http.connect().await, http.connect().await);
    first.write_all(named("wait-beside").as_bytes()).await.unwrap();
    while http.fixture.server.running() == 0 {
        tokio::task::yield_now().await;
    }
    second.write_all(named("echo").as_bytes()).await.unwrap();
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(http.fixture.server.echoed(), 0);
    http.fixture.server.go.notify_one();
    assert_eq!(said(&mut first).await.body, r#"[ { "result": 0, "text": "0 others" } ]"#);
    assert_eq!(said(&mut second).await.status, 200);
    assert_eq!(http.fixture.server.echoed(), 1);
}

/// Closing waits for answers under way and for nobody else.
#[tokio::test]
async fn closing_waits_for_answers() {
    let http = Http::serving(Limits::default(), Settings::default());
    let (mut waiting, mut silent) = (http.connect().await, http.connect().await);
    waiting.write_all(named("wait").as_bytes()).await.unwrap();
    while http.fixture.server.running() == 0 {
        tokio::task::yield_now().await;
    }
    let closing = http.listeners.close(Duration::from_secs(60));
    http.fixture.server.go.notify_one();
    let (answer, ()) = tokio::join!(rest(&mut waiting), closing);
    assert!(answer.ends_with(r#"[ { "result": 0, "text": "0 others" } ]"#), "{answer}");
    assert_eq!(rest(&mut silent).await, "");
}

/// An address that cannot be had is told with the place, and what serves goes on.
#[tokio::test]
async fn errors_name_place_and_reason() {
    let http = Http::serving(Limits::default(), Settings::default());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = |wanted: &[ListenerConfig]| http.listeners.prepare(wanted).err().unwrap().to_string();
    let at = taken.local_addr().unwrap();
    let text = error(&[config(at, Settings::default())]);
    assert!(text.starts_with(&format!("test.conf:3:7: cannot serve HTTP at {at}: ")), "{text}");
    assert!(text.contains("another program has it"), "{text}");
    let text = error(&[config("192.0.2.1:1".parse().unwrap(), Settings::default())]);
    assert!(text.contains("no interface has it"), "{text}");
    let twice = [config(http.at, Settings::default()), config(http.at, Settings::default())];
    assert!(error(&twice).contains("twice"));
    assert_eq!(ask(&mut http.connect().await, &named("version-get")).await.status, 200);
}

/// Lets the user `admin` do everything and others ask for the version, which is another one for them; whoever has no name
/// must come with one.
#[derive(Debug)]
struct Guard;

impl AccessControl for Guard {
    fn judge(&self, peer: &Peer, command: &str) -> Result<(), Denied> {
        assert!(peer.address.is_loopback() && peer.tls.is_none(), "{peer:?}");
        match peer.user.as_deref() {
            None => Err(Denied::Unauthorized),
            Some("admin") => Ok(()),
            Some(_) if command == "version-get" => Ok(()),
            Some(_) => Err(Denied::Forbidden),
        }
    }

    fn filters(&self, _: &str) -> bool {
        true
    }

    fn filter(&self, peer: &Peer, command: &str, response: Response) -> Response {
        assert_eq!(command, "version-get");
        if peer.user.as_deref() == Some("admin") { response } else { Response::success("none") }
    }
}

/// Whoever judges access hears who asks, as far as that was made sure of: what is forbidden is not run and is answered by
/// a map alone, another configuration may have nobody who judges, and UNIX sockets are not judged.
#[tokio::test]
async fn access_is_judged() {
    let mut authentication = Authentication::new("kea").unwrap();
    authentication.permit("admin", "a");
    authentication.permit("guest", "g");
    let http = Http::serving(
        Limits::default(),
        Settings { authentication: Some(authentication), ..Settings::default() },
    );
    http.fixture.server.guard(Guard);
    let ask = async |credential: &str, body: &str| {
        let text = post(body).replace(
            "Host: a",
            &format!("Host: a\r\nConnection: close\r\nAuthorization: Basic {credential}"),
        );
        http.say(&text).await
    };
    let (admin, guest) = ("YWRtaW46YQ==", "Z3Vlc3Q6Zw==");
    let version = json!({"command": "version-get"}).to_string();
    assert!(ask(admin, &version).await.ends_with(r#"[ { "result": 0, "text": "3.2.0" } ]"#));
    assert!(ask(guest, &version).await.ends_with(r#"[ { "result": 0, "text": "none" } ]"#));
    for body in [
        json!({"command": "echo"}),
        json!({"command": "echo", "service": ["dhcp6"]}),
        json!({"command": "no-such"}),
    ] {
        let told = ask(guest, &body.to_string()).await;
        assert!(told.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{told}");
        assert!(told.ends_with(r#"{ "result": 403, "text": "Forbidden" }"#), "{told}");
    }
    assert_eq!(http.fixture.server.echoed(), 0);
    http.serve(&[config(http.at, Settings::default())]);
    let told = http.say(&post(&version).replace("Host: a", "Host: a\r\nConnection: close")).await;
    assert!(told.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{told}");
    assert!(told.ends_with(r#"{ "result": 401, "text": "Unauthorized" }"#), "{told}");
    let unix = http.fixture.path("unix");
    http.fixture.serve(&[SocketConfig::new(&unix)]);
    assert_eq!(common::ask(&unix, version.as_bytes()).await, r#"{ "result": 0, "text": "3.2.0" }"#);
    http.fixture.server.configure(&[]);
    let told = http.say(&post(&version).replace("Host: a", "Host: a\r\nConnection: close")).await;
    assert!(told.starts_with("HTTP/1.1 200 OK\r\n"), "{told}");
}
