//! The maps that concern the server rather than its clients.

use super::{CONTEXT, REQUEST_QUEUE, U16, U32};
use crate::schema::finish;
use crate::schema::table::{Effect, Now, Older, Param, Scalar, Shown, Table, Type, param};

/// `interfaces-config` of a DHCPv4 server.
pub static INTERFACES: Table = Table {
    groups: &[
        &[
            param("dhcp-socket-type", Type::OneOf(&["raw", "udp"])).or_text("raw").shown(Shown::Different),
            param("outbound-interface", Type::OneOf(&["same-as-inbound", "use-routing"]))
                .or_text("same-as-inbound")
                .shown(Shown::Different),
        ],
        SERVICE_SOCKETS,
        CONTEXT,
    ],
    ..INTERFACES_CONFIG
};

/// `interfaces-config` of a DHCPv6 server.
pub static INTERFACES6: Table = Table { groups: &[SERVICE_SOCKETS, CONTEXT], ..INTERFACES_CONFIG };

const INTERFACES_CONFIG: Table =
    Table { name: "interfaces-config", finish: Some(finish::interfaces), ..Table::EMPTY };

const SERVICE_SOCKETS: &[Param] = &[
    param("interfaces", Type::Texts).shown(Shown::Always),
    // Interfaces are always watched.
    param("re-detect", Type::Bool).or_bool(true).mapless(false).moot(),
    param("service-sockets-require-all", Type::Bool).or_bool(false).shown(Shown::Different),
    param("service-sockets-max-retries", U32).or_int(0).shown(Shown::Different),
    param("service-sockets-retry-wait-time", U32).or_int(5000),
];

/// `expired-leases-processing`.
pub static EXPIRED_LEASES: Table = Table {
    name: "expired-leases-processing",
    groups: &[&[
        param("reclaim-timer-wait-time", U16).or_int(10),
        param("flush-reclaimed-timer-wait-time", U16).or_int(25),
        param("hold-reclaimed-time", U32).or_int(3600),
        param("max-reclaim-leases", U32).or_int(100),
        param("max-reclaim-time", Type::Int(0, 10_000)).or_int(250),
        param("unwarned-reclaim-cycles", U16).or_int(5),
    ]],
    ..Table::EMPTY
};

/// `sanity-checks`.
pub static SANITY_CHECKS: Table = Table {
    name: "sanity-checks",
    groups: &[&[
        param("lease-checks", Type::OneOf(&["none", "warn", "fix", "fix-del", "del"])).or_text("warn"),
        param("extended-info-checks", Type::OneOf(&["none", "fix", "strict", "pedantic"])).or_text("fix"),
    ]],
    ..Table::EMPTY
};

/// `dhcp-queue-control` of a DHCPv4 server. Each type of queue may have parameters of its own.
pub static QUEUE_CONTROL: Table = Table {
    groups: &[&[param("queue-type", Type::Text).or_text("kea-ring4").beside()], QUEUE, CONTEXT],
    ..ANY_QUEUE
};

/// `dhcp-queue-control` of a DHCPv6 server.
pub static QUEUE_CONTROL6: Table = Table {
    groups: &[&[param("queue-type", Type::Text).or_text("kea-ring6").beside()], QUEUE, CONTEXT],
    ..ANY_QUEUE
};

const ANY_QUEUE: Table = Table { name: "dhcp-queue-control", open: true, ..Table::EMPTY };

const QUEUE: &[Param] =
    &[param("enable-queue", Type::Bool).or_bool(false).beside(), param("capacity", U32).or_int(64).beside()];

