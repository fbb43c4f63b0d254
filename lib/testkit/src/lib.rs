//! What tests are made of: simulated clients and relays, configurations, a lease store, and a world in virtual time.
//!
//! Nothing here does I/O or waits: a day of lease life runs in a millisecond. [`World`] holds a server with its leases
//! and a clock that only the test moves; a [`Client`] writes messages and remembers what a client remembers; a
//! [`MemoryStore`] keeps leases, counts what it is asked, and can be told to be slow or to fail. A [`SuspendingStore`]
//! holds every call up until the test lets it go on, a [`Guest`] is a module of WebAssembly that misbehaves, and a [`Task`]
//! is a future polled by hand; [`in_every_order`] plays a scene in every order in which calls can go on.

mod asked;
mod choices;
mod client;
mod config;
mod guest;
mod hosts;
mod log;
mod poll;
mod store;
mod suspending;
pub mod v6;
mod world;

pub use asked::Asked;
pub use choices::{Choices, in_every_order, play};
pub use client::{Client, Message, relayed};
pub use config::{Config, Subnet, address, configured, option};
pub use guest::{Guest, component};
pub use hosts::MemoryHosts;
pub use log::{Logged, logged};
pub use poll::{Task, run};
pub use store::{Calls, Memory, MemoryStore, MemoryStore6};
pub use suspending::{Call, CallId, SuspendingStore};
pub use world::{Answer, Replies, SERVER, Served, Via, World};
