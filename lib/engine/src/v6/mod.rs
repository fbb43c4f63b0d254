//! The DHCPv6 flow (RFC 9915): intake, exchange, reply.

mod classify;
mod client;
mod edited;
mod hosts;
mod hwaddr;
mod intake;
mod locate;
pub mod messages;
mod outcome;
mod packet;
mod query;
pub mod select;
mod server;
mod text;
pub mod trace;

pub use client::Client;
pub(crate) use client::Label;
pub use edited::{Edited6, Rewritten6};
pub use intake::{Received, Refused, Sender};
pub use locate::Located;
pub use outcome::{
    AllocationFailure, Answer, Dropped, Given, GivenBack, Granted, Lifetimes, NotTheirs, Outcome, Place,
    Reply, ReplyKind, Returned, Silence, Status, Violation,
};
pub use packet::Packet;
pub use query::{Query6, QueryKind};
pub use server::Server;
