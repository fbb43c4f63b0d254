//! What reservations name their clients by.

use std::fmt;

use crate::Hex;

/// What a reservation names its client by, with Kea's numbers for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum HostIdType {
    /// `hw-address`: the hardware address.
    HwAddress = 0,
    /// `duid`: the DUID; of DHCPv4, the one within a client identifier of type 255 (RFC 4361).
    Duid = 1,
    /// `circuit-id`: what the relay calls the client's port (RFC 3046).
    CircuitId = 2,
    /// `client-id`: option 61.
    ClientId = 3,
    /// `flex-id`: what a module makes of the message.
    FlexId = 4,
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

    /// The type with this number, that of `dhcp_identifier_type` in databases.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers and keywords are of the same types.
    #[test]
    fn numbers_are_the_databases() {
        for kind in HostIdType::ALL {
            assert_eq!(HostIdType::from_number(kind as u8), Some(kind));
            assert_eq!(HostIdType::of(kind.keyword()), Some(kind));
        }
        assert_eq!((HostIdType::from_number(5), HostIdType::of("hwaddr")), (None, None));
    }
}
