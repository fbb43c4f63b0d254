//! Memory that is not used any more.
//!
//! Nothing about networks: it takes a function of the system's C library, and those are called in this crate only.

use crate::sys;

/// Gives memory back to the system that this process has freed.
///
/// What a thread allocated lies in places of its own, with what lives longer in between; when it ends, these stay with the
/// process for the threads that come after it, as many as there ever were at a time. It takes milliseconds, in which other
/// threads may have to wait for memory: it is for when something large has ended.
pub fn give_back_memory() {
    sys::trim_memory();
}

#[cfg(test)]
mod tests {
    use std::fs;

    /// The memory of this process, in kB.
    fn resident() -> usize {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Of what a thread had, only what is still used stays.
    #[test]
    #[cfg(target_env = "gnu")]
    fn what_a_thread_had_is_given_back() {
        const BLOCKS: usize = 4000;
        const SIZE: usize = 16 << 10;
        let allocate = || {
            // The small ones are in between, and stay.
            (0..BLOCKS).map(|_| (Some(vec![1_u8; SIZE]), vec![1_u8; 64])).collect::<Vec<_>>()
        };
        let mut all = std::thread::spawn(allocate).join().unwrap();
        let before = resident();
        all.iter_mut().for_each(|(large, _)| drop(large.take()));
        super::give_back_memory();
        let given_back = before.saturating_sub(resident());
        assert!(given_back > BLOCKS * SIZE / 1024 / 2, "{given_back} kB of {before}");
        assert!(all.iter().all(|(_, small)| small.len() == 64));
    }
}
