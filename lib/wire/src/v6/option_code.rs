//! The codes of DHCPv6 options.

use std::fmt;

use crate::code_point::code_points;

code_points! {
    /// The code of a DHCPv6 option.
    OptionCode(u16) {
        /// The DUID of the client (RFC 9915).
        CLIENTID = 1,
        /// The DUID of the server (RFC 9915).
        SERVERID = 2,
        /// An identity association for addresses (RFC 9915).
        IA_NA = 3,
        /// An identity association for temporary addresses (RFC 9915).
        IA_TA = 4,
        /// An address of an association (RFC 9915).
        IAADDR = 5,
        /// The codes of the options that the client asks for (RFC 9915).
        ORO = 6,
        /// How much the server is to be preferred (RFC 9915).
        PREFERENCE = 7,
        /// How long the client has been trying, in hundredths of a second (RFC 9915).
        ELAPSED_TIME = 8,
        /// The message that a relay agent passes on (RFC 9915).
        RELAY_MSG = 9,
        /// Authentication (RFC 9915).
        AUTH = 11,
        /// The address that the client may send to (RFC 9915).
        UNICAST = 12,
        /// How it went (RFC 9915).
        STATUS_CODE = 13,
        /// Whether two messages may be enough (RFC 9915).
        RAPID_COMMIT = 14,
        /// Classes that the user of the client names (RFC 9915).
        USER_CLASS = 15,
        /// Classes that the vendor of the client names (RFC 9915).
        VENDOR_CLASS = 16,
        /// Options of a vendor (RFC 9915).
        VENDOR_OPTS = 17,
        /// The interface of the relay agent (RFC 9915).
        INTERFACE_ID = 18,
        /// What a client is asked to send (RFC 9915).
        RECONF_MSG = 19,
        /// Whether the client accepts to be reconfigured (RFC 9915).
        RECONF_ACCEPT = 20,
        /// Domain names of SIP servers (RFC 3319).
        SIP_SERVERS_DNS = 21,
        /// Addresses of SIP servers (RFC 3319).
        SIP_SERVERS_ADDR = 22,
        /// DNS servers (RFC 3646).
        NAME_SERVERS = 23,
        /// Domains to search names in (RFC 3646).
        DOMAIN_SEARCH = 24,
        /// An identity association for prefixes (RFC 9915).
        IA_PD = 25,
        /// A prefix of an association (RFC 9915).
        IAPREFIX = 26,
        /// NIS servers (RFC 3898).
        NIS_SERVERS = 27,
        /// NIS+ servers (RFC 3898).
        NISP_SERVERS = 28,
        /// NIS domain (RFC 3898).
        NIS_DOMAIN_NAME = 29,
        /// NIS+ domain (RFC 3898).
        NISP_DOMAIN_NAME = 30,
        /// SNTP servers (RFC 4075).
        SNTP_SERVERS = 31,
        /// When to ask for options again (RFC 9915).
        INFORMATION_REFRESH_TIME = 32,
        /// Domain names of broadcast servers (RFC 4280).
        BCMCS_SERVER_D = 33,
        /// Addresses of broadcast servers (RFC 4280).
        BCMCS_SERVER_A = 34,
        /// Where the client is (RFC 4776).
        GEOCONF_CIVIC = 36,
        /// The remote end of the relay agent's circuit (RFC 4649).
        REMOTE_ID = 37,
        /// The subscriber, to the relay agent (RFC 4580).
        SUBSCRIBER_ID = 38,
        /// The name of the client (RFC 4704).
        CLIENT_FQDN = 39,
        /// PANA agents (RFC 5192).
        PANA_AGENT = 40,
        /// Time zone as POSIX writes it (RFC 4833).
        NEW_POSIX_TIMEZONE = 41,
        /// Time zone as the database names it (RFC 4833).
        NEW_TZDB_TIMEZONE = 42,
        /// The options that the relay agent wants back (RFC 4994).
        ERO = 43,
        /// What is asked (RFC 5007).
        LQ_QUERY = 44,
        /// What is known of a client (RFC 5007).
        CLIENT_DATA = 45,
        /// When a client was last heard of (RFC 5007).
        CLT_TIME = 46,
        /// How a client was last heard of (RFC 5007).
        LQ_RELAY_DATA = 47,
        /// Links that a client has leases on (RFC 5007).
        LQ_CLIENT_LINK = 48,
        /// LoST server (RFC 5223).
        V6_LOST = 51,
        /// CAPWAP access controllers (RFC 5417).
        CAPWAP_AC_V6 = 52,
        /// The DUID of the relay agent (RFC 5460).
        RELAY_ID = 53,
        /// NTP servers (RFC 5908).
        NTP_SERVER = 56,
        /// Domain of the access network (RFC 5986).
        V6_ACCESS_DOMAIN = 57,
        /// Domains of SIP user agent configuration (RFC 6011).
        SIP_UA_CS_LIST = 58,
        /// The file to boot from (RFC 5970).
        BOOTFILE_URL = 59,
        /// Parameters for what is booted (RFC 5970).
        BOOTFILE_PARAM = 60,
        /// Architectures of the client (RFC 5970).
        CLIENT_ARCH_TYPE = 61,
        /// Network interface of the client (RFC 5970).
        NII = 62,
        /// The other end of a DS-Lite tunnel (RFC 6334).
        AFTR_NAME = 64,
        /// Domain of re-authentication (RFC 6440).
        ERP_LOCAL_DOMAIN_NAME = 65,
        /// Options that the relay agent supplies (RFC 6422).
        RSOO = 66,
        /// The part of a prefix that is not delegated (RFC 6603).
        PD_EXCLUDE = 67,
        /// DNS servers for some domains (RFC 6731).
        RDNSS_SELECTION = 74,
        /// The hardware address of the client (RFC 6939).
        CLIENT_LINKLAYER_ADDR = 79,
        /// The link of the client (RFC 6977).
        LINK_ADDRESS = 80,
        /// The longest pause between Solicits (RFC 9915).
        SOL_MAX_RT = 82,
        /// The longest pause between Information-requests (RFC 9915).
        INF_MAX_RT = 83,
        /// A DHCPv4 message (RFC 7341).
        DHCPV4_MSG = 87,
        /// Servers of DHCPv4 over DHCPv6 (RFC 7341).
        DHCPV4_O_DHCPV6_SERVER = 88,
        /// Softwire mapping rule (RFC 7598).
        S46_RULE = 89,
        /// Softwire border relay (RFC 7598).
        S46_BR = 90,
        /// Softwire default mapping rule (RFC 7598).
        S46_DMR = 91,
        /// Softwire address binding (RFC 7598).
        S46_V4V6BIND = 92,
        /// Softwire ports (RFC 7598).
        S46_PORTPARAMS = 93,
        /// MAP-E parameters (RFC 7598).
        S46_CONT_MAPE = 94,
        /// MAP-T parameters (RFC 7598).
        S46_CONT_MAPT = 95,
        /// Lightweight 4over6 parameters (RFC 7598).
        S46_CONT_LW = 96,
        /// URI of the captive portal (RFC 8910).
        V6_CAPTIVE_PORTAL = 103,
        /// Which softwires to prefer (RFC 8026).
        S46_PRIORITY = 111,
        /// Prefixes for translation of multicast (RFC 8115).
        V6_PREFIX64 = 113,
        /// The port of the relay agent (RFC 8357).
        RELAY_SOURCE_PORT = 135,
        /// Servers for zero-touch provisioning (RFC 8572).
        V6_SZTP_REDIRECT = 136,
        /// ANDSF servers (RFC 6153).
        IPV6_ADDRESS_ANDSF = 143,
        /// Encrypted DNS servers (RFC 9463).
        V6_DNR = 144,
        /// Whether addresses may be registered (RFC 9686).
        ADDR_REG_ENABLE = 148,
    }
}

impl fmt::Display for OptionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
