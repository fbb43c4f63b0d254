//! What the kernel accounts for a process that runs.

use std::fs;

/// Units of time in `/proc/<pid>/stat`: hundredths of a second on every architecture (`USER_HZ`).
const TICKS: f64 = 100.0;

/// Memory and processor time of a process at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Resident memory in MB (10⁶ bytes).
    pub(crate) resident: f64,
    /// The most resident memory since the program began, in MB.
    pub(crate) peak: f64,
    /// Time on processors, all threads, in seconds.
    pub(crate) cpu: f64,
}

/// What the process `pid` uses now; `None` when it has ended.
pub(crate) fn usage(pid: u32) -> Option<Usage> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kib = |name: &str| -> Option<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').split_whitespace().next()?.parse().ok()
    };
    let megabytes = |name| Some(kib(name)? * 1024.0 / 1e6);
    Some(Usage { resident: megabytes("VmRSS")?, peak: megabytes("VmHWM")?, cpu: cpu(pid)? })
}

/// Time on processors of all threads of a process, in seconds.
pub(crate) fn cpu(pid: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // A program's name, in parentheses, may contain anything; user and system time are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    Some((ticks(14)? + ticks(15)?) / TICKS)
}
