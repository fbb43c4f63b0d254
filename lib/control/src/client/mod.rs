//! The other end of a control socket: a UNIX one ([`send`], [`exchange`]) or one of HTTP ([`HttpPeer`], [`KeptPeer`]).

mod http;
mod kept;
mod tls;

use std::path::Path;
use std::time::Duration;
use std::{fmt, io};

use kotare_config::json::format::{self, Shape};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::Request;
use crate::aside::{LONG, aside};
use crate::feed::{Feed, Step};

pub use http::{HttpError, HttpPeer};
pub use kept::KeptPeer;
pub use tls::{Secured, Tls};

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 30;

/// How much of an answer is read at once.
const CHUNK: usize = 64 << 10;

/// Why there is no answer.
#[derive(Debug)]
pub enum ClientError {
    /// Nobody listens there, or we may not connect.
    Connect(io::Error),
    /// The connection broke.
    Transfer(io::Error),
    /// The answer was not complete in time.
    Timeout(Duration),
    /// The answer is not JSON.
    Answer(String),
}

/// Sends `request` to the server at `path` and returns its answer, a map with `result`, `text` and `arguments`,
/// within `patience`.
///
/// # Errors
/// If there is no answer, or none that is JSON. A command that failed is an answer.
pub async fn send(path: &Path, request: Request, patience: Duration) -> Result<Value, ClientError> {
    let command = format::text(&request.into_json(), Shape::Line);
    let answer = async {
        let answer = exchange(path, command.as_bytes()).await?;
        let is_long = answer.len() >= LONG;
        let parse =
            move || serde_json::from_slice(&answer).map_err(|error| ClientError::Answer(error.to_string()));
        if is_long { aside(parse).await } else { parse() }
    };
    timeout(patience, answer).await.unwrap_or(Err(ClientError::Timeout(patience)))
}

/// Sends the text of a command to the server at `path` and returns that of its answer, which is complete with its last
/// bracket: a server that leaves the connection open is not waited for. It takes as long as the server does.
///
/// # Errors
/// If there is no answer.
pub async fn exchange(path: &Path, command: &[u8]) -> Result<Vec<u8>, ClientError> {
    let mut stream = UnixStream::connect(path).await.map_err(ClientError::Connect)?;
    // The server may refuse what it has not read to the end; then its answer says more than our failure.
    let sent = stream.write_all(command).await;
    let mut feed = Feed::new(MAX_ANSWER, usize::MAX);
    let mut chunk = vec![0; CHUNK];
    loop {
        let received = match stream.read(&mut chunk).await {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            other => other,
        };
        let length = match received {
            Ok(length) => length,
            Err(error) => return Err(ClientError::Transfer(sent.err().unwrap_or(error))),
        };
        match feed.push(&chunk[..length]) {
            Step::More => {}
            Step::Complete(answer) => return Ok(answer),
            Step::Refused(reason) => return Err(ClientError::Answer(of_answer(&reason))),
        }
    }
}

/// What an answer says, if it has no more values than `most`: each takes many times the memory of its text.
///
/// # Errors
/// If it is not JSON, or has more.
pub fn read(answer: &[u8], most: usize) -> Result<Value, String> {
    // Each value has a byte at least.
    if answer.len() > most
        && let Step::Refused(reason) = Feed::new(answer.len(), most).push(answer)
    {
        return Err(of_answer(&reason));
    }
    serde_json::from_slice(answer).map_err(|error| format!("it is no JSON: {error}"))
}

fn of_answer(reason: &str) -> String {
    reason.replacen("the command", "the answer", 1)
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "cannot connect to the server: {error}"),
            Self::Transfer(error) => write!(f, "the connection to the server broke: {error}"),
            Self::Timeout(patience) => write!(f, "the server did not answer within {} s", patience.as_secs()),
            Self::Answer(error) => write!(f, "the server's answer is not JSON: {error}"),
        }
    }
}

impl std::error::Error for ClientError {}
