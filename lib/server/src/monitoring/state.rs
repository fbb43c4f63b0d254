//! The metrics of a server that are no statistics, one row each.

use std::fmt::Display;
use std::time::Duration;

use kotare_daemon::args::KEA_VERSION;
use kotare_stats::exposition::Kind::{Counter, Gauge, Histogram};
use kotare_stats::exposition::{Exposition, Kind, Metric, label};
use kotare_stats::{BOUNDS, Exchanges};

use super::facts::Facts;

/// A metric and how its samples are told.
pub(super) struct Row {
    pub(super) metric: Metric,
    pub(super) tell: fn(&Facts, &Exchanges, &mut Exposition),
}

const fn row(
    name: &'static str,
    kind: Kind,
    help: &'static str,
    tell: fn(&Facts, &Exchanges, &mut Exposition),
) -> Row {
    Row { metric: Metric::new(name, kind, help), tell }
}

const fn of_process(
    name: &'static str,
    kind: Kind,
    help: &'static str,
    tell: fn(&Facts, &Exchanges, &mut Exposition),
) -> Row {
    Row { metric: Metric::of_process(name, kind, help), tell }
}

/// All of them, in the order they are shown.
pub(super) const STATE: &[Row] = &[
    row(
        "build_info",
        Gauge,
        "What this server is, and the Kea that it behaves as; always 1.",
        |facts, _, out| {
            let mut labels = String::new();
            label(&mut labels, "version", facts.version);
            label(&mut labels, "kea_version", KEA_VERSION);
            out.sample("", &labels, 1);
        },
    ),
    row("ready", Gauge, "Whether the server serves everybody it should, as /ready says.", |facts, _, out| {
        out.sample("", "", u8::from(facts.is_ready));
    }),
    row(
        "service_enabled",
        Gauge,
        "Whether packets are answered: not after dhcp-disable.",
        |facts, _, out| {
            out.sample("", "", u8::from(facts.is_enabled));
        },
    ),
    row(
        "interfaces_unserved",
        Gauge,
        "How many configured interfaces or addresses are not served.",
        |facts, _, out| out.sample("", "", facts.unserved),
    ),
    row("workers", Gauge, "How many threads answer packets.", |facts, _, out| {
        out.sample("", "", facts.workers);
    }),
    row(
        "packets_lost_total",
        Counter,
        "Packets lost before anybody could read a message in them, by reason.",
        |facts, _, out| {
            out.sample("", "reason=\"malformed\"", facts.malformed);
            out.sample("", "reason=\"overflowed\"", facts.overflowed);
        },
    ),
    row(
        "exchange_duration_seconds",
        Histogram,
        "Time from the reception of a packet to its reply, of packets that were replied to.",
        tell_exchanges,
    ),
    row(
        "config_last_reload_successful",
        Gauge,
        "Whether the last configuration that was asked for took effect.",
        |facts, _, out| out.sample("", "", u8::from(facts.is_reloaded)),
    ),
    row(
        "config_last_reload_success_timestamp_seconds",
        Gauge,
        "When the configuration in effect was read, in seconds since 1970.",
        |facts, _, out| out.sample("", "", facts.configured.as_secs_f64()),
    ),
    row("config_info", Gauge, "The hash of the configuration in effect; always 1.", |facts, _, out| {
        let mut labels = String::new();
        label(&mut labels, "hash", &facts.config_hash);
        out.sample("", &labels, 1);
    }),
    row("lease_store_up", Gauge, "Whether leases can be kept.", |facts, _, out| {
        let is_up = facts.store.as_ref().is_none_or(|store| store.failure.is_none());
        out.sample("", "", u8::from(is_up));
    }),
    row("lease_store_leases", Gauge, "Leases in the store, in any state.", |facts, _, out| {
        if_any(facts.store.as_ref().map(|store| store.leases), out);
    }),
    row("lease_store_rows_total", Counter, "Rows written since the store was opened.", |facts, _, out| {
        if_any(facts.store.as_ref().map(|store| store.rows), out);
    }),
    row("lease_store_pending_bytes", Gauge, "Bytes that wait to be written.", |facts, _, out| {
        if_any(facts.store.as_ref().map(|store| store.pending_bytes), out);
    }),
    row("lease_store_file_bytes", Gauge, "Size of the lease file.", |facts, _, out| {
        if_any(facts.store.as_ref().map(|store| store.file_bytes), out);
    }),
    row(
        "lease_store_failed_flushes_total",
        Counter,
        "Times that leases could not be written since the store was opened.",
        |facts, _, out| if_any(facts.store.as_ref().map(|store| store.failed_flushes), out),
    ),
    row("local_names", Gauge, "Addresses whose names are told (local-names).", |facts, _, out| {
        if_any(facts.local_names.as_ref().map(|names| &names["names"]), out);
    }),
    row(
        "local_names_answers_total",
        Counter,
        "Questions about names answered since that was configured (local-names), by what was answered.",
        |facts, _, out| {
            let answers = facts.local_names.as_ref().and_then(|names| names["answers"].as_object());
            for (rcode, count) in answers.into_iter().flatten() {
                let mut labels = String::new();
                label(&mut labels, "rcode", rcode);
                out.sample("", &labels, count);
            }
        },
    ),
    of_process("process_cpu_seconds_total", Counter, "Processor time of the process.", |facts, _, out| {
        if_any(facts.figures.map(|figures| figures.cpu.as_secs_f64()), out);
    }),
    of_process("process_resident_memory_bytes", Gauge, "Resident memory.", |facts, _, out| {
        if_any(facts.figures.map(|figures| figures.resident), out);
    }),
    of_process("process_virtual_memory_bytes", Gauge, "Virtual memory.", |facts, _, out| {
        if_any(facts.figures.map(|figures| figures.virtual_size), out);
    }),
    of_process("process_open_fds", Gauge, "Open file descriptors.", |facts, _, out| {
        if_any(facts.figures.map(|figures| figures.open_files), out);
    }),
    of_process("process_max_fds", Gauge, "File descriptors that may be open.", |facts, _, out| {
        if_any(facts.figures.and_then(|figures| figures.most_open_files), out);
    }),
    of_process("process_threads", Gauge, "Threads of the process.", |facts, _, out| {
        if_any(facts.figures.map(|figures| figures.threads), out);
    }),
    of_process(
        "process_start_time_seconds",
        Gauge,
        "When the process started, in seconds since 1970.",
        |facts, _, out| out.sample("", "", facts.started.as_secs_f64()),
    ),
];

fn if_any(value: Option<impl Display>, out: &mut Exposition) {
    if let Some(value) = value {
        out.sample("", "", value);
    }
}

fn tell_exchanges(_: &Facts, exchanges: &Exchanges, out: &mut Exposition) {
    let mut count = 0;
    for (bucket, (bound, _)) in exchanges.buckets.iter().zip(BOUNDS) {
        count += bucket;
        out.sample("_bucket", &format!("le=\"{bound}\""), count);
    }
    let count = exchanges.count();
    out.sample("_bucket", "le=\"+Inf\"", count);
    out.sample("_sum", "", Duration::from_nanos(exchanges.nanos).as_secs_f64());
    out.sample("_count", "", count);
}
