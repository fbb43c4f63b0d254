//! Where leases, hosts and configuration are kept.

use super::{CONTEXT, U16, U32};
use crate::schema::finish;
use crate::schema::table::{Now, Older, Param, Shown, Table, Type, param};

/// `lease-database`.
pub static LEASE_DATABASE: Table = Table {
    name: "lease-database",
    groups: &[
        &[
            param("type", Type::OneOf(&["memfile", "mysql", "postgresql", "sqlite"]))
                .or_text("memfile")
                .required(),
            param("durability", Type::OneOf(&["process", "system"])).or_text("process").shown(Shown::Written),
        ],
        CONNECTION,
        CONTEXT,
    ],
    older: OLDER_DATABASE,
    finish: Some(finish::database),
    ..Table::EMPTY
};

/// A `hosts-databases` entry.
pub static HOSTS_DATABASE: Table = Table {
    name: "hosts-databases",
    groups: &[
        &[param("type", Type::OneOf(&["memfile", "mysql", "postgresql", "sqlite"])).required()],
        CONNECTION,
        CONTEXT,
    ],
    older: OLDER_DATABASE,
    identity: &["type", "host", "port", "name"],
    finish: Some(finish::database),
    ..Table::EMPTY
};

/// A `config-databases` entry.
pub static CONFIG_DATABASE: Table = Table {
    name: "config-databases",
    groups: &[
        &[param("type", Type::OneOf(&["mysql", "postgresql", "sqlite"])).required()],
        CONNECTION,
        CONTEXT,
    ],
    older: OLDER_DATABASE,
    identity: &["type", "host", "port", "name"],
    finish: Some(finish::database),
    ..Table::EMPTY
};

/// `config-control`.
pub static CONFIG_CONTROL: Table = Table {
    name: "config-control",
    groups: &[
        &[param("config-databases", Type::Maps(&CONFIG_DATABASE)), param("config-fetch-wait-time", U16)],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// How a database is reached, and what is done when it is lost: the same wherever one is named.
pub const CONNECTION: &[Param] = &[
    param("name", Type::Text),
    param("persist", Type::Bool).or_bool(true).shown(Shown::Written),
    param("lfc-interval", U32).or_int(3600).shown(Shown::Written),
    param("max-row-errors", U32).or_int(0).shown(Shown::Written),
    param("user", Type::Text),
    param("password", Type::Text),
    param("password-file", Type::Text),
    param("host", Type::Text),
    param("port", U16),
    param("readonly", Type::Bool),
    param("connect-timeout", U32),
    param("read-timeout", U32),
    param("write-timeout", U32),
    param("tcp-user-timeout", U32),
    param("max-reconnect-tries", U32),
    param("reconnect-wait-time", U32),
    param("on-fail", Type::OneOf(&["stop-retry-exit", "serve-retry-exit", "serve-retry-continue"])),
    param("retry-on-startup", Type::Bool),
    param("trust-anchor", Type::Text),
    param("cert-file", Type::Text),
    param("key-file", Type::Text),
    param("ssl-mode", Type::OneOf(&["disable", "prefer", "require", "verify-ca", "verify-full"])),
    // Whoever speaks TLS for us lets nobody choose.
    param("cipher-list", Type::Text).not_yet(),
];

/// What tuned Cassandra, which left Kea with 2.1.
const OLDER_DATABASE: &[Older] = &[
    Older { keyword: "contact-points", now: Now::Gone },
    Older { keyword: "keyspace", now: Now::Gone },
    Older { keyword: "consistency", now: Now::Gone },
    Older { keyword: "serial-consistency", now: Now::Gone },
    Older { keyword: "request-timeout", now: Now::Gone },
    Older { keyword: "tcp-keepalive", now: Now::Gone },
    Older { keyword: "tcp-nodelay", now: Now::Gone },
];
