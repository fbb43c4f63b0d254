//! Waking a worker that waits for packets.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};

use crate::sys;

/// Wakes one worker, from any thread; cheap to clone.
///
/// The worker waits in [`crate::Port4::wait`] or, where there are no sockets to watch, for example behind a simulated
/// port, in [`Waker::wait`]. Any number of wakes before the worker looks are one wake. What was written before
/// [`Waker::wake`] is visible to the worker once its wait says that it was woken.
#[derive(Clone, Debug)]
pub struct Waker(Arc<Bell>);

#[derive(Debug)]
struct Bell {
    /// Rung and not yet heard: lets a busy worker hear it without a system call.
    rung: AtomicBool,
    eventfd: OwnedFd,
}

impl Waker {
    /// A bell that has not rung.
    ///
    /// # Errors
    /// When the system is out of file descriptors.
    pub fn new() -> io::Result<Self> {
        let eventfd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self(Arc::new(Bell { rung: AtomicBool::new(false), eventfd })))
    }

    /// Makes the worker's current or next wait return.
    pub fn wake(&self) {
        if !self.0.rung.swap(true, Ordering::AcqRel) {
            // An eventfd write fails only when its 64-bit counter is full; then it is readable anyway.
            let _ = rustix::io::write(&self.0.eventfd, &1_u64.to_ne_bytes());
        }
    }

    /// Waits until it is rung (`true`) or `timeout` has passed (`false`; `None`: no limit). For the one worker that it
    /// wakes.
    ///
    /// # Errors
    /// When the system cannot wait; an interrupting signal is not an error.
    pub fn wait(&self, timeout: Option<Duration>) -> io::Result<bool> {
        Ok(self.heard() || (sys::wait_readable(self.fd(), timeout)? && self.heard()))
    }

    /// Whether it was rung since the last call or wait; for the one worker that it wakes. Costs an atomic read when not.
    pub fn heard(&self) -> bool {
        if !self.0.rung.load(Ordering::Acquire) {
            return false;
        }
        // Empty the eventfd before clearing the flag: a wake in between leaves the flag set, needs no event,
        // and is answered by this very return.
        let _ = rustix::io::read(&self.0.eventfd, &mut [0; 8]);
        self.0.rung.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.eventfd.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// A wait ends with a ring, also one that came before; and however often it was rung, it is heard once.
    #[test]
    fn a_wait_ends_with_a_ring() {
        let waker = Waker::new().unwrap();
        assert!(!waker.wait(Some(Duration::ZERO)).unwrap());
        waker.wake();
        waker.wake();
        assert!(waker.wait(None).unwrap());
        assert!(!waker.wait(Some(Duration::ZERO)).unwrap());
        let other = waker.clone();
        let thread = thread::spawn(move || other.wake());
        assert!(waker.wait(None).unwrap());
        thread.join().unwrap();
        assert!(!waker.heard());
    }
}
