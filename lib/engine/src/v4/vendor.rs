//! The options that name a vendor (RFC 3925): 124 and 125, an option for each vendor.
//!
//! As in Kea, a client gets those that are configured and sent anyway, and in option 125, for the vendors it names and
//! for those, the sub-options of a vendor's space that are always sent and, if it is a DOCSIS device, those it lists in
//! its own sub-option "oro".

use std::borrow::Cow;

use kotare_config::v4::{Choice4, Option4, VendorOption4};
use kotare_wire::v4::{Codes, Message, OptionCode, SubOptions, VendorParts, encoded_len, push_sub_option};
use smallvec::SmallVec;

use super::layers::Layers;

/// CableLabs, whose devices say what they want.
const CABLE_LABS: u32 = 4491;
/// Their sub-option with the codes of the sub-options they want.
const ORO: u8 = 1;
/// How many vendors of one message are looked at.
const VENDORS: usize = 8;

/// The values of the configured options 124, one a vendor. First, as of any option, comes the one that was written
/// first on the most specific level; the others in Kea's order.
pub(super) fn vendor_classes<'a>(options: &Layers<'a>) -> impl Iterator<Item = &'a [u8]> {
    let first = options.find(OptionCode::VIVCO.0);
    one_a_vendor(first.into_iter().chain(options.all(OptionCode::VIVCO.0))).map(|option| &*option.data)
}

/// Those of `options` that are the first for their vendor.
fn one_a_vendor<'a>(options: impl Iterator<Item = &'a Option4>) -> impl Iterator<Item = &'a Option4> {
    let mut seen: SmallVec<[u32; VENDORS]> = SmallVec::new();
    options.filter(move |option| {
        let new = option.enterprise().filter(|vendor| !seen.contains(vendor));
        seen.extend(new);
        new.is_some()
    })
}

/// The values of the options 125 of a reply, one after the other.
#[derive(Debug, Default)]
pub(super) struct Vivso(SmallVec<[u8; 256]>);

/// A vendor for whom there may be an option 125.
struct Vendor<'a> {
    id: u32,
    /// The sub-options in the configured option, if that is sent.
    configured: Option<&'a [u8]>,
}

impl Vivso {
    /// Adds what a client gets: the configured options if they are `chosen`, and the sub-options that join them.
    ///
    /// The configured ones come first, in Kea's order, then other vendors that the client names, by number.
    pub(super) fn fill(&mut self, options: &Layers<'_>, query: Message<'_>, chosen: bool) {
        if !chosen && !options.have_vendor_options() {
            return;
        }
        let mut vendors: SmallVec<[Vendor<'_>; VENDORS]> = SmallVec::new();
        if chosen {
            let configured = one_a_vendor(options.all(OptionCode::VIVSO.0));
            let parts = configured.filter_map(|option| VendorParts::new(&option.data).next());
            vendors.extend(parts.map(|(id, inner)| Vendor { id, configured: Some(inner) }));
        }
        // Whom the client names matters only where there is something for them.
        let named = |code| match options.have_vendor_options() {
            true => whole(query, code),
            false => Cow::Borrowed(&[][..]),
        };
        let (theirs, class) = (named(OptionCode::VIVSO), named(OptionCode::VIVCO));
        let configured = vendors.len();
        for (id, _) in VendorParts::new(&theirs).chain(VendorParts::new(&class)) {
            let known = vendors.iter().any(|vendor| vendor.id == id);
            if !known && vendors.len() - configured < VENDORS {
                vendors.push(Vendor { id, configured: None });
            }
        }
        vendors[configured..].sort_unstable_by_key(|vendor| vendor.id);
        for Vendor { id, configured } in vendors {
            let mut choice = Choice4::default();
            for option in options.vendor_options(id) {
                choice.insert(option.code, option.always_send, option.never_send);
            }
            let mut inner = SmallVec::from_slice(configured.unwrap_or_default());
            for code in choice.of(wanted_by_device(id, &theirs)).iter() {
                options.vendor_option(id, code).into_iter().for_each(|option| append(&mut inner, option));
            }
            if configured.is_some() || !inner.is_empty() {
                self.push(id, &inner);
            }
        }
    }

    /// Adds an option. A length byte counts its sub-options, which are not more than that.
    fn push(&mut self, vendor: u32, inner: &[u8]) {
        self.0.extend_from_slice(&vendor.to_be_bytes());
        self.0.push(inner.len() as u8);
        self.0.extend_from_slice(inner);
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of each.
    pub(super) fn values(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.0;
        VendorParts::new(rest).map(move |(_, inner)| {
            let (value, later) = rest.split_at(VendorParts::HEADER + inner.len());
            rest = later;
            value
        })
    }
}

/// The value of an option, empty if there is none. Nearly always it is in one piece; RFC 3396 lets it be in several, and
/// a message for two vendors has two options.
fn whole(query: Message<'_>, code: OptionCode) -> Cow<'_, [u8]> {
    query.option(code).map_or(Cow::Borrowed(&[]), |value| match value.as_slice() {
        Some(bytes) => Cow::Borrowed(bytes),
        None => Cow::Owned(value.bytes().collect()),
    })
}

/// Adds a sub-option unless it is there already or would not fit.
fn append(inner: &mut SmallVec<[u8; 256]>, option: &VendorOption4) {
    let there = SubOptions::new(inner).any(|(code, _)| code == option.code);
    // A length byte counts all of a vendor's sub-options.
    let fits = inner.len() + encoded_len(option.data.len()) <= usize::from(u8::MAX);
    if fits && !there {
        push_sub_option(inner, option.code, &option.data);
    }
}

/// The codes a device of `vendor` lists in its own option 125.
fn wanted_by_device(vendor: u32, theirs: &[u8]) -> Codes {
    let lists = VendorParts::new(theirs).filter(|(id, _)| *id == vendor && vendor == CABLE_LABS);
    lists
        .flat_map(|(_, inner)| SubOptions::new(inner))
        .filter(|(code, _)| *code == ORO)
        .flat_map(|(_, list)| list.iter().copied())
        .collect()
}
