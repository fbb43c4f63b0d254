//! Reservations.

use super::super::table::Form::{Address6, Bytes, I8, Ref32, Serial32, ShortText, Text, U8, U32};
use super::super::table::{Table, col, foreign, index, unique};

/// Reservations; their options are among those of the configuration.
pub(in super::super) const HOSTS: &[Table] = &[
    Table {
        name: "hosts",
        columns: &[
            col("host_id", Serial32),
            col("dhcp_identifier", Bytes(255)),
            col("dhcp_identifier_type", I8),
            col("dhcp4_subnet_id", U32).null(),
            col("dhcp6_subnet_id", U32).null(),
            col("ipv4_address", U32).null(),
            col("hostname", Text(255)).null(),
            col("dhcp4_client_classes", Text(255)).null(),
            col("dhcp6_client_classes", Text(255)).null(),
            col("dhcp4_next_server", U32).null(),
            col("dhcp4_server_hostname", Text(64)).null(),
            col("dhcp4_boot_file_name", Text(128)).null(),
            col("user_context", ShortText).null(),
            col("auth_key", Text(32)).null(),
        ],
        key: "host_id",
        indexes: &[
            index("fk_host_identifier_type", "dhcp_identifier_type"),
            index("hosts_by_hostname", "hostname").folded(),
            index("key_dhcp_identifier", "dhcp_identifier, dhcp_identifier_type"),
            unique(
                "key_dhcp4_identifier_subnet_id",
                "dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id",
            )
            .of("dhcp4_subnet_id IS NOT NULL"),
            index("key_dhcp4_ipv4_address_subnet_id_identifier", "ipv4_address, dhcp4_subnet_id"),
            unique(
                "key_dhcp6_identifier_subnet_id",
                "dhcp_identifier, dhcp_identifier_type, dhcp6_subnet_id",
            )
            .of("dhcp6_subnet_id IS NOT NULL"),
        ],
        foreign: &[foreign(
            "fk_host_identifier_type",
            "dhcp_identifier_type",
            "host_identifier_type",
            "type",
        )],
        words: &[],
    },
    Table {
        name: "ipv6_reservations",
        columns: &[
            col("reservation_id", Serial32),
            col("address", Address6),
            col("prefix_len", U8).or("128"),
            col("type", U8).or("0"),
            col("dhcp6_iaid", Ref32).null(),
            col("host_id", Ref32),
            col("excluded_prefix", Address6).null(),
            col("excluded_prefix_len", U8).or("0"),
        ],
        key: "reservation_id",
        indexes: &[
            index("fk_ipv6_reservations_host_idx", "host_id"),
            index("key_dhcp6_address_prefix_len", "address, prefix_len"),
        ],
        foreign: &[foreign("fk_ipv6_reservations_Host", "host_id", "hosts", "host_id").cascade().follows()],
        words: &[],
    },
];
