//! The parameters of `lease_cmds`.

use kotare_config::schema::{Table, Type, param};

/// The `parameters` of the library. Kea heeds `binding-variables` alone and minds nothing else.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[param("binding-variables", Type::Maps(&BINDING_VARIABLE))]],
    open: true,
    ..Table::EMPTY
};

/// An entry of `binding-variables`: a value that is kept with each lease.
pub(super) static BINDING_VARIABLE: Table = Table {
    name: "binding-variables",
    groups: &[&[
        param("name", Type::Text).required(),
        param("expression", Type::Expression).required(),
        param("source", Type::OneOf(&["query", "response"])).required(),
    ]],
    ..Table::EMPTY
};
