//! `libdhcp_perfmon.so`: how long it takes to answer (manual, "Performance Monitoring").
//!
//! Of each message that was answered it is known when the kernel received it, when it was read, when it stood in line for a
//! thread, when its exchange began and when that had ended; the log tells of it at a debug level. If that is wanted, the times between are summed up by types of messages and replies, for
//! each subnet and for all, over one interval after the other; the mean of an interval is a statistic, and alarms watch it.
//!
//! - `parameters`: what is configured.
//! - `key`: what a duration is of; `durations`: what was summed up.
//! - `alarm`: when an alarm is given.
//! - `events`: what the log tells of a message.
//! - `commands`: what the module can be told and asked.

mod alarm;
mod commands;
mod durations;
mod events;
mod key;
mod messages;
mod parameters;
#[cfg(test)]
mod tests6;

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use kotare_config::json::Diagnostics;
use kotare_control::{Bound, Command, Facts};
use kotare_engine::hooks::v4::Hooks4;
use kotare_engine::hooks::v6::Hooks6;
use kotare_engine::hooks::{Monitor, Timed};
use kotare_model::{Lease4, Lease6};
use kotare_stats::utc_text;
use parking_lot::Mutex;

use self::alarm::{Alarm, Told};
use self::durations::{Durations, Interval};
use self::events::Events;
use self::key::{Between, Key, Pairs, is_watched, name4, name6};
use self::messages::*;
use self::parameters::Settings;
use crate::{Around, Entry, Hooked, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "perfmon",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| PERFMON_INIT_FAILED(reason),
    loaded: || PERFMON_INIT_OK(),
    unloaded: || PERFMON_DEINIT_OK(),
    v4: Some(module::<Lease4>()),
    v6: Some(module::<Lease6>()),
};

const fn module<L: Watched>() -> Module<L> {
    Module { judge, build, commands: || Facts::of(L::COMMANDS), ..Module::NOTHING }
}

/// A family whose messages are watched. There are two of them.
trait Watched: Hooked + Pairs {
    /// What the module can be told.
    const COMMANDS: &'static [Command<PerfMon<Self>>];

    /// Kea's name of a type of messages; `*` for 0.
    fn name(number: u8) -> String;
    /// Tells of a message that was answered.
    fn events(query: &dyn Display, events: Events);
    /// Tells that a message is not watched.
    fn not_watched(query: &dyn Display, reason: &str);
    /// Tells whether it is known when the kernel received a message.
    fn kernel_time(answer: &str);
    /// Has the module hear of messages.
    fn register(hooks: &mut Self::Hooks, module: Arc<PerfMon<Self>>);
}

/// The module of one configuration, or of several that say the same to it.
struct PerfMon<L: Watched> {
    settings: Settings,
    server: ServerLink<L, L::Engine>,
    monitors: AtomicBool,
    reports: AtomicBool,
    measured: Mutex<Measured>,
}

/// What was measured.
#[derive(Debug)]
struct Measured {
    durations: Durations,
    alarms: BTreeMap<Key, Alarm>,
}

fn judge<L: Watched>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    Settings::read(entry, diagnostics);
}

fn build<L: Watched>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let Some(settings) = Settings::read(entry, diagnostics) else { return };
    // Linux tells it of all sockets.
    L::kernel_time("Yes");
    let former = around.former::<PerfMon<L>>(entry).filter(|former| former.settings == settings);
    let module =
        former.unwrap_or_else(|| Arc::new(PerfMon::new(settings, around.environment.server.clone())));
    L::register(&mut modules.hooks, module.clone());
    modules.commands.push(Bound::new(L::COMMANDS, &module));
    modules.keep(entry, module);
}

impl<L: Watched> PerfMon<L> {
    fn new(settings: Settings, server: ServerLink<L, L::Engine>) -> Self {
        let alarms = settings.alarms.iter().map(|(key, marks)| (*key, Alarm::new(*marks)));
        let measured = Measured { durations: Durations::new(settings.width), alarms: alarms.collect() };
        let (monitors, reports) = (settings.monitors.into(), settings.reports.into());
        Self { settings, server, monitors, reports, measured: Mutex::new(measured) }
    }

