//! Sub-options of the relay agent information option (82, RFC 3046).

use super::{Table, option};
use crate::{
    AGENT_SPACE,
    DataType::{Binary, Empty, Ipv4Address, String, Uint8, Uint16, Uint32},
};

/// What relays tell, in order of code.
pub(super) const OPTIONS: Table = Table {
    space: AGENT_SPACE,
    rows: &[
        option(1, "circuit-id", Binary),
        option(2, "remote-id", Binary),
        option(4, "docsis-device-class", Uint32),
        option(5, "link-selection", Ipv4Address),
        option(6, "subscriber-id", String),
        option(7, "radius", Binary),
        option(8, "auth", Binary),
        option(9, "vendor-specific-info", Binary),
        option(10, "relay-flags", Uint8),
        option(11, "server-id-override", Ipv4Address),
        option(12, "relay-id", Binary),
        option(13, "access-techno-type", Uint16),
        option(14, "access-network-name", String),
        option(15, "access-point-name", String),
        option(16, "access-point-bssid", Binary),
        option(17, "operator-id", Uint32),
        option(18, "operator-realm", String),
        option(19, "relay-port", Uint16),
        option(151, "virtual-subnet-select", Binary),
        option(152, "virtual-subnet-select-ctrl", Empty),
    ],
};
