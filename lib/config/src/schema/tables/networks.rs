//! Subnets, the shared networks around them, the pools in them, and what passes from one to the other.

use super::{CONTEXT, OPTION_DATA, RESERVATION, U32};
use crate::schema::finish;
use crate::schema::table::{Inherits, Now, OldValue, Older, Param, Scalar, Shown, Table, Type, param};

/// A `shared-networks` entry.
pub static SHARED_NETWORK: Table = Table {
    name: "shared-networks",
    groups: &[
        &[
            param("name", Type::Text).required(),
            param("subnet4", Type::Maps(&SUBNET4)).shown(Shown::Always),
            param("option-data", Type::Maps(&OPTION_DATA)).shown(Shown::Always),
        ],
        LINK,
        CLASSES,
        LIFETIMES,
        TEE_TIMES,
        SHARED,
        ALLOCATION,
        DDNS,
        RESERVATION_MODES,
        CONTEXT,
    ],
    older: OLDER_NETWORK,
    identity: &["name"],
    finish: Some(finish::network4),
    ..Table::EMPTY
};

/// A `subnet4` entry.
pub static SUBNET4: Table = Table {
    name: "subnet4",
    groups: &[
        &[
            param("subnet", Type::Text).required(),
            param("id", SUBNET_ID),
            param("pools", Type::Maps(&POOL)).shown(Shown::Always),
            param("option-data", Type::Maps(&OPTION_DATA)).shown(Shown::Always),
            param("reservations", Type::Maps(&RESERVATION)).shown(Shown::Always),
            param("4o6-interface", Type::Text).or_text(""),
            param("4o6-interface-id", Type::Text).or_text(""),
            param("4o6-subnet", Type::Text).or_text(""),
        ],
        LINK,
        CLASSES,
        LIFETIMES,
        TEE_TIMES,
        SHARED,
        ALLOCATION,
        DDNS,
        RESERVATION_MODES,
        CONTEXT,
    ],
    older: OLDER_NETWORK,
    identity: &["id"],
    finish: Some(finish::network4),
    ..Table::EMPTY
};

/// A `pools` entry.
pub static POOL: Table = Table {
    name: "pools",
    groups: &[
        &[
            param("pool", Type::Text).required(),
            param("option-data", Type::Maps(&OPTION_DATA)).shown(Shown::Always),
        ],
        NUMBER,
        CLASSES,
        DDNS,
        CONTEXT,
    ],
    older: OLDER_NETWORK,
    identity: &["pool"],
    ordered: true,
    finish: Some(finish::pool4),
    ..Table::EMPTY
};

/// The id of a subnet; 0 stands for one that is not given yet.
pub(super) const SUBNET_ID: Type = Type::Int(0, u32::MAX as i64 - 1);

/// What statistics call a pool.
pub(super) const NUMBER: &[Param] =
    &[param("pool-id", Type::Int(1, u32::MAX as i64)).or_int(0).shown(Shown::Written)];

/// `relay`: the relay agents of a subnet.
pub static RELAY: Table = Table {
    name: "relay",
    groups: &[&[param("ip-addresses", Type::Texts).required().in_any_order().shown(Shown::Always)]],
    older: &[Older { keyword: "ip-address", now: Now::Listed("ip-addresses") }],
    ..Table::EMPTY
};

/// Where the clients are.
pub(super) const LINK: &[Param] = &[
    param("interface", Type::Text).or_text("").shown(Shown::Different),
    param("relay", Type::Map(&RELAY)).inherited(Inherits::Openly).shown(Shown::Always),
];

/// Which clients are served and which classes are evaluated late.
pub(super) const CLASSES: &[Param] = &[
    param("client-classes", Type::Texts).in_any_order().shown(Shown::Different),
    param("evaluate-additional-classes", Type::Texts).shown(Shown::Different),
];

/// How long leases last and when clients renew them.
pub(super) const LIFETIMES: &[Param] = &[
    param("valid-lifetime", U32).or_int(7200).inherited(Inherits::Openly),
    param("min-valid-lifetime", U32).inherited(Inherits::Openly),
    param("max-valid-lifetime", U32).inherited(Inherits::Openly),
    param("renew-timer", U32).inherited(Inherits::Openly),
    param("rebind-timer", U32).inherited(Inherits::Openly),
    param("cache-threshold", Type::Real).or_real(0.25).inherited(Inherits::Openly),
    param("cache-max-age", U32).inherited(Inherits::Openly),
    param("adaptive-lease-time-threshold", Type::Real).inherited(Inherits::Openly),
];

/// When clients of DHCPv4 renew if no timer says so, and how long an offer is kept for them.
pub(super) const TEE_TIMES: &[Param] = &[
    param("calculate-tee-times", Type::Bool).or_bool(false).inherited(Inherits::Openly),
    param("t1-percent", Type::Real).or_real(0.5).inherited(Inherits::Openly),
    param("t2-percent", Type::Real).or_real(0.875).inherited(Inherits::Openly),
    param("offer-lifetime", U32).or_int(0).inherited(Inherits::Openly).shown(Shown::Written),
];

