//! Pages: made as they are taken, to the end or as long as a client may take.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kotare_config::json::Source;
use kotare_config::process::{Detail, Monitoring};
use kotare_control::http::{Asked, ListenerConfig, Listeners, Opening, Page, Settings, Words};
use kotare_control::unix::Limits;
use kotare_control::{Denied, Execute, Reply, Request, Response, now};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a part of a page is.
const PART: usize = 64 << 10;

/// A server whose pages have a number of parts.
#[derive(Debug, Default)]
struct Server {
    /// How many parts were made.
    made: Arc<AtomicUsize>,
}

impl Execute for Server {
    fn execute(self: Arc<Self>, _: Request) -> Reply<'static> {
        now(Response::success("a command"))
    }

    fn judge(&self, _: &Request) -> Result<(), Denied> {
        Ok(())
    }

    fn page(&self, path: &str, _: Asked) -> Option<Opening> {
        let parts: usize = path.strip_prefix("/parts/")?.parse().ok()?;
        let made = self.made.clone();
        let part = move |number: usize| {
            made.fetch_add(1, Ordering::SeqCst);
            format!("{number:0width$}\n", width = PART - 1)
        };
        let parts = Box::new((0..parts).map(part));
        Some(Box::pin(async { Page { is_well: true, kind: "text/plain", held: PART, parts } }))
    }
}

fn serving(limits: Limits) -> (Arc<Server>, Listeners, SocketAddr) {
    let server = Arc::new(Server::default());
    let listeners = Listeners::new(server.clone(), limits, Some("dhcp4".to_owned()), &Words::CONTROL_SOCKETS);
    let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let monitoring = Some(Monitoring { detail: Detail::Pools, authentication: true });
    let settings = Arc::new(Settings { monitoring, ..Settings::default() });
    let wanted = ListenerConfig { at, settings, source: Source::whole("test"), quick: None };
    listeners.publish(listeners.prepare(&[wanted]).unwrap());
    (server, listeners, at)
}

async fn asking(at: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let text = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn read(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// A long page comes whole; what is no page is a command that is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_comes_whole() {
    let (_server, _listeners, at) = serving(Limits::default());
    let text = read(asking(at, "/parts/20").await).await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{}", &text[..200]);
    let numbers: Vec<usize> =
        text.lines().filter(|line| line.len() == PART - 1).map(|line| line.parse().unwrap()).collect();
    assert_eq!(numbers, (0..20).collect::<Vec<_>>());
    assert!(read(asking(at, "/other").await).await.starts_with("HTTP/1.1 400 "));
}

/// A page that nobody reads is not made, keeps no thread, and is over in time; then others have their turn.
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_nothing_is_let_go() {
    let (server, _listeners, at) = serving(Limits { whole: Duration::from_secs(4), ..Limits::default() });
    let idle = [asking(at, "/parts/100000").await, asking(at, "/parts/100000").await];
    // Both have their turn before the third asks.
    while server.made.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    let text = read(asking(at, "/parts/1").await).await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"));
    // What a socket takes is some megabytes at most.
    assert!(server.made.load(Ordering::SeqCst) < 1000);
    drop(idle);
}
