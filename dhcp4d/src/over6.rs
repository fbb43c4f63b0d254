//! DHCPv4 over DHCPv6 (RFC 7341): what the DHCPv6 server passes on is answered, and passed back.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_engine::over6::{NotPassed, Passed};
use kotare_engine::v4::{self, Dropped, Outcome, Over6, Query4, Received, Reply, Sent};
use kotare_engine::v6::Sender;
use kotare_model::{Arrival4, Lease4};
use kotare_server::over6::Desk;
use kotare_server::{Flow, Generation, Listening, Store};
use kotare_wire::v4::{Index, Message};
use kotare_wire::v6::{self, MessageType, Writer};

use crate::Dhcp4;
use crate::family::Network4;
use crate::messages::*;

/// The longest message that is answered with, and what it becomes within DHCPv6.
const LONGEST: usize = 4096;
const LONGEST_WITH: usize = 2 * LONGEST;

/// Answers a message that the DHCPv6 server passed on.
pub(crate) async fn passed<N: Network4, S: Store<Lease4>>(desk: &mut Desk<Dhcp4<N, S>>, bytes: &[u8]) {
    DHCP4_DHCP4O6_RECEIVING();
    let mut index = v6::Index::new();
    let passed = match Passed::read(bytes, &mut index, MessageType::DHCPV4_QUERY) {
        Ok(passed) => passed,
        Err(NotPassed::Unfit(sender, why)) => return DHCP4_DHCP4O6_BAD_PACKET(sender, why),
        Err(why) => {
            if let NotPassed::Origin(missing) = &why {
                kotare_server::messages::DHCPSRV_DHCP4O6_RECEIVED_BAD_PACKET(missing);
            }
            return DHCP4_DHCP4O6_RECEIVE_FAIL(why);
        }
    };
    let (generation, listening) = (desk.daemon().generation(), desk.daemon().listening());
    let (interface, number) = (passed.origin.interface, MessageType::DHCPV4_QUERY.0);
    DHCP4_DHCP4O6_PACKET_RECEIVED(number, passed.origin.source, interface);
    let Some(arrival) = arrival(&passed, &listening) else {
        return DHCP4_DHCP4O6_BAD_PACKET(
            Sender::of(passed.message),
            "there is no IPv4 address to be known by",
        );
    };
    if !desk.daemon().is_enabled() {
        return Dhcp4::<N, S>::report_disabled(arrival, &listening, desk.counters());
    }
    let addresses = listening.addresses();
    let received =
        Received { datagram: passed.within, arrival, interface, mtu: u32::MAX, listening: addresses };
    answer(desk, &generation, &passed, &received).await;
}

/// How a message came, for a server that knows of IPv4: at one of its addresses, if it has one, by which its clients are to
/// know it; of the interface that the DHCPv6 server got it on, if it serves that.
fn arrival(passed: &Passed<'_>, listening: &Listening<Ipv4Addr>) -> Option<Arrival4> {
    let here = listening.links().find(|(_, name, _)| *name == passed.origin.interface);
    let any = || listening.addresses().first().map(|address| (0, *address));
    let (ifindex, local) = here.map(|(ifindex, _, address)| (ifindex, address)).or_else(any)?;
    let unspecified = Ipv4Addr::UNSPECIFIED;
    let source = SocketAddrV4::new(unspecified, passed.origin.port);
    Some(Arrival4 {
        ifindex,
        local,
        destination: unspecified,
        source,
        source_mac: None,
        destination_mac: None,
    })
}

async fn answer<N: Network4, S: Store<Lease4>>(
    desk: &mut Desk<Dhcp4<N, S>>,
    generation: &Generation<Dhcp4<N, S>>,
    passed: &Passed<'_>,
    received: &Received<'_>,
) {
    let (server, leases) = (generation.engine(), generation.leases());
    let (mut index, over6) = (Index::new(), Over6::of(passed.message, &passed.origin));
    let mut query = match server.intake_over6(received, &over6, &mut index) {
        Ok(query) => query,
        Err(refused) => return v4::report_refused(&refused, desk.counters()),
    };
    let Some(message) = Message::new(received.datagram, &index) else { return };
    let seed = desk.seed();
    let _attended = match query.client_key() {
        None => None,
        Some(client) => match desk.attend(&client).await {
            None => {
                let replaced = Outcome::Dropped(Dropped::Duplicate);
                return v4::report(server, &query, &replaced, &[], Sent::Done, desk.counters());
            }
            attended => attended,
        },
    };
    let now = desk.daemon().now();
    let mut buffer = [0; LONGEST];
    let outcome = server.exchange(leases, message, &mut query, now, seed, &mut buffer).await;
    let kept = leases.store().flush().await.is_ok();
    server.hooks().round_ends.iter().for_each(|it| it.round_ends());
    let (bytes, sent) = match &outcome {
        _ if !kept => (&[][..], Sent::Withheld),
        Outcome::Reply(reply) => {
            let bytes = &buffer[..reply.len];
            match pass_back(desk, passed, &query, reply, bytes) {
                Ok(()) => (bytes, Sent::Done),
                Err(error) => {
                    DHCP4_DHCP4O6_PACKET_SEND_FAIL(&query, error);
                    (bytes, Sent::FailedAgain)
                }
            }
        }
        _ => (&[][..], Sent::Done),
    };
    v4::report(server, &query, &outcome, bytes, sent, desk.counters());
}

/// Passes a reply back to the DHCPv6 server.
fn pass_back<N: Network4, S: Store<Lease4>>(
    desk: &Desk<Dhcp4<N, S>>,
    passed: &Passed<'_>,
    query: &Query4,
    reply: &Reply,
    bytes: &[u8],
) -> io::Result<()> {
    let mut with = [0; LONGEST_WITH];
    let mut writer = Writer::new(&mut with);
    passed.respond(bytes, &mut writer).map_err(io::Error::other)?;
    let (kind, within, origin) = (MessageType::DHCPV4_RESPONSE, reply.kind.message_type(), passed.origin);
    let sender = Sender::of(passed.message);
    let (source, port, interface) = (origin.source, origin.port, origin.interface);
    DHCP4_DHCP4O6_PACKET_SEND(&sender, kind, kind.0, source, port, interface, query, within, within.0);
    DHCP4_DHCP4O6_RESPONSE_DATA(&sender, kind, kind.0, Shown(writer.as_bytes()));
    desk.pass_on(writer.as_bytes())
}

/// A DHCPv6 message in words.
struct Shown<'a>(&'a [u8]);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut index = v6::Index::new();
        match v6::Message::parse(self.0, &mut index) {
            Ok(message) => write!(f, "{message:?}"),
            Err(malformed) => malformed.fmt(f),
        }
    }
}
