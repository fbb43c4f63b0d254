//! The file of a DHCPv6 server and the map `Dhcp6`.

use super::{
    CLIENT_CLASS6, COMPATIBILITY6, CONTEXT, INTERFACES6, OPTION_DATA6, OPTION_DEF6, PREFIX_ROUTES,
    QUEUE_CONTROL6, RESERVATION6, SERVER_ID, SHARED_NETWORK6, SUBNET6, global, networks, networks6,
};
use crate::schema::finish;
use crate::schema::table::{Param, Scalar, Shown, Table, Type, param};

/// The whole file.
pub static TOP6: Table =
    Table { name: "the file", groups: &[&[param("Dhcp6", Type::Map(&DHCP6)).required()]], ..Table::EMPTY };

/// `Dhcp6`.
pub static DHCP6: Table = Table {
    name: "Dhcp6",
    groups: &[
        NETWORKS6,
        networks::LIFETIMES,
        networks6::PREFERRED_LIFETIMES,
        networks6::TEE_TIMES6,
        networks::ALLOCATION,
        networks6::PREFIX_ALLOCATION,
        networks::DDNS,
        networks::RESERVATION_MODES,
        global::SERVER,
        SERVER6,
        global::CLIENTS,
        CLIENTS6,
        global::STORES,
        CONTEXT,
    ],
    older: &[
        global::OLDER_SOCKET,
        global::OLDER_HOSTS,
        networks::OLDER_CONFLICT_RESOLUTION,
        networks::OLDER_RESERVATION_MODE,
    ],
    finish: Some(finish::global6),
    ..Table::EMPTY
};

const NETWORKS6: &[Param] = &[
    param("subnet6", Type::Maps(&SUBNET6)).shown(Shown::Always),
    param("shared-networks", Type::Maps(&SHARED_NETWORK6)).shown(Shown::Always),
    param("option-def", Type::Maps(&OPTION_DEF6)).shown(Shown::Always),
    param("option-data", Type::Maps(&OPTION_DATA6)).shown(Shown::Always),
];

const SERVER6: &[Param] = &[
    param("interfaces-config", Type::Map(&INTERFACES6)).shown(Shown::Always),
    param("dhcp-queue-control", Type::Map(&QUEUE_CONTROL6)).shown(Shown::Always).beside(),
    param("compatibility", Type::Map(&COMPATIBILITY6)).shown(Shown::Different),
    // Files have their folders from the installation since Kea 2.7.9.
    param("data-directory", Type::Text).moot(),
    param("server-id", Type::Map(&SERVER_ID)).shown(Shown::Always),
    // Beyond Kea.
    param("delegated-prefix-routes", Type::Map(&PREFIX_ROUTES)).shown(Shown::Written),
    param("allow-address-registration", Type::Bool).or_bool(true),
];

const CLIENTS6: &[Param] = &[
    param("client-classes", Type::Maps(&CLIENT_CLASS6)).shown(Shown::Different),
    param("reservations", Type::Maps(&RESERVATION6)).shown(Shown::Different),
    param("host-reservation-identifiers", Type::SomeOf(&["hw-address", "duid", "flex-id", "auto"]))
        .or(Scalar::Texts(&["hw-address", "duid"])),
    param("mac-sources", Type::SomeOf(MAC_SOURCES)).or(Scalar::Texts(&["any"])),
    // By code, as text: 65 is the local domain name of ERP (RFC 6440).
    param("relay-supplied-options", Type::Texts).or(Scalar::Texts(&["65"])).in_any_order(),
];

/// Where the hardware address of a client may be found. Some have the name of a document, too.
pub const MAC_SOURCES: &[&str] = &[
    "any",
    "raw",
    "duid",
    "ipv6-link-local",
    "client-link-addr-option",
    "rfc6939",
    "remote-id",
    "rfc4649",
    "subscriber-id",
    "rfc4580",
    "docsis-cmts",
    "docsis-modem",
];
