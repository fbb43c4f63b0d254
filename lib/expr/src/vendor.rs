//! What vendors say: options 124 and 125 of DHCPv4, 16 and 17 of DHCPv6.

use kotare_model::Hex;

use crate::{
    Packet,
    ast::Enterprise,
    evaluate::Evaluation,
    messages::*,
    overheard::Hear,
    protocol::{Protocol, Vendor},
    scratch::Bytes,
    shown::Plain,
};

impl<'a, P: Packet, H: Hear> Evaluation<'a, '_, P, H> {
    /// `vendor.enterprise`
    pub(crate) fn vendor_enterprise(&mut self) -> Bytes<'a> {
        let Some((_, enterprise)) = self.vendor_options(None, "") else { return Bytes::EMPTY };
        EVAL_DEBUG_VENDOR_ENTERPRISE_ID(self.label(), enterprise, InDigits(enterprise));
        self.scratch.number(enterprise)
    }

    /// `vendor-class.enterprise`
    pub(crate) fn vendor_class_enterprise(&mut self) -> Bytes<'a> {
        let Some((_, enterprise)) = self.vendor_class(None, "") else { return Bytes::EMPTY };
        EVAL_DEBUG_VENDOR_CLASS_ENTERPRISE_ID(self.label(), enterprise, InDigits(enterprise));
        self.scratch.number(enterprise)
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

    /// What the vendor says that comes `index`th, from zero.
    pub(crate) fn vendor_class_data(&mut self, wanted: Enterprise, index: u8) -> Bytes<'a> {
        let Some((all, enterprise)) = self.vendor_class(wanted, "") else { return Bytes::EMPTY };
        let mut count = 0;
        P::Protocol::vendor_data(self.scratch.view(all), enterprise, &mut |_| count += 1);
        let Some(data) = self.scratch.pieces(all, |all, take| {
            let mut at = 0;
            P::Protocol::vendor_data(all, enterprise, &mut |piece| {
                if at == usize::from(index) {
                    take(piece);
                }
                at += 1;
            });
        }) else {
            EVAL_DEBUG_VENDOR_CLASS_DATA_NOT_FOUND(self.label(), index, enterprise, count, "");
            return Bytes::EMPTY;
        };
        EVAL_DEBUG_VENDOR_CLASS_DATA(self.label(), index, count, Plain(self.scratch.view(data)));
        data
    }

    /// The option with options of vendors and the vendor that is looked for in it; `pushed` is logged as the value if it
    /// is not there.
    pub(crate) fn vendor_options(&mut self, wanted: Enterprise, pushed: &str) -> Option<(Bytes<'a>, u32)> {
        let code = P::Protocol::VENDOR_OPTIONS;
        match P::Protocol::vendor(self.packet, code, wanted, self.scratch) {
            None => EVAL_DEBUG_VENDOR_NO_OPTION(self.label(), code, pushed),
            Some(Vendor::Wanted(data, enterprise)) => return Some((data, enterprise)),
            Some(Vendor::Other(other)) => {
                let wanted = wanted.map_or(0, u32::from);
                EVAL_DEBUG_VENDOR_ENTERPRISE_ID_MISMATCH(self.label(), wanted, other, pushed);
            }
        }
        None
    }

    /// The same of the option in which vendors say what a client is.
    fn vendor_class(&mut self, wanted: Enterprise, pushed: &str) -> Option<(Bytes<'a>, u32)> {
        let code = P::Protocol::VENDOR_CLASS;
        match P::Protocol::vendor(self.packet, code, wanted, self.scratch) {
            None => EVAL_DEBUG_VENDOR_CLASS_NO_OPTION(self.label(), code, pushed),
            Some(Vendor::Wanted(data, enterprise)) => return Some((data, enterprise)),
            Some(Vendor::Other(other)) => {
                let wanted = wanted.map_or(0, u32::from);
                EVAL_DEBUG_VENDOR_CLASS_ENTERPRISE_ID_MISMATCH(self.label(), wanted, other, pushed);
            }
        }
        None
    }
}

/// A number as the digits of its four bytes.
struct InDigits(u32);

impl std::fmt::Display for InDigits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:X}", Hex(&self.0.to_be_bytes()))
    }
}
