//! `kea-dhcp6`, the DHCPv6 server: what a server of this family is, for the program and for tests of a whole server.

mod announce;
mod commands;
mod explain;
mod family;
mod interfaces;
mod learned;
mod messages;
mod modules;
mod over6;
mod routes;
mod select_test;
mod server_id;
mod server_id_file;
mod words;

pub use family::{Dhcp6, Network6};

/// The kernel's network, as a DHCPv6 server uses it.
pub type Kernel6 = kotare_server::Kernel<kotare_net::Socket6>;
