//! Who asks, and whether they may: what a module of access control decides of requests that come through a network.
//!
//! A front that knows who asks says so in [`Request::peer`](crate::Request::peer); a UNIX socket, which the file system guards, does not, and
//! nothing that comes through it is judged. Whoever judges belongs to the [`Commands`](crate::Commands) of a
//! configuration, so another configuration brings others.

use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

use crate::Response;

/// Who sent a request through a network, as far as that was made sure of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The address of the client.
    pub address: IpAddr,
    /// Of a client that came with TLS.
    pub tls: Option<Encrypted>,
    /// The user whose password the client knew.
    pub user: Option<String>,
}

/// What is known of a client that came with TLS: of its certificate, if the listener asked for one and it is good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encrypted {
    /// The common name of the subject.
    pub subject: Option<String>,
    /// The common name of the issuer.
    pub issuer: Option<String>,
}

/// Why a command is not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Whoever asks must come otherwise.
    Unauthorized,
    /// Whoever asks may not.
    Forbidden,
}

/// Hears of commands that were run, whoever sent them.
pub trait Watcher: fmt::Debug + Send + Sync {
    /// Whether it wants to hear of commands of this name.
    fn hears_of(&self, command: &str) -> bool;

    /// A command was run, with these arguments, and that is the answer. It must be quick.
    fn heard(&self, command: &str, arguments: Option<&Value>, response: &Response);
}

/// Decides what who may do.
pub trait AccessControl: fmt::Debug + Send + Sync {
    /// Judges a command that came through a network.
    ///
    /// # Errors
    /// If it is not to be run.
    fn judge(&self, peer: &Peer, command: &str) -> Result<(), Denied>;

    /// Whether anything of the answer to `command` may be kept back.
    fn filters(&self, command: &str) -> bool;

    /// What is told of the answer to a command that was run.
    fn filter(&self, peer: &Peer, command: &str, response: Response) -> Response;
}
