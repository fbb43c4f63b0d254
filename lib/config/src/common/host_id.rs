//! What reservations name their clients by.

use std::fmt;

use kotare_model::Hex;

use crate::json::Value;
use crate::schema::bytes;

/// What a reservation names its client by, in the order of Kea's numbers for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostIdType {
    /// `hw-address`: the hardware address.
    HwAddress,
    /// `duid`: the DUID; of DHCPv4, the one within a client identifier of type 255 (RFC 4361).
    Duid,
    /// `circuit-id`: what the relay calls the client's port (RFC 3046).
    CircuitId,
    /// `client-id`: option 61.
    ClientId,
    /// `flex-id`: what a module makes of the message.
    FlexId,
}

impl HostIdType {
    /// Those of DHCPv6: what `auto` stands for in `host-reservation-identifiers`.
    pub const V6: [Self; 3] = [Self::HwAddress, Self::Duid, Self::FlexId];
    /// Those of DHCPv4, which are all.
    pub const ALL: [Self; 5] = [Self::HwAddress, Self::Duid, Self::CircuitId, Self::ClientId, Self::FlexId];

    /// The keyword in a reservation.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::HwAddress => "hw-address",
            Self::Duid => "duid",
            Self::CircuitId => "circuit-id",
            Self::ClientId => "client-id",
            Self::FlexId => "flex-id",
        }
    }

    /// The type with this keyword.
    pub fn of(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.keyword() == keyword)
    }

    /// How many bytes an identifier may have.
    pub fn longest(self) -> usize {
        match self {
            Self::HwAddress => 20,
            Self::Duid => 130,
            Self::ClientId => 255,
            Self::CircuitId | Self::FlexId => 128,
        }
    }

    /// What log messages call it.
    fn label(self) -> &'static str {
        match self {
            Self::HwAddress => "hwaddr",
            other => other.keyword(),
        }
    }
}

/// The bytes of an identifier as it is written: text in single quotes, or hexadecimal digits in any of the forms that Kea
/// reads. `None` if it is none.
pub fn identifier_bytes(text: &str) -> Option<Vec<u8>> {
    bytes(text)
}

/// What names the client of a `reservations` entry: the first of `kinds` that it has.
pub fn written_identifier(kinds: &[HostIdType], reservation: &Value) -> Option<(HostIdType, Vec<u8>)> {
    let read = |kind: &HostIdType| Some((*kind, bytes(reservation.get(kind.keyword())?.as_str()?)?));
    kinds.iter().find_map(read)
}

/// What names a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostId<'a> {
    /// The kind of identifier.
    pub kind: HostIdType,
    /// Its bytes; not empty.
    pub bytes: &'a [u8],
}

impl fmt::Display for HostId<'_> {
    /// `hwaddr=080027A1B2C3`, as log messages name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:X}", self.kind.label(), Hex(self.bytes))
    }
}
