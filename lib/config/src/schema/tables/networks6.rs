//! Subnets of DHCPv6, the shared networks around them, and the pools of addresses and prefixes in them.

use super::networks::{
    ALLOCATION, ALLOCATORS, CLASSES, DDNS, LIFETIMES, LINK, NUMBER, OLDER_NETWORK, RESERVATION_MODES,
    SUBNET_ID,
};
use super::{CONTEXT, OPTION_DATA6, RESERVATION6, U32};
use crate::schema::finish;
use crate::schema::table::{Inherits, Param, Shown, Table, Type, param};

/// A `shared-networks` entry.
pub static SHARED_NETWORK6: Table = Table {
    name: "shared-networks",
    groups: &[
        &[
            param("name", Type::Text).required(),
            param("subnet6", Type::Maps(&SUBNET6)).shown(Shown::Always),
            param("option-data", Type::Maps(&OPTION_DATA6)).shown(Shown::Always),
        ],
        LINK,
        LINK6,
        CLASSES,
        LIFETIMES,
        PREFERRED_LIFETIMES,
        TEE_TIMES6,
        ALLOCATION,
        PREFIX_ALLOCATION,
        DDNS,
        RESERVATION_MODES,
        CONTEXT,
    ],
    older: OLDER_NETWORK,
    identity: &["name"],
    finish: Some(finish::network6),
    ..Table::EMPTY
};

/// A `subnet6` entry.
pub static SUBNET6: Table = Table {
    name: "subnet6",
    groups: &[
        &[
            param("subnet", Type::Text).required(),
            param("id", SUBNET_ID),
            // Beyond Kea.
            param("prefix-from", Type::Map(&PREFIX_FROM)).shown(Shown::Written),
            param("pools", Type::Maps(&POOL6)).shown(Shown::Always),
            param("pd-pools", Type::Maps(&PD_POOL)).shown(Shown::Always),
            param("option-data", Type::Maps(&OPTION_DATA6)).shown(Shown::Always),
            param("reservations", Type::Maps(&RESERVATION6)).shown(Shown::Always),
        ],
        LINK,
        LINK6,
        CLASSES,
        LIFETIMES,
        PREFERRED_LIFETIMES,
        TEE_TIMES6,
        ALLOCATION,
        PREFIX_ALLOCATION,
        DDNS,
        RESERVATION_MODES,
        CONTEXT,
    ],
    older: OLDER_NETWORK,
    identity: &["id"],
    finish: Some(finish::network6),
    ..Table::EMPTY
};

/// `prefix-from`: a prefix that this machine learns, behind which lies what is written of the subnet.
pub static PREFIX_FROM: Table = Table {
    name: "prefix-from",
    groups: &[
        &[
            param("interface", Type::Text).required(),
            param("by", Type::OneOf(&["route", "address"])).or_text("route"),
            // What is not global unicast is not a provider's.
            param("within", Type::Text).or_text("2000::/3"),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// A `pools` entry.
pub static POOL6: Table = Table {
    name: "pools",
    groups: &[
        &[
            param("pool", Type::Text).required(),
            param("option-data", Type::Maps(&OPTION_DATA6)).shown(Shown::Always),
        ],
        NUMBER,
        CLASSES,
        DDNS,
        CONTEXT,
    ],
    older: OLDER_NETWORK,
    identity: &["pool"],
    ordered: true,
    finish: Some(finish::pool6),
    ..Table::EMPTY
};

/// A `pd-pools` entry: prefixes of one length to delegate (RFC 8415 §18), without a part that the client must not use
/// (RFC 6603).
pub static PD_POOL: Table = Table {
    name: "pd-pools",
    groups: &[
        &[
            param("prefix", Type::Text).required(),
            param("prefix-len", PREFIX_LENGTH).required(),
            param("delegated-len", PREFIX_LENGTH).required(),
            param("excluded-prefix", Type::Text).shown(Shown::Written),
            param("excluded-prefix-len", Type::Int(0, 128)).shown(Shown::Written),
            param("option-data", Type::Maps(&OPTION_DATA6)).shown(Shown::Always),
        ],
        NUMBER,
        CLASSES,
        CONTEXT,
    ],
    older: OLDER_NETWORK,
    identity: &["prefix", "prefix-len"],
    ordered: true,
    finish: Some(finish::pd_pool),
    ..Table::EMPTY
};

const PREFIX_LENGTH: Type = Type::Int(1, 128);

/// How clients are recognised to be on the link, and whether two messages are enough for them.
const LINK6: &[Param] = &[
    param("interface-id", Type::Text).or_text("").shown(Shown::Different),
    param("rapid-commit", Type::Bool).or_bool(false).inherited(Inherits::Quietly),
];

/// How long addresses are used for new connections. Without any it is 0.625 of the valid lifetime.
pub(super) const PREFERRED_LIFETIMES: &[Param] = &[
    param("preferred-lifetime", U32).inherited(Inherits::Openly),
    param("min-preferred-lifetime", U32).inherited(Inherits::Openly),
    param("max-preferred-lifetime", U32).inherited(Inherits::Openly),
];

/// When clients renew if no timer says so.
pub(super) const TEE_TIMES6: &[Param] = &[
    param("calculate-tee-times", Type::Bool).or_bool(true).inherited(Inherits::Openly),
    param("t1-percent", Type::Real).or_real(0.5).inherited(Inherits::Openly),
    param("t2-percent", Type::Real).or_real(0.8).inherited(Inherits::Openly),
];

/// How prefixes are found.
pub(super) const PREFIX_ALLOCATION: &[Param] =
    &[param("pd-allocator", ALLOCATORS).or_text("iterative").inherited(Inherits::Openly)];
