//! From an outcome to statistics and log messages, in one place.

use std::fmt;
use std::net::Ipv4Addr;

use kotare_model::{Arrival4, Departure4};
use kotare_stats::{Counters4, Stat4};
use kotare_wire::v4::MessageType;

use super::messages::*;
use super::query::remote;
use super::text::{MessageText, Or, Seconds};
use super::{
    AllocationFailure, Declined, Dropped, Given, Label, LeaseGiven, NakReason, Outcome, Over6, Query4,
    QueryKind, Refused, Released, Reply, ReplyKind, Sender, Server, Silence, lease_query,
};
use crate::hooks::Point;
use crate::messages::*;

/// What became of what an outcome promises: its reply, and the lease it tells of.
#[derive(Clone, Copy, Debug)]
pub enum Sent<'a> {
    /// The reply left, if there is one.
    Done,
    /// The network did not take the reply. What happened to the lease stands: the client will ask again.
    Failed(&'a dyn std::error::Error),
    /// The same, soon after it was told.
    FailedAgain,
    /// The store could not keep what the exchange did, so the reply was held back.
    Withheld,
}

/// Counts an exchange and logs what came of it. Call it once for every message that was let in, when its reply was
/// sent (or there is none) or could not be. `reply` is the bytes of the reply, if there is one.
pub fn report(
    server: &Server,
    query: &Query4,
    outcome: &Outcome,
    reply: &[u8],
    sent: Sent<'_>,
    counters: &Counters4,
) {
    let Query4 { arrival, interface, over6, .. } = query;
    count_received(Some(query.kind.message_type()), over6.is_some(), counters);
    match (outcome, sent) {
        (Outcome::Dropped(reason), _) => {
            match (reason, query.kind) {
                (Dropped::Store(error), QueryKind::Release) => {
                    DHCP4_RELEASE_EXCEPTION(query, ciaddr(query), error);
                }
                (Dropped::Store(error), QueryKind::Decline) => {
                    DHCP4_DECLINE_FAIL(query, requested(query), error);
                }
                (Dropped::Store(error), QueryKind::Discover | QueryKind::Request) => {
                    ALLOC_ENGINE_V4_ALLOC_ERROR(query, error);
                }
                (Dropped::Store(error), _) => DHCP4_PACKET_PROCESS_STD_EXCEPTION(query, error),
                // By the name it is known by first, as Kea tells them apart.
                (Dropped::Duplicate, _) if query.client.id.is_some() => {
                    DHCP4_PACKET_DROP_0011(query, interface);
                }
                (Dropped::Duplicate, _) => DHCP4_PACKET_DROP_0012(query, interface),
                _ => {}
            }
            let came = Came { arrival, over6: over6.as_deref(), interface };
            report_dropped(came, Some(query.label()), reason, counters);
        }
        // That the store fails is said once, not for every message.
        (Outcome::Reply(_) | Outcome::Silent(_), Sent::Withheld) => {
            counters.count(Stat4::ReceiveDrop);
            counters.count(Stat4::ProcessingFailed);
        }
        (Outcome::Reply(decided), sent) => report_reply(server, query, decided, reply, sent, counters),
        (Outcome::Silent(silence), _) => report_silence(server, query, silence, counters),
    }
}

/// Counts and logs a datagram that [`Server::intake`] refused.
pub fn report_refused(refused: &Refused, counters: &Counters4) {
    let Refused { arrival, over6, interface, sender, reason } = refused;
    let came = Came { arrival, over6: over6.as_deref(), interface };
    // One of those that nobody answers is of no type that is known.
    let asks = matches!(reason, Dropped::ByModule { point: Point::LeaseQuery4, .. });
    let known = |kind: &MessageType| *kind != MessageType::LEASEQUERY || asks;
    match (sender, reason) {
        // What cannot be read is of no type.
        (None, _) | (_, Dropped::Malformed(_)) if over6.is_some() => {}
        (None, _) | (_, Dropped::Malformed(_)) => counters.count(Stat4::Received),
        (Some(sender), _) => count_received(sender.message_type.filter(known), over6.is_some(), counters),
    }
    report_dropped(came, sender.as_ref().map(Sender::label), reason, counters);
}

