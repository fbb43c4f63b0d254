//! Sockets as a server has them opened, whatever their protocol is.

use std::fmt::{Debug, Display};
use std::time::Duration;

use super::Endpoint;
use crate::error::SocketError;

/// Sockets of one protocol, as a server has them opened: all that it asks of the kernel for them but what a
/// [`crate::Port`] of them does.
pub trait Served:
    Endpoint<
        Spec: Clone + Eq + Send + Sync + 'static,
        Address: Display + Eq + Send + Sync,
        Arrivals: Send + 'static,
        Departure: Debug + Send,
    > + Send
    + Sync
    + 'static
{
    /// How a datagram came.
    type Arrival: Copy + Debug + Send;
    /// The UDP port of the protocol's servers.
    const SERVER_PORT: u16;

    /// Opens one for each of `workers` that serves `spec` on the UDP port `server_port`.
    ///
    /// # Errors
    /// What the kernel says; none stays open then.
    fn open(spec: &Self::Spec, server_port: u16, workers: usize) -> Result<Vec<Self>, SocketError>;

    /// Opens more for what `sockets` serve, until there is one for each of `workers`.
    ///
    /// # Errors
    /// What the kernel says; those there are go on.
    fn extend(sockets: &mut Vec<Self>, server_port: u16, workers: usize) -> Result<(), SocketError>;

    /// Whether its interface is gone, so that it will never receive again.
    fn is_orphaned(&self) -> bool;

    /// Index and name of the interface, and the address there that serves.
    fn located(spec: &Self::Spec) -> (u32, &str, Self::Address);

    /// Gives each datagram of one receipt to `take`, and when the kernel received it, where it tells ([`super::Port::stamp`]).
    fn each(arrivals: &Self::Arrivals, take: impl FnMut(Self::Arrival, &[u8], Option<Duration>));
}
