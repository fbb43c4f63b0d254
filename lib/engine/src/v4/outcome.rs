//! What came of an exchange.

use std::net::Ipv4Addr;

use kotare_config::v4::SubnetAt;
use kotare_model::{Departure4, LeaseState, Lifetime};
use kotare_stats::Stat4;
use kotare_store::StoreError;
use kotare_wire::v4::{Codes, Malformed, MessageType};

use crate::hooks::Point;

/// What came of an exchange.
#[derive(Debug)]
pub enum Outcome {
    /// A reply is ready to be sent.
    Reply(Reply),
    /// The message was handled and asks for no reply (DHCPRELEASE, DHCPDECLINE), or silence is the answer.
    Silent(Silence),
    /// The message was dropped.
    Dropped(Dropped),
}

/// A reply in the buffer the caller gave.
#[derive(Debug)]
pub struct Reply {
    /// How many bytes of the buffer it takes.
    pub len: usize,
    /// Where it goes.
    pub departure: Departure4,
    /// Its message type.
    pub kind: ReplyKind,
    /// What it says about a lease.
    pub given: Given,
    /// The options for which there was no room.
    pub left_out: Codes,
}

/// The message type of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// DHCPOFFER.
    Offer,
    /// DHCPACK.
    Ack,
    /// DHCPNAK.
    Nak,
    /// DHCPLEASEUNASSIGNED (RFC 4388).
    LeaseUnassigned,
    /// DHCPLEASEUNKNOWN (RFC 4388).
    LeaseUnknown,
    /// DHCPLEASEACTIVE (RFC 4388).
    LeaseActive,
}

impl ReplyKind {
    /// The message type (option 53).
    pub const fn message_type(self) -> MessageType {
        match self {
            Self::Offer => MessageType::OFFER,
            Self::Ack => MessageType::ACK,
            Self::Nak => MessageType::NAK,
            Self::LeaseUnassigned => MessageType::LEASEUNASSIGNED,
            Self::LeaseUnknown => MessageType::LEASEUNKNOWN,
            Self::LeaseActive => MessageType::LEASEACTIVE,
        }
    }
}

/// What a reply says about a lease.
#[derive(Debug)]
pub enum Given {
    /// A lease was offered (DHCPOFFER) or given (DHCPACK).
    Lease(LeaseGiven),
    /// No address: the client prefers IPv6-only service, and option 108 says it may (RFC 8925).
    Ipv6Only,
    /// Configuration only (DHCPINFORM).
    Configuration,
    /// Nothing (DHCPNAK).
    Refused(NakReason),
    /// What is known of leases (DHCPLEASEQUERY).
    Leases,
}

/// The lease in a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseGiven {
    /// The client's address.
    pub address: Ipv4Addr,
    /// The lease time in the reply.
    pub lifetime: Lifetime,
    /// The subnet, an index into `Config4::subnets`; it may differ from the one selected within a shared network.
    pub subnet: SubnetAt,
    /// The subnet that was selected first.
    pub selected: SubnetAt,
    /// The client was answered from its lease without a write (`cache-threshold`): the lease's whole lifetime.
    pub reused: Option<Lifetime>,
}

/// Why a DHCPNAK is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NakReason {
    /// No subnet matches where the client is (`DHCP4_PACKET_NAK_0001`).
    NoSubnet,
    /// A rebooting client asked to keep an address that is not its own here (`DHCP4_PACKET_NAK_0002`).
    WrongAddress(Ipv4Addr),
    /// The message is of the class `REJECT` (`DHCP4_PACKET_NAK_0005`).
    Rejected,
    /// The address asked for cannot be given (`DHCP4_PACKET_NAK_0004`).
    NotGranted(Option<AllocationFailure>),
}

/// No address was free for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationFailure {
    /// The subnet tried last, an index into `Config4::subnets`.
    pub subnet: SubnetAt,
    /// How many addresses were tried.
    pub attempts: u64,
    /// How many subnets had pools without a free address.
    pub full: u32,
    /// How many subnets had no pools for the client.
    pub without_pools: u32,
    /// The names of the client's classes: they may be the reason.
    pub classes: Box<str>,
}

