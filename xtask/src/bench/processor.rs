//! A processor of its own for what is on a machine of its own outside of a bench.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::run::Done;

/// Does something from which programs are started that run on one processor, the one of this number among those that
/// there are; they take the machine for one that has no other.
pub(super) fn on<T>(number: usize, act: impl FnOnce() -> Done<T>) -> Done<T> {
    let (own, all) = (Pid::from_raw(0), sched_getaffinity(Pid::from_raw(0))?);
    let there = (0..CpuSet::count()).filter(|processor| all.is_set(*processor).unwrap_or(false));
    let processor = there.clone().cycle().nth(number).ok_or("there is no processor")?;
    let mut one = CpuSet::new();
    one.set(processor)?;
    sched_setaffinity(own, &one)?;
    let done = act();
    sched_setaffinity(own, &all)?;
    done
}
