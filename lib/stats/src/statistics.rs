//! All statistics of one server: what clients read and change.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_model::{SubnetId, Tally};
use parking_lot::{Mutex, MutexGuard};

use crate::book::Book;
use crate::cell::Gauges;
use crate::name::Name;
use crate::recount::Marks;
use crate::samples::{Samples, Times};
use crate::{Counters, Limit, PoolKind, Sampler, Stat4, Stat6, Statistic, SubnetStats, Values};

/// Those of a DHCPv4 server.
pub type Statistics4 = Statistics<Stat4>;
/// Those of a DHCPv6 server.
pub type Statistics6 = Statistics<Stat6>;

/// The statistics of one server.
///
/// Workers count in [`Counters`], [`SubnetStats`] and [`PoolStats`](crate::PoolStats); this sums and remembers. `now` is
/// always the time since 1970-01-01T00:00:00Z. Every method takes a lock that workers never wait for. Clones are the same
/// statistics.
#[derive(Debug)]
pub struct Statistics<S: Statistic> {
    zone: TimeZone,
    book: Arc<Mutex<Book<S>>>,
}

/// A subnet of a configuration, as far as statistics care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubnetLayout {
    /// The subnet's id.
    pub id: SubnetId,
    /// Its pools; those of a kind with the same id are counted together.
    pub pools: Vec<PoolLayout>,
}

/// A pool of a configuration, as far as statistics care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLayout {
    /// What it is of.
    pub kind: PoolKind,
    /// `pool-id`, 0 for a pool without one.
    pub id: u32,
    /// How many addresses or prefixes it has.
    pub total: u128,
}

impl PoolLayout {
    /// A pool of addresses.
    pub fn of_addresses(id: u32, total: impl Into<u128>) -> Self {
        Self { kind: PoolKind::Addresses, id, total: total.into() }
    }

    /// A pool of prefixes.
    pub fn of_prefixes(id: u32, total: impl Into<u128>) -> Self {
        Self { kind: PoolKind::Prefixes, id, total: total.into() }
    }
}

/// The statistics of a configuration that does not serve yet: the handles workers will use, invisible to clients
/// until [`Statistics::publish`]. Dropping it leaves everything as it is.
#[derive(Debug)]
pub struct PreparedStatistics<S: Statistic = Stat4> {
    pub(crate) subnets: BTreeMap<SubnetId, PreparedSubnet<S>>,
    /// Which go, if others stay.
    pub(crate) gone: Option<Vec<SubnetId>>,
}

#[derive(Debug)]
pub(crate) struct PreparedSubnet<S: Statistic> {
    pub(crate) stats: SubnetStats<S>,
    /// How much is in each of `stats.pools`.
    pub(crate) totals: Vec<u128>,
    /// What the gauges of the subnet, and of each of `stats.pools`, said when the leases were counted.
    pub(crate) before: (Gauges, Vec<Gauges>),
}

impl<S: Statistic> PreparedStatistics<S> {
    /// The handle of a subnet of the layout.
    pub fn subnet(&self, id: SubnetId) -> Option<&SubnetStats<S>> {
        self.subnets.get(&id).map(|subnet| &subnet.stats)
    }

    /// The handles of all subnets of the layout.
    pub fn subnets(&self) -> impl Iterator<Item = &SubnetStats<S>> {
        self.subnets.values().map(|subnet| &subnet.stats)
    }

    /// The leases are counted now: what has been counted for new subnets and pools up to here is in that count, what
    /// follows comes on top of it.
    pub fn mark(&mut self) {
        for subnet in self.subnets.values_mut() {
            let pools = subnet.stats.pools.iter().map(|pool| pool.gauges());
            subnet.before = (subnet.stats.gauges(), pools.collect());
        }
    }
}

impl<S: Statistic> Clone for Statistics<S> {
    fn clone(&self) -> Self {
        Self { zone: self.zone.clone(), book: self.book.clone() }
    }
}

impl<S: Statistic> Statistics<S> {
    /// Statistics that are all 0, with times shown in `zone`.
    pub fn new(zone: TimeZone, now: Duration) -> Self {
        Self { zone, book: Arc::new(Mutex::new(Book::new(now))) }
    }

