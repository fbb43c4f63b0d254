//! What an expression asks of a packet.

use std::{fmt, net::Ipv4Addr};

use kotare_wire::v4::OptionValue;

use crate::{ClassId, Part};

/// A received DHCPv4 message, with where it came from and the classes it belongs to so far.
pub trait Packet4 {
    /// Whether somebody wants to hear what the parts of expressions come to.
    fn listens(&self) -> bool {
        false
    }
    /// Hears what a part of an expression comes to, if it [listens](Packet4::listens).
    fn hear(&self, _part: Part<'_>) {}
    /// Who sent it, for log messages.
    fn label(&self) -> &dyn fmt::Display;
    /// The payload of an option of the message, all its parts joined (RFC 3396), relay agent information (82)
    /// and vendor options (43, 124, 125) included; `None` when the message has none.
    fn option(&self, code: u8) -> Option<OptionValue<'_>>;
    /// Whether it was evaluated which classes it belongs to, but for those that depend on a reservation. Options 43 and
    /// 224 to 254, whose meaning may depend on the class, are bytes without meaning before.
    fn is_classified(&self) -> bool;
    /// Whether the packet belongs to the class.
    fn is_member(&self, class: ClassId) -> bool;
    /// The name of the interface it arrived on: `pkt.iface`.
    fn interface(&self) -> &str;
    /// The IP source address: `pkt.src`.
    fn source(&self) -> Ipv4Addr;
    /// The IP destination address: `pkt.dst`.
    fn destination(&self) -> Ipv4Addr;
    /// How many bytes its header and its options take, without the magic cookie and the end: `pkt.len`.
    fn length(&self) -> u32;
    /// `pkt4.mac`: the hardware address, `hlen` bytes of it.
    fn hardware_address(&self) -> &[u8];
    /// `pkt4.hlen`
    fn hardware_length(&self) -> u8;
    /// `pkt4.htype`
    fn hardware_type(&self) -> u8;
    /// `pkt4.ciaddr`
    fn ciaddr(&self) -> Ipv4Addr;
    /// `pkt4.yiaddr`
    fn yiaddr(&self) -> Ipv4Addr;
    /// `pkt4.siaddr`
    fn siaddr(&self) -> Ipv4Addr;
    /// `pkt4.giaddr`
    fn giaddr(&self) -> Ipv4Addr;
    /// `pkt4.msgtype`: option 53, 0 when absent.
    fn message_type(&self) -> u8;
    /// `pkt4.transid`
    fn transaction_id(&self) -> u32;
}
