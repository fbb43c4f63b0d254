//! `libdhcp_ping_check.so`: asks before an address is offered whether somebody uses it already (RFC 2131 §3.1, item 2).
//!
//! An echo request goes to the address that is going to be offered; the exchange waits for the answer, the worker does
//! not. Who answers uses the address without a lease: it is put in probation, and the next one is tried. An address from
//! which nothing comes in time, or that cannot be reached, is offered.
//!
//! - `parameters`: what is configured, globally and for a subnet in its `user-context`.
//! - `check`: whether an address is asked at all, and the exchange that waits ([`Lease4Offer`]).
//! - `pings`: who is asked, how often, until when: decides, with the time as an argument, and does nothing.
//! - `channel`: the task that owns the socket and does it.
//!
//! [`Lease4Offer`]: kotare_engine::hooks::v4::Lease4Offer

mod channel;
mod check;
mod messages;
mod parameters;
mod pings;

use crate::{Library, Module4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "ping_check",
    parameters: &parameters::PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::PING_CHECK_LOAD_ERROR(reason),
    loaded: || messages::PING_CHECK_LOAD_OK(),
    unloaded: || messages::PING_CHECK_UNLOAD(),
    v4: Some(Module4 { judge: check::judge, build: check::build, ..Module4::NOTHING }),
    v6: None,
};
