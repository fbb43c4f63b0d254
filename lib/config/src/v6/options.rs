//! Options of DHCPv6 as they go on the wire, prepared at configuration time.

use kotare_wire::v6::OptionCode;

use super::Codes6;
use crate::common::{Choice, Code, ConfiguredOption, Options, VendorOption};

/// One option of one level, encoded: what stands behind its code and its length, at most 65535 bytes.
pub type Option6 = ConfiguredOption<u16>;
/// A sub-option of option 17 for the devices of one vendor (RFC 9915 §21.17).
pub type VendorOption6 = VendorOption<u16>;
/// The options of a level. Of `vendor-class` (16) and `vendor-opts` (17), which name a vendor, there are as many as are
/// written.
pub type Options6 = Options<Codes6>;
/// What levels say of which options are sent.
pub type Choice6 = Choice<Codes6>;

impl Code for u16 {
    /// RFC 9915 §21.16 and §21.17.
    fn names_vendor(self) -> bool {
        matches!(OptionCode(self), OptionCode::VENDOR_CLASS | OptionCode::VENDOR_OPTS)
    }
}

#[cfg(test)]
mod tests {
    use kotare_expr::ClassSet;

    use super::*;

    fn option(code: u16, data: &[u8]) -> Option6 {
        Option6 { code, data: data.into(), ..Option6::default() }
    }

    /// Any code is found, also above those of which it is written down where they begin; vendors have one each.
    #[test]
    fn every_code_is_found() {
        let codes = [23, 255, 256, 257, 40_000, u16::MAX];
        let written = codes.iter().rev().map(|code| option(*code, &code.to_be_bytes()));
        let vendors = [1, 2].map(|vendor| option(17, &[0, 0, 0, vendor]));
        let options = Options6::new(written.chain(vendors.clone()).collect());
        let found = |code| options.find(code, &ClassSet::EMPTY).map(|option| option.code);
        assert_eq!(codes.map(found), codes.map(Some));
        assert_eq!([1, 22, 24, 254, 258, 39_999, 65_534].map(found), [None; 7]);
        assert_eq!(options.all(17), [vendors[1].clone(), vendors[0].clone()]);
        assert_eq!(options.all(17).iter().map(Option6::enterprise).collect::<Vec<_>>(), [Some(2), Some(1)]);
        assert_eq!(options.choice().has.to_string(), "17, 23, 255, 256, 257, 40000, 65535");
        assert!(Options6::new(vec![option(300, &[])]).all(299).is_empty());
    }
}
