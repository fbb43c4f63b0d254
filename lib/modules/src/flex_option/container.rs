//! An option taken apart into its sub-options and put together again.

use kotare_options::Definition;
use kotare_wire::v4::{SubOptions, VendorParts, push_sub_option};
use smallvec::SmallVec;

/// What stands before the sub-options of a vendor: enterprise number and length.
const VENDOR_HEADER: usize = 5;

/// The bytes of an option.
pub(super) type Bytes = SmallVec<[u8; 256]>;

/// How the value of an option that has sub-options is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layout<'a> {
    /// Fields of the definition, if there is one, then sub-options.
    Fields(Option<&'a Definition>),
    /// Sub-options by vendor (option 125, RFC 3925 §4).
    Vendors,
}

/// The value of an option that carries sub-options.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Container<'a> {
    /// Whose sub-options they are, in option 125.
    vendor: Option<u32>,
    /// What stands before the sub-options. Bytes that are none are left as they are, and stand here, too.
    before: &'a [u8],
    sub_options: SmallVec<[(u8, &'a [u8]); 8]>,
    /// What stands behind: in option 125, the parts of other vendors.
    behind: &'a [u8],
}

/// One vendor's sub-options take more than the 255 bytes their length can count.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong {
    pub(super) vendor: u32,
    pub(super) len: usize,
}

impl<'a> Container<'a> {
    /// One without any sub-options, of this vendor in option 125.
    pub(super) fn new(vendor: Option<u32>) -> Self {
        Self { vendor, before: &[], sub_options: SmallVec::new(), behind: &[] }
    }

    /// The value of an option. Of option 125, it is the first vendor's part, like the first such option in Kea.
    pub(super) fn of(value: &'a [u8], layout: Layout<'_>) -> Self {
        match layout {
            Layout::Vendors => match VendorParts::new(value).next() {
                Some((vendor, part)) => Self {
                    vendor: Some(vendor),
                    behind: &value[VENDOR_HEADER + part.len()..],
                    ..Self::split(part, Some(SubOptions::new(part)))
                },
                None => Self::split(value, None),
            },
            Layout::Fields(None) => Self::split(value, Some(SubOptions::new(value))),
            Layout::Fields(Some(definition)) => Self::split(value, definition.sub_options_in(value)),
        }
    }

    /// A value that ends with these sub-options.
    fn split(value: &'a [u8], sub_options: Option<SubOptions<'a>>) -> Self {
        let vendor = None;
        if let Some(mut all) = sub_options {
            let (before, _) = value.split_at(value.len() - all.rest().len());
            let sub_options = all.by_ref().collect();
            if all.rest().is_empty() {
                return Self { vendor, before, sub_options, behind: &[] };
            }
        }
        // No list of sub-options: as Kea does, leave it and put new ones behind.
        Self { vendor, before: value, sub_options: SmallVec::new(), behind: &[] }
    }

    /// Whose sub-options they are, in option 125.
    pub(super) fn vendor(&self) -> Option<u32> {
        self.vendor
    }

    pub(super) fn has(&self, code: u8) -> bool {
        self.sub_options.iter().any(|(at, _)| *at == code)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sub_options.is_empty()
    }

    /// What is left without this vendor's part.
    pub(super) fn behind(&self) -> &'a [u8] {
        self.behind
    }

    pub(super) fn remove(&mut self, code: u8) {
        self.sub_options.retain(|(at, _)| *at != code);
    }

    pub(super) fn add(&mut self, code: u8, value: &'a [u8]) {
        self.sub_options.push((code, value));
    }

    /// The value of the option, sub-options by code.
    pub(super) fn value(mut self) -> Result<Bytes, TooLong> {
        self.sub_options.sort_by_key(|(code, _)| *code);
        let mut inner = Bytes::from_slice(self.before);
        for (code, value) in &self.sub_options {
            push_sub_option(&mut inner, *code, value);
        }
        let Some(vendor) = self.vendor else { return Ok(inner) };
        let len = u8::try_from(inner.len()).map_err(|_| TooLong { vendor, len: inner.len() })?;
        let mut value = Bytes::from_slice(&vendor.to_be_bytes());
        value.push(len);
        value.extend_from_slice(&inner);
        value.extend_from_slice(self.behind);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use kotare_options::{DHCP4_SPACE, Definitions};

    use super::*;

    fn changed<'a>(value: &'a [u8], layout: Layout<'_>, change: impl FnOnce(&mut Container<'a>)) -> Vec<u8> {
        let mut container = Container::of(value, layout);
        change(&mut container);
        container.value().unwrap().to_vec()
    }

    /// Sub-options are kept in order of code; padding and end of option 43 are not.
    #[test]
    fn sub_options_are_added_and_removed() {
        let definitions = Definitions::v4();
        let layout = Layout::Fields(definitions.by_code(DHCP4_SPACE, 43));
        let value = [0, 5, 1, b'e', 2, 1, b'b', 255];
        assert_eq!(changed(&value, layout, |it| it.add(3, b"c")), *b"\x02\x01b\x03\x01c\x05\x01e");
        assert_eq!(changed(&value, layout, |it| it.remove(5)), *b"\x02\x01b");
        let mut container = Container::of(&value, layout);
        assert!(container.has(2) && !container.has(0) && !container.is_empty());
        container.remove(2);
        container.remove(5);
        assert!(container.is_empty());
    }

    /// Fields before the sub-options stay; bytes that are no sub-options do, too, and others are put behind them.
    #[test]
    fn other_bytes_stay() {
        let definitions = Definitions::v4();
        let agent = Layout::Fields(definitions.by_code(DHCP4_SPACE, 82));
        assert_eq!(changed(&[1, 9, 9], agent, |it| it.add(2, b"x")), *b"\x01\x09\x09\x02\x01x");
        assert_eq!(changed(b"raw", Layout::Fields(None), |it| it.add(1, b"")), *b"raw\x01\0");
        let long = [7; 300];
        let value = changed(&[], Layout::Fields(None), |it| it.add(1, &long));
        assert_eq!((value.len(), &value[..2], &value[257..259]), (304, &[1, 255][..], &[1, 45][..]));
    }

    /// Option 125: the first vendor's sub-options are meant, the others' stay behind them.
    #[test]
    fn vendors_are_told_apart() {
        let value = [0, 0, 0, 9, 3, 1, 1, b'a', 0, 0, 0, 8, 0];
        let container = Container::of(&value, Layout::Vendors);
        assert_eq!((container.vendor(), container.behind()), (Some(9), &value[8..]));
        let longer = changed(&value, Layout::Vendors, |it| it.add(0, b"z"));
        assert_eq!(longer, [0, 0, 0, 9, 6, 0, 1, b'z', 1, 1, b'a', 0, 0, 0, 8, 0]);
        let mut container = Container::new(Some(9));
        container.add(1, &[0; 250]);
        container.add(2, &[0; 2]);
        assert_eq!(container.value(), Err(TooLong { vendor: 9, len: 256 }));
    }
}
