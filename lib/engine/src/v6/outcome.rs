//! What came of an exchange.

use std::fmt;
use std::net::Ipv6Addr;

use kotare_config::v6::{Codes6, Prefix6, SubnetAt};
use kotare_model::{Departure6, Duid, LeaseType, Lifetime};
use kotare_stats::Stat6;
use kotare_store::StoreError;
use kotare_wire::v6::{Malformed, MessageType, StatusCode};
use smallvec::SmallVec;

use crate::hooks::v6::Point6;

/// What came of an exchange.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "what is usual is large, and costs no allocation")]
pub enum Outcome {
    /// A reply is ready to be sent.
    Reply(Reply),
    /// The server of DHCPv4 is to answer it: so many bytes of the buffer are to be passed on to that.
    PassedOn(usize),
    /// The message was handled, and silence is the answer.
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
    pub departure: Departure6,
    /// Its message type, within what relay agents get.
    pub kind: ReplyKind,
    /// What it says about leases.
    pub given: Given,
    /// The options for which there was no room.
    pub left_out: Codes6,
}

/// The message type of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// ADVERTISE.
    Advertise,
    /// REPLY.
    Reply,
    /// ADDR-REG-REPLY.
    AddrRegReply,
    /// LEASEQUERY-REPLY (RFC 5007).
    LeaseQueryReply,
}

impl ReplyKind {
    /// The message type.
    pub const fn message_type(self) -> MessageType {
        match self {
            Self::Advertise => MessageType::ADVERTISE,
            Self::Reply => MessageType::REPLY,
            Self::AddrRegReply => MessageType::ADDR_REG_REPLY,
            Self::LeaseQueryReply => MessageType::LEASEQUERY_REPLY,
        }
    }
}

/// What a reply says about leases.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "what is usual is large, and costs no allocation")]
pub enum Given {
    /// What became of each association of the message.
    Associations {
        /// In the order in which they stand in the reply.
        answers: SmallVec<[Answer; 2]>,
        /// The subnet that was selected, an index into `Config6::subnets`; what is given may be from another one of its
        /// shared network.
        selected: Option<SubnetAt>,
    },
    /// Whether the client's addresses fit its link (CONFIRM).
    OnLink(bool),
    /// Configuration only (INFORMATION-REQUEST).
    Configuration,
    /// An address that the client made was registered (RFC 9686).
    Registered {
        /// The address.
        address: Ipv6Addr,
        /// Who had registered it before, if that was somebody else.
        former: Option<Duid>,
    },
    /// Nothing: the message is of the class `REJECT`. Told where it was decided.
    Rejected,
    /// What is known of leases (LEASEQUERY).
    Leases,
}

/// What a lease takes: an address, or a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address, or the first one of the prefix.
    pub address: Ipv6Addr,
    /// How long the prefix is; 128 for an address.
    pub len: u8,
}

/// How long something is to be used for what begins, and how long it can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetimes {
    /// The preferred lifetime.
    pub preferred: Lifetime,
    /// The valid lifetime.
    pub valid: Lifetime,
}

/// A status code with what it says to people (option 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The code.
    pub code: StatusCode,
    /// The words.
    pub text: &'static str,
}

/// What the reply says of an association.
#[derive(Clone, Debug)]
pub struct Answer {
    /// IA_NA or IA_PD.
    pub kind: LeaseType,
    /// Which one it is of the client's.
    pub iaid: u32,
    /// When the client shall ask again.
    pub t1: Lifetime,
    /// When it shall ask anybody.
    pub t2: Lifetime,
    /// What the client has of it, or is offered.
    pub granted: SmallVec<[Granted; 1]>,
    /// What it has no more, or not as it thinks.
    pub gone: SmallVec<[Place; 1]>,
    /// How it went, if that is to be told.
    pub status: Option<Status>,
    /// Why nothing was found for it, if something was looked for.
    pub failure: Option<Box<AllocationFailure>>,
    /// What the client gave back of it (RELEASE, DECLINE). There may be none without the reply saying more than `status`.
    pub given_back: SmallVec<[GivenBack; 1]>,
}

/// What a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What it is.
    pub place: Place,
    /// For how long, as the client is told.
    pub lifetimes: Lifetimes,
    /// The subnet it is from, an index into `Config6::subnets`.
    pub subnet: SubnetAt,
    /// Whether it is of a lease that goes on.
    pub renewed: bool,
    /// Whether the lease was left as it is (`cache-threshold`).
    pub reused: bool,
    /// What must not be used of a prefix (RFC 6603).
    pub excluded: Option<Prefix6>,
}

/// Nothing was free for an association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationFailure {
    /// The subnet tried last, an index into `Config6::subnets`.
    pub subnet: SubnetAt,
    /// How many addresses or prefixes were tried.
    pub attempts: u64,
    /// How many subnets had pools without a free one.
    pub full: u32,
    /// How many subnets had no pools for the client.
    pub without_pools: u32,
    /// The names of the client's classes: they may be the reason.
    pub classes: Box<str>,
}

