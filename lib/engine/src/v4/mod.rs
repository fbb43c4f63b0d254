//! The DHCPv4 flow (RFC 2131): intake, exchange, reply.

mod intake;
mod outcome;
mod report;
mod server;

pub use intake::{Intake, Received, Refused};
pub use outcome::{
    AllocationFailure, Declined, Dropped, Given, LeaseGiven, NakReason, Outcome, Released, Reply, ReplyKind,
    Silence,
};
pub use report::{report, report_refused};
pub use server::{Ports, Server};