/// Counts a message. One that came over DHCPv6 was no packet of this server, and Kea does not count it as one.
fn count_received(message_type: Option<MessageType>, over6: bool, counters: &Counters4) {
    if !over6 {
        counters.count(Stat4::Received);
    }
    counters.count(match message_type {
        Some(MessageType::DISCOVER) => Stat4::DiscoverReceived,
        Some(MessageType::OFFER) => Stat4::OfferReceived,
        Some(MessageType::REQUEST) => Stat4::RequestReceived,
        Some(MessageType::ACK) => Stat4::AckReceived,
        Some(MessageType::NAK) => Stat4::NakReceived,
        Some(MessageType::RELEASE) => Stat4::ReleaseReceived,
        Some(MessageType::DECLINE) => Stat4::DeclineReceived,
        Some(MessageType::INFORM) => Stat4::InformReceived,
        Some(MessageType::LEASEQUERY) => Stat4::LeaseQueryReceived,
        _ => Stat4::UnknownReceived,
    });
}

fn report_reply(
    server: &Server,
    query: &Query4,
    reply: &Reply,
    bytes: &[u8],
    sent: Sent<'_>,
    counters: &Counters4,
) {
    if let Given::Leases = reply.given {
        return lease_query::report(server, query, reply, bytes, sent, counters);
    }
    match &reply.given {
        Given::Lease(given) => report_lease(server, query, reply.kind, given, counters),
        Given::Configuration
            if query.relay.is_none_or(|relay| relay != *reply.departure.destination.ip()) =>
        {
            DHCP4_INFORM_DIRECT_REPLY(query, reply.departure.destination.ip(), &query.interface);
        }
        Given::Configuration | Given::Ipv6Only | Given::Leases => {}
        Given::Refused(NakReason::NoSubnet) => report_no_subnet(query),
        // Told where it was decided.
        Given::Refused(NakReason::Rejected) => {}
        Given::Refused(NakReason::WrongAddress(address)) => DHCP4_PACKET_NAK_0002(query, address),
        Given::Refused(NakReason::NotGranted(failure)) => {
            report_failure(server, query, failure.as_ref(), counters);
            DHCP4_PACKET_NAK_0004(query, ciaddr(query), requested(query));
        }
    }
    report_sending(server, query, reply, bytes);
    match sent {
        Sent::Failed(error) => DHCP4_PACKET_SEND_FAIL(query, error),
        Sent::FailedAgain => {}
        _ => {
            if !reply.left_out.is_empty() {
                if server.told_left_out.of(&reply.left_out) {
                    KOTARE_OPTIONS_LEFT_OUT(query, reply.kind.message_type(), reply.len, reply.left_out);
                }
                counters.count(Stat4::OptionsLeftOut);
            }
            counters.count(Stat4::Sent);
            // A reply of BOOTP has no type.
            if !(query.is_bootp() && server.hooks.takes_bootp) {
                counters.count(match reply.kind {
                    ReplyKind::Offer => Stat4::OfferSent,
                    ReplyKind::Ack => Stat4::AckSent,
                    _ => Stat4::NakSent,
                });
            }
        }
    }
}

/// Tells which reply is sent, or would have been.
fn report_sending(server: &Server, query: &Query4, reply: &Reply, bytes: &[u8]) {
    // Who sends it through the DHCPv6 server tells of that.
    if query.over6.is_some() {
        return;
    }
    let kind = reply.kind.message_type();
    let Departure4 { source, destination, .. } = reply.departure;
    DHCP4_PACKET_SEND(
        query,
        kind,
        kind.0,
        source.ip(),
        source.port(),
        destination.ip(),
        destination.port(),
        &query.interface,
    );
    let definitions = &server.config.definitions;
    let message = MessageText { bytes, local: source, remote: destination, definitions };
    DHCP4_RESPONSE_DATA(query, kind, kind.0, message);
}

fn report_lease(server: &Server, query: &Query4, kind: ReplyKind, given: &LeaseGiven, counters: &Counters4) {
    let config = &server.config;
    let subnet = &config[given.subnet];
    if given.selected != given.subnet {
        let network = subnet.network.map_or("", |network| &config[network].name);
        DHCP4_SUBNET_DYNAMICALLY_CHANGED(query, config[given.selected].prefix, subnet.prefix, network);
    }
    if !subnet.params.match_client_id {
        DHCP4_CLIENTID_IGNORED_FOR_LEASES(query, subnet.id);
    }
    match kind {
        ReplyKind::Offer => DHCP4_LEASE_OFFER(query, given.address),
        // What is left of a lease that is reused is told below.
        _ => DHCP4_LEASE_ALLOC(query, given.address, Seconds(given.reused.unwrap_or(given.lifetime))),
    }
    if given.reused.is_some() {
        DHCP4_LEASE_REUSE(query, given.address, Seconds(given.lifetime));
        counters.add_in(Stat4::LeaseReuses, 1, server.plan.stats(subnet.id), None);
    }
}

