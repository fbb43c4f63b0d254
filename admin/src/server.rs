//! Asking a running server.

use std::path::Path;
use std::time::Duration;

use kotare_control::client::send;
use kotare_control::{Request, ResultCode};
use serde_json::Value;

/// How long a server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(300);

/// A running server, by its control socket.
pub(crate) struct Server<'a> {
    socket: &'a Path,
    runtime: tokio::runtime::Runtime,
}

impl<'a> Server<'a> {
    /// The server that listens at `socket`.
    pub(crate) fn at(socket: &'a Path) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("cannot wait for answers of a server: {error}"))?;
        Ok(Self { socket, runtime })
    }

    /// The answer to a command, if it says that it succeeded.
    pub(crate) fn ask(&self, request: Request) -> Result<Value, Failed> {
        let at = format!("{} at {}", request.command, self.socket.display());
        let answer = self.runtime.block_on(send(self.socket, request, PATIENCE));
        let answer =
            answer.map_err(|error| Failed::Unable(format!("{at}: {error}; is the server running?")))?;
        let text = || format!("{at}: {}", answer["text"].as_str().unwrap_or("an answer without a text"));
        match answer["result"].as_i64() {
            Some(0) => Ok(answer),
            Some(code) if code == ResultCode::Unsupported as i64 => Err(Failed::Unable(text())),
            _ => Err(Failed::Refused(text())),
        }
    }
}

/// Why a command did not succeed.
pub(crate) enum Failed {
    /// Nobody answers, or who does has no such command: the next one fares no better.
    Unable(String),
    /// The server refused this one.
    Refused(String),
}

impl From<Failed> for String {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Unable(text) | Failed::Refused(text) => text,
        }
    }
}
