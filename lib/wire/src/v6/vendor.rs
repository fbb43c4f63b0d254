//! Options that are a vendor's.

use super::Options;

/// What a vendor-specific option (17, RFC 9915 §21.17) says: the vendor's enterprise number, and the vendor's options.
/// `None` when it is too short for the number.
pub fn vendor_options(value: &[u8]) -> Option<(u32, Options<'_>)> {
    let (&number, rest) = value.split_first_chunk()?;
    Some((u32::from_be_bytes(number), Options::new(rest)))
}

/// What a vendor class option (16, RFC 9915 §21.16) says: the vendor's enterprise number, and pieces of bytes that each
/// have two bytes of length before them. A piece that says it is longer than what is left is what is left, as some devices
/// count what they do not send (Kea's `lenient-option-parsing`). `None` when it is too short for the number.
pub fn vendor_class(value: &[u8]) -> Option<(u32, impl Iterator<Item = &[u8]> + Clone)> {
    let (&number, mut rest) = value.split_first_chunk()?;
    let pieces = std::iter::from_fn(move || {
        let (&len, after) = rest.split_first_chunk()?;
        let (piece, after) = after.split_at_checked(u16::from_be_bytes(len).into()).unwrap_or((after, &[]));
        rest = after;
        Some(piece)
    });
    Some((u32::from_be_bytes(number), pieces))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v6::OptionCode;

    /// Parts are read as far as they are sound, or as they can be meant.
    #[test]
    fn parts_are_told_apart() {
        let (number, options) = vendor_options(&[0, 0, 0x11, 0x8b, 0, 1, 0, 1, 7]).unwrap();
        assert_eq!((number, options.collect::<Vec<_>>()), (4491, vec![(OptionCode(1), &[7][..])]));
        let (number, pieces) = vendor_class(&[0, 0, 0, 9, 0, 2, 7, 8, 0, 0, 0, 9, 1]).unwrap();
        assert_eq!((number, pieces.collect::<Vec<_>>()), (9, vec![&[7, 8][..], &[], &[1]]));
        let (_, pieces) = vendor_class(&[0, 0, 0, 9, 0, 1, 7, 0, 9, 8, 8]).unwrap();
        assert_eq!(pieces.collect::<Vec<_>>(), [&[7][..], &[8, 8]]);
        assert!(vendor_options(&[0; 3]).is_none() && vendor_class(&[0; 3]).is_none());
    }
}
