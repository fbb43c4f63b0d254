//! Softwire options of DHCPv6 (RFC 7598), which stand in containers.

use super::{Table, option, record};
use crate::DataType::{Ipv4Address, Ipv6Address, Ipv6Prefix, Psid, Uint8};

/// What is in the container of MAP-E.
pub(super) const MAP_E_SPACE: &str = "s46-cont-mape-options";
/// What is in the container of MAP-T.
pub(super) const MAP_T_SPACE: &str = "s46-cont-mapt-options";
/// What is in the container of Lightweight 4over6.
pub(super) const LIGHTWEIGHT_SPACE: &str = "s46-cont-lw-options";
/// What is in a rule.
const RULE_SPACE: &str = "s46-rule-options";
/// What is in a binding.
const BINDING_SPACE: &str = "s46-v4v6bind-options";

const RULE_ROW: super::Row =
    record(89, "s46-rule", &[Uint8, Uint8, Uint8, Ipv4Address, Ipv6Prefix]).encapsulating(RULE_SPACE);
const RELAY_ROW: super::Row = option(90, "s46-br", Ipv6Address);
const PORTS_ROW: super::Row = record(93, "s46-portparams", &[Uint8, Psid]);

/// MAP-E: rules and border relays.
pub(super) const MAP_E: Table = Table { space: MAP_E_SPACE, rows: &[RULE_ROW, RELAY_ROW] };
/// MAP-T: rules and a default rule.
pub(super) const MAP_T: Table =
    Table { space: MAP_T_SPACE, rows: &[RULE_ROW, option(91, "s46-dmr", Ipv6Prefix)] };
/// Lightweight 4over6: border relays and a binding.
pub(super) const LIGHTWEIGHT: Table = Table {
    space: LIGHTWEIGHT_SPACE,
    rows: &[RELAY_ROW, record(92, "s46-v4v6bind", &[Ipv4Address, Ipv6Prefix]).encapsulating(BINDING_SPACE)],
};
/// The ports of a rule.
pub(super) const RULE: Table = Table { space: RULE_SPACE, rows: &[PORTS_ROW] };
/// The ports of a binding.
pub(super) const BINDING: Table = Table { space: BINDING_SPACE, rows: &[PORTS_ROW] };
