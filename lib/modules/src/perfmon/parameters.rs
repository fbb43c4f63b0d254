//! What is configured.

use std::collections::BTreeMap;
use std::time::Duration;

use kotare_config::Level;
use kotare_config::json::{Diagnostics, Source};
use kotare_config::schema::{Table, Type, param};

use super::Watched;
use super::alarm::Marks;
use super::key::{Between, Key, is_watched, number};
use crate::Entry;

const U32: i64 = u32::MAX as i64;

/// The `parameters` of the library.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("enable-monitoring", Type::Bool).or_bool(false),
        param("interval-width-secs", Type::Int(1, U32)).or_int(60),
        param("stats-mgr-reporting", Type::Bool).or_bool(true),
        param("alarm-report-secs", Type::Int(0, U32)).or_int(300),
        param("alarms", Type::Maps(&ALARM)),
    ]],
    ..Table::EMPTY
};

/// An entry of `alarms`.
static ALARM: Table = Table {
    name: "alarms",
    groups: &[&[
        param("duration-key", Type::Map(&KEY)).required(),
        param("enable-alarm", Type::Bool).or_bool(true),
        param("high-water-ms", Type::Int(1, U32)).required(),
        param("low-water-ms", Type::Int(1, U32)).required(),
    ]],
    ..Table::EMPTY
};

/// `duration-key`.
static KEY: Table = Table {
    name: "duration-key",
    groups: &[&[
        param("query-type", Type::Text).required(),
        param("response-type", Type::Text).required(),
        param("start-event", Type::Text).required(),
        param("stop-event", Type::Text).required(),
        param("subnet-id", Type::Int(0, U32)).or_int(0),
    ]],
    ..Table::EMPTY
};

/// What is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) monitors: bool,
    pub(super) reports: bool,
    pub(super) width: Duration,
    /// How long after an alarm was told of it is told of again.
    pub(super) again: Duration,
    pub(super) alarms: BTreeMap<Key, Marks>,
}

impl Settings {
    /// What an entry says. What is wrong goes to `diagnostics`, all of it.
    pub(super) fn read<L: Watched>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let (parameters, before) = (entry.parameters(), diagnostics.error_count());
        let mut alarms = BTreeMap::new();
        for alarm in parameters.list(&ALARM) {
            let source = alarm.map().map_or(&entry.written.source, |map| map.source());
            let marks = Marks { low: alarm.millis("low-water-ms"), high: alarm.millis("high-water-ms") };
            if marks.low >= marks.high {
                let (low, high) = (marks.low.as_millis(), marks.high.as_millis());
                let text = format!("'low-water-ms': {low}, must be less than 'high-water-ms': {high}");
                diagnostics.error(source, text);
            }
            let Some(key) = key::<L>(alarm.section(&KEY), source, diagnostics) else { continue };
            if alarms.contains_key(&key) {
                diagnostics.error(source, format!("there are two alarms for {}", key.label::<L>()));
            }
            if alarm.bool("enable-alarm") {
                alarms.insert(key, marks);
            }
        }
        (diagnostics.error_count() == before).then(|| Self {
            monitors: parameters.bool("enable-monitoring"),
            reports: parameters.bool("stats-mgr-reporting"),
            width: parameters.seconds("interval-width-secs"),
            again: parameters.seconds("alarm-report-secs"),
            alarms,
        })
    }
}

/// What an alarm is for. `None` if that is wrong, or nothing that is ever measured, which is warned of.
fn key<L: Watched>(level: Level<'_>, source: &Source, diagnostics: &mut Diagnostics) -> Option<Key> {
    let mut of = |keyword| {
        let name = level.text(keyword);
        let found = number::<L>(name);
        if found.is_none() {
            let reason = format!(
                "'{keyword}' parameter is invalid, '{name}' is not a valid {} message type",
                L::PROTOCOL
            );
            diagnostics.error(source, reason);
        }
        found
    };
    let (asked, replied) = (of("query-type"), of("response-type"));
    let (asked, replied) = (asked?, replied?);
    if !is_watched::<L>(asked, replied) {
        let (asked, replied) = (L::name(asked), L::name(replied));
        diagnostics.error(source, format!("Response type: {replied} not valid for query type: {asked}"));
        return None;
    }
    let (first, last) = (level.text("start-event"), level.text("stop-event"));
    let Some(between) = Between::named(first, last) else {
        diagnostics.warning_with_hint(
            source,
            format!("the time between the events '{first}' and '{last}' is not measured, so this alarm is never given"),
            "it is from one to the next of 'socket_received', 'buffer_read', 'mt_queued' (if multi-threading is enabled), \
             'process_started' and 'process_completed', and from 'composite' to 'total_response'",
        );
        return None;
    };
    Some(Key { asked, replied, between, subnet: level.count("subnet-id") })
}
