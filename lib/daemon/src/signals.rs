//! The signals a daemon answers to, as a stream of values.
//!
//! Standard error and broken pipes need nothing here: the Rust runtime ignores SIGPIPE before `main`, so
//! writing to a closed socket or pipe is an error value.

use std::{fmt, io};

use tokio::signal::unix::{self, SignalKind};

/// What the daemon is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: stop in order.
    Terminate,
    /// SIGINT: stop in order.
    Interrupt,
    /// SIGHUP: read the configuration file again.
    Reload,
}

/// The stream of signals that arrive from when it was made. From then on they have no other effect.
#[derive(Debug)]
pub struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
    hangup: unix::Signal,
}

impl Signals {
    /// Begins to listen; to be called inside a tokio runtime. Worker threads, which [`crate::Workers`] spawns
    /// with all signals blocked, are never interrupted.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            hangup: unix::signal(SignalKind::hangup())?,
        })
    }

    /// The next signal; signals of one kind that arrive before it is asked for count once. Stopping goes
    /// before reloading. Cancel safe.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }
}

impl Signal {
    /// The system's number.
    pub fn number(self) -> i32 {
        match self {
            Self::Terminate => SignalKind::terminate(),
            Self::Interrupt => SignalKind::interrupt(),
            Self::Reload => SignalKind::hangup(),
        }
        .as_raw_value()
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::Reload => "SIGHUP",
        })
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::{Signal as System, raise};

    use super::*;

    /// Signals become values; when several wait, stopping comes first.
    #[tokio::test]
    async fn signals_are_values() {
        let mut signals = Signals::listen().unwrap();
        raise(System::SIGHUP).unwrap();
        assert_eq!(signals.next().await, Signal::Reload);
        raise(System::SIGHUP).unwrap();
        raise(System::SIGINT).unwrap();
        assert_eq!(signals.next().await, Signal::Interrupt);
        assert_eq!(signals.next().await, Signal::Reload);
        raise(System::SIGTERM).unwrap();
        let signal = signals.next().await;
        assert_eq!((signal, signal.number(), signal.to_string()), (Signal::Terminate, 15, "SIGTERM".into()));
    }

    /// Writing to a pipe nobody reads is an error, not the end.
    #[test]
    fn a_broken_pipe_is_an_error_value() {
        let (reader, mut writer) = io::pipe().unwrap();
        drop(reader);
        let error = io::Write::write(&mut writer, b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
