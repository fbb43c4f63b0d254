//! Options inside an option: code, length and payload, one after the other.

use std::borrow::Cow;

/// Reads sub-options in the order they stand. A rest that is no sub-option ends the iteration as
/// [`None`]; [`SubOptions::rest`] tells whether there was one.
#[derive(Clone, Debug)]
pub struct SubOptions<'a> {
    rest: &'a [u8],
    padded: bool,
}

impl<'a> SubOptions<'a> {
    /// The sub-options in `data`. In those of option 43 (`padded`), code 0 is padding and 255 the end
    /// (RFC 2132 §8.4); elsewhere they are codes as any other.
    pub fn new(data: &'a [u8], padded: bool) -> Self {
        Self { rest: data, padded }
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for SubOptions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.padded && self.rest.first() == Some(&0) {
            self.rest = &self.rest[1..];
        }
        if self.padded && self.rest.first() == Some(&255) {
            self.rest = &[];
        }
        let (&[code, length], tail) = self.rest.split_first_chunk::<2>()?;
        let (data, tail) = tail.split_at_checked(usize::from(length))?;
        self.rest = tail;
        Some((code, data))
    }
}

/// The payload of sub-option `code`, its parts joined when it was split (RFC 3396).
pub fn find_sub_option(data: &[u8], padded: bool, code: u8) -> Option<Cow<'_, [u8]>> {
    let mut found: Option<Cow<'_, [u8]>> = None;
    for (_, part) in SubOptions::new(data, padded).filter(|(at, _)| *at == code) {
        match &mut found {
            None => found = Some(Cow::Borrowed(part)),
            Some(joined) => joined.to_mut().extend_from_slice(part),
        }
    }
    found
}

/// Appends a sub-option, as several of the same code when one cannot hold it (RFC 3396 §5).
pub(crate) fn push(out: &mut Vec<u8>, code: u8, data: &[u8]) {
    if data.is_empty() {
        out.extend([code, 0]);
    }
    for part in data.chunks(usize::from(u8::MAX)) {
        out.extend([code, part.len() as u8]);
        out.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was split is found whole again, and what is cut short is not invented.
    #[test]
    fn long_sub_options_are_split_and_joined() {
        let long = vec![7; 300];
        let mut data = Vec::new();
        push(&mut data, 1, &long);
        push(&mut data, 2, &[]);
        assert_eq!(data.len(), 300 + 2 * 2 + 2);
        assert_eq!(find_sub_option(&data, false, 1).as_deref(), Some(&long[..]));
        assert_eq!(find_sub_option(&data, false, 2).as_deref(), Some(&[][..]));
        assert_eq!(find_sub_option(&[1, 2, 3], false, 1), None);
    }

    /// Padding and end are only that where the space has them.
    #[test]
    fn padding_is_skipped_where_it_is_padding() {
        let data = [0, 1, 1, 9, 255, 2, 1, 9];
        assert_eq!(SubOptions::new(&data, true).collect::<Vec<_>>(), [(1, &[9][..])]);
        assert_eq!(SubOptions::new(&data[..3], false).collect::<Vec<_>>(), [(0, &[1][..])]);
    }
}
