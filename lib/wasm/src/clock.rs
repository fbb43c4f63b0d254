//! Who interrupts a call that takes too long: a thread that moves the epoch of an engine on while calls are made, and sleeps
//! while there are none.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

/// How long an epoch is.
const TICK: Duration = Duration::from_millis(10);
/// After so many epochs without a call the thread goes to sleep: waking it for each would cost more than that.
const PATIENCE: u32 = 200;

/// The thread, which ends with it.
pub(crate) struct Clock {
    state: Arc<State>,
    thread: Thread,
}

#[derive(Default)]
struct State {
    /// How many calls are being made.
    calls: AtomicUsize,
    /// Whether the thread sleeps, or is going to.
    sleeps: AtomicBool,
    ended: AtomicBool,
}

/// A call that is being made.
pub(crate) struct Watched<'a>(&'a State);

impl Clock {
    /// Begins to count for an engine.
    pub(crate) fn start(engine: Engine) -> io::Result<Self> {
        let state = Arc::new(State::default());
        let own = state.clone();
        let thread = thread::Builder::new().name("wasm-clock".into()).spawn(move || own.count(&engine))?;
        Ok(Self { state, thread: thread.thread().clone() })
    }

    /// How many epochs end in `time`, at least; one more, as one has begun.
    pub(crate) fn epochs(time: Duration) -> u64 {
        u64::try_from(time.as_millis().div_ceil(TICK.as_millis())).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// A call begins.
    pub(crate) fn watch(&self) -> Watched<'_> {
        self.state.calls.fetch_add(1, SeqCst);
        if self.state.sleeps.load(SeqCst) {
            self.thread.unpark();
        }
        Watched(&self.state)
    }
}

impl State {
    fn count(&self, engine: &Engine) {
        let mut idle = 0;
        while !self.ended.load(SeqCst) {
            if self.calls.load(SeqCst) > 0 {
                idle = 0;
            } else if idle < PATIENCE {
                idle += 1;
            } else {
                self.sleeps.store(true, SeqCst);
                // A call that began before saw nobody sleep; one that begins now wakes the thread, even before it sleeps.
                if self.calls.load(SeqCst) == 0 && !self.ended.load(SeqCst) {
                    thread::park();
                }
                self.sleeps.store(false, SeqCst);
                idle = 0;
                continue;
            }
            thread::park_timeout(TICK);
            engine.increment_epoch();
        }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, SeqCst);
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.state.ended.store(true, SeqCst);
        self.thread.unpark();
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("calls", &self.state.calls.load(SeqCst)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What has begun counts as an epoch, and so does what is left.
    #[test]
    fn times_are_whole_epochs() {
        let epochs = |millis| Clock::epochs(Duration::from_millis(millis));
        assert_eq!([0, 1, 10, 11, 50].map(epochs), [1, 2, 2, 3, 6]);
        assert_eq!(Clock::epochs(Duration::MAX), u64::MAX);
    }
}
