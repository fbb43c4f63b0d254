//! The options of a DHCPv6 message that have a standard definition.

use super::{Row, Table, option, record, softwire};
use crate::{
    DHCP6_SPACE,
    DataType::{
        Binary, Empty, Fqdn, Internal, Ipv6Address, Ipv6Prefix, String, Tuple, Uint8, Uint16, Uint32,
    },
};

/// The space of the sub-options of option 56.
const NTP_SERVER_SPACE: &str = "v6-ntp-server-suboptions";
/// The space of the options that relay agents supply (66).
const RELAY_SUPPLIED_SPACE: &str = "rsoo-opts";

/// RFC 9915 and those around it, in order of code.
pub(super) const OPTIONS: Table = Table { space: DHCP6_SPACE, rows: ROWS };

/// Time servers (RFC 5908 §4).
pub(super) const NTP_SERVER: Table = Table {
    space: NTP_SERVER_SPACE,
    rows: &[
        option(1, "ntp-server-address", Ipv6Address),
        option(2, "ntp-server-multicast", Ipv6Address),
        option(3, "ntp-server-fqdn", Fqdn),
    ],
};

const ROWS: &[Row] = &[
    option(1, "clientid", Binary),
    option(2, "serverid", Binary),
    record(3, "ia-na", &[Uint32, Uint32, Uint32]),
    option(4, "ia-ta", Uint32),
    record(5, "iaaddr", &[Ipv6Address, Uint32, Uint32]),
    option(6, "oro", Uint16).array(),
    option(7, "preference", Uint8),
    option(8, "elapsed-time", Uint16),
    option(9, "relay-msg", Binary),
    option(11, "auth", Binary),
    option(12, "unicast", Ipv6Address),
    record(13, "status-code", &[Uint16, String]),
    option(14, "rapid-commit", Empty),
    option(15, "user-class", Binary),
    record(16, "vendor-class", &[Uint32, Binary]),
    option(17, "vendor-opts", Uint32),
    option(18, "interface-id", Binary),
    option(19, "reconf-msg", Uint8),
    option(20, "reconf-accept", Empty),
    option(21, "sip-server-dns", Fqdn).array(),
    option(22, "sip-server-addr", Ipv6Address).array(),
    option(23, "dns-servers", Ipv6Address).array(),
    option(24, "domain-search", Fqdn).array(),
    record(25, "ia-pd", &[Uint32, Uint32, Uint32]),
    record(26, "iaprefix", &[Uint32, Uint32, Uint8, Ipv6Address]),
    option(27, "nis-servers", Ipv6Address).array(),
    option(28, "nisp-servers", Ipv6Address).array(),
    option(29, "nis-domain-name", Fqdn).array(),
    option(30, "nisp-domain-name", Fqdn).array(),
    option(31, "sntp-servers", Ipv6Address).array(),
    option(32, "information-refresh-time", Uint32),
    option(33, "bcmcs-server-dns", Fqdn).array(),
    option(34, "bcmcs-server-addr", Ipv6Address).array(),
    record(36, "geoconf-civic", &[Uint8, Uint16, Binary]),
    record(37, "remote-id", &[Uint32, Binary]),
    option(38, "subscriber-id", Binary),
    record(39, "client-fqdn", &[Uint8, Fqdn]),
    option(40, "pana-agent", Ipv6Address).array(),
    option(41, "new-posix-timezone", String),
    option(42, "new-tzdb-timezone", String),
    option(43, "ero", Uint16).array(),
    record(44, "lq-query", &[Uint8, Ipv6Address]).encapsulating(DHCP6_SPACE),
    option(45, "client-data", Empty).encapsulating(DHCP6_SPACE),
    option(46, "clt-time", Uint32),
    record(47, "lq-relay-data", &[Ipv6Address, Binary]),
    option(48, "lq-client-link", Ipv6Address).array(),
    option(51, "v6-lost", Fqdn),
    option(52, "capwap-ac-v6", Ipv6Address).array(),
    option(53, "relay-id", Binary),
    option(56, "ntp-server", Empty).encapsulating(NTP_SERVER_SPACE),
    option(57, "v6-access-domain", Fqdn),
    option(58, "sip-ua-cs-list", Fqdn).array(),
    option(59, "bootfile-url", String),
    option(60, "bootfile-param", Tuple).array(),
    option(61, "client-arch-type", Uint16).array(),
    record(62, "nii", &[Uint8, Uint8, Uint8]),
    option(64, "aftr-name", Fqdn),
    option(65, "erp-local-domain-name", Fqdn),
    option(66, "rsoo", Empty).encapsulating(RELAY_SUPPLIED_SPACE),
    option(67, "pd-exclude", Ipv6Prefix),
    record(74, "rdnss-selection", &[Ipv6Address, Uint8, Fqdn]).array(),
    option(79, "client-linklayer-addr", Binary),
    option(80, "link-address", Ipv6Address),
    option(82, "solmax-rt", Uint32),
    option(83, "inf-max-rt", Uint32),
    option(87, "dhcpv4-message", Binary),
    option(88, "dhcp4o6-server-addr", Ipv6Address).array(),
    option(94, "s46-cont-mape", Empty).encapsulating(softwire::MAP_E_SPACE),
    option(95, "s46-cont-mapt", Empty).encapsulating(softwire::MAP_T_SPACE),
    option(96, "s46-cont-lw", Empty).encapsulating(softwire::LIGHTWEIGHT_SPACE),
    option(103, "v6-captive-portal", String),
    option(135, "relay-source-port", Uint16),
    option(136, "v6-sztp-redirect", Tuple).array(),
    option(143, "ipv6-address-andsf", Ipv6Address).array(),
    option(144, "v6-dnr", Internal),
    option(148, "addr-reg-enable", Empty),
];
