//! What the points of queries for leases have in common.

use std::pin::Pin;

/// An answer that is being made: leases are looked for.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How a query for leases names the server that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// It does not: any may answer.
    Nobody,
    /// This one.
    This,
    /// Another one.
    Other,
    /// By something that is no name of a server.
    Nonsense,
}
