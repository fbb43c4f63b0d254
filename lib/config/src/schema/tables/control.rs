//! Where commands arrive, and who may send them.

use super::{CONTEXT, U16};
use crate::schema::table::{Param, Table, Type, param};

/// A `control-sockets` entry.
pub static CONTROL_SOCKET: Table = Table {
    name: "control-sockets",
    groups: &[
        &[
            param("socket-type", Type::OneOf(&["unix", "http", "https"])).required(),
            param("socket-name", Type::Text),
            param("socket-address", Type::Text),
            param("socket-port", U16),
            param("authentication", Type::Map(&AUTHENTICATION)),
            param("trust-anchor", Type::Text),
            param("cert-file", Type::Text),
            param("key-file", Type::Text),
            param("cert-required", Type::Bool),
            param("http-headers", Type::Maps(&HTTP_HEADER)),
            param("monitoring", Type::Map(&MONITORING)),
        ],
        CONTEXT,
    ],
    identity: &["socket-type", "socket-name", "socket-address", "socket-port"],
    ..Table::EMPTY
};

/// `authentication` of an HTTP socket.
pub static AUTHENTICATION: Table = Table {
    name: "authentication",
    groups: &[
        &[
            param("type", Type::OneOf(&["basic"])).or_text("basic"),
            param("realm", Type::Text).or_text(""),
            param("directory", Type::Text),
            param("clients", Type::Maps(&AUTHENTICATION_CLIENT)),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// A `clients` entry of `authentication`.
pub static AUTHENTICATION_CLIENT: Table = Table {
    name: "clients",
    groups: &[AUTHENTICATION_CLIENT_KEYWORDS, CONTEXT],
    identity: &["user", "user-file", "password-file"],
    ..Table::EMPTY
};

/// A name and a password, each as it is or in a file.
pub(super) const AUTHENTICATION_CLIENT_KEYWORDS: &[Param] = &[
    param("user", Type::Text),
    param("user-file", Type::Text),
    param("password", Type::Text),
    param("password-file", Type::Text),
];

/// An `http-headers` entry.
pub static HTTP_HEADER: Table = Table {
    name: "http-headers",
    groups: &[&[param("name", Type::Text).required(), param("value", Type::Text).required()], CONTEXT],
    identity: &["name"],
    ..Table::EMPTY
};

/// `monitoring` of an HTTP socket, also in its `user-context`.
pub static MONITORING: Table = Table {
    name: "monitoring",
    groups: &[
        &[
            param("detail", Type::OneOf(&["server", "subnets", "pools"])).or_text("pools"),
            param("authentication", Type::Bool).or_bool(true),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};
