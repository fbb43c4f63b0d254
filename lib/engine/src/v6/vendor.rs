//! The options that name a vendor: 16 and 17 (RFC 9915 §21.16, §21.17), an option for each vendor.
//!
//! As in Kea, a client gets those that are configured and sent anyway; an option 17 holds, for the vendors that are
//! configured and those that the client names, the sub-options of a vendor's space that are always sent and, if it is a
//! DOCSIS device, those it lists in its own sub-option "oro".

use kotare_config::v6::{Choice6, Codes6, Option6};
use kotare_wire::NoRoom;
use kotare_wire::v6::{Message, OptionCode, Writer, vendor_class, vendor_options};
use smallvec::SmallVec;

use super::layers::Layers;

/// CableLabs, whose devices say what they want.
const CABLE_LABS: u32 = 4491;
/// Their sub-option with the codes of the sub-options they want.
const ORO: OptionCode = OptionCode(1);
/// How many vendors of one message are looked at.
const VENDORS: usize = 8;

/// The values of the configured options 16, one a vendor, in Kea's order.
pub(super) fn vendor_classes<'a>(options: &Layers<'a>) -> impl Iterator<Item = &'a [u8]> {
    one_a_vendor(options.all(OptionCode::VENDOR_CLASS.0)).map(|option| &*option.data)
}

/// Those of `options` that are the first for their vendor.
fn one_a_vendor<'a>(options: impl Iterator<Item = &'a Option6>) -> impl Iterator<Item = &'a Option6> {
    let mut seen: SmallVec<[u32; VENDORS]> = SmallVec::new();
    options.filter(move |option| {
        let new = option.enterprise().filter(|vendor| !seen.contains(vendor));
        seen.extend(new);
        new.is_some()
    })
}

/// A vendor for whom there is an option 17.
#[derive(Debug)]
pub(super) struct Vendor {
    id: u32,
    /// Its sub-options.
    codes: Codes6,
}

/// The options 17 of a reply: those that are configured, if they are `chosen`, then those of other vendors that the client
/// names, by number, if they have sub-options.
pub(super) fn vendors(
    options: &Layers<'_>,
    query: Message<'_>,
    chosen: bool,
    on_subnet: bool,
) -> SmallVec<[Vendor; 2]> {
    let mut vendors = SmallVec::new();
    let has_inner = on_subnet && options.have_vendor_options();
    if !chosen && !has_inner {
        return vendors;
    }
    let mut ids: SmallVec<[u32; VENDORS]> = SmallVec::new();
    if chosen {
        ids.extend(one_a_vendor(options.all(OptionCode::VENDOR_OPTS.0)).filter_map(Option6::enterprise));
    }
    let configured = ids.len();
    // Whom the client names matters only where there is something for them.
    if has_inner {
        let by_options = query.all(OptionCode::VENDOR_OPTS).filter_map(|it| Some(vendor_options(it)?.0));
        let by_class = query.all(OptionCode::VENDOR_CLASS).filter_map(|it| Some(vendor_class(it)?.0));
        for id in by_options.chain(by_class) {
            if !ids.contains(&id) && ids.len() - configured < VENDORS {
                ids.push(id);
            }
        }
        ids[configured..].sort_unstable();
    }
    for (nth, id) in ids.into_iter().enumerate() {
        let codes = if has_inner { inner(options, id, query) } else { Codes6::default() };
        if nth < configured || !codes.is_empty() {
            vendors.push(Vendor { id, codes });
        }
    }
    vendors
}

/// The sub-options that a client gets in a vendor's space.
fn inner(options: &Layers<'_>, id: u32, query: Message<'_>) -> Codes6 {
    let mut choice = Choice6::default();
    for option in options.vendor_options(id) {
        choice.insert(option.code, option.always_send, option.never_send);
    }
    let wanted = wanted_by_device(id, query).filter(|code| choice.has.contains(*code)).collect();
    let chosen = choice.of(wanted);
    chosen.iter().filter(|code| options.vendor_option(id, *code).is_some()).collect()
}

/// The codes a device of `vendor` lists in its own option 17.
fn wanted_by_device(vendor: u32, query: Message<'_>) -> impl Iterator<Item = u16> {
    let theirs = query.all(OptionCode::VENDOR_OPTS).filter_map(vendor_options);
    let mut lists =
        theirs.filter(move |(id, _)| *id == vendor && vendor == CABLE_LABS).map(|(_, options)| options);
    let list = lists.find_map(|options| options.find_code(ORO)).unwrap_or_default();
    list.as_chunks::<2>().0.iter().map(|code| u16::from_be_bytes(*code))
}

impl Vendor {
    /// Writes the option.
    pub(super) fn write(&self, options: &Layers<'_>, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        let open = writer.open(OptionCode::VENDOR_OPTS)?;
        writer.bytes(&self.id.to_be_bytes())?;
        for code in self.codes.iter() {
            if let Some(option) = options.vendor_option(self.id, code) {
                writer.option(OptionCode(code), &option.data)?;
            }
        }
        writer.close(open);
        Ok(())
    }
}
