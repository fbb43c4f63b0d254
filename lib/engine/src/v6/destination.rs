//! Where a reply goes: back to who sent the query.

use std::net::SocketAddrV6;

use kotare_model::Departure6;
use kotare_wire::v6::{CLIENT_PORT, Message, OptionCode, SERVER_PORT};

use super::{Query6, Server};

/// Where the reply to a message goes.
pub(super) fn departure(server: &Server, message: Message<'_>, query: &Query6) -> Departure6 {
    let source = query.arrival.source;
    let port = port(server, message, source.port());
    Departure6 {
        ifindex: query.arrival.ifindex,
        source: query.arrival.local,
        destination: SocketAddrV6::new(*source.ip(), port, source.flowinfo(), source.scope_id()),
    }
}

/// The port of who gets the reply to a message that came from the port `source`.
pub(super) fn port(server: &Server, message: Message<'_>, source: u16) -> u16 {
    match (server.ports.client, message.relay(0)) {
        (Some(port), _) => port,
        (None, None) => CLIENT_PORT,
        // RFC 8357 §5.2: a relay may use a port of its own.
        (None, Some(relay)) if relay.option(OptionCode::RELAY_SOURCE_PORT).is_some() => source,
        (None, Some(_)) => SERVER_PORT,
    }
}
