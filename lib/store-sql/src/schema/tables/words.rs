//! The dictionaries: what the numbers of other tables mean.

use super::super::table::Form::{Choice, I8, Int, Ref32, Text, U8, U32};
use super::super::table::{Table, col};

/// What numbers mean, and the version.
pub(in super::super) const WORDS: &[Table] = &[
    Table {
        name: "schema_version",
        columns: &[col("version", Int), col("minor", Int).null()],
        key: "version",
        indexes: &[],
        foreign: &[],
        words: &[],
    },
    Table {
        name: "lease_state",
        columns: &[col("state", U32), col("name", Text(64))],
        key: "state",
        indexes: &[],
        foreign: &[],
        words: &[
            (0, "default"),
            (1, "declined"),
            (2, "expired-reclaimed"),
            (3, "released"),
            (4, "registered"),
        ],
    },
    Table {
        name: "lease6_types",
        columns: &[col("lease_type", I8), col("name", Text(5)).null()],
        key: "lease_type",
        indexes: &[],
        foreign: &[],
        words: &[(0, "IA_NA"), (2, "IA_PD")],
    },
    Table {
        name: "lease_hwaddr_source",
        columns: &[col("hwaddr_source", Ref32), col("name", Text(40)).null()],
        key: "hwaddr_source",
        indexes: &[],
        foreign: &[],
        words: &[
            (0, "HWADDR_SOURCE_UNKNOWN"),
            (1, "HWADDR_SOURCE_RAW"),
            (2, "HWADDR_SOURCE_IPV6_LINK_LOCAL"),
            (4, "HWADDR_SOURCE_DUID"),
            (8, "HWADDR_SOURCE_CLIENT_ADDR_RELAY_OPTION"),
            (16, "HWADDR_SOURCE_REMOTE_ID"),
            (32, "HWADDR_SOURCE_SUBSCRIBER_ID"),
            (64, "HWADDR_SOURCE_DOCSIS_CMTS"),
            (128, "HWADDR_SOURCE_DOCSIS_MODEM"),
        ],
    },
    Table {
        name: "host_identifier_type",
        columns: &[col("type", I8), col("name", Text(32)).null()],
        key: "type",
        indexes: &[],
        foreign: &[],
        words: &[(0, "hw-address"), (1, "duid"), (2, "circuit-id"), (3, "client-id"), (4, "flex-id")],
    },
    Table {
        name: "dhcp_option_scope",
        columns: &[col("scope_id", U8), col("scope_name", Text(32)).null()],
        key: "scope_id",
        indexes: &[],
        foreign: &[],
        words: &[
            (0, "global"),
            (1, "subnet"),
            (2, "client-class"),
            (3, "host"),
            (4, "shared-network"),
            (5, "pool"),
            (6, "pd-pool"),
        ],
    },
    Table {
        name: "modification",
        columns: &[col("id", I8), col("modification_type", Text(32))],
        key: "id",
        indexes: &[],
        foreign: &[],
        words: &[(0, "create"), (1, "update"), (2, "delete")],
    },
    Table {
        name: "option_def_data_type",
        columns: &[col("id", U8), col("name", Text(32))],
        key: "id",
        indexes: &[],
        foreign: &[],
        words: DATA_TYPES,
    },
    Table {
        name: "parameter_data_type",
        columns: &[col("id", U8), col("name", Text(32))],
        key: "id",
        indexes: &[],
        foreign: &[],
        words: &[(0, "integer"), (1, "real"), (2, "boolean"), (4, "string")],
    },
];

/// What PostgreSQL alone has.
pub(in super::super) const POSTGRES: &[Table] = &[Table {
    name: "ddns_replace_client_name_types",
    columns: &[col("type", Choice), col("name", Text(32)).null()],
    key: "type",
    indexes: &[],
    foreign: &[],
    words: &[(0, "RCM_NEVER"), (1, "RCM_ALWAYS"), (2, "RCM_WHEN_PRESENT"), (3, "RCM_WHEN_NOT_PRESENT")],
}];

/// The types of data of options, by number.
pub(crate) const DATA_TYPES: &[(i64, &str)] = &[
    (0, "empty"),
    (1, "binary"),
    (2, "boolean"),
    (3, "int8"),
    (4, "int16"),
    (5, "int32"),
    (6, "uint8"),
    (7, "uint16"),
    (8, "uint32"),
    (10, "ipv4-address"),
    (11, "ipv6-address"),
    (12, "ipv6-prefix"),
    (13, "psid"),
    (14, "string"),
    (15, "tuple"),
    (16, "fqdn"),
    (17, "internal"),
    (254, "record"),
];
