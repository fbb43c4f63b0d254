//! Option 125 for clients that name a vendor (RFC 3925): the sub-options of that vendor's space.
//!
//! As in Kea, a client gets the sub-options that are always sent and, if it is a DOCSIS device, those it lists in its
//! own sub-option "oro".

use kotare_config::v4::VendorOption4;
use kotare_wire::v4::{Message, OptionCode, SubOptions, VendorParts, encoded_len, push_sub_option};
use smallvec::SmallVec;

use super::options::Layers;
use crate::layers::{Choice, Codes};

/// The value of an option 125.
pub(super) type Vivso = SmallVec<[u8; 256]>;

/// CableLabs, whose devices say what they want.
const CABLE_LABS: u32 = 4491;
/// Their sub-option with the codes of the sub-options they want.
const ORO: u8 = 1;
/// How many vendors of one message are looked at.
const VENDORS: usize = 8;

/// Option 125 with the sub-options that the client gets beside `configured`, the value that is sent anyway; `None`
/// when there are none to add.
pub(super) fn vivso(options: &Layers<'_>, query: Message<'_>, configured: &[u8]) -> Option<Vivso> {
    if !options.have_vendor_options() {
        return None;
    }
    let theirs = query.option(OptionCode::VIVSO).and_then(|value| value.as_slice()).unwrap_or_default();
    let class = query.option(OptionCode::VIVCO).and_then(|value| value.as_slice()).unwrap_or_default();
    let mut ids: SmallVec<[u32; VENDORS]> = SmallVec::new();
    for (id, _) in VendorParts::new(configured).chain(VendorParts::new(theirs)).chain(VendorParts::new(class))
    {
        if !ids.contains(&id) && ids.len() < VENDORS {
            ids.push(id);
        }
    }
    ids.sort_unstable();
    let mut value = Vivso::new();
    let mut added = false;
    for id in ids {
        let own = VendorParts::new(configured).find(|(vendor, _)| *vendor == id).map(|(_, inner)| inner);
        let mut choice = Choice::default();
        for option in options.vendor_options(id) {
            choice.insert(option.code, option.always_send, option.never_send);
        }
        let mut inner = Vivso::from_slice(own.unwrap_or_default());
        for code in choice.of(wanted_by_device(id, theirs)).iter() {
            // The first layer that has it is the most specific one.
            let option = options.vendor_options(id).find(|option| option.code == code);
            added |= option.is_some_and(|option| append(&mut inner, option));
        }
        // A length byte counts what belongs to one vendor.
        if let Ok(len) = u8::try_from(inner.len())
            && (own.is_some() || !inner.is_empty())
        {
            value.extend_from_slice(&id.to_be_bytes());
            value.push(len);
            value.extend_from_slice(&inner);
        }
    }
    added.then_some(value)
}

/// Adds a sub-option unless it is there already or would not fit; whether it was added.
fn append(inner: &mut Vivso, option: &VendorOption4) -> bool {
    let there = SubOptions::new(inner).any(|(code, _)| code == option.code);
    // A length byte counts all of a vendor's sub-options.
    let fits = inner.len() + encoded_len(option.data.len()) <= usize::from(u8::MAX);
    if fits && !there {
        push_sub_option(inner, option.code, &option.data);
    }
    fits && !there
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
