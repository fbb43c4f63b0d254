//! What is in a DUID.

use crate::HardwareType;

/// A view of a DHCP unique identifier (RFC 9915 §11, RFC 6355). Opaque to everybody but who made it, except that a
/// hardware address may be taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duid<'a>(&'a [u8]);

/// What a DUID is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuidKind<'a> {
    /// A hardware address and when the DUID was made, in seconds since 2000 (type 1).
    LinkLayerTime {
        /// The hardware's type.
        hardware: HardwareType,
        /// When it was made.
        time: u32,
        /// The hardware address.
        address: &'a [u8],
    },
    /// A vendor's enterprise number and what the vendor gave (type 2).
    Enterprise {
        /// The vendor.
        number: u32,
        /// What it gave.
        identifier: &'a [u8],
    },
    /// A hardware address (type 3).
    LinkLayer {
        /// The hardware's type.
        hardware: HardwareType,
        /// The hardware address.
        address: &'a [u8],
    },
    /// A UUID (type 4).
    Uuid(&'a [u8; 16]),
}

impl<'a> Duid<'a> {
    /// The fewest bytes it may have: a type and something behind it.
    pub const MIN: usize = 3;
    /// The most bytes it may have: a type and 128 bytes (RFC 9915 §11.1).
    pub const MAX: usize = 130;

    /// The DUID of these bytes; `None` when there are too few or too many.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        (Self::MIN..=Self::MAX).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// All bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// What it is made of, if it is of a known type and long enough for it.
    pub fn kind(&self) -> Option<DuidKind<'a>> {
        let (&kind, rest) = self.0.split_first_chunk::<2>()?;
        Some(match u16::from_be_bytes(kind) {
            1 => {
                let (&[h0, h1, t0, t1, t2, t3], address) = rest.split_first_chunk()?;
                let hardware = HardwareType(u16::from_be_bytes([h0, h1]));
                DuidKind::LinkLayerTime { hardware, time: u32::from_be_bytes([t0, t1, t2, t3]), address }
            }
            2 => {
                let (&number, identifier) = rest.split_first_chunk()?;
                DuidKind::Enterprise { number: u32::from_be_bytes(number), identifier }
            }
            3 => {
                let (&hardware, address) = rest.split_first_chunk()?;
                DuidKind::LinkLayer { hardware: HardwareType(u16::from_be_bytes(hardware)), address }
            }
            4 => DuidKind::Uuid(rest.try_into().ok()?),
            _ => return None,
        })
    }

    /// The hardware address in it.
    pub fn hardware(&self) -> Option<(HardwareType, &'a [u8])> {
        match self.kind()? {
            DuidKind::LinkLayerTime { hardware, address, .. } | DuidKind::LinkLayer { hardware, address } => {
                Some((hardware, address))
            }
            DuidKind::Enterprise { .. } | DuidKind::Uuid(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each type has its fields, and what is too short for its type is of no type.
    #[test]
    fn duids_are_taken_apart() {
        let duid = Duid::new(&[0, 1, 0, 1, 0, 0, 1, 0, 8, 9]).unwrap();
        let (hardware, address) = (HardwareType::ETHERNET, &[8, 9][..]);
        assert_eq!(duid.kind(), Some(DuidKind::LinkLayerTime { hardware, time: 256, address }));
        assert_eq!(duid.hardware(), Some((hardware, address)));
        assert_eq!(Duid::new(&[0, 3, 0, 1, 8, 9]).unwrap().hardware(), Some((hardware, address)));
        let vendor = DuidKind::Enterprise { number: 9, identifier: &[1] };
        assert_eq!(Duid::new(&[0, 2, 0, 0, 0, 9, 1]).unwrap().kind(), Some(vendor));
        let mut uuid = [7; 18];
        (uuid[0], uuid[1]) = (0, 4);
        assert_eq!(Duid::new(&uuid).unwrap().kind(), Some(DuidKind::Uuid(&[7; 16])));
        for odd in [&uuid[..17], &[0, 1, 0, 1, 0, 0], &[0, 9, 1], &[0, 3, 1]] {
            assert_eq!(Duid::new(odd).unwrap().kind(), None);
        }
        assert_eq!((Duid::new(&[0; 2]), Duid::new(&[0; 131])), (None, None));
        assert!(Duid::new(&[0; 130]).is_some());
    }
}
