//! The same for DHCPv6.

mod client;
mod config;

pub use client::{Associated, Client, Message, Relay, relayed};
pub use config::configured;
