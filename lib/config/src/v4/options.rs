//! Options as they go on the wire, prepared at configuration time.

use super::Guard;

/// One option of one level, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Option4 {
    /// The option's code, 1 to 254.
    pub code: u8,
    /// The encoded value without code and length; longer than 255 bytes is split when written (RFC 3396). Sub-options
    /// of an encapsulated space are already inside.
    pub data: Box<[u8]>,
    /// `always-send`: sent whether or not the client asks.
    pub always_send: bool,
    /// `never-send`: not sent, even if another level has it.
    pub never_send: bool,
    /// `client-classes`.
    pub guard: Guard,
}

/// A sub-option of option 125 for the devices of one vendor, from a `vendor-<enterprise>` space (RFC 3925 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorOption4 {
    /// The vendor's enterprise number.
    pub enterprise: u32,
    /// The sub-option's code.
    pub code: u8,
    /// The encoded value without code and length.
    pub data: Box<[u8]>,
    /// `always-send`.
    pub always_send: bool,
    /// `never-send`.
    pub never_send: bool,
    /// `client-classes`.
    pub guard: Guard,
}

/// The options of a level.
///
/// There is one of a code, but of those that name a vendor (`vivco-suboptions`, 124, and `vivso-suboptions`, 125) there
/// are as many as are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options4 {
    /// By code. Of one code, the last written comes first: Kea sends them so.
    options: Vec<Option4>,
    vendor_options: Vec<VendorOption4>,
}

impl Option4 {
    /// The vendor that the option is for, if it is of those that name one.
    pub fn enterprise(&self) -> Option<u32> {
        let number = self.data.first_chunk().filter(|_| self.names_vendor());
        number.copied().map(u32::from_be_bytes)
    }

    /// Whether it is one of those that name a vendor (RFC 3925).
    fn names_vendor(&self) -> bool {
        matches!(self.code, 124 | 125)
    }
}

impl Options4 {
    /// The options of one level, in the order in which they are written. Of several with the same code the first one
    /// counts, with the flags of all, as in Kea.
    pub fn new(mut options: Vec<Option4>) -> Self {
        options.sort_by_key(|option| option.code);
        options.dedup_by(|later, first| {
            let same = later.code == first.code && !first.names_vendor();
            first.always_send |= same && later.always_send;
            first.never_send |= same && later.never_send;
            same
        });
        options.chunk_by_mut(|one, next| one.code == next.code).for_each(<[Option4]>::reverse);
        Self { options, vendor_options: Vec::new() }
    }

    /// The same with these vendor options. Of several with the same enterprise and code the first one counts, with the
    /// flags of all.
    pub fn with_vendor_options(mut self, mut options: Vec<VendorOption4>) -> Self {
        options.sort_by_key(|option| (option.enterprise, option.code));
        options.dedup_by(|later, first| {
            let same = (later.enterprise, later.code) == (first.enterprise, first.code);
            first.always_send |= same && later.always_send;
            first.never_send |= same && later.never_send;
            same
        });
        self.vendor_options = options;
        self
    }

    /// The option of this code; of several, the one that was written first.
    pub fn find(&self, code: u8) -> Option<&Option4> {
        let end = self.options.partition_point(|option| option.code <= code);
        self.options[..end].last().filter(|option| option.code == code)
    }

    /// The options of this code, the last written first.
    pub fn all(&self, code: u8) -> &[Option4] {
        let from = &self.options[self.options.partition_point(|option| option.code < code)..];
        let count = from.iter().take_while(|option| option.code == code).count();
        &from[..count]
    }

    /// All options, by code.
    pub fn iter(&self) -> std::slice::Iter<'_, Option4> {
        self.options.iter()
    }

    /// The sub-options of option 125, by enterprise and code.
    pub fn vendor_options(&self) -> &[VendorOption4] {
        &self.vendor_options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(code: u8, data: &[u8]) -> Option4 {
        Option4 { code, data: data.into(), always_send: false, never_send: false, guard: Guard::default() }
    }

    /// Of several entries of one code the first one counts, and a flag of any of them.
    #[test]
    fn the_first_of_a_code_counts() {
        let always = Option4 { always_send: true, ..option(6, &[9]) };
        let options = Options4::new(vec![option(6, &[1]), option(3, &[2]), always]);
        assert_eq!(options.iter().map(|o| o.code).collect::<Vec<_>>(), [3, 6]);
        assert_eq!(options.find(6), Some(&Option4 { always_send: true, ..option(6, &[1]) }));
        assert_eq!(options.find(7), None);
    }

    /// Options that name a vendor are all kept, the last written first.
    #[test]
    fn each_vendor_has_its_option() {
        let [a, b] = [[0, 0, 0, 1], [0, 0, 0, 2]].map(|vendor| [124, 125].map(|code| option(code, &vendor)));
        let options = Options4::new([&a[1], &b[1], &a[0], &b[0]].map(Clone::clone).to_vec());
        assert_eq!(options.all(124), [b[0].clone(), a[0].clone()]);
        assert_eq!(options.all(125), [b[1].clone(), a[1].clone()]);
        assert_eq!((options.find(125), options.all(126)), (Some(&a[1]), &[][..]));
        assert_eq!((a[1].enterprise(), option(43, &[0, 0, 0, 1]).enterprise()), (Some(1), None));
    }
}
