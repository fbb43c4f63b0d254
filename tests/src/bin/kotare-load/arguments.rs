//! The command line.

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Parser;

/// A closed-loop load of DHCPv4, or of DHCPv6 where the server's address is one of IPv6.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// The server.
    #[arg(long)]
    pub(crate) server: IpAddr,
    /// Our address, the relay's, which names the link that clients are on; replies come to its port 67 or 547.
    #[arg(long)]
    pub(crate) relay: IpAddr,
    /// How many clients take turns.
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) clients: u32,
    /// The first client's number.
    #[arg(long, default_value_t = 0)]
    pub(crate) first: u32,
    /// Only those clients take turns that the server of this number answers, 0 or 1, of a load-balancing pair (DHCPv4).
    #[arg(long)]
    pub(crate) half: Option<u8>,
    /// How many exchanges are under way at once.
    #[arg(long, default_value_t = 256)]
    pub(crate) in_flight: u16,
    /// How long to measure, in seconds; ends earlier when `exchanges` are done.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) seconds: f64,
    /// Unmeasured time before, in seconds.
    #[arg(long, default_value_t = 0.5)]
    pub(crate) warm_up: f64,
    /// End after so many exchanges.
    #[arg(long)]
    pub(crate) exchanges: Option<u64>,
    /// End when nothing was heard for so long, in seconds.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) silence: f64,
    /// Go on until standard input is closed. Then what is under way is still waited for, so that what was lost is known.
    #[arg(long)]
    pub(crate) until_closed: bool,
    /// A message unanswered for so long, in seconds, is sent again.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) resend: f64,
    /// Stop after the OFFER or the ADVERTISE.
    #[arg(long, conflicts_with = "renew")]
    pub(crate) offers_only: bool,
    /// Clients renew leases that they have: the first client this address, each further one the next address.
    #[arg(long)]
    pub(crate) renew: Option<IpAddr>,
    /// Clients ask for a prefix beside the address (DHCPv6), for this length, as in `::/56`; with `--renew` the first client
    /// has this prefix, each further one the next.
    #[arg(long)]
    pub(crate) prefixes: Option<Prefix>,
    /// Whom clients have the leases from that they renew (DHCPv6): a DUID as Kea writes it.
    #[arg(long, requires = "renew")]
    pub(crate) server_duid: Option<ServerDuid>,
    /// Messages say what clients and relay agents usually do: a vendor class, and the circuit that the client is on.
    #[arg(long)]
    pub(crate) described: bool,
    /// Hand many messages to the kernel at once, which cuts them apart (UDP segmentation offload). Where interfaces
    /// do that late, packet sockets see the uncut message, so let ours do it: `ip link set … gso_max_segs 1`.
    #[arg(long)]
    pub(crate) offload: bool,
    /// Be the other side instead, a server without any logic, until killed: what a machine can carry at most. Prints
    /// a line when it is ready.
    #[arg(long)]
    pub(crate) bare: bool,
    /// Write what was acknowledged to this file, a line each time: the address, behind a comma the prefix if there is one,
    /// and the hardware address.
    #[arg(long)]
    pub(crate) acknowledged: Option<PathBuf>,
}

/// A prefix and its length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefix {
    pub(crate) address: Ipv6Addr,
    pub(crate) length: u8,
}

impl FromStr for Prefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(address, length)| {
            Some(Self { address: address.parse().ok()?, length: length.parse().ok()? })
        });
        match parts {
            Some(prefix) if (1..=128).contains(&prefix.length) => Ok(prefix),
            _ => Err("a prefix is written 2001:db8::/56".into()),
        }
    }
}

/// The bytes of a DUID.
#[derive(Clone, Debug)]
pub(crate) struct ServerDuid(pub(crate) Vec<u8>);

impl FromStr for ServerDuid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = text.split(':').map(|byte| u8::from_str_radix(byte, 16));
        bytes.collect::<Result<_, _>>().map(Self).map_err(|error| format!("{text}: {error}"))
    }
}
