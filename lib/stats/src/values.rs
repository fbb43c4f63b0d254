//! All values at one time, without their samples: for who reads them often.

use std::iter::zip;

use kotare_model::SubnetId;

use crate::book::{Book, sum};
use crate::cell::Cell;
use crate::histogram::Exchanges;
use crate::statistic::Array;
use crate::{PoolKind, Stat4, Stat6, Statistic};

/// Those of a DHCPv4 server.
pub type Values4 = Values<Stat4>;
/// Those of a DHCPv6 server.
pub type Values6 = Values<Stat6>;

/// The value of every statistic.
#[derive(Debug)]
pub struct Values<S: Statistic> {
    server: S::OfServer<i128>,
    /// Of each subnet, by id.
    pub subnets: Vec<SubnetValues<S>>,
    /// The exchanges that ended with a reply, by how long they took.
    pub exchanges: Exchanges,
}

/// The value of every statistic of a subnet.
#[derive(Debug)]
pub struct SubnetValues<S: Statistic = Stat4> {
    /// The subnet.
    pub id: SubnetId,
    values: S::OfSubnet<i128>,
    /// Of its pools, by kind and `pool-id`.
    pub pools: Vec<PoolValues<S>>,
}

/// The value of every statistic of the pools of a subnet of one kind with one `pool-id`.
#[derive(Debug)]
pub struct PoolValues<S: Statistic = Stat4> {
    /// What they are of.
    pub kind: PoolKind,
    /// The `pool-id`.
    pub id: u32,
    values: S::OfPool<i128>,
}

impl<S: Statistic> Values<S> {
    /// That of the server as a whole; panics if it has no such statistic.
    pub fn of(&self, stat: S) -> i128 {
        self.server.as_ref()[stat.place()]
    }
}

impl<S: Statistic> SubnetValues<S> {
    /// That of the subnet; panics if it has no such statistic.
    pub fn of(&self, stat: S) -> i128 {
        self.values.as_ref()[stat.place() - S::FIRST_OF_SUBNET]
    }
}

impl<S: Statistic> PoolValues<S> {
    /// That of the pools, if they have such a statistic.
    pub fn of(&self, stat: S) -> Option<i128> {
        stat.place_in_pool(self.kind).map(|place| self.values.as_ref()[place])
    }
}

impl<S: Statistic> Book<S> {
    pub(crate) fn values(&mut self) -> Values<S> {
        let taken_off = self.taken_off.as_mut();
        let server = S::OfServer::from_fn(|place| {
            Cell::summed(S::ALL[place], sum(&self.workers, place), &mut taken_off[place]).value()
        });
        let mut subnets = Vec::with_capacity(self.subnets.len());
        for (&id, subnet) in &mut self.subnets {
            let mut pools = Vec::with_capacity(subnet.pools.len());
            for (pool, book) in zip(subnet.stats.pools.iter(), &mut subnet.pools) {
                let (stats, cells) = (S::of_pool(pool.kind()), pool.cells.cells());
                let value = |place| {
                    let stat: Option<&S> = stats.get(place);
                    stat.map_or(0, |&stat| Cell::shared(stat, &cells[place], &mut book.known).value())
                };
                pools.push(PoolValues {
                    kind: pool.kind(),
                    id: pool.id(),
                    values: S::OfPool::from_fn(value),
                });
            }
            let cells = subnet.stats.cells.cells();
            let values = S::OfSubnet::from_fn(|place| {
                let stat = S::ALL[S::FIRST_OF_SUBNET + place];
                Cell::shared(stat, &cells[place], &mut subnet.known).value()
            });
            subnets.push(SubnetValues { id, values, pools });
        }
        let exchanges = Exchanges::of(self.workers.iter().map(|cells| &cells.1));
        Values { server, subnets, exchanges }
    }
}