    /// Counters for one more worker. Those of a worker that ended are used again.
    pub fn worker(&self) -> Counters<S> {
        self.book().worker()
    }

    /// What takes samples of what a worker counts in `counters`.
    pub fn sampler(&self, counters: &Counters<S>) -> Sampler<S> {
        Sampler::new(counters.0.clone(), self.book().changed.clone(), self.book.clone())
    }

    /// The handles for a configuration's subnets: the ones in use for ids (and pool ids) that stay, new ones for
    /// the rest. A subnet id that occurs twice is one subnet.
    pub fn prepare(&self, layout: &[SubnetLayout]) -> PreparedStatistics<S> {
        self.book().prepare(layout)
    }

    /// The handles for a configuration that has other subnets than the one clients see in the place of those that are
    /// `exchanged`, which `layout` tells of. Nothing changes of the others.
    pub fn prepare_exchange(
        &self,
        layout: &[SubnetLayout],
        exchanged: &HashSet<SubnetId>,
    ) -> PreparedStatistics<S> {
        self.book().prepare_exchange(layout, exchanged)
    }

    /// Makes `prepared` what clients see. New subnets and pools begin with what `counted` says of them and what was counted
    /// since [`PreparedStatistics::mark`]; those
    /// that stay go on counting, as they never stopped. The first time, the server's own lease statistics
    /// begin with the sum of `counted`. To be called before workers take up the new handles.
    pub fn publish(&self, prepared: PreparedStatistics<S>, counted: &[Tally], now: Duration) {
        self.book().publish(prepared, counted, now);
    }

    /// What the statistics say now that leases begin to be counted, for [`Statistics::recount`].
    pub fn marks(&self) -> Marks<S> {
        self.book().marks()
    }

    /// Sets the statistics that say how many leases there are to what `counted` says, and what was counted since `marks`.
    pub fn recount(&self, marks: &Marks<S>, counted: &[Tally], now: Duration) {
        self.book().recount(marks, counted, now);
    }

    /// Takes a sample of everything that changed, whoever counted it. To be called when something was counted by others
    /// than workers, and once a second for what nobody told of.
    pub fn tick(&self, now: Duration) {
        let mut book = self.book();
        book.observe_globals(now);
        book.observe_changed(now);
    }

    /// A module says what a statistic of its own is.
    pub fn report(&self, name: &str, value: i64, now: Duration) {
        let mut book = self.book();
        let limit = book.limit;
        let samples = book.reported.entry(name.into()).or_insert_with(|| Samples::absent(limit));
        samples.begin(value.into(), now);
    }

    /// A module adds to a statistic of its own; several threads may at once, and none of it is lost.
    pub fn add_reported(&self, name: &str, delta: i64, now: Duration) {
        let mut book = self.book();
        let limit = book.limit;
        let samples = book.reported.entry(name.into()).or_insert_with(|| Samples::absent(limit));
        let value = samples.latest() + i128::from(delta);
        samples.begin(value, now);
    }

    /// The text of `{ "name": samples }`, or of an empty map if there is no such statistic. What many addresses of IPv6 there
    /// are is a number that not every value of JSON can have.
    pub fn get(&self, name: &str, now: Duration) -> String {
        let mut found = None;
        let mut book = self.book();
        if !book.with(name, now, |samples, _| found = Some(samples.clone())) {
            found = book.reported.get(name).cloned();
        }
        drop(book);
        self.shown(&Vec::from_iter(found.as_ref().map(|samples| (name.to_owned(), samples))))
    }

    /// The value of a statistic now; 0 if there is no such statistic.
    pub fn value(&self, name: &str, now: Duration) -> i128 {
        let mut value = 0;
        let mut book = self.book();
        if !book.with(name, now, |_, cell| value = cell.value()) {
            value = book.reported.get(name).map_or(0, Samples::latest);
        }
        value
    }

    /// All statistics, sorted by name: the text of the map `{ "name": samples, … }`. With many subnets there are very
    /// many, so they are not made values of before.
    pub fn all(&self, now: Duration) -> String {
        self.read(now, |_| true)
    }

