//! From an outcome to statistics and log messages, in one place.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddrV6};

use kotare_config::v6::SubnetAt;
use kotare_model::{Arrival6, Departure6, LeaseType};
use kotare_stats::{Counters6, Stat6};
use kotare_wire::v6::{MessageType, SERVER_PORT};

use super::messages::*;
use super::text::MessageText;
use super::{
    AllocationFailure, Answer, Dropped, Given, GivenBack, Granted, NotTheirs, Outcome, Query6, QueryKind,
    Refused, Reply, ReplyKind, Returned, Sent, Server, Silence, lease_query,
};
use crate::hooks::v6::Point6;
use crate::messages::KOTARE_OPTIONS_LEFT_OUT;
use crate::text::{Or, Seconds};

/// Counts an exchange and logs what came of it. Call it once for every message that was let in, when its reply was
/// sent (or there is none) or could not be. `reply` is the bytes of the reply, if there is one.
pub fn report(
    server: &Server,
    query: &Query6,
    outcome: &Outcome,
    reply: &[u8],
    sent: Sent<'_>,
    counters: &Counters6,
) {
    count_received(query.kind.message_type(), counters);
    match (outcome, sent) {
        (Outcome::Dropped(reason), _) => {
            let who = Who {
                label: query,
                duid: query.client_label(),
                kind: query.kind.message_type(),
                address: query.client_address,
            };
            report_dropped(server, &query.arrival, &query.interface, &who, reason, counters);
        }
        // That the store fails is said once, not for every message.
        (Outcome::Reply(_) | Outcome::Silent(_) | Outcome::PassedOn(_), Sent::Withheld) => {
            counters.count(Stat6::ReceiveDrop);
            counters.count(Stat6::ProcessingFailed);
        }
        (Outcome::Reply(decided), sent) => report_reply(server, query, decided, reply, sent, counters),
        (Outcome::Silent(Silence::NothingToRebind), _) => {
            let (kind, source) = (query.kind.message_type(), query.arrival.source.ip());
            DHCP6_PACKET_PROCESS_FAIL(query, kind, source, "no subnet is known that its prefixes may be of");
            counters.count(Stat6::ReceiveDrop);
            counters.count(Stat6::ProcessingFailed);
        }
        (Outcome::Silent(_) | Outcome::PassedOn(_), _) => {}
    }
}

/// Counts and logs a datagram that [`Server::intake`] refused.
pub fn report_refused(server: &Server, refused: &Refused, counters: &Counters6) {
    let Refused { arrival, interface, sender, reason } = refused;
    match sender {
        // What cannot be read is of no type.
        None => {
            counters.count(Stat6::Received);
            let who =
                Who { label: NOBODY, duid: NOBODY, kind: MessageType(0), address: *arrival.source.ip() };
            report_dropped(server, arrival, interface, &who, reason, counters);
        }
        Some(sender) => {
            // One of those that nobody answers is of no type that is known.
            let asks = matches!(reason, Dropped::ByModule { point: Point6::LeaseQuery6, .. });
            let known = Some(sender.message_type).filter(|kind| *kind != MessageType::LEASEQUERY || asks);
            count_received(known.unwrap_or(MessageType(0)), counters);
            let kind = sender.message_type;
            let who = Who { label: sender, duid: sender, kind, address: *arrival.source.ip() };
            report_dropped(server, arrival, interface, &who, reason, counters);
        }
    }
}

/// Who sends nothing that can be read.
const NOBODY: &str = "duid=[no info], [no hwaddr info], tid=0x0";

/// Who sent a message, for the log.
struct Who<L, D> {
    label: L,
    /// Without the transaction.
    duid: D,
    kind: MessageType,
    /// On its link, as far as that is known.
    address: Ipv6Addr,
}

