//! The code points of DHCPv4, but for those of options.

use std::fmt;

use crate::code_point::code_points;

code_points! {
    /// Who speaks to whom: the `op` field (RFC 2131 §2).
    Op(u8) {
        /// From a client, or from a relay on its behalf.
        REQUEST = 1,
        /// From a server.
        REPLY = 2,
    }
}

code_points! {
    /// What a message is (RFC 2132 §9.6). Displayed by Kea's name, such as `DHCPDISCOVER`.
    MessageType(u8) {
        /// A client looks for servers (RFC 2131).
        DISCOVER = 1,
        /// A server offers an address (RFC 2131).
        OFFER = 2,
        /// A client asks for an address or to keep one (RFC 2131).
        REQUEST = 3,
        /// A client found the address in use (RFC 2131).
        DECLINE = 4,
        /// A server agrees (RFC 2131).
        ACK = 5,
        /// A server refuses (RFC 2131).
        NAK = 6,
        /// A client gives its address back (RFC 2131).
        RELEASE = 7,
        /// A client with an address asks for options (RFC 2131).
        INFORM = 8,
        /// A server asks a client to renew (RFC 3203).
        FORCERENEW = 9,
        /// A query about a lease (RFC 4388).
        LEASEQUERY = 10,
        /// The address is not leased (RFC 4388).
        LEASEUNASSIGNED = 11,
        /// Nothing is known of the address (RFC 4388).
        LEASEUNKNOWN = 12,
        /// The lease and its holder (RFC 4388).
        LEASEACTIVE = 13,
        /// A query about many leases (RFC 6926).
        BULKLEASEQUERY = 14,
        /// The end of the answers (RFC 6926).
        LEASEQUERYDONE = 15,
        /// A query for leases as they change (RFC 7724).
        ACTIVELEASEQUERY = 16,
        /// How an active query goes (RFC 7724).
        LEASEQUERYSTATUS = 17,
        /// A wish for TLS (RFC 7724).
        TLS = 18,
    }
}

impl fmt::Display for MessageType {
    /// Kea's name; types that Kea does not name are `UNKNOWN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::DISCOVER => "DHCPDISCOVER",
            Self::OFFER => "DHCPOFFER",
            Self::REQUEST => "DHCPREQUEST",
            Self::DECLINE => "DHCPDECLINE",
            Self::ACK => "DHCPACK",
            Self::NAK => "DHCPNAK",
            Self::RELEASE => "DHCPRELEASE",
            Self::INFORM => "DHCPINFORM",
            Self::LEASEQUERY => "DHCPLEASEQUERY",
            Self::LEASEUNASSIGNED => "DHCPLEASEUNASSIGNED",
            Self::LEASEUNKNOWN => "DHCPLEASEUNKNOWN",
            Self::LEASEACTIVE => "DHCPLEASEACTIVE",
            Self::BULKLEASEQUERY => "DHCPBULKLEASEQUERY",
            Self::LEASEQUERYDONE => "DHCPLEASEQUERYDONE",
            Self::LEASEQUERYSTATUS => "DHCPLEASEQUERYSTATUS",
            Self::TLS => "DHCPTLS",
            _ => "UNKNOWN",
        })
    }
}

code_points! {
    /// The code of a sub-option of Relay Agent Information.
    SubOptionCode(u8) {
        /// The circuit the client is on (RFC 3046 §3.1).
        CIRCUIT_ID = 1,
        /// The remote end of the circuit (RFC 3046 §3.2).
        REMOTE_ID = 2,
        /// What kind of cable device it is (RFC 3256).
        DOCSIS_DEVICE_CLASS = 4,
        /// The subnet of the client (RFC 3527).
        LINK_SELECTION = 5,
        /// The subscriber (RFC 3993).
        SUBSCRIBER_ID = 6,
        /// Attributes of RADIUS (RFC 4014).
        RADIUS = 7,
        /// Authentication of the relay (RFC 4030).
        AUTHENTICATION = 8,
        /// Vendor-specific information (RFC 4243).
        VENDOR_SPECIFIC = 9,
        /// Whether the relay received it by unicast (RFC 5010).
        RELAY_FLAGS = 10,
        /// The server identifier the client shall see (RFC 5107).
        SERVER_ID_OVERRIDE = 11,
        /// Which relay it is (RFC 6925).
        RELAY_ID = 12,
        /// The access technology (RFC 7839).
        ACCESS_TECHNOLOGY_TYPE = 13,
        /// The name of the access network (RFC 7839).
        ACCESS_NETWORK_NAME = 14,
        /// The name of the access point (RFC 7839).
        ACCESS_POINT_NAME = 15,
        /// The BSSID of the access point (RFC 7839).
        ACCESS_POINT_BSSID = 16,
        /// The operator of the access network (RFC 7839).
        OPERATOR_ID = 17,
        /// The realm of the operator (RFC 7839).
        OPERATOR_REALM = 18,
        /// The relay wants replies at its source port (RFC 8357).
        RELAY_PORT = 19,
        /// The VPN of the client (RFC 6607).
        VIRTUAL_SUBNET_SELECTION = 151,
        /// Whether the server used the VPN (RFC 6607).
        VIRTUAL_SUBNET_SELECTION_CONTROL = 152,
    }
}

impl fmt::Display for SubOptionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
