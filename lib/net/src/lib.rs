//! The kernel side of serving DHCP: interfaces, raw and UDP sockets, batches of packets.
//!
//! - [`interfaces`] lists the network interfaces through rtnetlink; an [`InterfaceWatcher`] tells when to
//!   list them again. [`held_prefixes`] lists the IPv6 prefixes of this machine.
//! - [`open4`] opens the sockets that serve one address of one interface, one for each worker; the kernel
//!   steers a client (by its `chaddr`) always to the same worker.
//! - A [`Port4`] is one worker's set of such sockets: wait, receive a batch, send a batch.
//! - [`open6`] and [`Port6`] are the same for DHCPv6: an address or a group of one interface, told by the client's DUID.
//! - A [`RouteTable6`] has the routes of one program in a table of the kernel.
//! - An [`EchoSocket4`] asks addresses whether somebody is there, for tokio tasks.
//! - [`gssapi`] is Kerberos as a client, with the library of the system.
//! - [`bind_in_place_of`] opens a plain UDP socket where another one is that it replaces.
//! - [`udp::BatchSocket`] is a plain UDP socket with the same batches, for tools.
//!
//! This is the only crate with `unsafe`: the system calls, wrapped in `sys`, `mmsg` and `outbox`, and functions of that
//! library and of C's. It logs nothing; errors name what was attempted and where ([`SocketError`]).

mod bpf;
mod echo4;
mod error;
pub mod gssapi;
mod held;
mod in_place;
mod interface;
mod memory;
mod mmsg;
mod netlink;
mod outbox;
mod pause;
mod poller;
mod port;
mod port4;
mod port6;
mod priority;
mod route_table6;
mod sys;
pub mod udp;
mod unheard;
mod waker;
mod watch;

pub use echo4::{EchoError, EchoSocket4};
pub use error::SocketError;
pub use held::{HeldPrefix, Sign, held_prefixes};
pub use in_place::bind_in_place_of;
pub use interface::{Interface, InterfaceAddress4, interfaces};
pub use memory::give_back_memory;
pub use mmsg::{BATCH, PAYLOAD, SLOT};
pub use pause::Pause;
pub use poller::Ready;
pub use port::{Endpoint, Port, Served, Tally};
pub use port4::{Arrivals4, Mode4, Port4, Socket4, SocketOptions4, Spec4, extend4, open4};
pub use port6::{Arrivals6, Port6, Socket6, SocketOptions6, Spec6, extend6, open6};
pub use priority::{come_last, end_group, idle_io, stand_back};
pub use route_table6::{Route6, RouteTable6};
pub use sys::set_receive_buffer;
pub use unheard::give_up_unheard;
pub use waker::Waker;
pub use watch::{AsyncInterfaceWatcher, InterfaceWatcher};
