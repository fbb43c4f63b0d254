//! The nouns that every layer speaks of: addresses' leases and who holds them.
//!
//! Nothing here reads a packet, a file, a clock or a configuration; a value of this crate is only what it says.

mod chance;
mod client;
mod datagram;
mod hex;
mod host_name;
mod lease;
mod lease6;
mod time;

pub use chance::Chance;
pub use client::{ClientId, Duid, HwAddr, TooLong};
pub use datagram::{Arrival4, Arrival6, Departure4, Departure6, MacAddr};
pub use hex::Hex;
pub use host_name::HostName;
pub use lease::{Durability, Lease4, LeaseState, SubnetId, Tally};
pub use lease6::{HwAddr6, HwAddrSource, Lease6, LeaseType};
pub use time::{Lifetime, Timestamp};
