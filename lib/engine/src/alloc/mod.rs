//! Free addresses and prefixes in constant time.
//!
//! For every pool a [`Map`] knows which of its places (addresses, or prefixes) are taken, so that the next free one after
//! any other is a few words away however full the pool is. A [`SubnetAllocator`] proposes those of a subnet in the order
//! its `allocator` promises. What it proposes is a hint: the lease store decides by compare-and-set, and a proposal that
//! turns out to be taken corrects the map.
//!
//! - [`PoolMap`]: that of a pool of DHCPv4, a bitmap with summary levels.
//! - `queue`: free places in the order in which they became free (`flq`).

mod bitmap;
mod count;
mod map;
mod pool;
mod queue;
mod subnet;

pub(crate) use count::Count;
pub(crate) use map::Map;
pub(crate) use pool::{PoolKey, PoolMap};
pub(crate) use subnet::SubnetAllocator;
