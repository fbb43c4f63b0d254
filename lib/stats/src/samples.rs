//! The samples of one statistic: its latest values, each with the time it was seen.

use std::collections::VecDeque;
use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How many samples a statistic keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The latest so many, at least one (`max-samples`).
    Count(u32),
    /// Those not older than this, compared to the latest (`duration`); at most 10 000, whatever the age.
    Age(Duration),
}

/// The most samples that are kept by age. A busy server takes so many in a second.
const MOST_BY_AGE: usize = 10_000;

impl Default for Limit {
    /// Kea's `statistic-default-sample-count`: 20.
    fn default() -> Self {
        Self::Count(20)
    }
}

/// A statistic's samples. Without any it does not exist for clients: it was removed, or nothing happened yet.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    newest: Option<Sample>,
    /// Newest first. Most statistics never have a second sample, and then this owns no memory.
    older: VecDeque<Sample>,
    limit: Limit,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    value: Wide,
    /// Microseconds since 1970-01-01T00:00:00Z.
    seen: i64,
}

/// What a statistic says: there may be as many addresses as IPv6 has. It begins where other numbers do, since there are very
/// many samples.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(8))]
struct Wide(i128);

impl Wide {
    fn get(self) -> i128 {
        self.0
    }
}

impl Samples {
    pub(crate) fn absent(limit: Limit) -> Self {
        Self { newest: None, older: VecDeque::new(), limit }
    }

    /// One sample, whatever there was before.
    pub(crate) fn restart(&mut self, value: i128, now: Duration) {
        self.older = VecDeque::new();
        self.newest = Some(Sample { value: Wide(value), seen: micros(now) });
    }

    /// Makes the statistic exist: like [`Samples::observe`], but 0 is news if there was nothing before.
    pub(crate) fn begin(&mut self, value: i128, now: Duration) {
        if self.exists() { self.observe(value, now) } else { self.restart(value, now) }
    }

    /// Forgets everything, until a value is seen that is not 0.
    pub(crate) fn remove(&mut self, limit: Limit) {
        *self = Self::absent(limit);
    }

    /// What it says; 0 if it does not exist.
    pub(crate) fn latest(&self) -> i128 {
        self.newest.map_or(0, |newest| newest.value.get())
    }

    pub(crate) fn exists(&self) -> bool {
        self.newest.is_some()
    }

    /// Keeps `value` if it is news.
    pub(crate) fn observe(&mut self, value: i128, now: Duration) {
        match self.newest {
            Some(last) if last.value.get() == value => return,
            Some(last) => self.older.push_front(last),
            None if value == 0 => return,
            None => {}
        }
        self.newest = Some(Sample { value: Wide(value), seen: micros(now) });
        self.trim();
    }

    pub(crate) fn limit(&mut self, limit: Limit) {
        self.limit = limit;
        self.trim();
    }

    fn trim(&mut self) {
        match self.limit {
            Limit::Count(count) => self.older.truncate((count.max(1) - 1) as usize),
            Limit::Age(age) => {
                let oldest = self.newest.map_or(0, |newest| newest.seen.saturating_sub(micros(age)));
                while self.older.pop_back_if(|sample| sample.seen < oldest).is_some() {}
                self.older.truncate(MOST_BY_AGE - 1);
            }
        }
    }

    /// Writes `[ [ value, "YYYY-MM-DD HH:MM:SS.ffffff" ], … ]`, newest first, in the zone's time and the spacing of Kea's
    /// answers.
    pub(crate) fn write(&self, text: &mut String, times: &mut Times<'_>) {
        text.push_str("[ ");
        for (index, sample) in self.newest.iter().chain(&self.older).enumerate() {
            text.push_str(if index > 0 { ", [ " } else { "[ " });
            // Memory takes any text.
            let _ = write!(text, "{}, \"", sample.value.get());
            text.push_str(times.text(sample.seen));
            text.push_str("\" ]");
        }
        text.push_str(" ]");
    }
}

/// Shows times of a zone. Most statistics were seen when the one before them was, too.
pub(crate) struct Times<'a> {
    zone: &'a TimeZone,
    last: (i64, String),
}

impl<'a> Times<'a> {
    pub(crate) fn new(zone: &'a TimeZone) -> Self {
        Self { zone, last: (0, text(0, zone)) }
    }

    fn text(&mut self, seen: i64) -> &str {
        if self.last.0 != seen {
            self.last = (seen, text(seen, self.zone));
        }
        &self.last.1
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// A time as statistics show theirs, but in UTC.
pub fn utc_text(since_epoch: Duration) -> String {
    text(micros(since_epoch), &TimeZone::UTC)
}

/// A time as statistics show theirs, in this zone.
pub fn time_text(since_epoch: Duration, zone: &TimeZone) -> String {
    text(micros(since_epoch), zone)
}

fn text(seen: i64, zone: &TimeZone) -> String {
    let time = Timestamp::from_microsecond(seen).unwrap_or(Timestamp::MAX);
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}
