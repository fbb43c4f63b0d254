//! From an outcome to statistics and log messages, in one place.

use std::fmt;
use std::net::Ipv4Addr;

use kotare_model::{ClientId, HwAddr, Lifetime};
use kotare_stats::{Counters4, Stat4};
use kotare_wire::v4::{Message, MessageType, OptionCode};

use super::client::Label;
use super::intake::Kind;
use super::{
    AllocationFailure, Declined, Dropped, Given, Intake, LeaseGiven, NakReason, Outcome, Received, Refused,
    Released, Reply, ReplyKind, Server, Silence,
};
use crate::messages::*;

/// Counts an exchange and logs what came of it. Call it once, when the reply was sent (or there is none).
pub fn report(server: &Server, intake: &Intake<'_>, outcome: &Outcome, counters: &Counters4) {
    count_received(&intake.message, counters);
    let arrival = &intake.received.arrival;
    let kind = intake.message.message_type().unwrap_or(MessageType(0));
    let label = || intake.label();
    DHCP4_PACKET_RECEIVED(
        label(),
        kind,
        kind.0,
        arrival.source.ip(),
        arrival.destination,
        intake.received.interface,
    );
    if let Some(address) = rebooting(intake) {
        DHCP4_INIT_REBOOT(label(), address);
    }
    match outcome {
        Outcome::Reply(reply) => report_reply(server, intake, reply, counters),
        Outcome::Silent(silence) => report_silence(server, intake, silence, counters),
        Outcome::Dropped(reason) => {
            if let Dropped::Store(error) = reason {
                match intake.kind {
                    Kind::Release => DHCP4_RELEASE_EXCEPTION(label(), intake.message.ciaddr(), error),
                    Kind::Decline => DHCP4_DECLINE_FAIL(label(), requested(intake), error),
                    _ => DHCP4_PACKET_PROCESS_STD_EXCEPTION(label(), error),
                }
            }
            report_dropped(&intake.received, label(), reason, counters);
        }
    }
}

/// Counts and logs a datagram that [`Server::intake`] refused.
pub fn report_refused(refused: &Refused<'_>, counters: &Counters4) {
    let Ok(message) = Message::parse(refused.received.datagram) else {
        counters.count(Stat4::Received);
        return report_dropped(&refused.received, "(no message)", &refused.reason, counters);
    };
    count_received(&message, counters);
    // It was refused before its client was known, which may be why.
    let unknown = HwAddr::empty(message.htype().0);
    let hwaddr = HwAddr::new(message.htype().0, message.chaddr()).unwrap_or(unknown);
    let id = message.option(OptionCode::CLIENT_IDENTIFIER).and_then(|id| ClientId::new(id.as_slice()?).ok());
    let label = Label { hwaddr: &hwaddr, id: id.as_ref(), transaction: Some(message.xid()) };
    report_dropped(&refused.received, label, &refused.reason, counters);
}

fn count_received(message: &Message<'_>, counters: &Counters4) {
    counters.count(Stat4::Received);
    counters.count(match message.message_type() {
        Some(MessageType::DISCOVER) => Stat4::DiscoverReceived,
        Some(MessageType::OFFER) => Stat4::OfferReceived,
        Some(MessageType::REQUEST) => Stat4::RequestReceived,
        Some(MessageType::ACK) => Stat4::AckReceived,
        Some(MessageType::NAK) => Stat4::NakReceived,
        Some(MessageType::RELEASE) => Stat4::ReleaseReceived,
        Some(MessageType::DECLINE) => Stat4::DeclineReceived,
        Some(MessageType::INFORM) => Stat4::InformReceived,
        _ => Stat4::UnknownReceived,
    });
}

