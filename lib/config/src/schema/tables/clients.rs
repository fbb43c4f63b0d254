//! What is known of clients: classes and reservations.

use super::{CONTEXT, OPTION_DATA, OPTION_DATA6, OPTION_DEF, U32};
use crate::schema::finish;
use crate::schema::table::{Now, Older, Param, Shown, Table, Type, param};

/// A `client-classes` entry of a DHCPv4 server.
pub static CLIENT_CLASS: Table = Table {
    groups: &[
        CLASS,
        CLASS_LIFETIMES,
        &[
            param("option-def", Type::Maps(&OPTION_DEF)).shown(Shown::Always),
            param("option-data", Type::Maps(&OPTION_DATA)).shown(Shown::Always),
            param("offer-lifetime", U32),
        ],
        BOOT,
        CONTEXT,
    ],
    ..ANY_CLASS
};

/// A `client-classes` entry of a DHCPv6 server.
pub static CLIENT_CLASS6: Table = Table {
    groups: &[
        CLASS,
        CLASS_LIFETIMES,
        &[
            param("option-data", Type::Maps(&OPTION_DATA6)).shown(Shown::Always),
            param("preferred-lifetime", U32),
            param("min-preferred-lifetime", U32),
            param("max-preferred-lifetime", U32),
        ],
        CONTEXT,
    ],
    ..ANY_CLASS
};

const ANY_CLASS: Table = Table {
    name: "client-classes",
    older: &[Older { keyword: "only-if-required", now: Now::Renamed("only-in-additional-list") }],
    identity: &["name"],
    ordered: true,
    finish: Some(finish::class),
    ..Table::EMPTY
};

/// Who belongs to a class.
const CLASS: &[Param] = &[
    param("name", Type::Text).required(),
    param("test", Type::Text).shown(Shown::Different),
    param("template-test", Type::Text),
    param("only-in-additional-list", Type::Bool).or_bool(false).shown(Shown::Different),
];

const CLASS_LIFETIMES: &[Param] =
    &[param("valid-lifetime", U32), param("min-valid-lifetime", U32), param("max-valid-lifetime", U32)];

/// A `reservations` entry of a DHCPv4 server.
pub static RESERVATION: Table = Table {
    groups: &[
        &[
            param("client-id", Type::Text),
            param("circuit-id", Type::Text),
            param("ip-address", Type::Text),
            param("option-data", Type::Maps(&OPTION_DATA)).shown(Shown::Always),
        ],
        HOST,
        BOOT,
        CONTEXT,
    ],
    identity: &["hw-address", "duid", "circuit-id", "client-id", "flex-id"],
    finish: Some(finish::reservation),
    ..ANY_RESERVATION
};

/// A `reservations` entry of a DHCPv6 server.
pub static RESERVATION6: Table = Table {
    groups: &[
        &[
            param("ip-addresses", Type::Texts).shown(Shown::Always),
            param("prefixes", Type::Texts).shown(Shown::Always),
            param("excluded-prefixes", Type::Texts).shown(Shown::Different),
            param("option-data", Type::Maps(&OPTION_DATA6)).shown(Shown::Always),
        ],
        HOST,
        CONTEXT,
    ],
    identity: &["hw-address", "duid", "flex-id"],
    finish: Some(finish::reservation6),
    ..ANY_RESERVATION
};

const ANY_RESERVATION: Table = Table { name: "reservations", ..Table::EMPTY };

/// Who a client is, and what it is called.
const HOST: &[Param] = &[
    param("hw-address", Type::Text),
    param("duid", Type::Text),
    param("flex-id", Type::Text),
    param("hostname", Type::Text).or_text(""),
    param("client-classes", Type::Texts).shown(Shown::Always),
];

const BOOT: &[Param] = &[
    param("next-server", Type::Text).or_text("0.0.0.0"),
    param("server-hostname", Type::Text).or_text(""),
    param("boot-file-name", Type::Text).or_text(""),
];
