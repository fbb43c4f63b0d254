//! Counting leases in memory: what changes, and once all that were there before.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use kotare_config::process::Memfile;
use kotare_engine::hooks::{LeaseEvent, LeaseEvent4, LeaseEvent6, Observer4, Observer6};
use kotare_model::{Lease4, Lease6};
use kotare_store::PageFilter;
use serde_json::{Map, Value as Json};

use super::ledger::{Interest, Ledger};
use super::messages::KOTARE_LIMITS_RECOUNT_FAILED;
use crate::{Companion, Hooked, ServerLink};

/// So many leases are gone through at a time.
const PAGE: usize = 1024;

/// Who keeps a ledger.
pub(super) struct Recount<L: Hooked> {
    /// Where the leases are.
    leases: Memfile,
    ledger: Ledger<L>,
    server: ServerLink<L, L::Engine>,
    /// What was there before was counted.
    is_done: AtomicBool,
}

impl<L: Hooked> Recount<L> {
    /// The one there was before, if it counts the same leases by the same, or else another.
    pub(super) fn again(
        before: Option<&Arc<Self>>,
        leases: &Memfile,
        interest: Interest,
        server: &ServerLink<L, L::Engine>,
    ) -> Arc<Self> {
        match before {
            Some(before) if *before.ledger.interest() == interest && before.leases == *leases => {
                before.clone()
            }
            _ => Arc::new(Self {
                leases: leases.clone(),
                ledger: Ledger::new(interest),
                server: server.clone(),
                is_done: AtomicBool::new(false),
            }),
        }
    }

    /// The ledger.
    pub(super) fn ledger(&self) -> &Ledger<L> {
        &self.ledger
    }

    fn told(&self, event: &LeaseEvent<'_, L>) {
        if let Some(lease) = event.after.or(event.before) {
            self.ledger.changed(lease.address(), event.after);
        }
    }

    /// Goes through all leases.
    fn go_through(&self) -> Result<(), String> {
        let Some(server) = self.server.get() else { return Ok(()) };
        let serving = server.serving();
        let mut after = None;
        loop {
            let page = pin!(serving.leases().page(after, PAGE, PageFilter::default()));
            // A store in memory makes nobody wait.
            let Poll::Ready(page) = page.poll(&mut Context::from_waker(Waker::noop())) else {
                return Err("the lease store is not in memory".to_owned());
            };
            let page = page.map_err(|error| error.to_string())?;
            page.iter().for_each(|lease| self.ledger.found(lease));
            match page.last() {
                Some(last) => after = Some(last.address()),
                None => return Ok(()),
            }
        }
    }
}

impl<L: Hooked> Companion for Recount<L> {
    fn begin(&self) {
        if self.ledger.interest().is_empty() || self.is_done.swap(true, Relaxed) {
            return;
        }
        self.ledger.recount();
        if let Err(reason) = self.go_through() {
            KOTARE_LIMITS_RECOUNT_FAILED(reason);
        }
        self.ledger.recounted();
    }

    fn end(&self) {}

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl Observer4 for Recount<Lease4> {
    fn lease4(&self, event: &LeaseEvent4<'_>) {
        self.told(event);
    }
}

impl Observer6 for Recount<Lease6> {
    fn lease6(&self, event: &LeaseEvent6<'_>) {
        self.told(event);
    }
}

impl<L: Hooked> fmt::Debug for Recount<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recount").field(&self.ledger).finish()
    }
}