fn report_silence(server: &Server, query: &Query4, silence: &Silence, counters: &Counters4) {
    match silence {
        Silence::Release(address, released) => match released {
            Released::Kept => {
                DHCP4_RELEASE(query, address);
                DHCP4_RELEASE_EXPIRED(query, address);
            }
            Released::Removed => {
                DHCP4_RELEASE(query, address);
                DHCP4_RELEASE_DELETED(query, address);
            }
            Released::NoLease => DHCP4_RELEASE_FAIL_NO_LEASE(query, address),
            Released::OtherClient => DHCP4_RELEASE_FAIL_WRONG_CLIENT(query, address),
            Released::NotAssigned(state) => DHCP4_RELEASE_FAIL_NOT_ASSIGNED(query, address, state.name()),
            Released::Refused => DHCP4_HOOK_LEASE4_RELEASE_SKIP(query),
        },
        Silence::Decline(address, declined) => match declined {
            Declined::Done(probation) => DHCP4_DECLINE_LEASE(address, query, probation),
            Declined::NoLease => DHCP4_DECLINE_LEASE_NOT_FOUND(address, query),
            Declined::Refused => DHCP4_HOOK_DECLINE_SKIP(),
            Declined::Mismatch(lease) => {
                let (hwaddr, id) = &**lease;
                let client = &query.client;
                DHCP4_DECLINE_LEASE_MISMATCH(
                    address,
                    query,
                    client.hwaddr,
                    hwaddr,
                    Or(client.id.as_ref(), "(none)"),
                    id,
                );
            }
        },
        Silence::UnknownRebooting(address) => DHCP4_NO_LEASE_INIT_REBOOT(query, address),
        Silence::UnknownAddress => {
            DHCP4_UNKNOWN_ADDRESS_REQUESTED(query, ciaddr(query), requested(query));
        }
        Silence::NothingToOffer(failure) => {
            report_failure(server, query, failure.as_ref(), counters);
            DHCP4_PACKET_NAK_0003(query, ciaddr(query), requested(query));
        }
        Silence::NoSubnet => report_no_subnet(query),
        Silence::RebindElsewhere | Silence::Rejected => {}
    }
}

fn report_no_subnet(query: &Query4) {
    DHCP4_PACKET_NAK_0001(query, query.remote(), query.kind.message_type());
}

fn report_failure(
    server: &Server,
    query: &Query4,
    failure: Option<&AllocationFailure>,
    counters: &Counters4,
) {
    let Some(failure) = failure else { return };
    let subnet = &server.config[failure.subnet];
    let count = |stat| counters.add_in(stat, 1, server.plan.stats(subnet.id), None);
    match subnet.network {
        Some(network) => {
            let name = &server.config[network].name;
            ALLOC_ENGINE_V4_ALLOC_FAIL_SHARED_NETWORK(query, name, failure.full, failure.without_pools);
            count(Stat4::AllocationFailSharedNetwork);
        }
        None => {
            ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET(query, subnet.prefix, subnet.id, "(none)");
            count(Stat4::AllocationFailSubnet);
        }
    }
    if failure.attempts == 0 {
        ALLOC_ENGINE_V4_ALLOC_FAIL_NO_POOLS(query);
        count(Stat4::AllocationFailNoPools);
    } else {
        ALLOC_ENGINE_V4_ALLOC_FAIL(query, failure.attempts);
        count(Stat4::AllocationFail);
    }
    // Every client is in a built-in class, so Kea always says and counts this too.
    ALLOC_ENGINE_V4_ALLOC_FAIL_CLASSES(query, &failure.classes);
    count(Stat4::AllocationFailClasses);
}

/// How a message came.
#[derive(Clone, Copy)]
struct Came<'a> {
    arrival: &'a Arrival4,
    over6: Option<&'a Over6>,
    interface: &'a str,
}

