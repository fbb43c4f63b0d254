//! A client's network card, messages made byte by byte, and noise: for tests that speak to a server packet by packet.

mod link;
mod noise;
mod query;

pub(crate) use link::{Answer, Link, RELAY, SERVER};
pub(crate) use noise::Noise;
pub(crate) use query::{Query, mac};
