//! The parameters of `flex_id`.

use kotare_config::json::Diagnostics;
use kotare_config::schema::{Table, Type, param};

use crate::Entry6;

/// The `parameters` of the library. Kea minds no others, among them `ignore-iaid` where it is not for DHCPv6.
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

/// `ignore-iaid` of a DHCPv6 server: whether the only association of a kind counts as number 0.
pub(super) fn ignores_iaid(entry: &Entry6<'_>, diagnostics: &mut Diagnostics) -> bool {
    let Some(written) = entry.parameters().own("ignore-iaid") else { return false };
    written.as_bool().unwrap_or_else(|| {
        diagnostics.error(written.source(), "\"ignore-iaid\" is true or false");
        false
    })
}
