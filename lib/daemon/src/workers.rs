//! Plain threads that serve until they are told to stop.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

use nix::sys::signal::SigSet;
use parking_lot::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::Clock;
use crate::logging::messages::KOTARE_WORKER_PANIC;

/// A set of threads, one for each part of the work.
#[derive(Debug)]
pub struct Workers {
    threads: Vec<JoinHandle<()>>,
    stop: Stop,
    /// The index of each thread that is about to end.
    /// Locked only to make this `Sync`; [`Workers::join`] alone reads it.
    ended: Mutex<mpsc::Receiver<usize>>,
    failures: UnboundedReceiver<String>,
}

/// The flag that asks threads to stop; clones are the same flag.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// How stopping went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopReport {
    /// Names of the threads that had not ended in time; they are left to the end of the process.
    pub stuck: Vec<String>,
}

impl Workers {
    /// Spawns a thread for each of `parts`, named `<name>-0` and so on (names of up to 15 bytes show in full
    /// in the system's tools). Every thread has all signals blocked.
    ///
    /// `body` returns when it sees the [`Stop`] flag. A panic in it is caught and logged, and sets the flag
    /// for all; see [`Workers::failure`].
    pub fn spawn<P: Send + 'static>(
        name: &str,
        parts: impl IntoIterator<Item = P>,
        body: impl Fn(P, &Stop) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (body, stop) = (Arc::new(body), Stop::default());
        let (ended_sender, ended) = mpsc::channel();
        let (failures_sender, failures) = unbounded_channel();
        let mut workers = Self { threads: Vec::new(), stop, ended: Mutex::new(ended), failures };
        for (index, part) in parts.into_iter().enumerate() {
            let name = format!("{name}-{index}");
            let (body, stop) = (body.clone(), workers.stop.clone());
            let (ended, failures) = (ended_sender.clone(), failures_sender.clone());
            let thread = move || {
                let _ = SigSet::all().thread_block();
                run(part, &*body, &stop, &failures);
                let _ = ended.send(index);
            };
            let spawned = thread::Builder::new().name(name).spawn(thread);
            match spawned {
                Ok(handle) => workers.threads.push(handle),
                Err(error) => {
                    workers.stop.set();
                    return Err(error);
                }
            }
        }
        Ok(workers)
    }

    /// The flag, for whoever else has to know of the end.
    pub fn stop_flag(&self) -> &Stop {
        &self.stop
    }

    /// The panic of a thread that was not told before: its name and what it said.
    pub fn failure(&mut self) -> Option<String> {
        self.failures.try_recv().ok()
    }

    /// Whether all threads have ended, be it because they were asked to or by themselves.
    pub fn have_ended(&self) -> bool {
        self.threads.iter().all(JoinHandle::is_finished)
    }

    /// Asks all threads to stop. Whoever sleeps in a system call must be woken by its own means.
    pub fn stop(&self) {
        self.stop.set();
    }

    /// Asks all threads to stop and waits for them, at most `limit` by `clock` in all. Must be awaited within a tokio
    /// runtime, which goes on meanwhile.
    pub async fn join(self, clock: &Clock, limit: Duration) -> StopReport {
        self.stop.set();
        let clock = clock.clone();
        // A runtime that ends has nobody left to tell.
        tokio::task::spawn_blocking(move || self.wait(&clock, limit)).await.unwrap_or_default()
    }

    fn wait(mut self, clock: &Clock, limit: Duration) -> StopReport {
        let deadline = clock.moment() + limit;
        let ended = self.ended.get_mut();
        let mut running: Vec<_> = mem::take(&mut self.threads).into_iter().map(Some).collect();
        for _ in 0..running.len() {
            let Ok(index) = ended.recv_timeout(deadline.since(clock.moment())) else { break };
            if let Some(thread) = running[index].take() {
                // A panic was caught and reported inside the thread.
                let _ = thread.join();
            }
        }
        let name = |thread: JoinHandle<()>| thread.thread().name().map(str::to_owned);
        StopReport { stuck: running.into_iter().flatten().filter_map(name).collect() }
    }
}

/// Threads nobody joins are at least asked to stop.
impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.set();
    }
}

impl Stop {
    /// True once the threads shall stop. A load; cheap enough for every batch.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Asks the threads to stop.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl StopReport {
    /// True when every thread ended in time.
    pub fn all_ended(&self) -> bool {
        self.stuck.is_empty()
    }
}

fn run<P>(part: P, body: &impl Fn(P, &Stop), stop: &Stop, failures: &UnboundedSender<String>) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(part, stop))) else { return };
    stop.set();
    let name = thread::current().name().unwrap_or("worker").to_owned();
    let reason = panic_text(&*panic);
    KOTARE_WORKER_PANIC(&name, reason);
    let _ = failures.send(format!("thread {name} failed: {reason}"));
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn until(stop: &Stop) {
        while !stop.is_set() {
            thread::yield_now();
        }
    }

    /// Each part gets its own named thread; stopping ends them all.
    #[tokio::test]
    async fn threads_are_named_and_stop_when_asked() {
        let sum = Arc::new(AtomicU32::new(0));
        let seen = sum.clone();
        let workers = Workers::spawn("w", [1, 10, 100], move |part: u32, stop| {
            let index = [1, 10, 100].iter().position(|&p| p == part).unwrap();
            assert_eq!(thread::current().name(), Some(format!("w-{index}").as_str()));
            until(stop);
            seen.fetch_add(part, Ordering::AcqRel);
        })
        .unwrap();
        assert!(workers.join(&Clock::system(), LIMIT).await.all_ended());
        assert_eq!(sum.load(Ordering::Acquire), 111);
    }

    /// A panic in one thread is told with its reason, and stops the others.
    #[tokio::test]
    async fn a_panic_is_reported_and_stops_all() {
        let body = |part: u32, stop: &Stop| match part {
            1 => panic!("part {part} is broken"),
            _ => until(stop),
        };
        let mut workers = Workers::spawn("p", [0, 1, 2], body).unwrap();
        let failure = loop {
            match workers.failure() {
                Some(failure) => break failure,
                None => thread::yield_now(),
            }
        };
        assert_eq!(failure, "thread p-1 failed: part 1 is broken");
        assert!(workers.stop_flag().is_set());
        assert!(workers.join(&Clock::system(), LIMIT).await.all_ended());
    }

    /// A thread that does not end is named, and does not hold up the end for longer than the limit.
    #[tokio::test]
    async fn a_stuck_thread_is_named() {
        let (release, wait) = mpsc::channel::<()>();
        let parts = [Some(wait), None];
        let workers = Workers::spawn("s", parts, |part, stop| {
            until(stop);
            if let Some(wait) = part {
                let _ = wait.recv();
            }
        })
        .unwrap();
        let report = workers.join(&Clock::system(), Duration::from_millis(200)).await;
        assert_eq!(report.stuck, ["s-0"]);
        drop(release);
    }
}
