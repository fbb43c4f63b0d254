//! What differs between leases of the two families for whoever keeps what is derived from them.

use std::fmt::Debug;
use std::sync::Arc;

use kotare_config::common::{Hosts, Reservation, SubnetAt};
use kotare_model::{LeaseState, LeaseType, SubnetId};
use kotare_stats::Statistic;
use kotare_store::{Lease, SharedPool};

use crate::alloc::Map;
use crate::hooks::{Foretold, LeaseChange, LeaseEvent};

/// A lease of a family, with all that [`Leases`](crate::Leases) needs to know of the family: what it is configured with,
/// what is counted, who watches. There are two of them.
pub trait Leased: Lease {
    /// What is counted.
    type Stat: Statistic;
    /// What is configured.
    type Config: Send + Sync;
    /// A reservation.
    type Host: Reservation<Address: Send + Sync> + Send + Sync;
    /// What is known of a message.
    type Query: Sync;
    /// Who watches leases.
    type Observer: ?Sized + Debug + Send + Sync;
    /// Which of a pool's addresses or prefixes are taken.
    type Map: Map;
    /// What proposes the free ones of a subnet.
    type Allocators: Debug + Send + Sync;

    /// How many leases of a state are counted when they are put into probation.
    const DECLINED: Self::Stat;
    /// How many probations ended.
    const RECLAIMED_DECLINED: Self::Stat;
    /// How many leases were reclaimed.
    const RECLAIMED: Self::Stat;

    /// Whether leases with different addresses can want some of the same bits.
    fn can_overlap(_: Place<Self>) -> bool {
        false
    }

    /// What it takes.
    fn place(&self) -> Place<Self>;

    /// What a lease of this address takes that is not there any more.
    fn place_of(address: Self::Address) -> Place<Self>;

    /// The address by which the store knows the lease of a place.
    fn address_of(place: Place<Self>) -> Self::Address;

    /// Whether a question is about this lease.
    fn asked_for(&self, by: Self::By<'_>) -> bool;

    /// Whether another lease of it is the same client's.
    fn is_of_client_of(&self, other: &Self) -> bool;

    /// How many leases of a type and state there are, and ever were, if that is counted.
    fn held(of: LeaseType, state: LeaseState) -> Held<Self::Stat>;

    /// What became of a lease because of a message, if the message tells.
    fn changed_by(query: &Self::Query, after: Option<&Self>) -> Option<LeaseChange>;

    /// Tells an observer what is going to be.
    fn foretell(observer: &Self::Observer, event: &LeaseEvent<'_, Self>) -> Option<Box<dyn Foretold>>;

    /// Tells an observer.
    fn tell(observer: &Self::Observer, event: &LeaseEvent<'_, Self>);

    /// The ids of the subnets of a configuration, by position.
    fn subnets(config: &Self::Config) -> impl Iterator<Item = SubnetId>;

    /// The pools of a configuration of which servers share a queue of what is free.
    fn shared(config: &Self::Config) -> Vec<SharedPool<Self::Address>>;

    /// How many shared networks a configuration has.
    fn networks(config: &Self::Config) -> usize;

    /// The reservations of a configuration.
    fn hosts(config: &Self::Config) -> &Hosts<Self::Host>;

    /// Visits every place that a reservation reserves.
    fn each_reserved(host: &Self::Host, visit: impl FnMut(Place<Self>));

    /// What proposes the places of a subnet of a configuration, on the maps that `map` knows or makes, taking turns with
    /// what there was `before`.
    fn allocators(
        config: &Self::Config,
        subnet: SubnetAt,
        map: impl Fn(Key<Self>) -> Arc<Self::Map>,
        before: Option<&Self::Allocators>,
    ) -> Self::Allocators;

    /// The maps that allocators go by.
    fn maps(allocators: &Self::Allocators) -> impl Iterator<Item = &Arc<Self::Map>>;

    /// Allocators that propose what these would, and change nothing.
    fn rehearsal(allocators: &Self::Allocators) -> Self::Allocators;

    /// Keeps a reserved place from being proposed.
    fn bar(allocators: &Self::Allocators, place: Place<Self>);

    /// Undoes it.
    fn unbar(allocators: &Self::Allocators, place: Place<Self>);

    /// The addresses between which leases lie that take something of these pools: after the first, up to the last.
    fn span(keys: impl Iterator<Item = Key<Self>>) -> Option<(Option<Self::Address>, Self::Address)>;
}

/// What a lease of a family takes: an address or a prefix.
pub(crate) type Place<L> = <<L as Leased>::Map as Map>::Place;
/// What makes a pool of a family the same pool.
pub(super) type Key<L> = <<L as Leased>::Map as Map>::Key;
/// An end of a pool or place.
pub(super) type Bound<L> = <<L as Leased>::Map as Map>::Bound;

/// What counts leases that somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held<S> {
    /// How many there are.
    pub now: S,
    /// How many there ever were.
    pub ever: S,
}
