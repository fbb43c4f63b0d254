//! What differs between the statistics of servers: which there are, and where each is counted.

use std::fmt::{Debug, Display, Formatter, Result};
use std::hash::Hash;

use kotare_model::{LeaseType, Tally};

use crate::Exposed;

/// A statistic of a server: the rows of a table, of which there is one for each kind of server.
///
/// Its level says where it exists: for the server ([`is_global`](Self::is_global)), for a subnet as `subnet[id].name`
/// ([`is_of_subnet`](Self::is_of_subnet)), for a pool as `subnet[id].pool[pid].name` ([`is_of_pool`](Self::is_of_pool)).
pub trait Statistic: Copy + Ord + Hash + Debug + Send + Sync + 'static {
    /// Every statistic, in the order of the table: first what the server as a whole has.
    const ALL: &'static [Self];
    /// How many the server as a whole has.
    const GLOBALS: usize;
    /// The first that subnets have; all that follow are theirs, too.
    const FIRST_OF_SUBNET: usize;
    /// The first that the server has only when it has subnets; all that follow are so.
    const FIRST_OF_LEASES: usize;
    /// The first that a subnet shows from the beginning; those before it appear when they are counted.
    const FIRST_SHOWN: usize;
    /// Packets received, good and bad.
    const RECEIVED: Self;
    /// Packets dropped because they could not be parsed.
    const PARSE_FAILED: Self;
    /// Packets dropped, for any reason.
    const RECEIVE_DROP: Self;
    /// The metrics that they are shown as, in their order.
    const EXPOSED: &'static [Exposed<Self>];
    /// Those that say how many leases there are now: they go up and down, and are counted anew.
    const GAUGES: [Option<Self>; GAUGES];

    /// Something for each that the server has.
    type OfServer<T: Item>: Array<T>;
    /// Something for each that a subnet has.
    type OfSubnet<T: Item>: Array<T>;
    /// Something for each that a pool has, whatever its kind.
    type OfPool<T: Item>: Array<T>;

    /// Its place in the table.
    fn place(self) -> usize;

    /// Kea's name, without the subnet and pool before it.
    fn name(self) -> &'static str;

    /// Those of a pool of this kind; nothing if there is no such pool.
    fn of_pool(kind: PoolKind) -> &'static [Self];

    /// Its place among those of a pool, if it is one of them.
    fn place_in_pool(self, kind: PoolKind) -> Option<usize>;

    /// The kind of pools of whose size it is the sum, if it is that.
    fn total_of(self) -> Option<PoolKind>;

    /// What leases that were counted mean for each of [`GAUGES`](Self::GAUGES).
    fn gauges(counted: &Tally) -> [u64; GAUGES];

    /// The statistic of this name, if there is one.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|stat| stat.name() == name)
    }

    /// Whether the server as a whole has it.
    fn is_global(self) -> bool {
        self.place() < Self::GLOBALS
    }

    /// Whether each subnet has it.
    fn is_of_subnet(self) -> bool {
        self.place() >= Self::FIRST_OF_SUBNET
    }

    /// Whether each pool of this kind has it.
    fn is_of_pool(self, kind: PoolKind) -> bool {
        self.place_in_pool(kind).is_some()
    }
}

/// How many statistics say how many leases there are, at most.
pub const GAUGES: usize = 4;

/// What pools are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoolKind {
    /// Addresses.
    #[default]
    Addresses,
    /// Prefixes that are delegated.
    Prefixes,
}

impl PoolKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Addresses, Self::Prefixes];

    /// What stands before the number of a pool in names of statistics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Addresses => "pool",
            Self::Prefixes => "pd-pool",
        }
    }
}

impl From<LeaseType> for PoolKind {
    fn from(of: LeaseType) -> Self {
        if of == LeaseType::Pd { Self::Prefixes } else { Self::Addresses }
    }
}

impl Display for PoolKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.word())
    }
}

/// What there may be for each statistic.
pub trait Item: Debug + Send + Sync + 'static {}

impl<T: Debug + Send + Sync + 'static> Item for T {}

/// So many of something, one beside the other.
pub trait Array<T>: AsRef<[T]> + AsMut<[T]> + Debug + Send + Sync + 'static {
    /// What `f` says for each place.
    fn from_fn(f: impl FnMut(usize) -> T) -> Self;
}

impl<T: Item, const N: usize> Array<T> for [T; N] {
    fn from_fn(f: impl FnMut(usize) -> T) -> Self {
        std::array::from_fn(f)
    }
}

