//! An option taken apart into its sub-options and put together again.

use kotare_options::{Definition, Inside, Universe};
use kotare_wire::v4::VendorParts;
use kotare_wire::v6::vendor_options;
use smallvec::SmallVec;

/// The bytes of an option.
pub(super) type Bytes = SmallVec<[u8; 256]>;

/// How the value of an option that has sub-options is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layout<'a> {
    /// Fields of the definition, if there is one, then sub-options.
    Fields(Option<&'a Definition>),
    /// Sub-options of vendors: of DHCPv4, by vendor (option 125, RFC 3925 §4); of DHCPv6, those of one (option 17,
    /// RFC 9915 §21.17).
    Vendors,
}

/// The value of an option that carries sub-options.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Container<'a> {
    universe: Universe,
    /// Whose sub-options they are, in an option of vendors.
    vendor: Option<u32>,
    /// What stands before the sub-options. Bytes that are none are left as they are, and stand here, too.
    before: &'a [u8],
    sub_options: SmallVec<[(u16, &'a [u8]); 8]>,
    /// What stands behind: in option 125, the parts of other vendors.
    behind: &'a [u8],
}

/// One vendor's sub-options take more than the 255 bytes their length can count in DHCPv4.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong {
    pub(super) vendor: u32,
    pub(super) len: usize,
}

impl<'a> Container<'a> {
    /// One without any sub-options, of this vendor in an option of vendors.
    pub(super) fn new(universe: Universe, vendor: Option<u32>) -> Self {
        Self { universe, vendor, before: &[], sub_options: SmallVec::new(), behind: &[] }
    }

    /// The value of an option. Of option 125 of DHCPv4, it is the first vendor's part, like the first such option in Kea.
    pub(super) fn of(universe: Universe, value: &'a [u8], layout: Layout<'_>) -> Self {
        match (layout, universe) {
            (Layout::Vendors, Universe::V4) => match VendorParts::new(value).next() {
                Some((vendor, part)) => {
                    let behind = &value[VendorParts::HEADER + part.len()..];
                    Self { vendor: Some(vendor), behind, ..Self::plain(universe, part) }
                }
                None => Self::split(universe, value, None),
            },
            (Layout::Vendors, Universe::V6) => match vendor_options(value) {
                Some((vendor, options)) => {
                    Self { vendor: Some(vendor), ..Self::plain(universe, options.rest()) }
                }
                None => Self::split(universe, value, None),
            },
            (Layout::Fields(None), _) => Self::plain(universe, value),
            (Layout::Fields(Some(definition)), _) => Self::split(universe, value, definition.inside(value)),
        }
    }

    /// Nothing but sub-options.
    fn plain(universe: Universe, value: &'a [u8]) -> Self {
        Self::split(universe, value, Some(Inside::new(universe, value)))
    }

    /// A value that ends with these sub-options.
    fn split(universe: Universe, value: &'a [u8], sub_options: Option<Inside<'a>>) -> Self {
        let vendor = None;
        if let Some(mut all) = sub_options {
            let (before, _) = value.split_at(value.len() - all.rest().len());
            let sub_options = all.by_ref().collect();
            if all.rest().is_empty() {
                return Self { universe, vendor, before, sub_options, behind: &[] };
            }
        }
        // No list of sub-options: as Kea does, leave it and put new ones behind.
        Self { universe, vendor, before: value, sub_options: SmallVec::new(), behind: &[] }
    }

    /// Whose sub-options they are, in an option of vendors.
    pub(super) fn vendor(&self) -> Option<u32> {
        self.vendor
    }

    pub(super) fn has(&self, code: u16) -> bool {
        self.sub_options.iter().any(|(at, _)| *at == code)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sub_options.is_empty()
    }

