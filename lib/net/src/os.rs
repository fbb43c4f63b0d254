//! Chance, from the operating system.

use crate::sys;

/// A random number to seed a generator with.
///
/// Waits for the kernel's pool to be seeded (early boot). Panics where the kernel refuses `getrandom`
/// altogether: nothing sensible can be served with predictable transaction and address choices.
#[must_use]
pub fn seed() -> u64 {
    let mut bytes = [0; 8];
    sys::random(&mut bytes).expect("the kernel gives random bytes (getrandom)");
    u64::from_ne_bytes(bytes)
}
