//! Free addresses and prefixes in constant time.
//!
//! For every pool a [`Map`] knows which of its places (addresses, or prefixes) are taken, so that the next free one after
//! any other is a few words away however full the pool is. A [`SubnetAllocator`] proposes those of a subnet in the order
//! its `allocator` promises. What it proposes is a hint: the lease store decides by compare-and-set, and a proposal that
//! turns out to be taken corrects the map.
//!
//! - [`PoolMap`]: that of a pool of DHCPv4, a bitmap with summary levels.
//! - [`PoolMap6`]: that of a pool of DHCPv6, of any size ([`SubnetAllocators6`] are those of a subnet). Leases of other
//!   lengths than the pool's take [parts of it](Place6), too.
//! - `queue`: free places in the order in which they became free (`flq`).

mod bars;
mod bitmap;
mod count;
mod map;
mod place;
mod pool;
mod pool6;
mod queue;
mod runs;
mod set;
mod subnet;
mod subnet6;

pub(crate) use count::Count;
pub(crate) use map::Map;
pub use place::Place6;
pub(crate) use pool::{PoolKey, PoolMap};
pub(crate) use pool6::{PoolKey6, PoolMap6};
pub(crate) use subnet::{Proposal, SubnetAllocator};
pub use subnet6::SubnetAllocators6;