/// The place of each statistic of a table among those of a pool; none has the last number.
pub(crate) const NOT_OF_POOL: u8 = u8::MAX;

/// Declares a table. Its groups are the levels: what the server alone has; what subnets have too, and show when it is first
/// counted; from the beginning; what there is only with subnets; what only subnets have. Then come those of each kind of
/// pool.
macro_rules! statistics {
    (
        $(#[$meta:meta])* $enum:ident;
        $($group:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)* })*;
        pool { $($of_pool:ident,)* }
        pd-pool { $($of_pd_pool:ident,)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $enum {
            $($($(#[$doc])* #[doc = concat!("`", $name, "`")] $variant,)*)*
        }

        impl $enum {
            /// Every statistic, in the order of the table.
            pub const ALL: &[Self] = &[$($(Self::$variant,)*)*];

            const NAMES: &[&str] = &[$($($name,)*)*];

            $(const $group: usize = [$(stringify!($variant)),*].len();)*

            const OF_POOL: &[Self] = &[$(Self::$of_pool,)*];
            const OF_PD_POOL: &[Self] = &[$(Self::$of_pd_pool,)*];
            const MOST_OF_POOL: usize = if Self::OF_POOL.len() > Self::OF_PD_POOL.len() {
                Self::OF_POOL.len()
            } else {
                Self::OF_PD_POOL.len()
            };

            const GLOBALS: usize = Self::GLOBAL_ONLY
                + Self::SHOWN_WHEN_COUNTED
                + Self::SHOWN_FROM_THE_BEGINNING
                + Self::OF_LEASES;
            const LEN: usize = Self::ALL.len();
            const PLACES: [[u8; Self::LEN]; 2] = [Self::places(Self::OF_POOL), Self::places(Self::OF_PD_POOL)];

            const fn places(stats: &[Self]) -> [u8; Self::LEN] {
                let mut places = [crate::statistic::NOT_OF_POOL; Self::LEN];
                let mut at = 0;
                while at < stats.len() {
                    places[stats[at] as usize] = at as u8;
                    at += 1;
                }
                places
            }

            /// Kea's name, without the subnet and pool before it.
            pub fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }

        impl $crate::Statistic for $enum {
            const ALL: &'static [Self] = Self::ALL;
            const GLOBALS: usize = Self::GLOBALS;
            const FIRST_OF_SUBNET: usize = Self::GLOBAL_ONLY;
            const FIRST_SHOWN: usize = Self::FIRST_OF_SUBNET + Self::SHOWN_WHEN_COUNTED;
            const FIRST_OF_LEASES: usize = Self::FIRST_SHOWN + Self::SHOWN_FROM_THE_BEGINNING;
            const RECEIVED: Self = Self::Received;
            const PARSE_FAILED: Self = Self::ParseFailed;
            const RECEIVE_DROP: Self = Self::ReceiveDrop;
            const EXPOSED: &'static [$crate::Exposed<Self>] = Self::METRICS;
            const GAUGES: [Option<Self>; $crate::statistic::GAUGES] = Self::LEASES_NOW;

            type OfServer<T: $crate::statistic::Item> = [T; Self::GLOBALS];
            type OfSubnet<T: $crate::statistic::Item> = [T; Self::GLOBALS + Self::SUBNET_ONLY - Self::GLOBAL_ONLY];
            type OfPool<T: $crate::statistic::Item> = [T; Self::MOST_OF_POOL];

            #[inline]
            fn place(self) -> usize {
                self as usize
            }

            fn name(self) -> &'static str {
                self.name()
            }

            fn of_pool(kind: $crate::PoolKind) -> &'static [Self] {
                match kind {
                    $crate::PoolKind::Addresses => Self::OF_POOL,
                    $crate::PoolKind::Prefixes => Self::OF_PD_POOL,
                }
            }

            #[inline]
            fn place_in_pool(self, kind: $crate::PoolKind) -> Option<usize> {
                let place = Self::PLACES[kind as usize][self as usize];
                (place != $crate::statistic::NOT_OF_POOL).then_some(place as usize)
            }

            fn total_of(self) -> Option<$crate::PoolKind> {
                self.total()
            }

            fn gauges(counted: &kotare_model::Tally) -> [u64; $crate::statistic::GAUGES] {
                Self::leases_now(counted)
            }
        }
    };
}

pub(crate) use statistics;
