//! What the operating system gives: chance, and a place at the end of the queue for its disks.

use std::io;

use rustix::io::retry_on_intr;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::sys;

/// A random number to seed a generator with.
///
/// Waits for the kernel's pool to be seeded (early boot). Panics where the kernel refuses `getrandom`
/// altogether: nothing sensible can be served with predictable transaction and address choices.
#[must_use]
pub fn seed() -> u64 {
    let mut bytes = [0; 8];
    // So few bytes come whole or not at all (getrandom(2)).
    retry_on_intr(|| getrandom(&mut bytes, GetRandomFlags::empty()))
        .expect("the kernel gives random bytes (getrandom)");
    u64::from_ne_bytes(bytes)
}

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
