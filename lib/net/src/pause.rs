//! A moment shorter than what an event loop tells apart.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;

use crate::sys;

/// A timer for moments of which tokio, whose timers have milliseconds, would make several times as much.
#[derive(Debug)]
pub struct Pause(AsyncFd<OwnedFd>);

impl Pause {
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the system is out of file descriptors.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self(sys::register(timer)?))
    }

    /// Lets a moment pass, of less than a second. May be given up and called again.
    ///
    /// # Errors
    /// When the system refuses it.
    pub async fn pass(&mut self, moment: Duration) -> io::Result<()> {
        let none = Timespec { tv_sec: 0, tv_nsec: 0 };
        // Nothing would not go off at all.
        let once = Timespec { tv_sec: 0, tv_nsec: moment.subsec_nanos().max(1).into() };
        let timer = Itimerspec { it_interval: none, it_value: once };
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &timer)?;
        let read = |timer: &OwnedFd| -> io::Result<usize> { Ok(rustix::io::read(timer, &mut [0; 8])?) };
        loop {
            // It may have gone off for a moment that was given up; then there is nothing to read.
            if let Ok(passed) = self.0.readable().await?.try_io(|timer| read(timer.get_ref())) {
                return passed.map(drop);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    /// A moment passes, and no more than that; one that was given up does not shorten the next.
    #[tokio::test]
    async fn moments_pass() {
        let mut pause = Pause::new().unwrap();
        let moment = Duration::from_millis(20);
        assert!(timeout(Duration::from_millis(1), pause.pass(moment)).await.is_err());
        for moment in [moment, Duration::ZERO, moment] {
            let begun = Instant::now();
            pause.pass(moment).await.unwrap();
            assert!(begun.elapsed() >= moment);
        }
    }
}