/// What global, shared network and subnet of DHCPv4 may all set.
pub(super) const SHARED: &[Param] = &[
    param("match-client-id", Type::Bool).or_bool(true).inherited(Inherits::Quietly),
    param("authoritative", Type::Bool).or_bool(false).inherited(Inherits::Quietly),
    param("next-server", Type::Text).or_text("0.0.0.0").inherited(Inherits::Quietly),
    param("server-hostname", Type::Text).or_text("").inherited(Inherits::Quietly),
    param("boot-file-name", Type::Text).or_text("").inherited(Inherits::Quietly),
];

/// How leases are found and what is kept with them.
pub(super) const ALLOCATION: &[Param] = &[
    param("store-extended-info", Type::Bool).or_bool(false).inherited(Inherits::Openly),
    param("allocator", ALLOCATORS).or_text("iterative").inherited(Inherits::Openly),
];

/// The ways to look for a free address or prefix.
pub(super) const ALLOCATORS: Type = Type::OneOf(&["iterative", "random", "flq", "shared-flq"]);

/// Names of clients and their DNS updates. Pools have them too.
pub(super) const DDNS: &[Param] = &[
    param("ddns-send-updates", Type::Bool).or_bool(true).inherited(Inherits::Quietly),
    param("ddns-override-no-update", Type::Bool).or_bool(false).inherited(Inherits::Quietly),
    param("ddns-override-client-update", Type::Bool).or_bool(false).inherited(Inherits::Quietly),
    param("ddns-replace-client-name", Type::OneOf(&["never", "always", "when-present", "when-not-present"]))
        .or_text("never")
        .inherited(Inherits::Quietly),
    param("ddns-generated-prefix", Type::Text).or_text("myhost").inherited(Inherits::Quietly),
    param("ddns-qualifying-suffix", Type::Text).or_text("").inherited(Inherits::Quietly),
    param("ddns-update-on-renew", Type::Bool).or_bool(false).inherited(Inherits::Quietly),
    param(
        "ddns-conflict-resolution-mode",
        Type::OneOf(&[
            "check-with-dhcid",
            "no-check-with-dhcid",
            "check-exists-with-dhcid",
            "no-check-without-dhcid",
        ]),
    )
    .or_text("check-with-dhcid")
    .inherited(Inherits::Quietly),
    param("ddns-ttl-percent", Type::Real).inherited(Inherits::Quietly),
    param("ddns-ttl", U32).inherited(Inherits::Quietly),
    param("ddns-ttl-min", U32).inherited(Inherits::Quietly),
    param("ddns-ttl-max", U32).inherited(Inherits::Quietly),
    param("hostname-char-set", Type::Text).or_text("[^A-Za-z0-9.-]").inherited(Inherits::Quietly),
    param("hostname-char-replacement", Type::Text).or_text("").inherited(Inherits::Quietly),
];

/// Which reservations count.
pub(super) const RESERVATION_MODES: &[Param] = &[
    param("reservations-global", Type::Bool).or_bool(false).inherited(Inherits::Quietly),
    param("reservations-in-subnet", Type::Bool).or_bool(true).inherited(Inherits::Quietly),
    param("reservations-out-of-pool", Type::Bool).or_bool(false).inherited(Inherits::Quietly),
];

/// Spellings of networks and pools up to Kea 2.7.
pub(super) const OLDER_NETWORK: &[Older] = &[
    Older { keyword: "client-class", now: Now::Listed("client-classes") },
    Older { keyword: "require-client-classes", now: Now::Renamed("evaluate-additional-classes") },
    OLDER_CONFLICT_RESOLUTION,
    OLDER_RESERVATION_MODE,
];

/// Up to Kea 2.4.
pub(super) const OLDER_CONFLICT_RESOLUTION: Older = Older {
    keyword: "ddns-use-conflict-resolution",
    now: Now::Instead(&[
        (OldValue::Bool(true), &[("ddns-conflict-resolution-mode", Scalar::Text("check-with-dhcid"))]),
        (OldValue::Bool(false), &[("ddns-conflict-resolution-mode", Scalar::Text("no-check-with-dhcid"))]),
    ]),
};

/// The three parameters that took the place of `reservation-mode`.
macro_rules! modes {
    ($global:literal, $in_subnet:literal, $out_of_pool:literal) => {
        &[
            ("reservations-global", Scalar::Bool($global)),
            ("reservations-in-subnet", Scalar::Bool($in_subnet)),
            ("reservations-out-of-pool", Scalar::Bool($out_of_pool)),
        ]
    };
}

/// Up to Kea 2.4 (manual of 2.4, "Fine-Tuning DHCPv4 Host Reservation").
pub(super) const OLDER_RESERVATION_MODE: Older = Older {
    keyword: "reservation-mode",
    now: Now::Instead(&[
        (OldValue::Text("all"), modes!(false, true, false)),
        (OldValue::Text("out-of-pool"), modes!(false, true, true)),
        (OldValue::Text("global"), modes!(true, false, false)),
        (OldValue::Text("disabled"), modes!(false, false, false)),
        (OldValue::Text("off"), modes!(false, false, false)),
    ]),
};
