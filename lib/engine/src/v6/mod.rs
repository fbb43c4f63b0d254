//! The DHCPv6 flow (RFC 9915): intake, exchange, reply.

mod admit;
mod assign;
mod associations;
mod classify;
mod client;
mod committed;
mod contents;
mod destination;
mod edited;
mod exchange;
mod exchange_messages;
mod extended_info;
mod give_back;
mod hosts;
mod hwaddr;
mod info_checks;
mod intake;
mod layers;
mod layout;
mod lease_query;
mod lifetime;
mod locate;
pub mod messages;
mod name;
mod note;
mod outcome;
mod over6;
mod packet;
mod query;
mod register;
mod rehearse;
pub(crate) mod relay_reply;
mod report;
mod respond;
mod sanity;
pub mod select;
mod server;
mod status;
mod text;
pub mod trace;
mod vendor;

pub use client::Client;
pub use client::Label;
pub use edited::{Edited6, Rewritten6};
pub use intake::{Received, Refused, Sender};
pub use layout::{statistics_layout, subnet_layout};
pub use locate::Located;
pub use outcome::{
    AllocationFailure, Answer, Dropped, Given, GivenBack, Granted, Lifetimes, NotTheirs, Outcome, Place,
    Reply, ReplyKind, Returned, Silence, Status, Violation,
};
pub use packet::Packet;
pub use query::{Query6, QueryKind, SentIaids};
pub use rehearse::Rehearsed;
pub use report::{report, report_refused};
pub use server::Server;

pub use crate::v4::{Ports, Sent};
