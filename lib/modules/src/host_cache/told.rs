//! What the log tells of what is remembered, looked for and forgotten, at debug levels.

use std::fmt;
use std::net::IpAddr;

use kotare_model::{HostId, Reservation, SubnetId};
use kotare_store::Reserved;

use super::messages::*;

/// A reservation in one line.
pub(super) struct HostText<'a, R>(pub(super) &'a Reservation<R>);

impl<R: Reserved> fmt::Display for HostText<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0;
        write!(f, "{} subnet_id={} hostname={}", host.id(), host.subnet, or_empty(&host.hostname))?;
        let mut addresses = host.reserved.addresses().enumerate().peekable();
        if addresses.peek().is_none() {
            f.write_str(" reservations=(none)")?;
        }
        addresses.try_for_each(|(number, address)| write!(f, " reservation{number}={address}"))
    }
}

fn or_empty(text: &str) -> &str {
    if text.is_empty() { "(empty)" } else { text }
}

/// Whose reservation is looked for, or is forgotten.
#[derive(Clone, Copy)]
pub(super) enum Sought<'a> {
    /// That of a client.
    Client(HostId<'a>),
    /// That of an address.
    Address(IpAddr),
}

impl Sought<'_> {
    /// It is looked for in a subnet of a protocol.
    pub(super) fn sought(self, protocol: &str, subnet: SubnetId) {
        match self {
            Self::Client(id) => HOST_CACHE_GET_ONE_SUBNET_ID_IDENTIFIER(protocol, subnet, id),
            Self::Address(IpAddr::V4(it)) => HOST_CACHE_GET_ONE_SUBNET_ID_ADDRESS4(subnet, it),
            Self::Address(IpAddr::V6(it)) => HOST_CACHE_GET_ONE_SUBNET_ID_ADDRESS6(subnet, it),
        }
    }

    /// It was found.
    pub(super) fn found<R: Reserved>(self, subnet: SubnetId, host: &Reservation<R>) {
        let host = HostText(host);
        match self {
            Self::Client(id) => HOST_CACHE_GET_ONE_SUBNET_ID_IDENTIFIER_HOST(subnet, id, host),
            Self::Address(IpAddr::V4(it)) => HOST_CACHE_GET_ONE_SUBNET_ID_ADDRESS4_HOST(subnet, it, host),
            Self::Address(IpAddr::V6(it)) => HOST_CACHE_GET_ONE_SUBNET_ID_ADDRESS6_HOST(subnet, it, host),
        }
    }

    /// It is forgotten.
    pub(super) fn forgotten<R: Reserved>(self, protocol: &str, subnet: SubnetId, host: &Reservation<R>) {
        let host = HostText(host);
        match self {
            Self::Client(id) if protocol == "IPv4" => {
                HOST_CACHE_DEL_SUBNET_ID_IDENTIFIER4(subnet, id, host);
            }
            Self::Client(id) => HOST_CACHE_DEL_SUBNET_ID_IDENTIFIER6(subnet, id, host),
            Self::Address(IpAddr::V4(it)) => HOST_CACHE_DEL_SUBNET_ID_ADDRESS4(subnet, it, host),
            Self::Address(IpAddr::V6(it)) => HOST_CACHE_DEL_SUBNET_ID_ADDRESS6(subnet, it, host),
        }
    }
}

#[cfg(test)]
mod tests {
    use kotare_model::{HostIdType, Reserved4, Reserved6};

    use super::*;

    /// What names a reservation and what it reserves.
    #[test]
    fn a_reservation_is_one_line() {
        let id = HostId { kind: HostIdType::HwAddress, bytes: &[2, 0, 0, 0, 0, 1] };
        let four = Reserved4 { address: Some([192, 0, 2, 7].into()), ..Reserved4::default() };
        let host = Reservation::new(id, SubnetId(4), four);
        let told = "hwaddr=020000000001 subnet_id=4 hostname=(empty) reservation0=192.0.2.7";
        assert_eq!(HostText(&host).to_string(), told);
        let mut host = Reservation::new(id, SubnetId(4), Reserved6::default());
        host.hostname = "host.example".into();
        let told = "hwaddr=020000000001 subnet_id=4 hostname=host.example reservations=(none)";
        assert_eq!(HostText(&host).to_string(), told);
    }
}
