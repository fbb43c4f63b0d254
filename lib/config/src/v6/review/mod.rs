//! Reviews of what only a DHCPv6 server does for its clients.

mod lifetimes;
mod pools;

use std::net::Ipv6Addr;

use super::resolve::Dhcp6;
use super::{Classes, Config6, HostIdType, Prefix6};
use crate::Level;
use crate::json::Value;
use crate::review::{
    Grade, Leasing, Reserved, Review, Scene, WrittenPool, WrittenSubnet, exhausting_prefixes,
};
use crate::schema::Table;
use crate::schema::tables::{PD_POOL, SHARED_NETWORK6, SUBNET6};

use Grade::Warning;

type Scene6<'a> = Scene<'a, Config6>;
type Written6<'a> = WrittenSubnet<'a, Config6>;

/// The reviews that only a DHCPv6 server has.
pub(super) const REVIEWS: &[Review<Config6>] = &[
    Review { name: "router_anycast_in_pool", grade: Warning, run: pools::anycast },
    Review { name: "overlapping_pd_pool", grade: Warning, run: pools::overlapping },
    Review { name: "pd_pools_exhausted_by_reservations", grade: Warning, run: exhausting_prefixes },
    Review { name: "timers_beyond_preferred_lifetime", grade: Warning, run: lifetimes::timers },
    Review { name: "never_preferred", grade: Warning, run: lifetimes::never_preferred },
];

impl Leasing for Config6 {
    type Address = Ipv6Addr;
    type Protocol = Dhcp6;
    const SUBNETS: &'static str = "subnet6";
    const SUBNET: &'static Table = &SUBNET6;
    const SHARED_NETWORK: &'static Table = &SHARED_NETWORK6;
    const IDENTIFIERS: &'static [HostIdType] = &HostIdType::V6;
    const OF_RELAYS: &'static [(i64, &'static str)] = &[
        (9, "relay-msg"),
        (18, "interface-id"),
        (37, "remote-id"),
        (38, "subscriber-id"),
        (79, "client-linklayer-addr"),
        (135, "relay-source-port"),
    ];

    fn classes(&self) -> &Classes {
        &self.classes
    }

    fn host_ids(&self) -> &[HostIdType] {
        &self.host_ids
    }

    fn reserved(reservation: &Value) -> impl Iterator<Item = Reserved<'_, Ipv6Addr>> {
        let addresses = reservation.list("ip-addresses").iter().filter_map(Reserved::address);
        addresses.chain(reservation.list("prefixes").iter().filter_map(Reserved::delegated))
    }

    fn delegated(subnet: &Value) -> impl Iterator<Item = WrittenPool<'_, Ipv6Addr>> {
        subnet.list("pd-pools").iter().filter_map(|pool| {
            let (level, value) = (Level::of(&PD_POOL, pool), pool.get("prefix")?);
            let whole = Prefix6::new(value.as_str()?.trim().parse().ok()?, level.int("prefix-len")?)?;
            let len = level.int("delegated-len")?;
            Some(WrittenPool { value, first: whole.network(), last: whole.last(), len, is_delegated: true })
        })
    }
}
