//! The tables, one a map of the configuration.
//!
//! Facts (keywords, ranges, defaults, inheritance) are those of Kea 3.3; the parameters that Kea does not have are
//! `durability` of a lease database, `format` of a log output, `delegated-prefix-routes`, `prefix-from` of a subnet, and
//! `local-names`.

mod agent;
mod clients;
mod control;
mod databases;
mod ddns;
mod global;
mod global6;
mod logging;
mod networks;
mod networks6;
mod options;
mod server;

pub use agent::{
    AGENT_AUTHENTICATION, AGENT_CREDENTIALS, AGENT_SOCKET, AGENT_SOCKETS, AGENT_TOP, CONTROL_AGENT,
};
pub use clients::{CLIENT_CLASS, CLIENT_CLASS6, RESERVATION, RESERVATION6};
pub use control::{AUTHENTICATION, AUTHENTICATION_CLIENT, CONTROL_SOCKET, HTTP_HEADER, MONITORING};
pub use databases::{CONFIG_CONTROL, CONFIG_DATABASE, CONNECTION, HOSTS_DATABASE, LEASE_DATABASE};
pub use ddns::{
    DDNS, DDNS_DOMAIN, DDNS_TOP, DHCP_SERVER, DNS_SERVER, FORWARD_DDNS, REQUEST_QUEUE, REVERSE_DDNS, TSIG_KEY,
};
pub use global::{DHCP4, TOP};
pub use global6::{DHCP6, MAC_SOURCES, TOP6};
pub use logging::{LOGGER, OUTPUT_OPTION};
pub use networks::{POOL, RELAY, SHARED_NETWORK, SUBNET4};
pub use networks6::{PD_POOL, POOL6, PREFIX_FROM, SHARED_NETWORK6, SUBNET6};
pub use options::{OPTION_DATA, OPTION_DATA6, OPTION_DEF, OPTION_DEF6};
pub use server::{
    COMPATIBILITY, COMPATIBILITY6, DHCP_DDNS, EXPIRED_LEASES, HOOKS_LIBRARY, INTERFACES, INTERFACES6,
    LOCAL_NAMES, MULTI_THREADING, PREFIX_ROUTES, QUEUE_CONTROL, QUEUE_CONTROL6, SANITY_CHECKS, SERVER_ID,
};

use super::table::{Param, Table, Type, param};

/// Every table of a DHCPv4 server.
pub const ALL: &[&Table] = &[
    &TOP,
    &DHCP4,
    &SHARED_NETWORK,
    &SUBNET4,
    &POOL,
    &RELAY,
    &RESERVATION,
    &CLIENT_CLASS,
    &OPTION_DATA,
    &OPTION_DEF,
    &INTERFACES,
    &LEASE_DATABASE,
    &HOSTS_DATABASE,
    &CONFIG_CONTROL,
    &CONFIG_DATABASE,
    &CONTROL_SOCKET,
    &AUTHENTICATION,
    &AUTHENTICATION_CLIENT,
    &HTTP_HEADER,
    &MONITORING,
    &DHCP_DDNS,
    &REQUEST_QUEUE,
    &LOCAL_NAMES,
    &EXPIRED_LEASES,
    &SANITY_CHECKS,
    &QUEUE_CONTROL,
    &MULTI_THREADING,
    &COMPATIBILITY,
    &HOOKS_LIBRARY,
    &LOGGER,
    &OUTPUT_OPTION,
];

/// Every table of a DHCPv6 server.
pub const ALL6: &[&Table] = &[
    &TOP6,
    &DHCP6,
    &SHARED_NETWORK6,
    &SUBNET6,
    &PREFIX_FROM,
    &POOL6,
    &PD_POOL,
    &RELAY,
    &RESERVATION6,
    &CLIENT_CLASS6,
    &OPTION_DATA6,
    &OPTION_DEF6,
    &INTERFACES6,
    &SERVER_ID,
    &PREFIX_ROUTES,
    &LEASE_DATABASE,
    &HOSTS_DATABASE,
    &CONFIG_CONTROL,
    &CONFIG_DATABASE,
    &CONTROL_SOCKET,
    &AUTHENTICATION,
    &AUTHENTICATION_CLIENT,
    &HTTP_HEADER,
    &MONITORING,
    &DHCP_DDNS,
    &REQUEST_QUEUE,
    &LOCAL_NAMES,
    &EXPIRED_LEASES,
    &SANITY_CHECKS,
    &QUEUE_CONTROL6,
    &MULTI_THREADING,
    &COMPATIBILITY6,
    &HOOKS_LIBRARY,
    &LOGGER,
    &OUTPUT_OPTION,
];

/// Any unsigned number of 32 bits: seconds, counts.
pub const U32: Type = Type::Int(0, u32::MAX as i64);
/// Any unsigned number of 16 bits: ports, sizes.
pub const U16: Type = Type::Int(0, u16::MAX as i64);

/// What the operator notes down for themselves.
pub const CONTEXT: &[Param] = &[param("user-context", Type::Free), param("comment", Type::Text)];
