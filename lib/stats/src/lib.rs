//! Statistics: declared once, counted by workers, read by clients with Kea's names and shapes.
//!
//! [`Stat4`] is the table of what the DHCPv4 server counts. Workers add to their own [`Counters4`] and to the
//! shared [`SubnetStats`] and [`PoolStats`]: an addition to an atomic, no name, no lock. [`Statistics4`] sums them
//! when somebody reads, and keeps the samples (value and time) that `statistic-get` shows. A worker's [`Sampler4`] takes
//! them after each batch.
//!
//! Nothing here reads a clock or a time zone: both are arguments.

mod book;
mod cell;
mod changed;
mod counters;
mod exposed;
pub mod exposition;
mod histogram;
mod name;
mod recount;
mod sampler;
mod samples;
mod statistics;
mod table;
mod values;

pub use counters::{Counters4, PoolStats, SubnetStats};
pub use exposed::{EXPOSED4, Exposed, Level};
pub use histogram::{BOUNDS, Exchanges};
pub use recount::Marks;
pub use sampler::Sampler4;
pub use samples::{Limit, utc_text};
pub use statistics::{PoolLayout, PreparedStatistics, Statistics4, SubnetLayout};
pub use table::Stat4;
pub use values::{PoolValues, SubnetValues, Values4};
