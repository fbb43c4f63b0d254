//! `libdhcp_run_script.so`: a script is told what becomes of leases (manual, "Run Script Support for External Hook
//! Scripts").
//!
//! It is run with the name of a hook point as its only argument, and with what there is to know in its environment. No
//! message waits for it: what it is to be told goes into a bounded queue, and a thread runs it, some at a time.
//!
//! - `parameters`: what is configured.
//! - `v4`, `v6`: the hook points, and what a script is told at each.
//! - `variables`: its environment.
//! - `runner`: the queue and the thread.

mod messages;
mod parameters;
mod runner;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests6;
mod v4;
mod v6;
mod variables;

use std::fmt;
use std::sync::Arc;

use kotare_config::Process;
use kotare_config::json::Diagnostics;
use kotare_engine::hooks::{LeaseChange, LeaseEvent};
use kotare_model::LeaseState;
use serde_json::{Map, Value as Json};

use self::messages::*;
use self::runner::{Run, Runner};
use self::variables::Variables;
use crate::turn::Turn;
use crate::{Around, Companion, Entry, Hooked, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "run_script",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| RUN_SCRIPT_LOAD_ERROR(reason),
    loaded: || RUN_SCRIPT_LOAD(),
    unloaded: || RUN_SCRIPT_UNLOAD(),
    v4: Some(module()),
    v6: Some(module()),
};

const fn module<L: Told>() -> Module<L> {
    Module { judge: parameters::judge, judge_here: parameters::judge_here, build, ..Module::NOTHING }
}

/// A family of whose leases a script is told. There are two of them.
trait Told: Hooked {
    /// The hook point of leases whose time is up.
    const EXPIRE: &str;
    /// The hook point of leases whose probation is over.
    const RECOVER: &str;
    /// What names of variables about a lease begin with.
    const LEASE: &str;
    /// The usual port of a server.
    const PORT: u16;

    /// The port that messages come to.
    fn port(engine: &Self::Engine) -> u16;
    /// Sets what is told of a lease.
    fn describe(&self, prefix: &str, variables: &mut Variables);
    /// Has the module told of leases.
    fn register(hooks: &mut Self::Hooks, module: Arc<RunScript<Self>>);
}

/// The module of a configuration.
struct RunScript<L: Hooked> {
    runner: Arc<Runner>,
    server: ServerLink<L, L::Engine>,
    /// Whether leases are removed when they are reclaimed.
    removes: bool,
    /// Whether it has the script run for leases of nobody's message.
    turn: Turn,
}

fn build<L: Told>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let environment = around.environment;
    let Some(script) = parameters::script(entry, &*environment.places, diagnostics) else { return };
    let former = around.former::<RunScript<L>>(entry);
    let turn = Turn::after(former.as_ref().map(|former| &former.turn));
    let runner = match former.filter(|former| *former.runner.script() == script) {
        Some(former) => former.runner.clone(),
        None => Arc::new(Runner::new(script, environment.runtime.clone())),
    };
    let process: &Process = entry.config.as_ref();
    let removes = !process.expired_leases.keeps();
    let server = environment.server.clone();
    let module = Arc::new(RunScript { runner: runner.clone(), server, removes, turn });
    L::register(&mut modules.hooks, module.clone());
    modules.beside.companions.extend([runner as Arc<dyn Companion>, module.clone()]);
    modules.keep(entry, module);
}

impl<L: Told> RunScript<L> {
    /// Has the script run for a hook point with what `tell` sets.
    fn run(&self, point: &'static str, tell: impl FnOnce(&mut Variables)) {
        let mut variables = Variables::default();
        tell(&mut variables);
        self.runner.run(Run { point, variables });
    }

    /// The port that messages come to.
    fn port(&self) -> u16 {
        self.server.get().map_or(L::PORT, |server| L::port(server.serving().engine()))
    }

    /// What became of a lease whose time was up: it was reclaimed, or is a client's again before anybody got round to that.
    fn ended(&self, event: &LeaseEvent<'_, L>) {
        let Some(before) = event.before.filter(|_| self.turn.is_now()) else { return };
        let removes = match event.change {
            LeaseChange::Expired | LeaseChange::Forgotten | LeaseChange::Recovered => self.removes,
            _ if is_taken_over(event) => false,
            _ => return,
        };
        self.run(L::EXPIRE, |variables| {
            before.describe(L::LEASE, variables);
            variables.set("", "REMOVE_LEASE", removes);
        });
        if before.state() == LeaseState::Declined {
            self.run(L::RECOVER, |variables| before.describe(L::LEASE, variables));
        }
    }
}

/// Whether a client got what an expired lease was of that nobody had reclaimed.
fn is_taken_over<L: Told>(event: &LeaseEvent<'_, L>) -> bool {
    let (Some(before), Some(after), Some(_)) = (event.before, event.after, event.query) else { return false };
    after.state() == LeaseState::Assigned
        && before.state() != LeaseState::ExpiredReclaimed
        && before.expires() <= after.cltt()
}

impl<L: Told> Companion for RunScript<L> {
    fn take_over(&self) {
        self.turn.take();
    }

    fn begin(&self) {}

    fn end(&self) {}

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl<L: Hooked> fmt::Debug for RunScript<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunScript").field("runner", &self.runner).finish_non_exhaustive()
    }
}
