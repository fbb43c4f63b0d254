//! What packets are signed with.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

/// A digest of MD5.
pub(crate) type Md5Digest = [u8; 16];

/// The digest of all parts, one after the other.
pub(crate) fn md5(parts: &[&[u8]]) -> Md5Digest {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// The signature of all parts, one after the other, with this secret (RFC 2104).
pub(crate) fn hmac_md5(secret: &[u8], parts: &[&[u8]]) -> Md5Digest {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Md5>::new_from_slice(secret) else { return [0; 16] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first test cases of RFC 1321 and RFC 2202.
    #[test]
    fn the_numbers_of_the_rfcs() {
        assert_eq!(md5(&[b"message ", b"digest"])[..4], [0xf9, 0x6b, 0x69, 0x7d]);
        assert_eq!(hmac_md5(&[0x0b; 16], &[b"Hi ", b"There"])[..4], [0x92, 0x94, 0x72, 0x7a]);
    }
}
