//! Keys that messages are signed with (RFC 8945).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use crate::name::Name;

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-MD5.
    HmacMd5,
    /// HMAC-SHA1.
    HmacSha1,
    /// HMAC-SHA224.
    HmacSha224,
    /// HMAC-SHA256.
    HmacSha256,
    /// HMAC-SHA384.
    HmacSha384,
    /// HMAC-SHA512.
    HmacSha512,
}

/// A key that a DNS server knows, too.
#[derive(Clone)]
pub struct Key {
    name: Name,
    algorithm: Algorithm,
    algorithm_name: Name,
    secret: Box<[u8]>,
    mac_length: usize,
}

/// Why there is no such key. The secret is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(&'static str);

impl Algorithm {
    /// Every algorithm with its name in a configuration, its name in the DNS, and the length of its digest in bytes.
    pub const ALL: [(Self, &'static str, &'static str, usize); 6] = [
        (Self::HmacMd5, "HMAC-MD5", "hmac-md5.sig-alg.reg.int.", 16),
        (Self::HmacSha1, "HMAC-SHA1", "hmac-sha1.", 20),
        (Self::HmacSha224, "HMAC-SHA224", "hmac-sha224.", 28),
        (Self::HmacSha256, "HMAC-SHA256", "hmac-sha256.", 32),
        (Self::HmacSha384, "HMAC-SHA384", "hmac-sha384.", 48),
        (Self::HmacSha512, "HMAC-SHA512", "hmac-sha512.", 64),
    ];

    /// The algorithm of this name in a configuration, in any case.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let named = Self::ALL.iter().find(|(_, known, _, _)| known.eq_ignore_ascii_case(name));
        named.map(|(algorithm, ..)| *algorithm)
    }

    /// The length of its whole digest, in bytes.
    #[must_use]
    pub fn digest_length(self) -> usize {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or(0, |(_, _, _, length)| *length)
    }

    fn dns_name(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or(".", |(_, _, name, _)| name)
    }

    /// The shortest digest that may stand for the whole (RFC 8945, section 5.2.2.1), in bytes.
    #[must_use]
    pub fn shortest(self) -> usize {
        (self.digest_length() / 2).max(10)
    }
}

impl Key {
    /// A key of this name, whose secret is given as base64. Of a digest the first `digest_bits` are sent; 0 is all of them.
    ///
    /// # Errors
    /// When the secret is no base64 or empty, or so few bits prove nothing.
    pub fn new(name: Name, algorithm: Algorithm, secret: &str, digest_bits: u32) -> Result<Self, KeyError> {
        let secret: String = secret.split_whitespace().collect();
        let secret = STANDARD.decode(secret).map_err(|_| KeyError("the secret is not base64"))?;
        if secret.is_empty() {
            return Err(KeyError("the secret is empty"));
        }
        let whole = algorithm.digest_length();
        let mac_length = match digest_bits {
            0 => whole,
            bits => whole.min(usize::try_from(bits.div_ceil(8)).unwrap_or(whole)),
        };
        if mac_length < algorithm.shortest() {
            return Err(KeyError("digest-bits too small"));
        }
        let algorithm_name =
            algorithm.dns_name().parse().map_err(|_| KeyError("the algorithm has no name"))?;
        Ok(Self { name, algorithm, algorithm_name, secret: secret.into(), mac_length })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn algorithm_name(&self) -> &Name {
        &self.algorithm_name
    }

    /// How many bytes of a digest are sent, and are the least that is accepted.
    pub(crate) fn mac_length(&self) -> usize {
        self.mac_length
    }

    /// The whole digest of all parts, one after the other.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> Vec<u8> {
        match self.algorithm {
            Algorithm::HmacMd5 => digest::<Hmac<Md5>>(&self.secret, parts),
            Algorithm::HmacSha1 => digest::<Hmac<Sha1>>(&self.secret, parts),
            Algorithm::HmacSha224 => digest::<Hmac<Sha224>>(&self.secret, parts),
            Algorithm::HmacSha256 => digest::<Hmac<Sha256>>(&self.secret, parts),
            Algorithm::HmacSha384 => digest::<Hmac<Sha384>>(&self.secret, parts),
            Algorithm::HmacSha512 => digest::<Hmac<Sha512>>(&self.secret, parts),
        }
    }
}

/// Empty if there is none; a key of any length has one.
fn digest<M: Mac + KeyInit>(secret: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else { return Vec::new() };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Without the secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name, self.algorithm)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for KeyError {}
