//! The parameters a client is served with, after inheritance global → shared network → subnet.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_model::Lifetime;

use super::Names4;

/// `min-valid-lifetime`, `valid-lifetime`, `max-valid-lifetime`: what is given when the client asks for less, for
/// nothing, for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifetimeRange {
    /// The shortest lifetime given.
    pub min: Lifetime,
    /// The lifetime given to a client that asks for none.
    pub default: Lifetime,
    /// The longest lifetime given.
    pub max: Lifetime,
}

impl LifetimeRange {
    /// The lifetime for a client that asks for `requested` (option 51): clamped to the range.
    pub fn choose(self, requested: Option<Lifetime>) -> Lifetime {
        requested.map_or(self.default, |wish| wish.clamp(self.min, self.max))
    }
}

/// How T1 and T2 (options 58 and 59) are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TeeTimes {
    /// `renew-timer`; sent when set (and sane for the lifetime given).
    pub renew: Option<Lifetime>,
    /// `rebind-timer`.
    pub rebind: Option<Lifetime>,
    /// `calculate-tee-times`: compute what is not set from the lifetime.
    pub calculate: bool,
    /// `t1-percent`, a fraction of the lifetime.
    pub t1_percent: f64,
    /// `t2-percent`, a fraction of the lifetime.
    pub t2_percent: f64,
}

/// `allocator`: the visible order in which free addresses are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocator {
    /// One after the other.
    Iterative,
    /// Unpredictable.
    Random,
    /// `flq`: the longest free first.
    FreeLeaseQueue,
}

/// Which reservations count for clients of a subnet (manual, "Fine-Tuning DHCPv4 Host Reservation").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservations {
    /// `reservations-global`: global ones.
    pub global: bool,
    /// `reservations-in-subnet`: those of the subnet.
    pub in_subnet: bool,
    /// `reservations-out-of-pool`: of those of the subnet only addresses that are in none of its pools.
    pub out_of_pool: bool,
}

impl Reservations {
    /// Whether an address of a pool can be reserved, so that others must not have it.
    pub fn in_pool(self) -> bool {
        self.in_subnet && !self.out_of_pool
    }
}

/// The effective parameters of one subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct Params4 {
    /// Lifetimes of leases.
    pub valid_lifetime: LifetimeRange,
    /// T1 and T2.
    pub tee_times: TeeTimes,
    /// `match-client-id`: whether option 61 identifies a client; otherwise only its hardware address does.
    pub match_client_id: bool,
    /// `authoritative`: whether clients with an unknown lease are told so with a NAK.
    pub authoritative: bool,
    /// `next-server`: `siaddr` of replies.
    pub next_server: Ipv4Addr,
    /// `server-hostname`: `sname` of replies, at most 63 bytes.
    pub server_hostname: Box<str>,
    /// `boot-file-name`: `file` of replies, at most 127 bytes.
    pub boot_file_name: Box<str>,
    /// `allocator`.
    pub allocator: Allocator,
    /// `adaptive-lease-time-threshold`: the part of a subnet's addresses above which new leases are as short as may be;
    /// `None` when they never are.
    pub adaptive_threshold: Option<f64>,
    /// How clients' names are made.
    pub names: Arc<Names4>,
    /// `offer-lifetime`: how long an offered address is kept for its client, if it is.
    pub offer_lifetime: Option<Lifetime>,
    /// Which reservations count.
    pub reservations: Reservations,
    /// `store-extended-info`: whether relay information goes into the lease's user context.
    pub store_extended_info: bool,
    /// `cache-threshold`: a renewal within this fraction of the lifetime reuses the lease without a write;
    /// `None` when lease caching is off.
    pub cache_threshold: Option<f64>,
    /// `cache-max-age`: the age up to which a lease is reused without a write; `None` is no limit of its own.
    pub cache_max_age: Option<Lifetime>,
}
