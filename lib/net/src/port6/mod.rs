//! One worker's sockets of DHCPv6.

mod open;
mod recv;
mod served;
mod socket;

pub use open::{extend6, open6};
pub use recv::Arrivals6;
pub use socket::{Socket6, SocketOptions6, Spec6};

/// One worker's set of sockets of DHCPv6. A reply leaves through the socket of its `ifindex` and source address, else any
/// socket of that interface, else the one of that source address.
pub type Port6 = crate::port::Port<Socket6>;
