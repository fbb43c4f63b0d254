//! Options of ISC: what the two servers of DHCPv4 over DHCPv6 (RFC 7341) tell each other.

use super::{Table, option};
use crate::DataType::{Ipv6Address, String, Uint16};

/// The enterprise number of ISC.
pub(super) const ENTERPRISE: u32 = 2495;
/// The space that `vendor-2495` stands for in DHCPv6.
pub(super) const SPACE: &str = "4o6";

/// Sub-options of option 17 of DHCPv6 under the enterprise number of ISC.
pub(super) const OPTIONS: Table = Table {
    space: SPACE,
    rows: &[
        option(60000, "4o6-interface", String),
        option(60001, "4o6-source-address", Ipv6Address),
        option(60002, "4o6-source-port", Uint16),
    ],
};
