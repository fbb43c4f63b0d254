//! The other end of a UNIX control socket.

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

/// The longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 30;

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
    Answer(serde_json::Error),
}

/// Sends `request` to the server at `path` and returns its answer, a map with `result`, `text` and `arguments`,
/// within `patience`.
///
/// # Errors
/// If there is no answer, or none that is JSON. A command that failed is an answer.
pub async fn send(path: &Path, request: Request, patience: Duration) -> Result<Value, ClientError> {
    let exchange = async {
        let mut stream = UnixStream::connect(path).await.map_err(ClientError::Connect)?;
        let text = format::text(&request.into_json(), Shape::Line);
        // The server may refuse what it has not read to the end; then its answer says more than our failure.
        let sent = stream.write_all(text.as_bytes()).await;
        let mut answer = Vec::new();
        let received = stream.take(MAX_ANSWER).read_to_end(&mut answer).await;
        if answer.is_empty() {
            sent.and(received.map(drop)).map_err(ClientError::Transfer)?;
        }
        let is_long = answer.len() >= LONG;
        let parse = move || serde_json::from_slice(&answer).map_err(ClientError::Answer);
        if is_long { aside(parse).await } else { parse() }
    };
    timeout(patience, exchange).await.unwrap_or(Err(ClientError::Timeout(patience)))
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
