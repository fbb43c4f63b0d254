//! The command line of `kea-shell explain`: whom to explain.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Tells what would become of a client's message, and why; nothing changes.
///
/// The client is described by options, or its message is given by --hex or --pcap:
/// `kea-shell explain --hw-address 02:00:00:00:00:01 --option 60=foo --relay 192.0.2.1`.
#[derive(Args, Debug)]
pub struct Explain {
    /// It is a client of DHCPv6; so it is, too, with --service dhcp6, or when one of --duid, --ia-na and --ia-pd is given
    #[arg(short = '6', long)]
    pub dhcpv6: bool,
    /// Hardware address of the client
    #[arg(long, value_name = "ADDRESS")]
    pub hw_address: Option<String>,
    /// DUID of a client of DHCPv6
    #[arg(long, value_name = "DUID")]
    pub duid: Option<String>,
    /// Addresses that it wants (DHCPv6), as IAID or IAID=ADDRESS,… May be repeated
    #[arg(long, value_name = "IAID[=ADDRESSES]")]
    pub ia_na: Vec<String>,
    /// Prefixes that it wants (DHCPv6), as IAID or IAID=PREFIX/LENGTH,… May be repeated
    #[arg(long, value_name = "IAID[=PREFIXES]")]
    pub ia_pd: Vec<String>,
    /// Client identifier (option 61): hexadecimal digits, or text in single quotes
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// What it sends: discover, request, decline, release or inform; of DHCPv6: solicit, request, confirm, renew, rebind,
    /// release, decline or information-request
    #[arg(long, value_name = "TYPE")]
    pub message_type: Option<String>,
    /// Address that it asks for (option 50)
    #[arg(long, value_name = "ADDRESS")]
    pub requested_address: Option<String>,
    /// Server that it takes an offer of (option 54; of DHCPv6 its DUID)
    #[arg(long, value_name = "ID")]
    pub server_identifier: Option<String>,
    /// Options that it asks for (option 55, of DHCPv6 6): codes or names, separated by commas
    #[arg(long, value_name = "OPTIONS", value_delimiter = ',')]
    pub requested_options: Vec<String>,
    /// Option that it sends, as [SPACE.]CODE=VALUE or [SPACE.]NAME=VALUE; bytes as 0x and digits. May be repeated
    #[arg(long, value_name = "OPTION=VALUE")]
    pub option: Vec<String>,
    /// Address that it has (ciaddr)
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// Relay that passes its message on (giaddr)
    #[arg(long, value_name = "ADDRESS")]
    pub relay: Option<String>,
    /// Link selection of the relay (option 82, sub-option 5), or its link address (DHCPv6)
    #[arg(long, value_name = "ADDRESS")]
    pub link: Option<String>,
    /// Circuit ID of the relay (option 82, sub-option 1)
    #[arg(long, value_name = "ID")]
    pub circuit_id: Option<String>,
    /// What the relay calls the link (DHCPv6, option 18)
    #[arg(long, value_name = "ID")]
    pub interface_id: Option<String>,
    /// What the relay calls the subscriber (DHCPv6, option 38)
    #[arg(long, value_name = "ID")]
    pub subscriber_id: Option<String>,
    /// Remote ID of the relay (option 82, sub-option 2), or the value of its option 37 (DHCPv6)
    #[arg(long, value_name = "ID")]
    pub remote_id: Option<String>,
    /// Subnet selection option (118)
    #[arg(long, value_name = "ADDRESS")]
    pub subnet: Option<String>,
    /// Interface that its message comes in on
    #[arg(long, value_name = "NAME")]
    pub interface: Option<String>,
    /// Address that its message is sent to
    #[arg(long, value_name = "ADDRESS")]
    pub local: Option<String>,
    /// Address that its message is sent from
    #[arg(long, value_name = "ADDRESS")]
    pub remote: Option<String>,
    /// Class that it is assumed to be of. May be repeated
    #[arg(long, value_name = "CLASS")]
    pub class: Vec<String>,
    /// Its message, or the packet or frame with it, in hexadecimal digits; `-` reads them from standard input
    #[arg(long, value_name = "DIGITS", conflicts_with = "pcap")]
    pub hex: Option<String>,
    /// Capture (pcap or pcapng) with messages of clients
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
    /// Of the messages in the capture only this one, counted from 1
    #[arg(long, value_name = "NUMBER", requires = "pcap")]
    pub packet: Option<usize>,
    /// How to show the answer
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub output: Form,
}

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people
    Text,
    /// As the server sent it
    Json,
}
