//! Finding the option a path leads to.

use std::borrow::Cow;

use kotare_options::{AGENT_SPACE, DHCP4_SPACE, DataType, Definition, find_sub_option};
use kotare_wire::v4::{SubOptions, VendorParts};

use crate::{
    Packet4,
    ast::{Enterprise, Form, OptionPath, Within},
};

/// Relay agent information, RFC 3046.
const AGENT_INFORMATION: u8 = 82;
/// Vendor-identifying vendor class, RFC 3925 §3.
const VENDOR_CLASS: u8 = 124;
/// Vendor-identifying vendor-specific information, RFC 3925 §4.
const VENDOR_OPTIONS: u8 = 125;

impl OptionPath {
    pub(crate) fn exists(&self, packet: &impl Packet4) -> bool {
        self.find(packet).is_some()
    }

    pub(crate) fn value<'a>(&'a self, packet: &'a impl Packet4, form: Form) -> Cow<'a, [u8]> {
        let Some((data, space)) = self.find(packet) else { return Cow::Borrowed(&[]) };
        let Some(last) = self.steps.last().filter(|_| form == Form::Words) else { return data };
        // The common case: the words of a string are the string.
        if last.definition.as_ref().is_some_and(|definition| definition.data_type == DataType::String) {
            return data;
        }
        match data {
            Cow::Borrowed(data) => self.definitions.text_value(&space, last.code.into(), data),
            Cow::Owned(data) => {
                Cow::Owned(self.definitions.text_value(&space, last.code.into(), &data).into_owned())
            }
        }
    }

    /// The payload of the last step, and the space its code is of.
    fn find<'a>(&'a self, packet: &'a impl Packet4) -> Option<(Cow<'a, [u8]>, Cow<'a, str>)> {
        let (first, rest) = self.steps.split_first()?;
        let mut space;
        let mut data;
        match self.within {
            Within::Message => {
                space = Cow::Borrowed(DHCP4_SPACE);
                data = packet.option(first.code)?;
            }
            Within::Agent => {
                space = Cow::Borrowed(AGENT_SPACE);
                let all = packet.option(AGENT_INFORMATION)?;
                data = inside(all, |all| find_sub_option(SubOptions::new(all), first.code))?;
            }
            Within::Vendor(wanted) => {
                let all = packet.option(VENDOR_OPTIONS)?;
                let (enterprise, sub_options) = vendor(all, wanted)?;
                space = Cow::Owned(format!("vendor-{enterprise}"));
                data = inside(sub_options, |all| find_sub_option(SubOptions::new(all), first.code))?;
            }
        }
        let mut outer = self.definition(&space, 0);
        data = inside(data, |data| received(outer, data))?;
        for (at, step) in rest.iter().enumerate() {
            let code = self.steps[at].code;
            if space == DHCP4_SPACE && code == VENDOR_OPTIONS {
                let (enterprise, sub_options) = vendor(data, None)?;
                space = Cow::Owned(format!("vendor-{enterprise}"));
                data = inside(sub_options, |all| find_sub_option(SubOptions::new(all), step.code))?;
            } else {
                let definition = outer?;
                data = inside(data, |data| find_sub_option(definition.sub_options_in(data)?, step.code))?;
                space = Cow::Borrowed(&*definition.encapsulates);
            }
            outer = self.definition(&space, at + 1);
            data = inside(data, |data| received(outer, data))?;
        }
        Some((data, space))
    }

    /// The definition of a step: known from the text, or else looked up now that its space is known.
    fn definition(&self, space: &str, at: usize) -> Option<&Definition> {
        let step = &self.steps[at];
        step.definition.as_ref().or_else(|| match self.within {
            Within::Vendor(_) => self.definitions.by_code(space, step.code.into()),
            Within::Message if self.steps[0].code == VENDOR_OPTIONS && at > 0 => {
                self.definitions.by_code(space, step.code.into())
            }
            _ => None,
        })
    }
}