/// Why there is no reply although the message was handled.
#[derive(Debug)]
pub enum Silence {
    /// The message is of the class `REJECT`, and there is nothing to refuse (`DHCP4_PACKET_NAK_0005`).
    Rejected,
    /// A DHCPRELEASE.
    Release(Ipv4Addr, Released),
    /// A DHCPDECLINE.
    Decline(Ipv4Addr, Declined),
    /// A rebooting client is unknown here and the server is not authoritative (RFC 2131 §4.3.2).
    UnknownRebooting(Ipv4Addr),
    /// The address asked for belongs to no pool here (`DHCP4_UNKNOWN_ADDRESS_REQUESTED`).
    UnknownAddress,
    /// A rebinding client is on no subnet known here.
    RebindElsewhere,
    /// No address is free to be offered (`DHCP4_PACKET_NAK_0003`).
    NothingToOffer(Option<AllocationFailure>),
    /// No subnet matches where a discovering client is (`DHCP4_PACKET_NAK_0001`).
    NoSubnet,
}

/// What became of a DHCPRELEASE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// The lease was ended and kept for its client (`hold-reclaimed-time`).
    Kept,
    /// The lease was removed.
    Removed,
    /// There is no such lease.
    NoLease,
    /// The lease is another client's.
    OtherClient,
    /// The lease is not assigned.
    NotAssigned(LeaseState),
    /// A module wants the lease to stay as it is.
    Refused,
}

/// What became of a DHCPDECLINE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declined {
    /// The address is in probation for so long.
    Done(Lifetime),
    /// There is no such lease.
    NoLease,
    /// The lease is another client's, has expired or is not assigned. The lease's hardware address and client
    /// identifier as text, for the log.
    Mismatch(Box<(String, String)>),
    /// A module wants the lease to stay as it is.
    Refused,
}

/// Why a message is dropped.
#[derive(Debug)]
pub enum Dropped {
    /// It could not be parsed (`DHCP4_PACKET_DROP_0001`).
    Malformed(Malformed),
    /// A DHCPINFORM without any address to answer to (`DHCP4_PACKET_DROP_0002`).
    NoReturnAddress,
    /// It names another server (`DHCP4_PACKET_DROP_0003`).
    OtherServer,
    /// No option 53, or 0 in it: BOOTP (`DHCP4_PACKET_DROP_0009`).
    NoMessageType,
    /// Option 53 has a number that means nothing (`DHCP4_PACKET_DROP_0005`).
    UnknownMessageType(u8),
    /// A message type servers do not handle (`DHCP4_PACKET_DROP_0006`).
    UnsupportedMessageType(u8),
    /// It breaks RFC 2131 (`DHCP4_PACKET_DROP_0007`); the text says how.
    Violation(&'static str),
    /// It cannot be made sense of (`DHCP4_PACKET_DROP_0007`, counted as a failure); the text says why.
    Unusable(&'static str),
    /// It is of the class `DROP` (`DHCP4_PACKET_DROP_0010`, `DHCP4_PACKET_DROP_0013`).
    ByClass,
    /// The same client has another message under way and a newer one took this one's place
    /// (`DHCP4_PACKET_DROP_0011`, `DHCP4_PACKET_DROP_0012` for a client without identifier).
    Duplicate,
    /// More messages came than could be answered (`DHCP4_PACKET_QUEUE_FULL`).
    Overload {
        /// Whether the client had sent more than its share.
        excess: bool,
    },
    /// A module stopped it (`DHCP4_HOOK_…`).
    ByModule {
        /// Where.
        point: Point,
        /// The statistic that counts the reason; without one the message counts as dropped nowhere.
        counts: Option<Stat4>,
    },
    /// As many messages as may wait for modules at that point (`parked-packet-limit`) do
    /// (`DHCP4_HOOK_…_PARKING_LOT_FULL`).
    ParkingLotFull {
        /// Where.
        point: Point,
        /// How many.
        limit: u32,
    },
    /// The lease store failed (`DHCP4_PACKET_DROP_0007`).
    Store(StoreError),
    /// Not even what a reply must have fits on its way.
    TooBig,
}

impl From<StoreError> for Dropped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
