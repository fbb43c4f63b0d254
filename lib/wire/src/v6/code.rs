//! The code points of DHCPv6, but for those of options.

use std::fmt;

use crate::code_point::code_points;

code_points! {
    /// What a message is (RFC 9915 §7.3). Displayed by Kea's name, such as `SOLICIT`.
    MessageType(u8) {
        /// A client looks for servers (RFC 9915).
        SOLICIT = 1,
        /// A server offers what it would give (RFC 9915).
        ADVERTISE = 2,
        /// A client asks a server for what it offered (RFC 9915).
        REQUEST = 3,
        /// A client asks whether its addresses fit the link (RFC 9915).
        CONFIRM = 4,
        /// A client asks its server to extend what it has (RFC 9915).
        RENEW = 5,
        /// A client asks any server to extend what it has (RFC 9915).
        REBIND = 6,
        /// A server answers (RFC 9915).
        REPLY = 7,
        /// A client gives back what it has (RFC 9915).
        RELEASE = 8,
        /// A client found addresses in use (RFC 9915).
        DECLINE = 9,
        /// A server asks a client to come (RFC 9915).
        RECONFIGURE = 10,
        /// A client asks for options alone (RFC 9915).
        INFORMATION_REQUEST = 11,
        /// A relay agent passes a message on to servers (RFC 9915).
        RELAY_FORW = 12,
        /// A server answers through a relay agent (RFC 9915).
        RELAY_REPL = 13,
        /// A query about leases (RFC 5007).
        LEASEQUERY = 14,
        /// The answer to a query (RFC 5007).
        LEASEQUERY_REPLY = 15,
        /// The end of many answers (RFC 5460).
        LEASEQUERY_DONE = 16,
        /// One of many answers (RFC 5460).
        LEASEQUERY_DATA = 17,
        /// A wish that a server reconfigures a client (RFC 6977).
        RECONFIGURE_REQUEST = 18,
        /// The answer to that (RFC 6977).
        RECONFIGURE_REPLY = 19,
        /// A DHCPv4 message of a client (RFC 7341).
        DHCPV4_QUERY = 20,
        /// A DHCPv4 message of a server (RFC 7341).
        DHCPV4_RESPONSE = 21,
        /// A query for leases as they change (RFC 7653).
        ACTIVELEASEQUERY = 22,
        /// A wish for TLS (RFC 7653).
        STARTTLS = 23,
        /// A client tells which address it made itself (RFC 9686).
        ADDR_REG_INFORM = 36,
        /// A server has noted that address (RFC 9686).
        ADDR_REG_REPLY = 37,
    }
}

impl MessageType {
    /// Whether it is a message of a relay agent, which holds another one.
    pub const fn is_relayed(self) -> bool {
        matches!(self, Self::RELAY_FORW | Self::RELAY_REPL)
    }
}

impl fmt::Display for MessageType {
    /// Kea's name; types that Kea does not name are `UNKNOWN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::RELAY_FORW => "RELAY_FORWARD",
            Self::RELAY_REPL => "RELAY_REPLY",
            Self::RECONFIGURE_REQUEST | Self::RECONFIGURE_REPLY | Self::ACTIVELEASEQUERY | Self::STARTTLS => {
                "UNKNOWN"
            }
            _ => self.name().unwrap_or("UNKNOWN"),
        })
    }
}

code_points! {
    /// How it went (RFC 9915 §21.13).
    StatusCode(u16) {
        /// It went well.
        SUCCESS = 0,
        /// It failed for a reason that has no code.
        UNSPEC_FAIL = 1,
        /// There is no address to give.
        NO_ADDRS_AVAIL = 2,
        /// The server knows of no such lease of the client.
        NO_BINDING = 3,
        /// The address does not fit the client's link.
        NOT_ON_LINK = 4,
        /// The client must send to all servers.
        USE_MULTICAST = 5,
        /// There is no prefix to give.
        NO_PREFIX_AVAIL = 6,
        /// Queries of this type are not known (RFC 5007).
        UNKNOWN_QUERY_TYPE = 7,
        /// The query makes no sense (RFC 5007).
        MALFORMED_QUERY = 8,
        /// The link asked about is not the server's (RFC 5007).
        NOT_CONFIGURED = 9,
        /// The server does not answer this one (RFC 5007).
        NOT_ALLOWED = 10,
        /// The answers end here (RFC 5460).
        QUERY_TERMINATED = 11,
    }
}

impl fmt::Display for StatusCode {
    /// The name of the registry, as Kea writes it: `NoAddrsAvail`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::SUCCESS => "Success",
            Self::UNSPEC_FAIL => "UnspecFail",
            Self::NO_ADDRS_AVAIL => "NoAddrsAvail",
            Self::NO_BINDING => "NoBinding",
            Self::NOT_ON_LINK => "NotOnLink",
            Self::USE_MULTICAST => "UseMulticast",
            Self::NO_PREFIX_AVAIL => "NoPrefixAvail",
            Self::UNKNOWN_QUERY_TYPE => "UnknownQueryType",
            Self::MALFORMED_QUERY => "MalformedQuery",
            Self::NOT_CONFIGURED => "NotConfigured",
            Self::NOT_ALLOWED => "NotAllowed",
            Self::QUERY_TERMINATED => "QueryTerminated",
            _ => "(unknown status code)",
        })
    }
}
