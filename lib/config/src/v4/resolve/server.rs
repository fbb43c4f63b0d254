//! Where the server listens, and what it does for old clients and relays.

use crate::Level;
use crate::process::ServiceSockets;
use crate::schema::tables::{COMPATIBILITY, INTERFACES};
use crate::v4::{Compatibility, InterfaceChoice, Interfaces, OutboundInterface, SocketType};

pub(super) fn interfaces(global: Level<'_>) -> Interfaces {
    let level = global.section(&INTERFACES);
    Interfaces {
        choices: level.items("interfaces").iter().filter_map(|it| Some(interface(it.as_str()?))).collect(),
        socket_type_is_written: level.own("dhcp-socket-type").is_some(),
        socket_type: match level.text("dhcp-socket-type") {
            "udp" => SocketType::Udp,
            _ => SocketType::Raw,
        },
        outbound: match level.text("outbound-interface") {
            "use-routing" => OutboundInterface::UseRouting,
            _ => OutboundInterface::SameAsInbound,
        },
        sockets: ServiceSockets::of(level),
    }
}

fn interface(text: &str) -> InterfaceChoice {
    if text == "*" {
        return InterfaceChoice::All;
    }
    match text.split_once('/') {
        Some((name, address)) => match address.trim().parse() {
            Ok(address) => InterfaceChoice::Address(name.trim().into(), address),
            Err(_) => InterfaceChoice::Named(text.into()),
        },
        None => InterfaceChoice::Named(text.trim().into()),
    }
}

pub(super) fn compatibility(global: Level<'_>) -> Compatibility {
    let level = global.section(&COMPATIBILITY);
    Compatibility {
        ignore_server_identifier: level.bool("ignore-dhcp-server-identifier"),
        ignore_rai_link_selection: level.bool("ignore-rai-link-selection"),
        exclude_first_last_24: level.bool("exclude-first-last-24"),
    }
}
