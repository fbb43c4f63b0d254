//! Who a client is: its hardware address and its client identifier.

use std::fmt;

use smallvec::SmallVec;

use crate::Hex;

/// More bytes than the field can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// How many bytes were given.
    pub given: usize,
    /// How many are allowed.
    pub limit: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes where at most {} are allowed", self.given, self.limit)
    }
}

impl std::error::Error for TooLong {}

/// A hardware address with its type (`htype`, `hlen` and `chaddr` of RFC 2131 §2); up to 20 bytes, like Kea.
///
/// Equality and hashing look at the bytes alone: lease files do not keep the type.
#[derive(Clone, Copy)]
pub struct HwAddr {
    htype: u16,
    len: u8,
    bytes: [u8; Self::MAX],
}

impl HwAddr {
    /// The most bytes an address may have.
    pub const MAX: usize = 20;
    /// Ethernet (RFC 1700 hardware type 1).
    pub const ETHERNET: u16 = 1;

    /// An address of hardware type `htype`.
    pub fn new(htype: u16, address: &[u8]) -> Result<Self, TooLong> {
        if address.len() > Self::MAX {
            return Err(TooLong { given: address.len(), limit: Self::MAX });
        }
        let mut bytes = [0; Self::MAX];
        bytes[..address.len()].copy_from_slice(address);
        Ok(Self { htype, len: address.len() as u8, bytes })
    }

    /// The address of no length, of clients that send none (`hlen` 0).
    pub const fn empty(htype: u16) -> Self {
        Self { htype, len: 0, bytes: [0; Self::MAX] }
    }

    /// The hardware type.
    pub fn htype(&self) -> u16 {
        self.htype
    }

    /// The bytes of the address.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether the address has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl PartialEq for HwAddr {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for HwAddr {}

impl std::hash::Hash for HwAddr {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for HwAddr {
    /// `00:0c:01:02:03:04`, as lease files and logs write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(self.as_bytes()).fmt(f)
    }
}

impl fmt::Debug for HwAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HwAddr({}, {self})", self.htype)
    }
}

/// A client identifier, option 61 (RFC 2132 §9.14, RFC 4361): 1 to 255 opaque bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientId(SmallVec<[u8; 24]>);

impl ClientId {
    /// The most bytes an identifier may have.
    pub const MAX: usize = 255;

    /// An identifier of these bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, TooLong> {
        if bytes.len() > Self::MAX {
            return Err(TooLong { given: bytes.len(), limit: Self::MAX });
        }
        Ok(Self(SmallVec::from_slice(bytes)))
    }

    /// The bytes of the identifier.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ClientId {
    /// `01:00:0c:01:02:03:04`, as lease files and logs write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(self.as_bytes()).fmt(f)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientId({self})")
    }
}

/// A DHCP unique identifier (RFC 9915 §11): who a DHCPv6 client or server is. Opaque bytes, up to 130.
///
/// Packets carry at least [`Duid::MIN`]; a lease that nobody has is of [`Duid::EMPTY`], and lease files may have shorter
/// ones for that.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duid(SmallVec<[u8; 24]>);

impl Duid {
    /// The fewest bytes that a client or a server has.
    pub const MIN: usize = 3;
    /// The most bytes: a type and 128 bytes.
    pub const MAX: usize = 130;
    /// The bytes of a lease that nobody has, as Kea writes them.
    pub const EMPTY: &[u8] = &[0; Self::MIN];

    /// An identifier of these bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, TooLong> {
        if bytes.len() > Self::MAX {
            return Err(TooLong { given: bytes.len(), limit: Self::MAX });
        }
        Ok(Self(SmallVec::from_slice(bytes)))
    }

    /// That of nobody.
    pub fn empty() -> Self {
        Self(SmallVec::from_slice(Self::EMPTY))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is nobody's.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty() || self.as_bytes() == Self::EMPTY
    }
}

impl fmt::Display for Duid {
    /// `00:03:00:01:02:03:04:05:06:07`, as lease files and logs write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(self.as_bytes()).fmt(f)
    }
}

impl fmt::Debug for Duid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Duid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Identifiers are written as lower-case pairs with colons, and refuse what no packet can carry.
    #[test]
    fn addresses_and_identifiers_read_like_lease_files() {
        assert_eq!(HwAddr::new(1, &[0, 0x0c, 0xff]).unwrap().to_string(), "00:0c:ff");
        assert_eq!(ClientId::new(&[1, 2]).unwrap().to_string(), "01:02");
        assert!(HwAddr::new(1, &[0; 21]).is_err());
        assert!(ClientId::new(&[0; 256]).is_err());
        assert_eq!(Duid::new(&[0, 3]).unwrap().to_string(), "00:03");
        assert!(Duid::new(&[0; 131]).is_err() && Duid::new(&[0; 130]).is_ok());
        assert!(Duid::empty().is_empty() && Duid::new(&[]).unwrap().is_empty());
        assert_eq!(HwAddr::new(1, &[1]), HwAddr::new(6, &[1]));
    }
}
