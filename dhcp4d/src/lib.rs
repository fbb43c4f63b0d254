//! `kea-dhcp4`, the DHCPv4 server: what a server of this family is, for the program and for tests of a whole server.

mod announce;
mod commands;
mod explain;
mod family;
mod interfaces;
mod messages;
mod over6;
mod select_test;

pub use family::{Dhcp4, Network4};

/// The kernel's network, as a DHCPv4 server uses it.
pub type Kernel4 = kotare_server::Kernel<kotare_net::Socket4>;
