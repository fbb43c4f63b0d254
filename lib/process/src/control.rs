//! Where commands come from: the UNIX sockets and the HTTP listeners of a server, as one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kotare_control::{Execute, http, unix};

/// What a configuration wants.
#[derive(Debug)]
pub struct ControlConfig {
    /// The UNIX sockets.
    pub unix: Vec<unix::SocketConfig>,
    /// The HTTP listeners.
    pub http: Vec<http::ListenerConfig>,
    /// The HTTP listeners for partners. They share no room with the others.
    pub partners: Vec<http::ListenerConfig>,
}

/// What is open.
#[derive(Debug)]
pub struct Control {
    unix: unix::Sockets,
    http: http::Listeners,
    partners: http::Listeners,
}

/// What is open but does not answer yet.
#[must_use = "nothing answers before it is published"]
pub struct Prepared {
    unix: unix::Prepared,
    http: http::Prepared,
    partners: http::Prepared,
}

/// Why a socket for commands cannot be opened.
#[derive(Debug)]
pub enum ControlError {
    /// A UNIX socket.
    Unix(unix::SocketError),
    /// An HTTP listener.
    Http(http::ListenError),
    /// One for partners.
    Partners(http::ListenError),
}

impl Control {
    /// Nothing is open yet. `executor` answers what comes; `service` is what commands call the server, `dhcp4`.
    pub fn new(executor: &Arc<impl Execute>, service: &str) -> Self {
        let limits = unix::Limits::default();
        let listeners =
            |words| http::Listeners::new(executor.clone(), limits, Some(service.to_owned()), words);
        Self {
            unix: unix::Sockets::new(executor.clone(), limits),
            http: listeners(&http::Words::CONTROL_SOCKETS),
            partners: listeners(&http::Words::PARTNERS),
        }
    }

    /// Opens what is not open yet.
    ///
    /// # Errors
    /// If something cannot be opened; then nothing is.
    pub fn prepare(&self, wanted: &ControlConfig) -> Result<Prepared, ControlError> {
        Ok(Prepared {
            unix: self.unix.prepare(&wanted.unix).map_err(ControlError::Unix)?,
            http: self.http.prepare(&wanted.http).map_err(ControlError::Http)?,
            partners: self.partners.prepare(&wanted.partners).map_err(ControlError::Partners)?,
        })
    }

    /// Lets what is prepared answer, and closes what is gone.
    pub fn publish(&self, prepared: Prepared) {
        self.unix.publish(prepared.unix);
        self.http.publish(prepared.http);
        self.partners.publish(prepared.partners);
    }

    /// Closes everything and waits, at most `grace`, until commands under way are answered.
    pub async fn close(&self, grace: Duration) {
        tokio::join!(self.unix.close(grace), self.http.close(grace), self.partners.close(grace));
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(error) => error.fmt(f),
            Self::Http(error) | Self::Partners(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ControlError {}
