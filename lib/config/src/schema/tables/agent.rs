//! The file of a control agent.
//!
//! Facts are those of Kea 3.0, the last that has one. Beyond them, daemons may be reached over HTTP and HTTPS, and there
//! is a time limit to set (`timeout`).

use super::control::AUTHENTICATION_CLIENT_KEYWORDS;
use super::{AUTHENTICATION_CLIENT, CONTEXT, HOOKS_LIBRARY, HTTP_HEADER, LOGGER, U16};
use crate::schema::finish;
use crate::schema::table::{Shown, Table, Type, param};

/// The whole file.
pub static AGENT_TOP: Table = Table {
    name: "the file",
    groups: &[&[param("Control-agent", Type::Map(&CONTROL_AGENT)).required()]],
    ..Table::EMPTY
};

/// `Control-agent`.
pub static CONTROL_AGENT: Table = Table {
    name: "Control-agent",
    groups: &[
        &[
            param("http-host", Type::Text).or_text("127.0.0.1"),
            param("http-port", U16).or_int(8000),
            param("http-headers", Type::Maps(&HTTP_HEADER)).shown(Shown::Different),
            param("trust-anchor", Type::Text).shown(Shown::Different),
            param("cert-file", Type::Text).shown(Shown::Different),
            param("key-file", Type::Text).shown(Shown::Different),
            param("cert-required", Type::Bool).or_bool(true),
            param("authentication", Type::Map(&AGENT_AUTHENTICATION)),
            param("control-sockets", Type::Map(&AGENT_SOCKETS)).shown(Shown::Always),
            param("hooks-libraries", Type::Maps(&HOOKS_LIBRARY)).shown(Shown::Always),
            param("loggers", Type::Maps(&LOGGER)).shown(Shown::Different),
        ],
        CONTEXT,
    ],
    finish: Some(finish::agent),
    ..Table::EMPTY
};

/// `authentication` of the agent: who may send commands to it.
pub static AGENT_AUTHENTICATION: Table = Table {
    name: "authentication",
    groups: &[
        &[
            param("type", Type::OneOf(&["basic"])).or_text("basic"),
            param("realm", Type::Text).or_text("kea-control-agent"),
            param("directory", Type::Text).or_text(""),
            param("clients", Type::Maps(&AUTHENTICATION_CLIENT)).shown(Shown::Always),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// `control-sockets` of the agent: where the daemons are.
pub static AGENT_SOCKETS: Table = Table {
    name: "control-sockets",
    groups: &[&[
        param("dhcp4", Type::Map(&AGENT_SOCKET)),
        param("dhcp6", Type::Map(&AGENT_SOCKET)),
        param("d2", Type::Map(&AGENT_SOCKET)),
    ]],
    ..Table::EMPTY
};

/// Where one daemon is.
pub static AGENT_SOCKET: Table = Table {
    name: "an entry of control-sockets",
    groups: &[
        &[
            param("socket-type", Type::OneOf(&["unix", "http", "https"])).or_text("unix"),
            param("socket-name", Type::Text),
            param("socket-address", Type::Text),
            param("socket-port", U16),
            param("trust-anchor", Type::Text),
            param("cert-file", Type::Text),
            param("key-file", Type::Text),
            param("authentication", Type::Map(&AGENT_CREDENTIALS)),
            param("timeout", Type::Int(1, 3600)).or_int(60).shown(Shown::Written),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// `authentication` of an entry: who the agent is to a daemon.
pub static AGENT_CREDENTIALS: Table = Table {
    name: "authentication",
    groups: &[
        &[param("type", Type::OneOf(&["basic"])).or_text("basic"), param("directory", Type::Text)],
        AUTHENTICATION_CLIENT_KEYWORDS,
        CONTEXT,
    ],
    ..Table::EMPTY
};
