//! The metrics of a DHCPv4 server.

use crate::exposed::{Exposed, Level, exposed};
use crate::exposition::Kind::{Counter, Gauge, Untyped};
use crate::stat4::Stat4::{self, *};

const RECEIVED: &[(Stat4, &str)] = &[
    (DiscoverReceived, "discover"),
    (OfferReceived, "offer"),
    (RequestReceived, "request"),
    (AckReceived, "ack"),
    (NakReceived, "nak"),
    (ReleaseReceived, "release"),
    (DeclineReceived, "decline"),
    (InformReceived, "inform"),
    (LeaseQueryReceived, "lease-query"),
    (UnknownReceived, "unknown"),
    (ParseFailed, "parse-failed"),
    (ReceiveDrop, "drop"),
];

const SENT: &[(Stat4, &str)] = &[
    (OfferSent, "offer"),
    (AckSent, "ack"),
    (NakSent, "nak"),
    (LeaseQueryUnassignedSent, "lease-query-unassigned"),
    (LeaseQueryUnknownSent, "lease-query-unknown"),
    (LeaseQueryActiveSent, "lease-query-active"),
];

const DROPPED: &[(Stat4, &str)] = &[
    (ServiceDisabled, "service-disabled"),
    (ParseFailed, "parse-failed"),
    (QueueFull, "queue-full"),
    (Duplicate, "duplicate"),
    (RfcViolation, "rfc-violation"),
    (AdminFiltered, "admin-filtered"),
    (NotForUs, "not-for-us"),
    (ProcessingFailed, "processing-failed"),
    (LimitExceeded, "limit-exceeded"),
];

const FAILED: &[(Stat4, &str)] = &[
    (AllocationFailSharedNetwork, "shared-network"),
    (AllocationFailSubnet, "subnet"),
    (AllocationFailNoPools, "no-pools"),
    (AllocationFailClasses, "classes"),
];

/// The metrics of the DHCPv4 server's statistics, in the order they are shown.
pub const EXPOSED4: &[Exposed<Stat4>] = &[
    exposed(
        Level::Server,
        ("packets_received_total", Counter, "Packets received, by type; also those that were dropped."),
        "operation",
        RECEIVED,
    ),
    exposed(Level::Server, ("packets_sent_total", Counter, "Packets sent, by type."), "operation", SENT),
    exposed(
        Level::Server,
        ("packets_dropped_total", Counter, "Packets dropped, by reason."),
        "reason",
        DROPPED,
    ),
    exposed(
        Level::Server,
        ("messages_received_total", Counter, "Packets received, good and bad."),
        "",
        &[(Received, "")],
    ),
    exposed(Level::Server, ("messages_sent_total", Counter, "Packets sent."), "", &[(Sent, "")]),
    exposed(
        Level::Server,
        ("options_left_out_total", Counter, "Packets sent without options for which there was no room."),
        "",
        &[(OptionsLeftOut, "")],
    ),
    exposed(
        Level::Server,
        ("server_allocation_failures_total", Counter, "Clients for whom there was no address."),
        "",
        &[(AllocationFail, "")],
    ),
    exposed(
        Level::Server,
        (
            "server_allocations_failed_total",
            Counter,
            "Clients for whom there was no address, by where it was looked for.",
        ),
        "context",
        FAILED,
    ),
    exposed(
        Level::Server,
        (
            "server_reservation_conflicts_total",
            Counter,
            "Times that a reserved address was leased to somebody else.",
        ),
        "",
        &[(ReservationConflicts, "")],
    ),
    exposed(
        Level::Server,
        ("server_leases_reused_total", Counter, "Leases given again without being extended."),
        "",
        &[(LeaseReuses, "")],
    ),
    exposed(
        Level::Server,
        ("server_addresses_assigned", Gauge, "Addresses leased or in probation."),
        "",
        &[(AssignedAddresses, "")],
    ),
    exposed(
        Level::Server,
        ("server_addresses_ever_assigned_total", Counter, "Addresses ever leased."),
        "",
        &[(CumulativeAssignedAddresses, "")],
    ),
    exposed(
        Level::Server,
        ("server_addresses_declined", Gauge, "Addresses in probation; also counted as assigned."),
        "",
        &[(DeclinedAddresses, "")],
    ),
    exposed(
        Level::Server,
        ("server_addresses_declined_reclaimed_total", Counter, "Probations that ended."),
        "",
        &[(ReclaimedDeclinedAddresses, "")],
    ),
    exposed(
        Level::Server,
        ("server_addresses_reclaimed_total", Counter, "Expired leases that were reclaimed."),
        "",
        &[(ReclaimedLeases, "")],
    ),
    exposed(
        Level::Subnet,
        ("allocation_failures_total", Counter, "Clients of a subnet for whom there was no address."),
        "",
        &[(AllocationFail, "")],
    ),
    exposed(
        Level::Subnet,
        (
            "allocations_failed_total",
            Counter,
            "Clients of a subnet for whom there was no address, by where it was looked for.",
        ),
        "context",
        FAILED,
    ),
    exposed(
        Level::Subnet,
        (
            "reservation_conflicts_total",
            Counter,
            "Times that a reserved address of a subnet was leased to somebody else.",
        ),
        "",
        &[(ReservationConflicts, "")],
    ),
    exposed(
        Level::Subnet,
        ("leases_reused_total", Counter, "Leases of a subnet given again without being extended."),
        "",
        &[(LeaseReuses, "")],
    ),
    exposed(
        Level::Pool,
        (
            "addresses_assigned_total",
            Untyped,
            "Addresses of a subnet or a pool that are leased or in probation.",
        ),
        "",
        &[(AssignedAddresses, "")],
    ),
    exposed(
        Level::Pool,
        ("addresses_ever_assigned_total", Counter, "Addresses of a subnet or a pool that were ever leased."),
        "",
        &[(CumulativeAssignedAddresses, "")],
    ),
    exposed(
        Level::Pool,
        (
            "addresses_declined_total",
            Untyped,
            "Addresses of a subnet or a pool in probation; also counted as assigned.",
        ),
        "",
        &[(DeclinedAddresses, "")],
    ),
    exposed(
        Level::Pool,
        (
            "addresses_declined_reclaimed_total",
            Counter,
            "Probations of addresses of a subnet or a pool that ended.",
        ),
        "",
        &[(ReclaimedDeclinedAddresses, "")],
    ),
    exposed(
        Level::Pool,
        ("addresses_reclaimed_total", Counter, "Expired leases of a subnet or a pool that were reclaimed."),
        "",
        &[(ReclaimedLeases, "")],
    ),
    exposed(
        Level::Pool,
        ("addresses_total", Untyped, "Addresses in the pools of a subnet or in a pool."),
        "",
        &[(TotalAddresses, "")],
    ),
];