fn report_reply(server: &Server, intake: &Intake<'_>, reply: &Reply, counters: &Counters4) {
    let (stat, kind) = match reply.kind {
        ReplyKind::Offer => (Stat4::OfferSent, MessageType::OFFER),
        ReplyKind::Ack => (Stat4::AckSent, MessageType::ACK),
        ReplyKind::Nak => (Stat4::NakSent, MessageType::NAK),
    };
    counters.count(Stat4::Sent);
    counters.count(stat);
    match &reply.given {
        Given::Lease(given) => report_lease(server, intake, reply.kind, given, counters),
        Given::Configuration
            if intake.relay().is_none_or(|relay| relay != *reply.departure.destination.ip()) =>
        {
            DHCP4_INFORM_DIRECT_REPLY(
                intake.label(),
                reply.departure.destination.ip(),
                intake.received.interface,
            );
        }
        Given::Configuration | Given::Ipv6Only => {}
        Given::Refused(NakReason::NoSubnet) => no_subnet(intake),
        Given::Refused(NakReason::WrongAddress(address)) => DHCP4_PACKET_NAK_0002(intake.label(), address),
        Given::Refused(NakReason::NotGranted(failure)) => {
            report_failure(server, intake, failure.as_ref(), counters);
            DHCP4_PACKET_NAK_0004(intake.label(), intake.message.ciaddr(), requested(intake));
        }
    }
    let (source, destination) = (reply.departure.source, reply.departure.destination);
    DHCP4_PACKET_SEND(
        intake.label(),
        kind,
        kind.0,
        source.ip(),
        source.port(),
        destination.ip(),
        destination.port(),
        intake.received.interface,
    );
}

fn report_lease(
    server: &Server,
    intake: &Intake<'_>,
    kind: ReplyKind,
    given: &LeaseGiven,
    counters: &Counters4,
) {
    let config = &server.config;
    let subnet = &config.subnets[given.subnet];
    if given.selected == given.subnet {
        DHCP4_SUBNET_SELECTED(intake.label(), subnet.id);
    } else {
        let network = subnet.network.map_or("", |network| &config.networks[network].name);
        DHCP4_SUBNET_DYNAMICALLY_CHANGED(
            intake.label(),
            config.subnets[given.selected].prefix,
            subnet.prefix,
            network,
        );
    }
    if !subnet.params.match_client_id {
        DHCP4_CLIENTID_IGNORED_FOR_LEASES(intake.label(), subnet.id);
    }
    match kind {
        ReplyKind::Offer => DHCP4_LEASE_OFFER(intake.label(), given.address),
        _ => DHCP4_LEASE_ALLOC(intake.label(), given.address, Seconds(given.lifetime)),
    }
    if given.reused {
        DHCP4_LEASE_REUSE(intake.label(), given.address, Seconds(given.lifetime));
        counters.add_in(Stat4::LeaseReuses, 1, server.plan.stats(subnet.id), None);
    }
}

fn report_silence(server: &Server, intake: &Intake<'_>, silence: &Silence, counters: &Counters4) {
    let label = || intake.label();
    match silence {
        Silence::Release(address, released) => match released {
            Released::Kept => {
                DHCP4_RELEASE(label(), address);
                DHCP4_RELEASE_EXPIRED(label(), address);
            }
            Released::Removed => {
                DHCP4_RELEASE(label(), address);
                DHCP4_RELEASE_DELETED(label(), address);
            }
            Released::NoLease => DHCP4_RELEASE_FAIL_NO_LEASE(label(), address),
            Released::OtherClient => DHCP4_RELEASE_FAIL_WRONG_CLIENT(label(), address),
            Released::NotAssigned(state) => DHCP4_RELEASE_FAIL_NOT_ASSIGNED(label(), address, state.name()),
        },
        Silence::Decline(address, declined) => match declined {
            Declined::Done(probation) => DHCP4_DECLINE_LEASE(address, label(), probation),
            Declined::NoLease => DHCP4_DECLINE_LEASE_NOT_FOUND(address, label()),
            Declined::Mismatch(lease) => {
                let (hwaddr, id) = &**lease;
                let client = &intake.client;
                DHCP4_DECLINE_LEASE_MISMATCH(
                    address,
                    label(),
                    client.hwaddr,
                    hwaddr,
                    OrNone(client.id.as_ref()),
                    id,
                );
            }
        },
        Silence::UnknownRebooting(address) => DHCP4_NO_LEASE_INIT_REBOOT(label(), address),
        Silence::UnknownAddress => {
            DHCP4_UNKNOWN_ADDRESS_REQUESTED(label(), intake.message.ciaddr(), requested(intake));
        }
        Silence::RebindElsewhere => DHCP4_SUBNET_SELECTION_FAILED(label()),
        Silence::NothingToOffer(failure) => {
            report_failure(server, intake, failure.as_ref(), counters);
            DHCP4_PACKET_NAK_0003(label(), intake.message.ciaddr(), requested(intake));
        }
        Silence::NoSubnet => no_subnet(intake),
    }
}

