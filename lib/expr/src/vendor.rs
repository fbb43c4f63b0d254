//! What vendors say: options 124 and 125.
//!
//! A message may have parts of several vendors. As in Kea, the one with the lowest number counts where none is asked
//! for. Where one is asked for, Kea compares it with that one only; here all are looked at.

use kotare_model::Hex;
use kotare_wire::v4::VendorParts;

use crate::{
    Packet4, ast::Enterprise, evaluate::Evaluation, messages::*, options::VENDOR_OPTIONS, scratch::Bytes,
    shown::Plain,
};

/// Vendor-identifying vendor class, RFC 3925 §3.
const VENDOR_CLASS: u8 = 124;

impl<'a, P: Packet4> Evaluation<'a, '_, P> {
    /// `vendor.enterprise`
    pub(crate) fn vendor_enterprise(&mut self) -> Bytes<'a> {
        let Some((_, enterprise)) = self.vendor_options(None, "") else { return Bytes::EMPTY };
        EVAL_DEBUG_VENDOR_ENTERPRISE_ID(self.label(), enterprise, InDigits(enterprise));
        self.number(enterprise)
    }

    /// `vendor-class.enterprise`
    pub(crate) fn vendor_class_enterprise(&mut self) -> Bytes<'a> {
        let Some((_, enterprise)) = self.vendor_class(None, "") else { return Bytes::EMPTY };
        EVAL_DEBUG_VENDOR_CLASS_ENTERPRISE_ID(self.label(), enterprise, InDigits(enterprise));
        self.number(enterprise)
    }

    /// `vendor[enterprise].exists`
    pub(crate) fn vendor_exists(&mut self, wanted: Enterprise) -> bool {
        let Some((_, enterprise)) = self.vendor_options(wanted, "false") else { return false };
        EVAL_DEBUG_VENDOR_EXISTS(self.label(), enterprise, true);
        true
    }

    /// `vendor-class[enterprise].exists`
    pub(crate) fn vendor_class_exists(&mut self, wanted: Enterprise) -> bool {
        let Some((_, enterprise)) = self.vendor_class(wanted, "false") else { return false };
        EVAL_DEBUG_VENDOR_CLASS_EXISTS(self.label(), enterprise, true);
        true
    }

    /// The data of option 124 that comes `index`th, from zero, among those of the vendor.
    pub(crate) fn vendor_class_data(&mut self, wanted: Enterprise, index: u8) -> Bytes<'a> {
        let Some((all, enterprise)) = self.vendor_class(wanted, "") else { return Bytes::EMPTY };
        let own = |all| VendorParts::new(all).filter(|(of, _)| *of == enterprise).map(|(_, part)| part);
        let count = own(self.scratch.view(all)).count();
        let Some(data) = self.pieces(all, |all, take| {
            let own = VendorParts::new(all).filter(|(of, _)| *of == enterprise);
            own.skip(index.into()).take(1).for_each(|(_, part)| take(part));
        }) else {
            EVAL_DEBUG_VENDOR_CLASS_DATA_NOT_FOUND(self.label(), index, enterprise, count, "");
            return Bytes::EMPTY;
        };
        EVAL_DEBUG_VENDOR_CLASS_DATA(self.label(), index, count, Plain(self.scratch.view(data)));
        data
    }

    /// Option 125 and the vendor that is looked for in it; `pushed` is logged as the value if it is not there.
    pub(crate) fn vendor_options(&mut self, wanted: Enterprise, pushed: &str) -> Option<(Bytes<'a>, u32)> {
        let Some((all, first)) = self.first_vendor(VENDOR_OPTIONS) else {
            EVAL_DEBUG_VENDOR_NO_OPTION(self.label(), VENDOR_OPTIONS, pushed);
            return None;
        };
        let found = self.has_vendor(all, first, wanted);
        if let (None, Some(wanted)) = (found, wanted) {
            EVAL_DEBUG_VENDOR_ENTERPRISE_ID_MISMATCH(self.label(), wanted, first, pushed);
        }
        found.map(|enterprise| (all, enterprise))
    }

    /// The same of option 124.
    fn vendor_class(&mut self, wanted: Enterprise, pushed: &str) -> Option<(Bytes<'a>, u32)> {
        let Some((all, first)) = self.first_vendor(VENDOR_CLASS) else {
            EVAL_DEBUG_VENDOR_CLASS_NO_OPTION(self.label(), VENDOR_CLASS, pushed);
            return None;
        };
        let found = self.has_vendor(all, first, wanted);
        if let (None, Some(wanted)) = (found, wanted) {
            EVAL_DEBUG_VENDOR_CLASS_ENTERPRISE_ID_MISMATCH(self.label(), wanted, first, pushed);
        }
        found.map(|enterprise| (all, enterprise))
    }

    /// The option and the vendor that counts.
    fn first_vendor(&mut self, code: u8) -> Option<(Bytes<'a>, u32)> {
        let all = self.option(code)?;
        Some((all, lowest(self.scratch.view(all))?))
    }

    /// The vendor that is wanted, if the option has it.
    fn has_vendor(&self, all: Bytes<'a>, first: u32, wanted: Enterprise) -> Option<u32> {
        let Some(wanted) = wanted.map(u32::from) else { return Some(first) };
        VendorParts::new(self.scratch.view(all)).any(|(of, _)| of == wanted).then_some(wanted)
    }
}

/// The lowest enterprise number of a value of option 124 or 125.
pub(crate) fn lowest(value: &[u8]) -> Option<u32> {
    VendorParts::new(value).map(|(enterprise, _)| enterprise).min()
}

/// A number as the digits of its four bytes.
struct InDigits(u32);

impl std::fmt::Display for InDigits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:X}", Hex(&self.0.to_be_bytes()))
    }
}
