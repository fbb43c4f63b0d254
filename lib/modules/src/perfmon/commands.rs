//! `perfmon-control` and `perfmon-get-all-durations`.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use kotare_control::{Access, Argument, ArgumentType, Command, Reply, Request, Response, ResultCode, now};
use kotare_stats::utc_text;
use serde_json::{Value as Json, json};

use super::durations::Interval;
use super::key::Key;
use super::messages::*;
use super::{PerfMon, Watched};
use crate::arguments::Arguments;

const CONTROL: &[Argument] = &[
    Argument::own("enable-monitoring", &ArgumentType::Boolean, "Whether durations are summed up."),
    Argument::own("stats-mgr-reporting", &ArgumentType::Boolean, "Whether their means become statistics."),
];

const DURATIONS: &[Argument] = &[Argument::own(
    "result-set-format",
    &ArgumentType::Boolean,
    "Whether they are shown as rows under columns instead of as maps.",
)];

const COLUMNS: [&str; 11] = [
    "query-type",
    "response-type",
    "start-event",
    "end-event",
    "subnet-id",
    "interval-start",
    "occurrences",
    "min-duration-usecs",
    "max-duration-usecs",
    "total-duration-usecs",
    "mean-duration-usecs",
];

/// The commands of a family.
pub(super) const fn table<L: Watched>() -> [Command<PerfMon<L>>; 2] {
    [
        Command {
            name: "perfmon-control",
            access: Access::Write,
            exclusive: false,
            since: "2.7.0",
            help: "Begins or ends to sum up durations, and to make statistics of them.",
            args: CONTROL,
            run: |module, request| now(control(module, &request)),
        },
        Command {
            name: "perfmon-get-all-durations",
            access: Access::Write,
            exclusive: false,
            since: "2.7.0",
            help: "Returns all durations, each as it was in the last interval that is over.",
            args: DURATIONS,
            run: |module, request| all(module, &request),
        },
    ]
}

/// A truth value among the arguments, if it is there, and no others than these.
fn truths<const N: usize>(request: &Request, known: [&str; N]) -> Result<[Option<bool>; N], String> {
    let Some(arguments) = Arguments::if_any(request)? else { return Ok([None; N]) };
    if let Some(other) = arguments.keys().find(|key| !known.contains(key)) {
        return Err(format!("spurious '{other}' parameter"));
    }
    let mut truths = [None; N];
    for (truth, key) in truths.iter_mut().zip(known) {
        if arguments.get(key).is_some() {
            *truth = Some(arguments.truth(key)?);
        }
    }
    Ok(truths)
}

fn control<L: Watched>(module: &Arc<PerfMon<L>>, request: &Request) -> Response {
    let [monitors, reports] = match truths(request, ["enable-monitoring", "stats-mgr-reporting"]) {
        Ok(truths) => truths,
        Err(reason) => {
            PERFMON_CMDS_CONTROL_ERROR(&reason);
            return Response::error(reason);
        }
    };
    for (flag, wanted) in [(&module.monitors, monitors), (&module.reports, reports)] {
        wanted.inspect(|wanted| flag.store(*wanted, Relaxed));
    }
    let (monitors, reports) = (module.monitors.load(Relaxed), module.reports.load(Relaxed));
    let word = |on| if on { "enabled" } else { "disabled" };
    PERFMON_CMDS_CONTROL_OK(word(monitors), word(reports));
    Response::success("perfmon-control success")
        .with(json!({"enable-monitoring": monitors, "stats-mgr-reporting": reports}))
}

fn all<L: Watched>(module: &Arc<PerfMon<L>>, request: &Request) -> Reply<'static> {
    let rows = match truths(request, ["result-set-format"]) {
        Ok([rows]) => rows.unwrap_or(false),
        Err(reason) => {
            PERFMON_CMDS_GET_ALL_DURATIONS_ERROR(&reason);
            return now(Response::error(reason));
        }
    };
    let module = module.clone();
    // There may be very many.
    kotare_control::blocking(move || shown(&module, rows))
}

fn shown<L: Watched>(module: &PerfMon<L>, rows: bool) -> Response {
    let durations = module.measured.lock().durations.all();
    let time = module.server.get().map(|server| server.since_epoch()).unwrap_or_default();
    let list = durations.iter();
    let (key, listed) = match rows {
        false => ("durations", list.map(|(key, last)| element::<L>(*key, *last)).collect::<Json>()),
        true => {
            let rows = list.map(|(key, last)| row::<L>(*key, *last)).collect::<Json>();
            ("durations-result-set", json!({"columns": COLUMNS, "rows": rows}))
        }
    };
    let arguments = json!({
        "interval-width-secs": module.settings.width.as_secs(),
        "timestamp": utc_text(time),
        "result-set-format": rows,
        key: listed,
    });
    PERFMON_CMDS_GET_ALL_DURATIONS_OK(durations.len());
    let text = format!("perfmon-get-all-durations: {} found", durations.len());
    match durations.is_empty() {
        true => Response::failed(ResultCode::Empty, text).with(arguments),
        false => Response::success(text).with(arguments),
    }
}

/// When an interval began, how often something happened in it and how long that took.
fn values(last: Option<Interval>) -> (String, [u64; 5]) {
    let Some(last) = last else { return ("<none>".to_owned(), [0; 5]) };
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let times = [last.least, last.most, last.total, last.mean()].map(micros);
    let [least, most, total, mean] = times;
    (utc_text(last.start), [last.occurrences.into(), least, most, total, mean])
}

fn element<L: Watched>(key: Key, last: Option<Interval>) -> Json {
    let (first, stop) = key.between.events();
    let (start, [occurrences, least, most, total, mean]) = values(last);
    json!({
        "duration-key": {
            "query-type": L::name(key.asked),
            "response-type": L::name(key.replied),
            "start-event": first,
            "stop-event": stop,
            "subnet-id": key.subnet,
        },
        "start-time": start,
        "occurrences": occurrences,
        "min-duration-usecs": least,
        "max-duration-usecs": most,
        "total-duration-usecs": total,
        "mean-duration-usecs": mean,
    })
}

fn row<L: Watched>(key: Key, last: Option<Interval>) -> Json {
    let (first, stop) = key.between.events();
    let (start, [occurrences, least, most, total, mean]) = values(last);
    json!([
        L::name(key.asked),
        L::name(key.replied),
        first,
        stop,
        key.subnet,
        start,
        occurrences,
        least,
        most,
        total,
        mean
    ])
}
