//! Subnets and the shared networks that join them.

use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_expr::{ClassId, ClassSet};
use kotare_model::SubnetId;

use super::{Guard, Names, NetworkAt, Options6, Params6, PdPool6, Pool6, Prefix6, SubnetAt};
use crate::common::resolve::networks::{Joining, Member};
use crate::common::resolve::subnets::same_context;
use crate::common::{self, Located};
use crate::json::Value;

/// Lookup tables over the subnets of a configuration.
pub type SubnetLookup = common::SubnetLookup<Ipv6Addr>;

/// A `subnet6` entry.
#[derive(Clone, Debug)]
pub struct Subnet6 {
    /// `id`.
    pub id: SubnetId,
    /// `subnet`.
    pub prefix: Prefix6,
    /// The shared network it belongs to.
    pub network: Option<NetworkAt>,
    /// `interface`, its own or its shared network's.
    pub interface: Option<Box<str>>,
    /// `interface-id`, its own or its shared network's: what a relay calls the link (option 18).
    pub interface_id: Option<Box<[u8]>>,
    /// `relay`/`ip-addresses`, its own or its shared network's.
    pub relays: Vec<Ipv6Addr>,
    /// `client-classes`, its own and its shared network's.
    pub guard: Guard,
    /// `evaluate-additional-classes`, in the order written.
    pub additional: Box<[ClassId]>,
    /// The pools of addresses, in the order written.
    pub pools: Vec<Pool6>,
    /// The pools of prefixes, in the order written.
    pub pd_pools: Vec<PdPool6>,
    /// Effective parameters.
    pub params: Params6,
    /// Options of the subnet alone: those of its shared network, of client classes and global ones are levels of
    /// their own.
    pub options: Options6,
    /// `user-context`, in which hook libraries look for what concerns them.
    pub user_context: Option<Value>,
}

impl Located for Subnet6 {
    type Address = Ipv6Addr;

    fn prefix(&self) -> Prefix6 {
        self.prefix
    }

    fn relays(&self) -> &[Ipv6Addr] {
        &self.relays
    }

    fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }

    fn interface_id(&self) -> Option<&[u8]> {
        self.interface_id.as_deref()
    }
}

impl Subnet6 {
    /// Whether it gives the same addresses and prefixes in the same way as another subnet: what is counted and kept of it
    /// stays. Modules are told the same of it.
    pub fn gives_as(&self, other: &Self) -> bool {
        let pools = |subnet: &Self| -> Vec<_> {
            subnet.pools.iter().map(|pool| (pool.first, pool.last, pool.id)).collect()
        };
        let pd_pools = |subnet: &Self| -> Vec<_> {
            subnet.pd_pools.iter().map(|pool| (pool.prefix, pool.delegated_len, pool.id)).collect()
        };
        let how = |subnet: &Self| {
            let params = &subnet.params;
            (params.allocator, params.pd_allocator, params.reservations.in_pool())
        };
        (self.id, self.prefix, self.network) == (other.id, other.prefix, other.network)
            && how(self) == how(other)
            && (pools(self), pd_pools(self)) == (pools(other), pd_pools(other))
            && same_context(&self.user_context, &other.user_context)
            && self.params.names.qualifying_suffix == other.params.names.qualifying_suffix
    }

    /// Whether it serves clients of these classes.
    pub fn fits(&self, classes: &ClassSet) -> bool {
        self.guard.admits(classes)
    }

    /// The pool that holds `address` and is for clients of these classes.
    pub fn pool_for(&self, address: Ipv6Addr, classes: &ClassSet) -> Option<&Pool6> {
        self.pool_of(address).filter(|pool| pool.fits(classes))
    }

    /// The pool that holds `address`.
    pub fn pool_of(&self, address: Ipv6Addr) -> Option<&Pool6> {
        self.pools.iter().find(|pool| pool.contains(address))
    }

    /// The pool that this prefix is of, whatever length is delegated there.
    pub fn pd_pool_of(&self, prefix: Ipv6Addr) -> Option<&PdPool6> {
        self.pd_pools.iter().find(|pool| pool.prefix.contains(prefix))
    }

    /// How the name of a client with this address is made.
    pub fn names_at(&self, address: Ipv6Addr) -> &Arc<Names> {
        self.pool_of(address).map_or(&self.params.names, |pool| &pool.names)
    }
}

/// A `shared-networks` entry: subnets on one link, any of which may serve a client there.
#[derive(Clone, Debug)]
pub struct Network6 {
    /// `name`.
    pub name: Box<str>,
    /// `client-classes`.
    pub guard: Guard,
    /// `evaluate-additional-classes`, in the order written.
    pub additional: Box<[ClassId]>,
    /// `user-context`: what modules are told of the shared network.
    pub user_context: Option<Value>,
    /// Options of the shared network alone.
    pub options: Options6,
    /// The members, by subnet id.
    pub subnets: Vec<SubnetAt>,
    /// Their ids.
    pub ids: Vec<SubnetId>,
}

impl Network6 {
    /// Whether it serves clients of these classes. Its subnets ask that themselves.
    pub fn fits(&self, classes: &ClassSet) -> bool {
        self.guard.admits(classes)
    }
}

impl Member for Subnet6 {
    fn id(&self) -> SubnetId {
        self.id
    }

    fn network(&self) -> Option<NetworkAt> {
        self.network
    }
}

impl Joining for Network6 {
    fn join(&mut self, at: SubnetAt, id: SubnetId) {
        self.subnets.push(at);
        self.ids.push(id);
    }

    fn empty(&mut self) {
        self.subnets.clear();
        self.ids.clear();
    }
}
