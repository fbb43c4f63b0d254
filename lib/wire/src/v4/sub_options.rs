//! Options inside an option.

use super::walk::Walk;

/// Sub-options in the order in which they stand: a code, a length and so many bytes each.
///
/// One that says it is longer than what is left ends them; [`SubOptions::rest`] tells whether there was one.
#[derive(Clone)]
pub struct SubOptions<'a>(Walk<'a>);

impl<'a> SubOptions<'a> {
    /// The sub-options in the value of an option. Code 0 and code 255 are codes like any other.
    pub fn new(value: &'a [u8]) -> Self {
        Self(Walk::of_value(value, false))
    }

    /// The sub-options of option 43: among these, code 0 is padding and 255 the end (RFC 2132 §8.4).
    pub fn padded(value: &'a [u8]) -> Self {
        Self(Walk::of_value(value, true))
    }

    /// What has not been read. After the last sub-option: what is none.
    pub fn rest(&self) -> &'a [u8] {
        self.0.rest()
    }
}

impl<'a> Iterator for SubOptions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|option| (option.code, option.value))
    }
}

/// Appends a sub-option, as several of the same code when one cannot hold it (RFC 3396 §5).
pub fn push_sub_option(out: &mut impl Extend<u8>, code: u8, value: &[u8]) {
    if value.is_empty() {
        out.extend([code, 0]);
    }
    for part in value.chunks(usize::from(u8::MAX)) {
        out.extend([code, part.len() as u8]);
        out.extend(part.iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was split is found whole again, and what is cut short is not invented.
    #[test]
    fn sub_options_are_read_as_they_are_written() {
        let long = [7; 300];
        let mut value = Vec::new();
        push_sub_option(&mut value, 1, &long);
        push_sub_option(&mut value, 12, &[]);
        assert_eq!(value.len(), 300 + 2 * 2 + 2);
        let read: Vec<_> = SubOptions::new(&value).collect();
        assert_eq!(read, [(1, &long[..255]), (1, &long[255..]), (12, &[][..])]);
        value.extend([3, 2, 1]);
        let mut read = SubOptions::new(&value);
        assert_eq!((read.by_ref().count(), read.rest()), (3, &[3, 2, 1][..]));
    }

    /// Padding and end are only that where the space has them.
    #[test]
    fn padding_is_skipped_where_it_is_padding() {
        let value = [0, 1, 1, 9, 12, 0, 255, 2, 1, 9];
        let mut padded = SubOptions::padded(&value);
        assert_eq!(padded.by_ref().collect::<Vec<_>>(), [(1, &[9][..]), (12, &[])]);
        assert!(padded.rest().is_empty());
        assert_eq!(SubOptions::new(&value[..3]).collect::<Vec<_>>(), [(0, &[1][..])]);
    }
}
