//! Tests of the whole, and the worlds they play in.
//!
//! A [`world::World`] is a sandbox of namespaces of its own: hosts, links between them, real daemons and real
//! clients on those hosts. Nothing in it reaches the machine's network, and all of it is gone with the process. A
//! [`database::DatabaseServer`] is a real one of the test's own.

pub mod capture;
pub mod database;
pub mod guests;
pub mod libraries;
pub mod manual;
pub mod metrics;
pub mod queries;
pub mod radius;
pub mod world;

/// Says something on standard error that is no failure: that a test is skipped, and why.
#[expect(clippy::print_stderr, reason = "what is no failure is told all the same")]
pub fn tell(text: &str) {
    eprintln!("{text}");
}
