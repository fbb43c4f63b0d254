//! The DHCPv4 flow (RFC 2131): intake, exchange, reply. [`select`] says which subnet a client is on.

mod assign;
mod classify;
mod client;
mod client_params;
mod contents;
mod destination;
mod edited;
mod exchange;
mod extended_info;
mod give_back;
mod hosts;
mod info_checks;
mod intake;
mod ipv6_only;
mod layers;
mod layout;
mod lease_query;
mod lifetime;
pub mod messages;
mod name;
mod note;
mod outcome;
mod over6;
mod packet;
mod query;
mod rehearse;
mod report;
mod respond;
mod sanity;
pub mod select;
mod server;
mod stash;
mod text;
pub mod trace;
mod vendor;

pub use client::Client;
pub use edited::Edited4;
pub use extended_info::relay_agent_of;
pub use intake::{Received, Refused, Sender};
pub use layout::{statistics_layout, subnet_layout};
pub use outcome::{
    AllocationFailure, Declined, Dropped, Given, LeaseGiven, NakReason, Outcome, Released, Reply, ReplyKind,
    Silence,
};
pub use over6::Over6;
pub use packet::{Packet, PacketOptions};
pub use query::{Query4, QueryKind};
pub use rehearse::Rehearsed;
pub use report::{Sent, report, report_refused};
pub use server::Server;

pub use crate::{Ports, correct_extended_info};

pub use client::Label;