fn count_received(message_type: MessageType, counters: &Counters6) {
    counters.count(Stat6::Received);
    counters.count(match message_type {
        MessageType::SOLICIT => Stat6::SolicitReceived,
        MessageType::ADVERTISE => Stat6::AdvertiseReceived,
        MessageType::REQUEST => Stat6::RequestReceived,
        MessageType::REPLY => Stat6::ReplyReceived,
        MessageType::CONFIRM => Stat6::ConfirmReceived,
        MessageType::RENEW => Stat6::RenewReceived,
        MessageType::REBIND => Stat6::RebindReceived,
        MessageType::RELEASE => Stat6::ReleaseReceived,
        MessageType::DECLINE => Stat6::DeclineReceived,
        MessageType::INFORMATION_REQUEST => Stat6::InfRequestReceived,
        MessageType::DHCPV4_QUERY => Stat6::Dhcpv4QueryReceived,
        MessageType::DHCPV4_RESPONSE => Stat6::Dhcpv4ResponseReceived,
        MessageType::ADDR_REG_INFORM => Stat6::AddrRegInformReceived,
        MessageType::ADDR_REG_REPLY => Stat6::AddrRegReplyReceived,
        MessageType::RECONFIGURE => Stat6::ReconfigureReceived,
        MessageType::LEASEQUERY => Stat6::LeaseQueryReceived,
        _ => Stat6::UnknownReceived,
    });
}

fn report_reply(
    server: &Server,
    query: &Query6,
    reply: &Reply,
    bytes: &[u8],
    sent: Sent<'_>,
    counters: &Counters6,
) {
    if let Given::Leases = reply.given {
        return lease_query::report(server, query, reply, sent, counters);
    }
    match &reply.given {
        Given::Associations { answers, selected } => {
            report_moved(server, query, answers, *selected);
            for answer in answers {
                report_answer(server, query, reply.kind, answer, counters);
            }
        }
        Given::Registered { address, former: Some(former) } => {
            DHCP6_ADDR_REG_INFORM_CLIENT_CHANGE(address, Or(query.duid(), "(none)"), former);
        }
        Given::Registered { .. } | Given::OnLink(_) | Given::Configuration | Given::Rejected => {}
        Given::Leases => {}
    }
    report_sending(server, query, reply, bytes);
    match sent {
        Sent::Failed(error) => DHCP6_PACKET_SEND_FAIL(query, error),
        Sent::FailedAgain => {}
        _ => {
            if !reply.left_out.is_empty() {
                if server.told_left_out.of(&reply.left_out) {
                    KOTARE_OPTIONS_LEFT_OUT(query, reply.kind.message_type(), reply.len, &reply.left_out);
                }
                counters.count(Stat6::OptionsLeftOut);
            }
            counters.count(Stat6::Sent);
            counters.count(match reply.kind {
                ReplyKind::Advertise => Stat6::AdvertiseSent,
                ReplyKind::Reply => Stat6::ReplySent,
                ReplyKind::AddrRegReply => Stat6::AddrRegReplySent,
                ReplyKind::LeaseQueryReply => Stat6::LeaseQueryReplySent,
            });
        }
    }
}

/// Tells which reply is sent, or would have been.
fn report_sending(server: &Server, query: &Query6, reply: &Reply, bytes: &[u8]) {
    let kind = reply.kind.message_type();
    let Departure6 { source, destination, .. } = reply.departure;
    let port = server.ports.server.unwrap_or(SERVER_PORT);
    DHCP6_PACKET_SEND(
        query,
        kind,
        kind.0,
        source,
        port,
        destination.ip(),
        destination.port(),
        &query.interface,
    );
    let local = SocketAddrV6::new(source, port, 0, 0);
    let definitions = &server.config.definitions;
    DHCP6_RESPONSE_DATA(query, kind, kind.0, MessageText { bytes, local, remote: destination, definitions });
}

/// Tells that a client is served from another subnet of its network than the selected one.
fn report_moved(server: &Server, query: &Query6, answers: &[Answer], selected: Option<SubnetAt>) {
    let served = answers.iter().flat_map(|answer| &answer.granted).map(|granted| granted.subnet).next();
    if let (Some(selected), Some(served)) = (selected, served)
        && selected != served
    {
        let config = &server.config;
        let network = config[served].network.map_or("", |network| &config[network].name);
        DHCP6_SUBNET_DYNAMICALLY_CHANGED(query, config[selected].prefix, config[served].prefix, network);
    }
}

