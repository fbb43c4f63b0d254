//! `libdhcp_ha.so`: servers that share clients take over from each other ([`kotare_ha`]; manual, "High Availability").
//!
//! - `parameters`: what is configured, read and judged; `secrets`: users and passwords of partners, which may be in files.
//! - `library`: the module is built, with what it needs of files.
//! - `relations`: the relationships of a server, for as long as they stay what they are, and their commands.
//! - `gate`: who is answered, and what happens at the points of the flow; `v4`, `v6`: these points.
//! - `family`: what differs between the two families.
//! - `update`: what other servers are told of a lease.
//! - `updates`: leases that were given are told to the other servers, and their clients wait for that.
//! - `origin`: the message that updates come of.
//! - `outbox`: those that are on their way to a server, which go together.
//! - `gather`: how many go in one command.
//! - `refused`: what of them was not taken.
//! - `untold`: leases that others are not known to have.
//! - `surrounding`: what the server around does for it: leases that come, whether anybody is answered.
//! - `driver`: the task that sends what is decided, and `synchronize`: that fetches the partner's leases.
//! - `fetching`: whose turn that is, and who is silent for it.
//! - `alone`: leases that only this server has are told to the partner.
//! - `diff`: in which leases partners differ.
//! - `terms`: whether the partner is configured alike.
//! - `failures`: what fails again and again is told once.
//! - `hub`: all relationships, and what is answered to commands about them.
//! - `peer`: the way to another server, and what to do when it fails; `measure`: how much its answers may take.

mod alone;
mod diff;
mod driver;
#[cfg(test)]
mod driver_tests;
mod failures;
mod family;
mod fetching;
mod gate;
mod gather;
mod hub;
mod library;
mod measure;
mod messages;
mod origin;
mod outbox;
mod parameters;
mod peer;
mod refused;
mod relations;
mod secrets;
mod surrounding;
#[cfg(test)]
mod surrounding_tests;
mod synchronize;
mod terms;
mod untold;
mod update;
mod updates;
#[cfg(test)]
mod updates_tests;
mod v4;
mod v6;

pub use driver::{Alone, Around, Driver, Merged, Page, Way};
pub use hub::{COMMANDS, Hub};
pub use library::LIBRARY;
pub use measure::Measure;
pub use messages::MESSAGES;
pub use parameters::{PARAMETERS, read};
pub use peer::{Failure, PeerLink, Step, Unanswered};
pub use secrets::Locked;
pub use terms::Terms;
pub use update::{Tellable, Update};
