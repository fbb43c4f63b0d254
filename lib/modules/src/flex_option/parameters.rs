//! The parameters of `flex_option`.

use kotare_config::schema::{Table, Type, param};

/// The `parameters` of the library. Kea heeds `options` alone and minds nothing else.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[param("options", Type::Maps(&OPTION)).required()]],
    open: true,
    ..Table::EMPTY
};

/// An entry of `options`: what is done to an option, or to sub-options of it.
pub(super) static OPTION: Table = Table {
    name: "options",
    groups: &[
        IDENTITY,
        ACTION,
        &[
            param("sub-options", Type::Maps(&SUB_OPTION)),
            param("source", Type::OneOf(SIDES)).or_text("query"),
            param("destination", Type::OneOf(SIDES)).or_text("response"),
        ],
    ],
    ..Table::EMPTY
};

/// An entry of `sub-options`.
pub(super) static SUB_OPTION: Table = Table {
    name: "sub-options",
    groups: &[
        IDENTITY,
        ACTION,
        &[
            param("container-add", Type::Bool).or_bool(true),
            param("container-remove", Type::Bool).or_bool(true),
        ],
    ],
    ..Table::EMPTY
};

const SIDES: &[&str] = &["query", "response"];

/// Which option an entry is about, and for whom.
const IDENTITY: &[kotare_config::schema::Param] = &[
    // DHCPv4 has fewer.
    param("code", Type::Int(0, 65_535)),
    param("name", Type::Text),
    param("space", Type::Text),
    param("csv-format", Type::Bool).or_bool(false),
    param("client-class", Type::Class).or_text(""),
    param("comment", Type::Text),
];

/// What an entry does: just one of these.
const ACTION: &[kotare_config::schema::Param] = &[
    param("add", Type::Expression),
    param("supersede", Type::Expression),
    param("remove", Type::Expression),
];