    /// Sums up how long a message took, for its subnet and for all.
    fn measure(&self, timed: Timed<'_>) {
        let Timed { asked, replied, subnet, times, .. } = timed;
        let now = times.read + times.completed;
        let subnets = subnet.map(|subnet| subnet.0).into_iter().chain([0]);
        let mut over: Vec<(Key, Interval, Option<Told>)> = Vec::new();
        let mut measured = self.measured.lock();
        for subnet in subnets {
            for (between, took) in Between::spans(&times) {
                let key = Key { asked, replied, between, subnet };
                let Some(interval) = measured.durations.add(key, took, now) else { continue };
                let alarm = measured.alarms.get_mut(&key);
                let told = alarm.and_then(|alarm| alarm.look(interval.mean(), now, self.settings.again));
                over.push((key, interval, told));
            }
        }
        drop(measured);
        for (key, interval, told) in over {
            self.report(key, interval.mean(), told, now);
        }
    }

    /// Reports the mean of an interval.
    fn report(&self, key: Key, mean: Duration, told: Option<Told>, now: Duration) {
        if self.reports.load(Relaxed)
            && let Some(server) = self.server.get()
        {
            let micros = i64::try_from(mean.as_micros()).unwrap_or(i64::MAX);
            server.statistics().report(&key.statistic::<L>(), micros, now);
        }
        let (Some(told), Some(marks)) = (told, self.settings.alarms.get(&key)) else { return };
        let (label, mean) = (key.label::<L>(), Clock(mean));
        match told {
            Told::Triggered(since) => {
                PERFMON_ALARM_TRIGGERED(label, millis_text(since), mean, marks.high.as_millis());
            }
            Told::Cleared => PERFMON_ALARM_CLEARED(label, mean, marks.low.as_millis()),
        }
    }
}

impl<L: Watched> Monitor for PerfMon<L> {
    fn answered(&self, timed: Timed<'_>) {
        if !is_watched::<L>(timed.asked, timed.replied) {
            return L::not_watched(timed.query, "durations of messages of this type are not monitored");
        }
        L::events(timed.query, Events(timed.times));
        if self.monitors.load(Relaxed) {
            self.measure(timed);
        }
    }
}

/// A span as Kea writes it: `00:00:00.700000`.
struct Clock(Duration);

impl Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0.as_secs(), self.0.subsec_micros());
        write!(f, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if micros == 0 { Ok(()) } else { write!(f, ".{micros:06}") }
    }
}

/// A time with milliseconds.
fn millis_text(since_epoch: Duration) -> String {
    let mut text = utc_text(since_epoch);
    text.truncate(text.len().saturating_sub(3));
    text
}

impl Watched for Lease4 {
    const COMMANDS: &'static [Command<PerfMon<Self>>] = &commands::table();

    fn name(number: u8) -> String {
        name4(number)
    }

    fn events(query: &dyn Display, events: Events) {
        PERFMON_DHCP4_PKT_EVENTS(query, events);
    }

    fn not_watched(query: &dyn Display, reason: &str) {
        PERFMON_DHCP4_PKT_PROCESS_ERROR(query, reason);
    }

    fn kernel_time(answer: &str) {
        PERFMON_DHCP4_SOCKET_RECEIVED_TIME_SUPPORT(answer);
    }

    fn register(hooks: &mut Hooks4, module: Arc<PerfMon<Self>>) {
        hooks.monitor = Some(module);
    }
}

impl Watched for Lease6 {
    const COMMANDS: &'static [Command<PerfMon<Self>>] = &commands::table();

    fn name(number: u8) -> String {
        name6(number)
    }

    fn events(query: &dyn Display, events: Events) {
        PERFMON_DHCP6_PKT_EVENTS(query, events);
    }

    fn not_watched(query: &dyn Display, reason: &str) {
        PERFMON_DHCP6_PKT_PROCESS_ERROR(query, reason);
    }

    fn kernel_time(answer: &str) {
        PERFMON_DHCP6_SOCKET_RECEIVED_TIME_SUPPORT(answer);
    }

    fn register(hooks: &mut Hooks6, module: Arc<PerfMon<Self>>) {
        hooks.monitor = Some(module);
    }
}
