//! The codes of DHCPv4 options.

use std::fmt;

use crate::code_point::code_points;

code_points! {
    /// The code of a DHCPv4 option.
    OptionCode(u8) {
        /// One byte of padding (RFC 2132 §3.1).
        PAD = 0,
        /// Subnet mask (RFC 2132).
        SUBNET_MASK = 1,
        /// Time offset (RFC 2132).
        TIME_OFFSET = 2,
        /// Routers (RFC 2132).
        ROUTERS = 3,
        /// Time servers (RFC 2132).
        TIME_SERVERS = 4,
        /// Name servers (RFC 2132).
        NAME_SERVERS = 5,
        /// Domain name servers (RFC 2132).
        DOMAIN_NAME_SERVERS = 6,
        /// Log servers (RFC 2132).
        LOG_SERVERS = 7,
        /// Cookie servers (RFC 2132).
        COOKIE_SERVERS = 8,
        /// LPR servers (RFC 2132).
        LPR_SERVERS = 9,
        /// Impress servers (RFC 2132).
        IMPRESS_SERVERS = 10,
        /// Resource location servers (RFC 2132).
        RESOURCE_LOCATION_SERVERS = 11,
        /// The name of the client (RFC 2132 §3.14).
        HOST_NAME = 12,
        /// Boot file size (RFC 2132).
        BOOT_SIZE = 13,
        /// Merit dump file (RFC 2132).
        MERIT_DUMP = 14,
        /// Domain name (RFC 2132).
        DOMAIN_NAME = 15,
        /// Swap server (RFC 2132).
        SWAP_SERVER = 16,
        /// Root path (RFC 2132).
        ROOT_PATH = 17,
        /// Extensions path (RFC 2132).
        EXTENSIONS_PATH = 18,
        /// Whether to forward IP (RFC 2132).
        IP_FORWARDING = 19,
        /// Whether to forward packets with foreign source routes (RFC 2132).
        NON_LOCAL_SOURCE_ROUTING = 20,
        /// Policy filter (RFC 2132).
        POLICY_FILTER = 21,
        /// The greatest datagram to reassemble (RFC 2132).
        MAX_DATAGRAM_REASSEMBLY = 22,
        /// Default IP TTL (RFC 2132).
        DEFAULT_IP_TTL = 23,
        /// Path MTU aging timeout (RFC 2132).
        PATH_MTU_AGING_TIMEOUT = 24,
        /// Path MTU plateau table (RFC 2132).
        PATH_MTU_PLATEAU_TABLE = 25,
        /// Interface MTU (RFC 2132).
        INTERFACE_MTU = 26,
        /// All subnets local (RFC 2132).
        ALL_SUBNETS_LOCAL = 27,
        /// Broadcast address (RFC 2132).
        BROADCAST_ADDRESS = 28,
        /// Perform mask discovery (RFC 2132).
        PERFORM_MASK_DISCOVERY = 29,
        /// Mask supplier (RFC 2132).
        MASK_SUPPLIER = 30,
        /// Router discovery (RFC 2132).
        ROUTER_DISCOVERY = 31,
        /// Router solicitation address (RFC 2132).
        ROUTER_SOLICITATION_ADDRESS = 32,
        /// Static routes (RFC 2132).
        STATIC_ROUTES = 33,
        /// Trailer encapsulation (RFC 2132).
        TRAILER_ENCAPSULATION = 34,
        /// ARP cache timeout (RFC 2132).
        ARP_CACHE_TIMEOUT = 35,
        /// Whether to encapsulate as IEEE 802.3 (RFC 2132).
        IEEE802_3_ENCAPSULATION = 36,
        /// Default TCP TTL (RFC 2132).
        DEFAULT_TCP_TTL = 37,
        /// TCP keepalive interval (RFC 2132).
        TCP_KEEPALIVE_INTERVAL = 38,
        /// TCP keepalive garbage (RFC 2132).
        TCP_KEEPALIVE_GARBAGE = 39,
        /// NIS domain (RFC 2132).
        NIS_DOMAIN = 40,
        /// NIS servers (RFC 2132).
        NIS_SERVERS = 41,
        /// NTP servers (RFC 2132).
        NTP_SERVERS = 42,
        /// Vendor-specific information (RFC 2132).
        VENDOR_ENCAPSULATED_OPTIONS = 43,
        /// NetBIOS name servers (RFC 2132).
        NETBIOS_NAME_SERVERS = 44,
        /// NetBIOS datagram distribution servers (RFC 2132).
        NETBIOS_DD_SERVER = 45,
        /// NetBIOS node type (RFC 2132).
        NETBIOS_NODE_TYPE = 46,
        /// NetBIOS scope (RFC 2132).
        NETBIOS_SCOPE = 47,
        /// Font servers (RFC 2132).
        FONT_SERVERS = 48,
        /// X display managers (RFC 2132).
        X_DISPLAY_MANAGER = 49,
        /// The address the client asks for (RFC 2132 §9.1).
        REQUESTED_ADDRESS = 50,
        /// Seconds the lease lasts (RFC 2132 §9.2).
        LEASE_TIME = 51,
        /// Which of `sname` and `file` hold options (RFC 2132 §9.3).
        OVERLOAD = 52,
        /// What the message is (RFC 2132 §9.6).
        MESSAGE_TYPE = 53,
        /// Which server (RFC 2132 §9.7).
        SERVER_IDENTIFIER = 54,
        /// What the client wants to be told (RFC 2132 §9.8).
        PARAMETER_REQUEST_LIST = 55,
        /// A text for the one who reads logs (RFC 2132).
        MESSAGE = 56,
        /// The longest message the client accepts (RFC 2132 §9.10).
        MAX_MESSAGE_SIZE = 57,
        /// Seconds until the client renews, T1 (RFC 2132 §9.11).
        RENEWAL_TIME = 58,
        /// Seconds until the client rebinds, T2 (RFC 2132 §9.12).
        REBINDING_TIME = 59,
        /// Vendor class identifier (RFC 2132).
        VENDOR_CLASS_IDENTIFIER = 60,
        /// Who the client is (RFC 2132 §9.14, RFC 4361).
        CLIENT_IDENTIFIER = 61,
        /// NetWare/IP domain name (RFC 2242).
        NWIP_DOMAIN_NAME = 62,
        /// NetWare/IP sub-options (RFC 2242).
        NWIP_SUBOPTIONS = 63,
        /// NIS+ domain name (RFC 2132).
        NISP_DOMAIN_NAME = 64,
        /// NIS+ servers (RFC 2132).
        NISP_SERVER_ADDR = 65,
        /// TFTP server name (RFC 2132).
        TFTP_SERVER_NAME = 66,
        /// Boot file name (RFC 2132).
        BOOT_FILE_NAME = 67,
        /// Mobile IP home agents (RFC 2132).
        HOME_AGENT_ADDRS = 68,
        /// SMTP server (RFC 2132).
        SMTP_SERVER = 69,
        /// POP3 server (RFC 2132).
        POP3_SERVER = 70,
        /// NNTP server (RFC 2132).
        NNTP_SERVER = 71,
        /// WWW server (RFC 2132).
        WWW_SERVER = 72,
        /// Finger server (RFC 2132).
        FINGER_SERVER = 73,
        /// IRC server (RFC 2132).
        IRC_SERVER = 74,
        /// StreetTalk servers (RFC 2132).
        STREETTALK_SERVER = 75,
        /// StreetTalk directory assistance servers (RFC 2132).
        STREETTALK_DIRECTORY_ASSISTANCE_SERVER = 76,
        /// User class (RFC 3004).
        USER_CLASS = 77,
        /// Directory agent (RFC 2610).
        DIRECTORY_AGENT = 78,
        /// Service scope (RFC 2610).
        SERVICE_SCOPE = 79,
        /// A lease in two messages (RFC 4039).
        RAPID_COMMIT = 80,
        /// The full name of the client (RFC 4702).
        FQDN = 81,
        /// What a relay says of the client (RFC 3046).
        RELAY_AGENT_INFORMATION = 82,
        /// iSNS (RFC 4174).
        ISNS = 83,
        /// NDS servers (RFC 2241).
        NDS_SERVERS = 85,
        /// NDS tree name (RFC 2241).
        NDS_TREE_NAME = 86,
        /// NDS context (RFC 2241).
        NDS_CONTEXT = 87,
        /// BCMCS domain name list (RFC 4280).
        BCMCS_DOMAIN_NAME_LIST = 88,
        /// BCMCS controllers (RFC 4280).
        BCMCS_IPV4_ADDR = 89,
        /// Authentication (RFC 3118).
        AUTHENTICATION = 90,
        /// Client last transaction time (RFC 4388).
        CLIENT_LAST_TRANSACTION_TIME = 91,
        /// Associated addresses (RFC 4388).
        ASSOCIATED_IP = 92,
        /// Client architecture, PXE (RFC 4578).
        CLIENT_ARCHITECTURE = 93,
        /// Client network interface, PXE (RFC 4578).
        CLIENT_NETWORK_INTERFACE = 94,
        /// LDAP (RFC 3679).
        LDAP = 95,
        /// Client machine identifier, PXE (RFC 4578).
        CLIENT_MACHINE_IDENTIFIER = 97,
        /// User authentication servers (RFC 2485).
        USER_AUTH = 98,
        /// Civic location (RFC 4776).
        GEOCONF_CIVIC = 99,
        /// Time zone as a POSIX string (RFC 4833).
        PCODE = 100,
        /// Time zone as a name of the database (RFC 4833).
        TCODE = 101,
        /// Seconds without IPv4, IPv6-only preferred (RFC 8925).
        V6_ONLY_PREFERRED = 108,
        /// NetInfo servers (RFC 3679).
        NETINFO_ADDR = 112,
        /// NetInfo tag (RFC 3679).
        NETINFO_TAG = 113,
        /// Captive portal (RFC 8910).
        CAPTIVE_PORTAL = 114,
        /// Auto config (RFC 2563).
        AUTO_CONFIG = 116,
        /// Name service search (RFC 2937).
        NAME_SERVICE_SEARCH = 117,
        /// The subnet to allocate from (RFC 3011).
        SUBNET_SELECTION = 118,
        /// Domain search (RFC 3397).
        DOMAIN_SEARCH = 119,
        /// SIP servers (RFC 3361).
        SIP_SERVERS = 120,
        /// Classless static route (RFC 3442).
        CLASSLESS_STATIC_ROUTE = 121,
        /// CableLabs client configuration (RFC 3495).
        CCC = 122,
        /// Location (RFC 6225).
        GEOCONF = 123,
        /// Vendor-identifying vendor classes (RFC 3925).
        VIVCO = 124,
        /// Vendor-identifying vendor-specific information (RFC 3925).
        VIVSO = 125,
        /// PANA agent (RFC 5192).
        PANA_AGENT = 136,
        /// LoST server (RFC 5223).
        LOST = 137,
        /// CAPWAP access controllers (RFC 5417).
        CAPWAP_AC = 138,
        /// Mobility servers, addresses (RFC 5678).
        IPV4_ADDR_MOS = 139,
        /// Mobility servers, names (RFC 5678).
        IPV4_FQDN_MOS = 140,
        /// Domains for the configuration of SIP user agents (RFC 6011).
        SIP_UA_CONF_SERVICE_DOMAINS = 141,
        /// ANDSF servers (RFC 6153).
        IPV4_ADDR_ANDSF = 142,
        /// Bootstrap servers of secure zero-touch provisioning (RFC 8572).
        SZTP_REDIRECT = 143,
        /// Location (RFC 6225).
        GEOLOC = 144,
        /// Whether the client takes a nonce for FORCERENEW (RFC 6704).
        FORCERENEW_NONCE_CAPABLE = 145,
        /// RDNSS selection (RFC 6731).
        RDNSS_SELECT = 146,
        /// Status code (RFC 6926).
        STATUS_CODE = 151,
        /// Base time (RFC 6926).
        BASE_TIME = 152,
        /// Start time of state (RFC 6926).
        START_TIME_OF_STATE = 153,
        /// Query start time (RFC 6926).
        QUERY_START_TIME = 154,
        /// Query end time (RFC 6926).
        QUERY_END_TIME = 155,
        /// State of the lease (RFC 6926).
        STATE = 156,
        /// Data source (RFC 6926).
        DATA_SOURCE = 157,
        /// PCP servers (RFC 7291).
        PCP_SERVER = 158,
        /// Parameters of a shared address, ports among them (RFC 7618).
        PORTPARAMS = 159,
        /// MUD URL (RFC 8520).
        MUD_URL = 161,
        /// Encrypted DNS resolvers (RFC 9463).
        DNR = 162,
        /// Config file (RFC 5071).
        CONFIG_FILE = 209,
        /// Path prefix (RFC 5071).
        PATH_PREFIX = 210,
        /// Reboot time (RFC 5071).
        REBOOT_TIME = 211,
        /// IPv6 rapid deployment (RFC 5969).
        SIXRD = 212,
        /// Access network domain name (RFC 5986).
        ACCESS_DOMAIN = 213,
        /// Subnet allocation (RFC 6656).
        SUBNET_ALLOC = 220,
        /// Virtual subnet selection (RFC 6607).
        VSS = 221,
        /// The end of the options of a field (RFC 2132 §3.2).
        END = 255,
    }
}

impl fmt::Display for OptionCode {
    /// The number: names are a matter of option definitions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
