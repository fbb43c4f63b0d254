//! What differs between the two protocols.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;

use kotare_net::udp::Address;
use kotare_wire::NoRoom;

use crate::arguments::Arguments;

/// DHCPv4 or DHCPv6, as clients and a relay agent speak it.
pub(crate) trait Protocol: Sized {
    /// Where a server and a relay agent are.
    type Ends: Address;
    /// What a client keeps of an offer until its request.
    type Offer: Clone;
    /// What a client was given, displayed as it is listed.
    type Given: fmt::Display;

    /// The bits of a transaction id.
    const TRANSACTION: u32;

    /// What to send, by the arguments.
    fn new(arguments: &Arguments) -> Result<Self, Box<dyn Error>>;

    /// Where servers and relay agents listen.
    fn end(address: IpAddr) -> Result<Self::Ends, Box<dyn Error>>;

    /// The length of every message: what the kernel cuts apart is equally long.
    fn length(&self) -> usize;

    /// Writes the message of a client, as its relay agent passes it on: the first one of an exchange, or that which follows
    /// an offer. All of `buffer` is the message.
    fn write(&self, step: Step<'_, Self>, buffer: &mut [u8]) -> Result<(), NoRoom>;

    /// Reads an answer; `None` for what is none.
    fn read(&self, datagram: &[u8]) -> Option<Answer<Self>>;

    /// The bare server's answer to a message, which has an address that nobody chose.
    fn reply(server: Self::Ends, query: &[u8], buffer: &mut [u8]) -> Result<usize, Box<dyn Error>>;
}

/// Where a client is.
pub(crate) struct Step<'a, P: Protocol> {
    /// The client: its number in the identity it shows.
    pub(crate) client: u32,
    /// How many clients are before it.
    pub(crate) place: u32,
    pub(crate) transaction: u32,
    pub(crate) offer: Option<&'a P::Offer>,
}

/// What a server says.
pub(crate) struct Answer<P: Protocol> {
    pub(crate) transaction: u32,
    pub(crate) said: Said<P>,
}

pub(crate) enum Said<P: Protocol> {
    Offered(P::Offer),
    Acknowledged(P::Given),
    Refused,
}

/// The hardware address of a client.
pub(crate) fn mac(client: u32) -> [u8; 6] {
    let [a, b, c, d] = client.to_be_bytes();
    [2, 0, a, b, c, d]
}

/// The identifier of a client of DHCPv4.
pub(crate) fn client_id(client: u32) -> [u8; 7] {
    let mut id = [1; 7];
    id[1..].copy_from_slice(&mac(client));
    id
}
