//! Waking a worker that waits for packets.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys;

/// Wakes the worker that waits in [`crate::Port4::wait`], from any thread; cheap to clone.
///
/// Any number of wakes before the worker looks are one wake. What was written before [`Waker::wake`] is
/// visible to the worker once its `wait` says `woken`.
#[derive(Clone, Debug)]
pub struct Waker(Arc<Bell>);

#[derive(Debug)]
struct Bell {
    /// Rung and not yet heard: lets a busy worker hear it without a system call.
    rung: AtomicBool,
    eventfd: OwnedFd,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(Bell { rung: AtomicBool::new(false), eventfd: sys::eventfd()? })))
    }

    /// Makes the worker's current or next [`crate::Port4::wait`] return with `woken`.
    pub fn wake(&self) {
        if !self.0.rung.swap(true, Ordering::AcqRel) {
            // An eventfd write fails only when its 64-bit counter is full; then it is readable anyway.
            let _ = sys::write(self.0.eventfd.as_fd(), &1_u64.to_ne_bytes());
        }
    }

    /// Whether it was rung since the last call. Costs an atomic read when not.
    pub(crate) fn heard(&self) -> bool {
        if !self.0.rung.load(Ordering::Acquire) {
            return false;
        }
        // Empty the eventfd before clearing the flag: a wake in between leaves the flag set, needs no event,
        // and is answered by this very return.
        let _ = sys::read(self.0.eventfd.as_fd(), &mut [0; 8]);
        self.0.rung.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.eventfd.as_fd()
    }
}
