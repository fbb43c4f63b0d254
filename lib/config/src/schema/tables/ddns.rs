//! The file of the server that updates the DNS.

use super::global::OLDER_SOCKET;
use super::{AGENT_SOCKET, CONTEXT, CONTROL_SOCKET, HOOKS_LIBRARY, LOGGER};
use crate::schema::finish;
use crate::schema::table::{Shown, Table, Type, param};

/// A port to send to or to listen at.
const PORT: Type = Type::Int(1, u16::MAX as i64);

/// The whole file.
pub static DDNS_TOP: Table =
    Table { name: "the file", groups: &[&[param("DhcpDdns", Type::Map(&DDNS)).required()]], ..Table::EMPTY };

/// `DhcpDdns`.
pub static DDNS: Table = Table {
    name: "DhcpDdns",
    groups: &[
        &[
            param("ip-address", Type::Text).or_text("127.0.0.1"),
            param("port", PORT).or_int(53_001),
            param("dns-server-timeout", Type::Int(1, i32::MAX as i64)).or_int(500),
            param("ncr-protocol", Type::OneOf(&["UDP", "TCP"])).or_text("UDP"),
            param("ncr-format", Type::OneOf(&["JSON"])).or_text("JSON"),
            param("tsig-keys", Type::Maps(&TSIG_KEY)).shown(Shown::Always),
            param("forward-ddns", Type::Map(&FORWARD_DDNS)).shown(Shown::Always),
            param("reverse-ddns", Type::Map(&REVERSE_DDNS)).shown(Shown::Always),
            param("control-sockets", Type::Maps(&CONTROL_SOCKET)).shown(Shown::Different),
            param("hooks-libraries", Type::Maps(&HOOKS_LIBRARY)).shown(Shown::Always),
            param("loggers", Type::Maps(&LOGGER)).shown(Shown::Different),
            param("request-queue", Type::Map(&REQUEST_QUEUE)).shown(Shown::Written),
            param("dhcp-servers", Type::Maps(&DHCP_SERVER)).shown(Shown::Written),
            // Kotare's own.
            param("changes-per-update", Type::Int(1, 64)).or_int(64).shown(Shown::Different),
        ],
        CONTEXT,
    ],
    older: &[OLDER_SOCKET],
    finish: Some(finish::ddns_server),
    ..Table::EMPTY
};

/// `request-queue`, Kotare's own: requests that wait, and the file that keeps them.
pub static REQUEST_QUEUE: Table = Table {
    name: "request-queue",
    groups: &[
        &[
            param("persist", Type::Bool).or_bool(false),
            param("name", Type::Text),
            param("durability", Type::OneOf(&["process", "system"])).or_text("process"),
            param("max-queue-size", Type::Int(128, 1_000_000)).or_int(65_536),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// A `dhcp-servers` entry, Kotare's own: where a server is whose leases zones are compared with.
pub static DHCP_SERVER: Table = Table { name: "dhcp-servers", ..AGENT_SOCKET };

/// A `tsig-keys` entry.
pub static TSIG_KEY: Table = Table {
    name: "tsig-keys",
    groups: &[
        &[
            param("name", Type::Text).required(),
            param("algorithm", Type::OneOf(&ALGORITHMS)).required(),
            param("digest-bits", Type::Int(0, 512)).or_int(0),
            param("secret", Type::Text),
            param("secret-file", Type::Text),
        ],
        CONTEXT,
    ],
    identity: &["name"],
    ..Table::EMPTY
};

/// What a key signs with.
const ALGORITHMS: [&str; 6] =
    ["HMAC-MD5", "HMAC-SHA1", "HMAC-SHA224", "HMAC-SHA256", "HMAC-SHA384", "HMAC-SHA512"];

/// `forward-ddns`.
pub static FORWARD_DDNS: Table = Table {
    name: "forward-ddns",
    groups: &[&[param("ddns-domains", Type::Maps(&DDNS_DOMAIN)).shown(Shown::Always)], CONTEXT],
    finish: Some(finish::ddns_domains),
    ..Table::EMPTY
};

/// `reverse-ddns`.
pub static REVERSE_DDNS: Table = Table { name: "reverse-ddns", ..FORWARD_DDNS };

/// A `ddns-domains` entry.
pub static DDNS_DOMAIN: Table = Table {
    name: "ddns-domains",
    groups: &[
        &[
            param("name", Type::Text).required(),
            param("key-name", Type::Text).or_text("").shown(Shown::Different),
            param("dns-servers", Type::Maps(&DNS_SERVER)).required(),
        ],
        CONTEXT,
    ],
    identity: &["name"],
    ..Table::EMPTY
};

/// A `dns-servers` entry.
pub static DNS_SERVER: Table = Table {
    name: "dns-servers",
    groups: &[
        &[
            param("hostname", Type::Text).or_text(""),
            param("ip-address", Type::Text),
            param("port", PORT).or_int(53),
            param("key-name", Type::Text).or_text("").shown(Shown::Different),
        ],
        CONTEXT,
    ],
    ordered: true,
    ..Table::EMPTY
};