/// Tells and counts what became of an association.
fn report_answer(server: &Server, query: &Query6, reply: ReplyKind, answer: &Answer, counters: &Counters6) {
    let is_prefix = answer.kind == LeaseType::Pd;
    for granted in &answer.granted {
        report_granted(server, query, reply, answer, granted, counters);
    }
    for given_back in &answer.given_back {
        report_given_back(query, answer, given_back);
    }
    if let Some(failure) = &answer.failure {
        report_failure(server, query, failure, counters);
    }
    let is_new = matches!(query.kind, QueryKind::Solicit | QueryKind::Request);
    if is_new && answer.granted.is_empty() {
        match (reply, is_prefix) {
            (ReplyKind::Advertise, false) => DHCP6_LEASE_ADVERT_FAIL(query, answer.iaid),
            (ReplyKind::Advertise, true) => DHCP6_PD_LEASE_ADVERT_FAIL(query, answer.iaid),
            (_, false) => DHCP6_LEASE_ALLOC_FAIL(query, answer.iaid),
            (_, true) => DHCP6_PD_LEASE_ALLOC_FAIL(query, answer.iaid),
        }
    }
}

fn report_granted(
    server: &Server,
    query: &Query6,
    reply: ReplyKind,
    answer: &Answer,
    granted: &Granted,
    counters: &Counters6,
) {
    let (address, len, iaid) = (granted.place.address, granted.place.len, answer.iaid);
    let valid = Seconds(granted.lifetimes.valid);
    let extends = matches!(query.kind, QueryKind::Renew | QueryKind::Rebind);
    match answer.kind {
        LeaseType::Pd if reply == ReplyKind::Advertise => DHCP6_PD_LEASE_ADVERT(query, address, len, iaid),
        LeaseType::Pd if granted.reused => DHCP6_PD_LEASE_REUSE(query, address, len, iaid, valid),
        LeaseType::Pd if extends => DHCP6_PD_LEASE_RENEW(query, address, len, iaid),
        LeaseType::Pd => DHCP6_PD_LEASE_ALLOC(query, address, len, iaid, valid),
        _ if reply == ReplyKind::Advertise => DHCP6_LEASE_ADVERT(query, address, iaid),
        _ if granted.reused => DHCP6_LEASE_REUSE(query, address, iaid, valid),
        _ if extends => DHCP6_LEASE_RENEW(query, address, iaid),
        _ => DHCP6_LEASE_ALLOC(query, address, iaid, valid),
    }
    if granted.reused && reply != ReplyKind::Advertise {
        let is_prefix = answer.kind == LeaseType::Pd;
        let stat = if is_prefix { Stat6::IaPdLeaseReuses } else { Stat6::IaNaLeaseReuses };
        let subnet = server.config[granted.subnet].id;
        counters.add_in(stat, 1, server.plan.stats(subnet), None);
    }
}

