//! A client's network card, and messages made byte by byte: for tests that speak to a server packet by packet.

mod link;
mod query;

pub(crate) use link::{Answer, Link, RELAY, SERVER};
pub(crate) use query::{Query, mac};