    /// All values, also of statistics that were removed, and how long exchanges took.
    pub fn values(&self) -> Values<S> {
        self.book().values()
    }

    /// The statistics of no subnet, likewise.
    pub fn all_global(&self, now: Duration) -> String {
        self.read(now, |name| matches!(name, Name::Global(_)))
    }

    fn read(&self, now: Duration, wanted: impl Fn(Name<S>) -> bool) -> String {
        // Workers get no samples in while the book is open, so they are put into words afterwards.
        let mut found = Vec::new();
        let mut book = self.book();
        book.visit(|name, samples, cell| {
            samples.observe(cell.value(), now);
            if samples.exists() && wanted(name) {
                found.push((name, samples.clone()));
            }
        });
        let reported = book.reported.clone();
        drop(book);
        let mut named: Vec<_> = found.iter().map(|(name, samples)| (name.to_string(), samples)).collect();
        named.extend(reported.iter().map(|(name, samples)| (name.to_string(), samples)));
        named.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.shown(&named)
    }

    fn shown(&self, named: &[(String, &Samples)]) -> String {
        if named.is_empty() {
            return "{  }".to_owned();
        }
        let mut times = Times::new(&self.zone);
        let mut text = "{ ".to_owned();
        for (index, (name, samples)) in named.iter().enumerate() {
            // Nothing in a name needs an escape.
            text.extend([if index > 0 { ", \"" } else { "\"" }, name, "\": "]);
            samples.write(&mut text, &mut times);
        }
        text + " }"
    }

    /// Sets a statistic to 0 and forgets its samples but this one. False if there is no such statistic.
    pub fn reset(&self, name: &str, now: Duration) -> bool {
        let mut book = self.book();
        let reset = book.with(name, now, |samples, mut cell| {
            cell.zero();
            samples.restart(0, now);
        });
        reset
            || book.reported.get_mut(name).is_some_and(|samples| {
                samples.restart(0, now);
                true
            })
    }

    /// Resets all statistics.
    pub fn reset_all(&self, now: Duration) {
        let mut book = self.book();
        book.visit(|_, samples, mut cell| {
            cell.zero();
            if samples.exists() {
                samples.restart(0, now);
            }
        });
        book.reported.values_mut().for_each(|samples| samples.restart(0, now));
    }

    /// Removes a statistic; it comes back, from 0, when it is counted again. False if there is no such statistic.
    pub fn remove(&self, name: &str, now: Duration) -> bool {
        let mut book = self.book();
        let limit = book.limit;
        let removed = book.with(name, now, |samples, mut cell| {
            cell.zero();
            samples.remove(limit);
        });
        removed || book.reported.remove(name).is_some()
    }

    /// Removes all statistics.
    pub fn remove_all(&self) {
        let mut book = self.book();
        let limit = book.limit;
        book.visit(|_, samples, mut cell| {
            cell.zero();
            samples.remove(limit);
        });
        book.reported.clear();
    }

    /// Sets how many samples a statistic keeps. False if there is no such statistic.
    pub fn set_limit(&self, name: &str, limit: Limit, now: Duration) -> bool {
        let mut book = self.book();
        let set = book.with(name, now, |samples, _| samples.limit(limit));
        set || book.reported.get_mut(name).is_some_and(|samples| {
            samples.limit(limit);
            true
        })
    }

    /// Sets how many samples every statistic keeps, also those to come: what the configuration
    /// (`statistic-default-sample-count`; if that is 0, `statistic-default-sample-age`) and the `-set-all` commands do.
    pub fn set_limit_all(&self, limit: Limit) {
        let mut book = self.book();
        book.limit = limit;
        book.visit(|_, samples, _| samples.limit(limit));
        book.reported.values_mut().for_each(|samples| samples.limit(limit));
    }

    /// The limit of statistics to come, as configured or as last set for all.
    pub fn default_limit(&self) -> Limit {
        self.book().limit
    }

    fn book(&self) -> MutexGuard<'_, Book<S>> {
        self.book.lock()
    }
}
