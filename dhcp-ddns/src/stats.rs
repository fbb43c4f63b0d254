//! Statistics: what came in, what was sent, what became of it, as a whole and for each key.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_ddns::{Attempt, Heard, Name};
use kotare_stats::time_text;
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};

/// What is counted as a whole.
const WHOLE: [&str; 10] = [
    "ncr-received",
    "ncr-invalid",
    "ncr-error",
    "queue-mgr-queue-full",
    "update-sent",
    "update-signed",
    "update-unsigned",
    "update-success",
    "update-timeout",
    "update-error",
];

/// What is counted of keys that are agreed on, as a whole and for each of their servers.
pub(crate) const OF_GSS_TSIG: [&str; 5] =
    ["gss-tsig-key-created", "tkey-sent", "tkey-success", "tkey-timeout", "tkey-error"];

/// What is counted for each key.
const OF_KEY: [&str; 4] = ["update-sent", "update-success", "update-timeout", "update-error"];

/// The key that a message is signed with, and how many changes it has.
#[derive(Clone, Copy)]
struct Of<'a>(Option<&'a Name>, usize);

impl<'a> Of<'a> {
    fn attempt(attempt: &'a Attempt) -> Self {
        Self(attempt.key().map(|key| key.name()), attempt.changes())
    }
}

/// All statistics. Each is one number and when it changed.
#[derive(Debug)]
pub(crate) struct Statistics {
    counts: Mutex<BTreeMap<String, Count>>,
    zone: TimeZone,
}

/// A number and the time since 1970 at which it changed.
#[derive(Clone, Copy, Debug)]
struct Count(i64, Duration);

impl Statistics {
    /// All numbers are 0, and have been since `now`.
    pub(crate) fn new(zone: TimeZone, now: Duration) -> Self {
        let counts = WHOLE.iter().map(|name| ((*name).to_owned(), Count(0, now))).collect();
        Self { counts: Mutex::new(counts), zone }
    }

