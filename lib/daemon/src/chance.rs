//! Chance: the one place that asks the system for it.

use std::io;

use rustix::io::retry_on_intr;
use rustix::rand::{GetRandomFlags, getrandom};

/// A random number to seed a generator or a hash with; whatever needs chance takes it as an argument.
///
/// Waits for the kernel's pool to be seeded (early boot).
///
/// # Errors
/// When the kernel refuses `getrandom`. Nothing sensible can be served then, with choices that a client can foresee.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the system for chance")]
pub fn seed() -> io::Result<u64> {
    let mut bytes = [0; 8];
    let refused = |error| io::Error::other(format!("the kernel gives no random bytes (getrandom): {error}"));
    // So few bytes come whole or not at all (getrandom(2)).
    retry_on_intr(|| getrandom(&mut bytes, GetRandomFlags::empty())).map_err(refused)?;
    Ok(u64::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    /// Two servers never start alike.
    #[test]
    fn no_two_seeds_are_alike() {
        assert_ne!(super::seed().unwrap(), super::seed().unwrap());
    }
}
