#![allow(dead_code, reason = "every test program uses a part of it")]
//! A server with a few commands on a socket in a directory of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_control::statistics::{self, HasStatistics};
use kotare_control::unix::{Limits, SocketConfig, Sockets};
use kotare_control::{Access, Command, Commands, Dispatcher, Request, Response, client};
use kotare_stats::Statistics4;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::Notify;

/// 2026-11-21 18:31:42.141368 UTC.
pub(crate) const START: Duration = Duration::from_micros(1_795_285_902_141_368);

pub(crate) struct Server {
    pub(crate) statistics: Statistics4,
    /// Lets the command `wait` go on.
    pub(crate) go: Notify,
    running: AtomicU32,
}

impl Server {
    /// How many commands `wait` run now.
    pub(crate) fn running(&self) -> u32 {
        self.running.load(Ordering::SeqCst)
    }
}

impl HasStatistics for Server {
    fn statistics(&self) -> &Statistics4 {
        &self.statistics
    }

    fn since_epoch(&self) -> Duration {
        START
    }
}

const COMMANDS: &[Command<Server>] = &[
    command("version-get", |_, _| Box::pin(async { Response::success("3.2.0") })),
    command("echo", |_, request| {
        Box::pin(async move { Response::data(request.arguments.unwrap_or_default()) })
    }),
    command("wait", |server, _| {
        Box::pin(async {
            let others = server.running.fetch_add(1, Ordering::SeqCst);
            server.go.notified().await;
            server.running.fetch_sub(1, Ordering::SeqCst);
            Response::success(format!("{others} others"))
        })
    }),
    command("bug", |_, _| Box::pin(async { panic!("as the test wants it") })),
];

const fn command(
    name: &'static str,
    run: for<'a> fn(&'a Server, Request) -> kotare_control::Reply<'a>,
) -> Command<Server> {
    Command { name, access: Access::Read, since: "0.0.0", help: "For tests.", args: &[], run }
}

/// A server, its sockets and the directory they are in.
pub(crate) struct Fixture {
    pub(crate) server: Arc<Server>,
    pub(crate) sockets: Sockets,
    pub(crate) directory: TempDir,
}

impl Fixture {
    /// A server without sockets.
    pub(crate) fn new(limits: Limits) -> Self {
        let statistics = Statistics4::new(TimeZone::UTC, START);
        let server = Arc::new(Server { statistics, go: Notify::new(), running: AtomicU32::new(0) });
        let commands = Commands::new().join(COMMANDS.iter().copied()).unwrap();
        let commands = commands.join(statistics::commands()).unwrap();
        let sockets = Sockets::new(Dispatcher::new(commands, server.clone()), limits);
        Self { server, sockets, directory: TempDir::new().unwrap() }
    }

    /// A server with the socket `s`.
    pub(crate) fn serving(limits: Limits) -> (Self, PathBuf) {
        let fixture = Self::new(limits);
        let path = fixture.path("s");
        fixture.serve(&[SocketConfig::new(&path)]);
        (fixture, path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn serve(&self, wanted: &[SocketConfig]) {
        self.sockets.publish(self.sockets.prepare(wanted).unwrap());
    }
}

/// Sends `bytes` and returns everything the server says.
pub(crate) async fn ask(path: &Path, bytes: &[u8]) -> String {
    let mut stream = UnixStream::connect(path).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    rest(&mut stream).await
}

/// What the server says until it closes.
pub(crate) async fn rest(stream: &mut UnixStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Sends a request with the library's client.
pub(crate) async fn send(path: &Path, request: Request) -> Value {
    client::send(path, request, Duration::from_secs(60)).await.unwrap()
}
