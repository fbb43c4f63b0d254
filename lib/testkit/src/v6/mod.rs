//! The same for DHCPv6.

mod client;

pub use client::{Associated, Client, Message, Relay, relayed};
