//! Keys that are agreed on with DNS servers (RFC 3645): how one is agreed on, and when there is to be another.

mod exchange;
mod ring;

use std::fmt;
use std::sync::Arc;

use crate::key::Key;

pub use exchange::{Exchange, Refusal, Reply};
pub use ring::{Agreed, Outcome, Ring, Standing, Timing};

/// Where the keys come from that are agreed on with a DNS server.
pub trait KeySource: fmt::Debug + Send + Sync {
    /// What the next message to the server is signed with. `now` is in seconds since 1970.
    fn choose(&self, now: u64) -> Choice;

    /// The server did not sign its answer to what was signed with `key`, as one does that was started anew and has forgotten
    /// it. `now` is in seconds since 1970.
    fn unproved(&self, key: &Key, now: u64);
}

/// What a message to a server is signed with.
#[derive(Clone, Debug)]
pub enum Choice {
    /// A key that was agreed on.
    Key(Arc<Key>),
    /// What is used where none is agreed on: the key of the server, or nothing.
    Fallback,
    /// Nothing is sent to the server.
    Nothing,
}
