//! What an expression asks of a packet.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kotare_wire::{v4::OptionValue, v6};

use crate::{
    ClassId,
    protocol::{Protocol, V4, V6},
};

/// A message, with where it came from and the classes it belongs to so far: what messages of both protocols have. What
/// else there is says [`Packet4`] or [`Packet6`].
pub trait Packet {
    /// Which protocol it is of: [`V4`] or [`V6`].
    type Protocol: Protocol<Self>;
    /// Who sent it, for log messages.
    fn label(&self) -> &dyn fmt::Display;
    /// Whether the packet belongs to the class.
    fn is_member(&self, class: ClassId) -> bool;
    /// The name of the interface it arrived on: `pkt.iface`.
    fn interface(&self) -> &str;
    /// `pkt.len`: how many bytes it takes. Of DHCPv4, its header and its options without the magic cookie and the end; of
    /// DHCPv6, everything, with what relay agents put around it.
    fn length(&self) -> u32;
}

/// A message of DHCPv4.
pub trait Packet4: Packet<Protocol = V4> {
    /// The payload of an option of the message, all its parts joined (RFC 3396), relay agent information (82)
    /// and vendor options (43, 124, 125) included; `None` when the message has none.
    fn option(&self, code: u8) -> Option<OptionValue<'_>>;
    /// Whether it was evaluated which classes it belongs to, but for those that depend on a reservation. Options 43 and
    /// 224 to 254, whose meaning may depend on the class, are bytes without meaning before.
    fn is_classified(&self) -> bool;
    /// The IP source address: `pkt.src`. An IPv6 one of a message that came over DHCPv6.
    fn source(&self) -> IpAddr;
    /// The IP destination address: `pkt.dst`.
    fn destination(&self) -> Ipv4Addr;
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

/// A message of DHCPv6: that of the client, or the answer to it, within what relay agents put around it.
pub trait Packet6: Packet<Protocol = V6> {
    /// The payloads of all options of this code, in the order in which they stand, relay agents' options left out.
    fn options(&self, code: v6::OptionCode) -> impl Iterator<Item = &[u8]>;
    /// The IP source address: `pkt.src`.
    fn source(&self) -> Ipv6Addr;
    /// The IP destination address: `pkt.dst`.
    fn destination(&self) -> Ipv6Addr;
    /// `pkt6.msgtype`, of the message within those of relay agents.
    fn message_type(&self) -> u8;
    /// `pkt6.transid`
    fn transaction_id(&self) -> u32;
    /// How many relay agents it passed.
    fn relays(&self) -> usize;
    /// What a relay agent put around it, by how many there are between it and the server: `relay6[number]`.
    fn relay(&self, number: usize) -> Option<v6::Relay<'_>>;
}
