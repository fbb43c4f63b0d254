//! The statistics as metrics: what is in Kea's names of them stands in labels.
//!
//! Where the exporter that the users of Kea know, `kea-exporter`, has a metric, this is called the same and has the same
//! labels, so that dashboards go on working.

use crate::Stat4::{self, *};
use crate::exposition::Kind::{Counter, Gauge, Untyped};
use crate::exposition::{Kind, Metric};

/// A metric that is made of statistics.
#[derive(Debug)]
pub struct Exposed {
    /// What it is called.
    pub metric: Metric,
    /// Where it is counted.
    pub level: Level,
    /// The label that its statistics differ by; none if it is one.
    pub label: &'static str,
    /// The statistics, and what the label says of each.
    pub rows: &'static [(Stat4, &'static str)],
}

/// Where statistics are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For the server as a whole.
    Server,
    /// For each subnet.
    Subnet,
    /// For each subnet and for each of its pools.
    Pool,
}

const fn exposed(
    level: Level,
    (name, kind, help): (&'static str, Kind, &'static str),
    label: &'static str,
    rows: &'static [(Stat4, &'static str)],
) -> Exposed {
    Exposed { metric: Metric::new(name, kind, help), level, label, rows }
}

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
pub const EXPOSED4: &[Exposed] = &[
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Every statistic is a metric on each level that it is counted on, and no metric is of a level that it is not.
    #[test]
    fn every_statistic_is_exposed() {
        let has = |stat: Stat4, levels: &[Level]| {
            EXPOSED4
                .iter()
                .any(|one| levels.contains(&one.level) && one.rows.iter().any(|(row, _)| *row == stat))
        };
        for &stat in Stat4::ALL {
            assert_eq!(has(stat, &[Level::Server]), stat.is_global(), "{stat:?}");
            assert_eq!(has(stat, &[Level::Subnet, Level::Pool]), stat.is_of_subnet(), "{stat:?}");
            assert_eq!(has(stat, &[Level::Pool]), stat.is_of_pool(), "{stat:?}");
        }
    }

    /// What tells statistics of one metric apart is different for each; a metric of one needs no label.
    #[test]
    fn labels_tell_apart() {
        for Exposed { metric, label, rows, .. } in EXPOSED4 {
            let mut values: Vec<_> = rows.iter().map(|(_, value)| *value).collect();
            values.sort_unstable();
            values.dedup();
            assert_eq!(values.len(), rows.len(), "{}", metric.name);
            assert_eq!(label.is_empty(), rows.len() == 1, "{}", metric.name);
        }
    }
}
