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

/// How far those stand back whom nobody waits for: as far as can be, like the cleanup of lease files.
const LAST: i32 = 19;

/// Has the calling thread come last, and the programs that it starts: many of them at a time take little from those that answer
/// clients.
///
/// # Errors
/// When the kernel does not allow it; they are as fast as others.
pub fn come_last() -> io::Result<()> {
    Ok(rustix::process::setpriority_process(None, LAST)?)
}

/// Ends the programs of a group at once (`SIGKILL`); `group` is the number of the process that is its first.
///
/// # Errors
/// When none of them is left, or none is this user's.
pub fn end_group(group: u32) -> io::Result<()> {
    let group = i32::try_from(group).ok().and_then(rustix::process::Pid::from_raw);
    let group = group.ok_or(io::ErrorKind::InvalidInput)?;
    Ok(rustix::process::kill_process_group(group, rustix::process::Signal::KILL)?)
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

    /// Programs of a thread that comes last come last.
    #[test]
    fn programs_come_last() {
        let nice = std::thread::spawn(|| {
            super::come_last().unwrap();
            std::process::Command::new("nice").output().unwrap().stdout
        });
        assert_eq!(nice.join().unwrap(), b"19\n");
    }

    /// Nobody of a group is left, and nobody else is ended.
    #[test]
    fn a_group_ends() {
        use std::io::Read;
        use std::os::unix::process::CommandExt;
        use std::process::{Command, Stdio};

        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo; wait"]).stdout(Stdio::piped()).process_group(0);
        let mut shell = command.spawn().unwrap();
        let mut said = shell.stdout.take().unwrap();
        said.read_exact(&mut [0]).unwrap();
        super::end_group(shell.id()).unwrap();
        assert_eq!(said.read(&mut [0]).unwrap(), 0, "who slept had the other end, too");
        assert!(!shell.wait().unwrap().success());
        assert!(super::end_group(0).is_err());
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
