//! DHCPv6: options that are whole, of which the first counts when there are several; options of relay agents; and an
//! option for each vendor (RFC 9915 §21.16, §21.17).

use std::net::Ipv6Addr;

use kotare_options::{Definition, Universe};
use kotare_wire::v6::{OptionCode, Relay, vendor_class, vendor_options};

use super::{Protocol, V6, Vendor};
use crate::{
    Packet6,
    ast::{Enterprise, Field, Field6, Meta, RelayField, Within},
    scratch::{Bytes, Scratch},
};

impl<P: Packet6 + ?Sized> Protocol<P> for V6 {
    const UNIVERSE: Universe = Universe::V6;
    const VENDOR_CLASS: u16 = OptionCode::VENDOR_CLASS.0;
    const VENDOR_OPTIONS: u16 = OptionCode::VENDOR_OPTS.0;

    /// No option depends on it.
    fn is_classified(_: &P) -> bool {
        true
    }

    fn field<'a>(packet: &'a P, field: Field, scratch: &mut Scratch) -> Option<Bytes<'a>> {
        let mut address = |address: Ipv6Addr| scratch.made(&address.octets());
        Some(match field {
            Field::Any(Meta::Source) => address(packet.source()),
            Field::Any(Meta::Destination) => address(packet.destination()),
            Field::Of6(Field6::MessageType) => scratch.number(packet.message_type().into()),
            Field::Of6(Field6::TransactionId) => scratch.number(packet.transaction_id()),
            Field::OfRelay(nest, RelayField::PeerAddress) => address(relay(packet, nest)?.peer_address()),
            Field::OfRelay(nest, RelayField::LinkAddress) => address(relay(packet, nest)?.link_address()),
            Field::Any(_) | Field::Of4(_) => return None,
        })
    }

    fn option<'a>(packet: &'a P, code: u16, _: &mut Scratch) -> Option<Bytes<'a>> {
        packet.options(OptionCode(code)).next().map(Bytes::Borrowed)
    }

    fn relayed<'a>(packet: &'a P, within: Within, code: u16, _: &mut Scratch) -> Option<Bytes<'a>> {
        let code = OptionCode(code);
        match within {
            // The message within is none of its options.
            Within::Relay(nest) if code != OptionCode::RELAY_MSG => {
                relay(packet, nest)?.option(code).map(Bytes::Borrowed)
            }
            _ => None,
        }
    }

    fn inside<'b>(outer: &Definition, data: &'b [u8], code: u16, take: &mut dyn FnMut(&'b [u8])) {
        let found = outer.options_in(data).and_then(|options| options.find_code(OptionCode(code)));
        found.into_iter().for_each(take);
    }

    /// Each vendor has an option of its own. As in Kea, the first counts where none is asked for. Where one is asked for,
    /// Kea compares it with that one only; here all are looked at.
    fn vendor<'a>(packet: &'a P, code: u16, wanted: Enterprise, _: &mut Scratch) -> Option<Vendor<'a>> {
        let mut other = None;
        for data in packet.options(OptionCode(code)) {
            let Some(vendor) = number(data) else { continue };
            if wanted.is_none_or(|wanted| u32::from(wanted) == vendor) {
                return Some(Vendor::Wanted(Bytes::Borrowed(data), vendor));
            }
            other = other.or(Some(vendor));
        }
        other.map(Vendor::Other)
    }

    fn enterprise(data: &[u8]) -> Option<u32> {
        number(data)
    }

    fn of_vendor<'a>(data: Bytes<'a>, _: u32, code: u16, scratch: &mut Scratch) -> Option<Bytes<'a>> {
        scratch.pieces(data, |data, take| {
            let found = vendor_options(data).and_then(|(_, options)| options.find_code(OptionCode(code)));
            found.into_iter().for_each(take);
        })
    }

    fn vendor_data<'b>(data: &'b [u8], _: u32, take: &mut dyn FnMut(&'b [u8])) {
        vendor_class(data).into_iter().flat_map(|(_, pieces)| pieces).for_each(take);
    }
}

/// A relay agent: from zero on, by how many there are between it and the server; below zero, the last, which is the one
/// nearest to the client, being -1.
fn relay(packet: &(impl Packet6 + ?Sized), nest: i8) -> Option<Relay<'_>> {
    let number = match usize::try_from(nest) {
        Ok(number) => number,
        Err(_) => packet.relays().checked_sub(nest.unsigned_abs().into())?,
    };
    packet.relay(number)
}

/// The enterprise number that a value of a vendor's begins with.
fn number(value: &[u8]) -> Option<u32> {
    value.first_chunk().map(|number| u32::from_be_bytes(*number))
}
