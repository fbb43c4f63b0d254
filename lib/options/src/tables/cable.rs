//! Options of cable networks: CableLabs client configuration (122, RFC 3495) and DOCSIS 3.0 vendor options.

use super::{Table, option, record};
use crate::DataType::{
    Binary, Boolean, Fqdn, Int32, Ipv4Address, Ipv6Address, String, Uint8, Uint16, Uint32,
};

/// The enterprise number of CableLabs.
pub(super) const CABLE_LABS: u32 = 4491;
/// The space of the sub-options of option 122.
pub(super) const CLIENT_CONFIGURATION_SPACE: &str = "cablelabs-client-conf";
/// The space that `vendor-4491` stands for in DHCPv4.
pub(super) const DOCSIS3_SPACE: &str = "docsis3-v4";
/// The space that `vendor-4491` stands for in DHCPv6.
pub(super) const DOCSIS3_V6_SPACE: &str = "docsis3-v6";

/// Sub-options of option 122. Sub-option 3 has two layouts and therefore no definition.
pub(super) const CLIENT_CONFIGURATION: Table = Table {
    space: CLIENT_CONFIGURATION_SPACE,
    rows: &[
        option(1, "tsp-primary-server", Ipv4Address),
        option(2, "tsp-secondary-server", Ipv4Address),
        record(4, "tsp-as-parameters", &[Uint32, Uint32, Uint32]),
        record(5, "tsp-ap-parameters", &[Uint32, Uint32, Uint32]),
        option(6, "tsp-realm", Fqdn),
        option(7, "tsp-use-tgt", Boolean),
        option(8, "tsp-provisioning-timer", Uint8),
        option(9, "tsp-sct", Uint16),
        option(10, "kdc-server", Ipv4Address).array(),
    ],
};

/// Sub-options of option 125 under the enterprise number of CableLabs.
pub(super) const DOCSIS3: Table = Table {
    space: DOCSIS3_SPACE,
    rows: &[option(1, "oro", Uint8).array(), option(2, "tftp-servers", Ipv4Address).array()],
};

/// Sub-options of option 17 of DHCPv6 under the enterprise number of CableLabs. The last one is a relay agent's.
pub(super) const DOCSIS3_V6: Table = Table {
    space: DOCSIS3_V6_SPACE,
    rows: &[
        option(1, "oro", Uint16).array(),
        option(2, "device-type", String),
        option(10, "vendor-type", String),
        option(32, "tftp-servers", Ipv6Address).array(),
        option(33, "config-file", String),
        option(34, "syslog-servers", Ipv6Address).array(),
        option(36, "device-id", Binary),
        option(37, "time-servers", Ipv6Address).array(),
        option(38, "time-offset", Int32),
        option(1026, "cmts-cm-mac", Binary),
    ],
};
