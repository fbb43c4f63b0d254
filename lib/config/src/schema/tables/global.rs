//! The file itself and the map `Dhcp4`.

use super::{
    CLIENT_CLASS, COMPATIBILITY, CONFIG_CONTROL, CONTEXT, CONTROL_SOCKET, DHCP_DDNS, EXPIRED_LEASES,
    HOOKS_LIBRARY, HOSTS_DATABASE, INTERFACES, LEASE_DATABASE, LOCAL_NAMES, LOGGER, MULTI_THREADING,
    OPTION_DATA, OPTION_DEF, QUEUE_CONTROL, RESERVATION, SANITY_CHECKS, SHARED_NETWORK, SUBNET4, U32,
    networks,
};
use crate::schema::finish;
use crate::schema::table::{Now, Older, Param, Scalar, Shown, Table, Type, param};

/// The whole file.
pub static TOP: Table =
    Table { name: "the file", groups: &[&[param("Dhcp4", Type::Map(&DHCP4)).required()]], ..Table::EMPTY };

/// `Dhcp4`.
pub static DHCP4: Table = Table {
    name: "Dhcp4",
    groups: &[
        NETWORKS,
        networks::LIFETIMES,
        networks::TEE_TIMES,
        networks::SHARED,
        networks::ALLOCATION,
        networks::DDNS,
        networks::RESERVATION_MODES,
        SERVER,
        SERVER4,
        CLIENTS,
        CLIENTS4,
        STORES,
        CONTEXT,
    ],
    older: &[
        OLDER_SOCKET,
        OLDER_HOSTS,
        networks::OLDER_CONFLICT_RESOLUTION,
        networks::OLDER_RESERVATION_MODE,
    ],
    finish: Some(finish::global4),
    ..Table::EMPTY
};

/// Up to Kea 2.7.
pub(super) const OLDER_SOCKET: Older =
    Older { keyword: "control-socket", now: Now::Listed("control-sockets") };

/// Up to Kea 1.4.
pub(super) const OLDER_HOSTS: Older =
    Older { keyword: "hosts-database", now: Now::Listed("hosts-databases") };

const NETWORKS: &[Param] = &[
    param("subnet4", Type::Maps(&SUBNET4)).shown(Shown::Always),
    param("shared-networks", Type::Maps(&SHARED_NETWORK)).shown(Shown::Always),
    param("option-def", Type::Maps(&OPTION_DEF)).shown(Shown::Always),
    param("option-data", Type::Maps(&OPTION_DATA)).shown(Shown::Always),
];

/// What a DHCP server of any family has.
pub(super) const SERVER: &[Param] = &[
    param("control-sockets", Type::Maps(&CONTROL_SOCKET)).shown(Shown::Different),
    param("loggers", Type::Maps(&LOGGER)).shown(Shown::Different),
    param("multi-threading", Type::Map(&MULTI_THREADING)).shown(Shown::Always),
    param("hooks-libraries", Type::Maps(&HOOKS_LIBRARY)).shown(Shown::Always),
    param("parked-packet-limit", U32).or_int(256),
    param("statistic-default-sample-count", U32).or_int(20),
    param("statistic-default-sample-age", U32).or_int(0),
    param("server-tag", Type::Text).or_text("").beside(),
    param("dhcp4o6-port", Type::Int(0, u16::MAX as i64 - 1)).or_int(0),
    param("dhcp-ddns", Type::Map(&DHCP_DDNS)).shown(Shown::Always),
    param("local-names", Type::Map(&LOCAL_NAMES)).shown(Shown::Written),
];

const SERVER4: &[Param] = &[
    param("interfaces-config", Type::Map(&INTERFACES)).shown(Shown::Always),
    param("dhcp-queue-control", Type::Map(&QUEUE_CONTROL)).shown(Shown::Always).beside(),
    param("compatibility", Type::Map(&COMPATIBILITY)).shown(Shown::Different),
];

/// What a DHCP server of any family knows of its clients.
pub(super) const CLIENTS: &[Param] = &[
    param("early-global-reservations-lookup", Type::Bool).or_bool(false).beside(),
    param("ip-reservations-unique", Type::Bool).or_bool(true),
    param("reservations-lookup-first", Type::Bool).or_bool(false).moot(),
    param("decline-probation-period", U32).or_int(86_400),
];

const CLIENTS4: &[Param] = &[
    param("client-classes", Type::Maps(&CLIENT_CLASS)).shown(Shown::Different),
    param("reservations", Type::Maps(&RESERVATION)).shown(Shown::Different),
    param(
        "host-reservation-identifiers",
        Type::SomeOf(&["hw-address", "duid", "circuit-id", "client-id", "flex-id", "auto"]),
    )
    .or(Scalar::Texts(&["hw-address", "duid", "circuit-id", "client-id"])),
    param("echo-client-id", Type::Bool).or_bool(true),
    param("stash-agent-options", Type::Bool).or_bool(false),
];

/// Where leases, hosts and configurations are kept, and what is done for leases.
pub(super) const STORES: &[Param] = &[
    param("lease-database", Type::Map(&LEASE_DATABASE)).shown(Shown::Always),
    param("hosts-databases", Type::Maps(&HOSTS_DATABASE)).shown(Shown::Different),
    param("expired-leases-processing", Type::Map(&EXPIRED_LEASES)).shown(Shown::Always),
    param("sanity-checks", Type::Map(&SANITY_CHECKS)).shown(Shown::Always),
    param("config-control", Type::Map(&CONFIG_CONTROL)),
];
