//! The parts of the configuration that concern the server itself.

use crate::json::Value;
use crate::level::Level;
use crate::schema::tables::{
    COMPATIBILITY, CONTROL_SOCKET, EXPIRED_LEASES, INTERFACES, LEASE_DATABASE, LOGGER, MULTI_THREADING,
    OUTPUT_OPTION,
};
use crate::v4::{
    Compatibility, Durability, ExpiredLeases, InterfaceChoice, Interfaces, LeaseDatabase, LogOutput, Logger,
    Memfile, MultiThreading, OutboundInterface, Sampling, SocketType, UnixSocket, WrittenPath,
};

pub(super) fn interfaces(global: Level<'_>) -> Interfaces {
    let level = global.section(&INTERFACES);
    Interfaces {
        choices: level.items("interfaces").iter().filter_map(|it| Some(interface(it.as_str()?))).collect(),
        socket_type: match level.text("dhcp-socket-type") {
            "udp" => SocketType::Udp,
            _ => SocketType::Raw,
        },
        outbound: match level.text("outbound-interface") {
            "use-routing" => OutboundInterface::UseRouting,
            _ => OutboundInterface::SameAsInbound,
        },
        re_detect: level.bool("re-detect"),
        require_all: level.bool("service-sockets-require-all"),
        max_retries: level.count("service-sockets-max-retries"),
        retry_wait: level.millis("service-sockets-retry-wait-time"),
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

pub(super) fn compatibility(global: Level<'_>) -> Compatibility {
    let level = global.section(&COMPATIBILITY);
    Compatibility {
        lenient_option_parsing: level.bool("lenient-option-parsing"),
        ignore_server_identifier: level.bool("ignore-dhcp-server-identifier"),
        ignore_rai_link_selection: level.bool("ignore-rai-link-selection"),
        exclude_first_last_24: level.bool("exclude-first-last-24"),
    }
}

pub(super) fn expired_leases(global: Level<'_>) -> ExpiredLeases {
    let level = global.section(&EXPIRED_LEASES);
    ExpiredLeases {
        reclaim_wait: level.seconds("reclaim-timer-wait-time"),
        flush_wait: level.seconds("flush-reclaimed-timer-wait-time"),
        hold: level.seconds("hold-reclaimed-time"),
        max_leases: level.count("max-reclaim-leases"),
        max_time: level.millis("max-reclaim-time"),
        unwarned_cycles: level.count("unwarned-reclaim-cycles"),
    }
}

pub(super) fn lease_database(global: Level<'_>) -> LeaseDatabase {
    let level = global.section(&LEASE_DATABASE);
    if let Some(kind) = level.own("type")
        && let Some(name) = kind.as_str().filter(|name| *name != "memfile")
    {
        return LeaseDatabase::Unavailable { kind: name.into(), source: kind.source().clone() };
    }
    LeaseDatabase::Memfile(Memfile {
        persist: level.bool("persist"),
        name: level.own("name").and_then(path).filter(|name| !name.path.is_empty()),
        lfc_interval: level.seconds("lfc-interval"),
        max_row_errors: level.count("max-row-errors"),
        durability: match level.text("durability") {
            "system" => Durability::System,
            _ => Durability::Process,
        },
    })
}

/// Every `control-sockets` entry of type `unix`.
pub(super) fn control_sockets(global: Level<'_>) -> Vec<UnixSocket> {
    let unix = global.list(&CONTROL_SOCKET).filter(|socket| socket.text("socket-type") == "unix");
    unix.filter_map(|socket| Some(UnixSocket { name: path(socket.own("socket-name")?)? })).collect()
}

fn path(value: &Value) -> Option<WrittenPath> {
    Some(WrittenPath { path: value.as_str()?.into(), source: value.source().clone() })
}

pub(super) fn loggers(global: Level<'_>) -> Vec<Logger> {
    global.list(&LOGGER).map(logger).collect()
}

fn logger(level: Level<'_>) -> Logger {
    // What `config-get` shows where none is written is not what holds: without it, the logger above decides.
    let severity = level.own("severity").and_then(Value::as_str).unwrap_or_default();
    Logger {
        name: level.text("name").into(),
        severity: severity.to_uppercase().into(),
        debug_level: level.count("debuglevel"),
        outputs: level.list(&OUTPUT_OPTION).filter_map(log_output).collect(),
    }
}

/// `None` without `output`, which the schema reports.
fn log_output(level: Level<'_>) -> Option<LogOutput> {
    let output = path(level.own("output")?)?;
    Some(LogOutput {
        output: output.path,
        source: output.source,
        flush: level.bool("flush"),
        max_size: level.count("maxsize"),
        max_versions: level.count("maxver"),
        pattern: level.text("pattern").into(),
        json: level.text("format") == "json",
    })
}

pub(super) fn multi_threading(global: Level<'_>) -> MultiThreading {
    let level = global.section(&MULTI_THREADING);
    MultiThreading {
        enabled: level.bool("enable-multi-threading"),
        threads: level.count("thread-pool-size"),
        queue: level.count("packet-queue-size"),
    }
}

pub(super) fn sampling(global: Level<'_>) -> Sampling {
    Sampling {
        count: global.count("statistic-default-sample-count"),
        age: global.seconds("statistic-default-sample-age"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Diagnostics, from_json};
    use crate::schema::tables::DHCP4;
    use serde_json::json;

    /// A log file may grow beyond what 32 bits can count.
    #[test]
    fn log_files_may_be_large() {
        let dhcp4 = json!({"loggers": [{"name": "kea-dhcp4", "output-options": [
            {"output": "large", "maxsize": 5_000_000_000_i64}, {"output": "usual"}]}]});
        let dhcp4 = from_json("test", &dhcp4, &mut Diagnostics::new()).expect("values");
        let loggers = loggers(Level::of(&DHCP4, &dhcp4));
        let sizes: Vec<_> = loggers[0].outputs.iter().map(|output| output.max_size).collect();
        assert_eq!(sizes, [5_000_000_000, 10_240_000]);
    }
}
