//! `libdhcp_ha.so`: servers that share clients take over from each other ([`kotare_ha`]).
//!
//! - `driver`: the task that sends what is decided, and `synchronize`: that fetches the partner's leases.
//! - `failures`: what fails again and again is told once.
//! - `hub`: all relationships, and the commands about them.
//! - `parameters`: what is configured, read and judged.
//! - `peer`: the way to another server, and what to do when it fails.
//! - `secrets`: users and passwords of partners, which may be in files.
//!
//! Nothing drives it yet, so it is no row of [`crate::LIBRARIES`]: an entry of it is kept, and has no effect.

mod driver;
#[cfg(test)]
mod driver_tests;
mod failures;
mod hub;
mod messages;
mod parameters;
mod peer;
mod secrets;
mod synchronize;

pub use driver::{Around, Driver, Merged, Update, Way};
pub use hub::{COMMANDS, Hub};
pub use messages::MESSAGES;
pub use parameters::{PARAMETERS, read};
pub use peer::{Failure, PeerLink, Step, Unanswered};
pub use secrets::Locked;
