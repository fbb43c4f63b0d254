//! What is known of clients: classes and reservations.

use super::{CONTEXT, OPTION_DATA, OPTION_DEF, U32};
use crate::schema::finish;
use crate::schema::table::{Now, Older, Param, Shown, Table, Type, param};

/// A `client-classes` entry.
pub static CLIENT_CLASS: Table = Table {
    name: "client-classes",
    groups: &[
        &[
            param("name", Type::Text).required(),
            param("test", Type::Text).shown(Shown::Different),
            param("template-test", Type::Text),
            param("only-in-additional-list", Type::Bool).or_bool(false).shown(Shown::Different),
            param("option-def", Type::Maps(&OPTION_DEF)).shown(Shown::Always),
            param("option-data", Type::Maps(&OPTION_DATA)).shown(Shown::Always),
            param("valid-lifetime", U32),
            param("min-valid-lifetime", U32),
            param("max-valid-lifetime", U32),
            param("offer-lifetime", U32),
        ],
        BOOT,
        CONTEXT,
    ],
    older: &[Older { keyword: "only-if-required", now: Now::Renamed("only-in-additional-list") }],
    identity: &["name"],
    ordered: true,
    finish: Some(finish::class),
    ..Table::EMPTY
};

/// A `reservations` entry.
pub static RESERVATION: Table = Table {
    name: "reservations",
    groups: &[
        &[
            param("hw-address", Type::Text),
            param("client-id", Type::Text),
            param("circuit-id", Type::Text),
            param("duid", Type::Text),
            param("flex-id", Type::Text),
            param("ip-address", Type::Text),
            param("hostname", Type::Text).or_text(""),
            param("client-classes", Type::Texts).shown(Shown::Always),
            param("option-data", Type::Maps(&OPTION_DATA)).shown(Shown::Always),
        ],
        BOOT,
        CONTEXT,
    ],
    identity: &["hw-address", "duid", "circuit-id", "client-id", "flex-id"],
    finish: Some(finish::reservation),
    ..Table::EMPTY
};

const BOOT: &[Param] = &[
    param("next-server", Type::Text).or_text("0.0.0.0"),
    param("server-hostname", Type::Text).or_text(""),
    param("boot-file-name", Type::Text).or_text(""),
];
