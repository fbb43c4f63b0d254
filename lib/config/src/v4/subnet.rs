//! Subnets, their pools and the shared networks that join them.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_expr::{ClassId, ClassSet};
use kotare_model::SubnetId;

use super::{Guard, Names4, NetworkAt, Options4, Over6, Params4, Prefix4, SubnetAt};
use crate::common::resolve::networks::{Joining, Member};
use crate::common::resolve::subnets::same_context;
use crate::common::{self, Located};
use crate::json::Value;
use crate::prefix::range_text;

/// Lookup tables over the subnets of a configuration.
pub type SubnetLookup = common::SubnetLookup<Ipv4Addr>;

/// A `subnet4` entry.
#[derive(Clone, Debug)]
pub struct Subnet4 {
    /// `id`.
    pub id: SubnetId,
    /// `subnet`.
    pub prefix: Prefix4,
    /// The shared network it belongs to.
    pub network: Option<NetworkAt>,
    /// `interface`, its own or its shared network's.
    pub interface: Option<Box<str>>,
    /// `relay`/`ip-addresses`, its own or its shared network's.
    pub relays: Vec<Ipv4Addr>,
    /// `client-classes`, its own and its shared network's.
    pub guard: Guard,
    /// `evaluate-additional-classes`, in the order written.
    pub additional: Box<[ClassId]>,
    /// The pools, in the order written.
    pub pools: Vec<Pool4>,
    /// Effective parameters.
    pub params: Params4,
    /// Options of the subnet alone: those of its shared network, of client classes and global ones are levels of
    /// their own.
    pub options: Options4,
    /// Which clients of DHCPv4 over DHCPv6 it is for, if for any.
    pub over6: Option<Over6>,
    /// `user-context`, in which hook libraries look for what concerns them.
    pub user_context: Option<Value>,
}

impl Located for Subnet4 {
    type Address = Ipv4Addr;

    fn prefix(&self) -> Prefix4 {
        self.prefix
    }

    fn relays(&self) -> &[Ipv4Addr] {
        &self.relays
    }

    fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }
}

impl Subnet4 {
    /// Whether it gives the same addresses in the same way as another subnet: what is counted and kept of it stays. Modules
    /// are told the same of it.
    pub fn gives_as(&self, other: &Self) -> bool {
        let pools = |subnet: &Self| -> Vec<_> {
            subnet.pools.iter().map(|pool| (pool.first, pool.last, pool.id)).collect()
        };
        let how = |subnet: &Self| (subnet.params.allocator, subnet.params.reservations.in_pool());
        (self.id, self.prefix, self.network) == (other.id, other.prefix, other.network)
            && how(self) == how(other)
            && pools(self) == pools(other)
            && same_context(&self.user_context, &other.user_context)
            && self.params.names.qualifying_suffix == other.params.names.qualifying_suffix
    }

    /// Whether it serves clients of these classes.
    pub fn fits(&self, classes: &ClassSet) -> bool {
        self.guard.admits(classes)
    }

    /// The pool that holds `address` and is for clients of these classes.
    pub fn pool_for(&self, address: Ipv4Addr, classes: &ClassSet) -> Option<&Pool4> {
        self.pool_of(address).filter(|pool| pool.fits(classes))
    }

    /// The pool that holds `address`.
    pub fn pool_of(&self, address: Ipv4Addr) -> Option<&Pool4> {
        self.pools.iter().find(|pool| pool.contains(address))
    }

    /// How the name of a client with this address is made.
    pub fn names_at(&self, address: Ipv4Addr) -> &Arc<Names4> {
        self.pool_of(address).map_or(&self.params.names, |pool| &pool.names)
    }
}

/// A `pools` entry: addresses that are given dynamically.
#[derive(Clone, Debug)]
pub struct Pool4 {
    /// The lowest address.
    pub first: Ipv4Addr,
    /// The highest address, not below `first`.
    pub last: Ipv4Addr,
    /// `pool-id`, 0 if none is written.
    pub id: u32,
    /// `client-classes`.
    pub guard: Guard,
    /// `evaluate-additional-classes`, in the order written.
    pub additional: Box<[ClassId]>,
    /// Options of the pool alone.
    pub options: Options4,
    /// How the names of its clients are made.
    pub names: Arc<Names4>,
}

impl Pool4 {
    /// Whether it is for clients of these classes. Those of its subnet are another question.
    pub fn fits(&self, classes: &ClassSet) -> bool {
        self.guard.admits(classes)
    }

    /// Whether `address` is one of the pool's.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        (self.first..=self.last).contains(&address)
    }

    /// Its addresses, as `config-get` shows them.
    pub fn range(&self) -> String {
        range_text(self.first, self.last)
    }

    /// How many addresses the pool has.
    pub fn size(&self) -> u64 {
        u64::from(u32::from(self.last)) - u64::from(u32::from(self.first)) + 1
    }
}

/// A `shared-networks` entry: subnets on one link, any of which may serve a client there.
#[derive(Clone, Debug)]
pub struct Network4 {
    /// `name`.
    pub name: Box<str>,
    /// `client-classes`.
    pub guard: Guard,
    /// `evaluate-additional-classes`, in the order written.
    pub additional: Box<[ClassId]>,
    /// `user-context`: what modules are told of the shared network.
    pub user_context: Option<Value>,
    /// Options of the shared network alone.
    pub options: Options4,
    /// The members, by subnet id.
    pub subnets: Vec<SubnetAt>,
    /// Their ids.
    pub ids: Vec<SubnetId>,
}

impl Network4 {
    /// Whether it serves clients of these classes. Its subnets ask that themselves.
    pub fn fits(&self, classes: &ClassSet) -> bool {
        self.guard.admits(classes)
    }
}

impl Member for Subnet4 {
    fn id(&self) -> SubnetId {
        self.id
    }

    fn network(&self) -> Option<NetworkAt> {
        self.network
    }
}

impl Joining for Network4 {
    fn join(&mut self, at: SubnetAt, id: SubnetId) {
        self.subnets.push(at);
        self.ids.push(id);
    }

    fn empty(&mut self) {
        self.subnets.clear();
        self.ids.clear();
    }
}