fn report_given_back(query: &Query6, answer: &Answer, given_back: &GivenBack) {
    let (address, len, iaid) = (given_back.place.address, given_back.place.len, answer.iaid);
    let is_prefix = answer.kind == LeaseType::Pd;
    match &given_back.what {
        Returned::Kept if is_prefix => {
            DHCP6_RELEASE_PD(query, address, len, iaid);
            DHCP6_RELEASE_PD_EXPIRED(query, address, len, iaid);
        }
        Returned::Kept => {
            DHCP6_RELEASE_NA(query, address, iaid);
            DHCP6_RELEASE_NA_EXPIRED(query, address, iaid);
        }
        Returned::Removed if is_prefix => {
            DHCP6_RELEASE_PD(query, address, len, iaid);
            DHCP6_RELEASE_PD_DELETED(query, address, len, iaid);
        }
        Returned::Removed => {
            DHCP6_RELEASE_NA(query, address, iaid);
            DHCP6_RELEASE_NA_DELETED(query, address, iaid);
        }
        Returned::NotReleased if is_prefix => DHCP6_RELEASE_PD_FAIL(query, address, len, iaid),
        Returned::NotReleased => DHCP6_RELEASE_NA_FAIL(query, address, iaid),
        Returned::NotToRelease(why) => match (why, is_prefix) {
            (NotTheirs::NoLease, true) => DHCP6_RELEASE_PD_FAIL_NOT_ASSIGNED(query, address, len),
            (NotTheirs::NoLease, false) => DHCP6_RELEASE_NA_FAIL_NOT_ASSIGNED(query, address),
            (NotTheirs::OfClient(duid), true) => DHCP6_RELEASE_PD_FAIL_WRONG_DUID(query, address, len, duid),
            (NotTheirs::OfClient(duid), false) => DHCP6_RELEASE_NA_FAIL_WRONG_DUID(query, address, duid),
            (NotTheirs::OfAssociation(own), true) => {
                DHCP6_RELEASE_PD_FAIL_WRONG_IAID(query, address, len, own, iaid);
            }
            (NotTheirs::OfAssociation(own), false) => {
                DHCP6_RELEASE_NA_FAIL_WRONG_IAID(query, address, own, iaid);
            }
        },
        Returned::Declined(probation) => DHCP6_DECLINE_LEASE(query, address, probation),
        Returned::NotToDecline(NotTheirs::NoLease) => DHCP6_DECLINE_FAIL_NO_LEASE(query, address),
        Returned::NotToDecline(NotTheirs::OfClient(duid)) => {
            DHCP6_DECLINE_FAIL_DUID_MISMATCH(query, address, duid);
        }
        Returned::NotToDecline(NotTheirs::OfAssociation(own)) => {
            DHCP6_DECLINE_FAIL_IAID_MISMATCH(query, address, iaid, own);
        }
    }
}

fn report_failure(server: &Server, query: &Query6, failure: &AllocationFailure, counters: &Counters6) {
    let subnet = &server.config[failure.subnet];
    let count = |stat| counters.add_in(stat, 1, server.plan.stats(subnet.id), None);
    match subnet.network {
        Some(network) => {
            let name = &server.config[network].name;
            ALLOC_ENGINE_V6_ALLOC_FAIL_SHARED_NETWORK(query, name, failure.full, failure.without_pools);
            count(Stat6::AllocationFailSharedNetwork);
        }
        None => {
            ALLOC_ENGINE_V6_ALLOC_FAIL_SUBNET(query, subnet.prefix, subnet.id, "(none)");
            count(Stat6::AllocationFailSubnet);
        }
    }
    if failure.attempts == 0 {
        ALLOC_ENGINE_V6_ALLOC_FAIL_NO_POOLS(query);
        count(Stat6::AllocationFailNoPools);
    } else {
        ALLOC_ENGINE_V6_ALLOC_FAIL(query, failure.attempts);
        count(Stat6::AllocationFail);
    }
    // Every client is in a built-in class, so Kea always says and counts this too.
    ALLOC_ENGINE_V6_ALLOC_FAIL_CLASSES(query, &failure.classes);
    count(Stat6::AllocationFailClasses);
}

