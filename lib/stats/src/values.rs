//! All values at one time, without their samples: for who reads them often.

use std::iter::zip;

use kotare_model::SubnetId;

use crate::Stat4;
use crate::book::{Book, sum};
use crate::cell::Cell;
use crate::histogram::Exchanges;

/// The value of every statistic.
#[derive(Clone, Debug)]
pub struct Values4 {
    server: [i64; Stat4::GLOBALS],
    /// Of each subnet, by id.
    pub subnets: Vec<SubnetValues>,
    /// The exchanges that ended with a reply, by how long they took.
    pub exchanges: Exchanges,
}

/// The value of every statistic of a subnet.
#[derive(Clone, Debug)]
pub struct SubnetValues {
    /// The subnet.
    pub id: SubnetId,
    values: [i64; Stat4::SUBNETS],
    /// Of its pools, by `pool-id`.
    pub pools: Vec<PoolValues>,
}

/// The value of every statistic of the pools of a subnet with one `pool-id`.
#[derive(Clone, Debug)]
pub struct PoolValues {
    /// The `pool-id`.
    pub id: u32,
    values: [i64; Stat4::POOLS],
}

impl Values4 {
    /// That of the server as a whole; panics if it has no such statistic.
    pub fn of(&self, stat: Stat4) -> i64 {
        self.server[stat as usize]
    }
}

impl SubnetValues {
    /// That of the subnet; panics if it has no such statistic.
    pub fn of(&self, stat: Stat4) -> i64 {
        self.values[stat as usize - Stat4::FIRST_OF_SUBNET]
    }
}

impl PoolValues {
    /// That of the pools; panics if they have no such statistic.
    pub fn of(&self, stat: Stat4) -> i64 {
        self.values[stat as usize - Stat4::FIRST_OF_POOL]
    }
}

impl Book {
    pub(crate) fn values(&mut self) -> Values4 {
        let mut server = [0; Stat4::GLOBALS];
        for (place, (value, taken_off)) in zip(&mut server, &mut self.taken_off).enumerate() {
            *value = Cell::summed(Stat4::ALL[place], sum(&self.workers, place), taken_off).value();
        }
        let mut subnets = Vec::with_capacity(self.subnets.len());
        for (&id, subnet) in &mut self.subnets {
            let mut pools = Vec::with_capacity(subnet.pools.len());
            for (pool, book) in zip(subnet.stats.pools.iter(), &mut subnet.pools) {
                let mut values = [0; Stat4::POOLS];
                let stats = &Stat4::ALL[Stat4::FIRST_OF_POOL..];
                for ((value, cell), &stat) in zip(zip(&mut values, pool.cells.cells()), stats) {
                    *value = Cell::shared(stat, cell, &mut book.taken_off).value();
                }
                pools.push(PoolValues { id: pool.id, values });
            }
            let mut values = [0; Stat4::SUBNETS];
            let stats = &Stat4::ALL[Stat4::FIRST_OF_SUBNET..];
            for ((value, cell), &stat) in zip(zip(&mut values, subnet.stats.cells.cells()), stats) {
                *value = Cell::shared(stat, cell, &mut subnet.taken_off).value();
            }
            subnets.push(SubnetValues { id, values, pools });
        }
        let exchanges = Exchanges::of(self.workers.iter().map(|cells| &cells.1));
        Values4 { server, subnets, exchanges }
    }
}
