//! Who runs the script: a thread with a bounded queue before it.

use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use serde_json::{Map, Value as Json};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::sleep;

use super::messages::*;
use super::variables::Variables;
use crate::Companion;

/// So many runs wait at most: some megabytes.
const MOST: usize = 8192;
/// So many scripts run at a time.
const AT_A_TIME: usize = 32;
/// A script that takes longer is ended, or else one that hangs would some day keep all others from being run.
const LONGEST: Duration = Duration::from_secs(300);
/// How long the end of a configuration waits until what it was told is run.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a script is run for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Its only argument.
    pub(super) point: &'static str,
    /// Its whole environment.
    pub(super) variables: Variables,
}

/// The way to the thread, which ends with it.
pub(super) struct Runner {
    runs: mpsc::Sender<Run>,
    /// Where the thread is going to take them from; nothing once it does.
    untaken: Mutex<Option<mpsc::Receiver<Run>>>,
    shared: Arc<Shared>,
}

struct Shared {
    script: PathBuf,
    runtime: Handle,
    /// How many runs wait.
    waiting: Mutex<usize>,
    /// None waits any more.
    emptied: Condvar,
    /// How many found no room since the thread was here.
    lost: AtomicU64,
    /// The script could not be run the last time.
    is_failing: AtomicBool,
    /// Nothing is run any more.
    is_over: AtomicBool,
}

impl Runner {
    /// Who is going to run a script, once a configuration wants it.
    pub(super) fn new(script: PathBuf, runtime: Handle) -> Self {
        let (runs, untaken) = mpsc::channel(MOST);
        let shared = Shared {
            script,
            runtime,
            waiting: Mutex::default(),
            emptied: Condvar::new(),
            lost: AtomicU64::new(0),
            is_failing: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        };
        Self { runs, untaken: Mutex::new(Some(untaken)), shared: Arc::new(shared) }
    }

    /// The script.
    pub(super) fn script(&self) -> &PathBuf {
        &self.shared.script
    }

    /// Has it run, behind what waits already. Waits for nobody.
    pub(super) fn run(&self, run: Run) {
        let shared = &self.shared;
        *shared.waiting.lock() += 1;
        if self.runs.try_send(run).is_err() {
            shared.begun();
            if shared.lost.fetch_add(1, Relaxed) == 0 {
                KOTARE_RUN_SCRIPT_LOSES_RUNS(MOST, shared.script.display());
            }
        }
    }

    /// Runs a script that has ended when `too_long` has, with all that it started.
    #[cfg(test)]
    pub(super) async fn attend(&self, run: &Run, too_long: impl Future<Output = ()>) {
        let child = self.shared.command(run).spawn().expect("it can be run");
        self.shared.attend(child, run.point, too_long).await;
    }

    /// The runs that wait, of which then none is run.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> Vec<Run> {
        let mut untaken = self.untaken.lock();
        let untaken = untaken.as_mut().expect("no thread takes them");
        std::iter::from_fn(|| untaken.try_recv().ok()).collect()
    }
}

impl Shared {
    /// Runs what comes, each when there is room for it.
    fn serve(self: &Arc<Self>, mut runs: mpsc::Receiver<Run>) {
        let _here = self.runtime.enter();
        // Scripts inherit it: otherwise those that run at a time would leave clients one turn in as many as there are. Where it
        // is not allowed they are run all the same.
        let _ = kotare_net::come_last();
        let room = Arc::new(Semaphore::new(AT_A_TIME));
        while let Some(run) = runs.blocking_recv() {
            match self.lost.swap(0, Relaxed) {
                0 => {}
                lost => KOTARE_RUN_SCRIPT_LOST_RUNS(lost, self.script.display()),
            }
            // Nobody closes it.
            let Ok(place) = self.runtime.block_on(room.clone().acquire_owned()) else { return };
            match self.is_over.load(Relaxed) {
                true => _ = self.lost.fetch_add(1, Relaxed),
                false => self.start(run, place),
            }
            self.begun();
        }
        match self.lost.load(Relaxed) {
            0 => {}
            lost => KOTARE_RUN_SCRIPT_LOST_RUNS(lost, self.script.display()),
        }
    }

    /// Starts the script; its place is free when it has ended.
    fn start(self: &Arc<Self>, run: Run, place: OwnedSemaphorePermit) {
        match self.command(&run).spawn() {
            Ok(child) => {
                self.is_failing.store(false, Relaxed);
                let shared = self.clone();
                self.runtime.spawn(async move {
                    shared.attend(child, run.point, sleep(LONGEST)).await;
                    drop(place);
                });
            }
            Err(error) => {
                if !self.is_failing.swap(true, Relaxed) {
                    KOTARE_RUN_SCRIPT_FAILED(self.script.display(), run.point, error);
                }
            }
        }
    }

    fn command(&self, run: &Run) -> Command {
        let mut command = Command::new(&self.script);
        command.arg(run.point).env_clear().envs(run.variables.iter()).stdin(Stdio::null());
        // What it starts is of its group, and ends with it.
        command.process_group(0);
        command
    }

    /// Waits until a script has ended, and ends it with all that it started when that takes `too_long`.
    async fn attend(&self, mut child: Child, point: &str, too_long: impl Future<Output = ()>) {
        let script = self.script.display();
        let ended = tokio::select! {
            ended = child.wait() => Some(ended),
            () = too_long => None,
        };
        match ended {
            Some(Ok(status)) => KOTARE_RUN_SCRIPT_ENDED(point, script, status),
            Some(Err(error)) => KOTARE_RUN_SCRIPT_ENDED(point, script, format_args!("an error: {error}")),
            None => {
                KOTARE_RUN_SCRIPT_TOO_SLOW(script, point, LONGEST.as_secs());
                // One that cannot be ended has ended, or is of another user: its place is free either way.
                if let Some(group) = child.id() {
                    let _ = kotare_net::end_group(group);
                }
                let _ = child.kill().await;
            }
        }
    }

    /// One that waited waits no more.
    fn begun(&self) {
        let mut waiting = self.waiting.lock();
        *waiting -= 1;
        if *waiting == 0 {
            self.emptied.notify_all();
        }
    }
}

impl Companion for Runner {
    fn begin(&self) {
        let Some(untaken) = self.untaken.lock().take() else { return };
        let shared = self.shared.clone();
        let started = thread::Builder::new().name("run-script".into()).spawn(move || shared.serve(untaken));
        if let Err(error) = started {
            let reason = format!("no thread can be started for it: {error}");
            KOTARE_RUN_SCRIPT_FAILED(self.shared.script.display(), "any hook point", reason);
        }
    }

    /// What was told is run before, but that is not waited for without end. Scripts go on by themselves.
    fn end(&self) {
        let mut waiting = self.shared.waiting.lock();
        self.shared.emptied.wait_while_for(&mut waiting, |waiting| *waiting > 0, PATIENCE);
        self.shared.is_over.store(true, Relaxed);
    }

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runner").field(&self.shared.script).finish()
    }
}
