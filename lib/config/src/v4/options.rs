//! Options as they go on the wire, prepared at configuration time.

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
}

/// The options of a level; at most one of a code, by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options4 {
    options: Vec<Option4>,
    vendor_options: Vec<VendorOption4>,
}

impl Options4 {
    /// The options of one level. Of several with the same code the first one counts.
    pub fn new(mut options: Vec<Option4>) -> Self {
        options.sort_by_key(|option| option.code);
        options.dedup_by_key(|option| option.code);
        Self { options, vendor_options: Vec::new() }
    }

    /// The same with these vendor options. Of several with the same enterprise and code the first one counts.
    pub fn with_vendor_options(mut self, mut options: Vec<VendorOption4>) -> Self {
        options.sort_by_key(|option| (option.enterprise, option.code));
        options.dedup_by_key(|option| (option.enterprise, option.code));
        self.vendor_options = options;
        self
    }

    /// The option of this code.
    pub fn find(&self, code: u8) -> Option<&Option4> {
        self.options.binary_search_by_key(&code, |option| option.code).ok().map(|at| &self.options[at])
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
        Option4 { code, data: data.into(), always_send: false, never_send: false }
    }

    /// Of several entries of one code the first one counts.
    #[test]
    fn the_first_of_a_code_counts() {
        let options = Options4::new(vec![option(6, &[1]), option(3, &[2]), option(6, &[9])]);
        assert_eq!(options.iter().map(|o| o.code).collect::<Vec<_>>(), [3, 6]);
        assert_eq!(options.find(6), Some(&option(6, &[1])));
        assert_eq!(options.find(7), None);
    }
}