    /// There are these keys from now on, and nothing was done with them yet.
    pub(crate) fn set_keys<'a>(&self, keys: impl Iterator<Item = &'a Name>, now: Duration) {
        self.counts.lock().retain(|name, _| !name.starts_with("key["));
        keys.for_each(|key| self.add_key(key, now));
    }

    /// There is this key, too.
    pub(crate) fn add_key(&self, key: &Name, now: Duration) {
        self.counts.lock().extend(OF_KEY.iter().map(|name| (of_key(key, name), Count(0, now))));
    }

    /// There are these keys no more.
    pub(crate) fn remove_keys(&self, keys: &[Name]) {
        let mut counts = self.counts.lock();
        for key in keys {
            counts.retain(|name, _| !OF_KEY.iter().any(|of| *name == of_key(key, of)));
        }
    }

    /// Keys are agreed on with these servers from now on; `None` if keys are not agreed on at all. Numbers of those that were
    /// there before go on.
    pub(crate) fn set_gss_tsig(&self, servers: Option<&[&str]>, now: Duration) {
        let wholes = servers.iter().flat_map(|_| OF_GSS_TSIG.map(str::to_owned));
        let each = servers.into_iter().flatten();
        let wanted: BTreeSet<String> =
            wholes.chain(each.flat_map(|id| OF_GSS_TSIG.map(|name| of_server(id, name)))).collect();
        let mut counts = self.counts.lock();
        let is_ours = |name: &str| name.starts_with("server[") || OF_GSS_TSIG.contains(&name);
        counts.retain(|name, _| !is_ours(name) || wanted.contains(name));
        for name in wanted {
            counts.entry(name).or_insert(Count(0, now));
        }
    }

    /// Counts one as a whole and for the server that keys are agreed on with.
    pub(crate) fn count_server(&self, name: &str, id: &str, now: Duration) {
        self.count(name, now);
        self.count(&of_server(id, name), now);
    }

    /// Counts one.
    pub(crate) fn count(&self, name: &str, now: Duration) {
        self.add(name, 1, now);
    }

    /// Counts so many, if there are any.
    pub(crate) fn count_many(&self, name: &str, number: usize, now: Duration) {
        if number > 0 {
            self.add(name, number, now);
        }
    }

    fn add(&self, name: &str, number: usize, now: Duration) {
        if let Some(Count(count, at)) = self.counts.lock().get_mut(name) {
            (*count, *at) = (count.saturating_add_unsigned(number as u64), now);
        }
    }

    /// Counts what a message has, as a whole and for the key that signed it.
    fn count_both(&self, name: &str, Of(key, changes): Of<'_>, now: Duration) {
        self.add(name, changes, now);
        if let Some(key) = key {
            self.add(&of_key(key, name), changes, now);
        }
    }

    /// An update was sent; one with the changes of several requests counts for each.
    pub(crate) fn sent(&self, attempt: &Attempt, now: Duration) {
        self.count_sent(Of::attempt(attempt), now);
    }

    fn count_sent(&self, of: Of<'_>, now: Duration) {
        self.count_both("update-sent", of, now);
        self.add(if of.0.is_some() { "update-signed" } else { "update-unsigned" }, of.1, now);
    }

    /// This came of an update.
    pub(crate) fn heard(&self, heard: Heard, attempt: &Attempt, now: Duration) {
        self.count_heard(heard, Of::attempt(attempt), now);
    }

    fn count_heard(&self, heard: Heard, of: Of<'_>, now: Duration) {
        let name = match heard {
            Heard::Answered(_) => "update-success",
            Heard::Timeout => "update-timeout",
            Heard::Failed | Heard::Corrupt | Heard::NoKey => "update-error",
        };
        self.count_both(name, of, now);
    }

    /// One statistic as `statistic-get` shows it; an empty map if there is none.
    pub(crate) fn get(&self, name: &str) -> Json {
        let found = self.counts.lock().get(name).copied();
        Json::Object(found.map(|count| (name.to_owned(), self.shown(count))).into_iter().collect())
    }

    /// A time as statistics show theirs.
    pub(crate) fn time(&self, at: Duration) -> String {
        time_text(at, &self.zone)
    }

    /// All of them.
    pub(crate) fn all(&self) -> Json {
        let counts = self.counts.lock().clone();
        let shown: Map<_, _> = counts.into_iter().map(|(name, count)| (name, self.shown(count))).collect();
        Json::Object(shown)
    }

    fn shown(&self, Count(count, at): Count) -> Json {
        json!([[count, self.time(at)]])
    }

    /// Sets one to 0; whether there is it.
    pub(crate) fn reset(&self, name: &str, now: Duration) -> bool {
        let mut counts = self.counts.lock();
        counts.get_mut(name).map(|count| *count = Count(0, now)).is_some()
    }

    /// Sets all to 0.
    pub(crate) fn reset_all(&self, now: Duration) {
        self.counts.lock().values_mut().for_each(|count| *count = Count(0, now));
    }
}

fn of_server(id: &str, name: &str) -> String {
    format!("server[{id}].{name}")
}

fn of_key(key: &Name, name: &str) -> String {
    format!("key[{key}].{name}")
}

#[cfg(test)]
mod tests {
    use kotare_ddns::Rcode;

    use super::*;

    /// Numbers of keys begin anew with each configuration, others do not.
    #[test]
    fn keys_come_and_go() {
        let statistics = Statistics::new(TimeZone::UTC, Duration::ZERO);
        let key: Name = "key.example.com".parse().expect("a name");
        let now = Duration::from_secs(1);
        statistics.set_keys([&key].into_iter(), now);
        statistics.count_sent(Of(Some(&key), 1), now);
        statistics.count_heard(Heard::Answered(Rcode::NXDOMAIN), Of(Some(&key), 1), now);
        statistics.count_sent(Of(None, 3), now);
        let at = "1970-01-01 00:00:01.000000";
        let name = "key[key.example.com.].update-sent";
        assert_eq!(statistics.get(name), json!({name: [[1, at]]}));
        assert_eq!(statistics.get("update-sent"), json!({"update-sent": [[4, at]]}));
        assert_eq!(statistics.get("update-signed"), json!({"update-signed": [[1, at]]}));
        assert_eq!(statistics.get("update-success"), json!({"update-success": [[1, at]]}));
        statistics.set_keys([].into_iter(), now);
        assert_eq!(statistics.get(name), json!({}));
        assert_eq!(statistics.all().as_object().map(Map::len), Some(WHOLE.len()));
        assert!(statistics.reset("update-sent", now) && !statistics.reset(name, now));
        assert_eq!(statistics.get("update-sent"), json!({"update-sent": [[0, at]]}));
        statistics.reset_all(now);
        assert_eq!(statistics.get("update-signed"), json!({"update-signed": [[0, at]]}));
    }
}
