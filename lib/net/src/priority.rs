//! A place at the end of the queue, for the disks and for processors.
//!
//! Nothing about networks: it takes raw system calls, and those are made in this crate only.

use std::io;
use std::time::Duration;

use crate::sys;

/// Lets every other process go first at the disks; for work in the background. New threads inherit it.
///
/// # Errors
/// When the kernel does not allow it; the process goes on as before.
pub fn idle_io() -> io::Result<()> {
    sys::idle_io()
}

/// How far threads stand back whose work can wait (`nice`). With others beside them that never rest they get a third of a
/// processor.
const NICENESS: i32 = 3;

/// Their turns, which are as short as can be, so that who wakes up to answer a client waits no longer. Many kernels look every few
/// milliseconds whether a turn is over: whoever goes on for as long gives way himself ([`std::thread::yield_now`]).
const TURN: Duration = Duration::from_micros(100);

/// Has the calling thread stand back behind those that answer clients.
///
/// # Errors
/// When the kernel does not allow it; the thread is as fast as others.
pub fn stand_back() -> io::Result<()> {
    sys::schedule(NICENESS, TURN)
}

#[cfg(test)]
mod tests {
    /// The kernel keeps how far a thread stands back.
    #[test]
    fn threads_stand_back() {
        let niceness = std::thread::spawn(|| {
            super::stand_back().unwrap();
            rustix::process::getpriority_process(None).unwrap()
        });
        assert_eq!(niceness.join().unwrap(), super::NICENESS);
    }

    /// The kernel keeps the class: 3 is "idle", in the upper bits.
    #[test]
    fn the_idle_class_is_taken() {
        let class = std::thread::spawn(|| {
            super::idle_io().unwrap();
            super::sys::io_priority().unwrap() >> 13
        });
        assert_eq!(class.join().unwrap(), 3);
    }
}
