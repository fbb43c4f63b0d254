//! Hardware types.

use std::fmt;

use crate::code_point::code_points;

code_points! {
    /// A hardware type of the ARP registry (RFC 826, RFC 5494), as `htype` and DUIDs carry it.
    HardwareType(u16) {
        /// Ethernet; also cable modems (DOCSIS).
        ETHERNET = 1,
        /// IEEE 802 networks, token ring among them.
        IEEE802 = 6,
        /// FDDI, in Kea's numbering.
        FDDI = 8,
        /// IP over InfiniBand (RFC 4390); such clients send `hlen` 0.
        INFINIBAND = 32,
    }
}

impl fmt::Display for HardwareType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
