//! Asking a running server.

use std::path::Path;
use std::time::Duration;

use kotare_control::Request;
use kotare_control::client::send;
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
    pub(crate) fn ask(&self, request: Request) -> Result<Value, String> {
        let command = request.command.clone();
        let answer = self.runtime.block_on(send(self.socket, request, PATIENCE));
        let answer = answer.map_err(|error| {
            format!("{} at {}: {error}; is the server running?", command, self.socket.display())
        })?;
        match answer["result"].as_i64() {
            Some(0) => Ok(answer),
            _ => Err(format!(
                "{command} at {}: {}",
                self.socket.display(),
                answer["text"].as_str().unwrap_or("an answer without a text")
            )),
        }
    }
}
