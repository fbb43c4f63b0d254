//! The metrics of a DHCPv6 server.

use crate::exposed::{Exposed, Level, exposed};
use crate::exposition::Kind::{Counter, Gauge, Untyped};
use crate::stat6::Stat6::{self, *};

const RECEIVED: &[(Stat6, &str)] = &[
    (SolicitReceived, "solicit"),
    (AdvertiseReceived, "advertise"),
    (RequestReceived, "request"),
    (ReplyReceived, "reply"),
    (ConfirmReceived, "confirm"),
    (RenewReceived, "renew"),
    (RebindReceived, "rebind"),
    (ReleaseReceived, "release"),
    (DeclineReceived, "decline"),
    (ReconfigureReceived, "reconfigure"),
    (InfRequestReceived, "infrequest"),
    (LeaseQueryReceived, "lease-query"),
    (AddrRegInformReceived, "addr-reg-inform"),
    (AddrRegReplyReceived, "addr-reg-reply"),
    (UnknownReceived, "unknown"),
    (ParseFailed, "parse-failed"),
    (ReceiveDrop, "drop"),
];

const SENT: &[(Stat6, &str)] = &[
    (AdvertiseSent, "advertise"),
    (ReplySent, "reply"),
    (LeaseQueryReplySent, "lease-query-reply"),
    (AddrRegReplySent, "addr-reg-reply"),
];

const DHCP4_RECEIVED: &[(Stat6, &str)] =
    &[(Dhcpv4QueryReceived, "query"), (Dhcpv4ResponseReceived, "response")];

const DROPPED: &[(Stat6, &str)] = &[
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

const FAILED: &[(Stat6, &str)] = &[
    (AllocationFailSharedNetwork, "shared-network"),
    (AllocationFailSubnet, "subnet"),
    (AllocationFailNoPools, "no-pools"),
    (AllocationFailClasses, "classes"),
];

/// The metrics of the DHCPv6 server's statistics, in the order they are shown.
pub const EXPOSED6: &[Exposed<Stat6>] = &[
    exposed(
        Level::Server,
        ("packets_received_total", Counter, "Packets received, by type; also those that were dropped."),
        "operation",
        RECEIVED,
    ),
    exposed(Level::Server, ("packets_sent_total", Counter, "Packets sent, by type."), "operation", SENT),
    exposed(
        Level::Server,
        ("packets_received_dhcp4_total", Counter, "Packets received that carry DHCPv4, by type."),
        "operation",
        DHCP4_RECEIVED,
    ),
    exposed(
        Level::Server,
        ("packets_sent_dhcp4_total", Counter, "Packets sent that carry DHCPv4, by type."),
        "operation",
        &[(Dhcpv4ResponseSent, "response")],
    ),
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
        (
            "server_allocation_failures_total",
            Counter,
            "Associations for which there was no address or prefix.",
        ),
        "",
        &[(AllocationFail, "")],
    ),
    exposed(
        Level::Server,
        (
            "server_allocations_failed_total",
            Counter,
            "Associations for which there was no address or prefix, by where it was looked for.",
        ),
        "context",
        FAILED,
    ),
    exposed(
        Level::Server,
        ("server_na_reuses_total", Counter, "Leases of addresses given again without being extended."),
        "",
        &[(IaNaLeaseReuses, "")],
    ),
    exposed(
        Level::Server,
        ("server_pd_reuses_total", Counter, "Leases of prefixes given again without being extended."),
        "",
        &[(IaPdLeaseReuses, "")],
    ),
    exposed(
        Level::Server,
        ("server_na_assigned", Gauge, "Addresses leased or in probation."),
        "",
        &[(AssignedNas, "")],
    ),
    exposed(
        Level::Server,
        ("server_na_ever_assigned_total", Counter, "Addresses ever leased."),
        "",
        &[(CumulativeAssignedNas, "")],
    ),
    exposed(
        Level::Server,
        ("server_na_ever_registered_total", Counter, "Addresses ever registered."),
        "",
        &[(CumulativeRegisteredNas, "")],
    ),
    exposed(Level::Server, ("server_pd_assigned", Gauge, "Prefixes delegated."), "", &[(AssignedPds, "")]),
    exposed(
        Level::Server,
        ("server_pd_ever_assigned_total", Counter, "Prefixes ever delegated."),
        "",
        &[(CumulativeAssignedPds, "")],
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
        (
            "allocation_failures_total",
            Counter,
            "Associations in a subnet for which there was no address or prefix.",
        ),
        "",
        &[(AllocationFail, "")],
    ),
    exposed(
        Level::Subnet,
        (
            "allocations_failed_total",
            Counter,
            "Associations in a subnet for which there was no address or prefix, by where it was looked for.",
        ),
        "context",
        FAILED,
    ),
    exposed(
        Level::Subnet,
        ("na_reuses_total", Counter, "Leases of addresses of a subnet given again without being extended."),
        "",
        &[(IaNaLeaseReuses, "")],
    ),
    exposed(
        Level::Subnet,
        ("pd_reuses_total", Counter, "Leases of prefixes of a subnet given again without being extended."),
        "",
        &[(IaPdLeaseReuses, "")],
    ),
    exposed(
        Level::Subnet,
        ("na_registered", Gauge, "Addresses of a subnet that are registered."),
        "",
        &[(RegisteredNas, "")],
    ),
    exposed(
        Level::Subnet,
        ("na_ever_registered_total", Counter, "Addresses of a subnet that were ever registered."),
        "",
        &[(CumulativeRegisteredNas, "")],
    ),
    exposed(
        Level::Pool,
        ("na_assigned_total", Untyped, "Addresses of a subnet or a pool that are leased or in probation."),
        "",
        &[(AssignedNas, "")],
    ),
    exposed(
        Level::Pool,
        ("na_ever_assigned_total", Counter, "Addresses of a subnet or a pool that were ever leased."),
        "",
        &[(CumulativeAssignedNas, "")],
    ),
    exposed(
        Level::Pool,
        ("na_total", Untyped, "Addresses in the pools of a subnet or in a pool."),
        "",
        &[(TotalNas, "")],
    ),
    exposed(
        Level::Pool,
        ("pd_assigned_total", Untyped, "Prefixes of a subnet or a pool that are delegated."),
        "",
        &[(AssignedPds, "")],
    ),
    exposed(
        Level::Pool,
        ("pd_ever_assigned_total", Counter, "Prefixes of a subnet or a pool that were ever delegated."),
        "",
        &[(CumulativeAssignedPds, "")],
    ),
    exposed(
        Level::Pool,
        ("pd_total", Untyped, "Prefixes in the pools of a subnet or in a pool."),
        "",
        &[(TotalPds, "")],
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
];