fn report_dropped(
    server: &Server,
    arrival: &Arrival6,
    interface: &str,
    who: &Who<impl fmt::Display, impl fmt::Display>,
    reason: &Dropped,
    counters: &Counters6,
) {
    let Who { label, duid, kind, address } = who;
    let source = arrival.source.ip();
    let counted = match reason {
        Dropped::Malformed(malformed) => {
            DHCP6_PACKET_DROP_PARSE_FAIL(label, source, arrival.destination, interface, malformed, duid);
            Some(Stat6::ParseFailed)
        }
        Dropped::OtherServer(named) => {
            DHCP6_PACKET_DROP_SERVERID_MISMATCH(label, Or(named.as_ref(), "(no DUID)"), &server.duid);
            Some(Stat6::NotForUs)
        }
        Dropped::Unicast => {
            DHCP6_PACKET_DROP_UNICAST(label, kind);
            Some(Stat6::RfcViolation)
        }
        // Counted as received and as dropped alone, as in Kea.
        Dropped::UnknownMessageType(number) => {
            DHCP6_UNKNOWN_MSG_RECEIVED(label, number.0, interface);
            None
        }
        Dropped::Violation(how) => {
            DHCP6_REQUIRED_OPTIONS_CHECK_FAIL(label, kind, source, how);
            Some(Stat6::RfcViolation)
        }
        // Logged where it was decided.
        Dropped::ByClass => Some(Stat6::AdminFiltered),
        Dropped::Duplicate => {
            DHCP6_PACKET_DROP_DUPLICATE(label, interface);
            Some(Stat6::Duplicate)
        }
        Dropped::Overload { excess } => {
            DHCP6_PACKET_QUEUE_FULL();
            Some(if *excess { Stat6::LimitExceeded } else { Stat6::QueueFull })
        }
        Dropped::RegistrationDisabled => {
            DHCP6_ADDR6_REGISTER_DISABLED_DROP(label);
            Some(Stat6::AdminFiltered)
        }
        Dropped::NotToRegister(address, why) => {
            DHCP6_ADDR_REG_INFORM_FAIL(address, why);
            Some(Stat6::RfcViolation)
        }
        Dropped::ByModule { point, counts } => {
            return report_stopped(arrival, interface, who, *point, *counts, counters);
        }
        Dropped::ParkingLotFull { point, limit } => {
            match point {
                // That is what Kea calls it.
                Point6::Subnet6Select => DHCP4_HOOK_SUBNET6_SELECT_PARKING_LOT_FULL(limit, label),
                _ => DHCP6_HOOK_LEASES6_PARKING_LOT_FULL(limit, label),
            }
            Some(Stat6::QueueFull)
        }
        Dropped::Store(error) => {
            match *kind {
                MessageType::SOLICIT | MessageType::REQUEST => ALLOC_ENGINE_V6_ALLOC_ERROR(label, error),
                MessageType::RENEW | MessageType::REBIND => ALLOC_ENGINE_V6_EXTEND_ERROR(label, error),
                MessageType::ADDR_REG_INFORM => DHCP6_REGISTERED_LEASE_UPDATE_FAIL(address, error),
                _ => DHCP6_PACKET_PROCESS_STD_EXCEPTION(label, error),
            }
            Some(Stat6::ProcessingFailed)
        }
        Dropped::NotDeclined(address, error) => {
            DHCP6_DECLINE_FAIL(label, address, error);
            Some(Stat6::ProcessingFailed)
        }
        Dropped::TooBig => {
            DHCP6_PACK_FAIL(label, "it is bigger than the buffer for it");
            Some(Stat6::ProcessingFailed)
        }
    };
    counters.count(Stat6::ReceiveDrop);
    counted.into_iter().for_each(|reason| counters.count(reason));
}

/// A message that a module stopped. What it is counted as is the module's to say.
fn report_stopped(
    arrival: &Arrival6,
    interface: &str,
    who: &Who<impl fmt::Display, impl fmt::Display>,
    point: Point6,
    counts: Option<Stat6>,
    counters: &Counters6,
) {
    let Who { label, address, .. } = who;
    match point {
        Point6::Receive6 => DHCP6_HOOK_BUFFER_RCVD_DROP(arrival.source.ip(), arrival.destination, interface),
        // The module has told of it.
        Point6::LeaseQuery6 => {}
        Point6::Pkt6Receive => DHCP6_HOOK_PACKET_RCVD_SKIP(label),
        Point6::Subnet6Select => DHCP6_HOOK_SUBNET6_SELECT_DROP(label),
        Point6::Lease6Select => KOTARE_HOOK_LEASE6_SELECT_DROP(label),
        // Which of the addresses it was is in the message.
        Point6::Lease6Decline => DHCP6_HOOK_DECLINE_DROP(label, interface, "(one of several)"),
        Point6::Addr6Register => DHCP6_HOOK_ADDR6_REGISTER_DROP(label, address),
        Point6::Leases6Committed => DHCP6_HOOK_LEASES6_COMMITTED_DROP(label),
    }
    if let Some(reason) = counts {
        counters.count(Stat6::ReceiveDrop);
        counters.count(reason);
    }
}
