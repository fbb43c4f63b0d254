//! Signals to programs of a world.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Sends `SIG<name>` to the process `pid`; panics if that is not possible.
pub fn send(pid: u32, name: &str) {
    let signal: Signal = format!("SIG{name}").parse().expect("a signal's name");
    let pid = i32::try_from(pid).expect("a process id");
    kill(Pid::from_raw(pid), signal).unwrap_or_else(|error| panic!("send SIG{name} to {pid}: {error}"));
}
