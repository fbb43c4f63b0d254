//! A place at the end of the queue for the disks.
//!
//! Nothing about networks: it takes a raw system call, and those are made in this crate only.

use std::io;

use crate::sys;

/// Lets every other process go first at the disks; for work in the background. New threads inherit it.
///
/// # Errors
/// When the kernel does not allow it; the process goes on as before.
pub fn idle_io() -> io::Result<()> {
    sys::idle_io()
}

#[cfg(test)]
mod tests {
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
