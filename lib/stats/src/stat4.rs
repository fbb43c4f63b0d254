//! The table of the DHCPv4 server's statistics (Kea's manual, "Statistics in the DHCPv4 Server").

use kotare_model::Tally;

use crate::statistic::{GAUGES, statistics};
use crate::{EXPOSED4, Exposed, PoolKind};

statistics! {
    /// A statistic of the DHCPv4 server.
    Stat4;

    GLOBAL_ONLY {
        /// Packets received, good and bad:
        Received = "pkt4-received",
        /// DHCPDISCOVER received:
        DiscoverReceived = "pkt4-discover-received",
        /// DHCPOFFER received (another server's, misdirected):
        OfferReceived = "pkt4-offer-received",
        /// DHCPREQUEST received:
        RequestReceived = "pkt4-request-received",
        /// DHCPACK received (another server's, misdirected):
        AckReceived = "pkt4-ack-received",
        /// DHCPNAK received (another server's, misdirected):
        NakReceived = "pkt4-nak-received",
        /// DHCPRELEASE received:
        ReleaseReceived = "pkt4-release-received",
        /// DHCPDECLINE received:
        DeclineReceived = "pkt4-decline-received",
        /// DHCPINFORM received:
        InformReceived = "pkt4-inform-received",
        /// DHCPLEASEQUERY received (RFC 4388):
        LeaseQueryReceived = "pkt4-lease-query-received",
        /// Packets of an unknown message type received:
        UnknownReceived = "pkt4-unknown-received",
        /// Packets sent:
        Sent = "pkt4-sent",
        /// DHCPOFFER sent:
        OfferSent = "pkt4-offer-sent",
        /// DHCPACK sent:
        AckSent = "pkt4-ack-sent",
        /// DHCPNAK sent:
        NakSent = "pkt4-nak-sent",
        /// DHCPLEASEUNASSIGNED sent:
        LeaseQueryUnassignedSent = "pkt4-lease-query-response-unassigned-sent",
        /// DHCPLEASEUNKNOWN sent:
        LeaseQueryUnknownSent = "pkt4-lease-query-response-unknown-sent",
        /// DHCPLEASEACTIVE sent:
        LeaseQueryActiveSent = "pkt4-lease-query-response-active-sent",
        /// Sent without options for which there was no room:
        OptionsLeftOut = "pkt4-options-left-out",
        /// Dropped: the service is disabled:
        ServiceDisabled = "pkt4-service-disabled",
        /// Dropped: the packet could not be parsed:
        ParseFailed = "pkt4-parse-failed",
        /// Dropped: no room to wait in:
        QueueFull = "pkt4-queue-full",
        /// Dropped: the same packet is being worked on:
        Duplicate = "pkt4-duplicate",
        /// Dropped: an RFC says so:
        RfcViolation = "pkt4-rfc-violation",
        /// Dropped: the administrator says so (class `DROP`, hooks):
        AdminFiltered = "pkt4-admin-filtered",
        /// Dropped: another server is meant:
        NotForUs = "pkt4-not-for-us",
        /// Dropped: an error while working on it:
        ProcessingFailed = "pkt4-processing-failed",
        /// Dropped: a rate or lease limit was reached:
        LimitExceeded = "pkt4-limit-exceeded",
        /// Dropped, for any of the reasons:
        ReceiveDrop = "pkt4-receive-drop",
    }

    SHOWN_WHEN_COUNTED {
        /// No address could be allocated:
        AllocationFail = "v4-allocation-fail",
        /// No address could be allocated in a client's shared network:
        AllocationFailSharedNetwork = "v4-allocation-fail-shared-network",
        /// No address could be allocated in a client's subnet, which is in no shared network:
        AllocationFailSubnet = "v4-allocation-fail-subnet",
        /// No address could be allocated because there are no pools:
        AllocationFailNoPools = "v4-allocation-fail-no-pools",
        /// No address could be allocated while classes restrict the client's choice:
        AllocationFailClasses = "v4-allocation-fail-classes",
    }

    SHOWN_FROM_THE_BEGINNING {
        /// A reserved address was leased to somebody else:
        ReservationConflicts = "v4-reservation-conflicts",
        /// A lease was given again without being extended (lease caching):
        LeaseReuses = "v4-lease-reuses",
    }

    OF_LEASES {
        /// Addresses leased or in probation:
        AssignedAddresses = "assigned-addresses",
        /// Addresses ever leased:
        CumulativeAssignedAddresses = "cumulative-assigned-addresses",
        /// Addresses in probation; also counted as assigned:
        DeclinedAddresses = "declined-addresses",
        /// Probations that ended:
        ReclaimedDeclinedAddresses = "reclaimed-declined-addresses",
        /// Expired leases that were reclaimed:
        ReclaimedLeases = "reclaimed-leases",
    }

    SUBNET_ONLY {
        /// Addresses in the pools:
        TotalAddresses = "total-addresses",
    };

    pool {
        AssignedAddresses,
        CumulativeAssignedAddresses,
        DeclinedAddresses,
        ReclaimedDeclinedAddresses,
        ReclaimedLeases,
        TotalAddresses,
    }

    pd-pool {}
}

impl Stat4 {
    const METRICS: &[Exposed<Self>] = EXPOSED4;

    const LEASES_NOW: [Option<Self>; GAUGES] =
        [Some(Self::AssignedAddresses), Some(Self::DeclinedAddresses), None, None];

    /// Leases in probation are assigned, too.
    fn leases_now(counted: &Tally) -> [u64; GAUGES] {
        [counted.assigned.saturating_add(counted.declined), counted.declined, 0, 0]
    }

    fn total(self) -> Option<PoolKind> {
        (self == Self::TotalAddresses).then_some(PoolKind::Addresses)
    }
}
