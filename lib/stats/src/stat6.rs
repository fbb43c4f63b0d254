//! The table of the DHCPv6 server's statistics (Kea's manual, "Statistics in the DHCPv6 Server").

use kotare_model::{LeaseType, Tally};

use crate::statistic::{GAUGES, statistics};
use crate::{EXPOSED6, Exposed, PoolKind};

statistics! {
    /// A statistic of the DHCPv6 server.
    Stat6;

    GLOBAL_ONLY {
        /// Packets received, good and bad:
        Received = "pkt6-received",
        /// Solicit received:
        SolicitReceived = "pkt6-solicit-received",
        /// Advertise received (another server's, misdirected):
        AdvertiseReceived = "pkt6-advertise-received",
        /// Request received:
        RequestReceived = "pkt6-request-received",
        /// Reply received (another server's, misdirected):
        ReplyReceived = "pkt6-reply-received",
        /// Confirm received; in Kea it is not there before the first one:
        ConfirmReceived = "pkt6-confirm-received",
        /// Renew received:
        RenewReceived = "pkt6-renew-received",
        /// Rebind received:
        RebindReceived = "pkt6-rebind-received",
        /// Decline received:
        DeclineReceived = "pkt6-decline-received",
        /// Release received:
        ReleaseReceived = "pkt6-release-received",
        /// Reconfigure received (another server's, misdirected); in Kea it is not there before the first one:
        ReconfigureReceived = "pkt6-reconfigure-received",
        /// Information-request received:
        InfRequestReceived = "pkt6-infrequest-received",
        /// Leasequery received (RFC 5007):
        LeaseQueryReceived = "pkt6-lease-query-received",
        /// DHCPv4-query received (RFC 7341):
        Dhcpv4QueryReceived = "pkt6-dhcpv4-query-received",
        /// DHCPv4-response received (another server's, misdirected):
        Dhcpv4ResponseReceived = "pkt6-dhcpv4-response-received",
        /// Addr-reg-inform received (RFC 9686):
        AddrRegInformReceived = "pkt6-addr-reg-inform-received",
        /// Addr-reg-reply received (another server's, misdirected):
        AddrRegReplyReceived = "pkt6-addr-reg-reply-received",
        /// Packets of an unknown message type received:
        UnknownReceived = "pkt6-unknown-received",
        /// Packets sent:
        Sent = "pkt6-sent",
        /// Advertise sent:
        AdvertiseSent = "pkt6-advertise-sent",
        /// Reply sent:
        ReplySent = "pkt6-reply-sent",
        /// Leasequery-reply sent:
        LeaseQueryReplySent = "pkt6-lease-query-reply-sent",
        /// DHCPv4-response sent:
        Dhcpv4ResponseSent = "pkt6-dhcpv4-response-sent",
        /// Addr-reg-reply sent:
        AddrRegReplySent = "pkt6-addr-reg-reply-sent",
        /// Sent without options for which there was no room:
        OptionsLeftOut = "pkt6-options-left-out",
        /// Dropped: the service is disabled:
        ServiceDisabled = "pkt6-service-disabled",
        /// Dropped: the packet could not be parsed:
        ParseFailed = "pkt6-parse-failed",
        /// Dropped: no room to wait in:
        QueueFull = "pkt6-queue-full",
        /// Dropped: the same packet is being worked on:
        Duplicate = "pkt6-duplicate",
        /// Dropped: an RFC says so:
        RfcViolation = "pkt6-rfc-violation",
        /// Dropped: the administrator says so (class `DROP`, hooks):
        AdminFiltered = "pkt6-admin-filtered",
        /// Dropped: another server is meant:
        NotForUs = "pkt6-not-for-us",
        /// Dropped: an error while working on it:
        ProcessingFailed = "pkt6-processing-failed",
        /// Dropped: a rate or lease limit was reached:
        LimitExceeded = "pkt6-limit-exceeded",
        /// Dropped, for any of the reasons:
        ReceiveDrop = "pkt6-receive-drop",
    }

    SHOWN_WHEN_COUNTED {
        /// Nothing could be allocated for an association:
        AllocationFail = "v6-allocation-fail",
        /// Nothing could be allocated in a client's shared network:
        AllocationFailSharedNetwork = "v6-allocation-fail-shared-network",
        /// Nothing could be allocated in a client's subnet, which is in no shared network:
        AllocationFailSubnet = "v6-allocation-fail-subnet",
        /// Nothing could be allocated because there are no pools:
        AllocationFailNoPools = "v6-allocation-fail-no-pools",
        /// Nothing could be allocated while classes restrict the client's choice:
        AllocationFailClasses = "v6-allocation-fail-classes",
    }

    SHOWN_FROM_THE_BEGINNING {
        /// A lease of an address was given again without being extended (lease caching):
        IaNaLeaseReuses = "v6-ia-na-lease-reuses",
        /// A lease of a prefix was given again without being extended (lease caching):
        IaPdLeaseReuses = "v6-ia-pd-lease-reuses",
    }

    OF_LEASES {
        /// Addresses leased or in probation:
        AssignedNas = "assigned-nas",
        /// Addresses ever leased:
        CumulativeAssignedNas = "cumulative-assigned-nas",
        /// Prefixes delegated:
        AssignedPds = "assigned-pds",
        /// Prefixes ever delegated:
        CumulativeAssignedPds = "cumulative-assigned-pds",
        /// Addresses ever registered (RFC 9686):
        CumulativeRegisteredNas = "cumulative-registered-nas",
        /// Addresses in probation; also counted as assigned:
        DeclinedAddresses = "declined-addresses",
        /// Probations that ended:
        ReclaimedDeclinedAddresses = "reclaimed-declined-addresses",
        /// Expired leases that were reclaimed:
        ReclaimedLeases = "reclaimed-leases",
    }

    SUBNET_ONLY {
        /// Addresses registered (RFC 9686):
        RegisteredNas = "registered-nas",
        /// Addresses in the pools:
        TotalNas = "total-nas",
        /// Prefixes in the pools:
        TotalPds = "total-pds",
    };

    pool {
        AssignedNas,
        CumulativeAssignedNas,
        DeclinedAddresses,
        ReclaimedDeclinedAddresses,
        ReclaimedLeases,
        TotalNas,
    }

    pd-pool {
        AssignedPds,
        CumulativeAssignedPds,
        ReclaimedLeases,
        TotalPds,
    }
}

impl Stat6 {
    const METRICS: &[Exposed<Self>] = EXPOSED6;

    const LEASES_NOW: [Option<Self>; GAUGES] = [
        Some(Self::AssignedNas),
        Some(Self::DeclinedAddresses),
        Some(Self::RegisteredNas),
        Some(Self::AssignedPds),
    ];

    /// Addresses in probation are assigned, too. Registered ones are not: nobody leased them. Of temporary addresses and of
    /// prefixes that would be in probation nothing is said.
    fn leases_now(counted: &Tally) -> [u64; GAUGES] {
        match counted.lease_type {
            LeaseType::Na => {
                let assigned = counted.assigned.saturating_add(counted.declined);
                [assigned, counted.declined, counted.registered, 0]
            }
            LeaseType::Pd => [0, 0, 0, counted.assigned],
            LeaseType::Ta => [0; GAUGES],
        }
    }

    fn total(self) -> Option<PoolKind> {
        match self {
            Self::TotalNas => Some(PoolKind::Addresses),
            Self::TotalPds => Some(PoolKind::Prefixes),
            _ => None,
        }
    }
}
