//! The nouns that every layer speaks of: addresses' leases and who holds them, and what is reserved for whom.
//!
//! Nothing here reads a packet, a file, a clock or a configuration; a value of this crate is only what it says.

mod chance;
mod client;
mod datagram;
mod decimal;
mod hex;
mod host_id;
mod host_name;
mod lease;
mod lease6;
mod reservation;
mod time;

pub use chance::Chance;
pub use client::{ClientId, Duid, HwAddr, TooLong};
pub use datagram::{Arrival4, Arrival6, Departure4, Departure6, MacAddr};
pub use decimal::{write_address, write_number};
pub use hex::Hex;
pub use host_id::{HostId, HostIdType};
pub use host_name::HostName;
pub use lease::{Durability, Lease4, LeaseState, SubnetId, Tally};
pub use lease6::{HwAddr6, HwAddrSource, Lease6, LeaseType};
pub use reservation::{
    KeptPrefix, OptionData, Reservation, Reservation4, Reservation6, Reserved4, Reserved6, ReservedOption,
};
pub use time::{Lifetime, Timestamp};
