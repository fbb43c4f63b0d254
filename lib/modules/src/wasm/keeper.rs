//! A module over all configurations that have it: what it did, and whether it is asked.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};

use kotare_wasm::{Code, Failure, LoadError, Module, Point};
use serde_json::{Map, Value as Json, json};
use tokio::runtime::Handle;

use super::Asking;
use super::messages::*;
use super::settings::Settings;
use super::verdict::Fault;
use crate::aside::later;
use crate::{Companion, Environment, Hooked, ServerLink};

/// The keyword of `status-get`.
const STATUS: &str = "third-party-modules";

/// A module and what became of it.
pub(super) struct Keeper<L: Hooked> {
    /// The name of its file.
    name: Box<str>,
    /// What is in that.
    bytes: Vec<u8>,
    settings: Settings,
    module: Module,
    /// How often it was asked.
    calls: AtomicU64,
    /// How often there was no answer, or one that cannot be.
    failures: AtomicU64,
    /// How often in a row.
    row: AtomicU32,
    /// How many messages it had dropped.
    drops: AtomicU64,
    /// Whether it is not asked for a while.
    is_aside: AtomicBool,
    /// Whether none of its instances was ready when it was asked last, which was told.
    is_short: AtomicBool,
    runtime: Handle,
    server: ServerLink<L, L::Engine>,
}

impl<L: Asking> Keeper<L> {
    /// The module of what is in a file of this name.
    pub(super) fn load(
        name: &str,
        bytes: Vec<u8>,
        settings: Settings,
        environment: &Environment<L, L::Engine>,
    ) -> Result<Self, LoadError> {
        let own: Box<str> = name.into();
        let log = Arc::new(move |text: &str| KOTARE_WASM_SAYS(&own, text));
        let (runtime, server) = (environment.runtime.clone(), environment.server.clone());
        let threads = runtime.clone();
        let setup = settings.setup(L::SPOKEN, log, Arc::new(move |work| later(&threads, work)));
        let module = Module::load(&bytes, setup)?;
        KOTARE_WASM_LOADED(name, bytes.len(), words_of(module.code()), PointsText(module.points()));
        let (calls, failures, row, drops, is_aside, is_short) = Default::default();
        let name = name.into();
        Ok(Self {
            name,
            bytes,
            settings,
            module,
            calls,
            failures,
            row,
            drops,
            is_aside,
            is_short,
            runtime,
            server,
        })
    }

    /// Makes so many instances ready.
    pub(super) fn keep(&self, count: usize) -> Result<(), LoadError> {
        self.module.keep(count).map_err(LoadError::Failed)
    }

    /// Whether it is the module of these bytes, and configured so.
    pub(super) fn is_of(&self, bytes: &[u8], settings: &Settings) -> bool {
        self.settings == *settings && self.bytes == bytes
    }

    /// Where it wants to be asked.
    pub(super) fn points(&self) -> &[Point] {
        self.module.points()
    }

    /// Asks it at a point about a message, if it can be asked.
    pub(super) fn ask<T>(
        self: &Arc<Self>,
        point: &'static str,
        query: &dyn fmt::Display,
        ask: impl FnOnce(&Module) -> Result<T, Fault>,
    ) -> Option<T> {
        if self.is_aside.load(Relaxed) {
            return None;
        }
        self.calls.fetch_add(1, Relaxed);
        match ask(&self.module) {
            Ok(answer) => {
                if self.row.load(Relaxed) > 0 {
                    self.row.store(0, Relaxed);
                }
                if self.is_short.load(Relaxed) {
                    self.is_short.store(false, Relaxed);
                }
                Some(answer)
            }
            Err(fault @ Fault::Failed(Failure::NotReady)) => {
                // As many messages may come as it takes time to make one.
                if !self.is_short.swap(true, Relaxed) {
                    KOTARE_WASM_FAILED(query, &self.name, point, fault);
                }
                self.counted();
                None
            }
            Err(fault) => {
                KOTARE_WASM_FAILED(query, &self.name, point, fault);
                self.failed();
                None
            }
        }
    }

    /// It had a message dropped, unless it was only asked what would become of that.
    pub(super) fn dropped(&self, is_rehearsed: bool) {
        if !is_rehearsed {
            self.drops.fetch_add(1, Relaxed);
        }
    }

    /// An option has no room in a reply.
    pub(super) fn no_room(&self, query: &dyn fmt::Display, code: u16, reason: impl fmt::Display) {
        KOTARE_WASM_NO_ROOM(query, &self.name, code, reason);
    }

    /// It gave no answer, or one that cannot be.
    fn counted(&self) {
        self.failures.fetch_add(1, Relaxed);
        if let Some(server) = self.server.get() {
            let name = format!("wasm[{}].failures", self.name);
            server.statistics().add_reported(&name, 1, server.since_epoch());
        }
    }

    /// It failed itself.
    fn failed(self: &Arc<Self>) {
        self.counted();
        let row = self.row.fetch_add(1, Relaxed) + 1;
        if self.settings.failures == 0 || row < self.settings.failures || self.is_aside.swap(true, Relaxed) {
            return;
        }
        KOTARE_WASM_SET_ASIDE(&self.name, row, self.settings.aside.as_secs());
        let (keeper, time) = (Arc::downgrade(self), self.settings.aside);
        self.runtime.spawn(async move {
            tokio::time::sleep(time).await;
            if let Some(keeper) = keeper.upgrade() {
                keeper.row.store(0, Relaxed);
                keeper.is_aside.store(false, Relaxed);
                KOTARE_WASM_BACK(&keeper.name);
            }
        });
    }
}

impl<L: Hooked> Companion for Keeper<L> {
    fn begin(&self) {}

    fn end(&self) {}

    fn report(&self, status: &mut Map<String, Json>) {
        let own = json!({
            "library": &*self.name,
            "code": words_of(self.module.code()),
            "points": PointsText(self.module.points()).to_string(),
            "set-aside": self.is_aside.load(Relaxed),
            "calls": self.calls.load(Relaxed),
            "failures": self.failures.load(Relaxed),
            "drops": self.drops.load(Relaxed),
        });
        let list = status.entry(STATUS).or_insert_with(|| json!([]));
        list.as_array_mut().into_iter().for_each(|list| list.push(own.clone()));
    }
}

fn words_of(code: Code) -> &'static str {
    match code {
        Code::Native => "machine code",
        Code::Interpreted => "interpreted code",
    }
}

/// Points in words.
struct PointsText<'a>(&'a [Point]);

impl fmt::Display for PointsText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|point| match point {
            Point::Received => "received",
            Point::Subnet => "subnet",
            Point::Lease => "lease",
            Point::Reply => "reply",
        });
        let names: Vec<_> = names.collect();
        f.write_str(&names.join(", "))
    }
}

impl<L: Hooked> fmt::Debug for Keeper<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("name", &self.name)
            .field("module", &self.module)
            .finish_non_exhaustive()
    }
}
