//! Statistics: declared once, counted by workers, read by clients with Kea's names and shapes.
//!
//! [`Stat4`] and [`Stat6`] are the tables of what the servers count. Workers add to their own [`Counters`] and to the
//! shared [`SubnetStats`] and [`PoolStats`]: an addition to an atomic, no name, no lock. [`Statistics`] sums them
//! when somebody reads, and keeps the samples (value and time) that `statistic-get` shows. A worker's [`Sampler`] takes
//! them after each batch.
//!
//! Nothing here reads a clock or a time zone: both are arguments.

mod book;
mod cell;
mod changed;
mod counters;
mod exposed;
mod exposed4;
mod exposed6;
pub mod exposition;
mod histogram;
mod name;
mod recount;
mod sampler;
mod samples;
mod stat4;
mod stat6;
mod statistic;
mod statistics;
mod values;

pub use counters::{Counters, Counters4, Counters6, PoolStats, SubnetStats};
pub use exposed::{Exposed, Level};
pub use exposed4::EXPOSED4;
pub use exposed6::EXPOSED6;
pub use histogram::{BOUNDS, Exchanges};
pub use recount::Marks;
pub use sampler::{Sampler, Sampler4, Sampler6};
pub use samples::{Limit, time_text, utc_text};
pub use stat4::Stat4;
pub use stat6::Stat6;
pub use statistic::{Array, GAUGES, Item, PoolKind, Statistic};
pub use statistics::{PoolLayout, PreparedStatistics, Statistics, Statistics4, Statistics6, SubnetLayout};
pub use values::{PoolValues, SubnetValues, Values, Values4, Values6};