/// `multi-threading`.
pub static MULTI_THREADING: Table = Table {
    name: "multi-threading",
    groups: &[
        &[
            param("enable-multi-threading", Type::Bool).or_bool(true),
            param("thread-pool-size", U16).or_int(0),
            param("packet-queue-size", U16).or_int(64),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// `compatibility` of a DHCPv4 server.
pub static COMPATIBILITY: Table = Table {
    name: "compatibility",
    groups: &[
        LENIENCY,
        &[
            param("ignore-dhcp-server-identifier", Type::Bool).or_bool(false).shown(Shown::Different),
            param("ignore-rai-link-selection", Type::Bool).or_bool(false).shown(Shown::Different),
            param("exclude-first-last-24", Type::Bool).or_bool(false).shown(Shown::Different),
        ],
    ],
    ..Table::EMPTY
};

/// `compatibility` of a DHCPv6 server.
pub static COMPATIBILITY6: Table = Table { name: "compatibility", groups: &[LENIENCY], ..Table::EMPTY };

// Options are always read as well as possible.
const LENIENCY: &[Param] =
    &[param("lenient-option-parsing", Type::Bool).or_bool(false).shown(Shown::Different).moot()];

/// `server-id`: the DUID of a DHCPv6 server (RFC 8415 §11).
pub static SERVER_ID: Table = Table {
    name: "server-id",
    groups: &[
        &[
            param("type", Type::OneOf(&["LLT", "EN", "LL"])).or_text("LLT").required(),
            param("identifier", Type::Text).or_text(""),
            param("htype", U16).or_int(0),
            param("time", U32).or_int(0),
            param("enterprise-id", U32).or_int(0),
            param("persist", Type::Bool).or_bool(true),
        ],
        CONTEXT,
    ],
    finish: Some(finish::server_id),
    ..Table::EMPTY
};

/// `delegated-prefix-routes` of a DHCPv6 server, which Kea does not have. The numbers are those of the kernel, but for the
/// protocol, which nobody else has.
pub static PREFIX_ROUTES: Table = Table {
    name: "delegated-prefix-routes",
    groups: &[
        &[
            param("mode", Type::OneOf(&["kernel", "script"])).or_text("kernel"),
            param("table", Type::Int(1, u32::MAX as i64)).or_int(254),
            // Those up to 4 are of the kernel itself and of what operators set by hand.
            param("protocol", Type::Int(5, 255)).or_int(147),
            param("metric", Type::Int(1, u32::MAX as i64)).or_int(1024),
            param("script", Type::Text),
            param("script-timeout", Type::Int(1, 3600)).or_int(30),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// `local-names`, which Kea does not have: names of clients for whoever reads hosts files or asks the server itself.
pub static LOCAL_NAMES: Table = Table {
    name: "local-names",
    groups: &[
        &[
            param("domain", Type::Text),
            param("hosts-file", Type::Text),
            param("unbound-file", Type::Text),
            param("other-hosts-files", Type::Texts),
            param("ttl", Type::Int(0, 86_400)).or_int(60),
            param("listen", Type::Texts),
            param("port", Type::Int(1, u16::MAX as i64)).or_int(53),
            param("zones", Type::Texts),
            param("name-server", Type::Text),
        ],
        CONTEXT,
    ],
    ..Table::EMPTY
};

/// `dhcp-ddns`: the connection to the DNS update daemon. What else it held moved to `Dhcp4` with Kea 1.8.
pub static DHCP_DDNS: Table = Table {
    name: "dhcp-ddns",
    groups: &[
        &[
            param("enable-updates", Type::Bool).or(Scalar::Bool(false)).required(),
            param("server-ip", Type::Text).or_text("127.0.0.1"),
            param("server-port", U16).or_int(53_001),
            param("sender-ip", Type::Text),
            param("sender-port", U16).or_int(0),
            param("max-queue-size", U32).or_int(1024),
            param("ncr-protocol", Type::OneOf(&["UDP", "TCP"])).or_text("UDP"),
            param("ncr-format", Type::OneOf(&["JSON"])).or_text("JSON"),
            // Kotare's own.
            param("lease-expires-on", Type::Bool).or_bool(false).shown(Shown::Different),
            param("request-queue", Type::Map(&REQUEST_QUEUE)).shown(Shown::Written),
        ],
        CONTEXT,
    ],
    older: &[
        Older { keyword: "override-no-update", now: Now::Outside("ddns-override-no-update") },
        Older { keyword: "override-client-update", now: Now::Outside("ddns-override-client-update") },
        Older { keyword: "replace-client-name", now: Now::Outside("ddns-replace-client-name") },
        Older { keyword: "generated-prefix", now: Now::Outside("ddns-generated-prefix") },
        Older { keyword: "qualifying-suffix", now: Now::Outside("ddns-qualifying-suffix") },
        Older { keyword: "hostname-char-set", now: Now::Outside("hostname-char-set") },
        Older { keyword: "hostname-char-replacement", now: Now::Outside("hostname-char-replacement") },
        Older { keyword: "always-include-fqdn", now: Now::Gone },
    ],
    finish: Some(finish::ddns),
    ..Table::EMPTY
};

/// A `hooks-libraries` entry.
pub static HOOKS_LIBRARY: Table = Table {
    name: "hooks-libraries",
    groups: &[
        &[
            param("library", Type::Text).required().effect(Effect::KnownLibraries),
            param("parameters", Type::Library),
        ],
        CONTEXT,
    ],
    identity: &["library"],
    ordered: true,
    ..Table::EMPTY
};
