//! Free addresses in constant time.
//!
//! For every pool a [`PoolMap`] knows which addresses are taken, in a bitmap with summary levels, so that the
//! next free address after any other is a few words away however full the pool is. A [`SubnetAllocator`] proposes
//! addresses of a subnet in the order its `allocator` promises. What it proposes is a hint: the lease store decides
//! by compare-and-set, and a proposal that turns out to be taken corrects the map.

mod bitmap;
mod pool;
mod subnet;

pub(crate) use pool::{Look, PoolKey, PoolMap};
pub(crate) use subnet::SubnetAllocator;
