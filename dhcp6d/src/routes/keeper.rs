//! Keeps the routes that leases ask for: does what is due.

use std::sync::Arc;
use std::time::Duration;

use kotare_daemon::Clock;
use kotare_engine::AnyLeases;
use kotare_model::Lease6;
use kotare_store::PageFilter;
use tokio::task::yield_now;

use super::changes::{Changes, Wish};
use super::hop::Route;
use super::plan::{Change, Plan};
use super::target::Target;
use crate::messages::*;

/// So many leases are looked at together.
const PAGE: usize = 1024;
/// Interfaces often change several times in a row; one look after that is enough.
const SETTLE: Duration = Duration::from_secs(1);

/// Keeps the routes that leases ask for.
#[derive(Debug)]
pub(super) struct Keeper<T> {
    target: T,
    plan: Plan,
    changes: Arc<Changes>,
    clock: Clock,
    /// Whether it has been told how many there are.
    told: bool,
}

impl<T: Target> Keeper<T> {
    /// One that knows nothing yet.
    pub(super) fn new(target: T, changes: Arc<Changes>, clock: Clock) -> Self {
        Self { target, plan: Plan::new(clock.moment()), changes, clock, told: false }
    }

    /// What it hears of leases by.
    pub(super) fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }

    /// Returns when there is something to do.
    pub(super) async fn due(&self) {
        tokio::select! {
            () = self.changes.told() => {}
            () = self.clock.sleep_until(self.plan.next()) => {}
        }
    }

    /// Interfaces changed, and the kernel may have dropped routes with them.
    pub(super) fn interfaces_changed(&mut self) {
        self.plan.sync_by(self.clock.moment() + SETTLE);
    }

    /// Does what is due now.
    pub(super) async fn work(&mut self, leases: &dyn AnyLeases<Lease6>) {
        let now = self.clock.moment();
        // What is noted after this is done after it.
        self.plan.note(self.changes.take(), now);
        if self.plan.syncs(now) {
            self.sync(leases).await;
        }
        loop {
            let batch = self.plan.take(now, self.target.batch());
            if batch.is_empty() {
                return;
            }
            let done = self.target.apply(batch).await;
            let mut failed = Vec::new();
            for (change, done) in done {
                match (done, &change.wish) {
                    (Ok(()), Wish::Set(hop)) => KOTARE_ROUTE_SET(change.prefix, hop.via, &hop.interface),
                    (Ok(()), Wish::Withdrawn(_)) => KOTARE_ROUTE_WITHDRAWN(change.prefix),
                    (Err(reason), _) => failed.push((change, reason)),
                }
            }
            let now = self.clock.moment();
            tell(&failed, |change| self.plan.failed(change, now));
            // The next ones may have changed meanwhile.
            self.plan.note(self.changes.take(), now);
        }
    }

    /// Withdraws all routes.
    pub(super) async fn end(self) {
        match self.target.sync(Vec::new()).await {
            Ok(failed) => tell_left(failed.first().map(|(_, reason)| reason)),
            Err(reason) => tell_left(Some(&reason)),
        }
    }

    /// Brings all routes in line with the leases.
    async fn sync(&mut self, leases: &dyn AnyLeases<Lease6>) {
        let began = self.clock.moment();
        let synced = match wanted(leases, &self.clock).await {
            Ok(routes) => {
                let count = routes.len();
                self.target.sync(routes).await.map(|failed| (count, failed))
            }
            Err(reason) => Err(reason),
        };
        let now = self.clock.moment();
        match synced {
            Ok((count, failed)) => {
                match std::mem::replace(&mut self.told, true) {
                    true => KOTARE_ROUTES_CHECKED(count),
                    false => KOTARE_ROUTES_BEGIN(count),
                }
                self.plan.synced(true, began, now);
                tell(&failed, |change| self.plan.failed(change, now));
            }
            Err(reason) => {
                self.plan.synced(false, began, now);
                KOTARE_ROUTES_NOT_CHECKED(self.plan.next().since(now).as_secs(), reason);
            }
        }
    }
}

/// The routes that leases ask for.
async fn wanted(leases: &dyn AnyLeases<Lease6>, clock: &Clock) -> Result<Vec<Route>, String> {
    let (mut routes, mut after) = (Vec::new(), None);
    loop {
        let page = leases.page(after, PAGE, PageFilter::default()).await;
        let page = page.map_err(|error| format!("the leases cannot be read: {error}"))?;
        routes.extend(page.iter().filter_map(|lease| Route::of_valid(lease, clock.now())));
        match page.last() {
            Some(last) => after = Some(last.address),
            None => return Ok(routes),
        }
        // Leases in memory are there at once, however many they are.
        yield_now().await;
    }
}

/// Tells of changes that failed: of the first one why, of the others how many they are.
fn tell(failed: &[(Change, String)], mut again: impl FnMut(Change) -> Duration) {
    let pauses: Vec<_> = failed.iter().map(|(change, _)| again(change.clone())).collect();
    if let ([(change, reason), others @ ..], [pause, ..]) = (failed, &*pauses) {
        KOTARE_ROUTE_FAILED(change.prefix, pause.as_secs(), reason);
        if !others.is_empty() {
            KOTARE_ROUTES_FAILED(others.len());
        }
    }
}

/// Tells how the last routes were withdrawn.
fn tell_left(reason: Option<&String>) {
    match reason {
        None => KOTARE_ROUTES_END(),
        Some(reason) => KOTARE_ROUTES_LEFT(reason),
    }
}
