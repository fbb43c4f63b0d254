//! Passing a command on to one daemon. Whatever the daemon does, there is an answer or a reason in time.

use std::io;
use std::time::Duration;

use kotare_control::client::{self, ClientError, HttpError};
use kotare_control::{Response, aside};
use kotare_process::Way;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How many commands may wait for one daemon: with all daemons there may be they take less than the clients that the
/// agent serves at a time, so there is always room for the agent's own commands.
const WAITING: usize = 64;

/// A daemon.
#[derive(Debug)]
pub(crate) struct Target {
    service: &'static str,
    way: Way,
    patience: Duration,
    room: Semaphore,
}

impl Target {
    /// The daemon that commands call `service`. Its answer may take `patience`.
    pub(crate) fn new(service: &'static str, way: Way, patience: Duration) -> Self {
        Self { service, way, patience, room: Semaphore::new(WAITING) }
    }

    /// Passes on the text of a command; the answer as it came.
    ///
    /// # Errors
    /// Why there is none, in the words of Kea where it has some.
    pub(crate) async fn forward(&self, command: String) -> Result<String, String> {
        let Ok(_place) = self.room.try_acquire() else {
            return Err(self.offline(&format!("{WAITING} commands wait for its answer already")));
        };
        match timeout(self.patience, self.exchange(command)).await {
            Ok(answer) => answer,
            Err(_) => Err(self.offline("Connection timed out")),
        }
    }

    async fn exchange(&self, command: String) -> Result<String, String> {
        match &self.way {
            Way::Unix(path) => {
                let answer = client::exchange(path, command.as_bytes()).await;
                let answer = answer.map_err(|error| match error {
                    ClientError::Connect(error) | ClientError::Transfer(error) => {
                        self.offline(&reason(&error))
                    }
                    ClientError::Timeout(_) => self.offline("Connection timed out"),
                    ClientError::Answer(reason) => unreadable(&reason),
                })?;
                aside(move || whole(answer)).await
            }
            Way::Http(peer) => {
                let answer = peer.send(command.into()).await;
                let answer = answer.map_err(|error| match error {
                    HttpError::Connect(error) => self.offline(&reason(&error)),
                    other => self.offline(&format!("{peer}: {other}")),
                })?;
                aside(move || only(&answer)).await
            }
        }
    }

    fn offline(&self, reason: &str) -> String {
        let service = self.service;
        format!(
            "unable to forward command to the {service} service: {reason}. The server is likely to be offline"
        )
    }
}

/// The answer to a command for a daemon that is not configured.
pub(crate) fn unknown(service: &str) -> Response {
    Response::error(format!("forwarding socket is not configured for the server type {service}"))
}

fn unreadable(reason: &str) -> String {
    format!("internal server error: unable to parse server's answer to the forwarded message: {reason}")
}

/// The answer of a UNIX socket, which is passed on as it is if it is JSON.
fn whole(answer: Vec<u8>) -> Result<String, String> {
    serde_json::from_slice::<&RawValue>(&answer).map_err(|error| unreadable(&error.to_string()))?;
    String::from_utf8(answer).map_err(|error| unreadable(&error.to_string()))
}

/// The one answer in the list that comes over HTTP.
fn only(answer: &[u8]) -> Result<String, String> {
    let list = serde_json::from_slice::<Vec<&RawValue>>(answer);
    match &list.map_err(|error| unreadable(&error.to_string()))?[..] {
        [one] => Ok(one.get().to_owned()),
        list => Err(unreadable(&format!("a list of {} answers, not of one", list.len()))),
    }
}

/// What the system says, as it is said elsewhere: without the number.
fn reason(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return "End of file".to_owned();
    }
    let text = error.to_string();
    text.split(" (os error ").next().unwrap_or_default().to_owned()
}