/// What became of something that a client gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenBack {
    /// What it is.
    pub place: Place,
    /// What became of it.
    pub what: Returned,
}

/// What became of something that a client gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// The lease was ended and kept for its client (`hold-reclaimed-time`).
    Kept,
    /// The lease was removed.
    Removed,
    /// A module left the lease as it is, or somebody else was faster.
    NotReleased,
    /// It cannot be released.
    NotToRelease(NotTheirs),
    /// The address is in probation for so long.
    Declined(Lifetime),
    /// It cannot be declined.
    NotToDecline(NotTheirs),
}

/// Why something is not the client's to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTheirs {
    /// There is no such lease, or it is not assigned.
    NoLease,
    /// It is this client's.
    OfClient(Box<Duid>),
    /// It is of another association of the client's, this one.
    OfAssociation(u32),
}

/// Why there is no reply although the message was handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// A CONFIRM in which there is no address.
    NothingToConfirm,
    /// A client wants to register an address where no subnet is.
    NoSubnet,
    /// A REBIND of which nothing is known here: another server may know (RFC 9915 §18.3.5).
    NothingToRebind,
    /// A DHCPV4-QUERY that there is no server of DHCPv4 for (`dhcp4o6-port`), or that has no message for one.
    NotPassedOn,
}

/// Why a message is dropped.
#[derive(Debug)]
pub enum Dropped {
    /// It could not be parsed (`DHCP6_PACKET_DROP_PARSE_FAIL`).
    Malformed(Malformed),
    /// It names another server, if that is a DUID (`DHCP6_PACKET_DROP_SERVERID_MISMATCH`).
    OtherServer(Option<Duid>),
    /// A client sent it to one server alone (`DHCP6_PACKET_DROP_UNICAST`).
    Unicast,
    /// It is of a type that servers do not handle (`DHCP6_UNKNOWN_MSG_RECEIVED`).
    UnknownMessageType(MessageType),
    /// It breaks RFC 9915 (`DHCP6_REQUIRED_OPTIONS_CHECK_FAIL`).
    Violation(Violation),
    /// It is of the class `DROP` (`DHCP6_PACKET_DROP_DROP_CLASS` and others).
    ByClass,
    /// A module stopped it (`DHCP6_HOOK_…`).
    ByModule {
        /// Where.
        point: Point6,
        /// The statistic that counts the reason; without one the message counts as dropped nowhere.
        counts: Option<Stat6>,
    },
    /// The same client has another message under way and a newer one took this one's place
    /// (`DHCP6_PACKET_DROP_DUPLICATE`).
    Duplicate,
    /// More messages came than could be answered (`DHCP6_PACKET_QUEUE_FULL`).
    Overload {
        /// Whether the client had sent more than its share.
        excess: bool,
    },
    /// Clients must not register addresses (`DHCP6_ADDR6_REGISTER_DISABLED_DROP`).
    RegistrationDisabled,
    /// An address cannot be registered, for this reason (`DHCP6_ADDR_REG_INFORM_FAIL`).
    NotToRegister(Ipv6Addr, Box<str>),
    /// As many messages as may wait for modules at that point (`parked-packet-limit`) do
    /// (`DHCP6_HOOK_…_PARKING_LOT_FULL`).
    ParkingLotFull {
        /// Where.
        point: Point6,
        /// How many.
        limit: u32,
    },
    /// The lease store failed (`ALLOC_ENGINE_V6_ALLOC_ERROR`, `ALLOC_ENGINE_V6_EXTEND_ERROR`,
    /// `DHCP6_REGISTERED_LEASE_UPDATE_FAIL` or `DHCP6_PACKET_PROCESS_STD_EXCEPTION`, by what the message is).
    Store(StoreError),
    /// It failed when this address was declined (`DHCP6_DECLINE_FAIL`).
    NotDeclined(Ipv6Addr, StoreError),
    /// Not even what a reply must have fits on its way.
    TooBig,
}

impl From<StoreError> for Dropped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How a message breaks RFC 9915 §16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// So many options 1 (client identifier) where one is needed.
    ClientIds(usize),
    /// So many options 2 (server identifier) where one is needed.
    ServerIds(usize),
    /// A server is named in a message that is for all.
    NamesServer,
    /// An identifier of so many bytes in this option is no DUID.
    NoDuid(&'static str, usize),
    /// The DUID in this option is what stands for nobody.
    Nobody(&'static str),
    /// A relay agent's message to another one, or to a client.
    ToRelay,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientIds(count) => write!(f, "it has {count} client identifiers (option 1) and needs one"),
            Self::ServerIds(count) => write!(f, "it has {count} server identifiers (option 2) and needs one"),
            Self::NamesServer => f.write_str("it names a server (option 2) and is for all of them"),
            Self::NoDuid(option, len) => {
                write!(f, "its {option} of {len} bytes is no DUID, which has {} to {}", Duid::MIN, Duid::MAX)
            }
            Self::Nobody(option) => write!(f, "its {option} is 00:00:00, which stands for nobody"),
            Self::ToRelay => f.write_str("it is a server's answer to a relay agent"),
        }
    }
}
