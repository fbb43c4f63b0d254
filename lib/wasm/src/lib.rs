//! Modules that others write: components of WebAssembly, compiled, kept within limits, asked.
//!
//! [`Module`] is one of them, of the world `module` of `wit/kotare-dhcp.wit`, which is all there is between it and a server. It
//! is asked about messages with what it is shown of them and answers with a verdict. What it does is bounded: so much fuel and so
//! much time for a call, so much memory for an instance. It reaches nothing but a line of the log.
//!
//! An instance that failed is thrown away, and another one made aside: nothing that a module broke is used again, and no call waits
//! until an instance is ready. Calls of several threads go on at the same time, each in an instance of its own.
//!
//! Which messages there are, what becomes of an answer, and what of a module that fails is decided by who asks.
//!
//! - `bindings`: what the interface is in Rust, made of `wit/kotare-dhcp.wit`.
//! - `clock`: how a call ends that takes too long.
//! - `failure`: why there is no answer.
//! - `host`: what an instance finds around it: its limits and the log.
//! - `module`: components, and how they are asked.
//! - `stock`: which instances there are.

mod bindings;
mod clock;
mod failure;
mod host;
mod module;
mod stock;

pub use bindings::kotare::dhcp::types::{
    DhcpOption, Edit, Lease, LeaseVerdict, Lifetimes, Point, Protocol, Query, ReceivedVerdict, Relay, Reply,
    SubnetVerdict,
};
pub use failure::{Failure, LoadError};
pub use host::LINES;
pub use module::{Aside, Code, Limits, Log, Module, Setup};

/// The interface, in the words of the component model.
pub const WIT: &str = include_str!("../wit/kotare-dhcp.wit");
