//! The parameters of `flex_id`.

use kotare_config::schema::{Table, Type, param};

/// The `parameters` of the library. Kea minds no others; `ignore-iaid` is for DHCPv6 alone.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("identifier-expression", Type::Expression).or_text(""),
        param("replace-client-id", Type::Bool).or_bool(false),
        param("cid-as-rfc4361-duid", Type::Bool).or_bool(false),
    ]],
    open: true,
    ..Table::EMPTY
};
