//! DHCPv4 over DHCPv6 (RFC 7341): what the DHCPv4 server passes back goes to the client, or to its relay agent.

use std::io;
use std::net::Ipv6Addr;

use kotare_engine::over6::{NotPassed, Passed};
use kotare_engine::v6::Sender;
use kotare_model::Lease6;
use kotare_server::Store;
use kotare_server::over6::Desk;
use kotare_stats::Stat6;
use kotare_wire::v6::{Index, MessageType, Writer, without_origin};

use crate::Dhcp6;
use crate::family::Network6;
use crate::messages::*;

/// The longest message that is sent.
const LONGEST: usize = 8192;

/// Sends a message that the DHCPv4 server passed back.
pub(crate) async fn passed<N: Network6, S: Store<Lease6>>(desk: &mut Desk<Dhcp6<N, S>>, bytes: &[u8]) {
    DHCP6_DHCP4O6_RECEIVING();
    let mut index = Index::new();
    let passed = match Passed::read(bytes, &mut index, MessageType::DHCPV4_RESPONSE) {
        Ok(passed) => passed,
        Err(why) => {
            if let NotPassed::Origin(missing) = &why {
                kotare_server::messages::DHCPSRV_DHCP4O6_RECEIVED_BAD_PACKET(missing);
            }
            return DHCP6_DHCP4O6_RECEIVE_FAIL(why);
        }
    };
    let (kind, origin) = (MessageType::DHCPV4_RESPONSE, passed.origin);
    DHCP6_DHCP4O6_PACKET_RECEIVED(kind.0, origin.source, origin.port, origin.interface);
    match send(desk, &passed).await {
        Ok(()) => {
            desk.counters().count(Stat6::Sent);
            desk.counters().count(Stat6::Dhcpv4ResponseSent);
        }
        Err(error) => DHCP6_DHCP4O6_SEND_FAIL(Sender::of(passed.message), error),
    }
}

async fn send<N: Network6, S: Store<Lease6>>(
    desk: &Desk<Dhcp6<N, S>>,
    passed: &Passed<'_>,
) -> io::Result<()> {
    let (message, interface) = (passed.message, passed.origin.interface);
    let (generation, listening) = (desk.daemon().generation(), desk.daemon().listening());
    let link = listening.links().find(|(_, name, _)| *name == interface);
    let not_served = || io::Error::other(format!("the interface {interface} is not served"));
    let (ifindex, ..) = link.ok_or_else(not_served)?;
    let own: Vec<Ipv6Addr> = listening.addresses_at(ifindex).collect();
    let departure = generation.engine().way_to_client(passed, ifindex, own.iter().copied());
    let mut buffer = [0; LONGEST];
    let mut writer = Writer::new(&mut buffer);
    without_origin(message, &mut writer).map_err(io::Error::other)?;
    let kind = MessageType::DHCPV4_RESPONSE;
    DHCP6_DHCP4O6_RESPONSE_DATA(Sender::of(message), kind, kind.0, format_args!("{message:?}"));
    desk.send(departure, writer.as_bytes()).await
}
