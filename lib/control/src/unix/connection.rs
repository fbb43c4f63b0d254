//! One client of a UNIX socket.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::Limits;
use crate::aside::{LONG, aside};
use crate::feed::{Feed, Step};
use crate::messages::*;
use crate::{Execute, Request, Response};

const READ_SIZE: usize = 32 << 10;
const WRITE_SIZE: usize = 256 << 10;

/// How long a client whose command was refused before its end may go on sending, so that it comes to read why.
const LINGER: Duration = Duration::from_secs(1);

/// Serves the client of `stream` to the end.
pub(super) async fn serve(
    mut stream: UnixStream,
    path: &Path,
    executor: Arc<dyn Execute>,
    limits: Limits,
    retired: watch::Receiver<()>,
) {
    COMMAND_SOCKET_CONNECTION_OPENED(path.display());
    match read(&mut stream, path, limits, retired).await {
        Read::Command(text) => {
            let response = match parse(text).await {
                Ok(request) => executor.execute(request).await,
                Err(reason) => refuse(reason),
            };
            answer(&mut stream, path, limits, response).await;
        }
        Read::Refused(response) => {
            if answer(&mut stream, path, limits, response).await {
                let _ = timeout(LINGER, tokio::io::copy(&mut stream, &mut tokio::io::sink())).await;
            }
        }
        Read::Nothing => {}
    }
    COMMAND_SOCKET_CONNECTION_CLOSED(path.display());
}

/// What came of a client's sending.
enum Read {
    /// A complete JSON map or list.
    Command(Vec<u8>),
    /// What cannot become one, with the answer to it.
    Refused(Response),
    /// Nobody waits for an answer.
    Nothing,
}

async fn read(
    stream: &mut UnixStream,
    path: &Path,
    limits: Limits,
    mut retired: watch::Receiver<()>,
) -> Read {
    let mut feed = Feed::new(limits.size);
    let mut buffer = vec![0; READ_SIZE];
    loop {
        let read = tokio::select! {
            read = timeout(limits.idle, stream.read(&mut buffer)) => read,
            _ = retired.changed() => return Read::Nothing,
        };
        match read {
            Ok(Ok(0)) => {
                COMMAND_SOCKET_CLOSED_BY_FOREIGN_HOST(path.display(), discarded(feed.len()));
                return Read::Nothing;
            }
            Ok(Ok(count)) => {
                COMMAND_SOCKET_READ(count, path.display());
                match feed.push(&buffer[..count]) {
                    Step::More => {}
                    Step::Complete(text) => return Read::Command(text),
                    Step::Refused(reason) => return Read::Refused(refuse(reason)),
                }
            }
            Ok(Err(error)) => {
                COMMAND_SOCKET_READ_FAIL(error, path.display());
                return Read::Nothing;
            }
            Err(_) => {
                COMMAND_SOCKET_CONNECTION_TIMEOUT(path.display());
                let mut text = "Connection over control channel timed out".to_owned();
                if feed.len() > 0 {
                    text += &format!(", discarded partial command of {} bytes", feed.len());
                }
                return Read::Refused(Response::error(text));
            }
        }
    }
}

fn discarded(bytes: usize) -> String {
    if bytes == 0 {
        "nothing was sent".to_owned()
    } else {
        format!("{bytes} bytes of an incomplete command are lost")
    }
}

async fn parse(text: Vec<u8>) -> Result<Request, String> {
    let is_long = text.len() >= LONG;
    let parse = move || {
        let value = serde_json::from_slice(&text)
            .map_err(|error| format!("the command is not valid JSON: {error}"))?;
        Request::from_json(value).map_err(|reason| format!("Error during command processing: {reason}"))
    };
    if is_long { aside(parse).await } else { parse() }
}

fn refuse(reason: String) -> Response {
    COMMAND_PROCESS_ERROR1(&reason);
    Response::error(reason)
}

/// Sends the answer, and the end of it. False if the client did not take it in time.
async fn answer(stream: &mut UnixStream, path: &Path, limits: Limits, response: Response) -> bool {
    let text = match response.arguments {
        None => response.into_text(),
        // As big as the configuration, maybe.
        Some(_) => aside(move || response.into_text()).await,
    };
    let mut left = text.as_bytes();
    while !left.is_empty() {
        let (chunk, rest) = left.split_at(left.len().min(WRITE_SIZE));
        match timeout(limits.idle, stream.write_all(chunk)).await {
            Ok(Ok(())) => COMMAND_SOCKET_WRITE(chunk.len(), rest.len(), path.display()),
            Ok(Err(error)) => {
                COMMAND_SOCKET_WRITE_FAIL(path.display(), error);
                return false;
            }
            Err(_) => {
                COMMAND_SOCKET_CONNECTION_TIMEOUT(path.display());
                return false;
            }
        }
        left = rest;
    }
    match stream.shutdown().await {
        Ok(()) => true,
        // The client has the answer and is gone.
        Err(error) if error.kind() == io::ErrorKind::NotConnected => false,
        Err(error) => {
            COMMAND_SOCKET_CONNECTION_SHUTDOWN_FAIL(error);
            false
        }
    }
}
