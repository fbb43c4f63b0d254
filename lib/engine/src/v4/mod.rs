//! The DHCPv4 flow (RFC 2131): intake, exchange, reply.

mod assign;
mod client;
mod destination;
mod exchange;
mod extended_info;
mod give_back;
mod intake;
mod lifetime;
mod name;
mod options;
mod outcome;
mod report;
mod respond;
mod server;
mod vendor;

pub use intake::{Intake, Received, Refused};
pub use outcome::{
    AllocationFailure, Declined, Dropped, Given, LeaseGiven, NakReason, Outcome, Released, Reply, ReplyKind,
    Silence,
};
pub use report::{report, report_refused};
pub use server::{Ports, Server};

pub(crate) use client::Label;
