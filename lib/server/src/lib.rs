//! A DHCP server as a process: everything of the daemon that is not a decision about a packet, for every family.
//!
//! A [`Daemon`] is a value made of its parts: it is started from its [`Surroundings`] (a clock, a network, a way to open
//! the lease store) and a candidate for a configuration, and can be reconfigured and stopped. [`main`] is the program
//! around it. What differs by family is a [`Family`], and the way of its messages a [`Flow`].
//!
//! The runtime does everything that is not a packet: commands, timers, signals, interfaces. Packets are answered by
//! threads of their own, from the [`Generation`] that is current.

mod announce;
mod awaited;
mod backend;
mod cleanup;
pub mod commands;
mod config_backend;
mod crew;
mod daemon;
pub mod explain;
mod family;
mod for_modules;
mod generation;
mod host_stores;
mod judged;
mod kernel;
pub mod messages;
mod monitoring;
mod network;
pub mod over6;
mod places;
mod prepare;
mod program;
mod reached;
mod reading;
mod reconfigure;
mod service;
mod shared;
mod sockets;
mod store_aside;
mod stores;
mod surroundings;
mod timer;
mod trial;
mod upkeep;
mod words;
mod worker;

pub use backend::Backend;
pub use daemon::Daemon;
pub use family::{
    AddressOf, ArrivalOf, Begin, CountersOf, DepartureOf, Ended, Family, Flow, Former, Held, LeasesOf,
    PortOf, SocketOf, SpecOf, StatOf, Wanted,
};
pub use generation::Generation;
pub use kernel::{Kernel, KernelPort};
pub use kotare_process::ControlError;
pub use kotare_store_sql::config::Protocol;
pub use monitoring::{NamedPool, NamedSubnet, metrics};
pub use network::{Changes, InterfaceChanges, Network, Port, Where};
pub use prepare::Unprepared;
pub use program::main;
pub use shared::Listening;
pub use stores::{Open, Store};
pub use surroundings::{Seed, Surroundings};
pub use upkeep::{Reconfigured, next};
pub use words::Words;
pub use worker::{Fate, Parts, Place, Urgency};
