//! What the system says of this process.

use std::time::Duration;

use procfs::process::{LimitValue, Process};
use procfs::{ProcError, page_size, ticks_per_second};

/// What a process takes of the system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// The processor time it has had, of all its threads.
    pub cpu: Duration,
    /// Its memory that is in the machine's, in bytes.
    pub resident: u64,
    /// Its memory as it sees it, in bytes.
    pub virtual_size: u64,
    /// How many files it has open.
    pub open_files: u64,
    /// How many it may have, if there is a limit.
    pub most_open_files: Option<u64>,
    /// How many threads it has.
    pub threads: u64,
}

impl Figures {
    /// Those of this process now; nothing where the system does not tell.
    pub fn read() -> Option<Self> {
        Self::of(&Process::myself().ok()?).ok()
    }

    fn of(process: &Process) -> Result<Self, ProcError> {
        let stat = process.stat()?;
        let ticks = Duration::from_secs(stat.utime + stat.stime);
        let limits = process.limits()?;
        Ok(Self {
            cpu: ticks / u32::try_from(ticks_per_second()).unwrap_or(100).max(1),
            resident: stat.rss * page_size(),
            virtual_size: stat.vsize,
            open_files: process.fd_count()? as u64,
            most_open_files: match limits.max_open_files.soft_limit {
                LimitValue::Value(limit) => Some(limit),
                LimitValue::Unlimited => None,
            },
            threads: u64::try_from(stat.num_threads).unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// They are this process' own: it runs, in memory, with files and threads.
    #[test]
    fn this_process_has_figures() {
        let figures = Figures::read().expect("Linux tells");
        assert!(figures.resident > 100_000 && figures.virtual_size >= figures.resident, "{figures:?}");
        assert!(figures.open_files >= 3 && figures.threads >= 1, "{figures:?}");
        assert!(figures.most_open_files.is_none_or(|most| most >= figures.open_files), "{figures:?}");
    }
}
