//! `libdhcp_bootp.so`: clients of BOOTP with vendor extensions, RFC 1497 (manual, "Support for BOOTP Clients").
//!
//! With it, a request without message type (option 53) is let in. It counts as a DHCPREQUEST of class `BOOTP`, whose
//! leases never end. What a client of BOOTP does not know is taken out of its reply, which is padded to the size that
//! BOOTP wants.

mod messages;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::schema::Table;
use kotare_engine::hooks::Verdict;
use kotare_engine::hooks::v4::{Asked4, Pkt4Send, Receive4, Sending4};
use kotare_engine::v4::{Edited4, Query4};
use kotare_wire::v4::{BOOTP_MIN_LEN, Message, OptionCode};

use self::messages::*;
use crate::{Around4, Entry4, Library, Module4, Modules4};

/// The module. It has no parameters, and Kea minds none.
pub const LIBRARY: Library = Library {
    name: "bootp",
    parameters: &PARAMETERS,
    messages: MESSAGES,
    // Nothing can be wrong with it.
    load_error: |_| (),
    loaded: || BOOTP_LOAD(),
    unloaded: || BOOTP_UNLOAD(),
    v4: Some(Module4 { build: build4, ..Module4::NOTHING }),
    v6: None,
};

static PARAMETERS: Table = Table { name: "parameters", open: true, ..Table::EMPTY };

/// What is of DHCP (RFC 1533 §9) and not of BOOTP.
const OF_DHCP: [OptionCode; 11] = [
    OptionCode::REQUESTED_ADDRESS,
    OptionCode::LEASE_TIME,
    OptionCode::OVERLOAD,
    OptionCode::MESSAGE_TYPE,
    OptionCode::SERVER_IDENTIFIER,
    OptionCode::PARAMETER_REQUEST_LIST,
    OptionCode::MESSAGE,
    OptionCode::MAX_MESSAGE_SIZE,
    OptionCode::RENEWAL_TIME,
    OptionCode::REBINDING_TIME,
    OptionCode::CLIENT_IDENTIFIER,
];

/// The module.
struct Bootp;

fn build4(_: &Entry4<'_>, _: &Around4<'_>, modules: &mut Modules4, _: &mut Diagnostics) {
    let module = Arc::new(Bootp);
    modules.hooks.takes_bootp = true;
    modules.hooks.receive4.push(module.clone());
    modules.hooks.pkt4_send.push(module);
}

impl Receive4 for Bootp {
    fn receive4(&self, _: Message<'_>, query: &mut Query4) -> Verdict {
        if query.is_bootp() {
            BOOTP_BOOTP_QUERY(&*query);
        }
        Verdict::Continue
    }
}

impl Pkt4Send for Bootp {
    fn pkt4_send(&self, asked: Asked4<'_>, _: Sending4, reply: &mut Edited4<'_>) {
        if asked.query.is_bootp() {
            BOOTP_PACKET_PACK(asked.query);
            for code in OF_DHCP {
                reply.remove(code);
            }
            reply.pad(BOOTP_MIN_LEN);
        }
    }
}