fn report_dropped(came: Came<'_>, sender: Option<Label<'_>>, reason: &Dropped, counters: &Counters4) {
    let Came { arrival, over6, interface } = came;
    let label = Or(sender, "(no message)");
    let counted = match reason {
        Dropped::Malformed(malformed) => {
            DHCP4_PACKET_DROP_0001(
                label,
                remote(arrival, over6),
                arrival.destination,
                interface,
                malformed,
                format_args!("hwaddr={}", Or(sender.map(|sender| sender.hwaddr), "(undefined)")),
            );
            Stat4::ParseFailed
        }
        Dropped::NoReturnAddress => {
            DHCP4_PACKET_DROP_0002(label, interface);
            Stat4::RfcViolation
        }
        Dropped::OtherServer => {
            DHCP4_PACKET_DROP_0003(label, interface);
            Stat4::NotForUs
        }
        Dropped::UnknownMessageType(number) => {
            DHCP4_PACKET_DROP_0005(label, number);
            Stat4::RfcViolation
        }
        Dropped::NoMessageType => {
            DHCP4_PACKET_DROP_0009(label);
            Stat4::RfcViolation
        }
        Dropped::UnsupportedMessageType(number) => {
            DHCP4_PACKET_DROP_0006(label, number);
            Stat4::RfcViolation
        }
        Dropped::Violation(how) => {
            DHCP4_PACKET_DROP_0007(label, how);
            Stat4::RfcViolation
        }
        Dropped::Unusable(why) => {
            DHCP4_PACKET_DROP_0007(label, why);
            Stat4::ProcessingFailed
        }
        // Logged where it was decided.
        Dropped::ByClass => Stat4::AdminFiltered,
        // Logged by `report`, which knows the client.
        Dropped::Duplicate => Stat4::Duplicate,
        Dropped::Overload { excess } => {
            DHCP4_PACKET_QUEUE_FULL();
            if *excess { Stat4::LimitExceeded } else { Stat4::QueueFull }
        }
        Dropped::ByModule { point, counts } => {
            return report_stopped(came, label, *point, *counts, counters);
        }
        Dropped::ParkingLotFull { point, limit } => {
            match point {
                Point::Lease4Offer => DHCP4_HOOK_LEASE4_OFFER_PARKING_LOT_FULL(limit, label),
                Point::Leases4Committed => DHCP4_HOOK_LEASES4_COMMITTED_PARKING_LOT_FULL(limit, label),
                _ if over6.is_some() => DHCP4_HOOK_SUBNET4_SELECT_4O6_PARKING_LOT_FULL(limit, label),
                _ => DHCP4_HOOK_SUBNET4_SELECT_PARKING_LOT_FULL(limit, label),
            }
            Stat4::QueueFull
        }
        // Logged by `report`, which knows what it was about.
        Dropped::Store(_) => Stat4::ProcessingFailed,
        Dropped::TooBig => {
            DHCP4_PACKET_PACK_FAIL(label, "it is bigger than the buffer for it");
            Stat4::ProcessingFailed
        }
    };
    counters.count(Stat4::ReceiveDrop);
    counters.count(counted);
}

/// A message that a module stopped. What it is counted as is the module's to say.
fn report_stopped(
    came: Came<'_>,
    label: impl fmt::Display,
    point: Point,
    counts: Option<Stat4>,
    counters: &Counters4,
) {
    let Came { arrival, over6, interface } = came;
    match point {
        Point::Receive4 => {
            DHCP4_HOOK_BUFFER_RCVD_DROP(remote(arrival, over6), arrival.destination, interface);
        }
        // The module has told of it.
        Point::LeaseQuery4 => {}
        Point::Pkt4Receive => DHCP4_HOOK_PACKET_RCVD_SKIP(label),
        Point::Subnet4Select if over6.is_some() => DHCP4_DHCP4O6_HOOK_SUBNET4_SELECT_DROP(label),
        Point::Subnet4Select => DHCP4_HOOK_SUBNET4_SELECT_DROP(label),
        Point::Lease4Select => KOTARE_HOOK_LEASE4_SELECT_DROP(label),
        Point::Lease4Offer => DHCP4_HOOK_LEASE4_OFFER_DROP(label),
        Point::Leases4Committed => DHCP4_HOOK_LEASES4_COMMITTED_DROP(label),
    }
    if let Some(reason) = counts {
        counters.count(Stat4::ReceiveDrop);
        counters.count(reason);
    }
}

/// `ciaddr` as it stands in the message.
fn ciaddr(query: &Query4) -> Ipv4Addr {
    query.ciaddr.unwrap_or(Ipv4Addr::UNSPECIFIED)
}

fn requested(query: &Query4) -> Or<Ipv4Addr> {
    Or(query.requested, "(no address)")
}
