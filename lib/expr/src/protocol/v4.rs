//! DHCPv4: options in pieces that belong together (RFC 3396), and several vendors in one option (RFC 3925).

use std::net::{IpAddr, Ipv4Addr};

use kotare_options::{Definition, Universe};
use kotare_wire::v4::{OptionCode, SubOptions, VendorParts};

use super::{Protocol, V4, Vendor};
use crate::{
    Packet4,
    ast::{Enterprise, Field, Field4, Meta, Within},
    scratch::{Bytes, Scratch},
};

impl<P: Packet4 + ?Sized> Protocol<P> for V4 {
    const UNIVERSE: Universe = Universe::V4;
    /// Vendor-identifying vendor class, RFC 3925 §3.
    const VENDOR_CLASS: u16 = 124;
    /// Vendor-identifying vendor-specific information, RFC 3925 §4.
    const VENDOR_OPTIONS: u16 = 125;

    fn is_classified(packet: &P) -> bool {
        packet.is_classified()
    }

    fn field<'a>(packet: &'a P, field: Field, scratch: &mut Scratch) -> Option<Bytes<'a>> {
        let mut address = |address: Ipv4Addr| scratch.made(&address.octets());
        Some(match field {
            Field::Any(Meta::Source) => match packet.source() {
                IpAddr::V4(source) => scratch.made(&source.octets()),
                IpAddr::V6(source) => scratch.made(&source.octets()),
            },
            Field::Any(Meta::Destination) => address(packet.destination()),
            Field::Of4(field) => match field {
                Field4::HardwareAddress => Bytes::Borrowed(packet.hardware_address()),
                Field4::Ciaddr => address(packet.ciaddr()),
                Field4::Yiaddr => address(packet.yiaddr()),
                Field4::Siaddr => address(packet.siaddr()),
                Field4::Giaddr => address(packet.giaddr()),
                Field4::HardwareLength => scratch.number(packet.hardware_length().into()),
                Field4::HardwareType => scratch.number(packet.hardware_type().into()),
                Field4::MessageType => scratch.number(packet.message_type().into()),
                Field4::TransactionId => scratch.number(packet.transaction_id()),
            },
            Field::Any(_) | Field::Of6(_) | Field::OfRelay(..) => return None,
        })
    }

    #[inline]
    fn option<'a>(packet: &'a P, code: u16, scratch: &mut Scratch) -> Option<Bytes<'a>> {
        of_message(packet, code, scratch)
    }

    fn relayed<'a>(packet: &'a P, within: Within, code: u16, scratch: &mut Scratch) -> Option<Bytes<'a>> {
        let Within::Agent = within else { return None };
        let all = of_message(packet, OptionCode::RELAY_AGENT_INFORMATION.0.into(), scratch)?;
        scratch.pieces(all, |all, take| select(SubOptions::new(all), code, take))
    }

    fn inside<'b>(outer: &Definition, data: &'b [u8], code: u16, take: &mut dyn FnMut(&'b [u8])) {
        if let Some(options) = outer.sub_options_in(data) {
            select(options, code, take);
        }
    }

    /// A message may have parts of several vendors. As in Kea, the one with the lowest number counts where none is asked
    /// for. Where one is asked for, Kea compares it with that one only; here all are looked at.
    fn vendor<'a>(packet: &'a P, code: u16, wanted: Enterprise, scratch: &mut Scratch) -> Option<Vendor<'a>> {
        let all = of_message(packet, code, scratch)?;
        let data = scratch.view(all);
        let first = lowest(data)?;
        let vendor = wanted.map_or(first, u32::from);
        let found = vendor == first || VendorParts::new(data).any(|(of, _)| of == vendor);
        Some(if found { Vendor::Wanted(all, vendor) } else { Vendor::Other(first) })
    }

    fn enterprise(data: &[u8]) -> Option<u32> {
        lowest(data)
    }

    fn of_vendor<'a>(data: Bytes<'a>, vendor: u32, code: u16, scratch: &mut Scratch) -> Option<Bytes<'a>> {
        let own = scratch.pieces(data, |data, take| parts(data, vendor).for_each(take))?;
        scratch.pieces(own, |own, take| select(SubOptions::new(own), code, take))
    }

    fn vendor_data<'b>(data: &'b [u8], vendor: u32, take: &mut dyn FnMut(&'b [u8])) {
        parts(data, vendor).for_each(take);
    }
}

/// The payload of an option of the message.
#[inline]
fn of_message<'a>(
    packet: &'a (impl Packet4 + ?Sized),
    code: u16,
    scratch: &mut Scratch,
) -> Option<Bytes<'a>> {
    let value = packet.option(u8::try_from(code).ok()?)?;
    Some(value.as_slice().map_or_else(
        || {
            let from = scratch.len();
            value.chunks().for_each(|chunk| scratch.push(chunk));
            scratch.since(from)
        },
        Bytes::Borrowed,
    ))
}

/// Takes all of a code.
fn select<'b>(options: SubOptions<'b>, code: u16, take: &mut dyn FnMut(&'b [u8])) {
    options.filter(|(at, _)| u16::from(*at) == code).for_each(|(_, part)| take(part));
}

/// The parts of a vendor in a value of option 124 or 125.
fn parts(value: &[u8], vendor: u32) -> impl Iterator<Item = &[u8]> {
    VendorParts::new(value).filter(move |(of, _)| *of == vendor).map(|(_, part)| part)
}

/// The lowest enterprise number in there.
fn lowest(value: &[u8]) -> Option<u32> {
    VendorParts::new(value).map(|(enterprise, _)| enterprise).min()
}
