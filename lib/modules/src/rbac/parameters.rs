//! The parameters of `rbac`.

use kotare_config::schema::{Param, Table, Type, param};

/// The `parameters` of the library.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("assign-role-method", Type::OneOf(METHODS)).required(),
        // Kea demands it; here the server knows its commands without.
        param("api-files", Type::Text),
        // Without it, by the method.
        param("require-tls", Type::Bool),
        param("commands", Type::Maps(&COMMAND)),
        param("access-control-lists", Type::Maps(&NAMED_LIST)),
        param("roles", Type::Maps(&ROLE)),
        param("default-role", Type::Map(&DEFAULT_ROLE)),
        param("unknown-role", Type::Map(&UNKNOWN_ROLE)),
    ]],
    ..Table::EMPTY
};

/// How a request is assigned a role.
pub(super) const METHODS: &[&str] =
    &["remote-address", "cert-subject", "cert-issuer", "basic-authentication", "custom-value"];

/// What a command does to the server.
pub(super) const ACCESSES: &[&str] = &["read", "write"];

/// What becomes of a command.
pub(super) const VERDICTS: &[&str] = &["accept", "reject"];

/// An entry of `commands`.
pub(super) static COMMAND: Table = Table {
    name: "commands",
    groups: &[&[
        param("name", Type::Text).required(),
        param("access", Type::OneOf(ACCESSES)).required(),
        param("hook", Type::Text).or_text(""),
    ]],
    ..Table::EMPTY
};

/// An entry of `access-control-lists`: a name of the operator's with a list.
pub(super) static NAMED_LIST: Table = Table { name: "access-control-lists", open: true, ..Table::EMPTY };

/// An entry of `roles`.
pub(super) static ROLE: Table =
    Table { name: "roles", groups: &[&[param("name", Type::Text).required()], RIGHTS], ..Table::EMPTY };

/// What holds for who has no role.
pub(super) static DEFAULT_ROLE: Table = Table { name: "default-role", groups: &[RIGHTS], ..Table::EMPTY };

/// What holds for a role that is not configured.
pub(super) static UNKNOWN_ROLE: Table = Table { name: "unknown-role", groups: &[RIGHTS], ..Table::EMPTY };

const RIGHTS: &[Param] = &[
    param("accept-commands", Type::Any),
    param("reject-commands", Type::Any),
    param("other-commands", Type::OneOf(VERDICTS)).or_text("reject"),
    param("list-match-first", Type::OneOf(VERDICTS)).or_text("accept"),
    param("response-filters", Type::SomeOf(&["list-commands"])),
];
