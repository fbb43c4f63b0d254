//! How the leases of the partner come here.

mod differences;
mod merge;
mod plan;

pub use differences::{Difference, Differences};
pub(crate) use merge::AHEAD;
pub use merge::{SubnetFilter, Synced, Verdict, decide};
pub use plan::{Stretch, SyncPlan, SyncStep};