fn received<'a>(definition: Option<&Definition>, data: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    definition.map_or(Some(data), |definition| definition.received(data)).map(Cow::Borrowed)
}

/// Looks into bytes that may be borrowed from the packet, and stays borrowed if they are.
fn inside<'a, F>(data: Cow<'a, [u8]>, look: F) -> Option<Cow<'a, [u8]>>
where
    F: for<'b> FnOnce(&'b [u8]) -> Option<Cow<'b, [u8]>>,
{
    match data {
        Cow::Borrowed(data) => look(data),
        Cow::Owned(data) => look(&data).map(|found| Cow::Owned(found.into_owned())),
    }
}

/// The enterprise number and sub-options of option 125 for the enterprise asked for: all its parts joined,
/// those of others left out.
fn vendor(data: Cow<'_, [u8]>, wanted: Enterprise) -> Option<(u32, Cow<'_, [u8]>)> {
    let mut enterprise = wanted.map(u32::from);
    match data {
        Cow::Borrowed(data) => {
            let found = vendor_parts(data, &mut enterprise)?;
            Some((enterprise?, found))
        }
        Cow::Owned(data) => {
            let found = vendor_parts(&data, &mut enterprise)?.into_owned();
            Some((enterprise?, Cow::Owned(found)))
        }
    }
}

fn vendor_parts<'a>(data: &'a [u8], enterprise: &mut Option<u32>) -> Option<Cow<'a, [u8]>> {
    let mut found: Option<Cow<'a, [u8]>> = None;
    for (number, part) in VendorParts::new(data) {
        if *enterprise.get_or_insert(number) != number {
            continue;
        }
        match &mut found {
            None => found = Some(Cow::Borrowed(part)),
            Some(joined) => joined.to_mut().extend_from_slice(part),
        }
    }
    found
}

/// `vendor.enterprise`: the enterprise number of the first part of option 125.
pub(crate) fn vendor_enterprise(packet: &impl Packet4) -> Option<[u8; 4]> {
    first_enterprise(packet, VENDOR_OPTIONS)
}

/// `vendor-class.enterprise`: the enterprise number of the first part of option 124.
pub(crate) fn vendor_class_enterprise(packet: &impl Packet4) -> Option<[u8; 4]> {
    first_enterprise(packet, VENDOR_CLASS)
}

fn first_enterprise(packet: &impl Packet4, code: u8) -> Option<[u8; 4]> {
    let data = packet.option(code)?;
    VendorParts::new(&data).next().map(|(number, _)| number.to_be_bytes())
}

/// Whether option 125 has a part of the enterprise.
pub(crate) fn vendor_exists(packet: &impl Packet4, wanted: Enterprise) -> bool {
    has_enterprise(packet, VENDOR_OPTIONS, wanted)
}

/// Whether option 124 has a part of the enterprise.
pub(crate) fn vendor_class_exists(packet: &impl Packet4, wanted: Enterprise) -> bool {
    has_enterprise(packet, VENDOR_CLASS, wanted)
}

fn has_enterprise(packet: &impl Packet4, code: u8, wanted: Enterprise) -> bool {
    packet.option(code).is_some_and(|data| {
        VendorParts::new(&data).any(|(number, _)| wanted.is_none_or(|wanted| wanted.get() == number))
    })
}

/// The data of option 124 that comes `index`th, from zero, among those of the enterprise asked for or else of
/// the first.
pub(crate) fn vendor_class_data<'a>(
    packet: &'a impl Packet4,
    wanted: Enterprise,
    index: u8,
) -> Option<Cow<'a, [u8]>> {
    inside(packet.option(VENDOR_CLASS)?, |data| {
        let wanted =
            wanted.map(u32::from).or_else(|| VendorParts::new(data).next().map(|(number, _)| number));
        let mut parts = VendorParts::new(data).filter(|(number, _)| Some(*number) == wanted);
        parts.nth(index.into()).map(|(_, part)| Cow::Borrowed(part))
    })
}
