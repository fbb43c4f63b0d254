//! Which of several servers a client is for: the hash of RFC 3074 §6.

use kotare_model::{ClientId, Duid, HwAddr};

/// The mixing table of the RFC.
#[rustfmt::skip]
const MIXING: [u8; 256] = [
    251, 175, 119, 215, 81, 14, 79, 191, 103, 49, 181, 143, 186, 157, 0,
    232, 31, 32, 55, 60, 152, 58, 17, 237, 174, 70, 160, 144, 220, 90, 57,
    223, 59, 3, 18, 140, 111, 166, 203, 196, 134, 243, 124, 95, 222, 179,
    197, 65, 180, 48, 36, 15, 107, 46, 233, 130, 165, 30, 123, 161, 209, 23,
    97, 16, 40, 91, 219, 61, 100, 10, 210, 109, 250, 127, 22, 138, 29, 108,
    244, 67, 207, 9, 178, 204, 74, 98, 126, 249, 167, 116, 34, 77, 193,
    200, 121, 5, 20, 113, 71, 35, 128, 13, 182, 94, 25, 226, 227, 199, 75,
    27, 41, 245, 230, 224, 43, 225, 177, 26, 155, 150, 212, 142, 218, 115,
    241, 73, 88, 105, 39, 114, 62, 255, 192, 201, 145, 214, 168, 158, 221,
    148, 154, 122, 12, 84, 82, 163, 44, 139, 228, 236, 205, 242, 217, 11,
    187, 146, 159, 64, 86, 239, 195, 42, 106, 198, 118, 112, 184, 172, 87,
    2, 173, 117, 176, 229, 247, 253, 137, 185, 99, 164, 102, 147, 45, 66,
    231, 52, 141, 211, 194, 206, 246, 238, 56, 110, 78, 248, 63, 240, 189,
    93, 92, 51, 53, 183, 19, 171, 72, 50, 33, 104, 101, 69, 8, 252, 83, 120,
    76, 135, 85, 54, 202, 125, 188, 213, 96, 235, 136, 208, 162, 129, 190,
    132, 156, 38, 47, 1, 7, 254, 24, 4, 216, 131, 89, 21, 28, 133, 37, 153,
    149, 80, 170, 68, 6, 169, 234, 151,
];

/// The hash of an identifier, from its last byte to its first. Kea begins with its length, whatever the RFC's example
/// does with long ones.
#[must_use]
pub fn hash(identifier: &[u8]) -> u8 {
    let mix = |hash: u8, byte: &u8| MIXING[usize::from(hash ^ byte)];
    identifier.iter().rev().fold(identifier.len() as u8, mix)
}

/// The hash of a client of DHCPv4: by its identifier, else by its hardware address; `None` if it has neither.
#[must_use]
pub fn hash4(hwaddr: &HwAddr, client_id: Option<&ClientId>) -> Option<u8> {
    let identifier = client_id.map(ClientId::as_bytes).filter(|id| !id.is_empty());
    let identifier = identifier.unwrap_or_else(|| hwaddr.as_bytes());
    (!identifier.is_empty()).then(|| hash(identifier))
}

/// The hash of a client of DHCPv6; `None` if it did not say who it is.
#[must_use]
pub fn hash6(duid: Option<&Duid>) -> Option<u8> {
    duid.map(Duid::as_bytes).filter(|duid| !duid.is_empty()).map(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &[(&[u8], u8)] = &[
        (&[], 0),
        (&[0], 175),
        (&[1], 251),
        (&[255], 234),
        (&[1, 2, 3, 4, 5, 6], 179),
        (&[0, 12, 1, 2, 3, 4], 131),
        (&[1, 0, 12, 1, 2, 3, 4], 104),
        (&[0, 3, 0, 1, 0, 12, 1, 2, 3, 4], 149),
        (&[0, 1, 0, 1, 42, 17, 34, 51, 222, 173, 190, 239, 0, 1], 171),
        (&[255, 255, 255, 255, 255, 255], 79),
    ];
    const LONG: u8 = 79;

    /// What Kea 3.3.1's function computes of these bytes.
    #[test]
    fn hashes_are_keas() {
        for (bytes, expected) in VECTORS {
            assert_eq!(hash(bytes), *expected, "{bytes:?}");
        }
        let long: Vec<u8> = (0..=255).chain(0..44).collect();
        assert_eq!(hash(&long), LONG);
    }

    /// The table is a permutation, so that clients are shared out evenly.
    #[test]
    fn every_hash_occurs_once() {
        let mut seen = [false; 256];
        MIXING.iter().for_each(|value| seen[usize::from(*value)] = true);
        assert!(seen.iter().all(|seen| *seen));
    }

    /// An identifier goes before a hardware address, and an empty one is none.
    #[test]
    fn clients_are_hashed_by_what_they_have() {
        let hwaddr = HwAddr::new(1, &[1, 2, 3, 4, 5, 6]).unwrap();
        let id = ClientId::new(&[1, 0xaa]).unwrap();
        let empty = ClientId::new(&[]).unwrap();
        assert_eq!(hash4(&hwaddr, Some(&id)), Some(hash(&[1, 0xaa])));
        assert_eq!(hash4(&hwaddr, Some(&empty)), Some(hash(&[1, 2, 3, 4, 5, 6])));
        assert_eq!(hash4(&HwAddr::empty(1), None), None);
        assert_eq!(hash6(None), None);
        assert_eq!(hash6(Some(&Duid::new(&[0, 3]).unwrap())), Some(hash(&[0, 3])));
    }
}
