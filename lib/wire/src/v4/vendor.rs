//! The parts of the vendor-identifying options.

/// The parts of a value of option 124 or 125 in the order in which they stand: a vendor's enterprise number, and the
/// bytes that are for this vendor.
///
/// ```text
///    Code   Len     Part                                  (RFC 3925 §3, §4)
///   +------+------+------+------+------+------+------+------+--...--
///   | 12x  |  N   |     enterprise number     |  n   |  d1  |  d2
///   +------+------+------+------+------+------+------+------+--...--
/// ```
///
/// Those of option 125 are sub-options ([`super::SubOptions`]). A part that says it is longer than what is left ends
/// the parts; those before it count.
#[derive(Clone, Debug)]
pub struct VendorParts<'a>(&'a [u8]);

impl<'a> VendorParts<'a> {
    /// How many bytes stand before those for the vendor: its number and how many they are.
    pub const HEADER: usize = 5;

    /// The parts of a value.
    pub fn new(value: &'a [u8]) -> Self {
        Self(value)
    }
}

impl<'a> Iterator for VendorParts<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[a, b, c, d, len], rest) = self.0.split_first_chunk()?;
        let (part, rest) = rest.split_at_checked(usize::from(len))?;
        self.0 = rest;
        Some((u32::from_be_bytes([a, b, c, d]), part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts are read as far as they are sound.
    #[test]
    fn parts_are_told_apart() {
        let value = [0, 0, 0x11, 0x8b, 2, 7, 8, 0, 0, 0, 9, 0, 0, 0, 0, 9, 2, 1];
        assert_eq!(VendorParts::new(&value).collect::<Vec<_>>(), [(4491, &[7, 8][..]), (9, &[])]);
        assert_eq!(VendorParts::new(&value[..4]).next(), None);
    }
}
