//! Reviews of what a DHCPv4 server does for its clients.

mod classes;
mod networks;
mod options;
mod reservations;
mod routers;

use std::net::Ipv4Addr;

use super::Config4;
use crate::Level;
use crate::json::Value;
use crate::review::{Grade, Review, Scene};
use crate::schema::tables::{SHARED_NETWORK, SUBNET4};
use crate::{Prefix4, parse_pool};

use Grade::{Note, Warning};

type Scene4<'a> = Scene<'a, Config4>;

/// The reviews that only a DHCPv4 server has.
pub(super) const REVIEWS: &[Review<Config4>] = &[
    Review { name: "dispensable_shared_network", grade: Note, run: networks::dispensable_network },
    Review { name: "dispensable_subnet", grade: Note, run: networks::dispensable_subnet },
    Review { name: "overlapping_subnet", grade: Warning, run: networks::overlapping },
    Review { name: "edge_address_in_pool", grade: Warning, run: networks::edges },
    Review { name: "timers_beyond_lifetime", grade: Warning, run: networks::timers },
    Review { name: "router_in_pool", grade: Warning, run: routers::in_pool },
    Review { name: "router_outside_subnet", grade: Warning, run: routers::outside },
    Review { name: "out_of_pool_reservation", grade: Note, run: reservations::out_of_pool },
    Review { name: "address_pools_exhausted_by_reservations", grade: Warning, run: reservations::exhausting },
    Review { name: "reservation_without_effect", grade: Warning, run: reservations::without_effect },
    Review { name: "address_reserved_twice", grade: Warning, run: reservations::twice },
    Review { name: "class_never_set", grade: Warning, run: classes::never_set },
    Review { name: "guard_never_matches", grade: Warning, run: classes::late_guards },
    Review { name: "class_never_evaluated", grade: Warning, run: classes::never_evaluated },
    Review { name: "option_never_sent", grade: Warning, run: options::never_sent },
];

/// Addresses from one to another, as many times as there are; whether one is among them is found in a few steps.
struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// Those from the first to the second of each pair.
    fn new(mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(pairs.len());
        for (first, last) in pairs {
            match merged.last_mut() {
                Some((_, end)) if *end >= first => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    fn contains(&self, address: Ipv4Addr) -> bool {
        let address = address.into();
        let after = self.0.partition_point(|(first, _)| *first <= address);
        after.checked_sub(1).is_some_and(|at| self.0[at].1 >= address)
    }
}

/// A subnet as it is written.
#[derive(Clone, Copy)]
struct Written4<'a> {
    /// With what it inherits.
    level: Level<'a>,
    map: &'a Value,
    /// Where the shared network stands that it is in.
    network: Option<usize>,
    prefix: Prefix4,
}

impl<'a> Written4<'a> {
    /// All subnets, in the order written.
    fn all(scene: &Scene4<'a>) -> Vec<Self> {
        let global = scene.global();
        let subnet = |level: Level<'a>, network| {
            move |map: &'a Value| {
                let prefix = map.get("subnet")?.as_str()?.parse().ok()?;
                Some(Self { level: level.inner(&SUBNET4, map), map, network, prefix })
            }
        };
        let inside = global.items("shared-networks").iter().enumerate().flat_map(|(at, network)| {
            let level = global.inner(&SHARED_NETWORK, network);
            network.list("subnet4").iter().filter_map(subnet(level, Some(at)))
        });
        inside.chain(global.items("subnet4").iter().filter_map(subnet(global, None))).collect()
    }

    /// Where it is named.
    fn place(&self) -> &'a Value {
        self.map.get("subnet").unwrap_or(self.map)
    }

    /// The addresses of the pools.
    fn pooled(&self) -> Ranges {
        Ranges::new(self.pools().map(|(_, first, last)| (first, last)).collect())
    }

    /// The pools, each with its first and last address.
    fn pools(&self) -> impl Iterator<Item = (&'a Value, u32, u32)> + use<'a> {
        self.map.list("pools").iter().filter_map(|pool| {
            let value = pool.get("pool")?;
            let (first, last) = parse_pool::<Ipv4Addr>(value.as_str()?).ok()?;
            Some((value, first.into(), last.into()))
        })
    }
}
