//! The DHCPv6 flow (RFC 9915): intake, exchange, reply.

mod client;
mod outcome;
mod query;
pub mod trace;

pub use client::Client;
pub use outcome::{
    AllocationFailure, Answer, Dropped, Given, GivenBack, Granted, Lifetimes, NotTheirs, Outcome, Place,
    Reply, ReplyKind, Returned, Silence, Status, Violation,
};
pub use query::{Query6, QueryKind};
