//! Any bytes to the control socket: a command as it was sent, an error, or silence, however the bytes arrive.
//!
//! The first byte says how many of the others are sent at a time.

use std::path::PathBuf;
use std::sync::Arc;

use kotare_control::unix::{Limits, SocketConfig, Sockets};
use kotare_control::{Denied, Execute, Reply, Request, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};

/// The longest command.
const SIZE: usize = 4000;

/// Panics when an answer is none, depends on how the bytes arrive, or is to another command.
pub(crate) fn check(input: &[u8]) {
    let Some((&step, sent)) = input.split_first() else { return };
    let answer = ask(sent, usize::MAX);
    assert_eq!(answer, ask(sent, usize::from(step) + 1));
    if !answer.is_empty() {
        let answer: Value = serde_json::from_slice(&answer).expect("an answer is JSON");
        assert!(answer["result"].is_u64(), "{answer}");
    }
    let command = serde_json::from_slice(sent).ok().filter(|_| sent.len() <= SIZE);
    if let Some(Ok(request)) = command.filter(Value::is_object).map(Request::from_json) {
        let expected = Response::data(request.into_json()).into_text();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer == expected || answer.contains("levels deep"), "{answer} where {expected} is right");
    }
}

/// All that the server says to `bytes`, sent `step` at a time.
fn ask(bytes: &[u8], step: usize) -> Vec<u8> {
    thread_local!(static SERVER: Server = Server::start());
    SERVER.with(|server| {
        server.runtime.block_on(async {
            let mut stream = UnixStream::connect(&server.path).await.expect("the server listens");
            for piece in bytes.chunks(step) {
                // Who is refused need not be heard to the end.
                if stream.write_all(piece).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            let _ = stream.shutdown().await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            answer
        })
    })
}

/// A server that answers every command with the command.
struct Server {
    path: PathBuf,
    runtime: Runtime,
    _sockets: Sockets,
    _folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("s");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let limits = Limits { size: SIZE, ..Limits::default() };
        let sockets = runtime.block_on(async {
            let sockets = Sockets::new(Arc::new(Echo), limits);
            sockets.publish(sockets.prepare(&[SocketConfig::new(&path)]).expect("a socket"));
            sockets
        });
        Self { path, runtime, _sockets: sockets, _folder: folder }
    }
}

struct Echo;

impl Execute for Echo {
    fn judge(&self, _: &Request) -> Result<(), Denied> {
        Ok(())
    }

    fn execute(self: Arc<Self>, request: Request) -> Reply<'static> {
        Box::pin(std::future::ready(Response::data(request.into_json())))
    }
}
