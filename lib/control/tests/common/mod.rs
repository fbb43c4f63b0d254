#![allow(dead_code, reason = "every test program uses a part of it")]
//! A server with a few commands on a socket in a directory of its own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_control::statistics::{self, HasStatistics};
use kotare_control::unix::{Limits, SocketConfig, Sockets};
use kotare_control::{
    Access, AccessControl, Bound, Command, Commands, Dispatcher, HasCommands, Request, Response, ResultCode,
    Run, blocking, client, now,
};
use kotare_stats::{Stat4, Statistics4};
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
    echoed: AtomicU32,
    fatal: AtomicU32,
    commands: Mutex<Arc<Commands<Self>>>,
    unlocked: (mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>),
}

/// A module: `module-get` tells its number, `module-clear` is exclusive.
pub(crate) struct Module(pub(crate) u32);

const MODULE: &[Command<Module>] = &[
    command("module-get", |module, _| now(Response::data(module.0))),
    Command { exclusive: true, ..command("module-clear", |_, _| now(Response::success("cleared"))) },
];

impl Server {
    /// How many commands `wait` run now, or `lock` ran.
    pub(crate) fn running(&self) -> u32 {
        self.running.load(Ordering::SeqCst)
    }

    /// How many commands `echo` ran.
    pub(crate) fn echoed(&self) -> u32 {
        self.echoed.load(Ordering::SeqCst)
    }

    /// How many fatal errors commands met.
    pub(crate) fn fatal(&self) -> u32 {
        self.fatal.load(Ordering::SeqCst)
    }

    /// Brings a configuration with these modules into effect.
    pub(crate) fn configure(&self, modules: &[Arc<Module>]) {
        *self.commands.lock().unwrap() = Arc::new(commands(modules));
    }

    /// Brings a configuration into effect in which this one has a say.
    pub(crate) fn guard(&self, guard: impl AccessControl + 'static) {
        *self.commands.lock().unwrap() = Arc::new(commands(&[]).guarded(vec![Arc::new(guard)]));
    }
}

fn commands(modules: &[Arc<Module>]) -> Commands<Server> {
    let mut all = Commands::new().own(COMMANDS.iter().copied()).unwrap();
    all = all.own(statistics::commands()).unwrap();
    for module in modules {
        all = all.join(Bound::new(MODULE, module)).unwrap();
    }
    all
}

impl HasCommands for Server {
    fn commands(&self) -> Arc<Commands<Self>> {
        self.commands.lock().unwrap().clone()
    }

    fn met_fatal_error(&self) {
        self.fatal.fetch_add(1, Ordering::SeqCst);
    }
}

impl HasStatistics for Server {
    type Stat = Stat4;

    fn statistics(&self) -> &Statistics4 {
        &self.statistics
    }

    fn since_epoch(&self) -> Duration {
        START
    }
}

const WAIT: Command<Server> = command("wait", |server, _| {
    Box::pin(async {
        let others = server.running.fetch_add(1, Ordering::SeqCst);
        server.go.notified().await;
        server.running.fetch_sub(1, Ordering::SeqCst);
        Response::success(format!("{others} others"))
    })
});

const COMMANDS: &[Command<Server>] = &[
    command("version-get", |_, _| now(Response::success("3.2.0"))),
    command("echo", |server, request| {
        server.echoed.fetch_add(1, Ordering::SeqCst);
        now(Response::data(request.arguments.unwrap_or_default()))
    }),
    Command { exclusive: true, ..WAIT },
    Command { name: "wait-beside", ..WAIT },
    Command {
        exclusive: true,
        ..command("module-remove", |server, _| {
            server.configure(&[]);
            now(Response::success("removed"))
        })
    },
    command("bug", |_, _| Box::pin(async { panic!("as the test wants it") })),
    // Blocks its thread until `unlock` comes, if it comes.
    command("lock", |server, _| {
        let server = server.clone();
        blocking(move || {
            server.running.fetch_add(1, Ordering::SeqCst);
            match server.unlocked.1.lock().unwrap().recv_timeout(Duration::from_secs(60)) {
                Ok(()) => Response::success("unlocked"),
                Err(_) => Response::error("nothing else ran meanwhile"),
            }
        })
    }),
    command("unlock", |server, _| {
        now(match server.unlocked.0.send(()) {
            Ok(()) => Response::success(""),
            Err(_) => Response::error("there is no lock"),
        })
    }),
    command("wreck", |_, _| now(Response::failed(ResultCode::FatalError, "beyond repair"))),
    command("blocking-bug", |_, _| blocking(|| panic!("as the test wants it"))),
];

pub(crate) const fn command<C>(name: &'static str, run: Run<C>) -> Command<C> {
    Command {
        name,
        access: Access::Read,
        exclusive: false,
        since: "0.0.0",
        help: "For tests.",
        args: &[],
        run,
    }
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
        let (unlock, unlocked) = mpsc::channel();
        let server = Arc::new(Server {
            statistics,
            go: Notify::new(),
            running: AtomicU32::new(0),
            echoed: AtomicU32::new(0),
            fatal: AtomicU32::new(0),
            commands: Mutex::new(Arc::new(commands(&[]))),
            unlocked: (unlock, Mutex::new(unlocked)),
        });
        let sockets = Sockets::new(Dispatcher::new(&server), limits);
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
