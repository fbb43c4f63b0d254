//! One worker's sockets of DHCPv4.

mod open;
mod recv;
mod served;
mod socket;

pub use open::{extend4, open4};
pub use recv::Arrivals4;
pub use socket::{Mode4, Socket4, SocketOptions4, Spec4};

/// One worker's set of sockets of DHCPv4. A reply leaves through the socket of its `ifindex` and source address, else any
/// socket of that interface, else the UDP socket of that source address; with `ifindex` 0 through a UDP socket of the
/// source address, as routing decides.
pub type Port4 = crate::port::Port<Socket4>;
