//! What reviews see of subnets, whatever the protocol.

use super::Scene;
use super::process::Served;
use crate::common::HostIdType;
use crate::common::resolve::Protocol;
use crate::common::resolve::classes::ClassesOf;
use crate::json::Value;
use crate::schema::Table;
use crate::{Address, Level, Prefix, parse_pool};

/// What the configurations of both protocols have in common for reviews.
pub(crate) trait Leasing: Served {
    /// An address of the protocol.
    type Address: Address;
    /// The protocol.
    type Protocol: Protocol;
    /// The list of subnets.
    const SUBNETS: &'static str;
    /// The keywords of a subnet.
    const SUBNET: &'static Table;
    /// The keywords of a shared network.
    const SHARED_NETWORK: &'static Table;
    /// What a reservation may name its client by.
    const IDENTIFIERS: &'static [HostIdType];
    /// The options that relay agents send and get back, by code and name.
    const OF_RELAYS: &'static [(i64, &'static str)];

    /// Its classes.
    fn classes(&self) -> &ClassesOf<Self::Protocol>;

    /// What clients are looked for by.
    fn host_ids(&self) -> &[HostIdType];

    /// What a reservation reserves.
    fn reserved(reservation: &Value) -> impl Iterator<Item = Reserved<'_, Self::Address>>;

    /// The pools of a subnet with prefixes to delegate.
    fn delegated(subnet: &Value) -> impl Iterator<Item = WrittenPool<'_, Self::Address>>;
}

/// What is reserved: an address, or a prefix to delegate.
#[derive(Clone, Copy)]
pub(crate) struct Reserved<'a, A> {
    /// Where it is written.
    pub(crate) value: &'a Value,
    /// Of an address the prefix that it is alone.
    pub(crate) prefix: Prefix<A>,
    /// Whether it is to be delegated.
    pub(crate) is_delegated: bool,
}

impl<'a, A: Address> Reserved<'a, A> {
    /// An address, if the value is one.
    pub(crate) fn address(value: &'a Value) -> Option<Self> {
        let prefix = Prefix::host(value.as_str()?.trim().parse().ok()?);
        Some(Self { value, prefix, is_delegated: false })
    }

    /// A prefix to delegate, if the value is one.
    pub(crate) fn delegated(value: &'a Value) -> Option<Self> {
        Some(Self { value, prefix: value.as_str()?.parse().ok()?, is_delegated: true })
    }

    /// As it is written.
    pub(crate) fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default().trim()
    }
}

/// A pool as it is written: places, which are addresses or prefixes of one length.
#[derive(Clone, Copy)]
pub(crate) struct WrittenPool<'a, A> {
    /// Where it is written.
    pub(crate) value: &'a Value,
    /// The first address.
    pub(crate) first: A,
    /// The last address.
    pub(crate) last: A,
    /// How many bits of a place are fixed.
    pub(crate) len: u8,
    /// Whether its places are delegated.
    pub(crate) is_delegated: bool,
}

impl<'a, A: Address> WrittenPool<'a, A> {
    fn of_addresses(pool: &'a Value) -> Option<Self> {
        let value = pool.get("pool")?;
        let (first, last) = parse_pool(value.as_str()?).ok()?;
        Some(Self { value, first, last, len: A::BITS, is_delegated: false })
    }

    /// The number of the place that `address` is in.
    pub(crate) fn place(&self, address: A) -> u128 {
        address.number().checked_shr(u32::from(A::BITS - self.len)).unwrap_or(0)
    }
}

/// Ranges, as many times as there are; whether something is among them is found in a few steps.
pub(crate) struct Ranges<A>(Vec<(A, A)>);

