//! Parameters that both protocols have.

use kotare_model::Lifetime;

/// `min-valid-lifetime`, `valid-lifetime`, `max-valid-lifetime`, and the same of preferred lifetimes: what is given when the client asks for less, for
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
    /// The lifetime for a client that asks for `requested` (option 51 of DHCPv4): clamped to the range.
    pub fn choose(self, requested: Option<Lifetime>) -> Lifetime {
        requested.map_or(self.default, |wish| wish.clamp(self.min, self.max))
    }
}

/// How T1 and T2 are found.
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
    /// `shared-flq`: the same, among all servers that have their leases in one database. Where leases are in the memory of
    /// one server there is nobody to share the queue with.
    SharedFreeLeaseQueue,
}

impl Allocator {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Iterative => "iterative",
            Self::Random => "random",
            Self::FreeLeaseQueue => "flq",
            Self::SharedFreeLeaseQueue => "shared-flq",
        }
    }

    /// Whether what is free waits in a queue, the longest free first.
    pub fn is_queued(self) -> bool {
        matches!(self, Self::FreeLeaseQueue | Self::SharedFreeLeaseQueue)
    }
}

/// Which reservations count for clients of a subnet (manual, "Fine-Tuning Host Reservation").
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
