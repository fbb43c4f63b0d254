//! Numbers that nobody can guess.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::digest::{Md5Digest, hmac_md5};

/// Makes numbers that are new each time and that nobody can foretell who does not know the seed and the secret: the
/// authenticators of requests hide passwords and tie answers to their requests.
pub struct Nonces {
    seed: u64,
    made: AtomicU64,
}

impl Nonces {
    /// Of a seed that nobody knows.
    pub fn new(seed: u64) -> Self {
        Self { seed, made: AtomicU64::new(0) }
    }

    /// The next one, for a server with this secret.
    pub fn next(&self, secret: &[u8]) -> [u8; 16] {
        self.made(secret, b"authenticator")
    }

    /// A number to know an exchange by.
    pub fn number(&self) -> u32 {
        let [a, b, c, d, ..] = self.made(&[], b"exchange");
        u32::from_be_bytes([a, b, c, d])
    }

    fn made(&self, secret: &[u8], purpose: &[u8]) -> Md5Digest {
        let count = self.made.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        hmac_md5(&[secret, &self.seed.to_be_bytes()].concat(), &[purpose, &count])
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonces")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// None comes twice, and they depend on the seed and on the secret.
    #[test]
    fn numbers_are_new() {
        let nonces = Nonces::new(7);
        let all: HashSet<_> = (0..1000).map(|_| nonces.next(b"secret")).collect();
        assert_eq!(all.len(), 1000);
        let first = |seed, secret: &[u8]| Nonces::new(seed).next(secret);
        assert_eq!(first(7, b"secret"), first(7, b"secret"));
        assert_ne!(first(7, b"secret"), first(8, b"secret"));
        assert_ne!(first(7, b"secret"), first(7, b"other"));
        assert_ne!(nonces.number(), nonces.number());
    }
}
