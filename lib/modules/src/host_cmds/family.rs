//! What differs between the reservations of the two families.

use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_config::Prefix6;
use kotare_config::json::Value;
use kotare_config::v4::{self, Config4};
use kotare_config::v6::{self, Config6, HostIdType};
use kotare_control::Command;
use kotare_model::{Lease4, Lease6, SubnetId};

use super::{COMMANDS4, COMMANDS6, HostCmds};
use crate::reserving::Reserving;

/// A family whose reservations are shown and changed. There are two of them.
pub(super) trait Hosted: Reserving {
    /// The commands of its servers.
    const COMMANDS: &[Command<HostCmds<Self>>];

    /// What a reservation names its client by.
    fn identifier(reservation: &Value) -> Option<(HostIdType, Vec<u8>)>;

    /// The addresses that it reserves.
    fn addresses(reservation: &Value) -> Vec<Self::Address>;

    /// The first address of each prefix that it reserves.
    fn prefixes(reservation: &Value) -> Vec<Self::Address>;

    /// `ip-reservations-unique`: whether nothing is reserved twice in a subnet.
    fn is_unique(config: &Self::Config) -> bool;

    /// What is said of a reservation without a subnet when its addresses are of one, and when of none.
    fn belonging(addresses: &[Self::Address]) -> (String, String);

    /// What is said of an address or prefix that is reserved already, when a reservation for this client is added.
    fn taken(hw_address: &str, duid: &str, subnet: SubnetId, address: Self::Address) -> String;
}

impl Hosted for Lease4 {
    const COMMANDS: &[Command<HostCmds<Self>>] = COMMANDS4;

    fn identifier(reservation: &Value) -> Option<(HostIdType, Vec<u8>)> {
        v4::written_identifier(reservation)
    }

    fn addresses(reservation: &Value) -> Vec<Ipv4Addr> {
        let written = reservation.get("ip-address").and_then(Value::as_str);
        let address = written.and_then(|text| text.parse().ok());
        address.filter(|address: &Ipv4Addr| !address.is_unspecified()).into_iter().collect()
    }

    fn prefixes(_: &Value) -> Vec<Ipv4Addr> {
        Vec::new()
    }

    fn is_unique(config: &Config4) -> bool {
        config.unique_reservations
    }

    fn belonging(addresses: &[Ipv4Addr]) -> (String, String) {
        let address = addresses.first().copied().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let belongs = format!("The address '{address}' belongs to");
        let nowhere = format!("{belongs} no configured subnet.");
        (belongs, nowhere)
    }

    fn taken(hw_address: &str, duid: &str, subnet: SubnetId, address: Ipv4Addr) -> String {
        format!(
            "failed to add new host using the HW address '{hw_address} and DUID '{duid}' to the IPv4 subnet id \
             '{subnet}' for the address {address}: There's already a reservation for this address"
        )
    }
}

impl Hosted for Lease6 {
    const COMMANDS: &[Command<HostCmds<Self>>] = COMMANDS6;

    fn identifier(reservation: &Value) -> Option<(HostIdType, Vec<u8>)> {
        v6::written_identifier(reservation)
    }

    fn addresses(reservation: &Value) -> Vec<Ipv6Addr> {
        let written = reservation.list("ip-addresses").iter().filter_map(Value::as_str);
        written.filter_map(|text| text.parse().ok()).collect()
    }

    fn prefixes(reservation: &Value) -> Vec<Ipv6Addr> {
        let written = reservation.list("prefixes").iter().filter_map(Value::as_str);
        written.filter_map(|text| text.parse::<Prefix6>().ok()).map(Prefix6::network).collect()
    }

    fn is_unique(config: &Config6) -> bool {
        config.unique_reservations
    }

    fn belonging(_: &[Ipv6Addr]) -> (String, String) {
        let said = |rest| format!("Reserved IPv6 addresses {rest}");
        (said("belong to"), said("do not belong to a common configured subnet."))
    }

    fn taken(hw_address: &str, duid: &str, subnet: SubnetId, address: Ipv6Addr) -> String {
        format!(
            "failed to add address reservation for host using the HW address '{hw_address} and DUID '{duid}' to the \
             IPv6 subnet id '{subnet}' for address/prefix {address}: There's already reservation for this address/prefix"
        )
    }
}
