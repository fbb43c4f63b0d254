//! One client of a UNIX socket.

use std::io;
use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::Shared;
use crate::aside::{LONG, aside, put_into_words};
use crate::feed::{Feed, Step};
use crate::messages::*;
use crate::room::{LINGER, Limits, Place, Stage};
use crate::{Request, Response};

const READ_SIZE: usize = 32 << 10;
const WRITE_SIZE: usize = 256 << 10;

/// Serves the client of `stream` to the end, or until others need its `place`.
pub(super) async fn serve(
    mut stream: UnixStream,
    path: &Path,
    shared: &Shared,
    place: &Place,
    retired: watch::Receiver<()>,
) {
    COMMAND_SOCKET_CONNECTION_OPENED(path.display());
    match receive(&mut stream, path, &shared.limits, place, retired).await {
        Received::Command(text) => {
            place.moved(Stage::Served, text.len());
            let response = match parse(text).await {
                Ok(request) => shared.executor.clone().execute(request).await,
                Err(reason) => refuse(reason),
            };
            answer(&mut stream, path, &shared.limits, place, response).await;
        }
        Received::Refused(response) => {
            if answer(&mut stream, path, &shared.limits, place, response).await {
                let mut sink = tokio::io::sink();
                tokio::select! {
                    _ = timeout(LINGER, tokio::io::copy(&mut stream, &mut sink)) => {}
                    () = place.asked_to_leave() => {}
                }
            }
        }
        // Somebody waits for the place: there is time for what the system takes at once.
        Received::MakesRoom(response) => drop(stream.try_write(response.into_text().as_bytes())),
        Received::Nothing => {}
    }
    COMMAND_SOCKET_CONNECTION_CLOSED(path.display());
}

/// What came of a client's sending.
enum Received {
    /// A complete JSON map or list.
    Command(Vec<u8>),
    /// What cannot become one, with the answer to it.
    Refused(Response),
    /// Nothing so far, and others need the place.
    MakesRoom(Response),
    /// Nobody waits for an answer.
    Nothing,
}

async fn receive(
    stream: &mut UnixStream,
    path: &Path,
    limits: &Limits,
    place: &Place,
    mut retired: watch::Receiver<()>,
) -> Received {
    let mut feed = Feed::new(limits.size, limits.values);
    let received = tokio::select! {
        biased;
        received = timeout(limits.whole, read(stream, path, limits, place, &mut feed)) => received.ok().flatten(),
        _ = retired.changed() => return Received::Nothing,
        () = place.asked_to_leave() => return Received::MakesRoom(timed_out(path, feed.len())),
    };
    received.unwrap_or_else(|| Received::Refused(timed_out(path, feed.len())))
}

/// Reads until a command is complete or cannot become one; nothing if the client is silent for too long.
async fn read(
    stream: &mut UnixStream,
    path: &Path,
    limits: &Limits,
    place: &Place,
    feed: &mut Feed,
) -> Option<Received> {
    // Not filled with zeros beforehand, which would cost as much as a short command.
    let mut buffer = Vec::with_capacity(READ_SIZE);
    loop {
        buffer.clear();
        match timeout(limits.idle, stream.read_buf(&mut buffer)).await {
            Ok(Ok(0)) => {
                COMMAND_SOCKET_CLOSED_BY_FOREIGN_HOST(path.display(), discarded(feed.len()));
                return Some(Received::Nothing);
            }
            Ok(Ok(count)) => {
                COMMAND_SOCKET_READ(count, path.display());
                match feed.push(&buffer) {
                    Step::More => place.moved(Stage::Sending, feed.len()),
                    Step::Complete(text) => return Some(Received::Command(text)),
                    Step::Refused(reason) => return Some(Received::Refused(refuse(reason))),
                }
            }
            Ok(Err(error)) => {
                COMMAND_SOCKET_READ_FAIL(error, path.display());
                return Some(Received::Nothing);
            }
            Err(_) => return None,
        }
    }
}

/// The answer to who did not send a whole command in time.
fn timed_out(path: &Path, bytes: usize) -> Response {
    COMMAND_SOCKET_CONNECTION_TIMEOUT(path.display());
    let mut text = "Connection over control channel timed out".to_owned();
    if bytes > 0 {
        text += &format!(", discarded partial command of {bytes} bytes");
    }
    Response::error(text)
}

fn discarded(bytes: usize) -> String {
    if bytes == 0 {
        "no input data to discard".to_owned()
    } else {
        format!("discarding partial command of {bytes} bytes")
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
async fn answer(
    stream: &mut UnixStream,
    path: &Path,
    limits: &Limits,
    place: &Place,
    response: Response,
) -> bool {
    let text = put_into_words(response, Response::into_text).await;
    let written = tokio::select! {
        // What the system takes at once is written even when the place is needed.
        biased;
        written = timeout(limits.whole, write(stream, path, limits, place, &text)) => written,
        () = place.asked_to_leave() => Ok(None),
    };
    match written {
        Ok(Some(Ok(()))) => {}
        Ok(Some(Err(error))) => {
            COMMAND_SOCKET_WRITE_FAIL(path.display(), error);
            return false;
        }
        Ok(None) | Err(_) => {
            COMMAND_SOCKET_CONNECTION_TIMEOUT(path.display());
            return false;
        }
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

/// Writes `text`; nothing if the client does not take any for too long.
async fn write(
    stream: &mut UnixStream,
    path: &Path,
    limits: &Limits,
    place: &Place,
    text: &str,
) -> Option<io::Result<()>> {
    let mut left = text.as_bytes();
    while !left.is_empty() {
        place.moved(Stage::Reading, text.len());
        let (chunk, rest) = left.split_at(left.len().min(WRITE_SIZE));
        match timeout(limits.idle, stream.write_all(chunk)).await {
            Ok(Ok(())) => COMMAND_SOCKET_WRITE(chunk.len(), rest.len(), path.display()),
            Ok(Err(error)) => return Some(Err(error)),
            Err(_) => return None,
        }
        left = rest;
    }
    Some(Ok(()))
}
