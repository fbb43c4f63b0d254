//! Options and their definitions.

use super::CONTEXT;
use crate::schema::finish;
use crate::schema::table::{Shown, Table, Type, param};

/// An `option-data` entry.
pub static OPTION_DATA: Table = Table {
    name: "option-data",
    groups: &[
        &[
            param("name", Type::Text),
            param("code", Type::Int(0, 255)),
            param("space", Type::Text).or_text("dhcp4"),
            param("data", Type::Text),
            param("csv-format", Type::Bool).or_bool(true),
            param("always-send", Type::Bool).or_bool(false),
            param("never-send", Type::Bool).or_bool(false),
            param("client-classes", Type::Texts).in_any_order().shown(Shown::Different),
        ],
        CONTEXT,
    ],
    identity: &["space", "code", "client-classes"],
    finish: Some(finish::option),
    ..Table::EMPTY
};

/// An `option-def` entry.
pub static OPTION_DEF: Table = Table {
    name: "option-def",
    groups: &[
        &[
            param("name", Type::Text).required(),
            param("code", Type::Int(0, 255)).required(),
            param("type", Type::Text).required(),
            param("space", Type::Text).or_text("dhcp4"),
            param("array", Type::Bool).or_bool(false),
            param("record-types", Type::Text).or_text(""),
            param("encapsulate", Type::Text).or_text(""),
        ],
        CONTEXT,
    ],
    identity: &["space", "code"],
    finish: Some(finish::option_definition),
    ..Table::EMPTY
};
