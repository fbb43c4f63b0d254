//! The options of a message, of a relay agent's, or within another option.

use super::{OPTION_HEADER_LEN, OptionCode};

/// Options in the order in which they stand.
///
/// One that says it is longer than what is left ends them, as in Kea: those before it count, and [`Options::rest`] tells
/// whether there was one.
#[derive(Clone, Debug)]
pub struct Options<'a>(&'a [u8]);

impl<'a> Options<'a> {
    /// The options in these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read. After the last option: what is none.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The value of the first of this code.
    pub fn find_code(mut self, code: OptionCode) -> Option<&'a [u8]> {
        self.find(|&(found, _)| found == code).map(|(_, value)| value)
    }

    /// The values of all of this code, in their order.
    pub fn all_of(self, code: OptionCode) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.filter(move |&(found, _)| found == code).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (OptionCode, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[c0, c1, l0, l1], rest) = self.0.split_first_chunk::<OPTION_HEADER_LEN>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([l0, l1])))?;
        self.0 = rest;
        Some((OptionCode(u16::from_be_bytes([c0, c1])), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is cut short is not invented, and ends the others.
    #[test]
    fn options_are_read_as_far_as_they_are_sound() {
        let bytes = [0, 1, 0, 2, 7, 8, 0, 1, 0, 0, 0, 9, 0, 2, 1];
        let mut options = Options::new(&bytes);
        let read: Vec<_> = options.by_ref().collect();
        assert_eq!(read, [(OptionCode(1), &[7, 8][..]), (OptionCode(1), &[])]);
        assert_eq!(options.rest(), [0, 9, 0, 2, 1]);
        assert_eq!(Options::new(&bytes).find_code(OptionCode(9)), None);
        assert_eq!(Options::new(&bytes).all_of(OptionCode(1)).count(), 2);
    }
}
