//! Reviews of what only a DHCPv4 server does for its clients.

mod networks;
mod routers;

use std::iter::empty;
use std::net::Ipv4Addr;

use super::resolve::Dhcp4;
use super::{Classes, Config4, HostIdType};
use crate::json::Value;
use crate::review::{Grade, Leasing, Reserved, Review, Scene, WrittenPool, WrittenSubnet};
use crate::schema::Table;
use crate::schema::tables::{SHARED_NETWORK, SUBNET4};

type Scene4<'a> = Scene<'a, Config4>;
type Written4<'a> = WrittenSubnet<'a, Config4>;

/// The reviews that only a DHCPv4 server has.
pub(super) const REVIEWS: &[Review<Config4>] = &[
    Review { name: "edge_address_in_pool", grade: Grade::Warning, run: networks::edges },
    Review { name: "timers_beyond_lifetime", grade: Grade::Warning, run: networks::timers },
    Review { name: "router_in_pool", grade: Grade::Warning, run: routers::in_pool },
    Review { name: "router_outside_subnet", grade: Grade::Warning, run: routers::outside },
];

impl Leasing for Config4 {
    type Address = Ipv4Addr;
    type Protocol = Dhcp4;
    const SUBNETS: &'static str = "subnet4";
    const SUBNET: &'static Table = &SUBNET4;
    const SHARED_NETWORK: &'static Table = &SHARED_NETWORK;
    const IDENTIFIERS: &'static [HostIdType] = &HostIdType::ALL;
    const OF_RELAYS: &'static [(i64, &'static str)] = &[(82, "dhcp-agent-options")];

    fn classes(&self) -> &Classes {
        &self.classes
    }

    fn host_ids(&self) -> &[HostIdType] {
        &self.host_ids
    }

    fn reserved(reservation: &Value) -> impl Iterator<Item = Reserved<'_, Ipv4Addr>> {
        reservation.get("ip-address").and_then(Reserved::address).into_iter()
    }

    fn delegated(_: &Value) -> impl Iterator<Item = WrittenPool<'_, Ipv4Addr>> {
        empty()
    }
}