    /// What is left without this vendor's part.
    pub(super) fn behind(&self) -> &'a [u8] {
        self.behind
    }

    pub(super) fn remove(&mut self, code: u16) {
        self.sub_options.retain(|(at, _)| *at != code);
    }

    pub(super) fn add(&mut self, code: u16, value: &'a [u8]) {
        self.sub_options.push((code, value));
    }

    /// The value of the option, sub-options by code.
    pub(super) fn value(mut self) -> Result<Bytes, TooLong> {
        self.sub_options.sort_by_key(|(code, _)| *code);
        let mut inner = Bytes::from_slice(self.before);
        for (code, value) in &self.sub_options {
            self.universe.push_sub_option(&mut inner, *code, value);
        }
        let Some(vendor) = self.vendor else { return Ok(inner) };
        let mut value = Bytes::from_slice(&vendor.to_be_bytes());
        if self.universe == Universe::V4 {
            value.push(u8::try_from(inner.len()).map_err(|_| TooLong { vendor, len: inner.len() })?);
        }
        value.extend_from_slice(&inner);
        value.extend_from_slice(self.behind);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use kotare_options::{DHCP4_SPACE, DHCP6_SPACE, Definitions};

    use super::*;

    use Universe::{V4, V6};

    fn changed<'a>(value: &'a [u8], layout: Layout<'_>, change: impl FnOnce(&mut Container<'a>)) -> Vec<u8> {
        changed_in(V4, value, layout, change)
    }

    fn changed_in<'a>(
        universe: Universe,
        value: &'a [u8],
        layout: Layout<'_>,
        change: impl FnOnce(&mut Container<'a>),
    ) -> Vec<u8> {
        let mut container = Container::of(universe, value, layout);
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
        let mut container = Container::of(V4, &value, layout);
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
        let container = Container::of(V4, &value, Layout::Vendors);
        assert_eq!((container.vendor(), container.behind()), (Some(9), &value[8..]));
        let longer = changed(&value, Layout::Vendors, |it| it.add(0, b"z"));
        assert_eq!(longer, [0, 0, 0, 9, 6, 0, 1, b'z', 1, 1, b'a', 0, 0, 0, 8, 0]);
        let mut container = Container::new(V4, Some(9));
        container.add(1, &[0; 250]);
        container.add(2, &[0; 2]);
        assert_eq!(container.value(), Err(TooLong { vendor: 9, len: 256 }));
    }

    /// Those of DHCPv6 have two bytes of code and two of length; of a vendor's, the option has one vendor alone.
    #[test]
    fn sub_options_of_dhcpv6_are_added_and_removed() {
        let definitions = Definitions::v6();
        let association = Layout::Fields(definitions.by_code(DHCP6_SPACE, 3));
        let value = [&[7; 12][..], &[0, 13, 0, 2, 0, 2, 0, 5, 0, 1, 9]].concat();
        let shorter = [&[7; 12][..], &[0, 5, 0, 1, 9, 1, 4, 0, 0]].concat();
        let mut container = Container::of(V6, &value, association);
        assert!(container.has(13) && container.has(5) && !container.has(2));
        container.remove(13);
        container.add(260, &[]);
        assert_eq!(container.value().unwrap().to_vec(), shorter);
        let of_vendor = [0, 0, 0, 9, 0, 1, 0, 1, b'a'];
        let container = Container::of(V6, &of_vendor, Layout::Vendors);
        assert_eq!((container.vendor(), container.has(1), container.behind()), (Some(9), true, &[][..]));
        let longer = changed_in(V6, &of_vendor, Layout::Vendors, |it| it.add(0, b"z"));
        assert_eq!(longer, [0, 0, 0, 9, 0, 0, 0, 1, b'z', 0, 1, 0, 1, b'a']);
        let cut = [0, 0, 9];
        assert_eq!(changed_in(V6, &cut, Layout::Vendors, |it| it.add(1, b"")), [0, 0, 9, 0, 1, 0, 0]);
        let mut container = Container::new(V6, Some(9));
        container.add(1, &[0; 300]);
        assert_eq!(container.value().unwrap().len(), 308);
    }
}
