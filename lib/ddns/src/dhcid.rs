//! Who a name belongs to: the data of a DHCID record (RFC 4701).

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::name::Name;

/// Which identifier of a client was hashed (RFC 4701, section 3.3).
const HARDWARE_ADDRESS: u16 = 0;
const CLIENT_ID: u16 = 1;
const DUID: u16 = 2;

/// The hash is SHA-256 (RFC 4701, section 3.4).
const SHA256: u8 = 1;

/// The type of a client identifier that carries a DUID (RFC 4361, section 6.1), and how many bytes of type and IAID come
/// before the DUID.
const WITH_DUID: u8 = 255;
const BEFORE_DUID: usize = 5;

/// The data of a DHCID record: says which client owns a name, without saying who that is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Dhcid(Box<[u8]>);

impl Dhcid {
    /// Of a client of DHCPv4 that is known by its hardware address only, for `fqdn`. `None` without an address.
    #[must_use]
    pub fn of_hardware_address(kind: u8, address: &[u8], fqdn: &Name) -> Option<Self> {
        (!address.is_empty()).then(|| Self::hash(HARDWARE_ADDRESS, &[&[kind], address], fqdn))
    }

    /// Of a client of DHCPv4 by the contents of its client identifier (option 61).
    ///
    /// A DUID within (RFC 4361) counts as such, so that the client owns the name for both of its families. `None` if the
    /// identifier is empty, or carries a DUID that is none.
    #[must_use]
    pub fn of_client_id(id: &[u8], fqdn: &Name) -> Option<Self> {
        match id {
            [] => None,
            [WITH_DUID, ..] => Self::of_duid(id.get(BEFORE_DUID..)?, fqdn),
            _ => Some(Self::hash(CLIENT_ID, &[id], fqdn)),
        }
    }

    /// Of a client of DHCPv6. `None` if the DUID is empty or longer than 130 bytes (RFC 8415, section 11.1).
    #[must_use]
    pub fn of_duid(duid: &[u8], fqdn: &Name) -> Option<Self> {
        (1..=130).contains(&duid.len()).then(|| Self::hash(DUID, &[duid], fqdn))
    }

    /// The data as it stands in a record; `None` if there is none.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        (!bytes.is_empty()).then(|| Self(bytes.into()))
    }

    fn hash(kind: u16, identifier: &[&[u8]], fqdn: &Name) -> Self {
        let mut hash = Sha256::new();
        for part in identifier {
            hash.update(part);
        }
        fqdn.with_canonical(|name| hash.update(name));
        let mut bytes = Vec::with_capacity(35);
        bytes.extend(kind.to_be_bytes());
        bytes.push(SHA256);
        bytes.extend(hash.finalize());
        Self(bytes.into())
    }

    /// Writes it as digits behind what is there.
    pub(crate) fn write_digits(&self, out: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        for byte in &self.0 {
            out.extend([byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]));
        }
    }

    /// The data of the record.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Hexadecimal digits, at least two, any case.
impl FromStr for Dhcid {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.len().is_multiple_of(2) {
            return Err("the number of digits is odd");
        }
        let mut bytes = Vec::with_capacity(text.len() / 2);
        for pair in text.as_bytes().as_chunks::<2>().0 {
            let [Some(high), Some(low)] = pair.map(|digit| char::from(digit).to_digit(16)) else {
                return Err("a digit is not hexadecimal");
            };
            bytes.push((high << 4 | low) as u8);
        }
        Self::of_bytes(&bytes).ok_or("DHCID cannot be blank")
    }
}

/// Hexadecimal digits in upper case.
impl fmt::Display for Dhcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = Vec::with_capacity(2 * self.0.len());
        self.write_digits(&mut digits);
        f.write_str(str::from_utf8(&digits).unwrap_or_default())
    }
}

impl fmt::Debug for Dhcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::*;

    fn base64(dhcid: Option<Dhcid>) -> String {
        base64::engine::general_purpose::STANDARD.encode(dhcid.expect("a client").as_bytes())
    }

    /// The three examples of RFC 4701, section 3.6.
    #[test]
    fn examples_of_the_rfc() {
        let duid = [0, 1, 0, 6, 0x41, 0x2d, 0xf1, 0x66, 1, 2, 3, 4, 5, 6];
        let chi6: Name = "chi6.example.com".parse().expect("a name");
        assert_eq!(base64(Dhcid::of_duid(&duid, &chi6)), "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=");
        let client: Name = "client.example.com".parse().expect("a name");
        assert_eq!(
            base64(Dhcid::of_hardware_address(1, &[1, 2, 3, 4, 5, 6], &client)),
            "AAABxLmlskllE0MVjd57zHcWmEH3pCQ6VytcKD//7es/deY="
        );
        let chi: Name = "chi.example.com".parse().expect("a name");
        assert_eq!(
            base64(Dhcid::of_client_id(&[1, 7, 8, 9, 10, 11, 12], &chi)),
            "AAEBOSD+XR3Os/0LozeXVqcNc7FwCfQdWL3b/NaiUDlW2No="
        );
    }

    #[test]
    fn a_duid_in_a_client_id_is_the_same_client() {
        let name: Name = "Dual.Example.com".parse().expect("a name");
        let lower: Name = "dual.example.com".parse().expect("a name");
        let duid = [0, 1, 0, 1, 2, 3, 4, 5, 6, 7];
        let id = [&[255, 0, 0, 0, 9][..], &duid].concat();
        assert_eq!(Dhcid::of_client_id(&id, &name), Dhcid::of_duid(&duid, &lower));
        assert_eq!(Dhcid::of_client_id(&id[..5], &name), None);
        assert_eq!(Dhcid::of_client_id(&[], &name), None);
        assert_eq!(Dhcid::of_duid(&[0; 131], &name), None);
        assert_eq!(Dhcid::of_hardware_address(1, &[], &name), None);
    }

    #[test]
    fn digits() {
        let dhcid: Dhcid = "0001ab".parse().expect("digits");
        assert_eq!((dhcid.as_bytes(), dhcid.to_string().as_str()), (&[0, 1, 0xab][..], "0001AB"));
        for wrong in ["", "0", "0g", "00 1", "é"] {
            assert!(wrong.parse::<Dhcid>().is_err(), "{wrong:?}");
        }
    }
}
