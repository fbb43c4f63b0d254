//! Keys that messages are signed with (RFC 8945).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

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
    algorithm_name: Name,
    way: Way,
}

/// How a key signs.
#[derive(Clone)]
enum Way {
    /// By a digest of what it signs and a secret, of which the first bytes are sent, and are the least that is accepted.
    Shared { algorithm: Algorithm, secret: Box<[u8]>, mac_length: usize },
    /// By what both ends agreed on (RFC 3645).
    Agreed(Arc<dyn SecurityContext>),
}

/// What two ends have agreed on by the GSS-API (RFC 2743): it signs messages, and judges signatures of the other end.
pub trait SecurityContext: fmt::Debug + Send + Sync {
    /// The signature of `message`; `None` if it is good for none any more. The context has told why.
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>>;

    /// Whether `signature` is what the other end signed `message` with. If not, the context has told why.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;

    /// For how long it is good, if that is known and ends.
    fn lifetime(&self) -> Option<Duration>;
}

/// The name of the algorithm of keys that were agreed on (RFC 3645, section 3.1.3).
pub(crate) const GSS_TSIG: &str = "gss-tsig.";

/// What of a signature is neither a name nor what the secret makes: the fixed parts of its record and of its data.
const FIXED: usize = 10 + 16;

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

    /// The whole digest of all parts, one after the other.
    pub(crate) fn digest(self, secret: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::HmacMd5 => digest::<Hmac<Md5>>(secret, parts),
            Self::HmacSha1 => digest::<Hmac<Sha1>>(secret, parts),
            Self::HmacSha224 => digest::<Hmac<Sha224>>(secret, parts),
            Self::HmacSha256 => digest::<Hmac<Sha256>>(secret, parts),
            Self::HmacSha384 => digest::<Hmac<Sha384>>(secret, parts),
            Self::HmacSha512 => digest::<Hmac<Sha512>>(secret, parts),
        }
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
        let way = Way::Shared { algorithm, secret: secret.into(), mac_length };
        Ok(Self { name, algorithm_name, way })
    }

    /// A key of this name that the server agreed on, too.
    ///
    /// # Errors
    /// None that is known.
    pub fn agreed(name: Name, context: Arc<dyn SecurityContext>) -> Result<Self, KeyError> {
        let algorithm_name = GSS_TSIG.parse().map_err(|_| KeyError("the algorithm has no name"))?;
        Ok(Self { name, algorithm_name, way: Way::Agreed(context) })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// For how long it is good, if it was agreed on and that ends.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        match &self.way {
            Way::Shared { .. } => None,
            Way::Agreed(context) => context.lifetime(),
        }
    }

    /// How many bytes a signature makes a message longer; about how many, if the key was agreed on.
    pub(crate) fn room(&self) -> usize {
        let mac = match &self.way {
            Way::Shared { mac_length, .. } => *mac_length,
            // What is agreed on knows no more than what Kerberos signs with (RFC 4121, section 4.2.6.1).
            Way::Agreed(_) => 64,
        };
        self.name.as_wire().len() + self.algorithm_name.as_wire().len() + FIXED + mac
    }

    pub(crate) fn algorithm_name(&self) -> &Name {
        &self.algorithm_name
    }

    /// The signature of all parts, one after the other; `None` if there is none.
    pub(crate) fn signature(&self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        match &self.way {
            Way::Shared { algorithm, secret, mac_length } => {
                let mut digest = algorithm.digest(secret, parts);
                digest.truncate(*mac_length);
                Some(digest)
            }
            Way::Agreed(context) => context.sign(&parts.concat()),
        }
    }

    /// Whether `signature` is the other end's of all parts, one after the other.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn prove(&self, signature: &[u8], parts: &[&[u8]]) -> Result<(), &'static str> {
        let is_right = match &self.way {
            Way::Shared { algorithm, secret, mac_length } => {
                let length = signature.len();
                if length > algorithm.digest_length() || length < algorithm.shortest() {
                    return Err("FORMERR: the signature has a length that none has");
                }
                if length < *mac_length {
                    return Err("BADTRUNC: the signature is shorter than was agreed");
                }
                bool::from(algorithm.digest(secret, parts)[..length].ct_eq(signature))
            }
            Way::Agreed(context) => context.verify(&parts.concat(), signature),
        };
        if is_right { Ok(()) } else { Err("BADSIG: the signature is wrong") }
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
        write!(f, "{} {}", self.name, self.algorithm_name)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for KeyError {}
