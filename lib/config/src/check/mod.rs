//! What the tables cannot say: values that contradict each other.
//!
//! Judged before anything is resolved, so that every error names what the operator wrote. Options and class expressions
//! are judged where they are made ([`crate::Configuration::resolve`]).

mod agent;
mod boot;
mod classes;
mod ddns;
mod local_names;
mod networks;
mod networks4;
mod networks6;
mod pd_pools;
mod pools;
mod reservations;
mod server;
mod server6;
mod timers;

pub use server::check_database;

use std::net::{Ipv4Addr, Ipv6Addr};

use self::server::Chosen;
use crate::Level;
use crate::json::{Diagnostics, Topic};
use crate::schema::tables::{CLIENT_CLASS, CLIENT_CLASS6};

/// Judges the global map of a control agent.
pub(crate) fn agent(global: Level<'_>, diagnostics: &mut Diagnostics) {
    agent::check(global, diagnostics);
}

/// Judges the global map of a server that updates the DNS.
pub(crate) fn ddns(global: Level<'_>, diagnostics: &mut Diagnostics) {
    ddns::check(global, diagnostics);
}

/// Judges the global map of a DHCPv4 server, in the keywords of today. Contradictions are looked for only in what has
/// the right form.
pub(crate) fn dhcp4(global: Level<'_>, diagnostics: &mut Diagnostics) {
    server::check::<Ipv4Addr>(global, Chosen::WholeOrByAddress, diagnostics);
    networks4::check(global, diagnostics);
    if let Some(map) = global.map() {
        reservations::check4(map, None, global.bool("ip-reservations-unique"), diagnostics);
    }
    let own = |class: &_, diagnostics: &mut _| {
        boot::check(class, diagnostics);
        classes::lifetimes(Level::of(&CLIENT_CLASS, class), timers::VALID, diagnostics);
    };
    classes::check(global, own, diagnostics);
    reservations::identifiers(global, diagnostics);
}

/// Judges the global map of a DHCPv6 server in the same way.
pub(crate) fn dhcp6(global: Level<'_>, diagnostics: &mut Diagnostics) {
    let addresses = server::check::<Ipv6Addr>(global, Chosen::WholeAndByAddress, diagnostics);
    for (interface, address, value) in addresses {
        if address.is_multicast() {
            let message = format!("'{address}' is not an address of one host, so nothing can be sent to it");
            diagnostics.error(value.source(), message);
        } else if address.is_unicast_link_local() {
            let topic = Topic::UnicastLinkLocal { address, interface: interface.into() };
            let message = format!("{address} is reached from the link of \"{interface}\" alone");
            diagnostics.warning_about(topic, value.source(), message, "");
        }
    }
    server6::check(global, diagnostics);
    networks6::check(global, diagnostics);
    if let Some(map) = global.map() {
        reservations::check6(map, None, global.bool("ip-reservations-unique"), diagnostics);
    }
    let own = |class: &_, diagnostics: &mut _| {
        let level = Level::of(&CLIENT_CLASS6, class);
        classes::lifetimes(level, timers::VALID, diagnostics);
        classes::lifetimes(level, timers::PREFERRED, diagnostics);
        timers::preferred(level, diagnostics);
    };
    classes::check(global, own, diagnostics);
    reservations::identifiers(global, diagnostics);
}