impl<A: Copy + Ord> Ranges<A> {
    /// Those from the first to the second of each pair.
    pub(crate) fn new(mut pairs: Vec<(A, A)>) -> Self {
        pairs.sort_unstable();
        let mut merged: Vec<(A, A)> = Vec::with_capacity(pairs.len());
        for (first, last) in pairs {
            match merged.last_mut() {
                Some((_, end)) if *end >= first => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    /// Whether one of them has anything from `first` to `last`.
    pub(crate) fn meets(&self, first: A, last: A) -> bool {
        let after = self.0.partition_point(|(start, _)| *start <= last);
        after.checked_sub(1).is_some_and(|at| self.0[at].1 >= first)
    }

    /// Those that have something from `first` to `last`, in order.
    pub(crate) fn between(&self, first: A, last: A) -> &[(A, A)] {
        let start = self.0.partition_point(|(_, end)| *end < first);
        let end = self.0.partition_point(|(begin, _)| *begin <= last);
        self.0.get(start..end).unwrap_or_default()
    }
}

/// What the pools of a subnet have.
pub(crate) struct Pooled<A> {
    addresses: Ranges<A>,
    prefixes: Ranges<A>,
}

impl<A: Address> Pooled<A> {
    /// Whether something reserved is of a pool.
    pub(crate) fn has(&self, reserved: &Reserved<'_, A>) -> bool {
        let ranges = if reserved.is_delegated { &self.prefixes } else { &self.addresses };
        ranges.meets(reserved.prefix.network(), reserved.prefix.last())
    }
}

/// A subnet as it is written, of a configuration `C`.
pub(crate) struct WrittenSubnet<'a, C: Leasing> {
    /// With what it inherits.
    pub(crate) level: Level<'a>,
    pub(crate) map: &'a Value,
    /// Where the shared network stands that it is in.
    pub(crate) network: Option<usize>,
    pub(crate) prefix: Prefix<C::Address>,
}

impl<'a, C: Leasing> WrittenSubnet<'a, C> {
    /// All subnets, in the order written.
    pub(crate) fn all(scene: &Scene<'a, C>) -> Vec<Self> {
        let global = scene.global();
        let subnet = |level: Level<'a>, network| {
            move |map: &'a Value| {
                let prefix = map.get("subnet")?.as_str()?.parse().ok()?;
                Some(Self { level: level.inner(C::SUBNET, map), map, network, prefix })
            }
        };
        let inside = global.items("shared-networks").iter().enumerate().flat_map(|(at, network)| {
            let level = global.inner(C::SHARED_NETWORK, network);
            network.list(C::SUBNETS).iter().filter_map(subnet(level, Some(at)))
        });
        inside.chain(global.items(C::SUBNETS).iter().filter_map(subnet(global, None))).collect()
    }

    /// Where it is named.
    pub(crate) fn place(&self) -> &'a Value {
        self.map.get("subnet").unwrap_or(self.map)
    }

    /// What its pools have.
    pub(crate) fn pooled(&self) -> Pooled<C::Address> {
        let ends = |pool: WrittenPool<'_, C::Address>| (pool.first, pool.last);
        Pooled {
            addresses: Ranges::new(self.pools().map(ends).collect()),
            prefixes: Ranges::new(C::delegated(self.map).map(ends).collect()),
        }
    }

    /// The pools of addresses.
    pub(crate) fn pools(&self) -> impl Iterator<Item = WrittenPool<'a, C::Address>> + use<'a, C> {
        self.map.list("pools").iter().filter_map(WrittenPool::of_addresses)
    }

    /// What it reserves.
    pub(crate) fn reserved(&self) -> impl Iterator<Item = Reserved<'a, C::Address>> + use<'a, C> {
        self.map.list("reservations").iter().flat_map(C::reserved)
    }
}

/// Every level that has lifetimes and timers: the global map, shared networks and subnets.
pub(crate) fn levels<'a, C: Leasing>(scene: &Scene<'a, C>) -> Vec<Level<'a>> {
    let global = scene.global();
    let networks = global.items("shared-networks").iter().map(|map| global.inner(C::SHARED_NETWORK, map));
    let subnets = WrittenSubnet::all(scene).into_iter().map(|subnet| subnet.level);
    [global].into_iter().chain(networks).chain(subnets).collect()
}

/// The lists of reservations: the global one and those of `subnets`, as the maps that they are in.
pub(crate) fn reserving<'a, C: Leasing>(
    scene: &Scene<'a, C>,
    subnets: &[WrittenSubnet<'a, C>],
) -> Vec<&'a Value> {
    scene.global().map().into_iter().chain(subnets.iter().map(|subnet| subnet.map)).collect()
}
