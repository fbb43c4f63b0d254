//! The parts of the configuration that concern the server itself.

use std::time::Duration;

use super::scope::Scope;
use crate::json::Value;
use crate::v4::{
    Compatibility, Durability, ExpiredLeases, InterfaceChoice, Interfaces, LeaseDatabase, LogOutput, Logger,
    Memfile, MultiThreading, OutboundInterface, Sampling, SocketType, UnixSocket, WrittenPath,
};

/// The scope of the map under `key`; when there is none, one that has nothing.
fn section<'a>(dhcp4: &'a Value, key: &str) -> Option<Scope<'a>> {
    dhcp4.get(key).map(Scope::global)
}

pub(super) fn interfaces(dhcp4: &Value) -> Interfaces {
    let scope = section(dhcp4, "interfaces-config");
    let choices = scope.and_then(|it| it.get("interfaces")).map_or(&[][..], Value::items);
    Interfaces {
        choices: choices.iter().filter_map(|it| Some(interface(it.as_str()?))).collect(),
        socket_type: match scope.map_or("", |it| it.text("dhcp-socket-type")) {
            "udp" => SocketType::Udp,
            _ => SocketType::Raw,
        },
        outbound: match scope.map_or("", |it| it.text("outbound-interface")) {
            "use-routing" => OutboundInterface::UseRouting,
            _ => OutboundInterface::SameAsInbound,
        },
        re_detect: scope.is_none_or(|it| it.bool("re-detect", true)),
        require_all: scope.is_some_and(|it| it.bool("service-sockets-require-all", false)),
        max_retries: scope.and_then(|it| it.number("service-sockets-max-retries")).unwrap_or(0),
        retry_wait: scope
            .map_or(Duration::from_secs(5), |it| it.millis("service-sockets-retry-wait-time", 5000)),
    }
}

fn interface(text: &str) -> InterfaceChoice {
    if text == "*" {
        return InterfaceChoice::All;
    }
    match text.split_once('/') {
        Some((name, address)) => match address.trim().parse() {
            Ok(address) => InterfaceChoice::Address(name.trim().into(), address),
            Err(_) => InterfaceChoice::Named(text.into()),
        },
        None => InterfaceChoice::Named(text.trim().into()),
    }
}

pub(super) fn compatibility(dhcp4: &Value) -> Compatibility {
    let flag = |key| section(dhcp4, "compatibility").is_some_and(|it| it.bool(key, false));
    Compatibility {
        lenient_option_parsing: flag("lenient-option-parsing"),
        ignore_server_identifier: flag("ignore-dhcp-server-identifier"),
        ignore_rai_link_selection: flag("ignore-rai-link-selection"),
        exclude_first_last_24: flag("exclude-first-last-24"),
    }
}

/// Defaults: manual, "Configuring Lease Reclamation".
pub(super) fn expired_leases(dhcp4: &Value) -> ExpiredLeases {
    let scope = section(dhcp4, "expired-leases-processing");
    let seconds = |key, default| scope.map_or(secs(default), |it| it.seconds(key, default));
    let number = |key, default| scope.and_then(|it| it.number(key)).unwrap_or(default);
    ExpiredLeases {
        reclaim_wait: seconds("reclaim-timer-wait-time", 10),
        flush_wait: seconds("flush-reclaimed-timer-wait-time", 25),
        hold: seconds("hold-reclaimed-time", 3600),
        max_leases: number("max-reclaim-leases", 100) as usize,
        max_time: Duration::from_millis(u64::from(number("max-reclaim-time", 250))),
        unwarned_cycles: number("unwarned-reclaim-cycles", 5),
    }
}

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}

pub(super) fn lease_database(dhcp4: &Value) -> LeaseDatabase {
    let scope = section(dhcp4, "lease-database");
    if let Some(kind) = scope.and_then(|it| it.get("type"))
        && let Some(name) = kind.as_str().filter(|name| *name != "memfile")
    {
        return LeaseDatabase::Unavailable { kind: name.into(), place: kind.place().clone() };
    }
    LeaseDatabase::Memfile(Memfile {
        persist: scope.is_none_or(|it| it.bool("persist", true)),
        name: scope.and_then(|it| it.get("name")).and_then(path).filter(|name| !name.path.is_empty()),
        lfc_interval: scope.map_or(secs(3600), |it| it.seconds("lfc-interval", 3600)),
        max_row_errors: scope.and_then(|it| it.number("max-row-errors")).unwrap_or(0),
        durability: match scope.map_or("", |it| it.text("durability")) {
            "system" => Durability::System,
            _ => Durability::Process,
        },
    })
}

/// Every `control-sockets` entry of type `unix`.
pub(super) fn control_sockets(dhcp4: &Value) -> Vec<UnixSocket> {
    let all = dhcp4.list("control-sockets").iter();
    all.filter(|it| it.get("socket-type").and_then(Value::as_str) == Some("unix"))
        .filter_map(|it| Some(UnixSocket { name: path(it.get("socket-name")?)? }))
        .collect()
}

fn path(value: &Value) -> Option<WrittenPath> {
    Some(WrittenPath { path: value.as_str()?.into(), place: value.place().clone() })
}

pub(super) fn loggers(dhcp4: &Value) -> Vec<Logger> {
    dhcp4.list("loggers").iter().map(logger).collect()
}

fn logger(logger: &Value) -> Logger {
    let scope = Scope::global(logger);
    Logger {
        name: scope.text("name").into(),
        severity: scope.text("severity").to_uppercase().into(),
        debug_level: scope.number("debuglevel").and_then(|level| u8::try_from(level).ok()).unwrap_or(0),
        outputs: logger.list("output-options").iter().map(log_output).collect(),
    }
}

/// Defaults: manual, "Logging", `output-options`.
fn log_output(output: &Value) -> LogOutput {
    let scope = Scope::global(output);
    LogOutput {
        output: scope.text("output").into(),
        place: output.get("output").unwrap_or(output).place().clone(),
        flush: scope.bool("flush", true),
        max_size: u64::from(scope.number("maxsize").unwrap_or(10_240_000)),
        max_versions: scope.number("maxver").unwrap_or(1),
        pattern: scope.text("pattern").into(),
        json: scope.text("format") == "json",
    }
}

pub(super) fn multi_threading(dhcp4: &Value) -> MultiThreading {
    let scope = section(dhcp4, "multi-threading");
    let number = |key, default| scope.and_then(|it| it.number(key)).unwrap_or(default) as usize;
    MultiThreading {
        enabled: scope.is_none_or(|it| it.bool("enable-multi-threading", true)),
        threads: number("thread-pool-size", 0),
        queue: number("packet-queue-size", 64),
    }
}

pub(super) fn sampling(global: Scope<'_>) -> Sampling {
    Sampling {
        count: global.number("statistic-default-sample-count").unwrap_or(20),
        age: global.seconds("statistic-default-sample-age", 0),
    }
}
