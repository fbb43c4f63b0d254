//! What DHCPv4 and DHCPv6 do differently when an expression is evaluated.

mod v4;
mod v6;

use kotare_options::{Definition, Universe};

use crate::{
    ast::{Enterprise, Field, Within},
    scratch::{Bytes, Scratch},
};

/// DHCPv4.
#[derive(Debug)]
pub enum V4 {}

/// DHCPv6.
#[derive(Debug)]
pub enum V6 {}

/// A protocol, for its packets of one kind. What of an expression only the other protocol has is absent: no expression
/// that was read for this one has it.
pub trait Protocol<P: ?Sized> {
    /// Which it is.
    const UNIVERSE: Universe;
    /// The option in which vendors say what a client is.
    const VENDOR_CLASS: u16;
    /// The option with options of vendors.
    const VENDOR_OPTIONS: u16;

    /// Whether it is known which classes the packet belongs to, as far as options depend on it.
    fn is_classified(packet: &P) -> bool;

    /// A field that only packets of this protocol have, or an address of its own, as expressions see it: addresses as
    /// their bytes, numbers in four bytes. `None` if it is of a relay agent that is not there.
    fn field<'a>(packet: &'a P, field: Field, scratch: &mut Scratch) -> Option<Bytes<'a>>;

    /// The payload of an option of the message.
    fn option<'a>(packet: &'a P, code: u16, scratch: &mut Scratch) -> Option<Bytes<'a>>;

    /// The payload of an option of a relay agent.
    fn relayed<'a>(packet: &'a P, within: Within, code: u16, scratch: &mut Scratch) -> Option<Bytes<'a>>;

    /// Takes the pieces of an option within another one.
    fn inside<'b>(outer: &Definition, data: &'b [u8], code: u16, take: &mut dyn FnMut(&'b [u8]));

    /// What vendors say in an option of the message; `None` when no vendor does.
    fn vendor<'a>(packet: &'a P, code: u16, wanted: Enterprise, scratch: &mut Scratch) -> Option<Vendor<'a>>;

    /// The enterprise number that counts in a value of the option with options of vendors.
    fn enterprise(data: &[u8]) -> Option<u32>;

    /// An option of a vendor in a value of the option with options of vendors.
    fn of_vendor<'a>(data: Bytes<'a>, vendor: u32, code: u16, scratch: &mut Scratch) -> Option<Bytes<'a>>;

    /// Takes all that a vendor says in a value of the option in which it says what a client is.
    fn vendor_data<'b>(data: &'b [u8], vendor: u32, take: &mut dyn FnMut(&'b [u8]));
}

/// What vendors say in an option.
#[derive(Debug)]
pub enum Vendor<'a> {
    /// The value in which the vendor that is asked for speaks, or the one that counts where none is asked for, and its
    /// enterprise number.
    Wanted(Bytes<'a>, u32),
    /// It is not there; this one is.
    Other(u32),
}
