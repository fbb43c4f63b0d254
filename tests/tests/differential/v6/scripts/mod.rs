//! What clients and relay agents do, by topic; each topic with the configuration it is about.

mod associations;
mod every_option;
mod expiry;
mod expressions;
mod flex_option;
mod malformed;
mod messages;
mod names;
mod options;
mod relays;
mod requests;
mod vendors;

use std::net::Ipv6Addr;

/// An address or a prefix written out.
fn at(text: &str) -> Ipv6Addr {
    text.parse().expect("an address")
}