fn no_subnet(intake: &Intake<'_>) {
    let kind = intake.message.message_type().unwrap_or(MessageType(0));
    DHCP4_SUBNET_SELECTION_FAILED(intake.label());
    DHCP4_PACKET_NAK_0001(intake.label(), intake.received.arrival.source.ip(), kind);
}

fn report_failure(
    server: &Server,
    intake: &Intake<'_>,
    failure: Option<&AllocationFailure>,
    counters: &Counters4,
) {
    let Some(failure) = failure else { return };
    let subnet = &server.config.subnets[failure.subnet];
    let count = |stat| counters.add_in(stat, 1, server.plan.stats(subnet.id), None);
    match subnet.network {
        Some(network) => {
            let name = &server.config.networks[network].name;
            ALLOC_ENGINE_V4_ALLOC_FAIL_SHARED_NETWORK(
                intake.label(),
                name,
                failure.full,
                failure.without_pools,
            );
            count(Stat4::AllocationFailSharedNetwork);
        }
        None => {
            ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET(intake.label(), subnet.prefix, subnet.id, "(none)");
            count(Stat4::AllocationFailSubnet);
        }
    }
    if failure.attempts == 0 {
        ALLOC_ENGINE_V4_ALLOC_FAIL_NO_POOLS(intake.label());
        count(Stat4::AllocationFailNoPools);
    } else {
        ALLOC_ENGINE_V4_ALLOC_FAIL(intake.label(), failure.attempts);
        count(Stat4::AllocationFail);
    }
    // Every client is in the built-in classes, so Kea always says and counts this too.
    ALLOC_ENGINE_V4_ALLOC_FAIL_CLASSES(intake.label(), "ALL, UNKNOWN");
    count(Stat4::AllocationFailClasses);
}

fn report_dropped(received: &Received<'_>, label: impl fmt::Display, reason: &Dropped, counters: &Counters4) {
    let interface = received.interface;
    counters.count(Stat4::ReceiveDrop);
    counters.count(match reason {
        Dropped::Malformed(malformed) => {
            let arrival = &received.arrival;
            DHCP4_PACKET_DROP_0001(
                label,
                arrival.source.ip(),
                arrival.destination,
                interface,
                malformed,
                "hwaddr=",
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
        Dropped::Duplicate => {
            DHCP4_PACKET_DROP_0011(label, interface);
            Stat4::Duplicate
        }
        // Logged by `report`, which knows what it was about.
        Dropped::Store(_) => Stat4::ProcessingFailed,
        Dropped::TooBig => {
            DHCP4_PACKET_PACK_FAIL(label, "it is bigger than the buffer for it");
            Stat4::ProcessingFailed
        }
    });
}

/// The address that a client in INIT-REBOOT state wants to keep.
fn rebooting(intake: &Intake<'_>) -> Option<Ipv4Addr> {
    let rebooting = intake.kind == Kind::Request && !intake.message.has(OptionCode::SERVER_IDENTIFIER);
    intake.requested_address().filter(|_| rebooting)
}

fn requested(intake: &Intake<'_>) -> OrNoAddress {
    OrNoAddress(intake.requested_address())
}

struct OrNone<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for OrNone<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("(none)"),
        }
    }
}

struct OrNoAddress(Option<Ipv4Addr>);

impl fmt::Display for OrNoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("(no address)"),
        }
    }
}

/// A lifetime as Kea logs it.
struct Seconds(Lifetime);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Lifetime::INFINITE { f.write_str("infinity") } else { self.0.fmt(f) }
    }
}
