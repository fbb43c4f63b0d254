//! The decisions of a DHCP server: what is answered to whom, and what happens to leases.
//!
//! Everything here is a function of its arguments. There is no input or output, no clock, no source of chance and no
//! runtime: `now` and seeds come in, outcomes go out, and only the order of calls to the lease store is `async`.
//! With a store in memory every future is ready at its first poll.
//!
//! - [`v4`]: the DHCPv4 flow: [`v4::Server`] takes a datagram in ([`v4::Server::intake`]), runs the exchange
//!   ([`v4::Server::exchange`]) and says what came of it ([`v4::Outcome`]); [`v4::report`] counts and logs that.
//! - [`v6`]: the DHCPv6 flow, in the same way.
//! - [`over6`]: what servers of DHCPv4 and DHCPv6 pass on to each other.
//! - [`hooks`]: where modules have a say.
//! - [`Leases`]: the one door to the lease store, which keeps what is derived from leases (occupied addresses,
//!   statistics) right; `alloc` finds free addresses behind it in constant time.
//! - [`expire`]: reclamation of expired leases.
//! - [`InFlight`]: one message of a client at a time.

mod alloc;
mod classify;
pub mod expire;
mod first_time;
pub mod hooks;
mod hosts;
mod inflight;
mod isc_context;
mod layers;
mod leases;
pub mod messages;
mod names;
pub mod over6;
mod ports;
pub mod requests;
mod sanity;
mod siblings;
mod text;
pub mod trace;
pub mod v4;
pub mod v6;

pub use alloc::{Place6, SubnetAllocators6};
pub use hooks::Observer6;
pub use inflight::{Admission, ClientKey, InFlight, Key, Pass};
pub use isc_context::updated_context;
pub use leases::{
    Answer, AnyLeases, AnyLeases4, AnyLeases6, LeaseChanged, Leased, Leases, Leases4, Leases6, Plan, Plan4,
    Plan6, Rehearsal,
};
pub use names::take_reserved;
pub use ports::Ports;
pub use sanity::{Sane, Sanity, correct_extended_info, hex_bytes};
