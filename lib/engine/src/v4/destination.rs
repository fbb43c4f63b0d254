//! Where a reply goes (RFC 2131 §4.1, as Kea does it).

use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_config::v4::{OutboundInterface, SocketType};
use kotare_model::{Departure4, MacAddr};
use kotare_wire::HardwareType;
use kotare_wire::v4::{CLIENT_PORT, Message, SERVER_PORT, payload_limit};

use super::{Query4, QueryKind, ReplyKind, Server};

/// Where the reply to a message goes that offers or gives `yiaddr` (unspecified if none).
///
/// A DHCPNAK to a client with a `ciaddr` is unicast to it: RFC 2131 §4.1 would broadcast it, Kea does not.
pub(super) fn departure(
    server: &Server,
    message: Message<'_>,
    query: &Query4,
    reply: ReplyKind,
    yiaddr: Ipv4Addr,
) -> Departure4 {
    let Query4 { arrival, relay, .. } = query;
    let inform = query.kind == QueryKind::Inform;
    let raw = server.config.interfaces.socket_type == SocketType::Raw;
    let address = match (query.ciaddr, *relay) {
        // A client with an address that asks for configuration hears directly, even through a relay.
        (Some(ciaddr), _) if inform => ciaddr,
        (_, Some(relay)) => relay,
        (Some(ciaddr), None) => ciaddr,
        (None, None) if inform => *arrival.source.ip(),
        (None, None) if reply == ReplyKind::Nak => Ipv4Addr::BROADCAST,
        // The client has no address yet and cannot answer ARP: only a raw socket can reach it by unicast.
        (None, None) if !yiaddr.is_unspecified() => {
            if message.broadcast() || !raw {
                Ipv4Addr::BROADCAST
            } else {
                yiaddr
            }
        }
        // An offer without address (RFC 8925) to a client without one.
        (None, None) if arrival.source.ip().is_unspecified() => Ipv4Addr::BROADCAST,
        (None, None) => *arrival.source.ip(),
    };
    let to_client = if inform { query.ciaddr.is_some() || relay.is_none() } else { relay.is_none() };
    let port = match server.ports.client {
        Some(port) => port,
        None if to_client => CLIENT_PORT,
        // RFC 8357 §5.1: a relay may ask for its own port.
        None if query.relay_agent(message).is_some_and(|agent| agent.wants_source_port()) => {
            arrival.source.port()
        }
        None => SERVER_PORT,
    };
    let by_routing =
        relay.is_some() && !raw && server.config.interfaces.outbound == OutboundInterface::UseRouting;
    let (ifindex, local) =
        if by_routing { (0, Ipv4Addr::UNSPECIFIED) } else { (arrival.ifindex, arrival.local) };
    Departure4 {
        ifindex,
        source: SocketAddrV4::new(local, server.ports.server.unwrap_or(SERVER_PORT)),
        destination: SocketAddrV4::new(address, port),
        destination_mac: destination_mac(message, query, address),
    }
}

/// How long a reply may be that leaves by `departure`.
///
/// Who has no address yet cannot put fragments together, so to a client goes what fits into one packet of its link. A
/// relay is a host like others, and the way over DHCPv6 has its own limit.
pub(super) fn longest(query: &Query4, departure: &Departure4) -> usize {
    let to_relay = query.relay.is_some_and(|relay| relay == *departure.destination.ip());
    if to_relay || query.over6.is_some() { usize::MAX } else { payload_limit(query.mtu) }
}

/// The way to a relay for a reply of `len` bytes: one that does not fit into a packet of the link it came over is left to
/// the system, which makes fragments of it.
pub(super) fn in_fragments(query: &Query4, len: usize, departure: Departure4) -> Departure4 {
    if len > payload_limit(query.mtu) { Departure4 { ifindex: 0, ..departure } } else { departure }
}

/// The link-layer destination: whoever sent us the frame, if the reply goes back to the same address or through the
/// same relay or router, else the client itself.
fn destination_mac(message: Message<'_>, query: &Query4, address: Ipv4Addr) -> Option<MacAddr> {
    let arrival = &query.arrival;
    if address.is_broadcast() {
        None
    } else if query.relay.is_some() || address == *arrival.source.ip() {
        arrival.source_mac
    } else {
        // One whose hardware address is not of this kind of link, or who has none, sits behind who sent us the frame.
        let own = message.chaddr().try_into().ok().filter(|_| message.htype() == HardwareType::ETHERNET);
        own.or(arrival.source_mac)
    }
}
