//! Where commands are sent: a UNIX control socket, or a server of HTTP.

use std::path::PathBuf;
use std::time::Duration;

use kotare_command_line::shell::Args;
use kotare_config::json::format::{self, Shape};
use kotare_control::{Request, client};

use crate::http::Server;

/// How long "for ever" is: longer than anybody waits.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The other end, and how long it may take.
#[derive(Debug)]
pub(crate) struct Connection {
    peer: Peer,
    patience: Duration,
}

#[derive(Debug)]
enum Peer {
    Socket(PathBuf),
    Http(Server),
}

impl Connection {
    /// What the command line says.
    ///
    /// # Errors
    /// A file of it that cannot be used, or options that do not go together.
    pub(crate) fn new(args: &Args) -> Result<Self, String> {
        let peer = match &args.socket {
            Some(path) => Peer::Socket(path.clone()),
            None => Peer::Http(Server::new(args)?),
        };
        let patience = match args.timeout {
            0 => FOR_EVER,
            seconds => Duration::from_secs(seconds.into()),
        };
        Ok(Self { peer, patience })
    }

    /// Sends `request`; the answer as text, from HTTP as it came.
    ///
    /// # Errors
    /// If there is none in time. A command that the server refused is an answer.
    pub(crate) async fn send(&self, request: Request) -> Result<String, String> {
        match &self.peer {
            Peer::Socket(path) => {
                let answer = client::send(path, request, self.patience).await;
                let answer = answer.map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(format::text(&answer, Shape::Line))
            }
            Peer::Http(server) => {
                let body = format::text(&request.into_json(), Shape::Line);
                tokio::time::timeout(self.patience, server.send(body)).await.unwrap_or_else(|_| {
                    let seconds = self.patience.as_secs();
                    Err(format!("{server}: Connection timeout: no answer within {seconds} s (see --timeout)"))
                })
            }
        }
    }
}
